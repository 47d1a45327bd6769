//! The one source of now and of new ids.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, TimeZone as _, Utc};
use chrono_tz::Europe::London;
use uuid::{NoContext, Timestamp, Uuid};

/// Tells the time and mints ids. Cloning shares the source.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    /// Unix microseconds, moved by hand.
    Fixed(Arc<AtomicI64>),
    /// The machine's clock, so many microseconds ahead.
    Ahead(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `at` until it is moved.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(at.timestamp_micros()))))
    }

    /// A clock that goes like the machine's, ahead of it by so much, and can be moved further.
    pub fn ahead(by: chrono::Duration) -> Self {
        Self(Source::Ahead(Arc::new(AtomicI64::new(by.num_microseconds().unwrap_or(0)))))
    }

    /// Moves a clock that can be moved; the machine's stays as it is.
    pub fn advance(&self, by: chrono::Duration) {
        match &self.0 {
            Source::System => {}
            Source::Fixed(micros) | Source::Ahead(micros) => {
                micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
            }
        }
    }

    /// True for a clock that stands until it is moved.
    pub const fn stands(&self) -> bool {
        matches!(self.0, Source::Fixed(_))
    }

    /// How far it is ahead of the machine's.
    pub fn lead(&self) -> chrono::Duration {
        match &self.0 {
            Source::System | Source::Fixed(_) => chrono::Duration::zero(),
            Source::Ahead(micros) => chrono::Duration::microseconds(micros.load(Ordering::SeqCst)),
        }
    }

    /// Now, as those who issue tokens see it: a clock that was moved ahead ends no token that they hold good.
    pub fn token_time(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System | Source::Ahead(_) => system_now(),
            Source::Fixed(_) => self.now(),
        }
    }

    /// Now, in UTC, cut to microseconds: PostgreSQL keeps no more, and a value must equal its own row.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System => system_now(),
            Source::Ahead(micros) => system_now() + chrono::Duration::microseconds(micros.load(Ordering::SeqCst)),
            Source::Fixed(micros) => DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or_default(),
        }
    }

    /// Today in England.
    pub fn today(&self) -> NaiveDate {
        london_day(self.now())
    }

    /// A new id that sorts by the time of its making.
    pub fn new_id(&self) -> Uuid {
        id_at(self.now())
    }
}

/// The calendar day in England of an instant.
pub fn london_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&London).date_naive()
}

/// Noon of a day in England: an instant that is on that day wherever the clocks stand.
pub fn noon(day: NaiveDate) -> DateTime<Utc> {
    let noon = day.and_time(NaiveTime::MIN) + chrono::Duration::hours(12);
    London.from_local_datetime(&noon).earliest().map_or_else(|| noon.and_utc(), |at| at.with_timezone(&Utc))
}

/// A random id that carries the instant `at` in its first bits.
pub fn id_at(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos()))
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
fn system_now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_moved_leaves_the_time_of_tokens() {
        let clock = Clock::ahead(chrono::Duration::days(1));
        let shared = clock.clone();
        clock.advance(chrono::Duration::days(2));
        assert_eq!(shared.lead(), chrono::Duration::days(3));
        let apart = shared.now() - Clock::system().now();
        assert!((apart - chrono::Duration::days(3)).abs() < chrono::Duration::minutes(1), "{apart}");
        assert!((shared.token_time() - Clock::system().now()).abs() < chrono::Duration::minutes(1));
        // a clock that stands is one for everything
        let fixed = Clock::fixed(shared.now());
        fixed.advance(chrono::Duration::hours(1));
        assert_eq!(fixed.token_time(), fixed.now());
    }
}
