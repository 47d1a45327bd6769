//! The index of the access record: which rows are about whom. It says nothing the rows do not say.

use sea_orm::entity::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_subject")]
pub struct Model {
    /// Pseudonym: a keyed hash, cut to the 16 bytes that an id column holds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
