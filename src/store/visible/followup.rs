//! What follows from non-attendance: letters, escalations and their evidence.

use entity::category::Category;
use entity::{escalation, escalation_entry, invitation, non_attendance_letter};
use sea_orm::sea_query::{ExprTrait, IntoCondition, Query};
use sea_orm::{ColumnTrait, Condition};

use super::invitations::{answered, to_no_closed_meeting};
use super::{ids, own};
use crate::policy::Standing;
use crate::policy::disclosure::{Cell, cell};
use crate::policy::roles::Role;
use crate::store::nothing;

/// Letters about invitations whose answers are told. What is not sent yet is for those who write it.
pub(super) fn letters(who: &Standing) -> Condition {
    use non_attendance_letter::Column as C;
    // business support works on the letters of its conferences, of whose figures it has the summary
    let writes = cell(who.role, Category::NonAttendance) == Cell::Full || who.role == Role::MinuteTaker;
    let told =
        if writes { super::seen::<invitation::Entity>(who, C::InvitationId) } else { answered(who, C::InvitationId) };
    Condition::all().add(told).add_option((!writes).then(|| C::Status.ne(non_attendance_letter::Status::Written)))
}

/// Escalations of the authority, for those who take patterns up; those about the own agency, for the agency.
pub(super) fn escalations(who: &Standing) -> Condition {
    use escalation::Column as C;
    match who.role {
        Role::Chair | Role::ServiceManager => C::LocalAuthorityId.eq(who.authority).into_condition(),
        Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency => {
            own(who, C::AgencyId).into_condition()
        }
        Role::SocialWorker
        | Role::TeamManager
        | Role::MinuteTaker
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => nothing().into_condition(),
    }
}

/// Their evidence, but for meetings that a conflict of interest closes.
pub(super) fn entries(who: &Standing) -> Condition {
    use escalation_entry::Column as C;
    // SECURITY: widened from the invitations in scope to those of an escalation that is seen: it says which meeting was missed,
    // and nothing of a child
    let open = Query::select()
        .column(invitation::Column::Id)
        .from(invitation::Entity)
        .and_where(invitation::Column::Id.into_expr().equals(C::InvitationId.as_column_ref()))
        .cond_where(to_no_closed_meeting(who))
        .take();
    Condition::all()
        .add(C::EscalationId.in_subquery(ids::<escalation::Entity>(who)))
        .add(C::InvitationId.in_subquery(open))
}
