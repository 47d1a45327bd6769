//! The last position of an authority's feed. Updated in the transaction of each event, so positions have no gaps.

use sea_orm::entity::prelude::*;

use crate::id::LocalAuthorityId;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "feed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub local_authority_id: LocalAuthorityId,
    pub position: i64,
    /// The last position whose event was forgotten; nothing is missing behind it.
    pub forgotten: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
