//! A child a strategy meeting is about, and what was decided for it.

use sea_orm::entity::prelude::*;

use crate::category::RowRule;
use crate::codes::codes;
use crate::id::{ChildId, StrategyMeetingChildId, StrategyMeetingId};
use crate::sealed::Sealed;

codes! {
    /// Decision on the section 47 threshold.
    pub enum Decision { Section47Joint, Section47SingleAgency, SingleAssessment, NoFurtherAction }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_meeting_child")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StrategyMeetingChildId,
    pub strategy_meeting_id: StrategyMeetingId,
    pub child_id: ChildId,
    pub decision: Sealed<Option<Decision>, RowRule>,
    /// True where the meeting is about a professional: the access record then has this under the meeting, not the child.
    pub discreet: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
