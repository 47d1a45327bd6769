//! Shares between authorities: who reads one, and who does what about it. `store::visible::transfer` renders the first as
//! SQL.

use entity::id::{AgencyId, PractitionerId};

use super::Standing;
use super::actions::Refusal;
use super::decision::{ChildFacts, Decision, Ground, reaches};
use super::roles::Role;

/// What bears on a share.
#[derive(Clone, Copy, Debug)]
pub struct ShareFacts<'f> {
    /// The child.
    pub child: &'f ChildFacts,
    /// The social care that has the child.
    pub from: AgencyId,
    /// The social care that is to have the child.
    pub to: AgencyId,
    /// Whom it allocates, once accepted.
    pub worker: Option<PractitionerId>,
    /// True once it was taken back.
    pub withdrawn: bool,
}

/// True for posts that hold the case of a child at social care.
pub const fn holds_cases(role: Role) -> bool {
    matches!(role, Role::SocialWorker | Role::TeamManager | Role::ServiceManager)
}

/// True for posts that give and take cases.
pub const fn manages_cases(role: Role) -> bool {
    matches!(role, Role::TeamManager | Role::ServiceManager)
}

/// The managers of the receiving social care and the worker they name; at the sharing one those who have the child.
pub(super) fn share(who: &Standing, share: &ShareFacts<'_>) -> Decision {
    let receives = who.agency == share.to
        && !share.withdrawn
        && (manages_cases(who.role) || (holds_cases(who.role) && share.worker == Some(who.practitioner)));
    let gives = who.agency == share.from && holds_cases(who.role) && reaches(who, share.child);
    Decision::when(receives || gives, Ground::Relationship)
}

pub(super) fn may_share(who: &Standing) -> Result<(), Refusal> {
    if manages_cases(who.role) {
        Ok(())
    } else {
        Err("A manager of social care shares a child with another authority.")
    }
}

pub(super) fn may_withdraw(who: &Standing, from: AgencyId) -> Result<(), Refusal> {
    if manages_cases(who.role) && who.agency == from {
        Ok(())
    } else {
        Err("The managers of the social care that shared it take it back.")
    }
}

pub(super) fn may_accept(who: &Standing, to: AgencyId) -> Result<(), Refusal> {
    if manages_cases(who.role) && who.agency == to {
        Ok(())
    } else {
        Err("The managers of the receiving social care accept a share.")
    }
}
