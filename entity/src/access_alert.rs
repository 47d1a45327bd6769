//! Something about how a person uses the record that those who oversee the agency should look at. No data of a child.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::{AccessAlertId, AgencyId, PractitionerId};

codes! {
    /// What was noticed.
    pub enum Kind { ManyChildren, ChildrenStopped, AgencyStopped, SearchesStopped }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "access_alert")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccessAlertId,
    pub kind: Kind,
    /// Whose use of the record it is.
    pub practitioner_id: PractitionerId,
    /// In a post at this agency.
    pub agency_id: AgencyId,
    /// When the window it was counted in began.
    pub window_at: DateTimeUtc,
    /// The count when it was raised.
    pub count: i64,
    pub raised_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
