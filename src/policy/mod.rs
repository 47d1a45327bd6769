//! Who may see and do what: pure decisions over facts, no database and no clock of its own.
//!
//! [`roles`] names the roles, [`visibility`] says which rows a standing reaches, [`disclosure`] which information
//! categories it opens on a row, [`actions`] what it may do to a row it sees; [`decision`] decides about one row from facts,
//! [`emergency`] about emergency access and who hears of it.

pub mod actions;
pub mod allegation;
pub mod decision;
pub mod disclosure;
pub mod emergency;
pub mod exports;
pub mod limits;
pub mod oversight;
pub mod reasons;
pub mod records;
pub mod roles;
pub mod transfer;
pub mod visibility;

use chrono::{DateTime, Utc};
use entity::agency::ScopeMode;
use entity::designation;
use entity::id::{AgencyId, LocalAuthorityId, PractitionerId, TeamId};

use self::roles::Role;

/// One person in one post at one agency, as the database confirmed it for one request.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The person, or the system that speaks for the agency.
    pub practitioner: PractitionerId,
    /// The agency the post is at.
    pub agency: AgencyId,
    /// The authority the agency works for.
    pub authority: LocalAuthorityId,
    /// The teams of the post; several where a manager has several.
    pub teams: Vec<TeamId>,
    /// The role the post gives.
    pub role: Role,
    /// Whether relationships of the agency open children to the whole agency.
    pub scope_mode: ScopeMode,
    /// True for the safeguarding lead: the desk that reads for the whole of an agency in NAMED mode.
    pub desk: bool,
    /// The duties held at the agency beside the post; see [`Standing::holds`].
    pub designations: Vec<designation::Kind>,
    /// Whether there is anything that is closed to this person alone.
    pub shut: Shut,
    /// True where each row is better asked by itself than all be found first that are in reach: along a list where relationships of
    /// the agency open very many children, which is read now and then, and wherever rows are named. A matter of speed alone.
    pub broad: bool,
    /// What is known of the rows that are asked for, where they stand beneath others; not of any other rows their rule asks.
    pub beneath: Option<Box<Beneath>>,
    /// The instant all decisions of this request are taken at.
    pub at: DateTime<Utc>,
}

/// Rows of a table stand beneath those of another, which were read under their own rule in the same statement: what `column`
/// names is seen, and is not asked about again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beneath {
    /// The table of the rows that are asked for.
    pub table: &'static str,
    /// Their column.
    pub column: &'static str,
    /// The table whose rows were read.
    pub of: &'static str,
}

/// What was read of a person together with the post: where a flag is down, as for nearly everybody, the rules that leave
/// such rows out would hold for every row, and are left out themselves. Like the post, it is that of the beginning of the
/// operation; one that changes something is under every rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shut {
    /// A conflict of interest of the person is in force.
    pub conflicts: bool,
    /// There is or was an allegation about the person, or about somebody at the agency.
    pub alleged: bool,
}

impl Standing {
    /// True if the same may concern both: what is closed to one of them alone is decided elsewhere.
    pub fn hears_like(&self, other: &Self) -> bool {
        let of = |who: &Self| (who.practitioner, who.agency, who.authority, who.role, who.scope_mode, who.desk);
        of(self) == of(other) && self.teams == other.teams && self.designations == other.designations
    }

    /// The same standing, for rows that are named and few: whatever it reaches beside them is not asked about.
    #[must_use]
    pub fn one_by_one(&self) -> Self {
        Self { broad: true, ..self.clone() }
    }

    /// The same standing, for rows beneath others.
    #[must_use]
    pub fn beneath(&self, beneath: Option<Beneath>) -> Self {
        Self { beneath: beneath.map(Box::new), ..self.clone() }
    }

    /// True for a team that the post is in.
    pub fn is_in(&self, team: Option<TeamId>) -> bool {
        team.is_some_and(|team| self.teams.contains(&team))
    }

    /// The duties held now. Posts that run or audit the machine, and systems, hold none.
    pub fn duties(&self) -> impl Iterator<Item = designation::Kind> {
        let can = !matches!(self.role, Role::SystemAdmin | Role::Auditor | Role::AgencySystem);
        self.designations.iter().copied().filter(move |_| can)
    }

    /// True if the person holds a duty now.
    pub fn holds(&self, duty: designation::Kind) -> bool {
        self.duties().any(|held| held == duty)
    }
}
