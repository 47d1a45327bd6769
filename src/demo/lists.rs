//! What only some may read: protected addresses with those who know them, what would give them away, intelligence.

use chrono::{DateTime, Duration, Utc};
use entity::agency::Kind as AgencyKind;
use entity::household::AddressStatus;
use entity::id::{AgencyId, HouseholdId, PractitionerId, ReaderListingId, RestrictedItemId};
use entity::restricted_item::{self, Kind};
use entity::sealed::Sealed;
use entity::{involvement, reader_listing};
use rand::Rng;

use super::Maker;
use super::ids::mint;
use super::story::Family;

const INTELLIGENCE: &str = "Information received that an associate of the household visits late in the evening and is \
    known for supplying; graded as not to be repeated to the family.";
const CONTACT: &str = "Reach the mother by text message on 07700 900123 only; the telephone of the home is shared.";

impl Maker<'_> {
    /// Marks what would locate a child of a protected home, lists who knows the address, and records a few items.
    pub fn restrict(&mut self, family: &Family<'_>, since: DateTime<Utc>) {
        let protected: Vec<_> = self
            .rows
            .households
            .iter()
            .filter(|row| family.homes.contains(&row.id) && row.address_status != AddressStatus::None)
            .map(|row| row.id)
            .collect();
        let police = family.place.agencies.get(1).map(|partner| (partner.id, None));
        if !protected.is_empty() {
            self.hide_schools(family);
        }
        for home in protected {
            self.list((None, Some(home)), police, family.worker.0, since);
        }
        if family.is_first {
            let item = self.item(family, Kind::Contact, CONTACT, (family.csc(), family.worker.0), since);
            self.list((Some(item), None), police, family.worker.0, since);
        }
        if family.is_first || self.rng.random_bool(0.04) {
            self.intelligence(family, since);
        }
    }

    /// The school of a child in hiding tells where it is.
    fn hide_schools(&mut self, family: &Family<'_>) {
        // of the first family only the home is kept secret, so that the personas work together in the open
        if family.is_first {
            return;
        }
        let schools: Vec<_> =
            family.place.agencies.iter().filter(|p| p.kind == AgencyKind::Education).map(|p| p.id).collect();
        let kids: Vec<_> = family.kids.iter().map(|kid| kid.id).collect();
        for row in &mut self.rows.involvements {
            let lasting = row.basis == involvement::Basis::Agency;
            if lasting && kids.contains(&row.child_id) && schools.contains(&row.agency_id) {
                row.locates = true;
            }
        }
    }

    /// What the police know, for the team manager and the chair.
    fn intelligence(&mut self, family: &Family<'_>, since: DateTime<Utc>) {
        let Some((police, officer)) =
            family.place.agencies.get(1).and_then(|partner| Some((partner.id, partner.people.first().copied()?)))
        else {
            return;
        };
        let item = self.item(family, Kind::PoliceIntelligence, INTELLIGENCE, (police, officer), since);
        let manager = family.place.managers.first().copied();
        for reader in [manager, Some(family.chair)].into_iter().flatten() {
            self.list((Some(item), None), Some((family.csc(), Some(reader))), officer, since);
        }
    }

    fn item(
        &mut self,
        family: &Family<'_>,
        kind: Kind,
        text: &str,
        (agency, person): (AgencyId, PractitionerId),
        recorded_at: DateTime<Utc>,
    ) -> RestrictedItemId {
        let id = RestrictedItemId(mint(self.rng, recorded_at));
        if let Some(kid) = family.kids.first() {
            self.rows.items.push(restricted_item::Model {
                id,
                child_id: kid.id,
                conference_id: None,
                conference_report_id: None,
                kind,
                text: Sealed::new(text.into()),
                third_party: kind == Kind::PoliceIntelligence,
                originator_agency_id: agency,
                originator_id: person,
                recorded_at,
                withdrawn_at: None,
                version: 1,
            });
        }
        id
    }

    fn list(
        &mut self,
        (restricted_item_id, household_id): (Option<RestrictedItemId>, Option<HouseholdId>),
        reader: Option<(AgencyId, Option<PractitionerId>)>,
        listed_by: PractitionerId,
        recorded_at: DateTime<Utc>,
    ) {
        let Some((agency_id, practitioner_id)) = reader else { return };
        self.rows.listings.push(reader_listing::Model {
            id: ReaderListingId(mint(self.rng, recorded_at)),
            restricted_item_id,
            household_id,
            allegation_id: None,
            agency_id,
            practitioner_id,
            starts_at: recorded_at + Duration::minutes(1),
            ends_at: None,
            listed_by,
        });
    }
}
