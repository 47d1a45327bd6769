//! Asking for an export, and deciding about it.

use entity::category::Category;
use entity::export::{Selection, State};
use entity::id::{ChildId, ExportId};

use super::checks::children;
use super::{Done, Findings, expect_version};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{Action, ApproveExport, RefuseExport, RequestExport};
use crate::policy::exports::{EXPORTABLE, Requester};
use crate::store::export::NewExport;
use crate::store::permit::Permit;
use crate::store::{Begun, Scoped, Tx, Write};

/// Which children an export is asked for.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// These.
    Named(Vec<ChildId>),
    /// Those in scope with a child protection plan that is open.
    OpenCpPlans,
}

/// Input of [`request`].
#[derive(Clone, Debug)]
pub struct Request {
    /// Which children.
    pub chosen: Chosen,
    /// What it is to show.
    pub categories: Vec<Category>,
}

/// Asks for an export. The children it looks at are not counted with those that are read: an export has its own limit.
///
/// # Errors
/// `ReasonRequired` where the caller does not say why.
pub async fn request(scope: &Scoped, write: &Write, input: Request) -> Result<Done> {
    scope.require_reason()?;
    let apart = scope.apart();
    let done = request_apart(&apart, write, input).await;
    apart.settle().await?;
    done
}

async fn request_apart(scope: &Scoped, write: &Write, input: Request) -> Result<Done> {
    let most = scope.store().limits().export_children;
    let mut findings = Findings::default();
    findings.list("categories", &input.categories, EXPORTABLE.len());
    for (i, category) in input.categories.iter().enumerate() {
        if !EXPORTABLE.contains(category) {
            findings.add(format!("categories.{i}"), ProblemCode::RuleRefused, "This is never in an export.");
        }
    }
    if let Chosen::Named(ids) = &input.chosen {
        findings.list("childIds", ids, usize::from(most));
    }
    let id = ExportId(scope.store().clock().new_id());
    let tx = match scope.begin::<RequestExport>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = tx.permit::<RequestExport, _>((), &input.categories)?;
    findings.into_result()?;
    let (selection, ids, field) = match input.chosen {
        Chosen::Named(ids) => (Selection::Named, ids, "childIds"),
        Chosen::OpenCpPlans => {
            (Selection::OpenCpPlans, tx.children_with_open_cp_plan(most).await?, "allWithOpenCpPlan")
        }
    };
    let mut findings = Findings::default();
    findings.list(field, &ids, usize::from(most));
    findings.into_result()?;
    let children = children(&tx, field, &ids).await?;
    tx.request_export(permit.with(children), NewExport { id, selection, categories: input.categories }).await?;
    tx.commit::<RequestExport>(Event::ExportRequested(id)).await
}

/// Input of [`approve`] and [`refuse`].
#[derive(Clone, Debug)]
pub struct Decide {
    /// The export.
    pub id: ExportId,
    /// The version the caller read.
    pub expected_version: i64,
}

/// Approves an export: from now on who asked for it collects it, until its time is over.
pub async fn approve(scope: &Scoped, write: &Write, input: Decide) -> Result<Done> {
    let tx = match scope.begin::<ApproveExport>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = undecided::<ApproveExport>(&tx, &input).await?;
    let mut findings = Findings::default();
    let reach = tx.reach_of_requester(permit.row()).await?;
    match reach {
        None => {
            findings.add("exportId", ProblemCode::RuleRefused, "Who asked for it does not hold that post any more.");
        }
        Some(0) => findings.add("exportId", ProblemCode::RuleRefused, "Who asked for it reaches none of the children."),
        Some(_) => {}
    }
    findings.into_result()?;
    tx.approve_export(permit, reach.unwrap_or(0)).await?;
    tx.commit::<ApproveExport>(Event::ExportApproved(input.id)).await
}

/// Refuses an export.
pub async fn refuse(scope: &Scoped, write: &Write, input: Decide) -> Result<Done> {
    let tx = match scope.begin::<RefuseExport>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = undecided::<RefuseExport>(&tx, &input).await?;
    tx.refuse_export(permit).await?;
    tx.commit::<RefuseExport>(Event::ExportRefused(input.id)).await
}

/// The export, locked, with leave to decide about it.
async fn undecided<A: Action<Facts = Requester>>(tx: &Tx, input: &Decide) -> Result<Permit<A, entity::export::Model>> {
    let row = tx.lock::<entity::export::Entity>(input.id).await?;
    let requester = Requester { practitioner: row.requested_by, authority: row.local_authority_id };
    let permit = tx.permit::<A, _>(row, &requester)?;
    let mut findings = Findings::default();
    if permit.row().state != State::Requested {
        findings.add("exportId", ProblemCode::AlreadyDone, "It was decided about already.");
    }
    findings.into_result()?;
    expect_version(input.expected_version, permit.row().version)?;
    Ok(permit)
}
