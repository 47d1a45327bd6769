//! Which children a standing reaches. `store::visible` turns the answer into SQL.

use entity::agency::ScopeMode;
use entity::id::{AgencyId, PractitionerId, TeamId};

use super::Standing;
use super::roles::Role;

/// Whose involvement rows open children to a standing. Never optional: no reach is [`Visibility::Nothing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility<'s> {
    /// Children the person is involved with by name.
    Named(PractitionerId),
    /// Children one of these teams is involved with.
    Team(&'s [TeamId]),
    /// Children the agency is involved with.
    Agency(AgencyId),
    /// Children of the conferences the person chairs or minutes.
    Conferences(PractitionerId),
    /// Nobody.
    Nothing,
}

/// The reach of a standing.
pub const fn visibility(standing: &Standing) -> Visibility<'_> {
    match standing.role {
        Role::SocialWorker => Visibility::Named(standing.practitioner),
        Role::TeamManager => match standing.teams.as_slice() {
            [] => Visibility::Nothing,
            teams => Visibility::Team(teams),
        },
        Role::ServiceManager => Visibility::Agency(standing.agency),
        Role::Chair | Role::MinuteTaker => Visibility::Conferences(standing.practitioner),
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => {
            match standing.scope_mode {
                ScopeMode::Named if !standing.desk => Visibility::Named(standing.practitioner),
                ScopeMode::Agency | ScopeMode::Named => Visibility::Agency(standing.agency),
            }
        }
        // a system reaches the requests and reports of its agency (their own rule), never a child's record
        Role::AgencySystem | Role::SystemAdmin | Role::Auditor => Visibility::Nothing,
    }
}
