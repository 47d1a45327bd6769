//! The grouped statement, and the invitations behind a bucket.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use entity::id::TeamId;
use entity::invitation::{self, Attendance, Column as C};
use entity::{
    agency, conference, conference_child, core_group_meeting, strategy_meeting, strategy_meeting_child, team,
};
use sea_orm::sea_query::{
    Alias, CaseStatement, Expr, ExprTrait, Func, IntoCondition, JoinType, Query, SelectStatement,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryResult};

use super::{BucketKey, Counts, Dimension, PROPER_NOTICE, Question, Stage, Unit, start_of};
use crate::error::Result;
use crate::policy::Standing;
use crate::store::Scoped;
use crate::store::page::Listing;
use crate::store::visible::{counted, counted_child};

fn count(condition: impl IntoCondition) -> Expr {
    Func::count(CaseStatement::new().case(condition.into_condition(), 1)).into()
}

fn came() -> Expr {
    C::Attendance.is_in([Attendance::InPerson, Attendance::Remote, Attendance::Deputy])
}

/// That an agency did not attend: with apologies or without a word.
pub fn missed() -> Expr {
    C::Attendance.is_in([Attendance::Apologies, Attendance::NoWord])
}

/// The grouped statement of a question over all that counts for a reader: a row for each slice of the time, -1 before the
/// first, and each key.
pub fn counting(who: &Standing, question: &Question) -> SelectStatement {
    let (before, slices) = question.slices();
    let mut select = Query::select();
    // the slice is the first column, so that groups can be made by its place: it is an expression over bound values
    select.expr_as(slice_of(question.from, &slices), Alias::new("slice")).add_group_by([Expr::cust("1")]);
    for (column, name) in question.by.iter().flat_map(|dimension| columns(*dimension)) {
        select.expr_as(column.clone(), Alias::new(name)).add_group_by([column]);
    }
    let proper = || C::NoticeWorkingDays.gte(PROPER_NOTICE);
    let due = || C::ReportDueAt.is_not_null();
    let late = Expr::col(C::ReportReceivedAt).gt(Expr::col(C::ReportDueAt));
    let in_time = Expr::col(C::ReportReceivedAt).lte(Expr::col(C::ReportDueAt));
    let missing = C::ReportReceivedAt.is_null().and(C::ReportDueAt.lt(who.at));
    select
        .expr_as(Func::count(Expr::val(1)), Alias::new("invitations"))
        .expr_as(count(proper()), Alias::new("proper_notice"))
        .expr_as(count(came()), Alias::new("attended"))
        .expr_as(count(C::Attendance.eq(Attendance::Apologies)), Alias::new("apologies"))
        .expr_as(count(C::Attendance.eq(Attendance::NoWord)), Alias::new("no_word"))
        .expr_as(count(C::Attendance.is_null()), Alias::new("unrecorded"))
        .expr_as(count(proper().and(came())), Alias::new("attended_proper"))
        .expr_as(count(proper().and(missed())), Alias::new("missed_proper"))
        .expr_as(count(due().and(in_time)), Alias::new("reports_on_time"))
        .expr_as(count(due().and(late)), Alias::new("reports_late"))
        .expr_as(count(due().and(missing)), Alias::new("reports_missing"))
        .from(invitation::Entity)
        .cond_where(counted(who))
        .cond_where(within(question, before, slices.first().copied()))
        .and_where(C::ScheduledAt.lt(Ord::min(start_of(question.until), who.at)));
    join(&mut select, question);
    if question.unit == Unit::Child {
        let child = child_of(&mut select);
        select.cond_where(counted_child(who, child));
    }
    select.cond_where(narrowed(question));
    select.limit(2 * u64::try_from(super::MOST_PAGED).unwrap_or(0) + 1);
    select
}

/// From the first day on; where it is asked for, also the slice before the first, which ends where that begins.
fn within(question: &Question, before: NaiveDate, first: Option<NaiveDate>) -> Condition {
    let from = C::ScheduledAt.gte(start_of(question.from));
    let earlier = Condition::all()
        .add(C::ScheduledAt.gte(start_of(before)))
        .add(C::ScheduledAt.lt(start_of(first.map_or(question.from, |first| Ord::min(first, question.from)))));
    if question.before { Condition::any().add(from).add(earlier) } else { Condition::all().add(from) }
}

/// Who chairs a conference or leads a strategy meeting.
fn chair() -> Expr {
    let (chairs, leads) = (conference::Column::ChairId.into_expr(), strategy_meeting::Column::LeadId.into_expr());
    Func::coalesce([chairs, leads]).into()
}

/// The columns of a dimension in the statement, with their names; the slice is there already.
fn columns(dimension: Dimension) -> Vec<(Expr, &'static str)> {
    let of_conference = |column: conference::Column, name| (column.into_expr(), name);
    match dimension {
        Dimension::Month | Dimension::Quarter => vec![],
        Dimension::Agency => vec![(C::AgencyId.into_expr(), "agency_id")],
        Dimension::AgencyKind => vec![(agency::Column::Kind.into_expr(), "agency_kind")],
        Dimension::Meeting => vec![(C::Meeting.into_expr(), "meeting")],
        // one column, so that who chairs the one and leads the other is one bucket
        Dimension::Chair => vec![(chair(), "chair_id")],
        Dimension::Team => vec![of_conference(conference::Column::TeamId, "team_id")],
        Dimension::Stage => {
            vec![(C::Meeting.into_expr(), "stage_meeting"), of_conference(conference::Column::Kind, "conference_kind")]
        }
    }
}

/// Joins no more than a question is about.
pub fn join(select: &mut SelectStatement, question: &Question) {
    let has = |dimension| question.has(dimension);
    if question.agency_kind.is_some() || has(Dimension::AgencyKind) {
        let same = agency::Column::Id.into_expr().equals(C::AgencyId.as_column_ref());
        select.join(JoinType::InnerJoin, agency::Entity, same);
    }
    let chairs = question.chair.is_some() || has(Dimension::Chair);
    let conferences =
        question.team.is_some() || has(Dimension::Team) || question.stage.is_some() || has(Dimension::Stage);
    if chairs || conferences {
        let same = conference::Column::Id.into_expr().equals(C::ConferenceId.as_column_ref());
        select.join(JoinType::LeftJoin, conference::Entity, same);
    }
    if chairs {
        let same = strategy_meeting::Column::Id.into_expr().equals(C::StrategyMeetingId.as_column_ref());
        select.join(JoinType::LeftJoin, strategy_meeting::Entity, same);
    }
}

/// What a question leaves of what counts.
pub fn narrowed(question: &Question) -> Condition {
    let chair = question
        .chair
        .map(|chair| conference::Column::ChairId.eq(chair).or(strategy_meeting::Column::LeadId.eq(chair)));
    let stage = question.stage.map(|stage| {
        let (meeting, kind) = stage.meeting();
        let of_kind = kind.map(|kind| conference::Column::Kind.eq(kind));
        Condition::all().add(C::Meeting.eq(meeting)).add_option(of_kind)
    });
    Condition::all()
        .add_option(question.meeting.map(|meeting| C::Meeting.eq(meeting)))
        .add_option(question.agency.map(|agency| C::AgencyId.eq(agency)))
        .add_option(question.agency_kind.map(|kind| agency::Column::Kind.eq(kind)))
        .add_option(chair)
        .add_option(question.team.map(|team| conference::Column::TeamId.eq(team)))
        .add_option(stage)
}

/// The place of a row's time in `slices`, -1 before the first. Written as comparisons with instants, because the two
/// databases cut months differently and neither by the clock of England.
fn slice_of(from: NaiveDate, slices: &[NaiveDate]) -> Expr {
    let first = slices.first().copied().unwrap_or(from);
    let mut case = CaseStatement::new().case(C::ScheduledAt.lt(start_of(Ord::max(first, from))), -1);
    for (i, slice) in slices.iter().enumerate().skip(1) {
        case = case.case(C::ScheduledAt.lt(start_of(*slice)), i32::try_from(i).unwrap_or(0) - 1);
    }
    case.finally(i32::try_from(slices.len().saturating_sub(1)).unwrap_or(0)).into()
}

/// A row of the statement.
pub fn read(question: &Question, row: &QueryResult) -> Result<((i32, BucketKey), Counts)> {
    let has = |dimension| question.has(dimension);
    let get = |name: &str| row.try_get::<i64>("", name);
    let stage =
        || -> Result<_> { Ok(Stage::of(row.try_get("", "stage_meeting")?, row.try_get("", "conference_kind")?)) };
    let key = BucketKey {
        month: None,
        agency_kind: has(Dimension::AgencyKind).then(|| row.try_get("", "agency_kind")).transpose()?,
        agency: has(Dimension::Agency).then(|| row.try_get("", "agency_id")).transpose()?,
        meeting: has(Dimension::Meeting).then(|| row.try_get("", "meeting")).transpose()?,
        chair: if has(Dimension::Chair) { row.try_get("", "chair_id")? } else { None },
        team: if has(Dimension::Team) { row.try_get("", "team_id")? } else { None },
        stage: if has(Dimension::Stage) { stage()? } else { None },
    };
    let counts = Counts {
        invitations: get("invitations")?,
        proper_notice: get("proper_notice")?,
        attended: get("attended")?,
        apologies: get("apologies")?,
        no_word: get("no_word")?,
        unrecorded: get("unrecorded")?,
        attended_proper: get("attended_proper")?,
        missed_proper: get("missed_proper")?,
        reports_on_time: get("reports_on_time")?,
        reports_late: get("reports_late")?,
        reports_missing: get("reports_missing")?,
    };
    Ok(((row.try_get("", "slice")?, key), counts))
}

/// The names of teams.
pub async fn teams(db: &impl ConnectionTrait, ids: BTreeSet<TeamId>) -> Result<HashMap<TeamId, String>> {
    let rows = team::Entity::find().filter(team::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Which of the invitations behind a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// All.
    All,
    /// Those that were missed.
    Missed,
    /// Those that were missed although there was proper notice.
    MissedWithProperNotice,
    /// Those whose reports were due and did not come.
    ReportMissing,
}

impl Scoped {
    /// The invitations that a question counts, as far as the reader may see them.
    pub fn behind(&self, question: &Question, which: Behind) -> Listing<invitation::Entity> {
        use invitation::Entity;
        let conferences = |condition: Condition| {
            Query::select().column(conference::Column::Id).from(conference::Entity).cond_where(condition).take()
        };
        let agencies = |condition: Expr| {
            Query::select().column(agency::Column::Id).from(agency::Entity).and_where(condition).take()
        };
        let led = question.chair.map(|chair| {
            let strategies = Query::select()
                .column(strategy_meeting::Column::Id)
                .from(strategy_meeting::Entity)
                .and_where(strategy_meeting::Column::LeadId.eq(chair))
                .take();
            let chaired = conferences(conference::Column::ChairId.eq(chair).into_condition());
            C::ConferenceId.in_subquery(chaired).or(C::StrategyMeetingId.in_subquery(strategies))
        });
        let stage = question.stage.map(|stage| {
            let (meeting, kind) = stage.meeting();
            let of_kind = kind.map(|kind| {
                C::ConferenceId.in_subquery(conferences(conference::Column::Kind.eq(kind).into_condition()))
            });
            Condition::all().add(C::Meeting.eq(meeting)).add_option(of_kind)
        });
        let team = question
            .team
            .map(|team| C::ConferenceId.in_subquery(conferences(conference::Column::TeamId.eq(team).into_condition())));
        let which = match which {
            Behind::All => None,
            Behind::Missed => Some(missed()),
            Behind::MissedWithProperNotice => Some(missed().and(C::NoticeWorkingDays.gte(PROPER_NOTICE))),
            Behind::ReportMissing => Some(C::ReportReceivedAt.is_null().and(C::ReportDueAt.lt(self.who.at))),
        };
        let kind = question.agency_kind.map(|kind| C::AgencyId.in_subquery(agencies(agency::Column::Kind.eq(kind))));
        Listing::<Entity>::that(
            Condition::all()
                .add(counted(&self.who))
                .add(C::ScheduledAt.gte(start_of(question.from)))
                .add(C::ScheduledAt.lt(Ord::min(start_of(question.until), self.who.at)))
                .add_option(question.meeting.map(|meeting| C::Meeting.eq(meeting)))
                .add_option(question.agency.map(|agency| C::AgencyId.eq(agency)))
                .add_option(kind)
                .add_option(led)
                .add_option(team)
                .add_option(stage)
                .add_option(which),
        )
    }
}

/// Joins a row for each child that a meeting is about; the child.
pub fn child_of(select: &mut SelectStatement) -> Expr {
    let of_conference = conference_child::Column::ConferenceId.into_expr().equals(C::ConferenceId.as_column_ref());
    let of_meeting =
        strategy_meeting_child::Column::StrategyMeetingId.into_expr().equals(C::StrategyMeetingId.as_column_ref());
    let of_group = core_group_meeting::Column::Id.into_expr().equals(C::CoreGroupMeetingId.as_column_ref());
    select
        .join(JoinType::LeftJoin, conference_child::Entity, of_conference)
        .join(JoinType::LeftJoin, strategy_meeting_child::Entity, of_meeting)
        .join(JoinType::LeftJoin, core_group_meeting::Entity, of_group);
    Func::coalesce([
        conference_child::Column::ChildId.into_expr(),
        strategy_meeting_child::Column::ChildId.into_expr(),
        core_group_meeting::Column::ChildId.into_expr(),
    ])
    .into()
}
