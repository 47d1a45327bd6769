//! An assessment of a child in an episode of need.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, AssessmentId, ChildId, EpisodeId, LocalAuthorityId, PractitionerId, TeamId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "assessment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AssessmentId,
    pub local_authority_id: LocalAuthorityId,
    /// The social care agency that makes it.
    pub agency_id: AgencyId,
    pub team_id: Option<TeamId>,
    pub child_id: ChildId,
    pub episode_id: EpisodeId,
    pub started_on: Date,
    /// The day it was authorised.
    pub completed_on: Option<Date>,
    pub recorded_by: PractitionerId,
    pub recorded_at: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
