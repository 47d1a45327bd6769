//! Delegated chairs: somebody else chairs a conference for a time.

use chrono::{DateTime, Utc};
use entity::id::{ChairDelegationId, ConferenceId, PractitionerId};

use super::checks::check_chair;
use super::{Done, Findings};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{DelegateChair, Delegation, EndChairDelegation};
use crate::practice::deadlines;
use crate::practice::states::of_conference;
use crate::store::delegation::NewDelegation;
use crate::store::{Begun, Scoped, Write};

/// Input of [`delegate`].
#[derive(Clone, Debug)]
pub struct Delegate {
    /// The conference.
    pub conference: ConferenceId,
    /// Who chairs meanwhile.
    pub practitioner: PractitionerId,
    /// Since when; now where nothing is said.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

/// Has somebody else chair a conference for a time.
pub async fn delegate(scope: &Scoped, write: &Write, input: Delegate) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, 500);
    let id = ChairDelegationId(scope.store().clock().new_id());
    let tx = match scope.begin::<DelegateChair>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::conference::Entity>(input.conference).await?;
    let facts = Delegation { chair: row.chair_id, delegate: input.practitioner };
    let permit = tx.permit::<DelegateChair, _>(row, &facts)?;
    let conference = permit.row();
    if let Some(refusal) = of_conference::DELEGATE.refusal(conference.status) {
        findings.add("conferenceId", ProblemCode::AlreadyConcluded, refusal.message);
    }
    let starts_at = input.starts_at.unwrap_or(tx.who().at);
    if starts_at < tx.who().at {
        findings.add("startsAt", ProblemCode::WrongTime, "A delegation begins now or later.");
    }
    // the posts at the conference end then, whatever becomes of it
    let latest = deadlines::conference_posts_end(london_day(conference.scheduled_at));
    if input.ends_at <= starts_at || input.ends_at > latest {
        let message = "After its beginning, and within three months of the conference.";
        findings.add("endsAt", ProblemCode::WrongTime, message);
    } else if tx.is_delegated(input.conference, starts_at, input.ends_at).await? {
        findings.add("startsAt", ProblemCode::AlreadyDone, "The chair is delegated already at that time.");
    }
    if input.practitioner == conference.chair_id {
        findings.add("practitionerId", ProblemCode::RuleRefused, "This is the chair of the conference.");
    }
    let children = tx.all_children_of_conference(input.conference).await?;
    check_chair(&tx, "practitionerId", input.practitioner, &children, &mut findings).await?;
    findings.into_result()?;
    let (practitioner, ends_at, reason) = (input.practitioner, input.ends_at, input.reason);
    let new = NewDelegation { id, practitioner, starts_at, ends_at, reason };
    tx.delegate_chair(permit, &children, new).await?;
    tx.commit::<DelegateChair>(Event::ChairDelegated(input.conference)).await
}

/// Ends a delegation now: the chair chairs again.
pub async fn end(scope: &Scoped, write: &Write, id: ChairDelegationId) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<EndChairDelegation>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::chair_delegation::Entity>(id).await?;
    let conference = tx.lock::<entity::conference::Entity>(row.conference_id).await?;
    let facts = Delegation { chair: conference.chair_id, delegate: row.practitioner_id };
    let permit = tx.permit::<EndChairDelegation, _>(row, &facts)?;
    if permit.row().ends_at <= tx.who().at {
        findings.add("chairDelegationId", ProblemCode::AlreadyDone, "It has ended already.");
    }
    findings.into_result()?;
    let conference = conference.id;
    tx.end_chair_delegation(permit).await?;
    tx.commit::<EndChairDelegation>(Event::ChairDelegationEnded(conference)).await
}
