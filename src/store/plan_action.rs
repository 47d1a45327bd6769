//! How far the actions of plans are.

use chrono::NaiveDate;
use entity::id::PlanId;
use entity::plan_action::Status;
use entity::{plan, plan_action};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::Tx;
use super::permit::Permit;
use crate::error::Result;
use crate::policy::actions::RecordActionProgress;

impl Tx {
    /// The day a plan in scope started.
    pub async fn plan_started_on(&self, id: PlanId) -> Result<NaiveDate> {
        Ok(self.rows::<plan::Entity>().named(id).await?.starts_on)
    }

    /// Writes how far an action is, and the day it was done.
    pub async fn record_action_progress(
        &self,
        permit: Permit<RecordActionProgress, plan_action::Model>,
        status: Status,
        done_on: Option<NaiveDate>,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.status = Set(status);
        row.done_on = Set(done_on);
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }
}
