//! Counting invitations: who came, who did not, and whose report was there.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::agency::{self, Kind as AgencyKind};
use entity::id::AgencyId;
use entity::invitation::{self, Attendance, Column as C, Meeting};
use sea_orm::sea_query::{Alias, CaseStatement, Expr, ExprTrait, Func, JoinType, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, FromQueryResult};

use super::Scoped;
use super::visible::counted;
use crate::clock::london_day;
use crate::error::{Error, Result};
use crate::practice::calendar::end_of;

/// What buckets are made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// One bucket an agency.
    Agency,
    /// One bucket a kind of agency.
    AgencyKind,
    /// One bucket a calendar month in England.
    Month,
    /// One bucket a kind of meeting.
    Meeting,
}

/// What is counted.
#[derive(Clone, Debug)]
pub struct Question {
    /// First day counted.
    pub from: NaiveDate,
    /// First day no longer counted.
    pub until: NaiveDate,
    /// Kind of meeting, or all.
    pub meeting: Option<Meeting>,
    /// Kind of agency, or all.
    pub agency_kind: Option<AgencyKind>,
    /// One agency, or all.
    pub agency: Option<AgencyId>,
    /// Buckets.
    pub by: Vec<Dimension>,
}

/// What a bucket is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketKey {
    /// First day of the month.
    pub month: Option<NaiveDate>,
    /// Kind of agency.
    pub agency_kind: Option<AgencyKind>,
    /// Agency.
    pub agency: Option<AgencyId>,
    /// Kind of meeting.
    pub meeting: Option<Meeting>,
}

/// The counts of a bucket. Meetings that are still to come are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Counts {
    /// Invitations.
    pub invitations: i64,
    /// Of these with five working days' notice or more.
    pub proper_notice: i64,
    /// Attended in person, remotely or by a deputy.
    pub attended: i64,
    /// Sent apologies.
    pub apologies: i64,
    /// Neither came nor wrote.
    pub no_word: i64,
    /// Attendance not recorded.
    pub unrecorded: i64,
    /// Reports that came in time.
    pub reports_on_time: i64,
    /// Reports that came late.
    pub reports_late: i64,
    /// Reports that were due and did not come.
    pub reports_missing: i64,
}

/// Buckets of an answer at the most.
pub const MOST_BUCKETS: usize = 1000;

/// Working days of notice that count as proper.
pub const PROPER_NOTICE: i32 = 5;

impl Scoped {
    /// The counts that `question` asks for, in one statement, buckets in order.
    ///
    /// # Errors
    /// `BadInput` if they are more than [`MOST_BUCKETS`].
    pub async fn non_attendance(&self, question: &Question) -> Result<Vec<(BucketKey, Counts)>> {
        let has = |dimension| question.by.contains(&dimension);
        let months = if has(Dimension::Month) { months(question.from, question.until) } else { Vec::new() };
        let statement = self.counting(question, &months);
        let pool = &self.store.db.pool;
        let rows = pool.query_all_raw(pool.get_database_backend().build(&statement)).await?;
        if rows.len() > MOST_BUCKETS {
            return Err(Error::BadInput {
                argument: "groupBy".into(),
                message: "That makes too many groups; ask for a shorter time, one agency, or fewer dimensions.",
            });
        }
        let mut buckets = BTreeMap::new();
        for row in &rows {
            let month: i32 = row.try_get("", "month")?;
            let key = BucketKey {
                month: usize::try_from(month).ok().and_then(|i| months.get(i).copied()),
                agency_kind: has(Dimension::AgencyKind).then(|| row.try_get("", "kind")).transpose()?,
                agency: has(Dimension::Agency).then(|| row.try_get("", "agency_id")).transpose()?,
                meeting: has(Dimension::Meeting).then(|| row.try_get("", "meeting")).transpose()?,
            };
            buckets.insert(key, Counts::from_query_result(row, "")?);
        }
        self.who.counted("NonAttendance", buckets.len());
        Ok(buckets.into_iter().collect())
    }

    fn counting(&self, question: &Question, months: &[NaiveDate]) -> sea_orm::sea_query::SelectStatement {
        let now = self.who.at;
        let came = C::Attendance.is_in([Attendance::InPerson, Attendance::Remote, Attendance::Deputy]);
        let due = C::ReportDueAt.is_not_null();
        let late = Expr::col(C::ReportReceivedAt).gt(Expr::col(C::ReportDueAt));
        let in_time = Expr::col(C::ReportReceivedAt).lte(Expr::col(C::ReportDueAt));
        let missing = C::ReportReceivedAt.is_null().and(C::ReportDueAt.lt(now));
        let mut select = Query::select();
        // the month is the first column, so that groups can be made by its place: it is an expression over bound values
        select.expr_as(month_of(months), Alias::new("month")).add_group_by([Expr::cust("1")]);
        for dimension in &question.by {
            let column = match dimension {
                Dimension::Month => continue,
                Dimension::Agency => C::AgencyId.as_column_ref(),
                Dimension::AgencyKind => agency::Column::Kind.as_column_ref(),
                Dimension::Meeting => C::Meeting.as_column_ref(),
            };
            select.column(column.clone()).add_group_by([Expr::col(column)]);
        }
        select
            .expr_as(Func::count(Expr::val(1)), Alias::new("invitations"))
            .expr_as(count(C::NoticeWorkingDays.gte(PROPER_NOTICE)), Alias::new("proper_notice"))
            .expr_as(count(came), Alias::new("attended"))
            .expr_as(count(C::Attendance.eq(Attendance::Apologies)), Alias::new("apologies"))
            .expr_as(count(C::Attendance.eq(Attendance::NoWord)), Alias::new("no_word"))
            .expr_as(count(C::Attendance.is_null()), Alias::new("unrecorded"))
            .expr_as(count(due.clone().and(in_time)), Alias::new("reports_on_time"))
            .expr_as(count(due.clone().and(late)), Alias::new("reports_late"))
            .expr_as(count(due.and(missing)), Alias::new("reports_missing"))
            .from(invitation::Entity)
            .cond_where(counted(&self.who))
            .and_where(C::ScheduledAt.gte(start_of(question.from)))
            .and_where(C::ScheduledAt.lt(Ord::min(start_of(question.until), now)));
        if question.agency_kind.is_some() || question.by.contains(&Dimension::AgencyKind) {
            let same = agency::Column::Id.into_expr().equals(C::AgencyId.as_column_ref());
            select.join(JoinType::InnerJoin, agency::Entity, same);
        }
        let narrowed = Condition::all()
            .add_option(question.meeting.map(|meeting| C::Meeting.eq(meeting)))
            .add_option(question.agency.map(|agency| C::AgencyId.eq(agency)))
            .add_option(question.agency_kind.map(|kind| agency::Column::Kind.eq(kind)));
        select.cond_where(narrowed).limit(u64::try_from(MOST_BUCKETS).unwrap_or(0) + 1);
        select
    }
}

fn count(condition: Expr) -> Expr {
    Func::count(CaseStatement::new().case(condition, 1)).into()
}

/// The place of a row's month in `months`. Written as comparisons with instants, because the two databases cut
/// months differently and neither by the clock of England.
fn month_of(months: &[NaiveDate]) -> Expr {
    let mut case: Option<CaseStatement> = None;
    for (i, month) in months.iter().enumerate().skip(1) {
        let before = C::ScheduledAt.lt(start_of(*month));
        let place = i32::try_from(i).unwrap_or(0) - 1;
        case = Some(case.unwrap_or_default().case(before, place));
    }
    let last = i32::try_from(months.len().saturating_sub(1)).unwrap_or(0);
    case.map_or_else(|| Expr::val(last), |case| case.finally(last).into())
}

fn months(from: NaiveDate, until: NaiveDate) -> Vec<NaiveDate> {
    let mut out = Vec::new();
    let mut month = from.with_day(1).unwrap_or(from);
    while month < until {
        out.push(month);
        month = month.checked_add_months(chrono::Months::new(1)).unwrap_or(until);
    }
    out
}

fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.pred_opt().map_or_else(|| day.and_time(chrono::NaiveTime::MIN).and_utc(), end_of)
}

/// The period counted when none is named: the twelve months up to today, from the first day of a month.
pub fn last_twelve_months(now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let today = london_day(now);
    let from = today.checked_sub_months(chrono::Months::new(11)).and_then(|d| d.with_day(1)).unwrap_or(today);
    (from, today.succ_opt().unwrap_or(today))
}
