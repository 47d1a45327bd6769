//! Sending the documents of records, and receipts for them.

use chrono::{DateTime, Utc};
use entity::document_issue::Document;
use entity::id::{AgencyId, DocumentCopyId, DocumentIssueId, PersonId};

use super::{Done, Findings, due};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{AcknowledgeDocument, IssueDocument};
use crate::policy::records::Sending;
use crate::practice::steps::{goes_out_unfinished, of_document};
use crate::store::record::RecordId;
use crate::store::record::document::NewIssue;
use crate::store::{Begun, Scoped, Write};

/// Input of [`issue`].
#[derive(Clone, Debug)]
pub struct Issue {
    /// Of which record.
    pub record: RecordId,
    /// Which document.
    pub document: Document,
    /// When it was sent; now, where nothing is said.
    pub issued_at: Option<DateTime<Utc>>,
    /// To which agencies; to all of the record, where nothing is said.
    pub agencies: Option<Vec<AgencyId>>,
    /// To which adults of the family.
    pub persons: Vec<PersonId>,
}

/// Records that a document was sent. Before the step it belongs to is finished it goes out marked so.
pub async fn issue(scope: &Scoped, write: &Write, input: Issue) -> Result<Done> {
    let mut findings = Findings::default();
    let id = DocumentIssueId(scope.store().clock().new_id());
    let tx = match scope.begin::<IssueDocument>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let locked = tx.lock_record(input.record).await?;
    let sending = Sending { document: input.document, at_the_table: locked.at_the_table(&tx) };
    let permit = tx.permit::<IssueDocument, _>(locked, &sending)?;
    let (on, unit) = (permit.row().on, permit.row().chaired_by);
    let (record, _) = of_document(input.document, &permit.row().state);
    if record != input.record.kind() {
        findings.add("document", ProblemCode::Invalid, "No document of this record.");
        return findings.into_result().map(|()| None);
    }
    let at = input.issued_at.unwrap_or(tx.who().at);
    if at > tx.who().at {
        findings.add("issuedAt", ProblemCode::WrongTime, "It is recorded once it was sent.");
    }
    let sheet = tx.sheet(input.record).await?;
    let agencies = match input.agencies {
        // the document is for all of them, whether the sender may know of each or not
        None => sheet.agencies.clone(),
        Some(named) => {
            let known = tx.agencies_known(&sheet).await?;
            check_each("agencyIds", &named, |agency| known.contains(agency), &mut findings);
            named
        }
    };
    let seen = tx.persons(&input.persons).await?;
    let of_family = |person: &PersonId| seen.contains(person) && sheet.adults().contains(person);
    check_each("personIds", &input.persons, of_family, &mut findings);
    if agencies.is_empty() && input.persons.is_empty() {
        findings.add("agencyIds", ProblemCode::Required, "Name at least one recipient.");
    }
    findings.into_result()?;
    let behind = tx.finished_steps(input.record).await?;
    let unfinished = goes_out_unfinished(input.document, &permit.row().state, &behind);
    let new = NewIssue { id, document: input.document, unfinished, issued_at: at, agencies, persons: input.persons };
    tx.issue_document(permit, new).await?;
    due::document_issued(&tx, input.record, input.document, (&sheet, unit)).await?;
    tx.commit::<IssueDocument>(Event::DocumentIssued(on)).await
}

/// Recipients of a record; nobody twice, and there may be none.
fn check_each<T: PartialEq>(field: &str, ids: &[T], known: impl Fn(&T) -> bool, findings: &mut Findings) {
    if !ids.is_empty() {
        findings.list(field, ids, 100);
    }
    for (i, _) in ids.iter().enumerate().take(100).filter(|(_, id)| !known(id)) {
        findings.add(format!("{field}.{i}"), ProblemCode::UnknownReference, "Nobody of this record.");
    }
}

/// Records that an agency has its copy of a document.
pub async fn acknowledge(scope: &Scoped, write: &Write, id: DocumentCopyId) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<AcknowledgeDocument>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::document_copy::Entity>(id).await?;
    let (agency, issue) = (row.agency_id, row.document_issue_id);
    let permit = tx.permit::<AcknowledgeDocument, _>(row, &agency)?;
    if permit.row().received_at.is_some() {
        findings.add("documentCopyId", ProblemCode::AlreadyDone, "It was acknowledged already.");
    }
    findings.into_result()?;
    let on = tx.record_of_document(issue).await?;
    tx.acknowledge_document(permit).await?;
    tx.commit::<AcknowledgeDocument>(Event::DocumentReceived(on)).await
}
