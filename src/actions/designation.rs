//! Duties beside the post: given and ended by the managers of social care, and elsewhere by the safeguarding lead.

use chrono::{DateTime, Utc};
use entity::designation::Kind;
use entity::id::{DesignationId, PractitionerId};

use super::{Done, Findings};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{Duty, EndDesignation, GrantDesignation};
use crate::store::designation::NewDesignation;
use crate::store::{Begun, Scoped, Write};

/// Input of [`grant`].
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// To whom.
    pub practitioner: PractitionerId,
    /// Which.
    pub kind: Kind,
    /// Since when; now where nothing is said.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Gives somebody at the caller's agency a duty.
pub async fn grant(scope: &Scoped, write: &Write, input: Grant) -> Result<Done> {
    let mut findings = Findings::default();
    let id = DesignationId(scope.store().clock().new_id());
    let tx = match scope.begin::<GrantDesignation>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let person = tx.lock::<entity::practitioner::Entity>(input.practitioner).await?;
    let duty = Duty { kind: input.kind, practitioner: input.practitioner, agency: tx.who().agency };
    let permit = tx.permit::<GrantDesignation, _>(person, &duty)?;
    let at = tx.who().at;
    let starts_at = input.starts_at.unwrap_or(at);
    if starts_at < at {
        findings.add("startsAt", ProblemCode::WrongTime, "A duty begins now or later.");
    }
    if input.ends_at.is_some_and(|ends| ends <= starts_at) {
        findings.add("endsAt", ProblemCode::WrongTime, "After its beginning.");
    }
    if !tx.may_hold_a_duty(input.practitioner).await? {
        let message = "No such professional at your agency. Posts that run or audit the system hold no duty.";
        findings.add("practitionerId", ProblemCode::UnknownReference, message);
    }
    if tx.is_designated(input.practitioner, input.kind, starts_at).await? {
        findings.add("practitionerId", ProblemCode::AlreadyDone, "This person has the duty already.");
    }
    findings.into_result()?;
    let new = NewDesignation { id, kind: input.kind, starts_at, ends_at: input.ends_at };
    tx.grant_designation(permit, new).await?;
    tx.commit::<GrantDesignation>(Event::DesignationGranted(id)).await
}

/// Input of [`end`].
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// The duty.
    pub id: DesignationId,
    /// When it ends; now where nothing is said.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Ends a duty.
pub async fn end(scope: &Scoped, write: &Write, input: End) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<EndDesignation>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::designation::Entity>(input.id).await?;
    let duty = Duty { kind: row.kind, practitioner: row.practitioner_id, agency: row.agency_id };
    let permit = tx.permit::<EndDesignation, _>(row, &duty)?;
    let at = tx.who().at;
    let ends_at = input.ends_at.unwrap_or(at);
    if ends_at < at {
        findings.add("endsAt", ProblemCode::WrongTime, "A duty ends now or later.");
    }
    if permit.row().ends_at.is_some_and(|ends| ends <= at) {
        findings.add("designationId", ProblemCode::AlreadyDone, "It has ended already.");
    }
    findings.into_result()?;
    tx.end_designation(permit, ends_at).await?;
    tx.commit::<EndDesignation>(Event::DesignationEnded(input.id)).await
}
