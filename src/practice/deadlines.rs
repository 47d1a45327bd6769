//! When things are due that this part of the process makes due.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, Utc};
use entity::conference::Kind;

use super::calendar::{Calendar, YearNotListed, end_of};
use crate::clock::london_day;

/// When an agency's report to a conference is due: 24 hours before an initial conference (WAR-PR-06), by the end of
/// the third working day before a review (WAR-RV-06). The sources time the social work report only; agencies are
/// held to the same (AMB-27). Where that leaves less than a day from when it was asked, it is due a day after that, or
/// at the conference if that is sooner: nothing is late before anybody could write it.
///
/// # Errors
/// If the calendar does not reach that far.
pub fn report_due(
    calendar: &Calendar,
    kind: Kind,
    scheduled_at: DateTime<Utc>,
    asked_at: DateTime<Utc>,
) -> Result<DateTime<Utc>, YearNotListed> {
    let standard = match kind {
        Kind::Initial | Kind::PreBirth | Kind::TransferIn => scheduled_at - Duration::hours(24),
        Kind::Review => end_of(calendar.before(london_day(scheduled_at), 3)?),
    };
    Ok(standard.max(scheduled_at.min(asked_at + Duration::hours(24))))
}

/// The day by whose end the first core group meets: ten working days after the conference (WAR-CG-01).
///
/// # Errors
/// If the calendar does not reach that far.
pub fn first_core_group_due(calendar: &Calendar, conference_on: NaiveDate) -> Result<NaiveDate, YearNotListed> {
    calendar.after(conference_on, 10)
}

/// When the relationship that an invitation to a conference gave ends: with the fifteenth working day after it, by
/// which the minutes have gone out to all who were invited (WAR-MI-04).
///
/// # Errors
/// If the calendar does not reach that far.
pub fn invitation_ends(calendar: &Calendar, conference_on: NaiveDate) -> Result<DateTime<Utc>, YearNotListed> {
    Ok(end_of(calendar.after(conference_on, 15)?))
}

/// When the review of a use of emergency access is due: with the end of the `days`th working day after it. Where the
/// calendar does not reach that far, so many days without a look at holidays: sooner, and the access is not held up.
pub fn emergency_review_due(calendar: &Calendar, opened_at: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    let opened_on = london_day(opened_at);
    calendar.after(opened_on, days).map_or_else(|_| opened_at + Duration::days(i64::from(days)), end_of)
}

/// Until when a review of access can be answered: the end of the last of `working_days` after its issue.
///
/// # Errors
/// If the calendar does not reach that far.
pub fn review_answer_by(
    calendar: &Calendar,
    issued_on: NaiveDate,
    working_days: u16,
) -> Result<DateTime<Utc>, YearNotListed> {
    Ok(end_of(calendar.after(issued_on, u32::from(working_days))?))
}

/// The first day of the quarter before the one that `day` is in.
pub fn quarter_before(day: NaiveDate) -> NaiveDate {
    let first = day.with_day(1).unwrap_or(day) - Months::new(day.month0() % 3);
    first - Months::new(3)
}

/// By when an allegation is to be referred: with the end of the first working day after the agency concerned knew of it
/// (WAR-SM-04, AMB-51). Where the calendar does not reach that far, a day without a look at holidays: a late referral is
/// recorded as late, and none is refused for it.
pub fn lado_referral_due(calendar: &Calendar, known_at: DateTime<Utc>) -> DateTime<Utc> {
    calendar.after(london_day(known_at), 1).map_or_else(|_| known_at + Duration::days(1), end_of)
}

/// When the relationship that an invitation to a strategy meeting gave ends: with the tenth working day after it, by
/// which its record has gone to every party (WAR-SM-28).
///
/// # Errors
/// If the calendar does not reach that far.
pub fn strategy_invitation_ends(calendar: &Calendar, meeting_on: NaiveDate) -> Result<DateTime<Utc>, YearNotListed> {
    Ok(end_of(calendar.after(meeting_on, 10)?))
}

/// By when a child that moved is to have its transfer-in conference: the end of the fifteenth working day from the day it
/// was shared (`icpc_transfer_in`).
///
/// # Errors
/// If the calendar does not reach that far.
pub fn transfer_conference_due(calendar: &Calendar, shared_on: NaiveDate) -> Result<DateTime<Utc>, YearNotListed> {
    Ok(end_of(calendar.after(shared_on, 15)?))
}

/// Until when chair and minute taker hold a conference whose outcome is not recorded: three months from its day, by
/// when the next one would have been held (WAR-RV-01). Longer than the invitations, so that what is late can still be
/// recorded.
pub fn conference_posts_end(conference_on: NaiveDate) -> DateTime<Utc> {
    end_of(conference_on.checked_add_months(Months::new(3)).unwrap_or(conference_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_of_the_quarter_that_is_over() {
        for (day, quarter) in [
            ("2026-11-24", "2026-07-01"),
            ("2026-10-01", "2026-07-01"),
            ("2026-09-30", "2026-04-01"),
            ("2027-01-31", "2026-10-01"),
        ] {
            assert_eq!(quarter_before(day.parse().unwrap()), quarter.parse().unwrap(), "{day}");
        }
    }

    #[test]
    fn a_review_is_answered_within_twenty_working_days() {
        let by = review_answer_by(Calendar::embedded(), "2026-11-24".parse().unwrap(), 20).unwrap();
        assert_eq!(by.to_rfc3339(), "2026-12-23T00:00:00+00:00");
    }

    #[test]
    fn reports_to_reviews_are_due_three_working_days_before() {
        let at: DateTime<Utc> = "2026-11-24T10:00:00Z".parse().unwrap();
        let early = at - Duration::days(30);
        let due = report_due(Calendar::embedded(), Kind::Review, at, early).unwrap();
        assert_eq!(due.to_rfc3339(), "2026-11-20T00:00:00+00:00");
        let due = report_due(Calendar::embedded(), Kind::Initial, at, early).unwrap();
        assert_eq!(due.to_rfc3339(), "2026-11-23T10:00:00+00:00");
    }

    #[test]
    fn emergency_access_is_reviewed_in_two_working_days() {
        for (opened, due) in [
            ("2026-11-24T09:00:00Z", "2026-11-27T00:00:00+00:00"),
            // over the weekend, and over Christmas
            ("2026-11-27T23:30:00Z", "2026-12-02T00:00:00+00:00"),
            ("2026-12-24T12:00:00Z", "2026-12-31T00:00:00+00:00"),
            // beyond the table
            ("2031-05-02T12:00:00Z", "2031-05-04T12:00:00+00:00"),
        ] {
            let opened: DateTime<Utc> = opened.parse().unwrap();
            assert_eq!(emergency_review_due(Calendar::embedded(), opened, 2).to_rfc3339(), due, "{opened}");
        }
    }

    #[test]
    fn an_allegation_is_referred_within_a_working_day() {
        for (known, due) in [
            ("2026-11-24T00:30:00Z", "2026-11-26T00:00:00+00:00"),
            ("2026-11-24T23:30:00Z", "2026-11-26T00:00:00+00:00"),
            // over a weekend, over Christmas, and in summer by the clock of England
            ("2026-11-27T15:00:00Z", "2026-12-01T00:00:00+00:00"),
            ("2026-12-24T12:00:00Z", "2026-12-30T00:00:00+00:00"),
            ("2026-07-01T23:30:00Z", "2026-07-03T23:00:00+00:00"),
            // beyond the table
            ("1990-05-02T12:00:00Z", "1990-05-03T12:00:00+00:00"),
        ] {
            let known: DateTime<Utc> = known.parse().unwrap();
            assert_eq!(lado_referral_due(Calendar::embedded(), known).to_rfc3339(), due, "{known}");
        }
    }

    #[test]
    fn a_report_asked_late_is_not_due_before_it_was_asked() {
        let at: DateTime<Utc> = "2026-11-24T10:00:00Z".parse().unwrap();
        for (kind, hours_before, due) in [
            (Kind::Initial, 10, "2026-11-24T10:00:00+00:00"),
            (Kind::Initial, 30, "2026-11-24T04:00:00+00:00"),
            (Kind::Initial, 48, "2026-11-23T10:00:00+00:00"),
            (Kind::Review, 60, "2026-11-22T22:00:00+00:00"),
        ] {
            let asked = at - Duration::hours(hours_before);
            assert_eq!(report_due(Calendar::embedded(), kind, at, asked).unwrap().to_rfc3339(), due, "{hours_before}");
        }
    }

    #[test]
    fn what_meetings_open_ends_after_them() {
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        let ends = strategy_invitation_ends(Calendar::embedded(), day).unwrap();
        assert_eq!(ends.to_rfc3339(), "2026-12-09T00:00:00+00:00");
        assert_eq!(invitation_ends(Calendar::embedded(), day).unwrap().to_rfc3339(), "2026-12-16T00:00:00+00:00");
        assert_eq!(
            transfer_conference_due(Calendar::embedded(), day).unwrap().to_rfc3339(),
            "2026-12-16T00:00:00+00:00"
        );
        assert_eq!(conference_posts_end(day).to_rfc3339(), "2027-02-25T00:00:00+00:00");
    }
}
