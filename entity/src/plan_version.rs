//! A plan as it stood from one change to the next: what was changed is written beside what was, and not over it.

use sea_orm::entity::prelude::*;

use crate::category::{DangerStatement, PlanDetail};
use crate::conference_child::AbuseCategory;
use crate::id::{ChildId, ConferenceId, PlanId, PlanVersionId, PractitionerId};
use crate::plan::State;
use crate::sealed::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "plan_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlanVersionId,
    pub plan_id: PlanId,
    pub child_id: ChildId,
    /// The version of the plan that it was.
    pub number: i64,
    pub state: State,
    pub category_latest: Sealed<Option<AbuseCategory>, PlanDetail>,
    pub danger_statement: Sealed<Option<String>, DangerStatement>,
    pub safety_statement: Sealed<Option<String>, DangerStatement>,
    /// Days between visits at the most.
    pub visit_every_days: Sealed<i32, PlanDetail>,
    /// The day from which it held: of the conference, the meeting or the signature that made it.
    pub since: Date,
    /// The conference that made it.
    pub conference_id: Option<ConferenceId>,
    /// When it was written down; nothing of what was there before versions were kept.
    pub recorded_at: Option<DateTimeUtc>,
    pub recorded_by: Option<PractitionerId>,
    /// When the next one was written down.
    pub superseded_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
