//! Invitations: notice, reply, attendance and report, kept apart.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};
use entity::id::InvitationId;
use entity::sealed::Disclose;
use uuid::Uuid;

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::codes::{Attendance, InformationCategory, MeetingKind, Reply};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed};
use crate::store::audit::ledger::Opening;

/// Where an invited agency's reports stand.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum InvitationReportStatus {
    /// None was asked.
    NotAsked,
    /// Asked, not due yet, not all here.
    Pending,
    /// All came in time.
    OnTime,
    /// All came, the last one late.
    Late,
    /// Due, and not all here.
    Missing,
}

/// An agency asked to a meeting.
pub struct Invitation(pub entity::invitation::Model);

impl Invitation {
    fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        Ok(reader(ctx)?.scope().disclosure(Some(self.0.agency_id)))
    }
}

/// An agency asked to a meeting. Notice, reply and report of other agencies are for social care and chairs; attendance
/// is for everybody at the meeting, as in its minutes.
#[Object]
impl Invitation {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The kind of meeting.
    async fn meeting_kind(&self) -> MeetingKind {
        self.0.meeting.into()
    }

    /// When the meeting is or was.
    async fn scheduled_at(&self) -> DateTime<Utc> {
        self.0.scheduled_at
    }

    /// When the agency was invited.
    async fn invited_at(&self) -> DateTime<Utc> {
        self.0.invited_at
    }

    /// Working days between the invitation and the meeting. Null where withheld.
    async fn notice_working_days(&self, ctx: &Context<'_>) -> Resolved<Option<i32>> {
        Ok(self.0.notice_working_days.open(&self.disclosure(ctx)?).copied())
    }

    /// What the agency answered. Null where withheld.
    async fn reply(&self, ctx: &Context<'_>) -> Resolved<Option<Reply>> {
        Ok(self.0.reply.open(&self.disclosure(ctx)?).map(|reply| (*reply).into()))
    }

    /// Why it sent apologies. Null where none was given or withheld.
    async fn apologies_reason(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.apologies_reason.open(&self.disclosure(ctx)?).cloned().flatten())
    }

    /// Whether it took part. Null until attendance is recorded.
    async fn attendance(&self) -> Option<Attendance> {
        self.0.attendance.map(Into::into)
    }

    /// Where its reports stand. Null where withheld.
    async fn report_status(&self, ctx: &Context<'_>) -> Resolved<Option<InvitationReportStatus>> {
        let now = reader(ctx)?.scope().who().at;
        let opens = self.disclosure(ctx)?.opens(Category::NonAttendance, Depth::Full);
        Ok(opens.then(|| report_status(&self.0, now)))
    }

    /// Give it back as `expectedVersion` when you change the invitation.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Categories you may not read here: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = self.disclosure(ctx)?.withheld(&[(Category::NonAttendance, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// The agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// The professional asked for by name, where there is one.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.practitioner_id).await
    }
}

fn report_status(row: &entity::invitation::Model, now: DateTime<Utc>) -> InvitationReportStatus {
    match (row.report_due_at, row.report_received_at) {
        (None, _) => InvitationReportStatus::NotAsked,
        (Some(due), Some(received)) if received <= due => InvitationReportStatus::OnTime,
        (Some(_), Some(_)) => InvitationReportStatus::Late,
        (Some(due), None) if due < now => InvitationReportStatus::Missing,
        (Some(_), None) => InvitationReportStatus::Pending,
    }
}

/// An agency's answer to an invitation.
#[derive(InputObject)]
pub struct ReplyToInvitationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The invitation.
    invitation_id: ID,
    /// The version you read.
    expected_version: i64,
    /// The answer; AWAITED is refused.
    reply: Reply,
    /// Why, where apologies are sent; 500 characters at most.
    apologies_reason: Option<String>,
}

/// The answered invitation.
#[derive(SimpleObject)]
pub struct ReplyToInvitationPayload {
    /// The invitation as it stands; null on a dry run or a refusal.
    invitation: Option<Invitation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of invitations.
#[derive(Default)]
pub struct InvitationMutation;

/// Mutations of invitations.
#[Object]
impl InvitationMutation {
    /// Answer an invitation for your agency, before the meeting.
    async fn reply_to_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: ReplyToInvitationInput,
    ) -> Resolved<ReplyToInvitationPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let answer = actions::invitation::Answer {
            id: typed(&input.invitation_id, "input.invitationId")?,
            expected_version: input.expected_version,
            reply: input.reply.into(),
            reason: input.apologies_reason,
        };
        let reader = reader(ctx)?;
        let Written { row, user_errors } =
            finish(&reader, actions::invitation::reply(reader.scope(), &write, answer).await, InvitationId).await?;
        Ok(ReplyToInvitationPayload { invitation: row.map(Invitation), user_errors })
    }
}
