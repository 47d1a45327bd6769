//! What several mutations ask of their input: children in scope, agencies and people that are there.

use std::collections::HashMap;

use entity::id::{AgencyId, ChildId, PractitionerId};

use super::Findings;
use crate::error::{Error, ProblemCode, Result};
use crate::store::Tx;
use crate::store::invitee::Invitee;

/// Agencies that were found, by their id.
pub(super) type Agencies = HashMap<AgencyId, entity::agency::Model>;

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
    there: &Agencies,
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
    there: &Agencies,
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
