//! What is at another time: a first strategy meeting that is put off, once the police were consulted; a conference that is
//! adjourned, or moved before it began.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::deadline::Kind;
use entity::id::{ConferenceId, EntryId, StrategyMeetingId};

use super::checks::check_day;
use super::{Done, Findings, beyond_calendar, due, expect_version, notice};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{AdjournConference, ExtendStrategyMeeting, MoveConference};
use crate::practice::deadlines;
use crate::practice::standards::Hold;
use crate::practice::states::{of_conference, of_strategy_meeting};
use crate::store::conference::NewTime;
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

/// Stretches the time of a first strategy meeting, once, after talking to the police: the manager (WAR-SM-03).
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
    /// Whether that is over the support after the plan.
    pub over_support: bool,
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

/// Adjourning over the support after the plan is the last resort (LAN-SD-14): it is said what was tried before. An adjournment
/// over anything else is not asked that.
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
    if input.scheduled_at <= tx.who().at || input.scheduled_at <= permit.row().scheduled_at {
        findings.add("scheduledAt", ProblemCode::WrongTime, "Later than now, and later than it was.");
    }
    check_day(permit.row().kind, input.scheduled_at, &mut findings);
    let held = permit.row().clone();
    let book = scope.store().practice().standards.book(tx.profile().await?);
    let strictness = book.hold(LAST_RESORT, london_day(held.scheduled_at));
    let tried = input.alternatives_tried.filter(|text| !text.trim().is_empty());
    // elsewhere the record asks for it until it is said
    if input.over_support && tried.is_none() && strictness == Hold::Refuse {
        let message = format!("Adjourning is the last resort: say what was tried before ({LAST_RESORT}).");
        findings.add("alternativesTried", ProblemCode::Required, message);
    }
    findings.into_result()?;
    let to = new_time(&tx, input.scheduled_at)?;
    let standing = tx.standing_entries(RecordId::Conference(input.id)).await?;
    let mut entries = session(&tx, &held, &standing).await?;
    entries.extend(why(&tx, &held, &standing, (input.reason, input.over_support, tried)));
    tx.adjourn_conference(permit, to).await?;
    tx.write_entries(RecordId::Conference(input.id), entries).await?;
    due::conference_adjourned(&tx, &held, input.scheduled_at).await?;
    tx.commit::<AdjournConference>(Event::ConferenceAdjourned(input.id)).await
}

/// Why a conference is adjourned, and what was tried before: under one line of the record, so that what is asked of this
/// adjournment is told apart from what is asked of another.
fn why(
    tx: &Tx,
    held: &entity::conference::Model,
    standing: &HashMap<Place, EntryId>,
    (reason, over_support, tried): (String, bool, Option<String>),
) -> Vec<NewEntry> {
    let because = tx.blank_entry("ADJOURNED_BECAUSE");
    let line = last_line(standing.keys(), &because.item, because.subject) + 1;
    let at = Some(held.scheduled_at);
    let mut entries = vec![NewEntry { line, text: Some(reason), at, ..because }];
    if over_support {
        entries.push(NewEntry { line, at, ..tx.blank_entry("ADJOURNED_OVER_SUPPORT") });
    }
    entries.extend(tried.map(|text| NewEntry { line, text: Some(text), ..tx.blank_entry("ALTERNATIVES_TRIED") }));
    entries
}

/// A time to come, told now: the notice there is of it, and how long what the conference gives lasts.
fn new_time(tx: &Tx, at: DateTime<Utc>) -> Result<NewTime> {
    let day = london_day(at);
    Ok(NewTime {
        scheduled_at: at,
        notice_working_days: notice(tx.calendar(), "scheduledAt", tx.who().at, at)?,
        invitations_end_at: deadlines::invitation_ends(tx.calendar(), day)
            .map_err(|e| beyond_calendar("scheduledAt", e))?,
        posts_end_at: deadlines::conference_posts_end(day),
    })
}

/// Input of [`move_conference`].
#[derive(Clone, Debug)]
pub struct Move {
    /// The conference.
    pub id: ConferenceId,
    /// The version the caller read.
    pub expected_version: i64,
    /// When it is now.
    pub scheduled_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

/// Moves a conference that has not begun, sooner or later than it was. What is to be there before it is due before that, the
/// reports that have not come among it: by the rule, and never less than a day from now.
pub async fn move_conference(scope: &Scoped, write: &Write, input: Move) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, 2000);
    let tx = match scope.begin::<MoveConference>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::conference::Entity>(input.id).await?;
    let posts = tx.conference_posts(&row).await?;
    let permit = tx.permit::<MoveConference, _>(row, &posts)?;
    findings.may("conferenceId", &of_conference::MOVE, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    let before = permit.row().clone();
    if input.scheduled_at <= tx.who().at || input.scheduled_at == before.scheduled_at {
        findings.add("scheduledAt", ProblemCode::WrongTime, "Later than now, and not when it was.");
    }
    check_day(before.kind, input.scheduled_at, &mut findings);
    findings.into_result()?;
    let to = new_time(&tx, input.scheduled_at)?;
    let practice = scope.store().practice();
    let (kind, limit, report_due_at) =
        practice.report_limit(tx.profile().await?, before.kind, input.scheduled_at, tx.who().at);
    let record = RecordId::Conference(input.id);
    let standing = tx.standing_entries(record).await?;
    let moved = tx.blank_entry("MOVED_BECAUSE");
    let line = last_line(standing.keys(), &moved.item, moved.subject) + 1;
    let entry = NewEntry { line, text: Some(input.reason), at: Some(before.scheduled_at), ..moved };
    let reports = tx.move_conference(permit, to, report_due_at).await?;
    tx.write_entries(record, vec![entry]).await?;
    due::conference_moved(&tx, &before, input.scheduled_at, (&reports, (kind, limit))).await?;
    tx.commit::<MoveConference>(Event::ConferenceMoved(input.id)).await
}
