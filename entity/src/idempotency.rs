//! What a write answered, kept under the caller's key so that a retry answers the same.

use sea_orm::entity::prelude::*;

use crate::id::AgencyId;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: AgencyId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Uuid,
    pub action: String,
    /// SHA-256 over the input, lower-case hex.
    pub fingerprint: String,
    /// The id of the thing written.
    pub result_id: Uuid,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
