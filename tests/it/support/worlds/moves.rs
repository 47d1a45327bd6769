//! The shares between authorities of random worlds.

use entity::id::{AgencyId, PractitionerId, TransferShareId};
use entity::sealed::Sealed;
use quorate::policy::transfer::ShareFacts;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{Rows, World, elsewhere, id, maybe, now, pick};

pub struct Move {
    pub id: TransferShareId,
    /// Place in [`World::children`].
    pub child: usize,
    pub from: AgencyId,
    pub to: AgencyId,
    pub worker: Option<PractitionerId>,
    pub withdrawn: bool,
}

impl World {
    /// After everything else, so that the worlds are otherwise what they were.
    pub(super) fn share(&mut self, rng: &mut ChaCha8Rng) {
        for child in 0..2 {
            self.moves.push(Move {
                id: TransferShareId(id(rng)),
                child,
                from: pick(rng, &self.agencies),
                to: pick(rng, &self.agencies),
                worker: maybe(rng, 0.5, &self.people),
                withdrawn: rng.random_bool(0.3),
            });
        }
    }

    /// What bears on a share.
    pub fn moving(&self, place: usize) -> ShareFacts<'_> {
        let it = &self.moves[place];
        let child = &self.children[it.child].1;
        ShareFacts { child, from: it.from, to: it.to, worker: it.worker, withdrawn: it.withdrawn }
    }
}

impl Rows {
    pub(super) fn moves(&mut self, world: &World) {
        let text = || "{}".to_owned();
        self.transfer_share.extend(world.moves.iter().map(|it| entity::transfer_share::Model {
            id: it.id,
            child_id: world.children[it.child].0,
            from_authority_id: world.who.authority,
            from_agency_id: it.from,
            to_authority_id: elsewhere(),
            to_agency_id: it.to,
            shared_by: world.people[0],
            shared_at: now(),
            reason: Sealed::new("A world".into()),
            conference_due_at: now(),
            identity: Sealed::new(text()),
            statements: Sealed::new(text()),
            plan: Sealed::new(text()),
            contacts: Sealed::new("[]".to_owned()),
            accepted_by: None,
            accepted_at: it.worker.map(|_| now()),
            worker_id: it.worker,
            rights_from: it.worker.map(|_| now()),
            withdrawn_at: it.withdrawn.then(now),
            version: 1,
        }));
    }
}
