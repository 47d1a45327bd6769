//! A post held by a practitioner at an agency for a time.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::{AgencyId, AppointmentId, PractitionerId, TeamId};

codes! {
    /// The post; with the kind of the agency it gives the role.
    pub enum Post {
        SocialWorker, TeamManager, ServiceManager, Chair, MinuteTaker,
        Practitioner, SafeguardingLead, SystemAdmin, Auditor, AgencySystem,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "appointment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AppointmentId,
    pub practitioner_id: PractitionerId,
    pub agency_id: AgencyId,
    pub team_id: Option<TeamId>,
    pub post: Post,
    pub starts_at: DateTimeUtc,
    pub ends_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
