//! An adult of a household, or another relative.

use sea_orm::entity::prelude::*;

use crate::category::HouseholdDetail;
use crate::id::{LocalAuthorityId, PersonId};
use crate::sealed::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonId,
    pub local_authority_id: LocalAuthorityId,
    pub given_name: Sealed<String, HouseholdDetail>,
    pub family_name: Sealed<String, HouseholdDetail>,
    pub born_on: Sealed<Option<Date>, HouseholdDetail>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
