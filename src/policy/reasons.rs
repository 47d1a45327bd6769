//! When a reader must say why.

use super::roles::Role;

/// Whether a role that opens the record of a single child must say why where neither the person nor the person's team
/// is allocated to it. Partners reach what they are involved with, social workers their own children, team managers
/// those of their team, chairs and minute takers their conferences: all of these are allocations. The service manager
/// alone reaches children of the authority that others hold.
pub const fn unallocated_needs_reason(role: Role) -> bool {
    match role {
        Role::ServiceManager => true,
        Role::SocialWorker
        | Role::TeamManager
        | Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => false,
    }
}
