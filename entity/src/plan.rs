//! A child protection or child in need plan.

use sea_orm::entity::prelude::*;

use crate::category::{DangerStatement, PlanDetail};
use crate::codes::codes;
use crate::conference_child::AbuseCategory;
use crate::id::{ChildId, ConferenceId, PlanId};
use crate::sealed::Sealed;

codes! {
    /// What kind of plan.
    pub enum Kind { Cp, Cin }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlanId,
    pub child_id: ChildId,
    pub kind: Kind,
    /// The conference that made it.
    pub conference_id: Option<ConferenceId>,
    pub category_initial: Sealed<Option<AbuseCategory>, PlanDetail>,
    pub category_latest: Sealed<Option<AbuseCategory>, PlanDetail>,
    pub danger_statement: Sealed<Option<String>, DangerStatement>,
    pub safety_statement: Sealed<Option<String>, DangerStatement>,
    /// Days between visits at the most.
    pub visit_every_days: Sealed<i32, PlanDetail>,
    pub starts_on: Date,
    pub ends_on: Option<Date>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
