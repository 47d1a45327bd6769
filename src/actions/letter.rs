//! Asking an agency why it did not come or sent no report (BIR-NA-01), and its reply.

use entity::id::{InvitationId, NonAttendanceLetterId};
use entity::non_attendance_letter::{About, Reason};

use super::{Done, Findings, beyond_calendar, expect_version};
use crate::clock::london_day;
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{
    ReplyToNonAttendanceLetter, RewriteNonAttendanceLetter, SendNonAttendanceLetter, WriteNonAttendanceLetter,
};
use crate::practice::attendance::{Followed, Reading};
use crate::practice::letters::{self, Letter};
use crate::practice::quorum::took_part;
use crate::practice::states::of_follow_up::of_letter;
use crate::store::letter::{NewLetter, Reply};
use crate::store::{Begun, Scoped, Tx, Write};

/// Characters that are added to a letter, or answered, at the most.
const WORDS: usize = 4000;

/// Input of [`write_letter`].
#[derive(Clone, Debug)]
pub struct Ask {
    /// About which invitation.
    pub invitation: InvitationId,
    /// What the chair adds to the letter.
    pub note: Option<String>,
}

/// Writes a letter by the template, to an agency that the practice of the authority has asked.
pub async fn write_letter(scope: &Scoped, write: &Write, input: Ask) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text_opt("note", input.note.as_deref(), WORDS);
    let id = NonAttendanceLetterId(scope.store().clock().new_id());
    let tx = match scope.begin::<WriteNonAttendanceLetter>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let (invitation, held) = asked(&tx, input.invitation).await?;
    let posts = tx.conference_posts(&held).await?;
    let permit = tx.permit::<WriteNonAttendanceLetter, _>(invitation, &posts)?;
    let about = about_what(&tx, permit.row(), &held, ("invitationId", &mut findings)).await?;
    if tx.has_letter(input.invitation).await? {
        findings.add("invitationId", ProblemCode::AlreadyDone, "A letter about this was written already.");
    }
    findings.into_result()?;
    let Some(about) = about else { return Err(Error::internal("a letter about nothing")) };
    let text = by_template(&tx, permit.row(), &held, (about, input.note.as_deref())).await?;
    tx.write_letter(permit, NewLetter { id, conference: held.id, about, text }).await?;
    let told = Event::NonAttendanceLetterWritten(input.invitation, held.agency_id);
    tx.commit::<WriteNonAttendanceLetter>(told).await
}

/// The invitation that a letter is about, locked, and the conference it is to.
async fn asked(tx: &Tx, id: InvitationId) -> Result<(entity::invitation::Model, entity::conference::Model)> {
    let invitation = tx.lock::<entity::invitation::Entity>(id).await?;
    let Some(conference) = invitation.conference_id else {
        return Err(Error::problem("invitationId", ProblemCode::RuleRefused, "Letters are about conferences."));
    };
    Ok((invitation, tx.lock::<entity::conference::Entity>(conference).await?))
}

/// Input of [`rewrite`].
#[derive(Clone, Debug)]
pub struct Anew {
    /// Which letter.
    pub id: NonAttendanceLetterId,
    /// The version the caller read.
    pub expected_version: i64,
    /// What the chair adds to the letter now.
    pub note: Option<String>,
}

/// Writes a letter anew that was not sent yet: by the template, from what is recorded now.
pub async fn rewrite(scope: &Scoped, write: &Write, input: Anew) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text_opt("note", input.note.as_deref(), WORDS);
    let tx = match scope.begin::<RewriteNonAttendanceLetter>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let letter = tx.lock::<entity::non_attendance_letter::Entity>(input.id).await?;
    let (invitation, held) = asked(&tx, letter.invitation_id).await?;
    let posts = tx.conference_posts(&held).await?;
    let permit = tx.permit::<RewriteNonAttendanceLetter, _>(letter, &posts)?;
    findings.may("letterId", &of_letter::REWRITE, permit.row().status)?;
    let about = about_what(&tx, &invitation, &held, ("letterId", &mut findings)).await?;
    findings.into_result()?;
    expect_version(input.expected_version, permit.row().version)?;
    let Some(about) = about else { return Err(Error::internal("a letter about nothing")) };
    let text = by_template(&tx, &invitation, &held, (about, input.note.as_deref())).await?;
    tx.rewrite_letter(permit, about, text).await?;
    let told = Event::NonAttendanceLetterWritten(invitation.id, held.agency_id);
    tx.commit::<RewriteNonAttendanceLetter>(told).await
}

/// What an agency is asked about as the record stands, by the authority's practice on the day of the conference.
async fn about_what(
    tx: &Tx,
    row: &entity::invitation::Model,
    held: &entity::conference::Model,
    (field, findings): (&str, &mut Findings),
) -> Result<Option<About>> {
    let (profile, on) = (tx.profile().await?, london_day(held.scheduled_at));
    let reading = tx.scope().store().practice().follow_up(profile, on).unwrap_or(Reading::Either);
    Ok(asked_about(row, reading, (field, findings)))
}

/// The text of a letter, with what the chair adds.
async fn by_template(
    tx: &Tx,
    row: &entity::invitation::Model,
    held: &entity::conference::Model,
    (about, note): (About, Option<&str>),
) -> Result<String> {
    let named = tx.lock::<entity::agency::Entity>(row.agency_id).await?;
    let practice = tx.scope().store().practice();
    let letter = Letter {
        agency: &named.name,
        kind: held.kind,
        held_on: london_day(held.scheduled_at),
        about,
        notice: notice_of(tx, row),
        reply_within: practice.reply_within(tx.profile().await?, london_day(tx.who().at)),
        note,
    };
    Ok(letter.text())
}

/// What an invited agency is asked about, by the reading of the authority's practice.
fn asked_about(
    row: &entity::invitation::Model,
    reading: Reading,
    (field, findings): (&str, &mut Findings),
) -> Option<About> {
    let Some(attendance) = row.attendance else {
        findings.add(field, ProblemCode::WrongState, "Attendance is not recorded yet.");
        return None;
    };
    let followed = Followed {
        came: took_part(attendance),
        report_asked: row.report_due_at.is_some(),
        report_came: row.report_received_at.is_some(),
    };
    let stayed = followed.asked_why(reading);
    if stayed.is_none() {
        findings.add(field, ProblemCode::RuleRefused, "There is nothing to ask this agency about.");
    }
    stayed.map(letters::about)
}

/// The notice an agency had. Who writes the letter sees the invitation; business support does so for the chair.
fn notice_of(tx: &Tx, row: &entity::invitation::Model) -> i32 {
    let calendar = tx.calendar();
    let (asked, held) = (london_day(row.invited_at), london_day(row.scheduled_at));
    let opening = tx.scope().disclosure(Some(row.agency_id));
    let known = row.notice_working_days.open(&opening).copied();
    known.or_else(|| calendar.notice(asked, held).ok()).unwrap_or_default()
}

/// Records that a letter was sent. The time for the reply runs from then.
pub async fn send(scope: &Scoped, write: &Write, id: NonAttendanceLetterId, expected_version: i64) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<SendNonAttendanceLetter>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let letter = tx.lock::<entity::non_attendance_letter::Entity>(id).await?;
    // what is recorded may have been put right since the letter was written
    let (invitation, held) = asked(&tx, letter.invitation_id).await?;
    let posts = tx.conference_posts(&held).await?;
    let permit = tx.permit::<SendNonAttendanceLetter, _>(letter, &posts)?;
    findings.once("letterId", &of_letter::SEND, permit.row().status)?;
    let about = about_what(&tx, &invitation, &held, ("letterId", &mut findings)).await?;
    if about.is_some_and(|about| about != permit.row().about) {
        let message = "What is recorded has changed since the letter was written: write it anew.";
        findings.add("letterId", ProblemCode::RuleRefused, message);
    }
    findings.into_result()?;
    expect_version(expected_version, permit.row().version)?;
    let now = tx.who().at;
    let within = scope.store().practice().reply_within(tx.profile().await?, london_day(now));
    let due = letters::reply_due(tx.calendar(), now, within).map_err(|e| beyond_calendar("letterId", e))?;
    let invitation = permit.row().invitation_id;
    tx.send_letter(permit, due).await?;
    tx.commit::<SendNonAttendanceLetter>(Event::NonAttendanceLetterSent(invitation)).await
}

/// Input of [`reply`].
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which letter.
    pub id: NonAttendanceLetterId,
    /// The version the caller read.
    pub expected_version: i64,
    /// Why the agency did not come or report.
    pub reason: Reason,
    /// In its words.
    pub text: Option<String>,
    /// True where it says that what was recorded is wrong.
    pub contests: bool,
}

/// Answers a letter, late as well as in time.
pub async fn reply(scope: &Scoped, write: &Write, input: Answer) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text_opt("text", input.text.as_deref(), WORDS);
    let says = input.text.as_deref().is_some_and(|text| !text.trim().is_empty());
    if !says && (input.contests || input.reason == Reason::Other) {
        findings.add("text", ProblemCode::Required, "Say what happened.");
    }
    let tx = match scope.begin::<ReplyToNonAttendanceLetter>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let letter = tx.lock::<entity::non_attendance_letter::Entity>(input.id).await?;
    let asked = letter.agency_id;
    let permit = tx.permit::<ReplyToNonAttendanceLetter, _>(letter, &asked)?;
    findings.once("letterId", &of_letter::REPLY, permit.row().status)?;
    findings.into_result()?;
    expect_version(input.expected_version, permit.row().version)?;
    let invitation = permit.row().invitation_id;
    let reply = Reply { reason: input.reason, text: input.text, contested: input.contests };
    tx.reply_to_letter(permit, reply).await?;
    tx.commit::<ReplyToNonAttendanceLetter>(Event::NonAttendanceLetterReplied(invitation)).await
}
