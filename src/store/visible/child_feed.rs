//! Which events of the feed are about one child.

use entity::id::ChildId;
use entity::{
    attachment, conference_child, conference_report, conflict, core_group, core_group_meeting, deadline, enquiry,
    episode, event, invitation, involvement, membership, plan, reader_listing, restricted_item, strategy_meeting_child,
    transfer_share,
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
    // one column of the rows of the child in a table
    macro_rules! of_child {
        ($table:ident.$column:ident) => {
            of_child($table::Column::$column, $table::Column::ChildId, child)
        };
    }
    let invited = {
        use invitation::Column as C;
        Condition::any()
            .add(C::StrategyMeetingId.in_subquery(meetings()))
            .add(C::ConferenceId.in_subquery(conferences()))
            .add(C::CoreGroupMeetingId.in_subquery(of_child!(core_group_meeting.Id)))
    };
    let listed = {
        use reader_listing::Column as C;
        Condition::any()
            .add(C::RestrictedItemId.in_subquery(of_child!(restricted_item.Id)))
            .add(C::HouseholdId.in_subquery(of_child!(membership.HouseholdId)))
    };
    Condition::any()
        .add(E::StrategyMeetingId.in_subquery(meetings()))
        .add(E::ConferenceId.in_subquery(conferences()))
        .add(E::InvitationId.in_subquery(of(invitation::Column::Id, invited)))
        .add(E::ReaderListingId.in_subquery(of(reader_listing::Column::Id, listed)))
        .add(E::ConferenceReportId.in_subquery(of_child!(conference_report.Id)))
        .add(E::CoreGroupId.in_subquery(of_child!(core_group.Id)))
        .add(E::InvolvementId.in_subquery(of_child!(involvement.Id)))
        .add(E::ConflictId.in_subquery(of_child!(conflict.Id)))
        .add(E::RestrictedItemId.in_subquery(of_child!(restricted_item.Id)))
        .add(E::DeadlineId.in_subquery(of_child!(deadline.Id)))
        .add(E::EnquiryId.in_subquery(of_child!(enquiry.Id)))
        .add(E::EpisodeId.in_subquery(of_child!(episode.Id)))
        .add(E::PlanId.in_subquery(of_child!(plan.Id)))
        .add(E::AttachmentId.in_subquery(of_child!(attachment.Id)))
        .add(E::ChildId.eq(child))
        .add(E::TransferShareId.in_subquery(of_child!(transfer_share.Id)))
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
