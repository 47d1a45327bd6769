//! Shares between authorities: made, taken back, accepted.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::appointment::Post;
use entity::id::{AgencyId, ChildId, PractitionerId, TransferShareId};

use super::checks::check_colleague;
use super::{Done, Findings, beyond_calendar, expect_version};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{AcceptTransfer, ShareTransfer, WithdrawTransfer};
use crate::practice::deadlines;
use crate::store::transfer::NewShare;
use crate::store::{Begun, Scoped, Write};

/// Input of [`share`].
#[derive(Clone, Debug)]
pub struct Share {
    /// The child.
    pub child: ChildId,
    /// The social care that is to have the child.
    pub to: AgencyId,
    /// Why.
    pub reason: String,
}

/// Shows another authority's social care what stands of a child now.
pub async fn share(scope: &Scoped, write: &Write, input: Share) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("reason", &input.reason, 500);
    let id = TransferShareId(scope.store().clock().new_id());
    let tx = match scope.begin::<ShareTransfer>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let child = tx.lock::<entity::child::Entity>(input.child).await?;
    let permit = tx.permit::<ShareTransfer, _>(child, &())?;
    let to = tx.social_care_elsewhere(input.to).await?;
    if to.is_none() {
        findings.add("agencyId", ProblemCode::UnknownReference, "No such social care of another authority.");
    }
    if tx.is_shared(input.child).await? {
        findings.add("childId", ProblemCode::AlreadyDone, "It is shared already; one share at a time.");
    }
    findings.into_result()?;
    let (at, own) = (tx.who().at, tx.who().authority);
    let due = deadlines::transfer_conference_due(tx.calendar(), london_day(at));
    let elsewhere = to.map_or(own, |agency| agency.local_authority_id);
    let new = NewShare {
        id,
        to: (input.to, elsewhere),
        reason: input.reason,
        conference_due_at: due.map_err(|e| beyond_calendar("childId", e))?,
    };
    tx.share_transfer(permit, new).await?;
    tx.commit_to::<ShareTransfer>(Event::TransferShared(id), BTreeSet::from([own, elsewhere])).await
}

/// Takes a share back that was not accepted.
pub async fn withdraw(scope: &Scoped, write: &Write, id: TransferShareId, version: i64) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<WithdrawTransfer>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::transfer_share::Entity>(id).await?;
    let from = row.from_agency_id;
    let permit = tx.permit::<WithdrawTransfer, _>(row, &from)?;
    open(permit.row(), &mut findings)?;
    expect_version(version, permit.row().version)?;
    let told = BTreeSet::from([permit.row().from_authority_id, permit.row().to_authority_id]);
    tx.withdraw_transfer(permit).await?;
    tx.commit_to::<WithdrawTransfer>(Event::TransferWithdrawn(id), told).await
}

/// Input of [`accept`].
#[derive(Clone, Copy, Debug)]
pub struct Accept {
    /// The share.
    pub id: TransferShareId,
    /// The version the caller read.
    pub expected_version: i64,
    /// Whom the caller's social care allocates.
    pub worker: PractitionerId,
    /// When the transfer-in conference is: rights begin then.
    pub conference_at: DateTime<Utc>,
}

/// Accepts a share: the child is the caller's social care's from the transfer-in conference on.
pub async fn accept(scope: &Scoped, write: &Write, input: Accept) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<AcceptTransfer>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::transfer_share::Entity>(input.id).await?;
    let to = row.to_agency_id;
    let permit = tx.permit::<AcceptTransfer, _>(row, &to)?;
    open(permit.row(), &mut findings)?;
    expect_version(input.expected_version, permit.row().version)?;
    check_colleague(&tx, "workerId", input.worker, &[Post::SocialWorker], &mut findings).await?;
    if input.worker == tx.who().practitioner {
        findings.add("workerId", ProblemCode::RuleRefused, "Nobody grants themselves a relationship.");
    }
    if input.conference_at < tx.who().at || input.conference_at >= permit.row().conference_due_at {
        let message = "Now or later, and by the fifteenth working day from the share.";
        findings.add("conferenceAt", ProblemCode::WrongTime, message);
    }
    findings.into_result()?;
    let told = BTreeSet::from([permit.row().from_authority_id, permit.row().to_authority_id]);
    tx.accept_transfer(permit, input.worker, input.conference_at).await?;
    tx.commit_to::<AcceptTransfer>(Event::TransferAccepted(input.id), told).await
}

fn open(row: &entity::transfer_share::Model, findings: &mut Findings) -> Result<()> {
    if row.accepted_at.is_some() || row.withdrawn_at.is_some() {
        findings.add("transferShareId", ProblemCode::AlreadyDone, "It was accepted or taken back already.");
        return std::mem::take(findings).into_result();
    }
    Ok(())
}
