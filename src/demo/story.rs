//! A family and those who sit at its table.

use chrono::NaiveDate;
use entity::agency::Kind;
use entity::conference;
use entity::conference_child::{AbuseCategory, Outcome};
use entity::id::{ConferenceId, HouseholdId, PractitionerId, TeamId};
use entity::plan;
use rand::Rng;

use super::Maker;
use super::days::{Dated, Days};
use super::deadlines::Before;
use super::household::{Kid, Shape, births};
use super::staff::Place;
use super::texts::Theme;

/// A family and those around it.
pub struct Family<'p> {
    /// The authority.
    pub place: &'p Place,
    /// The children, oldest first.
    pub kids: Vec<Kid>,
    /// Its homes: the first is the one most of the children live in.
    pub homes: Vec<HouseholdId>,
    /// The social worker, with the team.
    pub worker: (PractitionerId, TeamId),
    /// Who chairs its conferences.
    pub chair: PractitionerId,
    /// Who takes the minutes.
    pub minute_taker: PractitionerId,
    /// The agencies at the table, social care first.
    pub table: Vec<Seat>,
    /// What the worry is, and under which category.
    pub theme: Theme,
    /// The category.
    pub category: AbuseCategory,
    /// Whether this is the family the personas work with.
    pub is_first: bool,
}

/// An agency at the table.
#[derive(Clone, Copy)]
pub struct Seat {
    /// Its place in the authority's list.
    pub partner: usize,
    /// Who comes.
    pub who: PractitionerId,
    /// The one child a school knows; `None` for all.
    pub only: Option<usize>,
}

/// What a conference decides for a child, by the child's place in the family.
#[derive(Clone, Copy)]
pub struct Decided {
    /// The child.
    pub kid: usize,
    /// The outcome.
    pub outcome: Outcome,
    /// The category, where one is given.
    pub category: Option<AbuseCategory>,
}

/// A plan that has begun.
#[derive(Clone)]
pub struct Open {
    /// The child's place in the family.
    pub kid: usize,
    /// The kind of plan.
    pub kind: plan::Kind,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// The conference that made it.
    pub conference: Option<ConferenceId>,
    /// Category at the start.
    pub initial: AbuseCategory,
    /// Category now.
    pub latest: AbuseCategory,
    /// The days on which the core group meets, as far as there is a future.
    pub pace: Vec<NaiveDate>,
}

pub(super) const CATEGORIES: [AbuseCategory; 5] =
    [AbuseCategory::Neg, AbuseCategory::Phy, AbuseCategory::Sab, AbuseCategory::Emo, AbuseCategory::Mul];

impl Maker<'_> {
    /// Makes the `n`th family, whose first child is the `first`th; answers how many children it has. The first family
    /// is the one the personas work with.
    pub fn family(&mut self, n: u32, first: u32) -> Dated<u32> {
        let staff = self.staff;
        let Some(place) = staff.places.get(n as usize % staff.places.len().max(1)) else { return Ok(1) };
        let (births, kind, ago) = if n == 0 { self.first_family() } else { self.any_family() };
        let known_since = self.days.ahead(-ago.max(1));
        let shape = Shape { first, births, known_since, is_first: n == 0 };
        let (before, rows) = (self.rows.households.len(), Before::of(&self.rows));
        let kids = self.household(place, &shape);
        let homes = self.rows.households.iter().skip(before).map(|row| row.id).collect();
        let size = u32::try_from(kids.len()).unwrap_or(1);
        let family = self.around(place, (kids, homes), n == 0);
        let over = self.course(&family, kind, Days::working(self.days.ahead(-ago))?)?;
        let since = self.involve(&family, known_since, over);
        self.restrict(&family, since);
        self.deadlines(&family, &rows);
        self.records(&family, &rows);
        self.episodes(&family, &rows);
        self.references(&family, first);
        if family.is_first {
            self.allege(&family);
        }
        Ok(size)
    }

    fn first_family(&self) -> (Vec<NaiveDate>, conference::Kind, i64) {
        let years = |n: u32| self.days.today - chrono::Months::new(n * 12 + 5);
        (vec![years(12), years(8), self.days.ahead(70)], conference::Kind::Initial, 80)
    }

    /// Days of birth, the kind of the first conference, and how many days ago the story began.
    fn any_family(&mut self) -> (Vec<NaiveDate>, conference::Kind, i64) {
        let size = [1, 1, 1, 2, 2, 2, 3, 3, 4].get(self.rng.random_range(0..9)).copied().unwrap_or(1);
        let births = births(self.rng, self.days.today, size);
        let age = births.last().map_or(0, |day| (self.days.today - *day).num_days());
        let ago =
            if self.rng.random_bool(0.1) { self.rng.random_range(-3..14) } else { self.rng.random_range(14..690) };
        if age < 0 {
            let least = (20 + age).max(-3);
            let most = (140 + age).max(least);
            return (births, conference::Kind::PreBirth, self.rng.random_range(least..=most));
        }
        if age < ago {
            // born while the story went on: it began well before the birth, or after it
            return match age {
                0..10 => (births, conference::Kind::PreBirth, age + self.rng.random_range(45..120)),
                _ if age < 560 && self.rng.random_bool(0.4) => {
                    (births, conference::Kind::PreBirth, age + self.rng.random_range(45..120))
                }
                _ => (births, conference::Kind::Initial, self.rng.random_range(3..age)),
            };
        }
        let kind = if self.rng.random_bool(0.05) { conference::Kind::TransferIn } else { conference::Kind::Initial };
        (births, kind, ago)
    }

    /// Chooses who works with a family.
    fn around<'p>(
        &mut self,
        place: &'p Place,
        (kids, homes): (Vec<Kid>, Vec<HouseholdId>),
        is_first: bool,
    ) -> Family<'p> {
        let nobody = PractitionerId(uuid::Uuid::nil());
        let mut pick = |len: usize| if is_first { 0 } else { self.rng.random_range(0..len.max(1)) };
        let worker = place.workers.get(pick(place.workers.len())).copied();
        let chair = place.chairs.get(pick(place.chairs.len())).copied().unwrap_or(nobody);
        let minute_taker = place.minute_takers.get(pick(place.minute_takers.len())).copied().unwrap_or(nobody);
        let category = if is_first { 0 } else { [0, 0, 0, 0, 1, 2, 3, 3, 3, 4].get(pick(10)).copied().unwrap_or(0) };
        let worker = worker.unwrap_or((nobody, TeamId(uuid::Uuid::nil())));
        let theme = Theme::of(self.rng, category);
        let category = CATEGORIES.get(category).copied().unwrap_or(AbuseCategory::Neg);
        let mut family =
            Family { place, kids, homes, worker, chair, minute_taker, table: vec![], theme, category, is_first };
        family.table.push(Seat { partner: 0, who: worker.0, only: None });
        if is_first {
            for partner in 1..6 {
                self.sit(&mut family, Some(partner), None);
            }
        } else {
            self.set_table(&mut family);
        }
        family
    }

    fn set_table(&mut self, family: &mut Family<'_>) {
        const SOMETIMES: [(Kind, f64); 7] = [
            (Kind::Health, 0.3),
            (Kind::EarlyHelp, 0.3),
            (Kind::Housing, 0.2),
            (Kind::Voluntary, 0.25),
            (Kind::Probation, 0.12),
            (Kind::Legal, 0.08),
            (Kind::OtherLa, 0.04),
        ];
        let place = family.place;
        let police = if self.rng.random_bool(0.97) { Some(1) } else { place.any(self.rng, Kind::Police) };
        self.sit(family, police, None);
        let health = place.any(self.rng, Kind::Health);
        self.sit(family, health, None);
        for i in 0..family.kids.len() {
            let aged = family.kids.get(i).is_some_and(|kid| (self.days.today - kid.born).num_days() > 3 * 365);
            // brothers and sisters often share a school
            if aged && (i == 0 || self.rng.random_bool(0.35)) {
                let school = place.any(self.rng, Kind::Education);
                self.sit(family, school, Some(i));
            }
        }
        for (kind, chance) in SOMETIMES {
            if self.rng.random_bool(chance) {
                let partner = place.any(self.rng, kind);
                self.sit(family, partner, None);
            }
        }
        if family.table.len() < 4 {
            let partner = place.any(self.rng, Kind::EarlyHelp);
            self.sit(family, partner, None);
        }
    }

    fn sit(&mut self, family: &mut Family<'_>, partner: Option<usize>, only: Option<usize>) {
        let Some(partner) = partner.filter(|p| family.table.iter().all(|seat| seat.partner != *p)) else { return };
        let people = family.place.agencies.get(partner).map_or(&[][..], |p| &p.people);
        let i = if family.is_first { 0 } else { self.rng.random_range(0..people.len().max(1)) };
        let Some(who) = people.get(i).copied() else { return };
        family.table.push(Seat { partner, who, only });
    }
}
