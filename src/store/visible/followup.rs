//! What follows from non-attendance: letters, escalations and their evidence.

use entity::category::Category;
use entity::{escalation, escalation_entry, invitation, non_attendance_letter};
use sea_orm::sea_query::{ExprTrait, IntoCondition, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use super::invitations::{answered, to_no_closed_meeting};
use super::{absent_or_not, allegation, among, own, seen};
use crate::policy::Standing;
use crate::policy::disclosure::{Cell, cell};
use crate::policy::roles::Role;
use crate::store::nothing;

/// Letters about invitations whose answers are told. What is not sent yet is for those who write it.
pub(super) fn letters(who: &Standing) -> Condition {
    use non_attendance_letter::Column as C;
    // business support works on the letters of its conferences, of whose figures it has the summary
    let writes = cell(who.role, Category::NonAttendance) == Cell::Full || who.role == Role::MinuteTaker;
    let told = if writes { seen::<invitation::Entity>(who, C::InvitationId) } else { answered(who, C::InvitationId) };
    Condition::all().add(told).add_option((!writes).then(|| C::Status.ne(non_attendance_letter::Status::Written)))
}

/// Escalations of the authority, for those who take patterns up; those about the own agency, for the agency. At social care it
/// is the team managers who answer.
pub(super) fn escalations(who: &Standing) -> Condition {
    use escalation::Column as C;
    match who.role {
        Role::Chair | Role::ServiceManager => C::LocalAuthorityId.eq(who.authority).into_condition(),
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => {
            own(who, C::AgencyId).into_condition()
        }
        Role::TeamManager => C::AgencyId.eq(who.agency).into_condition(),
        Role::SocialWorker | Role::MinuteTaker | Role::SystemAdmin | Role::Auditor | Role::AgencySystem => {
            nothing().into_condition()
        }
    }
}

/// Their evidence. Who takes patterns up sees of it what is about the invitations in scope, and no more: an entry says that there
/// was a meeting of some kind at some hour. The agency, which was asked to all of them, sees all but what a conflict of interest
/// closes.
pub(super) fn entries(who: &Standing) -> Condition {
    use escalation_entry::Column as C;
    let open = match who.role {
        Role::Chair | Role::ServiceManager => seen::<invitation::Entity>(who, C::InvitationId),
        // SECURITY: widened from the invitations in scope to those of an escalation that is seen, all of them to the own agency
        _ => C::InvitationId.in_subquery(named(to_no_closed_meeting(who))),
    };
    Condition::all().add(among::<escalation::Entity>(who, C::EscalationId)).add(open)
}

/// The invitation that an entry names, where it is one of `those`.
fn named(those: Condition) -> SelectStatement {
    use escalation_entry::Column as C;
    Query::select()
        .column(invitation::Column::Id)
        .from(invitation::Entity)
        .and_where(invitation::Column::Id.into_expr().equals(C::InvitationId.as_column_ref()))
        .cond_where(those)
        .take()
}

/// Entries of the evidence that are there, and not for `who`.
pub(in crate::store) fn entries_kept(who: &Standing) -> Condition {
    Condition::all().add(entries(who).not())
}

/// Invitations that frozen figures count, although their meeting is closed to `who`.
pub(in crate::store) fn counted_and_closed(who: &Standing) -> Condition {
    let meeting = invitation::Column::StrategyMeetingId;
    Condition::all()
        .add(to_no_closed_meeting(who).not())
        .add(absent_or_not(meeting, allegation::meetings_about_anybody()))
}
