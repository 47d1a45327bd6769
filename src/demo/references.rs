//! How agencies name children in their own systems, and numbers that were a child's once.
//!
//! It has a chance of its own, so that the rest of the demo is the same with and without it.

use chrono::Duration;
use entity::id::{AgencyReferenceId, FormerNumberId};
use entity::sealed::Sealed;
use entity::{agency_reference, former_number};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Maker;
use super::ids::{NUMBERED, mint, nhs_number};
use super::story::Family;

/// Children up to this number can have a former one: those are taken from the end of the range.
const MOST_WITH_A_FORMER: u32 = NUMBERED / 2 - 1;

/// The number that the `n`th child had before its own, where it had one.
pub fn former_nhs_number(n: u32) -> String {
    nhs_number(NUMBERED - 1 - n)
}

impl Maker<'_> {
    /// Some agencies at the table have named the children; a few children had another number once.
    pub fn references(&mut self, family: &Family<'_>, first: u32) {
        let Some(oldest) = family.kids.first() else { return };
        let mut rng = ChaCha8Rng::seed_from_u64(oldest.id.0.as_u64_pair().1 ^ 2);
        for (i, (kid, number)) in family.kids.iter().zip(first..).enumerate() {
            for seat in family.table.iter().filter(|seat| seat.only.is_none_or(|only| only == i)) {
                let Some(agency) = family.place.agencies.get(seat.partner) else { continue };
                // of the first family the partners have named the oldest child
                let named = if family.is_first { i == 0 && seat.partner > 0 } else { rng.random_bool(0.3) };
                if named {
                    let set_at = self.days.start - Duration::minutes(rng.random_range(600..80_000));
                    self.rows.references.push(agency_reference::Model {
                        id: AgencyReferenceId(mint(&mut rng, set_at)),
                        agency_id: agency.id,
                        child_id: kid.id,
                        reference: Sealed::new(Some(format!("R{:02}/{number:07}", seat.partner))),
                        set_by: seat.who,
                        set_at,
                        version: 1,
                    });
                }
            }
            let renumbered = if family.is_first { i == 1 } else { rng.random_bool(0.02) };
            if renumbered && !kid.unborn && number < MOST_WITH_A_FORMER {
                self.rows.former_numbers.push(former_number::Model {
                    id: FormerNumberId(mint(&mut rng, self.days.start)),
                    child_id: kid.id,
                    kind: former_number::Kind::Nhs,
                    number: Sealed::new(former_nhs_number(number)),
                    until: self.days.ahead(-rng.random_range(20..600)),
                });
            }
        }
    }
}
