//! What of a child is known still when the work with it has ended.

use entity::involvement::{Basis, Column as C};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::SelectStatement;

use super::reached_ever;
use crate::policy::Standing;
use crate::practice::retention::status_kept_since;
use crate::store::lasts;

/// The involvements, in force or over, by which `who` knows the status of a child's plan, as `column` of them. An hour of
/// emergency access is none.
pub(in crate::store) fn status_known(who: &Standing, column: C) -> SelectStatement {
    reached_ever(who, column)
        .and_where(C::Basis.ne(Basis::BreakGlass))
        .cond_where(lasts(C::EndsAt, status_kept_since(who.at)))
        .take()
}
