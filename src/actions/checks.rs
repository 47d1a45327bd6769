//! What several mutations ask of their input: children in scope, agencies and people that are there.

use std::collections::HashMap;

use chrono::{DateTime, Months, NaiveDate, Utc};
use entity::appointment::Post;
use entity::conference;
use entity::id::{AgencyId, ChildId, PractitionerId};
use entity::involvement::Basis;

use super::Findings;
use crate::clock::london_day;
use crate::error::{Error, ProblemCode, Result};
use crate::practice::outcomes::may_be_held_on;
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

/// A professional named holds one of these posts at the caller's agency.
pub(super) async fn check_colleague(
    tx: &Tx,
    field: &str,
    person: PractitionerId,
    posts: &[Post],
    findings: &mut Findings,
) -> Result<()> {
    let held = tx.posts_of(&[person]).await?;
    if !held.iter().any(|post| post.agency_id == tx.who().agency && posts.contains(&post.post)) {
        findings.add(field, ProblemCode::UnknownReference, "Nobody at your agency with a post that fits.");
    }
    Ok(())
}

/// A chair, named in the input by `field`, holds the post of a chair and is independent of the case: neither allocated to
/// a child, nor manager of a team that is, nor a service manager. A conflict of interest is not asked for: it closes the
/// conference to the chair anyway, and to refuse it here would tell of it.
pub(super) async fn check_chair(
    tx: &Tx,
    field: &str,
    chair: PractitionerId,
    children: &[ChildId],
    findings: &mut Findings,
) -> Result<()> {
    let mut posts = tx.posts_of(&[chair]).await?;
    posts.retain(|post| post.agency_id == tx.who().agency);
    if !posts.iter().any(|post| post.post == Post::Chair) {
        findings.add(field, ProblemCode::UnknownReference, "No such conference chair at your agency.");
    }
    let allocations = tx.allocations(children).await?;
    let manages = |post: &entity::appointment::Model| match post.post {
        Post::ServiceManager => true,
        Post::TeamManager => allocations.iter().any(|row| row.team_id.is_some() && row.team_id == post.team_id),
        _ => false,
    };
    let works_the_case = allocations.iter().any(|row| row.practitioner_id == Some(chair));
    if posts.iter().any(manages) || works_the_case {
        let message = "A chair is independent of the line management of the case.";
        findings.add(field, ProblemCode::RuleRefused, message);
    }
    Ok(())
}

/// Nobody grants themselves a relationship: where the caller is among those `given` one, by the field, the caller is
/// named for each of the children already. A post at a conference is given to who holds that post, and what opens the
/// record is given to who is named by something that does.
pub(super) async fn check_grantees(
    tx: &Tx,
    children: &[ChildId],
    given: &[(String, Invitee, Basis)],
    findings: &mut Findings,
) -> Result<()> {
    let me = tx.who().practitioner;
    let to_me: Vec<_> = given.iter().filter(|(_, invitee, _)| invitee.practitioner == Some(me)).collect();
    if to_me.is_empty() {
        return Ok(());
    }
    let held = tx.own_relationships(children).await?;
    let carries = |held: Basis, given: Basis| match (held, given) {
        (Basis::Chair | Basis::MinuteTaker, given) => held == given,
        // one hour in an emergency does not become weeks
        (Basis::BreakGlass, _) | (_, Basis::Chair | Basis::MinuteTaker) => false,
        _ => true,
    };
    for (field, invitee, basis) in to_me {
        let has = |child: &ChildId| {
            held.iter()
                .any(|row| row.child_id == *child && row.agency_id == invitee.agency && carries(row.basis, *basis))
        };
        if !children.iter().all(has) {
            findings.add(field, ProblemCode::RuleRefused, "Nobody grants themselves a relationship.");
        }
    }
    Ok(())
}

/// What [`check_grantees`] asks of the invitees of a list: each with the field that names the person.
pub(super) fn grants(field: &str, invitees: &[Invitee], basis: Basis) -> Vec<(String, Invitee, Basis)> {
    let each = |(i, invitee): (usize, &Invitee)| (format!("{field}.{i}.practitionerId"), *invitee, basis);
    invitees.iter().enumerate().map(each).collect()
}

/// The refusal of who records about some children of a meeting only; it says nothing of the others.
pub(super) fn not_all_in_scope(field: &str) -> Error {
    let message =
        "The meeting is about a child you do not work with; a colleague who works with all of them records it.";
    Error::problem(field, ProblemCode::RuleRefused, message)
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

/// The actions of a plan, in the list `field`: each says what, and by which agency that is there.
pub(super) async fn check_actions(
    tx: &Tx,
    field: &str,
    actions: &[(String, AgencyId, NaiveDate)],
    findings: &mut Findings,
) -> Result<()> {
    let agencies: Vec<_> = actions.iter().map(|(_, agency, _)| *agency).collect();
    let there = tx.active_agencies(&agencies).await?;
    for (i, (what, agency, _)) in actions.iter().enumerate() {
        findings.text(&format!("{field}.{i}.description"), what, 1000);
        if !there.contains_key(agency) {
            let field = format!("{field}.{i}.ownerAgencyId");
            findings.add(field, ProblemCode::UnknownReference, "No such agency.");
        }
    }
    Ok(())
}

/// How long before a child is born it can be spoken of.
const BEFORE_BIRTH: Months = Months::new(10);

/// What is written down after it happened, however late that is: it was not before any of these children was expected. What
/// is today is never too soon, whatever is recorded of a birth.
pub(super) fn check_since_expected(
    tx: &Tx,
    field: &str,
    at: DateTime<Utc>,
    children: &[entity::child::Model],
    findings: &mut Findings,
) {
    let opening = tx.scope().disclosure(None);
    let since = |child: &entity::child::Model| {
        let born = child.born_on.open(&opening).copied().flatten();
        born.or_else(|| child.expected_on.open(&opening).copied().flatten())?.checked_sub_months(BEFORE_BIRTH)
    };
    let (day, today) = (london_day(at), london_day(tx.who().at));
    if children.iter().filter_map(since).any(|since| day < since.min(today)) {
        findings.add(field, ProblemCode::WrongTime, "That was before a child it is about was expected.");
    }
}

/// When those who are asked to a meeting heard of it: now where nothing is said. Only what is written down afterwards says
/// otherwise, since nobody is asked to a meeting to come but by this.
pub(super) fn asked_at(
    (field, given): (&str, Option<DateTime<Utc>>),
    scheduled_at: DateTime<Utc>,
    now: DateTime<Utc>,
    findings: &mut Findings,
) -> DateTime<Utc> {
    if given.is_some_and(|at| at > now || scheduled_at > now || at > scheduled_at) {
        let message = "Said of a meeting that was held already: who was asked to it heard of it before it.";
        findings.add(field, ProblemCode::WrongTime, message);
    }
    given.unwrap_or(now)
}

/// An entry for every agency that was invited, and for no other. `named` are those of the list `field`.
pub(super) fn every_agency(invited: &[AgencyId], named: &[AgencyId], field: &str, findings: &mut Findings) {
    for (i, _) in named.iter().enumerate().filter(|(_, agency)| !invited.contains(agency)) {
        let field = format!("{field}.{i}.agencyId");
        findings.add(field, ProblemCode::UnknownReference, "This agency was not invited.");
    }
    if invited.iter().any(|agency| !named.contains(agency)) {
        findings.add(field, ProblemCode::Required, "Every invited agency needs an entry.");
    }
}

/// A day on which a conference of this kind may be held.
pub(super) fn check_day(kind: conference::Kind, scheduled_at: DateTime<Utc>, findings: &mut Findings) {
    if !may_be_held_on(kind, london_day(scheduled_at)) {
        findings.add("scheduledAt", ProblemCode::RuleRefused, "An initial conference is not on a weekend (rule 8875).");
    }
}
