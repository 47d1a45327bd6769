//! From the relationships in force to the children they reach, and to what is about these; and what a conflict of interest
//! takes away again.

use entity::{
    child, conference, conference_child, conflict, core_group_meeting, involvement, strategy_meeting,
    strategy_meeting_child,
};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityName as _};

use super::{absent_or_not, unless_read};
use crate::policy::Standing;
use crate::policy::visibility::{Visibility, visibility};
use crate::store::{in_force, lasts, nothing};

/// The involvement rows that reach `who`, whenever they are in force, as one column of them. None of a child that a
/// conflict of interest closes.
pub(super) fn reached_ever(who: &Standing, column: involvement::Column) -> SelectStatement {
    use involvement::Column as C;
    let mine = match visibility(who) {
        // the relationship is the agency's: it does not follow the person to another
        Visibility::Named(person) => C::PractitionerId.eq(person).and(C::AgencyId.eq(who.agency)),
        Visibility::Team(teams) => C::TeamId.is_in(teams.iter().copied()),
        Visibility::Agency(agency) => C::AgencyId.eq(agency),
        Visibility::Conferences(person) => C::PractitionerId
            .eq(person)
            .and(C::AgencyId.eq(who.agency))
            .and(C::Basis.is_in([involvement::Basis::Chair, involvement::Basis::MinuteTaker])),
        Visibility::Nothing => nothing(),
    };
    Query::select()
        .column(column)
        .from(involvement::Entity)
        .and_where(mine)
        .and_where(C::StartsAt.lte(who.at))
        .cond_where(unclosed(who, C::ChildId, |closed| closed))
        // every relationship is to a child, and not every one comes from a meeting
        .and_where_option((!matches!(column, C::ChildId)).then(|| column.is_not_null()))
        .take()
}

/// The involvement rows in force that reach `who`, as one column of them.
pub(super) fn reached(who: &Standing, column: involvement::Column) -> SelectStatement {
    use involvement::Column as C;
    // that it has begun is said there
    reached_ever(who, column).cond_where(lasts(C::EndsAt, who.at)).take()
}

/// Rows that name a strategy meeting and a child for whom the reader was asked to it.
pub(super) fn asked_about<C: ColumnTrait>(who: &Standing, meeting: C, child: C) -> Expr {
    let same = |own: C, row: involvement::Column| own.into_expr().equals(row.as_column_ref());
    let asked = reached_ever(who, involvement::Column::Id)
        .and_where(same(meeting, involvement::Column::StrategyMeetingId))
        .and_where(same(child, involvement::Column::ChildId))
        .take();
    Expr::exists(asked)
}

/// The ids of the children `who` reaches.
pub(super) fn children(who: &Standing) -> SelectStatement {
    reached(who, involvement::Column::ChildId)
}

/// True of rows about a child that `who` reaches. Correlated like [`seen`], for where it stands among alternatives. Not of the
/// relationships themselves, whose name stands for those of the reader in here.
pub(super) fn reaches(who: &Standing, child: impl ColumnTrait) -> Expr {
    use involvement::Column as C;
    debug_assert_ne!(child.entity_name().to_string(), involvement::Entity.table_name());
    unless_read::<child::Entity, _>(who, child, |child| {
        Expr::exists(reached(who, C::ChildId).and_where(C::ChildId.into_expr().equals(child.as_column_ref())).take())
    })
}

/// Rows about a child that `who` reaches, for lists. For readers who reach many children it is asked of each row on the way
/// along the list; the offset keeps the planner from turning it round.
pub(super) fn within_reach(who: &Standing, child: impl ColumnTrait) -> Expr {
    use involvement::Column as C;
    unless_read::<child::Entity, _>(who, child, |child| {
        if !who.broad {
            return child.in_subquery(children(who));
        }
        let mine = reached(who, C::ChildId)
            .and_where(C::ChildId.into_expr().equals(child.as_column_ref()))
            .limit(1)
            .offset(0)
            .take();
        Expr::exists(mine)
    })
}

/// That a conference is about a child in reach, asked of each conference on the way along a list. The offset keeps the
/// planner from turning it round, which for an agency of thousands of children makes all their conferences first.
pub(super) fn about_each(who: &Standing) -> Expr {
    use conference_child::Column as C;
    let about = Query::select()
        .expr(Expr::val(1))
        .from(conference_child::Entity)
        .and_where(C::ConferenceId.into_expr().equals(conference::Column::Id.as_column_ref()))
        .and_where(reaches(who, C::ChildId))
        .limit(1)
        .offset(0)
        .take();
    Expr::exists(about)
}

/// Rows that a relationship in reach names by a column, now or ever.
pub(super) fn named_by_reach(who: &Standing, id: impl ColumnTrait, column: involvement::Column) -> Expr {
    if !who.broad {
        return id.in_subquery(reached_ever(who, column));
    }
    let mine =
        reached_ever(who, column).and_where(column.into_expr().equals(id.as_column_ref())).limit(1).offset(0).take();
    Expr::exists(mine)
}

/// That a strategy meeting is about a child in reach.
pub(super) fn meeting_within_reach(who: &Standing) -> Expr {
    use strategy_meeting_child::Column as C;
    if !who.broad {
        return strategy_meeting::Column::Id.in_subquery(meetings_about(children(who)));
    }
    let about = Query::select()
        .expr(Expr::val(1))
        .from(strategy_meeting_child::Entity)
        .and_where(C::StrategyMeetingId.into_expr().equals(strategy_meeting::Column::Id.as_column_ref()))
        .and_where(reaches(who, C::ChildId))
        .limit(1)
        .offset(0)
        .take();
    Expr::exists(about)
}

/// The children that a conflict of interest in force closes to the person, whatever else would open them.
fn conflicted(who: &Standing) -> SelectStatement {
    use conflict::Column as C;
    Query::select()
        .column(C::ChildId)
        .from(conflict::Entity)
        .and_where(C::PractitionerId.eq(who.practitioner))
        .cond_where(in_force(C::StartsAt, C::EndsAt, who.at))
        .take()
}

/// Leaves out rows that a conflict of interest closes, by a column and the values of it that are about `closed` children.
pub(in crate::store) fn unclosed<C: ColumnTrait>(
    who: &Standing,
    column: C,
    about: impl FnOnce(SelectStatement) -> SelectStatement,
) -> Condition {
    // as one term, which others are added to
    let open = Condition::all();
    if who.shut.conflicts { open.add(absent_or_not(column, about(conflicted(who)))) } else { open }
}

/// One column of the rows of a table whose child is among `children`.
pub(super) fn with_child<C: ColumnTrait>(column: C, child: C, children: SelectStatement) -> SelectStatement {
    Query::select()
        .column(column)
        .from(C::EntityName::default().table_ref())
        .and_where(child.in_subquery(children))
        .and_where(column.is_not_null())
        .take()
}

pub(super) fn meetings_about(children: SelectStatement) -> SelectStatement {
    use strategy_meeting_child::Column as C;
    with_child(C::StrategyMeetingId, C::ChildId, children)
}

pub(super) fn conferences_about(children: SelectStatement) -> SelectStatement {
    use conference_child::Column as C;
    with_child(C::ConferenceId, C::ChildId, children)
}

pub(super) fn core_group_meetings_about(children: SelectStatement) -> SelectStatement {
    use core_group_meeting::Column as C;
    with_child(C::Id, C::ChildId, children)
}
