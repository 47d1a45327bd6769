//! Which events of the feed are about one child.

use entity::id::ChildId;
use entity::{
    conference_child, conference_report, conflict, core_group, core_group_meeting, event, invitation, involvement,
    membership, reader_listing, restricted_item, strategy_meeting_child, transfer_share,
};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityName as _};

use super::Visible;
use crate::policy::Standing;

/// Of the events that `who` may see, those about a child: its meetings, conferences, reports, core groups,
/// relationships, conflicts, restricted items, reader lists and shares. A meeting counts only where the reader is told
/// that it is about this child: it may be seen for the sake of another.
pub(in crate::store) fn events_about(who: &Standing, child: ChildId) -> Condition {
    use event::Column as E;
    let meetings =
        || told(who, strategy_meeting_child::Column::StrategyMeetingId, strategy_meeting_child::Column::ChildId, child);
    let conferences = || told(who, conference_child::Column::ConferenceId, conference_child::Column::ChildId, child);
    let invited = {
        use invitation::Column as C;
        of(
            C::Id,
            Condition::any()
                .add(C::StrategyMeetingId.in_subquery(meetings()))
                .add(C::ConferenceId.in_subquery(conferences()))
                .add(C::CoreGroupMeetingId.in_subquery(of_child(
                    core_group_meeting::Column::Id,
                    core_group_meeting::Column::ChildId,
                    child,
                ))),
        )
    };
    let listed = {
        use reader_listing::Column as C;
        of(
            C::Id,
            Condition::any()
                .add(C::RestrictedItemId.in_subquery(of_child(
                    restricted_item::Column::Id,
                    restricted_item::Column::ChildId,
                    child,
                )))
                .add(C::HouseholdId.in_subquery(of_child(
                    membership::Column::HouseholdId,
                    membership::Column::ChildId,
                    child,
                ))),
        )
    };
    Condition::any()
        .add(E::StrategyMeetingId.in_subquery(meetings()))
        .add(E::ConferenceId.in_subquery(conferences()))
        .add(E::InvitationId.in_subquery(invited))
        .add(E::ReaderListingId.in_subquery(listed))
        .add(E::ConferenceReportId.in_subquery(of_child(
            conference_report::Column::Id,
            conference_report::Column::ChildId,
            child,
        )))
        .add(E::CoreGroupId.in_subquery(of_child(core_group::Column::Id, core_group::Column::ChildId, child)))
        .add(E::InvolvementId.in_subquery(of_child(involvement::Column::Id, involvement::Column::ChildId, child)))
        .add(E::ConflictId.in_subquery(of_child(conflict::Column::Id, conflict::Column::ChildId, child)))
        .add(E::RestrictedItemId.in_subquery(of_child(
            restricted_item::Column::Id,
            restricted_item::Column::ChildId,
            child,
        )))
        .add(E::TransferShareId.in_subquery(of_child(
            transfer_share::Column::Id,
            transfer_share::Column::ChildId,
            child,
        )))
}

fn of<C: ColumnTrait>(column: C, condition: Condition) -> SelectStatement {
    Query::select().column(column).from(C::EntityName::default().table_ref()).cond_where(condition).take()
}

/// One column of the rows of a child, told or not: the event itself is only read where what it names is visible.
fn of_child<C: ColumnTrait>(column: C, of_row: C, child: ChildId) -> SelectStatement {
    of(column, Condition::all().add(of_row.eq(child)).add(column.is_not_null()))
}

/// The same, of the rows that `who` may see.
fn told<C>(who: &Standing, column: C, of_row: C, child: ChildId) -> SelectStatement
where
    C: ColumnTrait,
    C::EntityName: Visible,
{
    of(column, <C::EntityName as Visible>::rows(who).add(of_row.eq(child)))
}
