//! Mutations of letters about non-attendance.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::NonAttendanceLetterId;
use uuid::Uuid;

use super::codes::NonAttendanceReplyReason;
use super::letter::NonAttendanceLetter;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::typed;

/// A letter to be written.
#[derive(InputObject)]
pub struct WriteNonAttendanceLetterInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The invitation of the agency to a conference.
    invitation_id: ID,
    /// What the chair adds to the text of the template; 4,000 characters at the most, and nothing that tells of a child.
    note: Option<String>,
}

/// The letter.
#[derive(SimpleObject)]
pub struct WriteNonAttendanceLetterPayload {
    /// The letter; null on a dry run or a refusal.
    letter: Option<NonAttendanceLetter>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A letter that is written anew.
#[derive(InputObject)]
pub struct RewriteNonAttendanceLetterInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The letter.
    letter_id: ID,
    /// The version you read.
    expected_version: i64,
    /// What the chair adds to the text of the template now; 4,000 characters at the most, and nothing that tells of a child.
    note: Option<String>,
}

/// The letter as it stands.
#[derive(SimpleObject)]
pub struct RewriteNonAttendanceLetterPayload {
    /// The letter; null on a dry run or a refusal.
    letter: Option<NonAttendanceLetter>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A letter that was sent.
#[derive(InputObject)]
pub struct SendNonAttendanceLetterInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The letter.
    letter_id: ID,
    /// The version you read.
    expected_version: i64,
}

/// The letter as it stands.
#[derive(SimpleObject)]
pub struct SendNonAttendanceLetterPayload {
    /// The letter; null on a dry run or a refusal.
    letter: Option<NonAttendanceLetter>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What an agency answers.
#[derive(InputObject)]
pub struct ReplyToNonAttendanceLetterInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The letter.
    letter_id: ID,
    /// The version you read.
    expected_version: i64,
    /// Why your agency did not come or report.
    reason: NonAttendanceReplyReason,
    /// In your words, 4,000 characters at the most; needed with OTHER and where you contest the record.
    text: Option<String>,
    /// True if what was recorded is wrong.
    #[graphql(default)]
    contests: bool,
}

/// The letter with its reply.
#[derive(SimpleObject)]
pub struct ReplyToNonAttendanceLetterPayload {
    /// The letter; null on a dry run or a refusal.
    letter: Option<NonAttendanceLetter>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of letters.
#[derive(Default)]
pub struct LetterMutation;

/// Mutations of letters.
#[Object]
impl LetterMutation {
    /// Write to an agency that did not come to a conference or sent no report, by the template. By the practice of your
    /// authority, else to who missed either. The chair of the conference.
    async fn write_non_attendance_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "About which invitation.")] input: WriteNonAttendanceLetterInput,
    ) -> Resolved<WriteNonAttendanceLetterPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let ask =
            actions::letter::Ask { invitation: typed(&input.invitation_id, "input.invitationId")?, note: input.note };
        let reader = reader(ctx)?;
        let done = actions::letter::write_letter(reader.scope(), &write, ask).await;
        let Written { row, user_errors } = finish(&reader, done, NonAttendanceLetterId).await?;
        Ok(WriteNonAttendanceLetterPayload { letter: row.map(NonAttendanceLetter), user_errors })
    }

    /// Write a letter anew that was not sent yet, from what is recorded now. The chair of the conference.
    async fn rewrite_non_attendance_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which letter, and what it says besides.")] input: RewriteNonAttendanceLetterInput,
    ) -> Resolved<RewriteNonAttendanceLetterPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let anew = actions::letter::Anew {
            id: typed(&input.letter_id, "input.letterId")?,
            expected_version: input.expected_version,
            note: input.note,
        };
        let reader = reader(ctx)?;
        let done = actions::letter::rewrite(reader.scope(), &write, anew).await;
        let Written { row, user_errors } = finish(&reader, done, NonAttendanceLetterId).await?;
        Ok(RewriteNonAttendanceLetterPayload { letter: row.map(NonAttendanceLetter), user_errors })
    }

    /// Record that a letter was sent: the agency has it from then on, and the time for its reply runs.
    async fn send_non_attendance_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which letter.")] input: SendNonAttendanceLetterInput,
    ) -> Resolved<SendNonAttendanceLetterPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.letter_id, "input.letterId")?;
        let reader = reader(ctx)?;
        let done = actions::letter::send(reader.scope(), &write, id, input.expected_version).await;
        let Written { row, user_errors } = finish(&reader, done, NonAttendanceLetterId).await?;
        Ok(SendNonAttendanceLetterPayload { letter: row.map(NonAttendanceLetter), user_errors })
    }

    /// Answer a letter for your agency, late as well as in time.
    async fn reply_to_non_attendance_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you answer.")] input: ReplyToNonAttendanceLetterInput,
    ) -> Resolved<ReplyToNonAttendanceLetterPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let answer = actions::letter::Answer {
            id: typed(&input.letter_id, "input.letterId")?,
            expected_version: input.expected_version,
            reason: input.reason.into(),
            text: input.text,
            contests: input.contests,
        };
        let reader = reader(ctx)?;
        let done = actions::letter::reply(reader.scope(), &write, answer).await;
        let Written { row, user_errors } = finish(&reader, done, NonAttendanceLetterId).await?;
        Ok(ReplyToNonAttendanceLetterPayload { letter: row.map(NonAttendanceLetter), user_errors })
    }
}
