//! A child a conference is about, with the outcome for that child.

use sea_orm::entity::prelude::*;

use crate::category::PlanDetail;
use crate::codes::codes;
use crate::id::{ChildId, ConferenceChildId, ConferenceId};
use crate::sealed::Sealed;

codes! {
    /// What the conference decided for the child.
    pub enum Outcome {
        CpPlan, CpPlanContinues, CpPlanEnds, ProvisionOfServices, SingleAssessment,
        ReferralToOtherAgency, NoFurtherAction, Other,
    }
}

codes! {
    /// Category of abuse of the national return.
    pub enum AbuseCategory { Neg, Phy, Sab, Emo, Mul }
}

codes! {
    /// How the child took part.
    pub enum Participation { Pn0, Pn1, Pn2, Pn3, Pn4, Pn5, Pn6, Pn7 }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "conference_child")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConferenceChildId,
    pub conference_id: ConferenceId,
    pub child_id: ChildId,
    pub outcome: Sealed<Option<Outcome>, PlanDetail>,
    pub abuse_category: Sealed<Option<AbuseCategory>, PlanDetail>,
    pub participation: Sealed<Option<Participation>, PlanDetail>,
    pub decided_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
