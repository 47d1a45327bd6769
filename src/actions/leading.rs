//! Naming the social worker who leads an enquiry or a core group, where another goes on with it.

use entity::appointment::Post;
use entity::id::{ChildId, CoreGroupId, EnquiryId, PractitionerId};
use entity::involvement::Basis;

use super::checks::check_colleague;
use super::{Done, Findings, expect_version};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{LeadCoreGroup, LeadEnquiry};
use crate::practice::states::of_enquiry;
use crate::store::invitee::Invitee;
use crate::store::{Begun, Scoped, Tx, Write};

/// What is to be led, at the version the caller read, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Lead<T> {
    /// What is led.
    pub id: T,
    /// The version the caller read.
    pub expected_version: i64,
    /// Who leads it from now on.
    pub lead: PractitionerId,
}

/// Names who leads an enquiry (WAR-S47-01). What its record says of the lead was said of another: it is asked for anew
/// (WAR-S47-02).
pub async fn lead_enquiry(scope: &Scoped, write: &Write, input: Lead<EnquiryId>) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<LeadEnquiry>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::enquiry::Entity>(input.id).await?;
    let permit = tx.permit::<LeadEnquiry, _>(row, &())?;
    findings.may("enquiryId", &of_enquiry::LEAD, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    let (child, before) = (permit.row().child_id, permit.row().lead_id);
    check_lead(&tx, child, (before, input.lead), &mut findings).await?;
    findings.into_result()?;
    tx.lead_enquiry(permit, input.lead).await?;
    tx.commit::<LeadEnquiry>(Event::EnquiryLeadNamed(input.id)).await
}

/// Names who leads a core group.
pub async fn lead_core_group(scope: &Scoped, write: &Write, input: Lead<CoreGroupId>) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<LeadCoreGroup>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::core_group::Entity>(input.id).await?;
    let permit = tx.permit::<LeadCoreGroup, _>(row, &())?;
    if permit.row().ends_on.is_some() {
        findings.add("coreGroupId", ProblemCode::AlreadyConcluded, "The core group has ended.");
    }
    expect_version(input.expected_version, permit.row().version)?;
    let (child, before) = (permit.row().child_id, permit.row().lead_id);
    check_lead(&tx, child, (before, input.lead), &mut findings).await?;
    findings.into_result()?;
    tx.lead_core_group(permit, input.lead).await?;
    tx.commit::<LeadCoreGroup>(Event::CoreGroupLeadNamed(input.id)).await
}

/// A social worker of the own agency who is allocated to the child now, and another than before.
async fn check_lead(
    tx: &Tx,
    child: ChildId,
    (before, lead): (PractitionerId, PractitionerId),
    findings: &mut Findings,
) -> Result<()> {
    if before == lead {
        findings.add("leadId", ProblemCode::AlreadyDone, "This worker leads it.");
        return Ok(());
    }
    check_colleague(tx, "leadId", lead, &[Post::SocialWorker], findings).await?;
    let who = tx.who();
    let worker = Invitee { agency: who.agency, practitioner: Some(lead) };
    let now = (who.at, Some(who.at + chrono::Duration::microseconds(1)));
    if !findings.names("leadId") && !tx.is_involved(child, worker, Basis::AllocatedWorker, now).await? {
        let message = "Allocate the worker to the child first: who leads has the record in reach.";
        findings.add("leadId", ProblemCode::RuleRefused, message);
    }
    Ok(())
}
