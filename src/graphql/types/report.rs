//! Report requests and conference reports.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};
use entity::id::ConferenceReportId;
use uuid::Uuid;

use super::agency::{Agency, Practitioner, agency, agency_about, practitioner_about, withheld_about};
use super::child::Child;
use super::codes::{InformationCategory, ReportRecommendation, ReportRequestStatus, ReportState};
use super::conference::Conference;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::connection::{Connection, below, connect, page_args};
use crate::graphql::context::{loaded, named_ahead, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed, typed_opt};
use crate::graphql::scalars::Date;
use crate::store::audit::ledger::Opening;
use crate::store::loaders::ReportsToRequest;
use crate::store::report::{ReportContent, RequestStatus};

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

    /// The versions submitted, newest first.
    async fn conference_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ConferenceReport>> {
        below(ctx, (ReportsToRequest, self.0.id), first, after.as_deref(), ConferenceReport).await
    }
}

/// One version of an agency's report.
pub struct ConferenceReport(pub entity::conference_report::Model);

impl ConferenceReport {
    /// The category the body belongs to, by who wrote it.
    async fn category(&self, ctx: &Context<'_>) -> Resolved<Category> {
        use entity::agency::Kind;
        let author = reader(ctx)?.load(self.0.agency_id).await?;
        Ok(match author.map(|agency| agency.kind) {
            Some(Kind::Education) => Category::Education,
            Some(Kind::Health) => Category::Health,
            Some(_) | None => Category::SocialCareAssessment,
        })
    }

    fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        Ok(reader(ctx)?.scope().disclosure(Some(self.0.agency_id)))
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

    /// SHA-256 over the submitted content, lower-case hex.
    async fn receipt(&self) -> &str {
        &self.0.receipt
    }

    /// Categories you may not read here: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let parts = [(self.category(ctx).await?, Depth::Full), (Category::FamilyViews, Depth::Full)];
        let mut closed = self.disclosure(ctx)?.withheld(&parts);
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
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ReportRequest>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        let listing = reader.scope().report_requests(status.map(Into::into));
        let page = reader.read_page::<ReportRequest>(ctx, listing, &args).await?;
        Ok(connect::<entity::report_request::Entity, _>(Some(page), &args, ReportRequest))
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

/// A conference report.
#[derive(InputObject)]
pub struct SubmitConferenceReportInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The request it answers.
    report_request_id: ID,
    /// Who wrote it: a person with a post at your agency. Needed where a system submits; you, if left out.
    author_id: Option<ID>,
    /// The agency's involvement with the family; 20,000 characters at most, as each section.
    #[graphql(secret)]
    involvement: String,
    /// Worries: past harm, future danger, what makes it harder.
    #[graphql(secret)]
    worries: String,
    /// Strengths and safety.
    #[graphql(secret)]
    strengths: String,
    /// The child's voice.
    #[graphql(secret)]
    child_voice: Option<String>,
    /// The family's views.
    #[graphql(secret)]
    family_views: Option<String>,
    /// What must change.
    #[graphql(secret)]
    what_must_change: Option<String>,
    /// Safety, a whole number from 0 (most worried) to 10.
    safety_score: Option<i32>,
    /// What the conference should decide.
    recommendation: Option<ReportRecommendation>,
    /// The day it was shared with the family; not later than today.
    shared_with_family_on: Option<Date>,
}

/// The submitted report.
#[derive(SimpleObject)]
pub struct SubmitConferenceReportPayload {
    /// The report with its receipt; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A report to be released.
#[derive(InputObject)]
pub struct ReleaseConferenceReportInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The submitted version.
    conference_report_id: ID,
}

/// The released report.
#[derive(SimpleObject)]
pub struct ReleaseConferenceReportPayload {
    /// The report as it stands; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of reports.
#[derive(Default)]
pub struct ReportMutation;

/// Mutations of reports.
#[Object]
impl ReportMutation {
    /// Submit the report that was asked of your agency.
    async fn submit_conference_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report.")] input: SubmitConferenceReportInput,
    ) -> Resolved<SubmitConferenceReportPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let submit = actions::report::Submit {
            request: typed(&input.report_request_id, "input.reportRequestId")?,
            author: typed_opt(input.author_id.as_ref(), "input.authorId")?,
            content: ReportContent {
                involvement: input.involvement,
                worries: input.worries,
                strengths: input.strengths,
                child_voice: input.child_voice,
                family_views: input.family_views,
                what_must_change: input.what_must_change,
                safety_score: input.safety_score,
                recommendation: input.recommendation.map(Into::into),
                shared_with_family_on: input.shared_with_family_on.map(|day| day.0),
            },
        };
        let reader = reader(ctx)?;
        let done = actions::report::submit(reader.scope(), &write, submit).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceReportId).await?;
        Ok(SubmitConferenceReportPayload { conference_report: row.map(ConferenceReport), user_errors })
    }

    /// Release a submitted report: each agency invited to the conference is sent this version and keeps it.
    async fn release_conference_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report.")] input: ReleaseConferenceReportInput,
    ) -> Resolved<ReleaseConferenceReportPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.conference_report_id, "input.conferenceReportId")?;
        let reader = reader(ctx)?;
        let done = actions::report::release(reader.scope(), &write, id).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceReportId).await?;
        Ok(ReleaseConferenceReportPayload { conference_report: row.map(ConferenceReport), user_errors })
    }
}
