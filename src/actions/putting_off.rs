//! What is put off: a first strategy meeting, once the police were consulted; a conference that is adjourned.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::deadline::Kind;
use entity::id::{ConferenceId, EntryId, StrategyMeetingId};

use super::checks::check_day;
use super::{Done, Findings, beyond_calendar, due, expect_version};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{AdjournConference, ExtendStrategyMeeting};
use crate::practice::deadlines;
use crate::practice::standards::Hold;
use crate::practice::states::{of_conference, of_strategy_meeting};
use crate::store::record::RecordId;
use crate::store::record::entry::{NewEntry, Place, Subject, last_line};
use crate::store::{Begun, Scoped, Tx, Write};

/// Input of [`extend_strategy_meeting`].
#[derive(Clone, Debug)]
pub struct Extend {
    /// The meeting.
    pub id: StrategyMeetingId,
    /// The version the caller read.
    pub expected_version: i64,
    /// The officer who was consulted.
    pub police_officer: String,
    /// When.
    pub consulted_at: DateTime<Utc>,
    /// Why more information has to be gathered.
    pub reason: String,
}

/// Stretches the time of a first strategy meeting, once, after talking to the police (WAR-SM-03).
pub async fn extend_strategy_meeting(scope: &Scoped, write: &Write, input: Extend) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("policeOfficer", &input.police_officer, 200);
    findings.text("reason", &input.reason, 2000);
    let tx = match scope.begin::<ExtendStrategyMeeting>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let meeting = tx.lock::<entity::strategy_meeting::Entity>(input.id).await?;
    tx.keep_discreet(&meeting);
    let permit = tx.permit::<ExtendStrategyMeeting, _>(meeting, &())?;
    findings.may("strategyMeetingId", &of_strategy_meeting::PUT_OFF, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    let running = tx.open_deadlines_of_meeting(Kind::FirstStrategyMeeting, input.id).await?;
    let practice = scope.store().practice().clone();
    let profile = tx.profile().await?;
    let extended = |row: &entity::deadline::Model| practice.extension(profile, row.kind, row.counted_from);
    let Some(limit) = running.first().and_then(extended) else {
        let message = "No time of a first strategy meeting runs here that the authority lets stretch (WAR-SM-03).";
        findings.add("strategyMeetingId", ProblemCode::RuleRefused, message);
        return findings.into_result().map(|()| None);
    };
    if running.iter().any(|row| row.rule == limit.rule) {
        findings.add(
            "strategyMeetingId",
            ProblemCode::AlreadyDone,
            "It was put off before, and is so once (WAR-SM-03).",
        );
    }
    if input.consulted_at > tx.who().at || input.consulted_at < limit.from {
        findings.add("consultedAt", ProblemCode::WrongTime, "Between the contact and now.");
    }
    if tx.who().at > limit.reckoning.late_after {
        findings.add("strategyMeetingId", ProblemCode::WrongTime, "The time it could be put off to is over.");
    }
    findings.into_result()?;
    let text = format!("{}: {}", input.police_officer, input.reason);
    let entry = NewEntry { text: Some(text), at: Some(input.consulted_at), ..tx.blank_entry("POLICE_CONSULTED") };
    tx.extend_strategy_meeting(permit, &running, &limit).await?;
    tx.say(RecordId::StrategyMeeting(input.id), entry).await?;
    tx.commit::<ExtendStrategyMeeting>(Event::StrategyMeetingExtended(input.id)).await
}

/// Input of [`adjourn`].
#[derive(Clone, Debug)]
pub struct Adjourn {
    /// The conference.
    pub id: ConferenceId,
    /// The version the caller read.
    pub expected_version: i64,
    /// When it goes on.
    pub scheduled_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// What was tried before.
    pub alternatives_tried: Option<String>,
}

/// Who came to the session that is adjourned, kept on its record: the next session is attended anew.
async fn session(
    tx: &Tx,
    held: &entity::conference::Model,
    standing: &HashMap<Place, EntryId>,
) -> Result<Vec<NewEntry>> {
    let invited = tx.invitations_to_conference(held.id).await?;
    let each = invited.into_iter().filter_map(|row| {
        let choice = Some(row.attendance?.word());
        let came = tx.blank_entry("SESSION_ATTENDANCE");
        let subject = Subject { agency: Some(row.agency_id), ..Subject::default() };
        let line = last_line(standing.keys(), &came.item, subject) + 1;
        Some(NewEntry { subject, line, choice, at: Some(held.scheduled_at), ..came })
    });
    Ok(each.collect())
}

/// Adjourning is the last resort (LAN-SD-14): it is said what was tried before.
const LAST_RESORT: &str = "LAN-SD-14";

/// Adjourns a conference to another time. What was to be there before it is due before that.
pub async fn adjourn(scope: &Scoped, write: &Write, input: Adjourn) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, 2000);
    findings.text_opt("alternativesTried", input.alternatives_tried.as_deref(), 2000);
    let tx = match scope.begin::<AdjournConference>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::conference::Entity>(input.id).await?;
    let posts = tx.conference_posts(&row).await?;
    let permit = tx.permit::<AdjournConference, _>(row, &posts)?;
    findings.may("conferenceId", &of_conference::ADJOURN, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    let day = london_day(input.scheduled_at);
    if input.scheduled_at <= tx.who().at || input.scheduled_at <= permit.row().scheduled_at {
        findings.add("scheduledAt", ProblemCode::WrongTime, "Later than now, and later than it was.");
    }
    check_day(permit.row().kind, input.scheduled_at, &mut findings);
    let book = scope.store().practice().standards.book(tx.profile().await?);
    let silent = input.alternatives_tried.as_deref().is_none_or(|text| text.trim().is_empty());
    if silent && book.hold(LAST_RESORT, day) > Hold::Offer {
        let message = format!("Adjourning is the last resort: say what was tried before ({LAST_RESORT}).");
        findings.add("alternativesTried", ProblemCode::Required, message);
    }
    findings.into_result()?;
    let ends = deadlines::invitation_ends(tx.calendar(), day).map_err(|e| beyond_calendar("scheduledAt", e))?;
    let held = permit.row().clone();
    let tried = input.alternatives_tried.map(|text| format!("\n{text}")).unwrap_or_default();
    let standing = tx.standing_entries(RecordId::Conference(input.id)).await?;
    let why = tx.blank_entry("ADJOURNED_BECAUSE");
    let line = last_line(standing.keys(), &why.item, why.subject) + 1;
    let why = NewEntry { line, text: Some(input.reason + &tried), at: Some(held.scheduled_at), ..why };
    let mut entries = session(&tx, &held, &standing).await?;
    entries.push(why);
    tx.adjourn_conference(permit, input.scheduled_at, (ends, deadlines::conference_posts_end(day))).await?;
    tx.write_entries(RecordId::Conference(input.id), entries).await?;
    due::conference_adjourned(&tx, &held, input.scheduled_at).await?;
    tx.commit::<AdjournConference>(Event::ConferenceAdjourned(input.id)).await
}
