//! Calling a strategy meeting and recording what it decided.

use chrono::{DateTime, NaiveDate, Utc};
use entity::allegation;
use entity::appointment::Post;
use entity::id::{AllegationId, ChildId, PractitionerId, StrategyMeetingId};
use entity::involvement::Basis;
use entity::strategy_meeting_child::Decision;

use super::checks::{check_colleague, check_grantees, check_invitees, children, every_child, grants, not_all_in_scope};
use super::{Done, Findings, beyond_calendar, due, expect_version, notice};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{CallStrategyMeeting, RecordStrategyMeetingOutcome};
use crate::policy::allegation::is_operations_manager;
use crate::practice::deadlines;
use crate::practice::episode::{self, Doing};
use crate::practice::outcomes::begins_enquiry;
use crate::practice::quorum::Quorum;
use crate::practice::states::{of_allegation, of_strategy_meeting};
use crate::store::invitee::Invitee;
use crate::store::strategy_meeting::NewStrategyMeeting;
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
}

/// The posts that lead a strategy meeting.
const LEADS: &[Post] = &[Post::SocialWorker, Post::TeamManager, Post::ServiceManager];
/// The post that leads one about a professional (WAR-SM-06).
const LEADS_ABOUT_PROFESSIONALS: &[Post] = &[Post::ServiceManager];

/// Calls a strategy meeting. Who has to be there at the least, the authority says; everywhere social care, police and
/// health.
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
    if input.scheduled_at < at - chrono::Duration::minutes(5) {
        findings.add("scheduledAt", ProblemCode::WrongTime, "A meeting is called for now or later.");
    }
    if input.contact_received_at.is_some_and(|received| received > at) {
        findings.add("contactReceivedAt", ProblemCode::WrongTime, "A contact was received before now.");
    }
    let there = tx.active_agencies(&agencies).await?;
    check_invitees(&tx, "invitees", &input.invitees, &there, &mut findings).await?;
    let allegation = match input.allegation {
        Some(id) => about_professional(&tx, id, &input.invitees, &mut findings).await?,
        None => None,
    };
    let practice = scope.store().practice();
    if let Some(quorum) = practice.strategy_quorum(tx.profile().await?, london_day(at)).filter(Quorum::refuses) {
        for missing in quorum.missing(there.values().map(|a| a.kind)) {
            let message = format!("{} must be invited ({}).", missing.word(), quorum.rule());
            findings.add("invitees", ProblemCode::NotQuorate, message);
        }
    }
    check_grantees(
        &tx,
        &input.children,
        &grants("invitees", &input.invitees, Basis::StrategyInvitation),
        &mut findings,
    )
    .await?;
    let lead = input.lead.unwrap_or(tx.who().practitioner);
    let leads = if input.allegation.is_some() { LEADS_ABOUT_PROFESSIONALS } else { LEADS };
    check_lead(&tx, lead, leads, allegation.as_ref(), &mut findings).await?;
    findings.into_result()?;
    let new = NewStrategyMeeting {
        id,
        reason: input.reason,
        lead,
        scheduled_at: input.scheduled_at,
        notice_working_days: notice(tx.calendar(), "scheduledAt", at, input.scheduled_at)?,
        invitees: input.invitees,
        allegation,
        invitations_end_at: invitations_end(&tx, "scheduledAt", input.scheduled_at)?,
    };
    tx.call_strategy_meeting(permit, new).await?;
    // a meeting about a professional has clocks of its own, and the record of the child does not tell of it
    if let Some(at) = input.contact_received_at.filter(|_| input.allegation.is_none()) {
        due::strategy_meeting_called(&tx, id, &input.children, at).await?;
    }
    tx.commit::<CallStrategyMeeting>(Event::StrategyMeetingCalled(id)).await
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

/// When what the invitations to a meeting at this instant opened closes.
fn invitations_end(tx: &Tx, field: &str, at: DateTime<Utc>) -> Result<DateTime<Utc>> {
    deadlines::strategy_invitation_ends(tx.calendar(), london_day(at)).map_err(|e| beyond_calendar(field, e))
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
    tx.keep_discreet(&meeting);
    let permit = tx.permit::<RecordStrategyMeetingOutcome, _>(meeting, &())?;
    findings.may("strategyMeetingId", &of_strategy_meeting::HOLD, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    if input.held_at > tx.who().at {
        findings.add("heldAt", ProblemCode::WrongTime, "A meeting is recorded after it was held.");
    }
    if london_day(input.held_at) < london_day(permit.row().called_at) {
        findings.add("heldAt", ProblemCode::WrongTime, "A meeting is held on the day it is called, or later.");
    }
    let about = tx.children_of_strategy_meeting(input.id).await?;
    // the case of none of them is closed meanwhile
    if tx.lock_children(&about).await?.len() < about.len() {
        return Err(not_all_in_scope("decisions"));
    }
    // for each child whether an enquiry begins (WAR-SM-17)
    every_child(&about, &named, "decisions", &mut findings);
    let about_professional = permit.row().allegation_id.is_some();
    if !about_professional {
        check_enquiries(&tx, london_day(input.held_at), &input.decisions, &mut findings).await?;
    }
    findings.into_result()?;
    let ends_at = invitations_end(&tx, "heldAt", input.held_at)?;
    tx.record_strategy_meeting_outcome(permit, input.held_at, input.summary, &input.decisions, ends_at).await?;
    if !about_professional {
        due::strategy_meeting_held(&tx, input.id, input.held_at, &input.decisions).await?;
    }
    tx.commit::<RecordStrategyMeetingOutcome>(Event::StrategyMeetingOutcomeRecorded(input.id)).await
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
