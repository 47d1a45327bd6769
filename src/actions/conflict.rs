//! Conflicts of interest: declared by the person, or recorded by a manager; ended by a manager only.

use entity::conflict::Kind;
use entity::id::{ChildId, ConflictId, PractitionerId};

use super::{Done, Findings};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{EndConflict, RecordConflict};
use crate::store::involvement::NewConflict;
use crate::store::{Begun, Scoped, Write};

/// Input of [`record`].
#[derive(Clone, Debug)]
pub struct Record {
    /// The child it closes.
    pub child: ChildId,
    /// To whom; the caller where nobody is named.
    pub practitioner: Option<PractitionerId>,
    /// What it is.
    pub kind: Kind,
    /// Why.
    pub reason: String,
}

/// Closes a child in scope to somebody, from now on.
pub async fn record(scope: &Scoped, write: &Write, input: Record) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, 500);
    let id = ConflictId(scope.store().clock().new_id());
    let tx = match scope.begin::<RecordConflict>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let practitioner = input.practitioner.unwrap_or(tx.who().practitioner);
    let child = tx.lock::<entity::child::Entity>(input.child).await?;
    let permit = tx.permit::<RecordConflict, _>(child, &practitioner)?;
    if tx.posts_of(&[practitioner]).await?.is_empty() {
        findings.add("practitionerId", ProblemCode::UnknownReference, "No such professional.");
    }
    if tx.is_conflicted(input.child, practitioner).await? {
        findings.add("practitionerId", ProblemCode::AlreadyDone, "The child is closed to this person already.");
    }
    findings.into_result()?;
    tx.record_conflict(permit, NewConflict { id, practitioner, kind: input.kind, reason: input.reason }).await?;
    tx.commit::<RecordConflict>(Event::ConflictRecorded(id)).await
}

/// Ends a conflict of interest now.
pub async fn end(scope: &Scoped, write: &Write, id: ConflictId) -> Result<Done> {
    let tx = match scope.begin::<EndConflict>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::conflict::Entity>(id).await?;
    let person = row.practitioner_id;
    let permit = tx.permit::<EndConflict, _>(row, &person)?;
    let mut findings = Findings::default();
    if permit.row().ends_at.is_some() {
        findings.add("conflictId", ProblemCode::AlreadyDone, "It has ended already.");
    }
    findings.into_result()?;
    tx.end_conflict(permit).await?;
    tx.commit::<EndConflict>(Event::ConflictEnded(id)).await
}
