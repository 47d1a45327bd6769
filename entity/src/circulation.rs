//! Which agency was sent which version of a report. The copy stays the agency's own, whatever becomes of its involvement.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, ConferenceReportId, PractitionerId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "circulation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conference_report_id: ConferenceReportId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: AgencyId,
    pub circulated_at: DateTimeUtc,
    /// When the authority took the copy back.
    pub withdrawn_at: Option<DateTimeUtc>,
    /// When somebody of the agency first read it, and who.
    pub opened_at: Option<DateTimeUtc>,
    pub opened_by: Option<PractitionerId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
