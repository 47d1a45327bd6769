//! A bucket of the figures of non-attendance: its counts, and what they say.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::codes::{AgencyKind, MeetingKind, NonAttendanceStage, TrendDirection};
use crate::graphql::id::global;
use crate::graphql::scalars::Date;
use crate::store::non_attendance::{Bucket, Counts, Figures, Method, PROPER_NOTICE, Range, Share, trend};

/// A rate with its interval.
#[derive(SimpleObject)]
pub struct RateSummary {
    /// How many.
    missed: i64,
    /// Of how many.
    of: i64,
    /// The one by the other, 0 to 1.
    rate: f64,
    /// The lower end of Wilson's score interval of 95 %.
    low: f64,
    /// Its upper end.
    high: f64,
}

impl RateSummary {
    /// The rate of a share; none of nothing.
    pub fn from_share(share: Share) -> Option<Self> {
        let (low, high) = share.interval()?;
        Some(Self { missed: share.some, of: share.of, rate: share.rate()?, low, high })
    }
}

/// Where a bucket lies in the funnel around the partnership's rate, of those with proper notice.
#[derive(SimpleObject)]
pub struct FunnelSummary {
    /// The partnership's rate.
    centre: f64,
    /// Two standard errors below it, and not below 0.
    lower2: f64,
    /// Two above, and not above 1.
    upper2: f64,
    /// Three below.
    lower3: f64,
    /// Three above.
    upper3: f64,
    /// How likely so many or more are, where each agency stays away as often as the partnership: the exact tail of the binomial
    /// distribution.
    chance: f64,
}

/// A rate beside that of the period before: the month or quarter before in buckets of these, else as long a time.
#[derive(SimpleObject)]
pub struct TrendSummary {
    /// The rate before, of those with proper notice.
    before: f64,
    /// The rate now, less that.
    difference: f64,
    /// Which way, by the test of two proportions at 5 %.
    direction: TrendDirection,
}

/// How many meetings about the same child the agency missed in a row, up to the last that was recorded in the period.
#[derive(SimpleObject)]
pub struct StreakSummary {
    /// In a row for one child, at the most.
    longest: i64,
    /// For how many children as many as the method tells as a streak.
    children: i64,
}

/// How patterns are found (BIR-NA-02). A bucket is flagged where at least `least` were missed of those with proper notice, and
/// so many or more would come by chance with a likelihood of `chance` at the most.
pub struct NonAttendanceMethodSummary(pub Method);

/// How patterns are found (BIR-NA-02).
#[Object]
impl NonAttendanceMethodSummary {
    /// The rule of the authority's practice; null where it has none and the project's default goes (AMB-31).
    async fn rule(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }

    /// What is done, in a sentence.
    async fn says(&self) -> String {
        format!(
            "Flagged where at least {} invitations with proper notice were missed, and so many or more have a chance of {:.5} at \
             the most (beyond {} standard errors), and of {} divided by the number of buckets that are looked at together, for \
             an agency that stays away as often as the partnership, and the rate is {} times the partnership's or more.",
            self.0.least, self.0.chance, self.0.sigma, self.0.by_luck, self.0.times
        )
    }

    /// Missed at the least.
    async fn least(&self) -> i64 {
        self.0.least
    }

    /// Beyond so many standard errors.
    async fn sigma(&self) -> i32 {
        self.0.sigma.into()
    }

    /// The likelihood at the most.
    async fn chance(&self) -> f64 {
        self.0.chance
    }

    /// In how many answers, as a part of one, a bucket is flagged by bad luck at the most: the likelihood may not be above this,
    /// divided by the number of buckets, either.
    async fn by_luck(&self) -> f64 {
        self.0.by_luck
    }

    /// So many times the partnership's rate at the least.
    async fn times(&self) -> f64 {
        self.0.times
    }

    /// Missed in a row for one child, to be told as a streak.
    async fn running(&self) -> i64 {
        self.0.running
    }

    /// Working days of notice that are proper.
    async fn proper_notice_working_days(&self) -> i32 {
        PROPER_NOTICE
    }

    /// How sure the intervals are: 0.95.
    async fn confidence(&self) -> f64 {
        0.95
    }
}

/// One bucket of counts.
pub struct NonAttendanceBucket {
    bucket: Bucket,
    figures: Arc<Figures>,
}

impl NonAttendanceBucket {
    /// A bucket of these figures.
    pub fn new(bucket: Bucket, figures: &Arc<Figures>) -> Self {
        Self { bucket, figures: figures.clone() }
    }

    fn told(&self, of: impl FnOnce(&Counts) -> i64) -> Option<i64> {
        self.bucket.told.counts().map(of)
    }

    /// The share among those with proper notice, beside the partnership's rate.
    fn beside(&self) -> Option<(Share, f64)> {
        let centre = self.figures.partnership?.adjusted().rate()?;
        Some((self.bucket.told.counts()?.adjusted(), centre))
    }
}

/// One bucket of counts. Where small counts are kept from the reader, invitations of 1 to 5 are null, and with them all that
/// became of them; of more invitations what became of them is null together where one part of it would be 1 to 5.
#[Object]
impl NonAttendanceBucket {
    /// First day of the month, where grouped by month; of the quarter, where grouped by quarter.
    async fn month(&self) -> Option<Date> {
        self.bucket.key.month.map(Date)
    }

    /// Kind of agency, where grouped by it.
    async fn agency_kind(&self) -> Option<AgencyKind> {
        self.bucket.key.agency_kind.map(Into::into)
    }

    /// Kind of meeting, where grouped by it.
    async fn meeting_kind(&self) -> Option<MeetingKind> {
        self.bucket.key.meeting.map(Into::into)
    }

    /// The agency, where grouped by it.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.bucket.key.agency?).await
    }

    /// Who chairs or leads, where grouped by it; null for core groups.
    async fn chair(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.bucket.key.chair).await
    }

    /// The id of the team, where grouped by it; null for all but conferences. It is for `filter.teamId`.
    async fn team_id(&self) -> Option<ID> {
        self.bucket.key.team.map(global)
    }

    /// The name of the team, where grouped by it.
    async fn team_name(&self) -> Option<&str> {
        self.figures.teams.get(&self.bucket.key.team?).map(String::as_str)
    }

    /// The stage of the child's process, where grouped by it.
    async fn stage(&self) -> Option<NonAttendanceStage> {
        self.bucket.key.stage.map(Into::into)
    }

    /// Invitations.
    async fn invitations(&self) -> Option<i64> {
        self.bucket.told.invitations()
    }

    /// Of these with five working days' notice or more. Members of a core group have notice since the meeting that set the
    /// day; where none did, they are not among these.
    async fn with_proper_notice(&self) -> Option<i64> {
        self.told(|counts| counts.proper_notice)
    }

    /// Attended in person, remotely or by a deputy.
    async fn attended(&self) -> Option<i64> {
        self.told(|counts| counts.attended)
    }

    /// Absent with apologies.
    async fn apologies(&self) -> Option<i64> {
        self.told(|counts| counts.apologies)
    }

    /// Absent without a word.
    async fn no_word(&self) -> Option<i64> {
        self.told(|counts| counts.no_word)
    }

    /// Attendance not recorded.
    async fn unrecorded(&self) -> Option<i64> {
        self.told(|counts| counts.unrecorded)
    }

    /// Invitations whose reports all came in time.
    async fn reports_on_time(&self) -> Option<i64> {
        self.told(|counts| counts.reports_on_time)
    }

    /// Invitations whose reports came late.
    async fn reports_late(&self) -> Option<i64> {
        self.told(|counts| counts.reports_late)
    }

    /// Invitations whose reports were due and did not come.
    async fn reports_missing(&self) -> Option<i64> {
        self.told(|counts| counts.reports_missing)
    }

    /// Absent with or without a word, of all whose attendance is recorded.
    async fn raw_rate(&self) -> Option<RateSummary> {
        RateSummary::from_share(self.bucket.told.counts()?.all())
    }

    /// The same among those who had proper notice: the fair rate.
    async fn adjusted_rate(&self) -> Option<RateSummary> {
        RateSummary::from_share(self.bucket.told.counts()?.adjusted())
    }

    /// Where it lies in the funnel. Null without an invitation with proper notice, and where small counts are kept.
    async fn funnel(&self) -> Option<FunnelSummary> {
        let (share, centre) = self.beside()?;
        let ((lower2, upper2), (lower3, upper3)): (Range, Range) =
            (share.limits(centre, 2.0)?, share.limits(centre, 3.0)?);
        Some(FunnelSummary { centre, lower2, upper2, lower3, upper3, chance: share.chance(centre) })
    }

    /// The adjusted rate beside that of the period before. Null where there is none to be beside.
    async fn trend(&self) -> Option<TrendSummary> {
        let trend = trend(self.bucket.before?.adjusted(), self.bucket.told.counts()?.adjusted())?;
        Some(TrendSummary { before: trend.before, difference: trend.difference, direction: trend.direction.into() })
    }

    /// The agency's streaks over the whole period, where grouped by agency. Null where it has no attendance recorded.
    async fn streak(&self) -> Option<StreakSummary> {
        let streak = self.figures.streaks.get(&self.bucket.key.agency?)?;
        Some(StreakSummary { longest: streak.longest, children: streak.children })
    }

    /// True of a pattern, by the method. Null where small counts are kept from the reader.
    async fn is_pattern(&self) -> Option<bool> {
        let (share, centre) = self.beside()?;
        Some(self.figures.method.flags(share, centre, self.figures.buckets.len()))
    }
}
