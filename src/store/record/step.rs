//! Finished steps.

use entity::finished_step::{self, Column as C, Step};
use entity::id::FinishedStepId;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryFilter, QuerySelect};

use super::{Locked, RecordId, on};
use crate::error::Result;
use crate::policy::actions::FinishStep;
use crate::store::Tx;
use crate::store::permit::Permit;

impl Tx {
    /// The steps of a record that are finished.
    pub async fn finished_steps(&self, record: RecordId) -> Result<Vec<Step>> {
        // SECURITY: read past the row rule: steps of a record that the writer has locked
        let rows = finished_step::Entity::find()
            .select_only()
            .column(C::Step)
            .filter(on::<finished_step::Entity>(record))
            .into_tuple()
            .all(&self.inner)
            .await?;
        Ok(rows)
    }

    /// Writes that a step was finished.
    pub async fn finish_step(&self, permit: Permit<FinishStep, Locked>, id: FinishedStepId, step: Step) -> Result<()> {
        let (who, record) = (self.who(), permit.row().id);
        finished_step::ActiveModel {
            id: Set(id),
            local_authority_id: Set(who.authority),
            strategy_meeting_id: Set(record.strategy_meeting()),
            enquiry_id: Set(record.enquiry()),
            conference_id: Set(record.conference()),
            core_group_meeting_id: Set(record.core_group_meeting()),
            plan_id: Set(record.plan()),
            step: Set(step),
            finished_at: Set(who.at),
            finished_by: Set(who.practitioner),
            agency_id: Set(who.agency),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }
}
