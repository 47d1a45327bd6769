//! Allegations against professionals: referred by the agency concerned, looked into by the LADO, closed.

use chrono::{DateTime, Utc};
use entity::allegation::Outcome;
use entity::appointment::Post;
use entity::id::{AgencyId, AllegationId, ChildId, PractitionerId};

use super::checks::{check_colleague, check_invitee, children};
use super::{Done, Findings, expect_version};
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{CloseAllegation, LeadAllegation, ReferAllegation};
use crate::practice::deadlines::lado_referral_due;
use crate::practice::states::of_allegation;
use crate::store::allegation::NewAllegation;
use crate::store::invitee::Invitee;
use crate::store::{Begun, Scoped, Tx, Write};

/// Input of [`refer`].
#[derive(Clone, Debug)]
pub struct Refer {
    /// Whom it is about.
    pub subject: PractitionerId,
    /// Where that person works.
    pub agency: AgencyId,
    /// The child it names.
    pub child: Option<ChildId>,
    /// What is alleged.
    pub text: String,
    /// When the agency concerned knew.
    pub known_at: DateTime<Utc>,
}

/// Refers an allegation. A referral that comes late is recorded as late (WAR-SM-04, AMB-51).
pub async fn refer(scope: &Scoped, write: &Write, input: Refer) -> Result<Done> {
    scope.open_allegations()?;
    let mut findings = Findings::default();
    findings.text("text", &input.text, 10_000);
    let id = AllegationId(scope.store().clock().new_id());
    let tx = match scope.begin::<ReferAllegation>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = tx.permit::<ReferAllegation, _>((), &input.subject)?;
    if let Some(child) = input.child {
        children(&tx, "childId", &[child]).await.map_err(|error| one_field(error, "childId"))?;
    }
    let there = tx.active_agencies(&[input.agency]).await?;
    let posts = tx.posts_of(&[input.subject]).await?;
    let subject = Invitee { agency: input.agency, practitioner: Some(input.subject) };
    check_invitee(&posts, &there, "", subject, &mut findings);
    if input.known_at > tx.who().at {
        findings.add("knownAt", ProblemCode::WrongTime, "It was known by now.");
    }
    findings.into_result()?;
    let new = NewAllegation {
        id,
        subject: input.subject,
        agency: input.agency,
        child: input.child,
        text: input.text,
        known_at: input.known_at,
        due_at: lado_referral_due(tx.calendar(), input.known_at),
    };
    tx.refer_allegation(permit, new).await?;
    tx.commit::<ReferAllegation>(Event::AllegationReferred(id)).await
}

/// A finding about the one entry of a list, as one about the field.
fn one_field(error: Error, field: &str) -> Error {
    match error {
        Error::Invalid(mut problems) => {
            for problem in &mut problems {
                field.clone_into(&mut problem.field);
            }
            Error::Invalid(problems)
        }
        other => other,
    }
}

/// Which allegation, at the version the caller read.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    /// The allegation.
    pub id: AllegationId,
    /// The version the caller read.
    pub expected_version: i64,
}

/// Names the Operations Manager who leads.
pub async fn lead(scope: &Scoped, write: &Write, of: Of, lead: PractitionerId) -> Result<Done> {
    scope.open_allegations()?;
    let mut findings = Findings::default();
    let tx = match scope.begin::<LeadAllegation>(write, of.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::allegation::Entity>(of.id).await?;
    let permit = tx.permit::<LeadAllegation, _>(row, &())?;
    findings.may("allegationId", &of_allegation::LEAD, permit.row().status)?;
    expect_version(of.expected_version, permit.row().version)?;
    check_lead(&tx, lead, permit.row().subject_id, &mut findings).await?;
    findings.into_result()?;
    tx.lead_allegation(permit, lead).await?;
    tx.commit::<LeadAllegation>(Event::AllegationLeadNamed(of.id)).await
}

async fn check_lead(tx: &Tx, lead: PractitionerId, subject: PractitionerId, findings: &mut Findings) -> Result<()> {
    if lead == subject {
        findings.add("leadId", ProblemCode::RuleRefused, "Nobody leads on an allegation about themselves.");
        return Ok(());
    }
    check_colleague(tx, "leadId", lead, &[Post::ServiceManager], findings).await
}

/// Closes an allegation with its outcome.
pub async fn close(scope: &Scoped, write: &Write, of: Of, outcome: Outcome) -> Result<Done> {
    scope.open_allegations()?;
    let tx = match scope.begin::<CloseAllegation>(write, of.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::allegation::Entity>(of.id).await?;
    let lead = row.lead_id;
    let permit = tx.permit::<CloseAllegation, _>(row, &lead)?;
    let mut findings = Findings::default();
    findings.may("allegationId", &of_allegation::CLOSE, permit.row().status)?;
    findings.into_result()?;
    expect_version(of.expected_version, permit.row().version)?;
    tx.close_allegation(permit, outcome).await?;
    tx.commit::<CloseAllegation>(Event::AllegationClosed(of.id)).await
}
