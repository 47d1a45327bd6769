//! Who is a privacy officer: one answer for emergency access, notices, alerts and reviews of access.

use entity::appointment::Post;
use entity::designation::Kind;
use entity::{appointment, designation, practitioner};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};

use crate::policy::Standing;
use crate::store::in_force;

/// The duties of privacy officers in office now, as `column` of them: in force, of somebody active who holds a post at
/// that agency.
pub(super) fn in_office(who: &Standing, column: designation::Column) -> SelectStatement {
    use appointment::Column as A;
    use designation::Column as D;
    let post = Query::select()
        .column(A::Id)
        .from(appointment::Entity)
        .and_where(Expr::col(A::AgencyId.as_column_ref()).eq(Expr::col(D::AgencyId.as_column_ref())))
        .and_where(Expr::col(A::PractitionerId.as_column_ref()).eq(Expr::col(D::PractitionerId.as_column_ref())))
        .and_where(A::Post.is_not_in([Post::SystemAdmin, Post::Auditor, Post::AgencySystem]))
        .cond_where(in_force(A::StartsAt, A::EndsAt, who.at))
        .take();
    let active = Query::select()
        .column(practitioner::Column::Id)
        .from(practitioner::Entity)
        .and_where(practitioner::Column::Active.eq(true))
        .take();
    Query::select()
        .column(column)
        .from(designation::Entity)
        .and_where(D::Kind.eq(Kind::PrivacyOfficer))
        .cond_where(in_force(D::StartsAt, D::EndsAt, who.at))
        .and_where(D::PractitionerId.in_subquery(active))
        .and_where(Expr::exists(post))
        .take()
}
