//! Who watches how the record is used: at which agencies alerts and reviews of access are read.

use entity::access_review_entry::{Answer, Kind};
use entity::id::PractitionerId;

use super::Standing;
use super::actions::Refusal;
use super::roles::Role;

/// The reach of a role that watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oversight {
    /// All agencies of the authority.
    Authority,
    /// The agency of the post, and where the duty of a privacy officer reaches.
    Agency,
    /// Where the duty of a privacy officer reaches, for those who hold it: the agency of the post; at social care also
    /// the agencies of the authority that have no privacy officer.
    Officer,
    /// Nothing.
    Nothing,
}

/// The reach of `role`.
pub const fn oversight(role: Role) -> Oversight {
    match role {
        Role::Auditor => Oversight::Authority,
        Role::ServiceManager => Oversight::Agency,
        Role::SocialWorker
        | Role::TeamManager
        | Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency => Oversight::Officer,
        Role::SystemAdmin | Role::AgencySystem => Oversight::Nothing,
    }
}

/// An entry of a review, as the decision to answer needs it.
#[derive(Clone, Copy, Debug)]
pub struct Reviewed {
    /// What it is.
    pub kind: Kind,
    /// Whose access it is, where a person is named.
    pub person: Option<PractitionerId>,
    /// What is to become of it.
    pub answer: Answer,
}

/// Service managers and privacy officers answer, auditors read; nobody about themselves. A conflict of interest is ended
/// by a manager.
pub(super) fn may_answer(who: &Standing, entry: &Reviewed) -> Result<(), Refusal> {
    if entry.person == Some(who.practitioner) {
        return Err("Nobody reviews their own access.");
    }
    match oversight(who.role) {
        Oversight::Authority => Err("Auditors read reviews; those who oversee an agency answer them."),
        Oversight::Nothing => Err("This post works with no child."),
        Oversight::Officer if entry.kind == Kind::Conflict && entry.answer == Answer::End => {
            Err("A manager ends a conflict of interest, and nobody their own.")
        }
        Oversight::Officer | Oversight::Agency => Ok(()),
    }
}
