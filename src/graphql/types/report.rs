//! Conference reports.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};

use super::agency::{Agency, Practitioner, agency_about, practitioner_about, withheld_about};
use super::attachment::Attachment;
use super::child::Child;
use super::codes::{InformationCategory, ReportRecommendation, ReportState};
use super::report_content::{ChronologyRow, ReportAnswer, ReportChangeSummary, ReportReceiptSummary, changes, missing};
use super::report_copies::{FamilyCopy, FamilyCopySummary, ReportCopySummary, copies, family_copy};
use super::report_request::ReportRequest;
use super::report_template::{ReportTemplateItemSummary, ReportTemplateNameSummary};
use super::restricted::RestrictedItem;
use crate::graphql::connection::{Connection, below};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Resolved, found, or_null};
use crate::graphql::id::{global, typed_opt};
use crate::graphql::scalars::Date;
use crate::policy::disclosure::category_reported_by;
use crate::store::audit::ledger::Opening;
use crate::store::loaders::{
    AnswersOfReport, AttachmentsOfReport, Below, ChronologyOfReport, FamilyCopiesOfReport, ItemsOfReport,
    ReportsToRequest,
};
use crate::store::page::PageArgs;

/// The category of what an agency reports, where it is said nowhere else.
pub async fn category_of(ctx: &Context<'_>, agency: entity::id::AgencyId) -> Resolved<Category> {
    let author = reader(ctx)?.load(agency).await?;
    Ok(author.map_or(Category::SocialCareAssessment, |agency| category_reported_by(agency.kind)))
}

/// More than a version has of answers, or of rows of a chronology.
const MOST: u16 = 600;

/// A page that holds all of a version.
pub(super) const fn all() -> PageArgs {
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

    /// When somebody who answers for it at the agency signed it. Null where nobody did.
    async fn signed_at(&self) -> Option<DateTime<Utc>> {
        self.0.signed_at
    }

    /// Who signed it, in their own name. Null where nobody did or the agency is withheld.
    async fn signed_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner_about(ctx, self.0.child_id, self.0.agency_id, self.0.signed_by).await
    }

    /// The day somebody at the agency agreed it, a line manager mostly, as its author says.
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

    /// Who took it back. Null where nobody did or the agency is withheld.
    async fn withdrawn_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner_about(ctx, self.0.child_id, self.0.agency_id, self.0.withdrawn_by).await
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

    /// Passages that came with this version and that only some may read, of which you are one. They are in no copy: who is
    /// not on their lists does not learn that there are any.
    async fn restricted_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<RestrictedItem>> {
        below(ctx, (ItemsOfReport, self.0.id), first, after.as_deref(), RestrictedItem).await
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
