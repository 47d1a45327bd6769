//! What is kept of a child after the work with it has ended, and for how long.

use chrono::{DateTime, Months, NaiveDate, Utc};

use super::calendar::end_of;
use crate::clock::london_day;

/// Months for which the status of a plan stays known after an involvement (as the child protection information sharing
/// service keeps it).
const STATUS_MONTHS: Months = Months::new(12);

/// The last day on which the status of a plan is known to who was involved until `ended_at`.
pub fn status_kept_until(ended_at: DateTime<Utc>) -> NaiveDate {
    let day = london_day(ended_at);
    day.checked_add_months(STATUS_MONTHS).unwrap_or(day)
}

/// Involvements that ended later than this are known still at `at`: the end of the day a year and a day before, so that
/// what ended on a day is known to the end of that day of the next year.
pub fn status_kept_since(at: DateTime<Utc>) -> DateTime<Utc> {
    let day = london_day(at);
    let last = day.checked_sub_months(STATUS_MONTHS).and_then(|day| day.pred_opt()).unwrap_or(day);
    end_of(last) - chrono::Duration::microseconds(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_known_for_twelve_months() {
        for (ended, last) in [
            ("2026-11-24T09:00:00Z", "2027-11-24"),
            // the first moment of a day in England
            ("2026-06-30T23:00:00Z", "2027-07-01"),
            ("2028-02-29T12:00:00Z", "2029-02-28"),
        ] {
            let ended: DateTime<Utc> = ended.parse().unwrap();
            let last: NaiveDate = last.parse().unwrap();
            assert_eq!(status_kept_until(ended), last);
            assert!(ended > status_kept_since(end_of(last) - chrono::Duration::seconds(1)), "{ended} on {last}");
            assert!(ended <= status_kept_since(end_of(last)), "{ended} after {last}");
        }
    }
}
