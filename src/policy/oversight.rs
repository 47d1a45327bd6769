//! Who watches how the record is used: at which agencies alerts and reviews of access are read.

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
