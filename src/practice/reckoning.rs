//! From a trigger and a span of time to the instant something is due, with all that it took to get there.
//!
//! Days are those of England; hours are elapsed. A limit in days is met until its last day ends; one in hours at its very
//! instant. What is due at once is late once the day of its trigger has ended (AMB-05). Months end on the same day of the
//! month, or on its last day, and are not moved to a working day (AMB-09).

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike as _, Days, Duration, Months, NaiveDate, Utc, Weekday};

use super::calendar::{Calendar, Rest, YearNotListed, end_of};
use crate::clock::london_day;

/// What time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Elapsed hours, through nights, weekends and changes of the clock (AMB-07).
    Hours,
    /// Days of the calendar.
    Days,
    /// Working days: the day after the trigger, or the day before the event, is the first (AMB-02).
    WorkingDays,
    /// Weeks of seven days.
    Weeks,
    /// Months of the calendar.
    Months,
}

impl Unit {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Hours, "hour", "hours"),
        (Self::Days, "day", "days"),
        (Self::WorkingDays, "working day", "working days"),
        (Self::Weeks, "week", "weeks"),
        (Self::Months, "month", "months"),
    ];
}

/// A span of time as a standard says it: `10 working days`, `24 hours`, `the same day`, `at once`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many.
    pub amount: u16,
    /// Of what.
    pub unit: Unit,
}

impl Span {
    /// The last day of a span that begins with a day, without a look at holidays: a month ends on the same day of the next
    /// one, a working day is Monday to Friday, hours that have begun a day take it whole.
    pub fn last_day(self, from: NaiveDate) -> NaiveDate {
        let amount = u64::from(self.amount);
        let days = |days: u64| from.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
        match self.unit {
            Unit::Hours => days(amount.div_ceil(24)),
            Unit::Days => days(amount),
            Unit::Weeks => days(amount * 7),
            Unit::Months => from.checked_add_months(Months::new(self.amount.into())).unwrap_or(NaiveDate::MAX),
            Unit::WorkingDays => {
                let is_weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
                let after = from.iter_days().skip(1).filter(is_weekday).nth(usize::from(self.amount).saturating_sub(1));
                if self.amount == 0 { from } else { after.unwrap_or(NaiveDate::MAX) }
            }
        }
    }
}

/// No span: what can be counted is said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "«{0}» cannot be counted: say a whole number of hours, days, working days, weeks or months, «the same day» or «at once»"
)]
pub struct NotCounted(String);

impl FromStr for Span {
    type Err = NotCounted;

    fn from_str(text: &str) -> Result<Self, NotCounted> {
        let unknown = || NotCounted(text.to_owned());
        match text {
            "at once" => return Ok(Self { amount: 0, unit: Unit::Hours }),
            "the same day" => return Ok(Self { amount: 0, unit: Unit::Days }),
            _ => {}
        }
        let (number, unit) = text.split_once(' ').ok_or_else(unknown)?;
        let amount: u16 = number.parse().map_err(|_| unknown())?;
        let named = |(_, one, many): &&(Unit, &str, &str)| unit == if amount == 1 { *one } else { *many };
        let (unit, ..) = Unit::ALL.iter().find(named).ok_or_else(unknown)?;
        if amount == 0 { Err(unknown()) } else { Ok(Self { amount, unit: *unit }) }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { amount: 0, unit: Unit::Hours } => f.write_str("at once"),
            Self { amount: 0, .. } => f.write_str("the same day"),
            Self { amount, unit } => {
                let words = Unit::ALL.iter().find(|(each, ..)| each == unit);
                let word = words.map_or("", |(_, one, many)| if *amount == 1 { one } else { many });
                write!(f, "{amount} {word}")
            }
        }
    }
}

/// How a limit of this kind is counted, in a sentence.
pub const fn said(unit: entity::deadline::Unit, amount: i32, before: bool) -> &'static str {
    use entity::deadline::Unit as U;
    match (unit, amount, before) {
        (U::Hours, 0, false) => "It is due at once, and late when that day has ended in England.",
        (_, 0, true) => "It is due at any time before the meeting begins.",
        (_, 0, false) => "It is due by the end of the same day in England.",
        (U::Hours, _, false) => "Elapsed hours from that instant, through nights, weekends and changes of the clock.",
        (U::Hours, _, true) => "Elapsed hours back from the instant the meeting begins.",
        (U::WorkingDays, _, false) => "The day after is the first that can count; it is due by the end of the last.",
        (U::WorkingDays, _, true) => "The day before is the first that can count; it is due by the end of the last.",
        (U::Days | U::Weeks, _, false) => "Days of the calendar; it is due by the end of the last.",
        (U::Days | U::Weeks, _, true) => {
            "Days of the calendar back from the day of the meeting; it is due by the end of the last."
        }
        (U::Months, ..) => {
            "The same day of the month, or its last day; not moved to a working day. It is due by the end of that day."
        }
    }
}

/// Which way is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From something that happened.
    After,
    /// Back from something that is to happen.
    Before,
}

/// When something is due, and how that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reckoning {
    /// The instant it is due.
    pub due_at: DateTime<Utc>,
    /// The instant after which it is late: later than `due_at` only for what is due at once.
    pub late_after: DateTime<Utc>,
    /// Days that were passed over, with the reason, in the order they were met.
    pub skipped: Vec<(NaiveDate, Rest)>,
}

impl Reckoning {
    const fn at(due_at: DateTime<Utc>) -> Self {
        Self { due_at, late_after: due_at, skipped: Vec::new() }
    }
}

/// When something is due that a span is counted for from an instant.
///
/// # Errors
/// If a year on the way has no list of bank holidays, or is out of all reach.
pub fn reckon(
    calendar: &Calendar,
    from: DateTime<Utc>,
    direction: Direction,
    span: Span,
) -> Result<Reckoning, YearNotListed> {
    let day = london_day(from);
    let far = || YearNotListed(i32::MAX);
    let amount = u64::from(span.amount);
    let (sign, after) = match direction {
        Direction::After => (1, true),
        Direction::Before => (-1, false),
    };
    let last = match span.unit {
        Unit::Hours if amount == 0 && after => {
            return Ok(Reckoning { due_at: from, late_after: end_of(day), skipped: Vec::new() });
        }
        Unit::Hours => return Ok(Reckoning::at(from + Duration::hours(sign * i64::from(span.amount)))),
        // before an event on its own day is before the event
        Unit::Days | Unit::Weeks | Unit::Months | Unit::WorkingDays if amount == 0 && !after => {
            return Ok(Reckoning::at(from));
        }
        Unit::WorkingDays => {
            let step = |day: NaiveDate| if after { day.succ_opt() } else { day.pred_opt() };
            let (last, skipped) = calendar.counted(day, u32::from(span.amount), step)?;
            return Ok(Reckoning { skipped, ..Reckoning::at(end_of(last)) });
        }
        Unit::Days | Unit::Weeks => {
            let days = Days::new(if span.unit == Unit::Weeks { amount * 7 } else { amount });
            if after { day.checked_add_days(days) } else { day.checked_sub_days(days) }
        }
        Unit::Months => {
            let months = Months::new(u32::from(span.amount));
            if after { day.checked_add_months(months) } else { day.checked_sub_months(months) }
        }
    };
    Ok(Reckoning::at(end_of(last.ok_or_else(far)?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn due(from: &str, direction: Direction, span: &str) -> String {
        let reckoned = reckon(Calendar::embedded(), at(from), direction, span.parse().unwrap()).unwrap();
        reckoned.due_at.with_timezone(&chrono_tz::Europe::London).format("%a %-d %b %Y %H:%M").to_string()
    }

    #[test]
    fn spans_are_said_as_they_are_read() {
        for text in
            ["at once", "the same day", "1 hour", "48 hours", "1 working day", "10 working days", "4 weeks", "3 months"]
        {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for text in
            ["", "10", "ten days", "1 days", "10 day", "0 hours", "10 workdays", "70000 days", "-1 days", " 1 day"]
        {
            assert_eq!(text.parse::<Span>(), Err(NotCounted(text.to_owned())));
        }
    }

    /// The dates of the worked examples that the practice sources give rise to, and others of their kind.
    #[test]
    fn days_are_counted_as_practice_counts_them() {
        use Direction::{After, Before};
        let table = [
            // a Saturday night on which the clocks go forward: hours elapse
            ("2026-03-28T23:30:00Z", After, "2 hours", "Sun 29 Mar 2026 02:30"),
            ("2026-03-28T23:30:00Z", After, "the same day", "Sun 29 Mar 2026 00:00"),
            ("2026-03-28T23:30:00Z", After, "24 hours", "Mon 30 Mar 2026 00:30"),
            // and on which they go back
            ("2026-10-24T23:30:00Z", After, "24 hours", "Sun 25 Oct 2026 23:30"),
            ("2026-10-24T22:30:00Z", After, "1 day", "Mon 26 Oct 2026 00:00"),
            // over Christmas and New Year
            ("2025-12-18T11:00:00Z", After, "10 working days", "Wed 7 Jan 2026 00:00"),
            ("2025-12-18T11:00:00Z", After, "at once", "Thu 18 Dec 2025 11:00"),
            // over Easter
            ("2026-04-02T09:00:00Z", After, "1 working day", "Wed 8 Apr 2026 00:00"),
            ("2026-04-02T09:00:00Z", After, "10 working days", "Tue 21 Apr 2026 00:00"),
            ("2026-04-02T09:00:00Z", After, "15 working days", "Tue 28 Apr 2026 00:00"),
            ("2026-04-02T09:00:00Z", After, "3 months", "Fri 3 Jul 2026 00:00"),
            // four weeks, and five days before that
            ("2026-12-10T10:00:00Z", After, "4 weeks", "Fri 8 Jan 2027 00:00"),
            ("2027-01-07T10:00:00Z", Before, "5 days", "Sun 3 Jan 2027 00:00"),
            ("2027-01-07T10:00:00Z", Before, "5 working days", "Thu 31 Dec 2026 00:00"),
            // back from a conference
            ("2026-04-08T09:00:00Z", Before, "3 working days", "Thu 2 Apr 2026 00:00"),
            ("2026-11-30T10:00:00Z", Before, "48 hours", "Sat 28 Nov 2026 10:00"),
            ("2026-11-30T10:00:00Z", Before, "the same day", "Mon 30 Nov 2026 10:00"),
            // ends of months, and leap years
            ("2026-11-30T10:00:00Z", After, "3 months", "Mon 1 Mar 2027 00:00"),
            ("2024-02-29T10:00:00Z", After, "6 months", "Fri 30 Aug 2024 00:00"),
            ("2027-08-31T10:00:00Z", After, "6 months", "Wed 1 Mar 2028 00:00"),
            // from a day of rest, the next day is the first all the same
            ("2026-12-26T10:00:00Z", After, "1 working day", "Wed 30 Dec 2026 00:00"),
            // just before midnight by the clock of England, in summer
            ("2026-06-30T22:59:00Z", After, "1 working day", "Thu 2 Jul 2026 00:00"),
            ("2026-06-30T23:01:00Z", After, "1 working day", "Fri 3 Jul 2026 00:00"),
        ];
        for (from, direction, span, expected) in table {
            assert_eq!(due(from, direction, span), expected, "{span} {direction:?} {from}");
        }
    }

    #[test]
    fn what_is_due_at_once_is_late_when_the_day_is_over() {
        let reckoned =
            reckon(Calendar::embedded(), at("2025-12-18T11:00:00Z"), Direction::After, "at once".parse().unwrap());
        assert_eq!(reckoned.unwrap().late_after, at("2025-12-19T00:00:00Z"));
    }

    #[test]
    fn the_days_passed_over_are_named() {
        let reckoned = reckon(
            Calendar::embedded(),
            at("2026-04-02T09:00:00Z"),
            Direction::After,
            "1 working day".parse().unwrap(),
        );
        let skipped: Vec<_> =
            reckoned.unwrap().skipped.into_iter().map(|(day, rest)| (day.to_string(), rest)).collect();
        let expected = [
            ("2026-04-03", Rest::BankHoliday),
            ("2026-04-04", Rest::Weekend),
            ("2026-04-05", Rest::Weekend),
            ("2026-04-06", Rest::BankHoliday),
        ];
        assert_eq!(skipped, expected.map(|(day, rest)| (day.to_owned(), rest)));
    }

    #[test]
    fn past_the_table_the_year_is_named() {
        let from = at("2027-12-20T09:00:00Z");
        let reckoned = reckon(Calendar::embedded(), from, Direction::After, "10 working days".parse().unwrap());
        assert_eq!(reckoned, Err(YearNotListed(2028)));
        assert!(reckon(Calendar::embedded(), from, Direction::After, "3 months".parse().unwrap()).is_ok());
    }

    fn spans() -> impl Strategy<Value = Span> {
        let unit = prop::sample::select(Unit::ALL.map(|(unit, ..)| unit).to_vec());
        (0_u16..60, unit).prop_map(|(amount, unit)| Span { amount, unit })
    }

    /// Minutes from the first of January 2025 to the end of June 2027: with sixty working days the table is not left.
    fn instants() -> impl Strategy<Value = DateTime<Utc>> {
        (0_i64..910 * 24 * 60).prop_map(|minutes| at("2025-01-01T00:00:00Z") + Duration::minutes(minutes))
    }

    proptest! {
        #[test]
        fn a_later_trigger_is_never_due_sooner(from in instants(), later in 0_i64..100_000, span in spans()) {
            let due = |from| reckon(Calendar::embedded(), from, Direction::After, span);
            if let (Ok(first), Ok(second)) = (due(from), due(from + Duration::minutes(later))) {
                prop_assert!(first.due_at <= second.due_at && first.late_after <= second.late_after);
            }
        }

        #[test]
        fn a_longer_span_is_never_due_sooner(from in instants(), span in spans()) {
            let due = |amount| reckon(Calendar::embedded(), from, Direction::After, Span { amount, ..span });
            if let (Ok(first), Ok(second)) = (due(span.amount), due(span.amount + 1)) {
                prop_assert!(first.due_at <= second.due_at);
            }
        }

        /// What is counted back from a meeting: a later meeting asks for nothing sooner, and more time before it for nothing
        /// later.
        #[test]
        fn what_is_due_before_a_later_meeting_is_never_due_sooner(
            from in instants(),
            later in 0_i64..100_000,
            span in spans(),
        ) {
            let due = |from, amount| reckon(Calendar::embedded(), from, Direction::Before, Span { amount, ..span });
            if let (Ok(first), Ok(second)) = (due(from, span.amount), due(from + Duration::minutes(later), span.amount)) {
                prop_assert!(first.due_at <= second.due_at && first.late_after <= second.late_after);
            }
            if let (Ok(less), Ok(more)) = (due(from, span.amount), due(from, span.amount + 1)) {
                prop_assert!(more.due_at <= less.due_at && less.due_at <= from);
            }
        }

        #[test]
        fn no_limit_in_working_days_ends_on_a_day_of_rest(from in instants(), amount in 1_u16..60, before in any::<bool>()) {
            let direction = if before { Direction::Before } else { Direction::After };
            let span = Span { amount, unit: Unit::WorkingDays };
            if let Ok(reckoned) = reckon(Calendar::embedded(), from, direction, span) {
                let last = london_day(reckoned.due_at - Duration::seconds(1));
                prop_assert_eq!(Calendar::embedded().is_working_day(last), Ok(true));
                // what was passed over and what was counted are all the days there are between
                let between = (last - london_day(from)).num_days().unsigned_abs();
                prop_assert_eq!(between, u64::from(amount) + reckoned.skipped.len() as u64);
            }
        }

        /// Whatever the clocks do, the date is that of a calendar on the wall.
        #[test]
        fn no_change_of_the_clock_moves_a_date(from in instants(), amount in 1_u16..400, before in any::<bool>()) {
            let direction = if before { Direction::Before } else { Direction::After };
            let reckoned = reckon(Calendar::embedded(), from, direction, Span { amount, unit: Unit::Days }).unwrap();
            let last = london_day(reckoned.due_at - Duration::seconds(1));
            let days = Days::new(u64::from(amount));
            prop_assert_eq!(last, if before { london_day(from) - days } else { london_day(from) + days });
        }

        /// Hours elapse, and nothing else: back and forth again is where it began.
        #[test]
        fn hours_elapse_whatever_the_clocks_do(from in instants(), amount in 1_u16..400) {
            let span = Span { amount, unit: Unit::Hours };
            let due = |from, direction| reckon(Calendar::embedded(), from, direction, span).unwrap().due_at;
            let back = due(from, Direction::Before);
            prop_assert_eq!(from - back, Duration::hours(amount.into()));
            prop_assert_eq!(due(back, Direction::After), from);
        }

        /// The last day of a span, without a look at holidays, is never after the one with them.
        #[test]
        fn holidays_only_add_days(from in instants(), span in spans()) {
            let last = span.last_day(london_day(from));
            if let Ok(reckoned) = reckon(Calendar::embedded(), from, Direction::After, span) && span.unit != Unit::Hours {
                prop_assert!(last <= london_day(reckoned.due_at - Duration::seconds(1)));
            }
        }
    }

    #[test]
    fn a_span_ends_with_its_last_day() {
        for (span, from, last) in [
            ("3 weeks", "2026-12-01", "2026-12-22"),
            ("1 month", "2027-01-31", "2027-02-28"),
            ("90 days", "2026-08-02", "2026-10-31"),
            ("3 months", "2026-08-02", "2026-11-02"),
            ("48 hours", "2026-12-01", "2026-12-03"),
            ("5 working days", "2026-12-04", "2026-12-11"),
            ("at once", "2026-12-04", "2026-12-04"),
            ("the same day", "2026-12-04", "2026-12-04"),
        ] {
            let day = |text: &str| text.parse::<NaiveDate>().unwrap();
            assert_eq!(span.parse::<Span>().unwrap().last_day(day(from)), day(last), "{span}");
        }
    }
}
