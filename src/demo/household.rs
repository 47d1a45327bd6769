//! Households: who lives where with whom, and since when.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, Utc};
use entity::child::{self, Sex};
use entity::household::{self, AddressStatus};
use entity::id::{ChildId, HouseholdId, MembershipId, PersonId};
use entity::membership::{self, Relationship};
use entity::person;
use entity::sealed::Sealed;
use rand::Rng;

use super::Maker;
use super::ids::{NUMBERED, mint, nhs_number, upn};
use super::names::{self, Community, any};
use super::staff::Place;
use super::texts::NEEDS;
use crate::store::child::name_key;

/// A child, as the steps of its family's story meet it.
pub struct Kid {
    /// Who.
    pub id: ChildId,
    /// Given name.
    pub name: String,
    /// Day of birth, past or expected.
    pub born: NaiveDate,
    /// Whether it is not born yet.
    pub unborn: bool,
}

/// What a family is made of.
pub struct Shape {
    /// Number of the first child.
    pub first: u32,
    /// The days of birth, oldest first; later than today for an unborn child.
    pub births: Vec<NaiveDate>,
    /// The day social care came to know the family.
    pub known_since: NaiveDate,
    /// Whether this is the family the personas work with.
    pub is_first: bool,
}

/// Codes of the national return in its own order.
const DISABILITIES: [&str; 12] = ["MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS", "BEH", "CON", "AUT", "DDA"];
/// Codes of the looked-after return.
const LEGAL: [&str; 8] = ["C1", "C2", "D1", "E1", "V2", "L1", "L2", "J1"];

/// The days of birth of `size` children. Every other family of the very young has one that is still expected.
pub fn births(rng: &mut impl Rng, today: NaiveDate, size: usize) -> Vec<NaiveDate> {
    let expecting = rng.random_bool(0.05);
    let youngest = match rng.random_range(0..100) {
        _ if expecting => -rng.random_range(10..140),
        0..12 => rng.random_range(5..365),
        12..45 => rng.random_range(365..5 * 365),
        _ => rng.random_range(5 * 365..15 * 365),
    };
    let mut ages = vec![youngest];
    while ages.len() < size {
        let next = ages.last().copied().unwrap_or(0) + rng.random_range(330..1700);
        // grown up at eighteen: brothers and sisters beyond that are adults
        if next >= 17 * 365 + 300 {
            break;
        }
        ages.push(next);
    }
    ages.iter().rev().map(|age| today - Duration::days(*age)).collect()
}

impl Maker<'_> {
    /// Writes the household of a family, and where there is one the other household of a child.
    pub fn household(&mut self, place: &Place, shape: &Shape) -> Vec<Kid> {
        let community = if shape.is_first { Community::first() } else { Community::any(self.rng) };
        let surname = if shape.is_first { "Harper" } else { community.family(self.rng) };
        let since =
            shape.known_since - Duration::days(if shape.is_first { 700 } else { self.rng.random_range(30..900) });
        let home = self.home(place, shape.is_first);
        self.adult(place, home, Relationship::Mother, surname, (since, None));
        let kids = self.kids(place, shape, community, surname);
        let half = !shape.is_first && kids.len() > 1 && self.rng.random_bool(0.3);
        if !shape.is_first {
            self.others(place, home, since);
        }
        if half {
            // the oldest has another father, who lives elsewhere; the child stayed with him for a time or still does
            let other = self.home(place, false);
            let name = community.family(self.rng);
            self.adult(place, other, Relationship::Father, name, (since, None));
            self.two_homes(home, other, &kids, since);
        } else {
            for kid in &kids {
                self.child_of(home, kid, kid.born.max(since).min(self.days.today), None);
            }
        }
        let parting = self.rng.random_bool(0.25) && !shape.is_first;
        let left =
            parting.then(|| self.rng.random_range(20..400)).map(|ago| self.days.ahead(-ago)).filter(|d| *d > since);
        let with_father = shape.is_first || self.rng.random_bool(0.6);
        if with_father {
            self.adult(place, home, Relationship::Father, surname, (since, left));
        }
        kids
    }

    fn home(&mut self, place: &Place, is_first: bool) -> HouseholdId {
        let id = HouseholdId(mint(self.rng, self.days.start - Duration::days(900)));
        let (address, postcode) = names::address(self.rng);
        let address_status = match self.rng.random_range(0..100) {
            _ if is_first => AddressStatus::Withheld,
            0..4 => AddressStatus::Withheld,
            4..6 => AddressStatus::Refuge,
            _ => AddressStatus::None,
        };
        self.rows.households.push(household::Model {
            id,
            local_authority_id: place.authority,
            address: Sealed::new(address),
            postcode: Sealed::new(postcode),
            address_status,
        });
        id
    }

    /// Others of the home: a partner, grandparents, a grown-up brother, a lodger who left.
    fn others(&mut self, place: &Place, home: HouseholdId, since: NaiveDate) {
        const WHO: [Relationship; 8] = [
            Relationship::PartnerOfParent,
            Relationship::StepParent,
            Relationship::Grandparent,
            Relationship::Grandparent,
            Relationship::AdultSibling,
            Relationship::OtherRelative,
            Relationship::Carer,
            Relationship::Other,
        ];
        if !self.rng.random_bool(0.3) {
            return;
        }
        let Some(who) = WHO.get(self.rng.random_range(0..WHO.len())).copied() else { return };
        let came = (since + Duration::days(self.rng.random_range(0..200))).min(self.days.ahead(-2));
        let left = self
            .rng
            .random_bool(0.3)
            .then(|| (came + Duration::days(self.rng.random_range(1..300))).min(self.days.today));
        let name = Community::any(self.rng).family(self.rng);
        self.adult(place, home, who, name, (came, left));
    }

    /// A child that lived in both homes, or lives in the other now; the rest live here.
    fn two_homes(&mut self, home: HouseholdId, other: HouseholdId, kids: &[Kid], since: NaiveDate) {
        for (i, kid) in kids.iter().enumerate() {
            let from = kid.born.max(since).min(self.days.today);
            let moved = from + Duration::days(self.rng.random_range(30..300));
            if i > 0 || kid.unborn || moved >= self.days.today {
                self.child_of(home, kid, from, None);
            } else {
                let (before, after) = if self.rng.random_bool(0.7) { (other, home) } else { (home, other) };
                self.child_of(before, kid, from, Some(moved));
                self.child_of(after, kid, moved, None);
            }
        }
    }

    fn adult(
        &mut self,
        place: &Place,
        home: HouseholdId,
        who: Relationship,
        surname: &str,
        (from, until): (NaiveDate, Option<NaiveDate>),
    ) {
        let at = self.days.start - Duration::days(900);
        let id = PersonId(mint(self.rng, at));
        let list =
            if who == Relationship::Mother || self.rng.random_bool(0.2) { names::MOTHERS } else { names::FATHERS };
        let list = if who == Relationship::Father { names::FATHERS } else { list };
        let years = match who {
            Relationship::Grandparent => self.rng.random_range(46..74),
            Relationship::AdultSibling => self.rng.random_range(18..24),
            _ => self.rng.random_range(19..49),
        };
        let born = self.days.today - Months::new(years * 12 + 5) - Duration::days(self.rng.random_range(0..360));
        self.rows.people.push(person::Model {
            id,
            local_authority_id: place.authority,
            given_name: Sealed::new(any(self.rng, &list).into()),
            family_name: Sealed::new(surname.into()),
            born_on: Sealed::new(self.rng.random_bool(0.95).then_some(born)),
        });
        let parent = matches!(who, Relationship::Mother | Relationship::Father);
        self.member(home, (None, Some(id)), who, parent, (from, until));
    }

    fn child_of(&mut self, home: HouseholdId, kid: &Kid, from: NaiveDate, until: Option<NaiveDate>) {
        self.member(home, (Some(kid.id), None), Relationship::Child, false, (from, until));
    }

    fn member(
        &mut self,
        household_id: HouseholdId,
        (child_id, person_id): (Option<ChildId>, Option<PersonId>),
        who: Relationship,
        parental_responsibility: bool,
        (starts_on, ends_on): (NaiveDate, Option<NaiveDate>),
    ) {
        let id = MembershipId(mint(self.rng, self.days.start - Duration::days(800)));
        self.rows.memberships.push(membership::Model {
            id,
            household_id,
            child_id,
            person_id,
            relationship: Sealed::new(who),
            parental_responsibility,
            starts_on,
            ends_on,
        });
    }

    fn kids(&mut self, place: &Place, shape: &Shape, community: &Community, surname: &str) -> Vec<Kid> {
        let at = super::days::at(shape.known_since, 9 * 60).min(self.days.start - Duration::days(1));
        let mut kids: Vec<Kid> = Vec::new();
        for (born, number) in shape.births.iter().zip(shape.first..) {
            let unborn = *born > self.days.today;
            let girl = if shape.is_first { number == 0 } else { self.rng.random_bool(0.49) };
            let taken: Vec<&str> = kids.iter().map(|kid| kid.name.as_str()).collect();
            let name = match (shape.is_first, number) {
                _ if unborn => "Unborn",
                (true, 0) => "Amelia",
                (true, _) => "Noah",
                _ => community.given(self.rng, girl, &taken),
            };
            let kid = Kid { id: ChildId(mint(self.rng, at)), name: name.into(), born: *born, unborn };
            self.child(place, &kid, (number, girl), community, surname, at);
            kids.push(kid);
        }
        kids
    }

    fn child(
        &mut self,
        place: &Place,
        kid: &Kid,
        (number, girl): (u32, bool),
        community: &Community,
        surname: &str,
        created_at: DateTime<Utc>,
    ) {
        let (today, rng) = (self.days.today, &mut *self.rng);
        let baby = (today - kid.born).num_days() < 300;
        // pupils have a number from the September after their fourth birthday
        let pupil = kid.born.year() + if kid.born.month() < 9 { 4 } else { 5 };
        let pupil = NaiveDate::from_ymd_opt(pupil, 9, 1).is_some_and(|begins| begins <= today);
        let (disabilities, needs) = disabilities(rng);
        self.rows.children.push(child::Model {
            id: kid.id,
            local_authority_id: place.authority,
            local_reference: format!("C{number:07}"),
            given_name: Sealed::new(kid.name.clone()),
            family_name: Sealed::new(surname.into()),
            name_key: Sealed::new(name_key(&kid.name, surname)),
            born_on: Sealed::new((!kid.unborn).then_some(kid.born)),
            expected_on: Sealed::new((kid.unborn || baby).then_some(kid.born)),
            died_on: Sealed::new(None),
            sex: match (kid.unborn, girl) {
                (true, _) => Sex::U,
                (false, true) => Sex::F,
                (false, false) => Sex::M,
            },
            ethnicity: Sealed::new(community.code(rng)),
            first_language: Sealed::new(community.language(rng).map(Into::into)),
            disabilities: Sealed::new(if kid.unborn { "NONE".into() } else { disabilities }),
            communication_needs: Sealed::new(needs.filter(|_| !kid.unborn).map(Into::into)),
            nhs_number: Sealed::new((!kid.unborn && number < NUMBERED).then(|| nhs_number(number))),
            upn: Sealed::new((!kid.unborn && pupil).then(|| upn(place.code, number))),
            legal_status: Sealed::new(
                (number > 2 && !kid.unborn && rng.random_bool(0.06)).then(|| any(rng, &LEGAL).into()),
            ),
            created_at,
        });
    }
}

/// One child in seven has disabilities, most of these one, some up to three.
fn disabilities(rng: &mut impl Rng) -> (String, Option<&'static str>) {
    if !rng.random_bool(0.14) {
        return ("NONE".into(), None);
    }
    let many = [1, 1, 1, 2, 2, 3].get(rng.random_range(0..6)).copied().unwrap_or(1);
    let from = rng.random_range(0..DISABILITIES.len());
    let codes: Vec<&str> = DISABILITIES.iter().cycle().skip(from).step_by(4).take(many).copied().collect();
    let needs = rng.random_bool(0.5).then(|| any(rng, &NEEDS));
    (codes.join(" "), needs)
}
