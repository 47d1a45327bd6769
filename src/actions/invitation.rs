//! Answering an invitation.

use entity::id::InvitationId;
use entity::invitation::Reply;

use super::{Done, Findings, expect_version};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::ReplyToInvitation;
use crate::store::{Begun, Scoped, Write};

/// Input of [`reply`].
#[derive(Clone, Debug)]
pub struct Answer {
    /// The invitation.
    pub id: InvitationId,
    /// The version the caller read.
    pub expected_version: i64,
    /// The answer.
    pub reply: Reply,
    /// Why the agency sends apologies.
    pub reason: Option<String>,
}

/// Answers an invitation for the caller's agency, before the meeting.
pub async fn reply(scope: &Scoped, write: &Write, input: Answer) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text_opt("apologiesReason", input.reason.as_deref(), 500);
    if input.reply == Reply::Awaited {
        findings.add("reply", ProblemCode::Invalid, "Say whether the agency takes part.");
    }
    let tx = match scope.begin::<ReplyToInvitation>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::invitation::Entity>(input.id).await?;
    let agency = row.agency_id;
    let permit = tx.permit::<ReplyToInvitation, _>(row, &agency)?;
    expect_version(input.expected_version, permit.row().version)?;
    if permit.row().attendance.is_some() || permit.row().scheduled_at < tx.who().at {
        findings.add("invitationId", ProblemCode::AlreadyConcluded, "The meeting has begun or is over.");
    } else if tx.is_called_off(permit.row()).await? {
        findings.add("invitationId", ProblemCode::AlreadyConcluded, "The meeting was called off.");
    }
    findings.into_result()?;
    tx.reply_to_invitation(permit, input.reply, input.reason).await?;
    tx.commit::<ReplyToInvitation>(Event::InvitationReplied(input.id)).await
}
