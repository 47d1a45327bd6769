//! Meetings that are called off: a strategy meeting, a conference. What is due before such a meeting is not due any more; what
//! asks for one goes on until another is held.

use chrono::{DateTime, Utc};
use entity::id::{ConferenceId, StrategyMeetingId};

use super::{Done, Findings, due, expect_version};
use crate::clock::london_day;
use crate::error::Result;
use crate::event::Event;
use crate::policy::actions::{CancelConference, CancelStrategyMeeting};
use crate::practice::deadlines::cancelled_meeting_closes;
use crate::practice::states::{of_conference, of_strategy_meeting};
use crate::store::record::RecordId;
use crate::store::record::entry::NewEntry;
use crate::store::{Begun, Scoped, Tx, Write};

/// Input of [`cancel_strategy_meeting`].
#[derive(Clone, Debug)]
pub struct CancelMeeting {
    /// The meeting.
    pub id: StrategyMeetingId,
    /// The version the caller read.
    pub expected_version: i64,
    /// Why.
    pub reason: String,
}

/// Calls a strategy meeting off. The contact that gave rise to it asks for one all the same: its time runs on, and the next
/// meeting about the child meets it, or a manager says why none is held.
pub async fn cancel_strategy_meeting(scope: &Scoped, write: &Write, input: CancelMeeting) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, 2000);
    let tx = match scope.begin::<CancelStrategyMeeting>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let meeting = tx.lock::<entity::strategy_meeting::Entity>(input.id).await?;
    tx.keep_discreet(&meeting);
    let permit = tx.permit::<CancelStrategyMeeting, _>(meeting, &())?;
    findings.may("strategyMeetingId", &of_strategy_meeting::CANCEL, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    findings.into_result()?;
    let why = why(&tx, "MEETING_CANCELLED_BECAUSE", input.reason, permit.row().scheduled_at);
    tx.cancel_strategy_meeting(permit, closes_at(&tx)).await?;
    tx.say(RecordId::StrategyMeeting(input.id), why).await?;
    tx.commit::<CancelStrategyMeeting>(Event::StrategyMeetingCancelled(input.id)).await
}

/// Input of [`cancel_conference`].
#[derive(Clone, Debug)]
pub struct Cancel {
    /// The conference.
    pub id: ConferenceId,
    /// The version the caller read.
    pub expected_version: i64,
    /// Why.
    pub reason: String,
}

/// Calls a conference off that has not come together. The initial conference after an enquiry and the review of a plan stay
/// due, whichever conference meets them.
pub async fn cancel_conference(scope: &Scoped, write: &Write, input: Cancel) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, 2000);
    let tx = match scope.begin::<CancelConference>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::conference::Entity>(input.id).await?;
    let posts = tx.conference_posts(&row).await?;
    let permit = tx.permit::<CancelConference, _>(row, &posts)?;
    findings.may("conferenceId", &of_conference::CANCEL, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    findings.into_result()?;
    let why = why(&tx, "CANCELLED_BECAUSE", input.reason, permit.row().scheduled_at);
    tx.cancel_conference(permit, closes_at(&tx)).await?;
    tx.say(RecordId::Conference(input.id), why).await?;
    due::conference_cancelled(&tx, input.id).await?;
    tx.commit::<CancelConference>(Event::ConferenceCancelled(input.id)).await
}

/// Why a meeting is called off, with the time it was to be at.
fn why(tx: &Tx, item: &str, reason: String, was_to_be_at: DateTime<Utc>) -> NewEntry {
    NewEntry { text: Some(reason), at: Some(was_to_be_at), ..tx.blank_entry(item) }
}

/// When what the meeting opened closes.
fn closes_at(tx: &Tx) -> DateTime<Utc> {
    cancelled_meeting_closes(tx.calendar(), london_day(tx.who().at))
}
