//! Non-attendance: counts over invitations.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::category::Category;

use super::agency::{Agency, agency};
use super::codes::{AgencyKind, MeetingKind, NonAttendanceDimension};
use crate::auth::Grant;
use crate::graphql::context::{reader, session};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::typed_opt;
use crate::graphql::scalars::Date;
use crate::policy::disclosure::{Cell, cell};
use crate::store::non_attendance::{BucketKey, Counts, Question, last_twelve_months};

/// What is counted.
#[derive(InputObject, Default)]
pub struct NonAttendanceFilterInput {
    /// From this day; the first day of the month eleven months ago if left out.
    from: Option<Date>,
    /// Until before this day; tomorrow if left out. Three years at most.
    until: Option<Date>,
    /// Only meetings of this kind.
    meeting_kind: Option<MeetingKind>,
    /// Only agencies of this kind.
    agency_kind: Option<AgencyKind>,
    /// Only this agency.
    agency_id: Option<ID>,
}

/// The counts of non-attendance, over meetings that have begun.
#[derive(SimpleObject)]
pub struct NonAttendanceSummary {
    /// First day counted.
    from: Date,
    /// First day no longer counted.
    until: Date,
    /// The buckets, in order of month, kind, agency, meeting.
    buckets: Vec<NonAttendanceBucket>,
}

/// One bucket of counts.
pub struct NonAttendanceBucket {
    key: BucketKey,
    counts: Counts,
    suppress: bool,
}

const fn is_small(n: i64) -> bool {
    n >= 1 && n <= 5
}

impl NonAttendanceBucket {
    /// A count; between 1 and 5 it is null where small counts are suppressed for the reader.
    const fn count(&self, n: i64) -> Option<i64> {
        if self.suppress && is_small(n) { None } else { Some(n) }
    }

    /// A count of some of the invitations: null as well where it would tell a small count of the others.
    const fn share(&self, n: i64) -> Option<i64> {
        if self.suppress && is_small(self.counts.invitations - n) { None } else { self.count(n) }
    }

    /// A part of the invitations, which add up to them: where one part is small, no part but none is told, since the last
    /// one follows from the others.
    const fn part(&self, n: i64) -> Option<i64> {
        let Counts { attended, apologies, no_word, unrecorded, .. } = self.counts;
        let small = is_small(attended) || is_small(apologies) || is_small(no_word) || is_small(unrecorded);
        if self.suppress && small && n != 0 { None } else { Some(n) }
    }
}

/// One bucket of counts. Outside social care and chairs, counts of 1 to 5 are suppressed and null, and with them the
/// counts they would follow from.
#[Object]
impl NonAttendanceBucket {
    /// First day of the month, where grouped by month.
    async fn month(&self) -> Option<Date> {
        self.key.month.map(Date)
    }

    /// Kind of agency, where grouped by it.
    async fn agency_kind(&self) -> Option<AgencyKind> {
        self.key.agency_kind.map(Into::into)
    }

    /// Kind of meeting, where grouped by it.
    async fn meeting_kind(&self) -> Option<MeetingKind> {
        self.key.meeting.map(Into::into)
    }

    /// The agency, where grouped by it.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.key.agency?).await
    }

    /// Invitations.
    async fn invitations(&self) -> Option<i64> {
        self.count(self.counts.invitations)
    }

    /// Of these with five working days' notice or more. Members of a core group have notice since the meeting that set the
    /// day; where none did, they are not among these.
    async fn with_proper_notice(&self) -> Option<i64> {
        self.share(self.counts.proper_notice)
    }

    /// Attended in person, remotely or by a deputy.
    async fn attended(&self) -> Option<i64> {
        self.part(self.counts.attended)
    }

    /// Absent with apologies.
    async fn apologies(&self) -> Option<i64> {
        self.part(self.counts.apologies)
    }

    /// Absent without a word.
    async fn no_word(&self) -> Option<i64> {
        self.part(self.counts.no_word)
    }

    /// Attendance not recorded.
    async fn unrecorded(&self) -> Option<i64> {
        self.part(self.counts.unrecorded)
    }

    /// Invitations whose reports all came in time.
    async fn reports_on_time(&self) -> Option<i64> {
        self.count(self.counts.reports_on_time)
    }

    /// Invitations whose reports came late.
    async fn reports_late(&self) -> Option<i64> {
        self.count(self.counts.reports_late)
    }

    /// Invitations whose reports were due and did not come.
    async fn reports_missing(&self) -> Option<i64> {
        self.count(self.counts.reports_missing)
    }
}

/// Root fields about non-attendance.
#[derive(Default)]
pub struct NonAttendanceQuery;

/// Root fields about non-attendance.
#[Object]
impl NonAttendanceQuery {
    /// Who came, who sent apologies, who stayed away without a word, and whose reports were there. Chairs and service
    /// managers count their authority's meetings, social workers and team managers those they see, other agencies
    /// their own invitations. At most 1,000 buckets.
    async fn non_attendance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is counted.")] filter: Option<NonAttendanceFilterInput>,
        #[graphql(desc = "What the buckets are made by: two at most.")] group_by: Vec<NonAttendanceDimension>,
    ) -> Resolved<NonAttendanceSummary> {
        let reader = reader(ctx)?;
        let cell = cell(reader.scope().who().role, Category::NonAttendance);
        let counts = matches!(cell, Cell::Full | Cell::Own | Cell::Aggregate);
        if !counts || !session(ctx)?.principal().may(Grant::Analytics) {
            return Err(crate::error::Error::Denied("These figures are not for your role.").into());
        }
        let filter = filter.unwrap_or_default();
        let (from, until) = last_twelve_months(reader.scope().who().at);
        let (from, until) = (filter.from.map_or(from, |d| d.0), filter.until.map_or(until, |d| d.0));
        if group_by.len() > 2 {
            return Err(Fault::argument("groupBy", "At most two."));
        }
        if until <= from || (until - from).num_days() > 366 * 3 {
            return Err(Fault::argument("filter.until", "After `from`, and within three years of it."));
        }
        let question = Question {
            from,
            until,
            meeting: filter.meeting_kind.map(Into::into),
            agency_kind: filter.agency_kind.map(Into::into),
            agency: typed_opt(filter.agency_id.as_ref(), "filter.agencyId")?,
            by: group_by.into_iter().map(Into::into).collect(),
        };
        let suppress = cell != Cell::Full;
        let buckets = reader.scope().non_attendance(&question).await?;
        let buckets = buckets.into_iter().map(|(key, counts)| NonAttendanceBucket { key, counts, suppress }).collect();
        Ok(NonAttendanceSummary { from: Date(from), until: Date(until), buckets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown([attended, apologies, no_word, unrecorded, proper_notice]: [i64; 5]) -> Vec<Option<i64>> {
        let invitations = attended + apologies + no_word + unrecorded;
        let counts =
            Counts { invitations, proper_notice, attended, apologies, no_word, unrecorded, ..Counts::default() };
        let bucket = NonAttendanceBucket { key: BucketKey::default(), counts, suppress: true };
        let parts = [attended, apologies, no_word, unrecorded].map(|n| bucket.part(n));
        let whole = [bucket.count(invitations), bucket.share(proper_notice)];
        whole.into_iter().chain(parts).collect()
    }

    #[test]
    fn what_is_suppressed_does_not_follow_from_the_rest() {
        for (counts, told) in [
            // eight, six of them there: not two
            ([6, 2, 0, 0, 8], vec![Some(8), Some(8), None, None, Some(0), Some(0)]),
            ([6, 1, 1, 0, 0], vec![Some(8), Some(0), None, None, None, Some(0)]),
            ([8, 0, 0, 0, 6], vec![Some(8), None, Some(8), Some(0), Some(0), Some(0)]),
            ([3, 0, 0, 0, 0], vec![None, None, None, Some(0), Some(0), Some(0)]),
            ([20, 9, 7, 0, 30], vec![Some(36), Some(30), Some(20), Some(9), Some(7), Some(0)]),
        ] {
            assert_eq!(shown(counts), told, "{counts:?}");
        }
    }
}
