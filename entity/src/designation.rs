//! A duty a person holds at an agency beside the post, for a time.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::{AgencyId, DesignationId, PractitionerId};

codes! {
    /// Which duty.
    pub enum Kind { Lado, PrivacyOfficer, CaldicottGuardian, LegalAdviser }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "designation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DesignationId,
    pub practitioner_id: PractitionerId,
    pub agency_id: AgencyId,
    pub kind: Kind,
    pub starts_at: DateTimeUtc,
    pub ends_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
