//! The references of agencies: how a child is called in an agency's own system.

use entity::id::ChildId;

use super::{Done, Findings, expect_version};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::SetAgencyReference;
use crate::store::{Begun, Scoped, Write};

/// Characters of a reference at the most.
const MOST: usize = 40;

/// Input of [`set`].
#[derive(Clone, Debug)]
pub struct Set {
    /// The child.
    pub child: ChildId,
    /// How the agency calls it; nothing clears what stands.
    pub reference: Option<String>,
    /// The version that the caller read, where it is to be held to it; 0 where there was none.
    pub expected: Option<i64>,
}

/// Keeps the reference of the caller's agency on a child in scope, or clears it.
pub async fn set(scope: &Scoped, write: &Write, input: Set) -> Result<Done> {
    let mut findings = Findings::default();
    if let Some(reference) = &input.reference {
        check(reference, &mut findings);
    }
    let tx = match scope.begin::<SetAgencyReference>(write, input.child.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let child = tx.lock::<entity::child::Entity>(input.child).await?;
    let permit = tx.permit::<SetAgencyReference, _>(child, &())?;
    findings.into_result()?;
    let before = tx.agency_reference(input.child).await?;
    let opening = tx.scope().disclosure(Some(tx.who().agency));
    let held = before.as_ref().filter(|row| row.reference.open(&opening).is_some_and(Option::is_some));
    if let Some(expected) = input.expected {
        expect_version(expected, held.map_or(0, |row| row.version))?;
    }
    let mut findings = Findings::default();
    if held.is_none() && input.reference.is_none() {
        findings.add("reference", ProblemCode::AlreadyDone, "Your agency has no reference of this child.");
    }
    if let Some(reference) = &input.reference
        && tx.names_another(reference, input.child).await?
    {
        findings.add("reference", ProblemCode::Duplicate, "Your agency uses this reference for another child.");
    }
    findings.into_result()?;
    let agency = tx.who().agency;
    tx.set_agency_reference(permit, before, input.reference).await?;
    tx.commit::<SetAgencyReference>(Event::AgencyReferenceSet(agency, input.child)).await
}

fn check(reference: &str, findings: &mut Findings) {
    findings.text("reference", reference, MOST);
    let is_one = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '/';
    if !findings.names("reference") && !reference.chars().all(is_one) {
        findings.add("reference", ProblemCode::Invalid, "Letters, digits, hyphens and slashes.");
    }
}
