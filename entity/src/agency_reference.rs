//! How an agency names a child in its own system: known to that agency alone.

use sea_orm::entity::prelude::*;

use crate::category::RowRule;
use crate::id::{AgencyId, AgencyReferenceId, ChildId, PractitionerId};
use crate::sealed::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "agency_reference")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgencyReferenceId,
    pub agency_id: AgencyId,
    pub child_id: ChildId,
    /// None once it was cleared: the row stays, so that versions go on.
    pub reference: Sealed<Option<String>, RowRule>,
    pub set_by: PractitionerId,
    pub set_at: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
