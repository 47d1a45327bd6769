//! What was taken back before its time: a token, a session, or all that a person was issued before an instant.

use sea_orm::entity::prelude::*;

use crate::codes::codes;

codes! {
    /// What `subject` names.
    pub enum Kind {
        Token, Session, Person,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "revocation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// The `jti`, the `sid`, or the id of the person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// For a person: what was issued before this instant.
    pub issued_before: Option<DateTimeUtc>,
    pub revoked_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
