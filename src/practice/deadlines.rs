//! When things are due, and which way their time is counted.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, Utc};
use entity::conference;
use entity::deadline::Kind;
use entity::local_authority::Profile;

use super::Practice;
use super::calendar::{Calendar, Rest, YearNotListed, end_of};
use super::reckoning::{Direction, Reckoning, Span, Unit, reckon};
use super::standards::Hold;
use crate::clock::london_day;

/// Which way the time of something is counted: back from a meeting that is to come, or from what has happened.
pub const fn direction(kind: Kind) -> Direction {
    match kind {
        Kind::ReportToFamily
        | Kind::ReportToProfessionals
        | Kind::ReviewReportToFamily
        | Kind::ReviewReportToUnit
        | Kind::AgencyReport
        | Kind::AgencyReportToReview
        | Kind::FamilyMetByChair
        | Kind::CoreGroupPapers
        | Kind::CoreGroupRecommendation
        | Kind::NineMonthSupervision
        | Kind::NineMonthConversation
        | Kind::SupportReferral
        | Kind::SupportDiscussion => Direction::Before,
        Kind::FirstStrategyMeeting
        | Kind::StrategyOutcomeDocument
        | Kind::StrategyDocument
        | Kind::StrategyRecordCirculated
        | Kind::InitialConference
        | Kind::DecisionsCirculated
        | Kind::MinutesCirculated
        | Kind::OutlinePlan
        | Kind::FirstCoreGroup
        | Kind::NextCoreGroup
        | Kind::FirstReview
        | Kind::NextReview
        | Kind::FollowOnPlan
        | Kind::CinPlanCopies => Direction::After,
    }
}

/// Whether nothing else in the record shows that something was done, so that somebody has to say it.
pub const fn is_said(kind: Kind) -> bool {
    match kind {
        Kind::StrategyOutcomeDocument
        | Kind::StrategyRecordCirculated
        | Kind::ReportToFamily
        | Kind::ReportToProfessionals
        | Kind::ReviewReportToFamily
        | Kind::ReviewReportToUnit
        | Kind::FamilyMetByChair
        | Kind::DecisionsCirculated
        | Kind::MinutesCirculated
        | Kind::OutlinePlan
        | Kind::CoreGroupPapers
        | Kind::CoreGroupRecommendation
        | Kind::NineMonthSupervision
        | Kind::NineMonthConversation
        | Kind::SupportReferral
        | Kind::SupportDiscussion
        | Kind::FollowOnPlan
        | Kind::CinPlanCopies => true,
        Kind::FirstStrategyMeeting
        | Kind::StrategyDocument
        | Kind::InitialConference
        | Kind::AgencyReport
        | Kind::AgencyReportToReview
        | Kind::FirstCoreGroup
        | Kind::NextCoreGroup
        | Kind::FirstReview
        | Kind::NextReview => false,
    }
}

/// What is due before an initial conference, the reports of agencies aside.
pub const BEFORE_INITIAL: &[Kind] = &[Kind::ReportToFamily, Kind::ReportToProfessionals, Kind::FamilyMetByChair];
/// What is due before a review, the reports of agencies aside.
pub const BEFORE_REVIEW: &[Kind] =
    &[Kind::ReviewReportToFamily, Kind::ReviewReportToUnit, Kind::CoreGroupRecommendation];
/// What is due besides before a nine-month review.
pub const BEFORE_NINE_MONTH_REVIEW: &[Kind] = &[Kind::NineMonthSupervision, Kind::NineMonthConversation];

/// What is due before a conference, the reports of agencies aside.
pub const fn before_conference(kind: conference::Kind) -> &'static [Kind] {
    match kind {
        conference::Kind::Initial | conference::Kind::PreBirth | conference::Kind::TransferIn => BEFORE_INITIAL,
        conference::Kind::Review => BEFORE_REVIEW,
    }
}

/// Whether a review is the one at nine months (BRI-NM-02, AMB-13): the second one, or the first that is nine months or more
/// after the plan began, where there was no second before it.
pub fn is_nine_month_review(plan_since: NaiveDate, reviews_before: usize, day: NaiveDate) -> bool {
    let nine_months = plan_since.checked_add_months(Months::new(9)).is_some_and(|due| day >= due);
    reviews_before == 1 || (reviews_before == 0 && nine_months)
}

/// A limit that was set: by which rule, how it was counted, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The rule.
    pub rule: String,
    /// The figure as the authority holds it.
    pub span: Span,
    /// From when it was counted.
    pub from: DateTime<Utc>,
    /// Which way it was counted.
    pub direction: Direction,
    /// When it is due, and how that was counted.
    pub reckoning: Reckoning,
    /// A year on the way without a list of bank holidays: the limit is provisional.
    pub missing_year: Option<i32>,
    /// From when on it is said to approach.
    pub approaches_at: DateTime<Utc>,
    /// Whether anybody is told that it comes near or was missed.
    pub is_told: bool,
}

impl Practice {
    /// The limit for something whose time is counted from an instant; `None` where the authority sets none.
    pub fn limit(&self, profile: Profile, kind: Kind, from: DateTime<Utc>) -> Option<Limit> {
        let book = self.standards.book(profile);
        let (standard, span) = book.due(kind, london_day(from))?;
        let direction = direction(kind);
        let (reckoning, missing_year) = self.reckon(from, direction, span)?;
        let last = reckoning.late_after;
        // hours are gone before a working day is: what is left is the last quarter of them
        let approaches_at = match (span.unit, direction) {
            (Unit::Hours, Direction::After) => from + (last - from) * 3 / 4,
            _ => book
                .approaching
                .and_then(|span| self.reckon(last, Direction::Before, span))
                .map_or(last, |(r, _)| r.due_at),
        };
        let (rule, is_told) = (standard.rule.clone(), standard.hold > Hold::Offer);
        Some(Limit { rule, span, from, direction, reckoning, missing_year, approaches_at, is_told })
    }

    /// To what the time of something that was counted from an instant can be stretched; `None` where the authority lets it
    /// not be.
    pub fn extension(&self, profile: Profile, kind: Kind, from: DateTime<Utc>) -> Option<Limit> {
        let (standard, span) = self.standards.book(profile).extension(kind, london_day(from))?;
        let direction = direction(kind);
        let (reckoning, missing_year) = self.reckon(from, direction, span)?;
        let approaches_at = from + (reckoning.late_after - from) * 3 / 4;
        let (rule, is_told) = (standard.rule.clone(), true);
        Some(Limit { rule, span, from, direction, reckoning, missing_year, approaches_at, is_told })
    }

    /// What is due, though a year on the way is not listed: what has happened is recorded all the same, and the limit is
    /// provisional until the year is.
    fn reckon(&self, from: DateTime<Utc>, direction: Direction, span: Span) -> Option<(Reckoning, Option<i32>)> {
        match reckon(&self.calendar, from, direction, span) {
            Ok(reckoning) => Some((reckoning, None)),
            Err(YearNotListed(year)) => {
                let guess = reckon(&self.calendar.guessing(), from, direction, span).ok()?;
                Some((guess, Some(year)))
            }
        }
    }

    /// The limit of an agency's report to a conference: as the authority says, or the conference itself. Where that leaves
    /// less than a day from when it was asked, a day after that, or the conference if that is sooner: nothing is late
    /// before anybody could write it. The sources time the social work report only; agencies are held to the same
    /// (AMB-27). Past the table of holidays it is provisional, like every limit: who schedules a conference there is refused
    /// by what its invitations open.
    pub fn report_limit(
        &self,
        profile: Profile,
        conference: conference::Kind,
        scheduled_at: DateTime<Utc>,
        asked_at: DateTime<Utc>,
    ) -> (Kind, Option<Limit>, DateTime<Utc>) {
        let kind = match conference {
            conference::Kind::Initial | conference::Kind::PreBirth | conference::Kind::TransferIn => Kind::AgencyReport,
            conference::Kind::Review => Kind::AgencyReportToReview,
        };
        let mut limit = self.limit(profile, kind, scheduled_at);
        let standard = limit.as_ref().map_or(scheduled_at, |limit| limit.reckoning.due_at);
        let due_at = standard.max(scheduled_at.min(asked_at + Duration::hours(24)));
        if let Some(limit) = limit.as_mut().filter(|_| due_at != standard) {
            // so that it is explained by what it was counted from
            (limit.from, limit.direction) = (asked_at, Direction::After);
            limit.span = Span { amount: 24, unit: Unit::Hours };
            if due_at == scheduled_at {
                (limit.from, limit.direction) = (scheduled_at, Direction::Before);
                limit.span.amount = 0;
            }
            limit.reckoning = Reckoning { due_at, late_after: due_at, skipped: Vec::new() };
            limit.missing_year = None;
            limit.approaches_at = asked_at;
        }
        (kind, limit, due_at)
    }
}

/// Days that were passed over as they are kept: `2026-04-03 BANK_HOLIDAY; 2026-04-04 WEEKEND`.
pub fn skipped_as_text(skipped: &[(NaiveDate, Rest)]) -> String {
    skipped.iter().map(|(day, rest)| format!("{day} {}", rest.word())).collect::<Vec<_>>().join("; ")
}

/// The days that [`skipped_as_text`] wrote.
pub fn skipped_of_text(text: &str) -> Vec<(NaiveDate, Rest)> {
    let entry = |entry: &str| {
        let (day, word) = entry.split_once(' ')?;
        Some((day.parse().ok()?, Rest::of_word(word)?))
    };
    text.split("; ").filter_map(entry).collect()
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

/// When what a meeting that is called off opened closes: with the end of the next working day, by which everybody who was
/// asked has been told. Where the calendar does not reach that far, of the next weekday.
pub fn cancelled_meeting_closes(calendar: &Calendar, cancelled_on: NaiveDate) -> DateTime<Utc> {
    let next = calendar.after(cancelled_on, 1).or_else(|_| calendar.guessing().after(cancelled_on, 1));
    end_of(next.unwrap_or(cancelled_on))
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
    use std::path::Path;

    use super::super::PracticeSettings;
    use super::*;

    fn report_due(kind: conference::Kind, at: DateTime<Utc>, asked: DateTime<Utc>) -> String {
        let limit = Practice::embedded().report_limit(Profile::Warwickshire, kind, at, asked);
        limit.2.to_rfc3339()
    }

    /// What each authority makes due, by which of its rules, and when: counted by hand.
    #[test]
    fn every_limit_comes_from_its_rule() {
        use Profile::{Birmingham, Bristol, Lancashire, Warwickshire};
        // a Thursday before Easter; a Monday in June, for what is counted back
        let (held, to_come) = ("2026-04-02T09:00:00Z", "2026-06-15T09:00:00Z");
        let table = [
            (Warwickshire, Kind::FirstStrategyMeeting, held, "WAR-SM-02", "2026-04-02T23:00:00Z"),
            (Warwickshire, Kind::StrategyDocument, held, "WAR-SM-12", "2026-04-02T09:00:00Z"),
            (Warwickshire, Kind::StrategyOutcomeDocument, held, "WAR-SM-13", "2026-04-02T23:00:00Z"),
            (Warwickshire, Kind::StrategyRecordCirculated, held, "WAR-SM-28", "2026-04-20T23:00:00Z"),
            (Warwickshire, Kind::InitialConference, held, "STA-IC-01", "2026-04-27T23:00:00Z"),
            (Warwickshire, Kind::ReportToFamily, to_come, "WAR-PR-04", "2026-06-13T09:00:00Z"),
            (Warwickshire, Kind::ReportToProfessionals, to_come, "WAR-PR-06", "2026-06-14T09:00:00Z"),
            (Warwickshire, Kind::DecisionsCirculated, held, "WAR-MI-03", "2026-04-07T23:00:00Z"),
            (Warwickshire, Kind::OutlinePlan, held, "WAR-MI-06", "2026-04-07T23:00:00Z"),
            (Warwickshire, Kind::MinutesCirculated, held, "WAR-MI-04", "2026-04-27T23:00:00Z"),
            (Warwickshire, Kind::FirstCoreGroup, held, "WAR-CG-01", "2026-04-20T23:00:00Z"),
            (Warwickshire, Kind::NextCoreGroup, held, "WAR-CG-02", "2026-04-30T23:00:00Z"),
            (Warwickshire, Kind::CoreGroupPapers, to_come, "WAR-CG-07", "2026-06-10T23:00:00Z"),
            (Warwickshire, Kind::FirstReview, held, "WAR-RV-01", "2026-07-02T23:00:00Z"),
            (Warwickshire, Kind::NextReview, held, "WAR-RV-02", "2026-10-02T23:00:00Z"),
            (Warwickshire, Kind::ReviewReportToFamily, to_come, "WAR-RV-05", "2026-06-10T23:00:00Z"),
            (Warwickshire, Kind::ReviewReportToUnit, to_come, "WAR-RV-06", "2026-06-10T23:00:00Z"),
            (Birmingham, Kind::FamilyMetByChair, to_come, "BIR-PR-07", to_come),
            (Birmingham, Kind::CoreGroupRecommendation, to_come, "BIR-CG-07", to_come),
            (Bristol, Kind::NineMonthSupervision, to_come, "BRI-NM-03", to_come),
            (Bristol, Kind::NineMonthConversation, to_come, "BRI-NM-12", to_come),
            (Lancashire, Kind::AgencyReport, to_come, "STA-PR-01", "2026-06-14T09:00:00Z"),
            (Lancashire, Kind::AgencyReportToReview, to_come, "STA-PR-02", "2026-06-10T23:00:00Z"),
            (Lancashire, Kind::FirstCoreGroup, held, "STA-CG-01", "2026-04-20T23:00:00Z"),
            (Lancashire, Kind::FirstReview, held, "STA-RV-01", "2026-07-02T23:00:00Z"),
            (Bristol, Kind::NextReview, held, "STA-RV-02", "2026-10-02T23:00:00Z"),
        ];
        for (profile, kind, from, rule, due) in table {
            let limit = Practice::embedded().limit(profile, kind, from.parse().unwrap()).unwrap();
            let due: DateTime<Utc> = due.parse().unwrap();
            assert_eq!((limit.rule.as_str(), limit.reckoning.due_at), (rule, due), "{profile:?} {kind:?}");
        }
    }

    /// The worked examples of the register that are about dates: SCN-02, SCN-06, SCN-18 and SCN-23. A limit in days is named
    /// by its last day.
    #[test]
    fn worked_examples_come_to_their_days() {
        let (contact, strategy) = ("2026-03-28T23:30:00Z", "2025-12-18T11:00:00Z");
        let (conference, core_group, next) = ("2026-04-02T09:00:00Z", "2026-12-10T10:00:00Z", "2027-01-07T10:00:00Z");
        let table = [
            ("SCN-02", Kind::FirstStrategyMeeting, contact, "Sat 28 Mar 2026"),
            ("SCN-06", Kind::StrategyOutcomeDocument, strategy, "Thu 18 Dec 2025"),
            ("SCN-06", Kind::StrategyDocument, strategy, "Thu 18 Dec 2025"),
            ("SCN-06", Kind::StrategyRecordCirculated, strategy, "Tue 6 Jan 2026"),
            ("SCN-18", Kind::DecisionsCirculated, conference, "Tue 7 Apr 2026"),
            ("SCN-18", Kind::OutlinePlan, conference, "Tue 7 Apr 2026"),
            ("SCN-18", Kind::FirstCoreGroup, conference, "Mon 20 Apr 2026"),
            ("SCN-18", Kind::MinutesCirculated, conference, "Mon 27 Apr 2026"),
            ("SCN-18", Kind::FirstReview, conference, "Thu 2 Jul 2026"),
            ("SCN-23", Kind::NextCoreGroup, core_group, "Thu 7 Jan 2027"),
            ("SCN-23", Kind::CoreGroupPapers, next, "Sat 2 Jan 2027"),
        ];
        for (example, kind, from, last) in table {
            let limit = Practice::embedded().limit(Profile::Warwickshire, kind, from.parse().unwrap()).unwrap();
            let day = london_day(limit.reckoning.late_after - Duration::seconds(1));
            assert_eq!(day.format("%a %-d %b %Y").to_string(), last, "{example} {kind:?}");
        }
        // once, after talking to the police, to 24 hours from the contact: hours elapse over the change of the clocks
        let stretched = Practice::embedded()
            .extension(Profile::Warwickshire, Kind::FirstStrategyMeeting, contact.parse().unwrap())
            .unwrap();
        let at = stretched.reckoning.due_at.with_timezone(&chrono_tz::Europe::London);
        assert_eq!(at.format("%a %-d %b %Y %H:%M").to_string(), "Mon 30 Mar 2026 00:30", "SCN-02");
        let papers: NaiveDate = "2027-01-02".parse().unwrap();
        assert_eq!(Calendar::embedded().last_working_day(papers), Ok("2026-12-31".parse().unwrap()), "SCN-23");
    }

    /// BRI-NM-02, as AMB-13 reads it.
    #[test]
    fn the_review_at_nine_months_is_the_second_or_the_first_that_late() {
        let since: NaiveDate = "2026-01-15".parse().unwrap();
        for (reviews, day, expected) in [
            (0, "2026-04-10", false),
            (0, "2026-10-14", false),
            (0, "2026-10-15", true),
            (1, "2026-06-01", true),
            (1, "2026-10-15", true),
            (2, "2026-12-01", false),
        ] {
            assert_eq!(is_nine_month_review(since, reviews, day.parse().unwrap()), expected, "{reviews} {day}");
        }
    }

    #[test]
    fn a_limit_says_how_it_was_counted() {
        let practice = Practice::embedded();
        let held: DateTime<Utc> = "2026-04-02T09:00:00Z".parse().unwrap();
        let limit = practice.limit(Profile::Warwickshire, Kind::FirstCoreGroup, held).unwrap();
        assert_eq!((limit.rule.as_str(), limit.span.to_string().as_str()), ("WAR-CG-01", "10 working days"));
        assert_eq!(limit.reckoning.due_at.to_rfc3339(), "2026-04-20T23:00:00+00:00");
        // two working days before the last one ends, over a weekend
        assert_eq!(limit.approaches_at.to_rfc3339(), "2026-04-17T23:00:00+00:00");
        let kept = skipped_as_text(&limit.reckoning.skipped);
        assert!(kept.starts_with("2026-04-03 BANK_HOLIDAY; 2026-04-04 WEEKEND"), "{kept}");
        assert_eq!(skipped_of_text(&kept), limit.reckoning.skipped);
        assert_eq!(practice.limit(Profile::Lancashire, Kind::MinutesCirculated, held), None);
    }

    #[test]
    fn what_is_only_shown_is_not_told() {
        let held: DateTime<Utc> = "2026-04-02T09:00:00Z".parse().unwrap();
        let text = include_str!("profiles/warwickshire.toml").replace("hold = \"warn\"", "hold = \"offer\"");
        let folder = std::env::temp_dir().join(format!("quorate-profiles-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let others = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/practice/profiles");
        for other in ["statutory.toml", "birmingham.toml", "bristol.toml", "lancashire.toml"] {
            std::fs::copy(others.join(other), folder.join(other)).unwrap();
        }
        std::fs::write(folder.join("warwickshire.toml"), text).unwrap();
        let settings = PracticeSettings { profiles_folder: Some(folder.clone()), ..PracticeSettings::default() };
        let practice = Practice::read(&settings).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let limit = |profile| practice.limit(profile, Kind::FirstCoreGroup, held).unwrap();
        assert_eq!((limit(Profile::Warwickshire).is_told, limit(Profile::Bristol).is_told), (false, true));
    }

    #[test]
    fn what_happened_late_in_the_last_year_has_a_provisional_limit() {
        let held: DateTime<Utc> = "2027-12-20T09:00:00Z".parse().unwrap();
        let limit = Practice::embedded().limit(Profile::Warwickshire, Kind::FirstCoreGroup, held).unwrap();
        // New Year's Day 2028 is a Saturday, its substitute unknown: the third of January counts
        assert_eq!(limit.missing_year, Some(2028));
        assert_eq!(limit.reckoning.due_at.to_rfc3339(), "2028-01-06T00:00:00+00:00");
    }

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
        assert_eq!(report_due(conference::Kind::Review, at, early), "2026-11-20T00:00:00+00:00");
        assert_eq!(report_due(conference::Kind::Initial, at, early), "2026-11-23T10:00:00+00:00");
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
            (conference::Kind::Initial, 10, "2026-11-24T10:00:00+00:00"),
            (conference::Kind::Initial, 30, "2026-11-24T04:00:00+00:00"),
            (conference::Kind::Initial, 48, "2026-11-23T10:00:00+00:00"),
            (conference::Kind::Review, 60, "2026-11-22T22:00:00+00:00"),
        ] {
            let asked = at - Duration::hours(hours_before);
            assert_eq!(report_due(kind, at, asked), due, "{hours_before}");
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
        // over a weekend, and past the table
        for (cancelled, closes) in
            [("2026-11-27", "2026-12-01T00:00:00+00:00"), ("2027-12-31", "2028-01-04T00:00:00+00:00")]
        {
            let on = cancelled.parse().unwrap();
            assert_eq!(cancelled_meeting_closes(Calendar::embedded(), on).to_rfc3339(), closes, "{cancelled}");
        }
    }
}
