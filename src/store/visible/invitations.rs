//! Invitations: the rule of each kind of meeting, whose answers are told, and which count in the figures.

use entity::category::Category;
use entity::invitation::{self, Meeting};
use entity::{conference, core_group_meeting, strategy_meeting};
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition};
use sea_orm::{ColumnTrait, Condition, Iterable as _};

use super::reach::{children, conferences_about, core_group_meetings_about, meetings_about, unclosed};
use super::{Visible, absent_or_not, allegation, lists, own, seen, seen_where};
use crate::policy::Standing;
use crate::policy::disclosure::{Cell, cell};
use crate::policy::roles::Role;
use crate::store::nothing;

/// The invitations that count in the non-attendance figures of `who`, by the cell of that category: chairs and
/// service managers count their authority's, workers and managers the meetings they see, other agencies their own. None
/// to a meeting that a conflict of interest closes.
pub(in crate::store) fn counted(who: &Standing) -> Condition {
    match cell(who.role, Category::NonAttendance) {
        Cell::Full | Cell::Aggregate if matches!(who.role, Role::Chair | Role::ServiceManager | Role::Auditor) => {
            // SECURITY: widened from the meetings in scope to the authority; only counts leave
            to_no_closed_meeting(who)
                .add(invitation::Column::LocalAuthorityId.eq(who.authority))
                // but for meetings about professionals, whose number alone would tell of them
                .add(absent_or_not(invitation::Column::StrategyMeetingId, allegation::meetings_about_anybody()))
        }
        Cell::Full => invitation::Entity::rows(who),
        Cell::Own => invitation::Entity::rows(who).add(invitation::Column::AgencyId.eq(who.agency)),
        Cell::Write
        | Cell::Released
        | Cell::OwnAndReleased
        | Cell::Summary
        | Cell::Listed
        | Cell::ListedAndOwn
        | Cell::Aggregate
        | Cell::Nothing => nothing().into_condition(),
    }
}

/// The children that count in the same figures, where these are made by child: those of the authority for who counts its meetings,
/// the ones in reach for all others, so that no count betrays a brother or sister.
pub(in crate::store) fn counted_child(who: &Standing, child: Expr) -> Condition {
    match who.role {
        Role::Chair | Role::ServiceManager => Condition::all(),
        _ => Condition::all().add(child.in_subquery(children(who))),
    }
}

/// Rows whose `column` names an invitation whose answer is told: the own ones, and all where other agencies' answers are open.
pub(super) fn answered(who: &Standing, column: impl ColumnTrait) -> Expr {
    let own = cell(who.role, Category::NonAttendance) != Cell::Full;
    seen_where::<invitation::Entity>(who, column, own.then(|| invitation::Column::AgencyId.eq(who.agency)))
}

/// The invitations to one kind of meeting that `who` may see: to meetings in scope, and the own ones. The rule of all
/// invitations is made of these; below a meeting, the one of its kind says the same in a third of the words.
pub(in crate::store) fn invitations_to(who: &Standing, meeting: Meeting) -> Condition {
    use invitation::Column as C;
    let (column, seen) = match meeting {
        Meeting::Conference => (C::ConferenceId, seen::<conference::Entity>(who, C::ConferenceId)),
        Meeting::StrategyMeeting => (C::StrategyMeetingId, seen::<strategy_meeting::Entity>(who, C::StrategyMeetingId)),
        Meeting::CoreGroup => (C::CoreGroupMeetingId, seen::<core_group_meeting::Entity>(who, C::CoreGroupMeetingId)),
    };
    Condition::all()
        .add(column.is_not_null())
        .add(lists::invitations(who, meeting))
        .add(Condition::any().add(open_meetings(who, meeting).add(own(who, C::AgencyId))).add(seen))
}

/// The invitations to meetings of one kind that nothing closes to the reader.
fn open_meetings(who: &Standing, meeting: Meeting) -> Condition {
    use invitation::Column as C;
    match meeting {
        Meeting::Conference => unclosed(who, C::ConferenceId, conferences_about),
        Meeting::CoreGroup => unclosed(who, C::CoreGroupMeetingId, core_group_meetings_about),
        Meeting::StrategyMeeting => {
            let alleged = || {
                Condition::all()
                    .add(absent_or_not(C::StrategyMeetingId, allegation::meetings_about(who)))
                    .add(absent_or_not(C::StrategyMeetingId, allegation::meetings_about_colleagues(who)))
            };
            Condition::all()
                .add(unclosed(who, C::StrategyMeetingId, meetings_about))
                .add_option(who.shut.alleged.then(alleged))
        }
    }
}

/// The invitations to what nothing closes to the reader.
pub(super) fn to_no_closed_meeting(who: &Standing) -> Condition {
    Meeting::iter().fold(Condition::all(), |all, meeting| all.add(open_meetings(who, meeting)))
}
