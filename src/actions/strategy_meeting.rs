//! Calling a strategy meeting and recording what it decided.

use chrono::{DateTime, Utc};
use entity::id::{ChildId, PractitionerId, StrategyMeetingId};
use entity::strategy_meeting::Status;
use entity::strategy_meeting_child::Decision;

use super::{Done, Findings, expect_version, notice};
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{CallStrategyMeeting, RecordStrategyMeetingOutcome};
use crate::practice::quorum;
use crate::store::strategy_meeting::{Invitee, NewStrategyMeeting};
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
}

/// Calls a strategy meeting. Social care, police and health are there at the least (WAR-SM-08).
pub async fn call(scope: &Scoped, write: &Write, input: Call) -> Result<Done> {
    let mut findings = Findings::default();
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
    if input.scheduled_at < at - chrono::Duration::minutes(5) {
        findings.add("scheduledAt", ProblemCode::WrongTime, "A meeting is called for now or later.");
    }
    let there = tx.active_agencies(&agencies).await?;
    check_invitees(&tx, "invitees", &input.invitees, &there, &mut findings).await?;
    for missing in quorum::missing_from_strategy(there.values().map(|a| a.kind)) {
        findings.add("invitees", ProblemCode::NotQuorate, format!("{} must be invited (WAR-SM-08).", missing.word()));
    }
    let lead = input.lead.unwrap_or(tx.who().practitioner);
    check_colleague(&tx, "leadId", lead, &mut findings).await?;
    findings.into_result()?;
    let new = NewStrategyMeeting {
        id,
        reason: input.reason,
        lead,
        scheduled_at: input.scheduled_at,
        notice_working_days: notice("scheduledAt", at, input.scheduled_at)?,
        invitees: input.invitees,
    };
    tx.call_strategy_meeting(permit, new).await?;
    tx.commit::<CallStrategyMeeting>(Event::StrategyMeetingCalled(id)).await
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
}

/// Records what a strategy meeting decided, for every child it is about.
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
    let permit = tx.permit::<RecordStrategyMeetingOutcome, _>(meeting, &())?;
    if permit.row().status != Status::Called {
        findings.add("strategyMeetingId", ProblemCode::AlreadyConcluded, "The meeting was held or cancelled already.");
        return findings.into_result().map(|()| None);
    }
    expect_version(input.expected_version, permit.row().version)?;
    if input.held_at > tx.who().at {
        findings.add("heldAt", ProblemCode::WrongTime, "A meeting is recorded after it was held.");
    }
    every_child(&tx.children_of_strategy_meeting(input.id).await?, &named, "decisions", &mut findings);
    findings.into_result()?;
    tx.record_strategy_meeting_outcome(permit, input.held_at, input.summary, &input.decisions).await?;
    tx.commit::<RecordStrategyMeetingOutcome>(Event::StrategyMeetingOutcomeRecorded(input.id)).await
}

/// The children named, all of them in scope.
pub(super) async fn children(tx: &Tx, field: &str, ids: &[ChildId]) -> Result<Vec<entity::child::Model>> {
    let found = tx.children(ids).await?;
    for (i, id) in ids.iter().enumerate() {
        if !found.iter().any(|child| child.id == *id) {
            return Err(Error::problem(format!("{field}.{i}"), ProblemCode::UnknownReference, "No such child."));
        }
    }
    Ok(found)
}

/// Agencies named in the list `field` exist and are active; professionals named with them hold a post there.
pub(super) async fn check_invitees(
    tx: &Tx,
    field: &str,
    invitees: &[Invitee],
    there: &std::collections::HashMap<entity::id::AgencyId, entity::agency::Model>,
    findings: &mut Findings,
) -> Result<()> {
    let people: Vec<_> = invitees.iter().filter_map(|i| i.practitioner).collect();
    let posts = tx.posts_of(&people).await?;
    for (i, invitee) in invitees.iter().enumerate() {
        check_invitee(&posts, there, &format!("{field}.{i}."), *invitee, findings);
    }
    Ok(())
}

/// One agency named in the fields `{prefix}agencyId` and `{prefix}practitionerId`.
pub(super) fn check_invitee(
    posts: &[entity::appointment::Model],
    there: &std::collections::HashMap<entity::id::AgencyId, entity::agency::Model>,
    prefix: &str,
    invitee: Invitee,
    findings: &mut Findings,
) {
    if !there.contains_key(&invitee.agency) {
        findings.add(format!("{prefix}agencyId"), ProblemCode::UnknownReference, "No such agency.");
    }
    let holds = |person| posts.iter().any(|p| p.practitioner_id == person && p.agency_id == invitee.agency);
    if invitee.practitioner.is_some_and(|person| !holds(person)) {
        let field = format!("{prefix}practitionerId");
        findings.add(field, ProblemCode::UnknownReference, "No such professional at this agency.");
    }
}

/// A professional named holds a post at the caller's agency.
pub(super) async fn check_colleague(
    tx: &Tx,
    field: &str,
    person: PractitionerId,
    findings: &mut Findings,
) -> Result<()> {
    let posts = tx.posts_of(&[person]).await?;
    if !posts.iter().any(|post| post.agency_id == tx.who().agency) {
        findings.add(field, ProblemCode::UnknownReference, "No such professional at your agency.");
    }
    Ok(())
}

/// Every child of the meeting is named, and no other.
pub(super) fn every_child(of_meeting: &[ChildId], named: &[ChildId], field: &str, findings: &mut Findings) {
    for (i, child) in named.iter().enumerate() {
        if !of_meeting.contains(child) {
            findings.add(
                format!("{field}.{i}.childId"),
                ProblemCode::UnknownReference,
                "The meeting is not about them.",
            );
        }
    }
    if of_meeting.iter().any(|child| !named.contains(child)) {
        findings.add(field, ProblemCode::Required, "Every child of the meeting needs an entry.");
    }
}
