//! Who did what: written in the transaction of the thing done.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, AuditId, PractitionerId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditId,
    pub at: DateTimeUtc,
    pub practitioner_id: PractitionerId,
    pub agency_id: AgencyId,
    /// The role decided with.
    pub role: String,
    pub action: String,
    pub resource_kind: String,
    pub resource_id: Uuid,
    pub request_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
