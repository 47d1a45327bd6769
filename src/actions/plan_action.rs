//! How far the actions of a plan are, as those record who do them and those who hold the plan.

use chrono::NaiveDate;
use entity::id::PlanActionId;
use entity::plan_action::Status;

use super::{Done, Findings, expect_version};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{Progress, RecordActionProgress};
use crate::practice::states::of_plan_action;
use crate::store::{Begun, Scoped, Write};

/// Input of [`record_progress`].
#[derive(Clone, Copy, Debug)]
pub struct RecordProgress {
    /// Which action.
    pub id: PlanActionId,
    /// The version the caller read.
    pub expected_version: i64,
    /// How far it is.
    pub status: Status,
    /// The day it was done, where it is.
    pub done_on: Option<NaiveDate>,
}

/// Records how far an action is (WAR-CG-11, BIR-CG-10), whether its plan goes on or has ended.
pub async fn record_progress(scope: &Scoped, write: &Write, input: RecordProgress) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<RecordActionProgress>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::plan_action::Entity>(input.id).await?;
    let facts = Progress { owner: row.owner_agency_id, withdraws: input.status == Status::Withdrawn };
    let permit = tx.permit::<RecordActionProgress, _>(row, &facts)?;
    findings.may("status", &of_plan_action::towards(input.status), permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    let plan = permit.row().plan_id;
    match (input.status, input.done_on) {
        (Status::Done, None) => findings.add("doneOn", ProblemCode::Required, "The day it was done."),
        (Status::Done, Some(day)) => {
            if day < tx.plan_started_on(plan).await? || day > london_day(tx.who().at) {
                findings.add("doneOn", ProblemCode::WrongTime, "Between the day the plan started and today.");
            }
        }
        (_, Some(_)) => findings.add("doneOn", ProblemCode::Invalid, "Only what is done has a day."),
        (_, None) => {}
    }
    findings.into_result()?;
    tx.record_action_progress(permit, input.status, input.done_on).await?;
    tx.commit::<RecordActionProgress>(Event::PlanActionProgressed(plan)).await
}
