//! The demo's calendar: all of it is counted from the beginning of one day in England.

use chrono::{DateTime, Days as Span, Duration, NaiveDate, Utc};
use rand::Rng;

use crate::clock::london_day;
use crate::practice::calendar::{Calendar, YearNotListed, end_of};

/// What a step answers that asks the calendar.
pub type Dated<T> = Result<T, YearNotListed>;

/// One day, and what lies before and after it.
#[derive(Clone, Copy)]
pub struct Days {
    /// Today in England.
    pub today: NaiveDate,
    /// The instant today began. What is earlier has happened.
    pub start: DateTime<Utc>,
}

impl Days {
    /// The day of `now`.
    pub fn of(now: DateTime<Utc>) -> Self {
        let today = london_day(now);
        Self { today, start: midnight(today) }
    }

    /// So many days from today.
    pub fn ahead(&self, days: i64) -> NaiveDate {
        self.today + Duration::days(days)
    }

    /// The first working day from `day` on.
    pub fn working(day: NaiveDate) -> Dated<NaiveDate> {
        let mut day = day;
        while !Calendar::embedded().is_working_day(day)? {
            day = day + Span::new(1);
        }
        Ok(day)
    }

    /// The `n`th working day after `day`.
    pub fn after(day: NaiveDate, n: u32) -> Dated<NaiveDate> {
        Calendar::embedded().after(day, n)
    }

    /// The `n`th working day before `day`.
    pub fn before(day: NaiveDate, n: u32) -> Dated<NaiveDate> {
        Calendar::embedded().before(day, n)
    }

    /// Somewhere in the office hours of `day`, but not later than the last minutes before today.
    pub fn office(&self, rng: &mut impl Rng, day: NaiveDate) -> DateTime<Utc> {
        let at = at(day, rng.random_range(8 * 60 + 30..17 * 60)) + Duration::seconds(rng.random_range(0..60));
        at.min(self.start - Duration::minutes(rng.random_range(1..400)))
    }

    /// Whether an instant lies before today.
    pub fn past(&self, at: DateTime<Utc>) -> bool {
        at < self.start
    }
}

/// The minute of a day by the clock of England. Clocks change on Sundays, when none of this happens.
pub fn at(day: NaiveDate, minutes: i64) -> DateTime<Utc> {
    midnight(day) + Duration::minutes(minutes)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    end_of(day - Span::new(1))
}
