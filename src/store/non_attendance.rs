//! Counting invitations: who came, who did not, and whose report was there.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::agency::Kind as AgencyKind;
use entity::id::AgencyId;
use entity::invitation::{self, Attendance, Column as C, Meeting};
use sea_orm::sea_query::{Alias, CaseStatement, Expr, ExprTrait, Func, Query};
use sea_orm::{ColumnTrait, Condition, FromQueryResult};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

#[derive(FromQueryResult)]
struct Row {
    agency_id: AgencyId,
    month: i32,
    meeting: Option<Meeting>,
    invitations: i64,
    proper_notice: i64,
    attended: i64,
    apologies: i64,
    no_word: i64,
    unrecorded: i64,
    reports_on_time: i64,
    reports_late: i64,
    reports_missing: i64,
}

/// Buckets of an answer at the most.
pub const MOST_BUCKETS: usize = 1000;

/// Rows that are read to make them, at the most: those of all agencies of a large authority in a year.
const MOST_ROWS: usize = 20_000;

/// Working days of notice that count as proper.
pub const PROPER_NOTICE: i32 = 5;

impl Scoped {
    /// The counts that `question` asks for, in one statement, buckets in order.
    ///
    /// # Errors
    /// `BadInput` if they are more than [`MOST_BUCKETS`].
    pub async fn non_attendance(&self, question: &Question) -> Result<Vec<(BucketKey, Counts)>> {
        let kinds = self.agencies_by_id().await?;
        let months = months(question.from, question.until);
        let by_month = question.by.contains(&Dimension::Month);
        let statement = self.counting(question, if by_month { &months } else { &[] });
        let pool = &self.store.db.pool;
        let rows = Row::find_by_statement(pool.get_database_backend().build(&statement)).all(pool).await?;
        let too_many = || Error::BadInput {
            argument: "groupBy".into(),
            message: "That makes too many groups; ask for a shorter time, one agency, or fewer dimensions.",
        };
        if rows.len() > MOST_ROWS {
            return Err(too_many());
        }
        let mut buckets: BTreeMap<BucketKey, Counts> = BTreeMap::new();
        for row in rows {
            let kind = kinds.get(&row.agency_id).map(|agency| agency.kind);
            if question.agency_kind.is_some() && question.agency_kind != kind {
                continue;
            }
            let has = |dimension| question.by.contains(&dimension);
            let key = BucketKey {
                month: if by_month {
                    usize::try_from(row.month).ok().and_then(|i| months.get(i).copied())
                } else {
                    None
                },
                agency_kind: kind.filter(|_| has(Dimension::AgencyKind)),
                agency: Some(row.agency_id).filter(|_| has(Dimension::Agency)),
                meeting: row.meeting.filter(|_| has(Dimension::Meeting)),
            };
            buckets.entry(key).or_default().add(&row);
        }
        if buckets.len() > MOST_BUCKETS {
            return Err(too_many());
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
        let mut select = Query::select()
            .column(C::AgencyId)
            .expr_as(month_of(months), Alias::new("month"))
            .column(C::Meeting)
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
            .and_where(C::ScheduledAt.lt(Ord::min(start_of(question.until), now)))
            .to_owned();
        let narrowed = Condition::all()
            .add_option(question.meeting.map(|meeting| C::Meeting.eq(meeting)))
            .add_option(question.agency.map(|agency| C::AgencyId.eq(agency)));
        select.cond_where(narrowed).add_group_by([Expr::col(C::AgencyId), Expr::cust("2"), Expr::col(C::Meeting)]);
        select.limit(u64::try_from(MOST_ROWS).unwrap_or(0) + 1);
        select
    }
}

impl Counts {
    fn add(&mut self, row: &Row) {
        self.invitations += row.invitations;
        self.proper_notice += row.proper_notice;
        self.attended += row.attended;
        self.apologies += row.apologies;
        self.no_word += row.no_word;
        self.unrecorded += row.unrecorded;
        self.reports_on_time += row.reports_on_time;
        self.reports_late += row.reports_late;
        self.reports_missing += row.reports_missing;
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
