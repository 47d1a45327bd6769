//! Taking a pattern of non-attendance up with the safeguarding lead of an agency (BIR-NA-02).

use chrono::{DateTime, NaiveDate, Utc};
use entity::escalation::Outcome;
use entity::id::{AgencyId, EscalationEntryId, EscalationId};

use super::{Done, Findings, expect_version};
use crate::clock::london_day;
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{
    AgreeEscalationMeeting, AnswerEscalation, CloseEscalation, ContestEscalationEntry, RaiseEscalation, TakenUp,
};
use crate::practice::states::of_follow_up::of_escalation;
use crate::store::escalation::{MOST_ENTRIES, NewEscalation};
use crate::store::{Begun, Scoped, Write};

/// Characters of a reason, an answer or an outcome at the most.
const WORDS: usize = 4000;

/// Input of [`raise`].
#[derive(Clone, Debug)]
pub struct Raise {
    /// With which agency.
    pub agency: AgencyId,
    /// First day of the time it is about.
    pub from: NaiveDate,
    /// First day after it.
    pub until: NaiveDate,
    /// Why.
    pub reason: String,
}

/// Takes a pattern up with an agency. The evidence is what the writer sees of it now, and does not change any more.
pub async fn raise(scope: &Scoped, write: &Write, input: Raise) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, WORDS);
    if input.until <= input.from || (input.until - input.from).num_days() > 366 * 3 {
        findings.add("until", ProblemCode::WrongTime, "After `from`, and within three years of it.");
    }
    findings.into_result()?;
    let mut findings = Findings::default();
    let id = EscalationId(scope.store().clock().new_id());
    let tx = match scope.begin::<RaiseEscalation>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let Some(about) = tx.active_agencies(&[input.agency]).await?.remove(&input.agency) else {
        return Err(Error::problem("agencyId", ProblemCode::UnknownReference, "No such agency of your authority."));
    };
    let permit = tx.permit::<RaiseEscalation, _>(about, &())?;
    // locked, so that of two who raise at once the second sees the first
    tx.lock::<entity::agency::Entity>(input.agency).await?;
    if tx.is_taken_up(input.agency, input.from, input.until).await? {
        let message = "A pattern of this agency in this time is taken up already, and not closed.";
        findings.add("agencyId", ProblemCode::AlreadyDone, message);
    }
    let evidence = tx.missed_by(input.agency, input.from, input.until).await?;
    if evidence.is_empty() {
        let message = "You see no meeting in this time that the agency missed: there is no evidence.";
        findings.add("agencyId", ProblemCode::RuleRefused, message);
    }
    if evidence.len() as u64 > MOST_ENTRIES {
        findings.add(
            "until",
            ProblemCode::TooMany,
            format!("At most {MOST_ENTRIES} missed meetings; take a shorter time."),
        );
    }
    findings.into_result()?;
    let figures = tx.figures_in_words(input.agency, input.from, input.until).await?;
    let new = NewEscalation { id, from: input.from, until: input.until, reason: input.reason, figures };
    tx.raise_escalation(permit, new, evidence).await?;
    tx.commit::<RaiseEscalation>(Event::EscalationRaised(id)).await
}

/// Contests an entry of the evidence for the agency it is about, until the escalation is closed.
pub async fn contest(scope: &Scoped, write: &Write, id: EscalationEntryId, because: String) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("because", &because, WORDS);
    let tx = match scope.begin::<ContestEscalationEntry>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let entry = tx.lock::<entity::escalation_entry::Entity>(id).await?;
    let of = tx.lock::<entity::escalation::Entity>(entry.escalation_id).await?;
    let taken = TakenUp { agency: of.agency_id, raised_by: of.raised_by };
    let permit = tx.permit::<ContestEscalationEntry, _>(entry, &taken)?;
    findings.may("entryId", &of_escalation::CONTEST, of.status)?;
    if permit.row().contested_at.is_some() {
        findings.add("entryId", ProblemCode::AlreadyDone, "This entry is contested already.");
    }
    findings.into_result()?;
    tx.contest_entry(permit, because).await?;
    tx.commit::<ContestEscalationEntry>(Event::EscalationEntryContested(of.id)).await
}

/// Answers an escalation for the agency it is about, until it is closed, once.
pub async fn answer(
    scope: &Scoped,
    write: &Write,
    (id, expected_version): (EscalationId, i64),
    text: String,
) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("answer", &text, WORDS);
    let tx = match scope.begin::<AnswerEscalation>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::escalation::Entity>(id).await?;
    let taken = TakenUp { agency: row.agency_id, raised_by: row.raised_by };
    let permit = tx.permit::<AnswerEscalation, _>(row, &taken)?;
    findings.may("escalationId", &of_escalation::ANSWER, permit.row().status)?;
    if permit.row().answered_at.is_some() {
        findings.add("escalationId", ProblemCode::AlreadyDone, "The escalation was answered already.");
    }
    findings.into_result()?;
    expect_version(expected_version, permit.row().version)?;
    tx.answer_escalation(permit, text).await?;
    tx.commit::<AnswerEscalation>(Event::EscalationAnswered(id)).await
}

/// Records when the safeguarding lead is met, or was.
pub async fn agree_meeting(
    scope: &Scoped,
    write: &Write,
    (id, expected_version): (EscalationId, i64),
    meeting_at: DateTime<Utc>,
) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<AgreeEscalationMeeting>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::escalation::Entity>(id).await?;
    let permit = tx.permit::<AgreeEscalationMeeting, _>(row, &())?;
    findings.may("escalationId", &of_escalation::MEET, permit.row().status)?;
    if london_day(meeting_at) < london_day(permit.row().raised_at) {
        findings.add("meetingAt", ProblemCode::WrongTime, "Not before the escalation was raised.");
    }
    findings.into_result()?;
    expect_version(expected_version, permit.row().version)?;
    tx.agree_meeting(permit, meeting_at).await?;
    tx.commit::<AgreeEscalationMeeting>(Event::EscalationMeetingAgreed(id)).await
}

/// Input of [`close`].
#[derive(Clone, Debug)]
pub struct Close {
    /// Which escalation.
    pub id: EscalationId,
    /// The version the caller read.
    pub expected_version: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// In words.
    pub text: Option<String>,
}

/// Closes an escalation with its outcome.
pub async fn close(scope: &Scoped, write: &Write, input: Close) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text_opt("text", input.text.as_deref(), WORDS);
    let tx = match scope.begin::<CloseEscalation>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::escalation::Entity>(input.id).await?;
    let permit = tx.permit::<CloseEscalation, _>(row, &())?;
    findings.may("escalationId", &of_escalation::CLOSE, permit.row().status)?;
    findings.into_result()?;
    expect_version(input.expected_version, permit.row().version)?;
    tx.close_escalation(permit, input.outcome, input.text).await?;
    tx.commit::<CloseEscalation>(Event::EscalationClosed(input.id)).await
}
