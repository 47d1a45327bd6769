//! Working days of England and Wales: Monday to Friday except a listed bank holiday, and the days an authority closes.
//!
//! A calculation that reaches a year outside the table fails; it never guesses. A year counts as listed once it has the
//! eight bank holidays that every year has: half a year in a file would give wrong dates in the other half.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Europe::London;
use serde::Deserialize;

/// Bank holidays that every year has in England and Wales; some years have more.
const EVERY_YEAR: usize = 8;

/// The bank holidays of the years that are listed, and the days on which nobody works besides.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    holidays: BTreeMap<i32, BTreeSet<NaiveDate>>,
    closed: BTreeSet<NaiveDate>,
    /// A year that is not listed has no holidays.
    guesses: bool,
}

/// Why a day is no working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rest {
    /// A Saturday or a Sunday.
    Weekend,
    /// A bank holiday of England and Wales.
    BankHoliday,
    /// A day the configuration says nobody works on.
    Closed,
}

impl Rest {
    const WORDS: [(Self, &'static str); 3] =
        [(Self::Weekend, "WEEKEND"), (Self::BankHoliday, "BANK_HOLIDAY"), (Self::Closed, "CLOSED")];

    /// The reason in one word.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(rest, _)| *rest == self).map_or("", |(_, word)| word)
    }

    /// The reason of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, each)| *each == word).map(|(rest, _)| *rest)
    }
}

/// A calculation reached a year without a list of bank holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bank holidays of {0} are not listed")]
pub struct YearNotListed(pub i32);

#[derive(Deserialize)]
struct Table {
    #[serde(rename = "england-and-wales")]
    england_and_wales: Division,
}

#[derive(Deserialize)]
struct Division {
    events: Vec<Holiday>,
}

#[derive(Deserialize)]
struct Holiday {
    date: NaiveDate,
}

impl Calendar {
    /// Reads a table in the layout the government publishes.
    ///
    /// # Errors
    /// If the text is not of that layout.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let table: Table = serde_json::from_str(text)?;
        let dates = table.england_and_wales.events.into_iter().map(|holiday| holiday.date);
        Ok(Self::default().with(dates, []))
    }

    /// The same table with further bank holidays, and with days on which nobody works besides.
    #[must_use]
    pub fn with(
        mut self,
        holidays: impl IntoIterator<Item = NaiveDate>,
        closed: impl IntoIterator<Item = NaiveDate>,
    ) -> Self {
        for date in holidays {
            self.holidays.entry(date.year()).or_default().insert(date);
        }
        self.closed.extend(closed);
        self
    }

    /// The same calendar, for which a year that is not listed has no holidays. What is counted by it comes too soon rather
    /// than too late, and is said to be provisional.
    #[must_use]
    pub fn guessing(&self) -> Self {
        Self { guesses: true, ..self.clone() }
    }

    /// The last year up to which every year is listed, counted from the first.
    pub fn reaches(&self) -> Option<i32> {
        let mut listed = self.holidays.iter().filter(|(_, days)| days.len() >= EVERY_YEAR).map(|(year, _)| *year);
        let first = listed.next()?;
        Some(listed.zip(first + 1..).take_while(|(year, next)| year == next).last().map_or(first, |(year, _)| year))
    }

    /// The table that comes with the program.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Calendar> = OnceLock::new();
        // a table that cannot be read lists no year, so every calculation says so; a test reads it
        EMBEDDED.get_or_init(|| Self::from_json(include_str!("bank_holidays.json")).unwrap_or_default())
    }

    /// Whether `day` is a working day.
    ///
    /// # Errors
    /// If its year is not listed.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, YearNotListed> {
        Ok(self.rest(day)?.is_none())
    }

    /// Why `day` is no working day; `None` of one.
    ///
    /// # Errors
    /// If its year is not listed.
    pub fn rest(&self, day: NaiveDate) -> Result<Option<Rest>, YearNotListed> {
        let listed = self.holidays.get(&day.year()).filter(|days| days.len() >= EVERY_YEAR);
        if listed.is_none() && !self.guesses {
            return Err(YearNotListed(day.year()));
        }
        Ok(if listed.is_some_and(|days| days.contains(&day)) {
            Some(Rest::BankHoliday)
        } else if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            Some(Rest::Weekend)
        } else {
            self.closed.contains(&day).then_some(Rest::Closed)
        })
    }

    /// The last working day on or before `day`.
    ///
    /// # Errors
    /// If a year on the way is not listed.
    pub fn last_working_day(&self, day: NaiveDate) -> Result<NaiveDate, YearNotListed> {
        let mut day = day;
        while !self.is_working_day(day)? {
            day = day.pred_opt().ok_or(YearNotListed(day.year()))?;
        }
        Ok(day)
    }

    /// The `n`th working day after `day`; the day after `day` is the first that can count.
    ///
    /// # Errors
    /// If a year on the way is not listed.
    pub fn after(&self, day: NaiveDate, n: u32) -> Result<NaiveDate, YearNotListed> {
        Ok(self.counted(day, n, |d| d.succ_opt())?.0)
    }

    /// The `n`th working day before `day`; the day before `day` is the first that can count.
    ///
    /// # Errors
    /// If a year on the way is not listed.
    pub fn before(&self, day: NaiveDate, n: u32) -> Result<NaiveDate, YearNotListed> {
        Ok(self.counted(day, n, |d| d.pred_opt())?.0)
    }

    /// The `n`th working day on the way from `day`, which does not count itself, and the days of rest passed over.
    ///
    /// # Errors
    /// If a year on the way is not listed.
    pub fn counted(
        &self,
        day: NaiveDate,
        n: u32,
        step: impl Fn(NaiveDate) -> Option<NaiveDate>,
    ) -> Result<(NaiveDate, Vec<(NaiveDate, Rest)>), YearNotListed> {
        let (mut day, mut left, mut skipped) = (day, n, Vec::new());
        while left > 0 {
            day = step(day).ok_or(YearNotListed(day.year()))?;
            match self.rest(day)? {
                Some(rest) => skipped.push((day, rest)),
                None => left -= 1,
            }
        }
        Ok((day, skipped))
    }

    /// Working days of notice between being told on `told` and an event on `event`: the day before the event is day
    /// one, the day of being told counts. None if told on the day or later.
    ///
    /// # Errors
    /// If a year on the way is not listed.
    pub fn notice(&self, told: NaiveDate, event: NaiveDate) -> Result<i32, YearNotListed> {
        let mut days = 0;
        let mut day = event;
        while day > told {
            day = day.pred_opt().ok_or(YearNotListed(event.year()))?;
            if self.is_working_day(day)? {
                days += 1;
            }
        }
        Ok(days)
    }

    /// How many working days before the day it was due something came: the days from the one to the other, as of
    /// [`Calendar::notice`]. Below zero where it came later: the working days after the day it was due, that on which it came
    /// among them.
    ///
    /// # Errors
    /// If a year on the way is not listed.
    pub fn early(&self, came: NaiveDate, due: NaiveDate) -> Result<i32, YearNotListed> {
        if came <= due {
            return self.notice(came, due);
        }
        let next = |day: NaiveDate| day.succ_opt().ok_or(YearNotListed(day.year()));
        Ok(-self.notice(next(due)?, next(came)?)?)
    }
}

/// The instant a day ends in England.
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN);
    // clocks change at one or two in the morning, so midnight is never skipped nor doubled
    London.from_local_datetime(&next).earliest().map_or_else(|| next.and_utc(), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn fifteen_working_days_skip_both_may_holidays() {
        assert_eq!(Calendar::embedded().after(day("2025-05-02"), 15), Ok(day("2025-05-27")));
    }

    #[test]
    fn counting_before_skips_the_weekend() {
        assert_eq!(Calendar::embedded().before(day("2026-11-24"), 3), Ok(day("2026-11-19")));
    }

    #[test]
    fn notice_counts_from_the_day_before_the_event() {
        for (told, event, days) in [
            ("2026-11-23", "2026-11-24", 1),
            ("2026-11-24", "2026-11-24", 0),
            ("2026-11-20", "2026-11-23", 1),
            ("2026-11-16", "2026-11-24", 6),
        ] {
            assert_eq!(Calendar::embedded().notice(day(told), day(event)), Ok(days), "{told} {event}");
        }
    }

    #[test]
    fn what_comes_late_is_late_by_the_working_days_since() {
        // from Friday on, the twentieth
        for (came, due, days) in [
            ("2026-11-18", "2026-11-20", 2),
            ("2026-11-20", "2026-11-20", 0),
            ("2026-11-21", "2026-11-20", 0),
            ("2026-11-22", "2026-11-20", 0),
            ("2026-11-23", "2026-11-20", -1),
            ("2026-11-24", "2026-11-20", -2),
            ("2026-11-23", "2026-11-22", -1),
            ("2026-11-22", "2026-11-21", 0),
        ] {
            assert_eq!(Calendar::embedded().early(day(came), day(due)), Ok(days), "{came} {due}");
        }
    }

    #[test]
    fn a_year_that_is_not_listed_is_an_error() {
        assert_eq!(Calendar::embedded().after(day("2027-12-30"), 5), Err(YearNotListed(2028)));
    }

    #[test]
    fn half_a_year_is_not_listed() {
        let half = Calendar::default().with([day("2028-01-03"), day("2028-04-14")], []);
        assert_eq!(half.is_working_day(day("2028-06-01")), Err(YearNotListed(2028)));
        let all = ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"];
        let whole = Calendar::embedded().clone().with(all.map(|d| day(&format!("2028-{d}"))), []);
        assert_eq!(whole.is_working_day(day("2028-06-01")), Ok(true));
        assert_eq!((Calendar::embedded().reaches(), whole.reaches()), (Some(2027), Some(2028)));
    }

    #[test]
    fn a_day_of_rest_says_why() {
        let calendar = Calendar::embedded().clone().with([], [day("2026-12-24")]);
        let table = [
            ("2026-12-24", Some(Rest::Closed)),
            ("2026-12-25", Some(Rest::BankHoliday)),
            ("2026-12-26", Some(Rest::Weekend)),
            ("2026-12-28", Some(Rest::BankHoliday)),
            ("2026-12-29", None),
        ];
        for (date, rest) in table {
            assert_eq!(calendar.rest(day(date)), Ok(rest), "{date}");
        }
        assert_eq!(calendar.last_working_day(day("2026-12-28")), Ok(day("2026-12-23")));
        assert_eq!(calendar.after(day("2026-12-23"), 1), Ok(day("2026-12-29")));
    }

    #[test]
    fn a_day_ends_by_the_clock_of_england() {
        assert_eq!(end_of(day("2026-07-01")).to_rfc3339(), "2026-07-01T23:00:00+00:00");
        assert_eq!(end_of(day("2026-12-01")).to_rfc3339(), "2026-12-02T00:00:00+00:00");
    }
}
