//! The people who live at one address.

use sea_orm::entity::prelude::*;

use crate::category::ByRow;
use crate::codes::codes;
use crate::id::{HouseholdId, LocalAuthorityId};
use crate::sealed::Sealed;

codes! {
    /// Whether the address is protected.
    pub enum AddressStatus { None, Withheld, Refuge }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "household")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HouseholdId,
    pub local_authority_id: LocalAuthorityId,
    pub address: Sealed<String, ByRow>,
    pub postcode: Sealed<String, ByRow>,
    pub address_status: AddressStatus,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
