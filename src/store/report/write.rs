//! How versions of reports are written: drafts, submissions, amendments, withdrawals.

use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};
use entity::conference_report::State;
use entity::id::{
    ChronologyRowId, ConferenceReportId, PractitionerId, ReportAnswerId, ReportRequestId, RestrictedItemId,
};
use entity::sealed::{Disclose, Sealed};
use entity::{chronology_row, conference_report, invitation, report_answer, report_request};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::receipt::fingerprint;
use super::{Answer, ByTemplate, ChronologyLine, NewReport, Passage, ReportContent};
use crate::error::{Error, Result};
use crate::policy::actions::{
    AmendConferenceReport, SaveConferenceReportDraft, SignConferenceReport, SubmitConferenceReport,
    WithdrawConferenceReport,
};
use crate::practice::states::of_report;
use crate::store::permit::Permit;
use crate::store::restricted::NewItem;
use crate::store::{Scoped, Tx};

/// The version of what was not submitted yet: one draft a request.
const DRAFT: i32 = 0;

/// Whoever takes a draft of the own agency on to a version.
struct OnItsWay;

impl Disclose for OnItsWay {
    // SECURITY: opens what the caller's agency wrote, on its way from its draft to its version; nothing of it leaves
    fn opens(&self, _: Category, _: Depth) -> bool {
        true
    }
}

/// The draft of a report.
fn is_draft_of(request: ReportRequestId) -> Condition {
    use conference_report::Column as C;
    Condition::all().add(C::ReportRequestId.eq(request)).add(C::Version.eq(DRAFT))
}

impl Scoped {
    /// The id of the draft of a report, if there is one.
    pub async fn draft_id(&self, request: ReportRequestId) -> Result<Option<ConferenceReportId>> {
        let of = self.rows::<conference_report::Entity>().filter(is_draft_of(request));
        Ok(of.all().await?.first().map(|row| row.id))
    }

    /// The fields of a version of the reader's agency in which something is written, as the template names them; `None` of
    /// another's. Its system is told so as well, which reads none of them.
    pub fn written_fields(&self, row: &conference_report::Model) -> Option<Vec<String>> {
        // SECURITY: where something is written leaves this function, and nothing of it
        let own = (row.agency_id == self.who.agency).then(|| said(row, &[], &[]))?;
        let written = serde_json::to_value(own).ok()?;
        Some(written.as_object()?.keys().cloned().collect())
    }
}

impl Tx {
    /// The kind of an agency that was asked.
    pub async fn kind_of_agency(&self, id: entity::id::AgencyId) -> Result<entity::agency::Kind> {
        Ok(self.rows::<entity::agency::Entity>().named(id).await?.kind)
    }

    /// The draft of a report, if there is one; locked by its request.
    pub async fn draft_of(&self, request: ReportRequestId) -> Result<Option<conference_report::Model>> {
        let of = self.rows::<conference_report::Entity>().filter(is_draft_of(request));
        Ok(of.all().await?.into_iter().next())
    }

    /// What a draft of the caller's agency says, and by which template.
    pub async fn content_of_draft(&self, row: &conference_report::Model) -> Result<(ByTemplate, ReportContent)> {
        if row.agency_id != self.who().agency || row.state != State::Draft {
            return Err(Error::NotFound);
        }
        let answers = report_answer::Entity::find()
            .filter(report_answer::Column::ConferenceReportId.eq(row.id))
            .order_by_asc(report_answer::Column::Id)
            .all(&self.inner)
            .await?;
        let lines = chronology_row::Entity::find()
            .filter(chronology_row::Column::ConferenceReportId.eq(row.id))
            .order_by_asc(chronology_row::Column::Line)
            .all(&self.inner)
            .await?;
        let template = ByTemplate { code: row.template.clone(), version: row.template_version };
        Ok((template, ReportContent { attachments: self.files_of(row.id).await?, ..said(row, &answers, &lines) }))
    }

    /// Writes the first version of a report, or the one after those that were withdrawn, and marks its request as received.
    /// A draft that is submitted becomes that version.
    pub async fn submit_report(
        &self,
        permit: Permit<SubmitConferenceReport, report_request::Model>,
        draft: Option<conference_report::Model>,
        new: NewReport,
    ) -> Result<()> {
        use conference_report::Column as C;
        let request = permit.row;
        let before = conference_report::Entity::find()
            .filter(C::ReportRequestId.eq(request.id))
            .order_by_desc(C::Version)
            .one(&self.inner)
            .await?;
        let version = before.map_or(1, |row| row.version + 1);
        Box::pin(self.write_version(&request, (version, of_report::SUBMIT.to), draft, new)).await?;
        self.received(request).await
    }

    /// Writes a version that takes the place of the one before.
    pub async fn amend_report(
        &self,
        permit: Permit<AmendConferenceReport, conference_report::Model>,
        request: &report_request::Model,
        new: NewReport,
    ) -> Result<()> {
        let version = permit.row.version + 1;
        let mut row = permit.row.into_active_model();
        row.state = Set(of_report::AMEND.to);
        row.update(&self.inner).await?;
        Box::pin(self.write_version(request, (version, of_report::SUBMIT.to), None, new)).await
    }

    /// Writes that a version does not stand any more; its request is open again.
    pub async fn withdraw_report(
        &self,
        permit: Permit<WithdrawConferenceReport, conference_report::Model>,
        (by, because): (PractitionerId, String),
    ) -> Result<()> {
        let request = permit.row.report_request_id;
        let mut row = permit.row.into_active_model();
        row.state = Set(of_report::WITHDRAW.to);
        row.withdrawn_at = Set(Some(self.who().at));
        row.withdrawn_by = Set(Some(by));
        row.withdrawn_because = Set(Sealed::new(Some(because)));
        row.update(&self.inner).await?;
        self.withdraw_items(request).await?;
        let none: Option<DateTime<Utc>> = None;
        report_request::Entity::update_many()
            .col_expr(report_request::Column::ReceivedAt, Expr::val(none))
            .filter(report_request::Column::Id.eq(request))
            .exec(&self.inner)
            .await?;
        let of = Query::select()
            .column(report_request::Column::InvitationId)
            .from(report_request::Entity)
            .and_where(report_request::Column::Id.eq(request))
            .take();
        invitation::Entity::update_many()
            .col_expr(invitation::Column::ReportReceivedAt, Expr::val(none))
            .filter(invitation::Column::Id.in_subquery(of))
            .exec(&self.inner)
            .await?;
        Ok(())
    }

    /// Writes that the caller signed a version.
    pub async fn sign_report(&self, permit: Permit<SignConferenceReport, conference_report::Model>) -> Result<()> {
        let mut row = permit.row.into_active_model();
        row.signed_by = Set(Some(self.who().practitioner));
        row.signed_at = Set(Some(self.who().at));
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes a draft, in place of what it said before.
    pub async fn save_draft(
        &self,
        permit: Permit<SaveConferenceReportDraft, report_request::Model>,
        before: Option<conference_report::Model>,
        new: NewReport,
    ) -> Result<()> {
        Box::pin(self.write_version(&permit.row, (DRAFT, of_report::DRAFTED), before, new)).await
    }

    /// Writes a version with its answers and its chronology, over its draft where it had one.
    async fn write_version(
        &self,
        request: &report_request::Model,
        (version, state): (i32, State),
        draft: Option<conference_report::Model>,
        new: NewReport,
    ) -> Result<()> {
        let files = self.files_named(request, &new.content.attachments).await?;
        let receipt = fingerprint(request.id, &new, files.iter().filter_map(|row| row.sha256.as_deref()).collect());
        let (at, id, content) = (self.who().at, new.id, new.content);
        let passages = passages(request, id, (new.items, content.restricted));
        let row = conference_report::ActiveModel {
            id: Set(id),
            report_request_id: Set(request.id),
            conference_id: Set(request.conference_id),
            child_id: Set(request.child_id),
            agency_id: Set(request.agency_id),
            author_id: Set(new.author),
            version: Set(version),
            state: Set(state),
            involvement: Set(Sealed::new(content.involvement)),
            worries: Set(Sealed::new(content.worries)),
            strengths: Set(Sealed::new(content.strengths)),
            child_voice: Set(Sealed::new(content.child_voice)),
            family_views: Set(Sealed::new(content.family_views)),
            what_must_change: Set(Sealed::new(content.what_must_change)),
            safety_score: Set(Sealed::new(content.safety_score)),
            recommendation: Set(Sealed::new(content.recommendation)),
            shared_with_family_on: Set(content.shared_with_family_on),
            submitted_at: Set(at),
            released_at: Set(None),
            receipt: Set(receipt),
            template: Set(new.template.code),
            template_version: Set(new.template.version),
            revision: Set(draft.as_ref().map_or(1, |row| row.revision + 1)),
            working_days_early: Set(new.working_days_early),
            after_conference: Set(new.after_conference),
            due_at: Set(Some(new.due_at)),
            agreed_by: Set(new.agreed.map(|(by, _)| by)),
            agreed_on: Set(new.agreed.map(|(_, on)| on)),
            signed_by: Set(new.signed.map(|(by, _)| by)),
            signed_at: Set(new.signed.map(|(_, at)| at)),
            reason: Set(Sealed::new(new.reason)),
            withdrawn_at: Set(None),
            withdrawn_by: Set(None),
            withdrawn_because: Set(Sealed::new(None)),
        };
        if draft.is_some() {
            self.clear(id).await?;
            row.update(&self.inner).await?;
        } else {
            row.insert(&self.inner).await?;
        }
        self.write_items(request.child_id, (request.agency_id, new.author), passages).await?;
        self.bind_attachments(id, files).await?;
        self.write_answers(request, id, content.answers).await?;
        self.write_chronology(request, id, content.chronology).await
    }

    async fn clear(&self, id: ConferenceReportId) -> Result<()> {
        let answers = report_answer::Entity::delete_many().filter(report_answer::Column::ConferenceReportId.eq(id));
        answers.exec(&self.inner).await?;
        let lines = chronology_row::Entity::delete_many().filter(chronology_row::Column::ConferenceReportId.eq(id));
        lines.exec(&self.inner).await?;
        Ok(())
    }

    async fn write_answers(
        &self,
        request: &report_request::Model,
        report: ConferenceReportId,
        answers: Vec<Answer>,
    ) -> Result<()> {
        // in the order of their ids, as they were given
        let mut ids: Vec<_> = answers.iter().map(|_| self.new_id()).collect();
        ids.sort_unstable();
        let rows = answers.into_iter().zip(ids).map(|(answer, id)| report_answer::ActiveModel {
            id: Set(ReportAnswerId(id)),
            conference_report_id: Set(report),
            child_id: Set(request.child_id),
            agency_id: Set(request.agency_id),
            item: Set(answer.item),
            text: Set(Sealed::new(answer.text)),
            choice: Set(Sealed::new(answer.choice)),
            number: Set(Sealed::new(answer.number)),
            day: Set(Sealed::new(answer.day)),
            third_party: Set(answer.third_party),
            locates: Set(answer.locates),
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            report_answer::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        }
        Ok(())
    }

    async fn write_chronology(
        &self,
        request: &report_request::Model,
        report: ConferenceReportId,
        lines: Vec<ChronologyLine>,
    ) -> Result<()> {
        let rows = lines.into_iter().zip(0..).map(|(line, n)| chronology_row::ActiveModel {
            id: Set(ChronologyRowId(self.new_id())),
            conference_report_id: Set(report),
            child_id: Set(request.child_id),
            agency_id: Set(request.agency_id),
            line: Set(n),
            occurred_on: Set(line.occurred_on),
            precision: Set(line.precision),
            ended_on: Set(line.ended_on),
            kind: Set(line.kind),
            text: Set(Sealed::new(line.text)),
            source: Set(Sealed::new(line.source)),
            response: Set(Sealed::new(line.response)),
            third_party: Set(line.third_party),
            locates: Set(line.locates),
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            chronology_row::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        }
        Ok(())
    }

    /// Marks a request as received, and its invitation once nothing is outstanding.
    async fn received(&self, request: report_request::Model) -> Result<()> {
        let at = self.who().at;
        let mut row: report_request::ActiveModel = request.clone().into();
        row.received_at = Set(Some(at));
        row.update(&self.inner).await?;
        // the invitation counts as reported when nothing asked of the agency is outstanding
        let outstanding = report_request::Entity::find()
            .filter(report_request::Column::InvitationId.eq(request.invitation_id))
            .filter(report_request::Column::ReceivedAt.is_null())
            .one(&self.inner)
            .await?;
        if outstanding.is_none() {
            invitation::Entity::update_many()
                .set(invitation::ActiveModel { report_received_at: Set(Some(at)), ..Default::default() })
                .filter(invitation::Column::Id.eq(request.invitation_id))
                .exec(&self.inner)
                .await?;
        }
        Ok(())
    }
}

/// The restricted passages of a version, as items of the section of its conference.
fn passages(
    request: &report_request::Model,
    report: ConferenceReportId,
    (ids, given): (Vec<RestrictedItemId>, Vec<Passage>),
) -> Vec<NewItem> {
    let item = |(id, Passage { kind, text, third_party, readers })| NewItem {
        id,
        conference: Some(request.conference_id),
        report: Some(report),
        kind,
        text,
        third_party,
        readers,
    };
    ids.into_iter().zip(given).map(item).collect()
}

fn said(
    row: &conference_report::Model,
    answers: &[report_answer::Model],
    lines: &[chronology_row::Model],
) -> ReportContent {
    const AS: Category = Category::SocialCareAssessment;
    let open = &OnItsWay;
    let answer = |row: &report_answer::Model| Answer {
        item: row.item.clone(),
        text: row.text.open_as(open, AS).cloned().flatten(),
        choice: row.choice.open_as(open, AS).cloned().flatten(),
        number: row.number.open_as(open, AS).copied().flatten(),
        day: row.day.open_as(open, AS).copied().flatten(),
        third_party: row.third_party,
        locates: row.locates,
    };
    let line = |row: &chronology_row::Model| ChronologyLine {
        occurred_on: row.occurred_on,
        precision: row.precision,
        ended_on: row.ended_on,
        kind: row.kind,
        text: row.text.open_as(open, AS).cloned().unwrap_or_default(),
        source: row.source.open_as(open, AS).cloned().unwrap_or_default(),
        response: row.response.open_as(open, AS).cloned().flatten(),
        third_party: row.third_party,
        locates: row.locates,
    };
    ReportContent {
        involvement: row.involvement.open_as(open, AS).cloned().unwrap_or_default(),
        worries: row.worries.open_as(open, AS).cloned().unwrap_or_default(),
        strengths: row.strengths.open_as(open, AS).cloned().unwrap_or_default(),
        child_voice: row.child_voice.open(open).cloned().flatten(),
        family_views: row.family_views.open(open).cloned().flatten(),
        what_must_change: row.what_must_change.open_as(open, AS).cloned().flatten(),
        safety_score: row.safety_score.open_as(open, AS).copied().flatten(),
        recommendation: row.recommendation.open_as(open, AS).copied().flatten(),
        shared_with_family_on: row.shared_with_family_on,
        answers: answers.iter().map(answer).collect(),
        chronology: lines.iter().map(line).collect(),
        attachments: Vec::new(),
        restricted: Vec::new(),
    }
}
