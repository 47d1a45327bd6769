//! Reports are signed.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::ConferenceReportId;
use uuid::Uuid;

use super::report::ConferenceReport;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::typed;

/// A report to be signed.
#[derive(InputObject)]
pub struct SignConferenceReportInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The draft, or the version that stands.
    conference_report_id: ID,
    /// The `revision` you read. CONFLICT if it is another by now.
    expected_revision: i64,
}

/// The signed report.
#[derive(SimpleObject)]
pub struct SignConferenceReportPayload {
    /// The report as it stands; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Signing of reports.
#[derive(Default)]
pub struct ReportSigningMutation;

/// Signing of reports.
#[Object]
impl ReportSigningMutation {
    /// Sign a report in your own name: a manager that of a social worker, who leads on safeguarding that of a colleague. A draft
    /// that is written again is signed again (WAR-PR-05).
    async fn sign_conference_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report.")] input: SignConferenceReportInput,
    ) -> Resolved<SignConferenceReportPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.conference_report_id, "input.conferenceReportId")?;
        let reader = reader(ctx)?;
        let done = actions::report_signing::sign(reader.scope(), &write, id, input.expected_revision).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceReportId).await?;
        Ok(SignConferenceReportPayload { conference_report: row.map(ConferenceReport), user_errors })
    }
}
