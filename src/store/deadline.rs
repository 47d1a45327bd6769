//! Deadlines: made in the transaction of what makes something due, met in that of what meets it.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::deadline::{self, Column as C, Kind, Unit as Stored};
use entity::id::{
    AgencyId, ChildId, ConferenceId, CoreGroupId, DeadlineId, LocalAuthorityId, ReportRequestId, StrategyMeetingId,
    TeamId,
};
use entity::sealed::Sealed;
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition as _, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, Iterable as _,
    QueryFilter, QuerySelect,
};

use super::permit::Permit;
use super::{Scoped, Tx};
use crate::clock::london_day;
use crate::error::Result;
use crate::policy::Standing;
use crate::policy::actions::{ExtendStrategyMeeting, MeetDeadline, WaiveDeadline};
pub use crate::practice::calendar::Rest;
use crate::practice::deadlines::{Limit, skipped_as_text, skipped_of_text};
use crate::practice::reckoning::{Direction, Unit, said};

/// Rows in one statement at the most: their values stay below what SQLite binds.
pub(super) const ROWS: usize = 500;

/// Where a deadline stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not due for a while.
    Upcoming,
    /// Due soon.
    Due,
    /// Done in time.
    Met,
    /// Done, and late.
    MetLate,
    /// Not done in time.
    Overdue,
    /// Not due any more, and not done.
    NotApplicable,
}

impl Status {
    /// The status of a deadline at `now`.
    pub fn of(row: &deadline::Model, now: DateTime<Utc>) -> Self {
        match (row.lapsed_at, row.met_at) {
            (Some(_), _) => Self::NotApplicable,
            (None, Some(met_at)) if met_at <= row.late_after => Self::Met,
            (None, Some(_)) => Self::MetLate,
            (None, None) if row.late_after < now => Self::Overdue,
            (None, None) if row.approaches_at <= now => Self::Due,
            (None, None) => Self::Upcoming,
        }
    }

    /// The deadlines that stand so at `now`.
    fn condition(self, now: DateTime<Utc>) -> Condition {
        let open = open();
        let done = Condition::all().add(C::LapsedAt.is_null()).add(C::MetAt.is_not_null());
        let in_time = Expr::col((deadline::Entity, C::MetAt)).lte(Expr::col((deadline::Entity, C::LateAfter)));
        match self {
            Self::Upcoming => open.add(C::ApproachesAt.gt(now)).add(C::LateAfter.gte(now)),
            Self::Due => open.add(C::ApproachesAt.lte(now)).add(C::LateAfter.gte(now)),
            Self::Overdue => open.add(C::LateAfter.lt(now)),
            Self::Met => done.add(in_time),
            Self::MetLate => done.add(in_time.not()),
            Self::NotApplicable => Condition::all().add(C::LapsedAt.is_not_null()),
        }
    }
}

/// How a deadline came to its instant.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What the rule asks, and where it stands.
    pub rule: Option<(String, String)>,
    /// How such a limit is counted.
    pub convention: &'static str,
    /// The days that were passed over.
    pub skipped: Vec<(NaiveDate, Rest)>,
    /// The last working day that is not after the day it is due.
    pub last_working_day: Option<NaiveDate>,
}

impl Scoped {
    /// How a deadline came to its instant.
    pub fn explained(&self, row: &deadline::Model) -> Explained {
        let practice = &self.store.practice;
        let rule = practice.standards.rule(&row.rule);
        // the instant a day ends is on the day after
        let last = london_day(row.due_at - chrono::Duration::seconds(1));
        Explained {
            rule: rule.map(|rule| (rule.says.clone(), rule.about.clone())),
            convention: said(row.unit, row.amount, row.before),
            skipped: skipped_of_text(&row.skipped),
            last_working_day: practice.calendar.last_working_day(last).ok(),
        }
    }
}

/// Neither met nor lapsed.
pub(super) fn open() -> Condition {
    Condition::all().add(C::MetAt.is_null()).add(C::LapsedAt.is_null())
}

/// Which deadlines a list shows.
#[derive(Clone, Debug, Default)]
pub struct DeadlineFilter {
    /// Standing in one of these ways; in any where none is named.
    pub statuses: Vec<Status>,
    /// Of these kinds; of all where none is named.
    pub kinds: Vec<Kind>,
    /// About this child.
    pub child: Option<ChildId>,
    /// To be met by this agency.
    pub agency: Option<AgencyId>,
    /// To be met by this team.
    pub team: Option<TeamId>,
    /// Made due under the practice of this authority.
    pub authority: Option<LocalAuthorityId>,
    /// To be met by a team of the reader's.
    pub my_teams: bool,
    /// Due at this instant or later.
    pub due_from: Option<DateTime<Utc>>,
    /// Due before this instant.
    pub due_until: Option<DateTime<Utc>>,
}

impl DeadlineFilter {
    /// The filter as a condition, at `now`.
    pub(super) fn condition(&self, who: &Standing) -> Condition {
        let now = who.at;
        let statuses = self.statuses.iter().fold(Condition::any(), |any, status| any.add(status.condition(now)));
        Condition::all()
            .add_option((!self.statuses.is_empty()).then_some(statuses))
            .add_option((!self.kinds.is_empty()).then(|| C::Kind.is_in(self.kinds.iter().copied())))
            .add_option(self.child.map(|child| C::ChildId.eq(child)))
            .add_option(self.agency.map(|agency| C::AgencyId.eq(agency)))
            .add_option(self.team.map(|team| C::TeamId.eq(team)))
            .add_option(self.authority.map(|authority| C::LocalAuthorityId.eq(authority)))
            .add_option(self.my_teams.then(|| C::TeamId.is_in(who.teams.iter().copied())))
            .add_option(self.due_from.map(|at| C::DueAt.gte(at)))
            .add_option(self.due_until.map(|at| C::DueAt.lt(at)))
    }
}

/// What a deadline is about besides the child.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    /// A strategy meeting.
    pub strategy_meeting: Option<StrategyMeetingId>,
    /// A conference.
    pub conference: Option<ConferenceId>,
    /// A report asked of an agency.
    pub report_request: Option<ReportRequestId>,
    /// A core group.
    pub core_group: Option<CoreGroupId>,
}

/// Something that is due from now on.
#[derive(Clone, Debug)]
pub struct NewDeadline {
    /// What.
    pub kind: Kind,
    /// About which child.
    pub child: ChildId,
    /// What else it is about.
    pub about: About,
    /// Who has to meet it.
    pub agency: AgencyId,
    /// Which team of it.
    pub team: Option<TeamId>,
    /// By when, and how that was counted.
    pub limit: Limit,
}

impl Tx {
    /// Writes what is due from now on.
    pub async fn make_due(&self, new: Vec<NewDeadline>) -> Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        let (at, authority) = (self.who().at, self.who().authority);
        let rows = new.into_iter().map(|new| row(new, DeadlineId(self.new_id()), authority, at).into_active_model());
        let rows: Vec<_> = rows.map(ActiveModelTrait::reset_all).collect();
        for some in rows.chunks(ROWS) {
            deadline::Entity::insert_many(some.to_vec()).exec_without_returning(&self.inner).await?;
        }
        Ok(())
    }

    /// Those of `children` about whom something of this kind is due.
    pub async fn open_deadlines(&self, kind: Kind, children: &[ChildId]) -> Result<HashSet<ChildId>> {
        // SECURITY: read past the row rule, since what runs for a child runs whoever may see it; only the writer's own
        // children are asked about, and only whether something runs leaves
        let rows: Vec<ChildId> = deadline::Entity::find()
            .select_only()
            .column(C::ChildId)
            .filter(C::ChildId.is_in(children.iter().copied()))
            .filter(C::Kind.eq(kind))
            .filter(open())
            .into_tuple()
            .all(&self.inner)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// What is open of a kind about a strategy meeting, locked.
    pub async fn open_deadlines_of_meeting(
        &self,
        kind: Kind,
        meeting: StrategyMeetingId,
    ) -> Result<Vec<deadline::Model>> {
        let rows = self.rows::<deadline::Entity>().filter(C::StrategyMeetingId.eq(meeting)).filter(C::Kind.eq(kind));
        rows.filter(open()).locked().all().await
    }

    /// Has what is open of the first meeting about these children go on in another, where the one it was due by was
    /// cancelled. Answers the children about whom that is.
    pub async fn first_meeting_goes_on(
        &self,
        meeting: StrategyMeetingId,
        children: &[ChildId],
    ) -> Result<HashSet<ChildId>> {
        use entity::strategy_meeting::{Column as M, Entity as Meeting, Status as Stands};
        let cancelled =
            Query::select().column(M::Id).from(Meeting).and_where(M::Status.eq(Stands::Cancelled)).to_owned();
        let of = Condition::all()
            .add(C::ChildId.is_in(children.iter().copied()))
            .add(C::Kind.eq(Kind::FirstStrategyMeeting))
            .add(C::LocalAuthorityId.eq(self.who().authority))
            .add(C::StrategyMeetingId.in_subquery(cancelled))
            .add(open());
        // SECURITY: read past the row rule, since the meeting that was cancelled may be closed to the writer; only the
        // writer's own children are asked about
        let rows: Vec<(DeadlineId, ChildId)> = deadline::Entity::find()
            .select_only()
            .columns([C::Id, C::ChildId])
            .filter(of)
            .into_tuple()
            .all(&self.inner)
            .await?;
        if rows.is_empty() {
            return Ok(HashSet::new());
        }
        deadline::Entity::update_many()
            .col_expr(C::StrategyMeetingId, Expr::val(meeting))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .filter(C::Id.is_in(rows.iter().map(|(id, _)| *id)))
            .exec(&self.inner)
            .await?;
        Ok(rows.into_iter().map(|(_, child)| child).collect())
    }

    /// Writes that the time of a strategy meeting was stretched: the deadlines stand under the rule that lets them.
    pub async fn extend_strategy_meeting(
        &self,
        permit: Permit<ExtendStrategyMeeting, entity::strategy_meeting::Model>,
        running: &[deadline::Model],
        limit: &Limit,
    ) -> Result<()> {
        for before in running {
            let new = NewDeadline {
                kind: before.kind,
                child: before.child_id,
                about: About { strategy_meeting: before.strategy_meeting_id, ..About::default() },
                agency: before.agency_id,
                team: before.team_id,
                limit: limit.clone(),
            };
            let stretched = row(new, before.id, before.local_authority_id, before.made_at);
            // that the first limit was missed is told once: the row does not miss it again
            let stretched = deadline::Model {
                missed_told_at: before.missed_told_at.or(stretched.missed_told_at),
                version: before.version + 1,
                ..stretched
            };
            stretched.into_active_model().reset_all().update(&self.inner).await?;
        }
        let version = permit.row.version;
        let mut meeting = permit.row.into_active_model();
        meeting.version = Set(version + 1);
        meeting.update(&self.inner).await?;
        Ok(())
    }

    /// Says of what is open of these kinds about these children that it was done at an instant; narrowed to one meeting or
    /// report where `about` names one.
    pub async fn met(&self, kinds: &[Kind], children: &[ChildId], about: About, at: DateTime<Utc>) -> Result<()> {
        // what is written down late meets nothing that was made due after it
        let begun = C::Before.eq(true).or(C::CountedFrom.lte(at));
        self.settle(kinds, children, (about, begun.into_condition()), (C::MetAt, at)).await
    }

    /// Says of what is open of these kinds about these children that it is not due any more.
    pub async fn lapsed(&self, kinds: &[Kind], children: &[ChildId], about: About, at: DateTime<Utc>) -> Result<()> {
        self.settle(kinds, children, (about, Condition::all()), (C::LapsedAt, at)).await
    }

    /// Says of what is open at other authorities about these children that it is not due any more: the children are the
    /// caller's now, and nobody there may see them.
    pub async fn lapsed_elsewhere(&self, children: &[ChildId]) -> Result<()> {
        let kinds: Vec<_> = Kind::iter().collect();
        let elsewhere = C::LocalAuthorityId.ne(self.who().authority).into_condition();
        self.settle(&kinds, children, (About::default(), elsewhere), (C::LapsedAt, self.who().at)).await
    }

    /// Takes back that what of these kinds is due before a conference was done about a child: it is due again.
    pub async fn unmet_before(&self, conference: ConferenceId, child: ChildId, kinds: &[Kind]) -> Result<()> {
        let none: Option<DateTime<Utc>> = None;
        deadline::Entity::update_many()
            .col_expr(C::MetAt, Expr::val(none))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .filter(C::ConferenceId.eq(conference))
            .filter(C::ChildId.eq(child))
            .filter(C::Kind.is_in(kinds.iter().copied()))
            .filter(C::MetAt.is_not_null())
            .exec(&self.inner)
            .await?;
        Ok(())
    }

    /// Takes back that something was done about a report that was asked: it is due again.
    pub async fn unmet(&self, report: ReportRequestId) -> Result<()> {
        let none: Option<DateTime<Utc>> = None;
        deadline::Entity::update_many()
            .col_expr(C::MetAt, Expr::val(none))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .filter(C::ReportRequestId.eq(report))
            .exec(&self.inner)
            .await?;
        Ok(())
    }

    async fn settle(
        &self,
        kinds: &[Kind],
        children: &[ChildId],
        (about, those): (About, Condition),
        (column, at): (C, DateTime<Utc>),
    ) -> Result<()> {
        let of = Condition::all()
            .add_option(about.strategy_meeting.map(|id| C::StrategyMeetingId.eq(id)))
            .add_option(about.conference.map(|id| C::ConferenceId.eq(id)))
            .add_option(about.report_request.map(|id| C::ReportRequestId.eq(id)))
            .add_option(about.core_group.map(|id| C::CoreGroupId.eq(id)));
        deadline::Entity::update_many()
            .col_expr(column, Expr::val(at))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .filter(C::ChildId.is_in(children.iter().copied()))
            .filter(C::Kind.is_in(kinds.iter().copied()))
            .filter(open())
            .filter(of)
            .filter(those)
            .exec(&self.inner)
            .await?;
        Ok(())
    }

    /// Writes that something was done at an instant.
    pub async fn meet_deadline(
        &self,
        permit: Permit<MeetDeadline, deadline::Model>,
        met_at: DateTime<Utc>,
    ) -> Result<()> {
        let mut row = permit.row.clone().into_active_model();
        row.met_at = Set(Some(met_at));
        row.version = Set(permit.row.version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes why something is not due any more.
    pub async fn waive_deadline(&self, permit: Permit<WaiveDeadline, deadline::Model>, why: String) -> Result<()> {
        let mut row = permit.row.clone().into_active_model();
        row.lapsed_at = Set(Some(self.who().at));
        row.lapsed_because = Set(Sealed::new(Some(why)));
        row.version = Set(permit.row.version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }
}

/// A deadline as it is written.
pub(crate) fn row(new: NewDeadline, id: DeadlineId, authority: LocalAuthorityId, at: DateTime<Utc>) -> deadline::Model {
    let Limit { rule, span, from, direction, reckoning, missing_year, approaches_at, is_told } = new.limit;
    deadline::Model {
        id,
        local_authority_id: authority,
        child_id: new.child,
        agency_id: new.agency,
        team_id: new.team,
        kind: new.kind,
        strategy_meeting_id: new.about.strategy_meeting,
        conference_id: new.about.conference,
        report_request_id: new.about.report_request,
        core_group_id: new.about.core_group,
        rule,
        amount: i32::from(span.amount),
        unit: match span.unit {
            Unit::Hours => Stored::Hours,
            Unit::Days => Stored::Days,
            Unit::WorkingDays => Stored::WorkingDays,
            Unit::Weeks => Stored::Weeks,
            Unit::Months => Stored::Months,
        },
        before: direction == Direction::Before,
        counted_from: from,
        skipped: skipped_as_text(&reckoning.skipped),
        missing_year,
        due_at: reckoning.due_at,
        late_after: reckoning.late_after,
        // what was made due late is due soon from its beginning
        approaches_at: std::cmp::max(approaches_at, at),
        made_at: at,
        met_at: None,
        lapsed_at: None,
        lapsed_because: Sealed::new(None),
        // of what is only shown there is nothing to tell any more
        approaching_told_at: (!is_told).then_some(at),
        missed_told_at: (!is_told).then_some(at),
        version: 1,
    }
}
