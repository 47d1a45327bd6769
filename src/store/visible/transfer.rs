//! Who reads a share between authorities: the SQL of `policy::transfer`.

use entity::transfer_share::Column as C;
use sea_orm::{ColumnTrait as _, Condition};

use super::{unclosed, within_reach};
use crate::policy::Standing;
use crate::policy::transfer::{holds_cases, manages_cases};
use crate::store::nothing;

pub(super) fn shares(who: &Standing) -> Condition {
    if !holds_cases(who.role) {
        return Condition::all().add(nothing());
    }
    let mut receives = Condition::all().add(C::ToAgencyId.eq(who.agency)).add(C::WithdrawnAt.is_null());
    if !manages_cases(who.role) {
        receives = receives.add(C::WorkerId.eq(who.practitioner));
    }
    let gives = Condition::all().add(C::FromAgencyId.eq(who.agency)).add(within_reach(who, C::ChildId));
    Condition::all().add(unclosed(who, C::ChildId, |closed| closed)).add(Condition::any().add(receives).add(gives))
}
