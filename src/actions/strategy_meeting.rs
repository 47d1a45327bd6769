//! Calling a strategy meeting and recording what it decided.

use chrono::{DateTime, NaiveDate, Utc};
use entity::agency::Kind;
use entity::appointment::Post;
use entity::id::{AgencyId, AllegationId, ChildId, PractitionerId, StrategyMeetingId};
use entity::invitation::Attendance;
use entity::involvement::Basis;
use entity::strategy_meeting_child::Decision;
use entity::{allegation, deadline};

use super::checks::{
    asked_at, check_colleague, check_grantees, check_invitees, check_since_expected, children, every_agency,
    every_child, grants, not_all_in_scope,
};
use super::{Done, Findings, beyond_calendar, counting, due, expect_version, notice};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{CallStrategyMeeting, RecordStrategyMeetingOutcome};
use crate::policy::allegation::is_operations_manager;
use crate::practice::deadlines;
use crate::practice::episode::{self, Doing};
use crate::practice::outcomes::begins_enquiry;
use crate::practice::quorum::{Quorum, Seat};
use crate::practice::standards::Hold;
use crate::practice::states::{of_allegation, of_strategy_meeting};
use crate::store::invitee::Invitee;
use crate::store::strategy_meeting::{Held, NewStrategyMeeting};
use crate::store::{Begun, Scoped, Tx, Write};

/// Input of [`call`].
#[derive(Clone, Debug)]
pub struct Call {
    /// About whom.
    pub children: Vec<ChildId>,
    /// Why.
    pub reason: String,
    /// When.
    pub scheduled_at: DateTime<Utc>,
    /// Who leads; the caller where none is named.
    pub lead: Option<PractitionerId>,
    /// Who is asked.
    pub invitees: Vec<Invitee>,
    /// When the contact was received that gave rise to it.
    pub contact_received_at: Option<DateTime<Utc>>,
    /// The allegation it is about, where it is about a professional.
    pub allegation: Option<AllegationId>,
    /// When the invitees heard of it, where it is written down afterwards.
    pub invited_at: Option<DateTime<Utc>>,
}

/// The posts that lead a strategy meeting.
const LEADS: &[Post] = &[Post::SocialWorker, Post::TeamManager, Post::ServiceManager];
/// The posts that lead it where the authority lets nobody else (WAR-SM-05). Where it asks for it and does not refuse, the
/// record asks why somebody else led, by the post that the leader held.
const LINE_MANAGERS: &[Post] = &[Post::TeamManager, Post::ServiceManager];
/// The rule that says so.
const LED: &str = "WAR-SM-05";
/// The post that leads one about a professional (WAR-SM-06).
const LEADS_ABOUT_PROFESSIONALS: &[Post] = &[Post::ServiceManager];

/// Calls a strategy meeting, or writes one down that was held without being called here first. Who has to be asked to one
/// that is to come, the authority says; everywhere social care, police and health, and it says how strictly.
pub async fn call(scope: &Scoped, write: &Write, input: Call) -> Result<Done> {
    if input.allegation.is_some() {
        scope.open_allegations()?;
    }
    let mut findings = Findings::default();
    // WAR-SM-15
    findings.text("reason", &input.reason, 4000);
    findings.list("childIds", &input.children, 20);
    let agencies: Vec<_> = input.invitees.iter().map(|i| i.agency).collect();
    findings.list("invitees", &agencies, 40);
    let id = StrategyMeetingId(scope.store().clock().new_id());
    let tx = match scope.begin::<CallStrategyMeeting>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = tx.permit::<CallStrategyMeeting, _>(children(&tx, "childIds", &input.children).await?, &())?;
    let at = tx.who().at;
    check_times(&tx, &input, permit.row(), &mut findings);
    let invited_at = asked_at(("invitedAt", input.invited_at), input.scheduled_at, at, &mut findings);
    let there = tx.active_agencies(&agencies).await?;
    check_invitees(&tx, "invitees", &input.invitees, &there, &mut findings).await?;
    let allegation = match input.allegation {
        Some(id) => about_professional(&tx, id, &input.invitees, &mut findings).await?,
        None => None,
    };
    // who was not at a meeting that was held, cannot be asked to it any more: that is told, and not refused
    if input.scheduled_at > at - NOW {
        check_quorum(&tx, there.values().map(|agency| agency.kind), &mut findings).await?;
    }
    check_grantees(
        &tx,
        &input.children,
        &grants("invitees", &input.invitees, Basis::StrategyInvitation),
        &mut findings,
    )
    .await?;
    let lead = input.lead.unwrap_or(tx.who().practitioner);
    let book = scope.store().practice().standards.book(tx.profile().await?);
    let refuses = input.scheduled_at > at - NOW && book.hold(LED, london_day(at)) == Hold::Refuse;
    let leads = match input.allegation {
        Some(_) => LEADS_ABOUT_PROFESSIONALS,
        None if refuses => LINE_MANAGERS,
        None => LEADS,
    };
    check_lead(&tx, lead, leads, allegation.as_ref(), &mut findings).await?;
    findings.into_result()?;
    let new = NewStrategyMeeting {
        id,
        reason: input.reason,
        lead,
        scheduled_at: input.scheduled_at,
        invited_at,
        notice_working_days: notice(&counting(&tx, input.scheduled_at), "scheduledAt", invited_at, input.scheduled_at)?,
        invitees: input.invitees,
        allegation,
        invitations_end_at: invitations_end(&tx, "scheduledAt", (input.scheduled_at, at))?,
    };
    tx.call_strategy_meeting(permit, new).await?;
    // a meeting about a professional has clocks of its own, and the record of the child does not tell of it
    if input.allegation.is_none() {
        due::strategy_meeting_called(&tx, id, &input.children, input.contact_received_at).await?;
    }
    tx.commit::<CallStrategyMeeting>(Event::StrategyMeetingCalled(id)).await
}

/// What is said to be now may have been a few minutes ago.
const NOW: chrono::Duration = chrono::Duration::minutes(5);

/// When a meeting is or was, and the contact that gave rise to it: whatever is past can be written down.
fn check_times(tx: &Tx, input: &Call, children: &[entity::child::Model], findings: &mut Findings) {
    match input.contact_received_at {
        Some(received) if received > tx.who().at => {
            findings.add("contactReceivedAt", ProblemCode::WrongTime, "A contact was received before now.");
        }
        Some(received) if input.scheduled_at < received => {
            let message = "A meeting is not before the contact that gave rise to it.";
            findings.add("scheduledAt", ProblemCode::WrongTime, message);
        }
        Some(_) | None => {}
    }
    check_since_expected(tx, "scheduledAt", input.scheduled_at, children, findings);
}

/// Who is asked to a meeting that is to come, where the authority lets none be called without them.
async fn check_quorum(tx: &Tx, asked: impl Iterator<Item = Kind>, findings: &mut Findings) -> Result<()> {
    let practice = tx.scope().store().practice();
    let quorum = practice.strategy_quorum(tx.profile().await?, london_day(tx.who().at));
    if let Some(quorum) = quorum.filter(Quorum::refuses) {
        for missing in quorum.missing(asked) {
            let message = format!("{} must be invited ({}).", missing.word(), quorum.rule());
            findings.add("invitees", ProblemCode::NotQuorate, message);
        }
    }
    Ok(())
}

/// The allegation that a meeting about a professional is about. An Operations Manager calls it (WAR-SM-06), who reads the
/// allegation; whom it is about is not asked.
async fn about_professional(
    tx: &Tx,
    id: AllegationId,
    invitees: &[Invitee],
    findings: &mut Findings,
) -> Result<Option<allegation::Model>> {
    if !is_operations_manager(tx.who().role) {
        let message = "An Operations Manager calls a meeting about a professional (WAR-SM-06).";
        findings.add("allegationId", ProblemCode::RuleRefused, message);
        return Ok(None);
    }
    let Some(row) = tx.allegation_in_whole(id).await? else {
        findings.add("allegationId", ProblemCode::UnknownReference, "No such allegation.");
        return Ok(None);
    };
    if let Some(refusal) = of_allegation::MEET.refusal(row.status) {
        findings.add("allegationId", ProblemCode::AlreadyConcluded, refusal.message);
    }
    for (i, _) in invitees.iter().enumerate().filter(|(_, each)| each.practitioner == Some(row.subject_id)) {
        let field = format!("invitees.{i}.practitionerId");
        findings.add(field, ProblemCode::UnknownReference, "No such professional at this agency.");
    }
    Ok(Some(row))
}

async fn check_lead(
    tx: &Tx,
    lead: PractitionerId,
    posts: &[Post],
    about: Option<&allegation::Model>,
    findings: &mut Findings,
) -> Result<()> {
    if about.is_some_and(|row| row.subject_id == lead) {
        findings.add("leadId", ProblemCode::UnknownReference, "Nobody at your agency with a post that fits.");
        return Ok(());
    }
    check_colleague(tx, "leadId", lead, posts, findings).await
}

/// When what the invitations to a meeting at this instant opened closes; counted from when it was called, where that is
/// later: who is asked afterwards reads the record as long as the others do.
fn invitations_end(tx: &Tx, field: &str, (at, called_at): (DateTime<Utc>, DateTime<Utc>)) -> Result<DateTime<Utc>> {
    let day = london_day(at.max(called_at));
    deadlines::strategy_invitation_ends(&counting(tx, at), day).map_err(|e| beyond_calendar(field, e))
}

/// Input of [`record_outcome`].
#[derive(Clone, Debug)]
pub struct RecordOutcome {
    /// The meeting.
    pub id: StrategyMeetingId,
    /// The version the caller read.
    pub expected_version: i64,
    /// When it was held.
    pub held_at: DateTime<Utc>,
    /// What is handed out at the meeting.
    pub summary: String,
    /// The decision for each child.
    pub decisions: Vec<(ChildId, Decision)>,
    /// Each invited agency, and whether it took part; nothing where that is not known.
    pub attendance: Option<Vec<(AgencyId, Attendance)>>,
}

/// Records what a strategy meeting decided, for every child it is about, and who took part. One that went on without its
/// minimum is recorded like any other, and is flagged.
pub async fn record_outcome(scope: &Scoped, write: &Write, input: RecordOutcome) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("outcomeSummary", &input.summary, 10_000);
    let named: Vec<_> = input.decisions.iter().map(|(child, _)| *child).collect();
    findings.list("decisions", &named, 20);
    let tx = match scope.begin::<RecordStrategyMeetingOutcome>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let meeting = tx.lock::<entity::strategy_meeting::Entity>(input.id).await?;
    tx.keep_discreet(&meeting);
    let permit = tx.permit::<RecordStrategyMeetingOutcome, _>(meeting, &())?;
    findings.may("strategyMeetingId", &of_strategy_meeting::HOLD, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    if input.held_at > tx.who().at {
        findings.add("heldAt", ProblemCode::WrongTime, "A meeting is recorded after it was held.");
    }
    let about = tx.children_of_strategy_meeting(input.id).await?;
    // the case of none of them is closed meanwhile
    let children = tx.lock_children(&about).await?;
    if children.len() < about.len() {
        return Err(not_all_in_scope("decisions"));
    }
    check_held(&tx, (input.id, input.held_at), &children, &mut findings).await?;
    // for each child whether an enquiry begins (WAR-SM-17)
    every_child(&about, &named, "decisions", &mut findings);
    let about_professional = permit.row().allegation_id.is_some();
    if !about_professional {
        check_enquiries(&tx, london_day(input.held_at), &input.decisions, &mut findings).await?;
    }
    let quorate = match &input.attendance {
        Some(attendance) => Some(took_part(&tx, permit.row(), input.held_at, attendance, &mut findings).await?),
        None => None,
    };
    findings.into_result()?;
    let ends_at = invitations_end(&tx, "heldAt", (input.held_at, permit.row().called_at))?;
    let held = Held {
        at: input.held_at,
        summary: input.summary,
        attendance: input.attendance.unwrap_or_default(),
        quorate,
        invitations_end_at: ends_at,
    };
    tx.record_strategy_meeting_outcome(permit, held, &input.decisions).await?;
    let assessed = if about_professional {
        Vec::new()
    } else {
        due::strategy_meeting_held(&tx, input.id, input.held_at, &input.decisions).await?
    };
    let also = assessed.into_iter().map(Event::AssessmentStarted);
    tx.commit_with::<RecordStrategyMeetingOutcome>(Event::StrategyMeetingOutcomeRecorded(input.id), also).await
}

/// When a meeting was held: before it was called here as well, where it is written down afterwards, but not before the
/// contact that gave rise to it.
async fn check_held(
    tx: &Tx,
    (id, held_at): (StrategyMeetingId, DateTime<Utc>),
    children: &[entity::child::Model],
    findings: &mut Findings,
) -> Result<()> {
    let running = tx.open_deadlines_of_meeting(deadline::Kind::FirstStrategyMeeting, id).await?;
    if running.iter().any(|row| row.counted_from > held_at) {
        let message = "A meeting is not held before the contact that gave rise to it.";
        findings.add("heldAt", ProblemCode::WrongTime, message);
    }
    check_since_expected(tx, "heldAt", held_at, children, findings);
    Ok(())
}

/// Whether those who took part made the minimum: in person, by telephone or video, or by a deputy. Who was consulted only
/// is on the record, and is not counted (AMB-29). Where no minimum is set, none is missing.
async fn took_part(
    tx: &Tx,
    meeting: &entity::strategy_meeting::Model,
    held_at: DateTime<Utc>,
    attendance: &[(AgencyId, Attendance)],
    findings: &mut Findings,
) -> Result<bool> {
    let named: Vec<_> = attendance.iter().map(|(agency, _)| *agency).collect();
    findings.list("attendance", &named, 40);
    let invited = tx.invitations_to_strategy_meeting(meeting.id).await?;
    let invited: Vec<_> = invited.into_iter().map(|row| row.agency_id).collect();
    every_agency(&invited, &named, "attendance", findings);
    let kinds = tx.active_agencies(&named).await?;
    let seat = |(agency, attendance): &(AgencyId, Attendance)| {
        Some(Seat { agency: *agency, kind: kinds.get(agency)?.kind, attendance: *attendance })
    };
    // social care leads the meeting, and is there
    let lead = Seat { agency: meeting.agency_id, kind: Kind::Csc, attendance: Attendance::InPerson };
    let seats: Vec<_> = attendance.iter().filter_map(seat).chain([lead]).collect();
    let practice = tx.scope().store().practice();
    let quorum = practice.strategy_quorum(tx.profile().await?, london_day(held_at));
    Ok(quorum.is_none_or(|quorum| quorum.counts(&seats).is_met()))
}

/// An enquiry begins within an episode of need, where the child has any.
async fn check_enquiries(
    tx: &Tx,
    day: NaiveDate,
    decisions: &[(ChildId, Decision)],
    findings: &mut Findings,
) -> Result<()> {
    if !decisions.iter().any(|(_, decision)| begins_enquiry(*decision)) {
        return Ok(());
    }
    let named: Vec<_> = decisions.iter().map(|(child, _)| *child).collect();
    let histories = tx.histories(&named).await?;
    for (i, (child, _)) in decisions.iter().enumerate().filter(|(_, (_, decision))| begins_enquiry(*decision)) {
        let Some(history) = histories.get(child) else { continue };
        for message in episode::begins(history, Doing::Enquiry, day) {
            findings.add(format!("decisions.{i}.decision"), ProblemCode::RuleRefused, message);
        }
    }
    Ok(())
}
