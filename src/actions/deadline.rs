//! Recording that something that was due was done, or why it is not due any more.

use chrono::{DateTime, Duration, Utc};
use entity::id::DeadlineId;

use super::{Done, Findings, expect_version};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{MeetDeadline, WaiveDeadline};
use crate::practice::deadlines::is_said;
use crate::store::{Begun, Scoped, Write};

/// Input of [`meet`].
#[derive(Clone, Debug)]
pub struct Meet {
    /// The deadline.
    pub id: DeadlineId,
    /// The version the caller read.
    pub expected_version: i64,
    /// When it was done; now where nothing is said.
    pub met_at: Option<DateTime<Utc>>,
}

/// Records that something was done. What happened late is recorded as it happened: it is met, and late.
pub async fn meet(scope: &Scoped, write: &Write, input: Meet) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<MeetDeadline>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::deadline::Entity>(input.id).await?;
    let agency = row.agency_id;
    let permit = tx.permit::<MeetDeadline, _>(row, &agency)?;
    expect_version(input.expected_version, permit.row().version)?;
    still_open(permit.row(), &mut findings);
    if !is_said(permit.row().kind) {
        let message = "The record shows when this was done: record the meeting, the conference or the report itself.";
        findings.add("deadlineId", ProblemCode::RuleRefused, message);
    }
    let met_at = input.met_at.unwrap_or(tx.who().at);
    if met_at > tx.who().at {
        findings.add("metAt", ProblemCode::WrongTime, "It is recorded after it was done.");
    }
    // what is due before a meeting may have been done before that was called, and not in another year
    let since = permit.row().counted_from - Duration::days(if permit.row().before { 200 } else { 0 });
    if met_at < since {
        findings.add("metAt", ProblemCode::WrongTime, "Not so long before what made it due.");
    }
    findings.into_result()?;
    tx.meet_deadline(permit, met_at).await?;
    tx.commit::<MeetDeadline>(Event::DeadlineMet(input.id)).await
}

/// Input of [`waive`].
#[derive(Clone, Debug)]
pub struct Waive {
    /// The deadline.
    pub id: DeadlineId,
    /// The version the caller read.
    pub expected_version: i64,
    /// Why it is not due any more.
    pub reason: String,
}

/// Records why something is not due any more.
pub async fn waive(scope: &Scoped, write: &Write, input: Waive) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, 1000);
    let tx = match scope.begin::<WaiveDeadline>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::deadline::Entity>(input.id).await?;
    let agency = row.agency_id;
    let permit = tx.permit::<WaiveDeadline, _>(row, &agency)?;
    expect_version(input.expected_version, permit.row().version)?;
    still_open(permit.row(), &mut findings);
    findings.into_result()?;
    tx.waive_deadline(permit, input.reason).await?;
    tx.commit::<WaiveDeadline>(Event::DeadlineWaived(input.id)).await
}

fn still_open(row: &entity::deadline::Model, findings: &mut Findings) {
    if row.met_at.is_some() {
        findings.add("deadlineId", ProblemCode::AlreadyDone, "It was done already.");
    } else if row.lapsed_at.is_some() {
        findings.add("deadlineId", ProblemCode::AlreadyDone, "It is not due any more.");
    }
}
