//! Report requests and conference reports.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};

use super::agency::{Agency, Practitioner, agency, agency_about, practitioner_about, withheld_about};
use super::attachment::Attachment;
use super::child::Child;
use super::codes::{InformationCategory, ReportRecommendation, ReportRequestStatus, ReportState};
use super::conference::Conference;
use super::deadline::Deadline;
use super::report_content::{ChronologyRow, ReportAnswer, ReportChangeSummary, ReportReceiptSummary, changes, missing};
use super::report_copies::{FamilyCopy, FamilyCopySummary, ReportCopySummary, copies, family_copy};
use super::report_template::{ReportTemplateItemSummary, ReportTemplateNameSummary, ReportTemplateSummary};
use crate::graphql::connection::{Connection, below, connect, page_args};
use crate::graphql::context::{loaded, named_ahead, reader};
use crate::graphql::error::{Resolved, found, or_null};
use crate::graphql::id::{global, typed, typed_opt};
use crate::graphql::scalars::{Date, Instant};
use crate::policy::disclosure::category_reported_by;
use crate::store::audit::ledger::Opening;
use crate::store::loaders::{
    AnswersOfReport, AttachmentsOfReport, AttachmentsOfRequest, Below, ChronologyOfReport, DeadlinesOfRequest,
    FamilyCopiesOfReport, ReportsToRequest,
};
use crate::store::page::PageArgs;
use crate::store::report::{RequestStatus, WantedRequests};

/// A report asked of an agency about one child for one conference.
pub struct ReportRequest(pub entity::report_request::Model);

/// A report asked of an agency about one child for one conference.
#[Object]
impl ReportRequest {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// When it was asked.
    async fn asked_at(&self) -> DateTime<Utc> {
        self.0.asked_at
    }

    /// When it is due: 24 hours before an initial conference, by the end of the third working day before a review.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// When the report came.
    async fn received_at(&self) -> Option<DateTime<Utc>> {
        self.0.received_at
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> Resolved<ReportRequestStatus> {
        Ok(RequestStatus::of(&self.0, reader(ctx)?.scope().who().at).into())
    }

    /// The agency asked.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// The child it is about.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// The conference it is for.
    async fn conference(&self, ctx: &Context<'_>) -> Option<Conference> {
        loaded(ctx, self.0.conference_id, Conference).await
    }

    /// The templates that agencies of this kind report by, the closest first.
    async fn templates(&self, ctx: &Context<'_>) -> Resolved<Vec<ReportTemplateSummary>> {
        let reader = reader(ctx)?;
        let agency = reader.load(self.0.agency_id).await?;
        let fit = agency.map(|agency| reader.scope().templates_of(agency.kind)).unwrap_or_default();
        Ok(fit.into_iter().map(ReportTemplateSummary).collect())
    }

    /// By when it is due, by which rule, and how that was counted. Empty where the authority holds no such rule.
    async fn deadlines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Deadline>> {
        below(ctx, (DeadlinesOfRequest, self.0.id), first, after.as_deref(), Deadline).await
    }

    /// The files that your agency sent or announced for the report and that belong to no version of it yet.
    async fn attachments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Attachment>> {
        below(ctx, (AttachmentsOfRequest, self.0.id), first, after.as_deref(), Attachment).await
    }

    /// The draft and the versions submitted, newest first.
    async fn conference_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ConferenceReport>> {
        below(ctx, (ReportsToRequest, self.0.id), first, after.as_deref(), ConferenceReport).await
    }
}

/// The category of what an agency reports, where it is said nowhere else.
pub async fn category_of(ctx: &Context<'_>, agency: entity::id::AgencyId) -> Resolved<Category> {
    let author = reader(ctx)?.load(agency).await?;
    Ok(author.map_or(Category::SocialCareAssessment, |agency| category_reported_by(agency.kind)))
}

/// More than a version has of answers, or of rows of a chronology.
const MOST: u16 = 600;

/// A page that holds all of a version.
const fn all() -> PageArgs {
    PageArgs { first: MOST, after: None }
}

/// One version of an agency's report.
pub struct ConferenceReport(pub entity::conference_report::Model);

impl ConferenceReport {
    /// The category the body belongs to, by who wrote it.
    async fn category(&self, ctx: &Context<'_>) -> Resolved<Category> {
        category_of(ctx, self.0.agency_id).await
    }

    fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        let reader = reader(ctx)?;
        reader.scope().reads_report(&self.0);
        Ok(reader.scope().disclosure(Some(self.0.agency_id)))
    }

    /// The version before it that the reader has.
    pub async fn before(&self, ctx: &Context<'_>) -> Resolved<Option<entity::conference_report::Model>> {
        let list = Below { list: ReportsToRequest, parent: self.0.report_request_id, args: all() };
        let rows = reader(ctx)?.load(list).await?.map(|page| page.rows).unwrap_or_default();
        let before = rows.into_iter().filter(|row| (1..self.0.version).contains(&row.version));
        Ok(before.max_by_key(|row| row.version))
    }

    /// All its answers.
    pub async fn all_answers(&self, ctx: &Context<'_>) -> Resolved<Vec<entity::report_answer::Model>> {
        let page = reader(ctx)?.load(Below { list: AnswersOfReport, parent: self.0.id, args: all() }).await?;
        Ok(page.map(|page| page.rows).unwrap_or_default())
    }

    /// All rows of its chronology.
    pub async fn all_rows(&self, ctx: &Context<'_>) -> Resolved<Vec<entity::chronology_row::Model>> {
        let page = reader(ctx)?.load(Below { list: ChronologyOfReport, parent: self.0.id, args: all() }).await?;
        Ok(page.map(|page| page.rows).unwrap_or_default())
    }

    /// What its own fields say to the reader, by the item of the template.
    pub async fn sections(&self, ctx: &Context<'_>) -> Resolved<BTreeMap<String, String>> {
        let (open, category, row) = (self.disclosure(ctx)?, self.category(ctx).await?, &self.0);
        let score = row.safety_score.open_as(&open, category).copied().flatten().map(|score| score.to_string());
        let recommendation = row.recommendation.open_as(&open, category).copied().flatten();
        let all = [
            ("INVOLVEMENT", row.involvement.open_as(&open, category).cloned()),
            ("PAST_HARM", row.worries.open_as(&open, category).cloned()),
            ("STRENGTHS", row.strengths.open_as(&open, category).cloned()),
            ("CHILD_VOICE", row.child_voice.open(&open).cloned().flatten()),
            ("FAMILY_VIEWS", row.family_views.open(&open).cloned().flatten()),
            ("WHAT_MUST_CHANGE", row.what_must_change.open_as(&open, category).cloned().flatten()),
            ("SAFETY_SCORE", score),
            ("RECOMMENDATION", recommendation.map(entity::conference_report::Recommendation::word)),
        ];
        Ok(all.into_iter().filter_map(|(item, told)| Some((item.to_owned(), told?))).collect())
    }
}

/// One version of an agency's report. Before its release it is read by its agency, the chair, the minute taker and the
/// social care staff who hold the record; after it by the others at the conference.
#[Object]
impl ConferenceReport {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Version of the report, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Where this version stands.
    async fn state(&self) -> ReportState {
        self.0.state.into()
    }

    /// The agency's involvement with the family. Null where withheld.
    async fn involvement(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.involvement.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned())
    }

    /// Worries: past harm, future danger. Null where withheld.
    async fn worries(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.worries.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned())
    }

    /// Strengths and safety. Null where withheld.
    async fn strengths(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.strengths.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned())
    }

    /// The child's voice. Null where none was given or withheld.
    async fn child_voice(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.child_voice.open(&self.disclosure(ctx)?).cloned().flatten())
    }

    /// The family's views. Null where none were given or withheld.
    async fn family_views(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.family_views.open(&self.disclosure(ctx)?).cloned().flatten())
    }

    /// What must change. Null where nothing was said or withheld.
    async fn what_must_change(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.what_must_change.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned().flatten())
    }

    /// Safety, from 0 (most worried) to 10. Null where not scored or withheld.
    async fn safety_score(&self, ctx: &Context<'_>) -> Resolved<Option<i32>> {
        Ok(self.0.safety_score.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).copied().flatten())
    }

    /// What the agency thinks should be decided. Null where it says nothing or withheld.
    async fn recommendation(&self, ctx: &Context<'_>) -> Resolved<Option<ReportRecommendation>> {
        let category = self.category(ctx).await?;
        let said = self.0.recommendation.open_as(&self.disclosure(ctx)?, category).copied().flatten();
        Ok(said.map(Into::into))
    }

    /// The day it was shared with the family.
    async fn shared_with_family_on(&self) -> Option<Date> {
        self.0.shared_with_family_on.map(Date)
    }

    /// When it was submitted.
    async fn submitted_at(&self) -> DateTime<Utc> {
        self.0.submitted_at
    }

    /// When it was released to the conference's list.
    async fn released_at(&self) -> Option<DateTime<Utc>> {
        self.0.released_at
    }

    /// What proves which text came when. Null of a draft, and for those who were only sent a copy.
    async fn receipt(&self, ctx: &Context<'_>) -> Option<ReportReceiptSummary> {
        let receipt = async {
            let reader = reader(ctx)?;
            let request = reader.load(self.0.report_request_id).await?;
            Ok(request.and_then(|request| ReportReceiptSummary::of(reader.scope().store(), &self.0, &request)))
        };
        or_null(ctx, receipt.await)
    }

    /// By which template it was written.
    async fn template(&self) -> ReportTemplateNameSummary {
        ReportTemplateNameSummary { code: self.0.template.clone(), version: self.0.template_version }
    }

    /// Counts the changes of a draft: what `expectedRevision` is to say.
    async fn revision(&self) -> i64 {
        self.0.revision
    }

    /// True if it was submitted when its conference was over.
    async fn after_conference(&self) -> bool {
        self.0.after_conference
    }

    /// The day somebody at the agency agreed it, a line manager mostly.
    async fn agreed_on(&self) -> Option<Date> {
        self.0.agreed_on.map(Date)
    }

    /// Who agreed it. Null where nobody did or the agency is withheld.
    async fn agreed_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner_about(ctx, self.0.child_id, self.0.agency_id, self.0.agreed_by).await
    }

    /// Why this version took the place of the one before. Null of a first version or where withheld.
    async fn reason(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.reason.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned().flatten())
    }

    /// When its agency took it back.
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.0.withdrawn_at
    }

    /// Why it was taken back. Null where it was not or withheld.
    async fn withdrawn_because(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.withdrawn_because.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned().flatten())
    }

    /// What it says to the items of its template that have no field of their own.
    async fn answers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ReportAnswer>> {
        below(ctx, (AnswersOfReport, self.0.id), first, after.as_deref(), ReportAnswer).await
    }

    /// What happened when, as the agency knows it, in the order of the days.
    async fn chronology(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ChronologyRow>> {
        below(ctx, (ChronologyOfReport, self.0.id), first, after.as_deref(), ChronologyRow).await
    }

    /// To whom it was released, and who has read it: for its agency, and for those who hold the conference.
    async fn copies(&self, ctx: &Context<'_>) -> Resolved<Vec<ReportCopySummary>> {
        copies(ctx, self).await
    }

    /// The report as the family is given it. Null for those who do not give it.
    async fn family_copy(&self, ctx: &Context<'_>) -> Option<FamilyCopySummary> {
        or_null(ctx, family_copy(ctx, self).await)
    }

    /// Who of the family was given a copy, and when: for its agency, and for those who hold the conference.
    async fn family_copies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<FamilyCopy>> {
        below(ctx, (FamilyCopiesOfReport, self.0.id), first, after.as_deref(), FamilyCopy).await
    }

    /// The files that belong to it.
    async fn attachments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Attachment>> {
        below(ctx, (AttachmentsOfReport, self.0.id), first, after.as_deref(), Attachment).await
    }

    /// What its template requires and it does not say yet: of a draft, what keeps it from being submitted.
    async fn missing(&self, ctx: &Context<'_>) -> Resolved<Vec<ReportTemplateItemSummary>> {
        missing(ctx, self).await
    }

    /// What is otherwise than in another version that answers the same request, as far as you may read both. Empty of a first
    /// version.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the other version; the one before, if left out.")] since_id: Option<ID>,
    ) -> Option<Vec<ReportChangeSummary>> {
        found(ctx, changes(ctx, self, typed_opt(since_id.as_ref(), "sinceId")).await)
    }

    /// Categories you may not read here: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let parts = [(self.category(ctx).await?, Depth::Full), (Category::FamilyViews, Depth::Full)];
        // what is closed is asked without opening anything
        let mut closed = reader(ctx)?.scope().disclosure(Some(self.0.agency_id)).withheld(&parts);
        closed.extend(withheld_about(ctx, self.0.child_id, self.0.agency_id).await?);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// The agency that reports. Null where it would tell where a child with a protected address is.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency_about(ctx, self.0.child_id, self.0.agency_id).await
    }

    /// Who wrote it. Null where the agency is withheld.
    async fn author(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner_about(ctx, self.0.child_id, self.0.agency_id, Some(self.0.author_id)).await
    }

    /// The child it is about.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// The request it answers.
    async fn report_request(&self, ctx: &Context<'_>) -> Option<ReportRequest> {
        loaded(ctx, self.0.report_request_id, ReportRequest).await
    }
}

/// Which requests a list shows; all that are given must hold.
#[derive(InputObject, Default)]
pub struct ReportRequestFilterInput {
    /// About this child.
    child_id: Option<ID>,
    /// For this conference.
    conference_id: Option<ID>,
    /// Due at this instant or later.
    due_from: Option<Instant>,
    /// Due before this instant.
    due_until: Option<Instant>,
}

/// Root fields about reports.
#[derive(Default)]
pub struct ReportQuery;

/// Root fields about reports.
#[Object]
impl ReportQuery {
    /// The reports asked for, the first due first: of your agency, or for the children and conferences you hold.
    async fn report_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only requests that stand so.")] status: Option<ReportRequestStatus>,
        #[graphql(desc = "Only requests like this.")] filter: Option<ReportRequestFilterInput>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ReportRequest>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        let filter = filter.unwrap_or_default();
        let wanted = WantedRequests {
            status: status.map(Into::into),
            child: typed_opt(filter.child_id.as_ref(), "filter.childId")?,
            conference: typed_opt(filter.conference_id.as_ref(), "filter.conferenceId")?,
            due_from: filter.due_from.map(|at| at.0),
            due_until: filter.due_until.map(|at| at.0),
        };
        let listing = reader.scope().report_requests(&wanted);
        let page = reader.read_page::<ReportRequest>(ctx, listing, &args).await?;
        Ok(connect::<entity::report_request::Entity, _>(Some(page), &args, ReportRequest))
    }

    /// What reports are written by: the newest version of each template, those of your agency's kind first. Forms can be
    /// drawn from them.
    async fn report_templates(&self, ctx: &Context<'_>) -> Resolved<Vec<ReportTemplateSummary>> {
        let scope = reader(ctx)?;
        let all = scope.scope().report_templates().await?;
        Ok(all.into_iter().map(ReportTemplateSummary).collect())
    }

    /// A template; NOT_FOUND if there is none of this name and version.
    async fn report_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code.")] code: String,
        #[graphql(desc = "Its version; the newest if left out.")] version: Option<i32>,
    ) -> Option<ReportTemplateSummary> {
        let template = async { Ok(reader(ctx)?.scope().report_template(&code, version)?) };
        found(ctx, template.await.map(ReportTemplateSummary))
    }

    /// A report by its global id; NOT_FOUND if it does not exist or is not for you.
    async fn conference_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Option<ConferenceReport> {
        named_ahead(ctx, typed::<entity::id::ConferenceReportId>(&id, "id"), ConferenceReport).await
    }
}
