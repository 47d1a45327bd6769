//! What happens to a family, step by step, by the rules of the national return.
//!
//! A plan starts on the day of its conference and ends at a review later on; one open plan a child; a child in need
//! plan begins after the protection plan has ended.

use chrono::{Duration, NaiveDate};
use entity::conference::{self, Status};
use entity::conference_child::{AbuseCategory, Outcome};
use entity::id::ConferenceId;
use entity::plan;
use rand::Rng;

use super::Maker;
use super::days::{Dated, Days};
use super::story::{CATEGORIES, Decided, Family, Open};

impl Maker<'_> {
    /// Tells the story; answers the day it was over, if it is.
    pub fn course(
        &mut self,
        family: &Family<'_>,
        kind: conference::Kind,
        begin: NaiveDate,
    ) -> Dated<Option<NaiveDate>> {
        if family.is_first {
            return self.conferences(family, kind, begin, &(0..family.kids.len()).collect::<Vec<_>>(), false);
        }
        let goes_on = kind != conference::Kind::Initial || self.rng.random_bool(0.68);
        if kind == conference::Kind::TransferIn {
            return self.conferences(family, kind, begin, &(0..family.kids.len()).collect::<Vec<_>>(), false);
        }
        if !self.strategy(family, begin, goes_on)? {
            return Ok(None);
        }
        if !goes_on {
            return self.enquiry_only(family, begin);
        }
        let late = self.rng.random_bool(0.1);
        let conference_on = Days::after(begin, if late { 16 } else { self.rng.random_range(8..=15) })?;
        let all: Vec<usize> = (0..family.kids.len()).collect();
        self.conferences(family, kind, conference_on, &all, false)
    }

    /// No conference: some children get help under a child in need plan.
    fn enquiry_only(&mut self, family: &Family<'_>, day: NaiveDate) -> Dated<Option<NaiveDate>> {
        let from = Days::after(day, 10)?;
        if self.rng.random_bool(0.5) || from >= self.days.today {
            return Ok(Some(day));
        }
        let mut over = Some(day);
        for kid in 0..family.kids.len() {
            let ended = self.child_in_need(family, kid, from, None)?;
            over = later(over, ended);
        }
        Ok(over)
    }

    /// Conferences from the first on; answers the day on which all was over, if it is.
    fn conferences(
        &mut self,
        family: &Family<'_>,
        kind: conference::Kind,
        day: NaiveDate,
        kids: &[usize],
        again: bool,
    ) -> Dated<Option<NaiveDate>> {
        let day = self.moved(family, kind, day, kids)?;
        let decided = self.first_decisions(family, kids);
        let (id, status) = self.conference(family, kind, day, &decided)?;
        if status != Status::Concluded {
            return Ok(None);
        }
        let mut over = Some(day);
        let pace = self.pace(family, day)?;
        let mut open = Vec::new();
        for each in decided {
            match (each.outcome, each.category) {
                (Outcome::CpPlan, Some(category)) => open.push(Open {
                    kid: each.kid,
                    kind: plan::Kind::Cp,
                    starts_on: day,
                    conference: Some(id),
                    initial: category,
                    latest: category,
                    pace: pace.clone(),
                }),
                (Outcome::ProvisionOfServices, _) => {
                    over = later(over, self.child_in_need(family, each.kid, day, Some(id))?);
                }
                _ => {}
            }
        }
        if open.is_empty() { Ok(over) } else { self.reviews(family, day, open, again) }
    }

    /// One first conference in twenty is cancelled and held some days later.
    fn moved(
        &mut self,
        family: &Family<'_>,
        kind: conference::Kind,
        day: NaiveDate,
        kids: &[usize],
    ) -> Dated<NaiveDate> {
        if family.is_first || !self.rng.random_bool(0.05) || day >= self.days.ahead(25) {
            return Ok(day);
        }
        self.cancelled(family, kind, day, kids)?;
        let births = family.kids.iter().map(|kid| kid.born).filter(|born| *born > day).min();
        let later = Days::after(day, self.rng.random_range(3..8))?;
        // a pre-birth conference does not wait until after the birth
        Ok(if births.is_some_and(|born| later >= born) { Days::after(day, 1)? } else { later })
    }

    fn first_decisions(&mut self, family: &Family<'_>, kids: &[usize]) -> Vec<Decided> {
        const OTHERWISE: [Outcome; 10] = [
            Outcome::ProvisionOfServices,
            Outcome::ProvisionOfServices,
            Outcome::ProvisionOfServices,
            Outcome::ProvisionOfServices,
            Outcome::ProvisionOfServices,
            Outcome::SingleAssessment,
            Outcome::ReferralToOtherAgency,
            Outcome::NoFurtherAction,
            Outcome::NoFurtherAction,
            Outcome::Other,
        ];
        let protect = family.is_first || self.rng.random_bool(0.74);
        let mut out = Vec::new();
        for kid in kids {
            let planned = family.is_first || (protect && self.rng.random_bool(0.92));
            let other = OTHERWISE.get(self.rng.random_range(0..OTHERWISE.len())).copied().unwrap_or(Outcome::Other);
            let category = if family.is_first || self.rng.random_bool(0.9) { family.category } else { self.category() };
            out.push(Decided {
                kid: *kid,
                outcome: if planned { Outcome::CpPlan } else { other },
                category: planned.then_some(category),
            });
        }
        out
    }

    fn category(&mut self) -> AbuseCategory {
        CATEGORIES.get(self.rng.random_range(0..CATEGORIES.len())).copied().unwrap_or(AbuseCategory::Neg)
    }

    /// Reviews until every plan has ended, or the next one is too far ahead to be in the diary.
    fn reviews(
        &mut self,
        family: &Family<'_>,
        first: NaiveDate,
        mut open: Vec<Open>,
        again: bool,
    ) -> Dated<Option<NaiveDate>> {
        let returns = !again && self.rng.random_bool(0.12);
        let mut due = first + Duration::days(self.rng.random_range(68..89));
        if family.is_first {
            due = self.days.ahead(14);
        }
        let (mut rounds, mut ended) = (0, Vec::new());
        while !open.is_empty() && due <= self.days.ahead(60) {
            let day = Days::working(due)?;
            let decided = self.review_decisions(&open, rounds);
            let (_, status) = self.conference(family, conference::Kind::Review, day, &decided)?;
            if status != Status::Concluded {
                break;
            }
            for (each, plan) in decided.iter().zip(std::mem::take(&mut open)) {
                match each.outcome {
                    Outcome::CpPlanEnds => {
                        self.plan(family, &plan, Some(day))?;
                        ended.push(plan.kid);
                    }
                    _ => open.push(Open { latest: each.category.unwrap_or(plan.latest), ..plan }),
                }
            }
            if open.is_empty() {
                return self.afterwards(family, day, &ended, returns);
            }
            rounds += 1;
            due = day + Duration::days(self.rng.random_range(140..176));
        }
        for plan in &open {
            self.plan(family, plan, None)?;
        }
        Ok(None)
    }

    fn review_decisions(&mut self, open: &[Open], rounds: u32) -> Vec<Decided> {
        let ending = self.rng.random_bool(if rounds == 0 { 0.3 } else { 0.6 });
        let mut out = Vec::new();
        for plan in open {
            let ends = ending && self.rng.random_bool(0.9);
            let category = if self.rng.random_bool(0.13) { self.category() } else { plan.latest };
            out.push(Decided {
                kid: plan.kid,
                outcome: if ends { Outcome::CpPlanEnds } else { Outcome::CpPlanContinues },
                category: (!ends).then_some(category),
            });
        }
        out
    }

    /// After the protection plans: help as a child in need, nothing, or a second time round.
    fn afterwards(
        &mut self,
        family: &Family<'_>,
        day: NaiveDate,
        kids: &[usize],
        returns: bool,
    ) -> Dated<Option<NaiveDate>> {
        let back = day + Duration::days(self.rng.random_range(100..260));
        if returns && back < self.days.ahead(-20) {
            let back = Days::working(back)?;
            if !self.strategy(family, back, true)? {
                return Ok(None);
            }
            let conference_on = Days::after(back, self.rng.random_range(8..=15))?;
            return self.conferences(family, conference::Kind::Initial, conference_on, kids, true);
        }
        let mut over = Some(day);
        for kid in kids {
            // never both at once: it begins the day after
            let from = day + Duration::days(self.rng.random_range(1..8));
            if self.rng.random_bool(0.65) && from < self.days.today {
                over = later(over, self.child_in_need(family, *kid, from, None)?);
            }
        }
        Ok(over)
    }

    /// A child in need plan; answers the day it ended, if it has.
    fn child_in_need(
        &mut self,
        family: &Family<'_>,
        kid: usize,
        starts_on: NaiveDate,
        conference: Option<ConferenceId>,
    ) -> Dated<Option<NaiveDate>> {
        let ends_on = starts_on + Duration::days(self.rng.random_range(60..260));
        let ends_on = Some(ends_on).filter(|day| *day < self.days.today);
        let category = family.category;
        let plan = Open {
            kid,
            kind: plan::Kind::Cin,
            starts_on,
            conference,
            initial: category,
            latest: category,
            pace: vec![],
        };
        self.plan(family, &plan, ends_on)?;
        Ok(ends_on)
    }
}

/// The later of two days, if both are there.
fn later(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    one.zip(other).map(|(one, other)| one.max(other))
}
