//! A local authority: the tenant.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::LocalAuthorityId;

codes! {
    /// Which set of local practice standards applies.
    pub enum Profile { Bristol, Birmingham, Lancashire, Warwickshire }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "local_authority")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LocalAuthorityId,
    /// Three digits, as in the national returns.
    pub code: String,
    pub name: String,
    pub profile: Profile,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
