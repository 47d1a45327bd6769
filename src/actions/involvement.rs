//! Granting and ending relationships to a child.

use chrono::{DateTime, Utc};
use entity::id::{AgencyId, ChildId, InvolvementId, PractitionerId, TeamId};
use entity::involvement::Basis;

use super::checks::check_invitee;
use super::{Done, Findings};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{EndInvolvement, GrantInvolvement, Grantee, MarkLocating};
use crate::store::invitee::Invitee;
use crate::store::involvement::NewInvolvement;
use crate::store::{Begun, Scoped, Tx, Write};

/// Input of [`grant`].
#[derive(Clone, Debug)]
pub struct Grant {
    /// The child.
    pub child: ChildId,
    /// The agency.
    pub agency: AgencyId,
    /// The professional, where one is named.
    pub practitioner: Option<PractitionerId>,
    /// Since when; now where nothing is said.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether the agency tells where the child is.
    pub locates: bool,
    /// Why.
    pub reason: String,
}

/// Grants an agency, or one of its people, a relationship to a child. At the caller's own agency it is the allocation
/// of a social worker, who is named.
pub async fn grant(scope: &Scoped, write: &Write, input: Grant) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, 500);
    let id = InvolvementId(scope.store().clock().new_id());
    let tx = match scope.begin::<GrantInvolvement>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let child = tx.lock::<entity::child::Entity>(input.child).await?;
    let grantee = Grantee { agency: input.agency, practitioner: input.practitioner };
    let permit = tx.permit::<GrantInvolvement, _>(child, &grantee)?;
    let invitee = Invitee { agency: input.agency, practitioner: input.practitioner };
    let there = tx.active_agencies(&[input.agency]).await?;
    let named: Vec<_> = input.practitioner.into_iter().collect();
    check_invitee(&tx.posts_of(&named).await?, &there, "", invitee, &mut findings);
    let at = tx.who().at;
    let starts_at = input.starts_at.unwrap_or(at);
    // what was is not opened afterwards: a relationship begins now or later
    if starts_at < at {
        findings.add("startsAt", ProblemCode::WrongTime, "A relationship begins now or later.");
    }
    if input.ends_at.is_some_and(|ends| ends <= starts_at) {
        findings.add("endsAt", ProblemCode::WrongTime, "After its beginning.");
    }
    let allocation = input.agency == tx.who().agency;
    if allocation && input.practitioner.is_none() {
        findings.add("practitionerId", ProblemCode::Required, "Name the worker who is allocated.");
    }
    let basis = if allocation { Basis::AllocatedWorker } else { Basis::Agency };
    if tx.is_involved(input.child, invitee, basis, (starts_at, input.ends_at)).await? {
        findings.add(
            "agencyId",
            ProblemCode::AlreadyDone,
            "This relationship is in force then, for some time at least.",
        );
    }
    if let Some(ends_at) = input.ends_at.filter(|_| allocation) {
        check_successor(&tx, input.child, None, ends_at, &mut findings).await?;
    }
    findings.into_result()?;
    let team = if allocation { team_of(&tx, input.practitioner).await? } else { None };
    let (ends_at, locates) = (input.ends_at, input.locates);
    let new = NewInvolvement { id, invitee, team, basis, starts_at, ends_at, locates, reason: input.reason };
    tx.grant_involvement(permit, new).await?;
    tx.commit::<GrantInvolvement>(Event::InvolvementGranted(id)).await
}

/// The team of a worker who is allocated: the worker's own where the caller manages it, or the first of the caller's.
async fn team_of(tx: &Tx, worker: Option<PractitionerId>) -> Result<Option<TeamId>> {
    let who = tx.who();
    let named: Vec<_> = worker.into_iter().collect();
    let posts = tx.posts_of(&named).await?;
    let mut theirs = posts.iter().filter(|post| post.agency_id == who.agency).filter_map(|post| post.team_id);
    let managed = theirs.find(|team| who.teams.contains(team));
    Ok(managed.or_else(|| who.teams.first().copied()))
}

/// A child is never left to nobody: a team manager reaches it by its allocations only, and could not allocate again.
async fn check_successor(
    tx: &Tx,
    child: ChildId,
    but: Option<InvolvementId>,
    ends_at: DateTime<Utc>,
    findings: &mut Findings,
) -> Result<()> {
    if !tx.is_succeeded(child, but, ends_at).await? {
        let message = "Nobody would have the child then: allocate a successor first, from that instant or earlier.";
        findings.add("endsAt", ProblemCode::RuleRefused, message);
    }
    Ok(())
}

/// Input of [`end`].
#[derive(Clone, Debug)]
pub struct End {
    /// The relationship.
    pub id: InvolvementId,
    /// When it ends; now where nothing is said.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Ends a relationship to a child. What an invitation or a post at a meeting gave ends with the meeting.
pub async fn end(scope: &Scoped, write: &Write, input: End) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<EndInvolvement>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::involvement::Entity>(input.id).await?;
    let grantee = Grantee { agency: row.agency_id, practitioner: row.practitioner_id };
    let permit = tx.permit::<EndInvolvement, _>(row, &grantee)?;
    let at = tx.who().at;
    let ends_at = input.ends_at.unwrap_or(at);
    if ends_at < at {
        findings.add("endsAt", ProblemCode::WrongTime, "A relationship ends now or later.");
    }
    if permit.row().ends_at.is_some_and(|ends| ends <= at) {
        findings.add("involvementId", ProblemCode::AlreadyDone, "It has ended already.");
    } else if permit.row().ends_at.is_some_and(|ends| ends < ends_at) {
        findings.add("endsAt", ProblemCode::WrongTime, "It ends sooner already; ending it does not prolong it.");
    }
    match permit.row().basis {
        Basis::AllocatedWorker | Basis::Agency | Basis::Referrer | Basis::CoreGroup | Basis::PlanAction => {}
        Basis::StrategyInvitation
        | Basis::ConferenceInvitation
        | Basis::Chair
        | Basis::MinuteTaker
        | Basis::BreakGlass => {
            findings.add("involvementId", ProblemCode::RuleRefused, "It ends with what gave it.");
        }
    }
    if permit.row().basis == Basis::AllocatedWorker {
        // two that end two allocations at once wait for each other at the child
        let child = tx.lock::<entity::child::Entity>(permit.row().child_id).await?;
        check_successor(&tx, child.id, Some(input.id), ends_at, &mut findings).await?;
    }
    findings.into_result()?;
    tx.end_involvement(permit, ends_at).await?;
    tx.commit::<EndInvolvement>(Event::InvolvementEnded(input.id)).await
}

/// Says of a relationship whether its agency tells where a child is.
pub async fn mark_locating(scope: &Scoped, write: &Write, id: InvolvementId, locates: bool) -> Result<Done> {
    let tx = match scope.begin::<MarkLocating>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::involvement::Entity>(id).await?;
    let permit = tx.permit::<MarkLocating, _>(row, &())?;
    tx.mark_locating(permit, locates).await?;
    tx.commit::<MarkLocating>(Event::InvolvementMarked(id)).await
}
