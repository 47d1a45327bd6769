//! How often somebody did something in a window of time. Nothing of a child stands here.

use sea_orm::entity::prelude::*;

use crate::codes::codes;

codes! {
    /// What is counted.
    pub enum Kind {
        Searches,
        /// Children a person has opened the record of.
        Children,
        /// Children the people of an agency have opened the record of.
        ChildrenOfAgency,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "access_count")]
pub struct Model {
    /// The person whose doing is counted, or the agency.
    #[sea_orm(primary_key, auto_increment = false)]
    pub reader: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// When the window began.
    #[sea_orm(primary_key, auto_increment = false)]
    pub window_at: DateTimeUtc,
    pub count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
