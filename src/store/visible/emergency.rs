//! Who sees a use of emergency access, and who has a notice: the SQL of `policy::emergency`.

use entity::designation::Kind as Duty;
use entity::involvement::Basis;
use entity::notice::Kind;
use entity::{designation, emergency_access, involvement, notice};
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use super::officers::in_office;
use super::unclosed;
use crate::policy::Standing;
use crate::policy::emergency::{may_break_glass, notices_since};
use crate::policy::roles::Role;
use crate::store::{in_force, nothing};

/// The person's own; of others' those whose review is theirs, and to the service manager what is overdue.
pub(super) fn accesses(who: &Standing) -> Condition {
    use emergency_access::Column as C;
    let own = if may_break_glass(who.role) {
        C::PractitionerId.eq(who.practitioner).and(C::AgencyId.eq(who.agency))
    } else {
        nothing()
    };
    let overdue = if who.role == Role::ServiceManager {
        Condition::all()
            .add(C::LocalAuthorityId.eq(who.authority))
            .add(C::ReviewedAt.is_null())
            .add(C::ReviewDueAt.lte(who.at))
    } else {
        nothing().into_condition()
    };
    let others = Condition::all()
        .add(C::PractitionerId.ne(who.practitioner))
        .add(unclosed(who, C::ChildId, |closed| closed))
        .add(Condition::any().add(officer_for(who, &ACCESS)).add(managed(who)).add(overdue));
    Condition::any().add(own).add(others)
}

/// Those about a child for who leads its case; those about staff for who answers for them.
pub(super) fn notices(who: &Standing) -> Condition {
    use notice::Column as C;
    let of_child = led(who).map(|children| {
        Condition::all()
            .add(C::ChildId.in_subquery(children))
            .add(C::AgencyId.ne(who.agency).or(C::Kind.eq(Kind::EmergencyAccess)))
    });
    let of_staff = answers(who).then(|| {
        let accesses = Query::select()
            .column(emergency_access::Column::Id)
            .from(emergency_access::Entity)
            .cond_where(managed(who))
            .take();
        Condition::all()
            .add(C::ChildId.is_null())
            .add(Condition::any().add(officer_for(who, &NOTICE)).add(C::EmergencyAccessId.in_subquery(accesses)))
    });
    if of_child.is_none() && of_staff.is_none() {
        return nothing().into_condition();
    }
    Condition::all()
        .add(C::PractitionerId.ne(who.practitioner))
        .add(C::At.gte(notices_since(who.at)))
        .add(Condition::any().add_option(of_child).add_option(of_staff))
}

/// The uses of emergency access that `who` has a notice of.
pub(super) fn noticed(who: &Standing) -> SelectStatement {
    use notice::Column as C;
    Query::select()
        .column(C::EmergencyAccessId)
        .from(notice::Entity)
        .cond_where(notices(who))
        .and_where(C::EmergencyAccessId.is_not_null())
        .take()
}

/// The columns by which a row names whose deed it tells of.
struct Staff<C> {
    practitioner: C,
    agency: C,
    authority: C,
}

const ACCESS: Staff<emergency_access::Column> = Staff {
    practitioner: emergency_access::Column::PractitionerId,
    agency: emergency_access::Column::AgencyId,
    authority: emergency_access::Column::LocalAuthorityId,
};

const NOTICE: Staff<notice::Column> = Staff {
    practitioner: notice::Column::PractitionerId,
    agency: notice::Column::AgencyId,
    authority: notice::Column::LocalAuthorityId,
};

/// True for those who can have a notice about staff at all.
fn answers(who: &Standing) -> bool {
    who.holds(Duty::PrivacyOfficer) || matches!(who.role, Role::TeamManager | Role::ServiceManager)
}

/// Rows of staff for whom `who` is the privacy officer: of the own agency, and at social care of the agencies that have
/// none but the person the row tells of.
fn officer_for<C: ColumnTrait>(who: &Standing, staff: &Staff<C>) -> Condition {
    if !who.holds(Duty::PrivacyOfficer) {
        return nothing().into_condition();
    }
    let own = Condition::any().add(staff.agency.eq(who.agency));
    if !who.role.holds_a_social_care_post() {
        return own;
    }
    own.add(
        Condition::all()
            .add(staff.authority.eq(who.authority))
            .add(Expr::exists(officers(who, &staff.practitioner, &staff.agency)).not()),
    )
}

/// The privacy officers of the agency a row names, other than the person it names.
fn officers<C: ColumnTrait>(who: &Standing, person: &C, agency: &C) -> SelectStatement {
    use designation::Column as D;
    let column = |column: &C| Expr::col(column.as_column_ref());
    in_office(who, D::Id)
        .and_where(column(agency).eq(Expr::col(D::AgencyId.as_column_ref())))
        .and_where(column(person).ne(Expr::col(D::PractitionerId.as_column_ref())))
        .take()
}

/// Uses of emergency access at agencies that have a privacy officer of their own for them.
pub(in crate::store) fn has_officer(who: &Standing) -> Expr {
    Expr::exists(officers(who, &ACCESS.practitioner, &ACCESS.agency))
}

/// Uses of emergency access by others that a manager of social care reviews: of the team, or of the service.
fn managed(who: &Standing) -> Condition {
    use emergency_access::Column as C;
    let own = Condition::all().add(C::AgencyId.eq(who.agency)).add(C::PractitionerId.ne(who.practitioner));
    match who.role {
        Role::ServiceManager => own,
        Role::TeamManager => own.add(C::TeamId.is_in(who.teams.iter().copied())),
        Role::SocialWorker
        | Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => nothing().into_condition(),
    }
}

/// The children whose case `who` leads: the allocated social worker, and the manager of the team. `None` for all others.
fn led(who: &Standing) -> Option<SelectStatement> {
    use involvement::Column as C;
    let mine = match who.role {
        Role::SocialWorker => C::PractitionerId.eq(who.practitioner),
        Role::TeamManager => C::TeamId.is_in(who.teams.iter().copied()),
        Role::ServiceManager
        | Role::Chair
        | Role::MinuteTaker
        | Role::Police
        | Role::Health
        | Role::Education
        | Role::EarlyHelp
        | Role::OtherAgency
        | Role::SystemAdmin
        | Role::Auditor
        | Role::AgencySystem => return None,
    };
    let children = Query::select()
        .column(C::ChildId)
        .from(involvement::Entity)
        .and_where(mine)
        .and_where(C::AgencyId.eq(who.agency))
        .and_where(C::Basis.eq(Basis::AllocatedWorker))
        .cond_where(in_force(C::StartsAt, C::EndsAt, who.at))
        .cond_where(unclosed(who, C::ChildId, |closed| closed))
        .take();
    Some(children)
}
