//! The agencies whose use of the record a reader watches, as SQL: for the rules of alerts and reviews of access.

use entity::{agency, designation};
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use super::{in_force, nothing};
use crate::policy::Standing;
use crate::policy::oversight::{Oversight, oversight};

/// The rows of agencies that `who` watches, by the column that names the agency.
pub(super) fn overseen(who: &Standing, column: impl ColumnTrait) -> Condition {
    match oversight(who.role) {
        Oversight::Authority => column.in_subquery(agencies(who)).into_condition(),
        Oversight::Agency => Condition::any().add(column.eq(who.agency)).add(as_officer(who, column)),
        Oversight::Officer => as_officer(who, column),
        Oversight::Nothing => nothing().into_condition(),
    }
}

/// The agencies of the reader's authority.
fn agencies(who: &Standing) -> SelectStatement {
    Query::select()
        .column(agency::Column::Id)
        .from(agency::Entity)
        .and_where(agency::Column::LocalAuthorityId.eq(who.authority))
        .to_owned()
}

/// The agencies that have a privacy officer now.
fn with_officer(who: &Standing) -> SelectStatement {
    use designation::Column as C;
    Query::select()
        .column(C::AgencyId)
        .from(designation::Entity)
        .and_where(C::Kind.eq(designation::Kind::PrivacyOfficer))
        .cond_where(in_force(C::StartsAt, C::EndsAt, who.at))
        .to_owned()
}

/// Holds for those who watch any agency at all.
pub(super) fn oversees(who: &Standing) -> Condition {
    match oversight(who.role) {
        Oversight::Authority | Oversight::Agency => Condition::all(),
        Oversight::Officer => Condition::all().add(Expr::exists(my_duty(who))),
        Oversight::Nothing => nothing().into_condition(),
    }
}

/// The reader's own agency, if the reader is its privacy officer.
fn my_duty(who: &Standing) -> SelectStatement {
    with_officer(who)
        .and_where(designation::Column::PractitionerId.eq(who.practitioner))
        .and_where(designation::Column::AgencyId.eq(who.agency))
        .to_owned()
}

/// A privacy officer watches the agency of the post; an agency without one has the authority's, who is at social care.
fn as_officer(who: &Standing, column: impl ColumnTrait) -> Condition {
    let mine = my_duty(who);
    let at_social_care = Query::select()
        .column(agency::Column::Id)
        .from(agency::Entity)
        .and_where(agency::Column::Id.eq(who.agency))
        .and_where(agency::Column::Kind.eq(agency::Kind::Csc))
        .and_where(agency::Column::Id.in_subquery(mine.clone()))
        .to_owned();
    let without = agencies(who).and_where(agency::Column::Id.not_in_subquery(with_officer(who))).to_owned();
    Condition::any().add(column.in_subquery(mine)).add(column.in_subquery(without).and(Expr::exists(at_social_care)))
}
