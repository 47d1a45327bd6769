//! The agencies whose use of the record a reader watches, as SQL: for the rules of alerts and reviews of access.

use entity::designation::Kind;
use entity::{agency, designation};
use sea_orm::sea_query::{IntoCondition, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use super::officers::in_office;
use crate::policy::Standing;
use crate::policy::oversight::{Oversight, oversight};
use crate::store::nothing;

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
        .take()
}

/// Holds for those who watch any agency at all.
pub(super) fn oversees(who: &Standing) -> Condition {
    match oversight(who.role) {
        Oversight::Authority | Oversight::Agency => Condition::all(),
        Oversight::Officer if who.holds(Kind::PrivacyOfficer) => Condition::all(),
        Oversight::Officer | Oversight::Nothing => nothing().into_condition(),
    }
}

/// A privacy officer watches the agency of the post; an agency without one has the authority's, who is at social care.
fn as_officer(who: &Standing, column: impl ColumnTrait) -> Condition {
    if !who.holds(Kind::PrivacyOfficer) {
        return nothing().into_condition();
    }
    let own = Condition::any().add(column.eq(who.agency));
    if !who.role.holds_a_social_care_post() {
        return own;
    }
    let with_officer = in_office(who, designation::Column::AgencyId);
    let without = agencies(who).and_where(agency::Column::Id.not_in_subquery(with_officer)).take();
    own.add(column.in_subquery(without))
}
