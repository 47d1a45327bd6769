//! What agencies are asked to report.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use super::agency::{Agency, agency};
use super::attachment::Attachment;
use super::child::Child;
use super::codes::ReportRequestStatus;
use super::conference::Conference;
use super::deadline::Deadline;
use super::report::ConferenceReport;
use super::report_template::ReportTemplateSummary;
use crate::graphql::connection::{Connection, below};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::global;
use crate::store::loaders::{AttachmentsOfRequest, DeadlinesOfRequest, ReportsToRequest};
use crate::store::report::RequestStatus;

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
