//! A child protection conference: one meeting, one invitation list, an outcome per child.

use sea_orm::entity::prelude::*;

use crate::category::PlanDetail;
use crate::codes::codes;
use crate::id::{AgencyId, ConferenceId, LocalAuthorityId, PractitionerId, TeamId};
use crate::sealed::Sealed;

codes! {
    /// What kind of conference.
    pub enum Kind { Initial, Review, PreBirth, TransferIn }
}

codes! {
    /// Where the conference stands.
    pub enum Status { Scheduled, Held, Concluded, Cancelled }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "conference")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConferenceId,
    pub local_authority_id: LocalAuthorityId,
    /// The social care agency that holds it.
    pub agency_id: AgencyId,
    pub team_id: Option<TeamId>,
    pub kind: Kind,
    pub status: Status,
    pub scheduled_at: DateTimeUtc,
    /// The meeting room or link; never a home.
    pub venue: String,
    pub chair_id: PractitionerId,
    pub minute_taker_id: Option<PractitionerId>,
    /// Whether the minimum of agencies took part; None until attendance is recorded.
    pub quorate: Option<bool>,
    pub summary: Sealed<Option<String>, PlanDetail>,
    pub convened_at: DateTimeUtc,
    pub concluded_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
