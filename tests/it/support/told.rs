//! What the access model says of emergency access and of notices: who sees a use, and who is told of what.

use entity::designation::Kind::PrivacyOfficer;
use entity::emergency_access;
use entity::id::{AgencyId, ChildId, LocalAuthorityId, PractitionerId};
use entity::involvement::Basis;
use uuid::Uuid;

use super::expected::Eyes;

impl Eyes<'_> {
    pub(super) fn role_is(&self, roles: &[usize]) -> bool {
        self.role.is_some_and(|role| roles.contains(&role))
    }

    /// The privacy officer of the agency; the authority's social care has that of the agencies that have none but the
    /// person.
    fn answers_for(&self, person: PractitionerId, agency: AgencyId, authority: LocalAuthorityId) -> bool {
        let now = self.facts.now;
        let in_force = |d: &&entity::designation::Model| {
            d.kind == PrivacyOfficer && d.starts_at <= now && d.ends_at.is_none_or(|end| end > now)
        };
        let officers: Vec<_> = self.facts.designation.iter().filter(in_force).collect();
        let an_officer = officers.iter().any(|d| d.practitioner_id == self.who && d.agency_id == self.agency);
        let other = officers.iter().any(|d| d.agency_id == agency && d.practitioner_id != person);
        let in_its_place = self.role_is(&[0, 1, 2, 3, 4]) && authority == self.authority && !other;
        an_officer && person != self.who && (agency == self.agency || in_its_place)
    }

    /// The team manager for the team, the service manager for the agency.
    fn manages(&self, used: &emergency_access::Model) -> bool {
        let team = self.role_is(&[1]) && used.team_id.is_some() && used.team_id == self.team;
        used.agency_id == self.agency && (self.role_is(&[2]) || team)
    }

    /// A use of emergency access: the person's own; whose review it is; overdue, the service manager's as well.
    pub fn uses(&self) -> Vec<Uuid> {
        let seen = self.facts.emergency_access.iter().filter(|used| {
            if used.practitioner_id == self.who {
                return used.agency_id == self.agency && self.role_is(&[0, 1, 5, 6]);
            }
            let overdue = used.reviewed_at.is_none() && used.review_due_at <= self.facts.now;
            let escalated = overdue && self.role_is(&[2]) && used.local_authority_id == self.authority;
            !used.child_id.is_some_and(|child| self.closed.contains(&child))
                && (self.answers_for(used.practitioner_id, used.agency_id, used.local_authority_id)
                    || self.manages(used)
                    || escalated)
        });
        seen.map(|used| used.id.0).collect()
    }

    /// Notices: about a child to who leads its case, about staff to who answers for them; nobody of themselves.
    pub fn notices(&self) -> Vec<Uuid> {
        let facts = self.facts;
        let leads = |child: ChildId| {
            let mine = facts.involvement.iter().filter(|r| {
                r.child_id == child
                    && r.basis == Basis::AllocatedWorker
                    && r.starts_at <= facts.now
                    && r.ends_at.is_none_or(|end| end > facts.now)
            });
            !self.closed.contains(&child) && self.role_is(&[0, 1]) && mine.into_iter().any(|r| self.mine(r))
        };
        let seen = facts.notice.iter().filter(|notice| {
            let reviewed = facts.emergency_access.iter().find(|used| Some(used.id) == notice.emergency_access_id);
            let told = match notice.child_id {
                Some(child) => leads(child) && (notice.agency_id != self.agency || reviewed.is_some()),
                None => {
                    self.answers_for(notice.practitioner_id, notice.agency_id, notice.local_authority_id)
                        || reviewed.is_some_and(|used| self.manages(used))
                }
            };
            told && notice.practitioner_id != self.who && facts.now - notice.at <= chrono::Duration::days(28)
        });
        seen.map(|notice| notice.id.0).collect()
    }
}
