//! The allegations of random worlds, and the meetings that are about one.

use entity::allegation::Status;
use entity::designation::Kind as Duty;
use entity::id::{AgencyId, AllegationId, DesignationId, PractitionerId, ReaderListingId};
use entity::sealed::Sealed;
use quorate::policy::allegation::AllegationFacts;
use quorate::policy::decision::ListEntry;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{Rows, World, id, maybe, now, period, pick};

pub struct Claim {
    pub id: AllegationId,
    pub subject: PractitionerId,
    pub subject_agency: AgencyId,
    pub referrer: (PractitionerId, AgencyId),
    pub lead: Option<PractitionerId>,
    /// Place in [`World::children`].
    pub child: Option<usize>,
    /// Of people by name.
    pub readers: Vec<ListEntry>,
}

impl World {
    /// After everything else, so that the worlds are otherwise what they were.
    pub(super) fn allege(&mut self, rng: &mut ChaCha8Rng) {
        if rng.random_bool(0.25) {
            self.who.designations.push(Duty::Lado);
        }
        for _ in 0..2 {
            let subject = pick(rng, &self.people);
            let others: Vec<_> = self.people.iter().copied().filter(|person| *person != subject).collect();
            let readers = (0..rng.random_range(0..3))
                .map(|_| (pick(rng, &self.agencies), Some(pick(rng, &self.people)), period(rng)))
                .collect();
            self.allegations.push(Claim {
                id: AllegationId(id(rng)),
                subject,
                subject_agency: pick(rng, &self.agencies),
                referrer: (pick(rng, &others), pick(rng, &self.agencies)),
                lead: maybe(rng, 0.5, &others),
                child: rng.random_bool(0.5).then(|| rng.random_range(0..3)),
                readers,
            });
        }
        for _ in 0..self.meetings.len() {
            let about = rng.random_bool(0.5).then(|| rng.random_range(0..self.allegations.len()));
            self.about.push((pick(rng, &self.people), about));
        }
    }

    /// What bears on an allegation.
    pub fn claim(&self, place: usize) -> AllegationFacts<'_> {
        let claim = &self.allegations[place];
        AllegationFacts {
            authority: self.who.authority,
            subject: claim.subject,
            subject_agency: claim.subject_agency,
            referrer: claim.referrer,
            lead: claim.lead,
            child: claim.child.map(|child| &self.children[child].1),
            readers: &claim.readers,
        }
    }
}

impl Rows {
    pub(super) fn claims(&mut self, world: &World, rng: &mut ChaCha8Rng) {
        let own = world.agencies[0];
        for kind in &world.who.designations {
            self.designation.push(entity::designation::Model {
                id: DesignationId(id(rng)),
                practitioner_id: world.who.practitioner,
                agency_id: own,
                kind: *kind,
                starts_at: now(),
                ends_at: None,
            });
        }
        for claim in &world.allegations {
            self.allegation.push(entity::allegation::Model {
                id: claim.id,
                local_authority_id: world.who.authority,
                subject_id: claim.subject,
                subject_agency_id: claim.subject_agency,
                referring_agency_id: claim.referrer.1,
                referred_by: claim.referrer.0,
                lead_id: claim.lead,
                child_id: claim.child.map(|child| world.children[child].0),
                text: Sealed::new("A world".into()),
                known_at: now(),
                referral_due_at: now(),
                received_at: now(),
                status: Status::Open,
                outcome: Sealed::new(None),
                closed_at: None,
                version: 1,
            });
            for (agency_id, practitioner_id, period) in &claim.readers {
                self.reader_listing.push(entity::reader_listing::Model {
                    id: ReaderListingId(id(rng)),
                    restricted_item_id: None,
                    household_id: None,
                    allegation_id: Some(claim.id),
                    agency_id: *agency_id,
                    practitioner_id: *practitioner_id,
                    starts_at: period.starts_at,
                    ends_at: period.ends_at,
                    listed_by: world.people[0],
                });
            }
        }
    }
}
