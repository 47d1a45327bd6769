//! The review of a quarter: who has access at an authority, to be kept or ended by those who oversee it.

use sea_orm::entity::prelude::*;

use crate::id::{AccessReviewId, LocalAuthorityId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "access_review")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccessReviewId,
    pub local_authority_id: LocalAuthorityId,
    /// First day of the quarter.
    pub quarter_on: Date,
    pub issued_at: DateTimeUtc,
    /// Until when its entries are to be answered.
    pub answer_by: DateTimeUtc,
    /// When the relationships nobody had answered about were ended; none until then.
    pub suspended_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
