//! Emergency access: who may use it, who answers for whose use of it, who hears of it.

use chrono::{DateTime, Duration, Utc};
use entity::designation;
use entity::id::{AgencyId, LocalAuthorityId, PractitionerId, TeamId};
use entity::involvement::Basis;
use entity::notice::Kind;
use serde::Deserialize;

use super::Standing;
use super::decision::{ChildFacts, Decision, Ground, Relation};
use super::roles::Role;

/// How long emergency access lasts and how often it may be used.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmergencyLimits {
    /// Minutes for which what was found can be read.
    pub minutes: u32,
    /// Uses by one person within `within_hours`; what found nobody is a use like any other.
    pub uses: u32,
    /// The hours in which uses are counted.
    pub within_hours: u32,
    /// Working days in which a use is reviewed.
    pub review_working_days: u32,
    /// Characters of the explanation at the least.
    pub reason_characters: u32,
}

impl Default for EmergencyLimits {
    fn default() -> Self {
        Self { minutes: 60, uses: 3, within_hours: 24, review_working_days: 2, reason_characters: 20 }
    }
}

/// How long a notice can be read.
pub const NOTICE_DAYS: i64 = 28;

/// Notices since this instant can be read.
pub fn notices_since(at: DateTime<Utc>) -> DateTime<Utc> {
    at - Duration::days(NOTICE_DAYS)
}

/// What the token of a caller says for emergency access.
#[derive(Clone, Copy, Debug)]
pub struct Assurance {
    /// Its scope contains `emergency`.
    pub emergency: bool,
    /// The person signed in with more than one factor.
    pub mfa: bool,
}

impl Assurance {
    /// True if emergency access may be used, and its findings read, with such a token.
    pub const fn suffices(self) -> bool {
        self.emergency && self.mfa
    }
}

/// The roles whose duty can be an emergency.
pub const fn may_break_glass(role: Role) -> bool {
    match role {
        Role::SocialWorker | Role::TeamManager | Role::Police | Role::Health => true,
        Role::ServiceManager
        | Role::Chair
        | Role::MinuteTaker
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => false,
    }
}

/// Whose deed it was, and whether somebody at the same agency answers for it.
#[derive(Clone, Copy, Debug)]
pub struct Staff {
    /// The person.
    pub practitioner: PractitionerId,
    /// The agency.
    pub agency: AgencyId,
    /// The authority the agency works for.
    pub authority: LocalAuthorityId,
    /// True if the agency has a privacy officer in a post now who is not the person.
    pub has_officer: bool,
}

/// What bears on a use of emergency access.
#[derive(Clone, Copy, Debug)]
pub struct AccessFacts<'f> {
    /// Who used it.
    pub staff: Staff,
    /// The team of their post.
    pub team: Option<TeamId>,
    /// Whom it found.
    pub child: Option<&'f ChildFacts>,
    /// When its review is due.
    pub review_due_at: DateTime<Utc>,
    /// True once it was reviewed.
    pub reviewed: bool,
}

/// What bears on a notice.
#[derive(Clone, Copy, Debug)]
pub struct NoticeFacts<'f> {
    /// What it tells.
    pub kind: Kind,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Of whose deed.
    pub staff: Staff,
    /// The team of their post, where it tells of emergency access.
    pub team: Option<TeamId>,
    /// The child, in notices to those who lead its case.
    pub child: Option<&'f ChildFacts>,
}

/// True for the privacy officer who answers for somebody's use of the record: the one of their agency, or the one of
/// the authority's social care where the agency has none. Nobody answers for themselves.
fn officer_for(who: &Standing, staff: &Staff) -> bool {
    let of_authority = who.role.holds_a_social_care_post() && who.authority == staff.authority && !staff.has_officer;
    who.practitioner != staff.practitioner
        && who.holds(designation::Kind::PrivacyOfficer)
        && (who.agency == staff.agency || of_authority)
}

/// True for the managers of social care who may review what their own people did: of the team, or of the service.
fn manager_of(who: &Standing, staff: &Staff, team: Option<TeamId>) -> bool {
    who.practitioner != staff.practitioner
        && who.agency == staff.agency
        && (who.role == Role::ServiceManager || who.role == Role::TeamManager && who.is_in(team))
}

/// True if `who` may review a use of emergency access.
pub fn reviews(who: &Standing, access: &AccessFacts<'_>) -> bool {
    officer_for(who, &access.staff) || manager_of(who, &access.staff, access.team)
}

/// Who sees a use of emergency access: the person; who may review it; the service manager once the review is overdue.
pub(super) fn access(who: &Standing, access: &AccessFacts<'_>) -> Decision {
    let staff = &access.staff;
    if who.practitioner == staff.practitioner {
        return Decision::when(who.agency == staff.agency && may_break_glass(who.role), Ground::Own);
    }
    let overdue = !access.reviewed && access.review_due_at <= who.at;
    let escalated = overdue && who.role == Role::ServiceManager && who.authority == staff.authority;
    Decision::when(reviews(who, access) || escalated, Ground::Duty)
}

/// Who sees a notice: about a child, those who lead its case; else who answers for the person it tells of.
pub(super) fn notice(who: &Standing, notice: &NoticeFacts<'_>) -> Decision {
    let staff = &notice.staff;
    if who.practitioner == staff.practitioner || notice.at < notices_since(who.at) {
        return Decision::DENIED;
    }
    let emergency = notice.kind == Kind::EmergencyAccess;
    if let Some(child) = notice.child {
        let told = emergency || staff.agency != who.agency;
        return Decision::when(told && leads(who, child), Ground::Relationship);
    }
    let managed = emergency && manager_of(who, staff, notice.team);
    Decision::when(officer_for(who, staff) || managed, Ground::Duty)
}

/// True for the allocated social worker and the manager of the team.
fn leads(who: &Standing, child: &ChildFacts) -> bool {
    let theirs = |relation: &Relation| match who.role {
        Role::SocialWorker => relation.practitioner == Some(who.practitioner),
        Role::TeamManager => who.is_in(relation.team),
        Role::ServiceManager
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
    };
    let lead = |r: &&Relation| r.basis == Basis::AllocatedWorker && r.agency == who.agency;
    child.relations.iter().filter(lead).any(|r| r.period.holds(who.at) && theirs(r))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_of_the_limits_stays_as_it_was() {
        let limits: EmergencyLimits = toml::from_str("uses = 1").unwrap();
        assert_eq!((limits.uses, limits.minutes, limits.within_hours), (1, 60, 24));
        assert!(toml::from_str::<EmergencyLimits>("use = 1").is_err());
    }

    #[test]
    fn one_half_of_the_assurance_is_none() {
        for (emergency, mfa) in [(false, false), (true, false), (false, true), (true, true)] {
            assert_eq!(Assurance { emergency, mfa }.suffices(), emergency && mfa);
        }
    }
}
