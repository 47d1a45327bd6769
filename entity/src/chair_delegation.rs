//! Somebody who chairs a conference in the place of its chair, for a time.

use sea_orm::entity::prelude::*;

use crate::category::RowRule;
use crate::id::{ChairDelegationId, ConferenceId, PractitionerId};
use crate::sealed::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "chair_delegation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChairDelegationId,
    pub conference_id: ConferenceId,
    /// Who chairs meanwhile.
    pub practitioner_id: PractitionerId,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub reason: Sealed<String, RowRule>,
    pub delegated_by: PractitionerId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
