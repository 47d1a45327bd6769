//! What the access model says of allegations against professionals, and of the meetings about them.

use entity::designation::Kind::Lado;
use entity::id::AllegationId;
use entity::{allegation, event, strategy_meeting};
use uuid::Uuid;

use super::expected::Eyes;

impl Eyes<'_> {
    /// True for who holds the duty in a post of social care.
    pub(super) fn is_lado(&self) -> bool {
        let now = self.facts.now;
        let mine = self.facts.designation.iter().any(|d| {
            d.kind == Lado
                && d.practitioner_id == self.who
                && d.agency_id == self.agency
                && d.starts_at <= now
                && d.ends_at.is_none_or(|end| end > now)
        });
        mine && self.role.is_some_and(|role| role <= 4)
    }

    fn may_ever(&self, a: &allegation::Model) -> bool {
        self.role.is_some_and(|role| role < 10)
            && a.subject_id != self.who
            && !a.child_id.is_some_and(|child| self.closed.contains(&child))
    }

    /// The whole of it: the LADO, the leading service manager, and who is listed by name.
    pub(super) fn reads_allegation(&self, a: &allegation::Model) -> bool {
        let here = a.local_authority_id == self.authority;
        let leads = self.role == Some(2) && a.lead_id == Some(self.who);
        let listed = self.facts.reader_listing.iter().any(|l| l.allegation_id == Some(a.id) && self.on(l));
        self.may_ever(a) && (here && (self.is_lado() || leads) || listed)
    }

    /// Whether what comes from an allegation is for this reader; what comes from none is.
    pub(super) fn reads_of(&self, id: Option<AllegationId>) -> bool {
        id.is_none_or(|id| self.facts.allegation.iter().any(|a| a.id == id && self.reads_allegation(a)))
    }

    /// The allegations that are seen, by id: with those that this reader referred.
    pub(super) fn allegations(&self) -> Vec<Uuid> {
        let seen = self.facts.allegation.iter().filter(|a| {
            let referred = a.referred_by == self.who && a.referring_agency_id == self.agency;
            self.reads_allegation(a) || (self.may_ever(a) && referred)
        });
        seen.map(|a| a.id.0).collect()
    }

    /// Who referred it is told of that, and of nothing after it.
    pub(super) fn is_told_of(&self, e: &event::Model) -> bool {
        let referred = e.kind == event::Kind::AllegationReferred;
        self.reads_of(e.allegation_id) || (referred && e.allegation_id.is_some_and(|id| self.sees("allegation", id.0)))
    }

    /// A meeting about a professional: kept from that person, and from those who hold the record but who have nothing to
    /// do with it.
    pub(super) fn is_kept_from(&self, m: &strategy_meeting::Model) -> bool {
        let Some(id) = m.allegation_id else { return false };
        let about_me = self.facts.allegation.iter().any(|a| a.id == id && a.subject_id == self.who);
        let colleague = self.facts.allegation.iter().any(|a| a.id == id && a.subject_agency_id == self.agency);
        let asked = self.facts.involvement.iter().any(|r| {
            r.strategy_meeting_id == Some(m.id)
                && r.practitioner_id == Some(self.who)
                && r.agency_id == self.agency
                && r.starts_at <= self.facts.now
        });
        let record = self.role.is_some_and(|role| role <= 2);
        about_me || ((record || colleague) && !asked && m.lead_id != self.who && !self.reads_of(Some(id)))
    }
}
