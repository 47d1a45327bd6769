//! Who is involved with which child, from when to when.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::id::{AgencyId, ConferenceId, InvolvementId, PractitionerId, StrategyMeetingId};
use entity::involvement::{self, Basis};
use entity::sealed::Sealed;
use rand::Rng;

use super::Maker;
use super::days::at;
use super::ids::mint;
use super::staff::Partner;
use super::story::{Family, Seat};

/// Why and from when somebody is involved.
#[derive(Clone, Copy)]
pub struct Ground {
    /// On what ground.
    pub basis: Basis,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// When it ended or will end.
    pub ends_at: Option<DateTime<Utc>>,
    /// The conference that gave it.
    pub conference: Option<ConferenceId>,
    /// The strategy meeting that gave it.
    pub strategy: Option<StrategyMeetingId>,
}

impl Ground {
    /// From `starts_at` on.
    pub const fn new(basis: Basis, starts_at: DateTime<Utc>) -> Self {
        Self { basis, starts_at, ends_at: None, conference: None, strategy: None }
    }
}

impl Family<'_> {
    /// The social care agency.
    pub fn csc(&self) -> AgencyId {
        self.place.agencies.first().map_or(AgencyId(uuid::Uuid::nil()), |partner| partner.id)
    }

    /// The agency at a seat.
    pub fn partner(&self, seat: usize) -> Option<(&Partner, Seat)> {
        let seat = *self.table.get(seat)?;
        Some((self.place.agencies.get(seat.partner)?, seat))
    }
}

impl Maker<'_> {
    /// The lasting relationships, and when they began: social workers one after the other, and the agencies that work with the children.
    pub fn involve(&mut self, family: &Family<'_>, since: NaiveDate, over: Option<NaiveDate>) -> DateTime<Utc> {
        let starts_at = self.days.office(self.rng, since);
        // agencies stay for some months after all is over
        let ended = over.map(|day| at(day + Duration::days(90), 17 * 60)).filter(|end| self.days.past(*end));
        for kid in 0..family.kids.len() {
            self.allocate(family, kid, starts_at, ended);
        }
        for seat in 1..family.table.len() {
            let ends_at = ended.or_else(|| self.leaves(family, starts_at));
            let ground = Ground { ends_at, ..Ground::new(Basis::Agency, starts_at) };
            self.seat_with_kids(family, seat, "Works with the family", &ground);
        }
        if !family.is_first {
            self.passing(family, starts_at);
        }
        starts_at
    }

    /// One agency in sixteen leaves before the rest do.
    fn leaves(&mut self, family: &Family<'_>, since: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if family.is_first || !self.rng.random_bool(0.06) {
            return None;
        }
        Some(since + Duration::days(self.rng.random_range(20..200))).filter(|at| self.days.past(*at))
    }

    fn allocate(&mut self, family: &Family<'_>, kid: usize, starts_at: DateTime<Utc>, ended: Option<DateTime<Utc>>) {
        let open = Ground { ends_at: ended, ..Ground::new(Basis::AllocatedWorker, starts_at) };
        let change = match self.rng.random_range(0..100) {
            _ if family.is_first => None,
            // before the present worker there was another
            0..15 => Some(starts_at + Duration::days(self.rng.random_range(10..160))).filter(|at| self.days.past(*at)),
            // the next one takes over in the days to come
            15..19 if ended.is_none() => {
                Some(self.days.start + Duration::days(self.rng.random_range(1..15)) + Duration::hours(9))
            }
            _ => None,
        };
        let Some(change) = change.filter(|at| ended.is_none_or(|end| *at < end)) else {
            return self.worker(family, kid, family.worker, &open);
        };
        let other = family.place.workers.get(self.rng.random_range(0..family.place.workers.len().max(1)));
        let other = other.copied().unwrap_or(family.worker);
        let (before, after) = if self.days.past(change) { (other, family.worker) } else { (family.worker, other) };
        self.worker(family, kid, before, &Ground { ends_at: Some(change), ..open });
        self.worker(family, kid, after, &Ground { starts_at: change, ..open });
    }

    fn worker(
        &mut self,
        family: &Family<'_>,
        kid: usize,
        (who, team): (PractitionerId, entity::id::TeamId),
        ground: &Ground,
    ) {
        self.relate_person(family, kid, (family.csc(), Some(who)), "Allocated to the child", ground);
        if let Some(row) = self.rows.involvements.last_mut() {
            row.team_id = Some(team);
        }
    }

    /// Short relationships: who referred, and who once broke the glass.
    fn passing(&mut self, family: &Family<'_>, starts_at: DateTime<Utc>) {
        if self.rng.random_bool(0.2) {
            let seat = self.rng.random_range(1..family.table.len().max(2));
            let ends_at = Some(starts_at + Duration::days(30));
            let ground = Ground { ends_at, ..Ground::new(Basis::Referrer, starts_at) };
            self.seat_with_kids(family, seat, "Referred the children", &ground);
        }
        if self.rng.random_bool(0.02) {
            let at = starts_at - Duration::days(self.rng.random_range(1..20));
            let ground = Ground { ends_at: Some(at + Duration::hours(24)), ..Ground::new(Basis::BreakGlass, at) };
            let duty = family.place.workers.last().map(|(who, _)| *who);
            self.relate_person(
                family,
                0,
                (family.csc(), duty),
                "Out of hours: child at the door, no worker reached",
                &ground,
            );
        }
    }

    /// Relates a seat to the children it knows.
    pub fn seat_with_kids(&mut self, family: &Family<'_>, seat: usize, reason: &str, ground: &Ground) {
        let only = family.partner(seat).and_then(|(_, seat)| seat.only);
        for kid in 0..family.kids.len() {
            if only.is_none_or(|one| one == kid) {
                self.relate(family, (kid, seat), reason, ground);
            }
        }
    }

    /// Relates a seat to one child.
    pub fn relate(&mut self, family: &Family<'_>, (kid, seat): (usize, usize), reason: &str, ground: &Ground) {
        if let Some((partner, seat)) = family.partner(seat) {
            self.relate_person(family, kid, (partner.id, Some(seat.who)), reason, ground);
        }
    }

    /// Relates somebody of an agency to one child.
    pub fn relate_person(
        &mut self,
        family: &Family<'_>,
        kid: usize,
        (agency_id, practitioner_id): (AgencyId, Option<PractitionerId>),
        reason: &str,
        ground: &Ground,
    ) {
        let Some(kid) = family.kids.get(kid) else { return };
        let manager = family.place.managers.first().copied();
        let granted_by = match ground.basis {
            Basis::AllocatedWorker => manager,
            Basis::BreakGlass => practitioner_id,
            _ => Some(family.worker.0),
        };
        self.rows.involvements.push(involvement::Model {
            id: InvolvementId(mint(self.rng, ground.starts_at.min(self.days.start))),
            child_id: kid.id,
            agency_id,
            practitioner_id,
            team_id: None,
            basis: ground.basis,
            conference_id: ground.conference,
            strategy_meeting_id: ground.strategy,
            starts_at: ground.starts_at,
            ends_at: ground.ends_at.filter(|end| *end > ground.starts_at),
            granted_by,
            reason: Sealed::new(reason.into()),
            locates: false,
        });
    }
}
