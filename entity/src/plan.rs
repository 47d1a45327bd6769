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

codes! {
    /// How far a plan is. A child protection plan is the outline of its conference, is detailed by its core group and final
    /// with the manager's signature; one that a review or its core group changed is revised until it is signed anew. A child
    /// in need plan waits for its signatures, is complete with them, and is amended until they are given anew.
    pub enum State {
        Outline, Detailed, Final, UnderReview, Revised, Ceased, AwaitingSignatures, Complete, Amended, Closed,
    }
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
    pub state: State,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
