//! The root fields about reports.

use async_graphql::{Context, ID, InputObject, Object};

use super::codes::ReportRequestStatus;
use super::report::ConferenceReport;
use super::report_request::ReportRequest;
use super::report_template::ReportTemplateSummary;
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::{named_ahead, reader};
use crate::graphql::error::{Resolved, found};
use crate::graphql::id::{typed, typed_opt};
use crate::graphql::scalars::Instant;
use crate::store::report::WantedRequests;

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
