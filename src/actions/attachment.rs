//! Files that are added to reports: announced, sent, taken back.

use entity::id::{AttachmentId, ReportRequestId};

use super::{Done, Findings};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{RemoveAttachment, RequestAttachmentTicket, UploadAttachment};
use crate::practice::states::of_conference;
use crate::store::attachment::{Announced, Received};
use crate::store::{Begun, Scoped, Tx, Write};

/// Characters of a name at the most.
const NAME: usize = 200;

/// Input of [`request_ticket`].
#[derive(Clone, Debug)]
pub struct Announce {
    /// For which report.
    pub request: ReportRequestId,
    /// What the file is called.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// The hash of what will be sent, where it is known.
    pub sha256: Option<String>,
}

/// Announces a file; the ticket to send it is made from its row.
pub async fn request_ticket(scope: &Scoped, write: &Write, input: Announce) -> Result<Done> {
    let mut findings = Findings::default();
    name("name", &input.name, &mut findings);
    let most = scope.store().attachments().max_bytes();
    if input.bytes == 0 {
        findings.add("bytes", ProblemCode::Invalid, "At least 1.");
    } else if input.bytes > most {
        findings.add("bytes", ProblemCode::TooLarge, format!("At most {most}."));
    }
    let is_hex = |text: &String| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if input.sha256.as_ref().is_some_and(|text| !is_hex(text)) {
        findings.add("sha256", ProblemCode::Invalid, "64 hex digits in lower case.");
    }
    let id = AttachmentId(scope.store().clock().new_id());
    let tx = match scope.begin::<RequestAttachmentTicket>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let request = tx.lock::<entity::report_request::Entity>(input.request).await?;
    let asked = request.agency_id;
    let permit = tx.permit::<RequestAttachmentTicket, _>(request, &asked)?;
    takes_files(&tx, permit.row(), &mut findings).await?;
    findings.into_result()?;
    let new = Announced { id, name: input.name, bytes: input.bytes, sha256: input.sha256 };
    tx.announce_attachment(permit, new).await?;
    tx.commit::<RequestAttachmentTicket>(Event::AttachmentAnnounced(id)).await
}

/// Input of [`upload`].
#[derive(Clone, Debug)]
pub struct Upload {
    /// For which report.
    pub request: ReportRequestId,
    /// What the file is called.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Takes in a file that came with its announcement.
pub async fn upload(scope: &Scoped, write: &Write, input: Upload) -> Result<Done> {
    let store = scope.store();
    // whoever may not send one is told so before anything is looked through or stored; the transaction asks again
    let request = scope.by_id::<entity::report_request::Entity>(input.request).await?;
    scope.may::<UploadAttachment>(&request.agency_id)?;
    let mut received = store.look_through("file", input.content).await?;
    if !write.dry_run {
        store.keep(&mut received).await?;
    }
    let file = received.file();
    match upload_in(scope, write, (input.request, input.name), received).await {
        Ok((done, true)) => {
            store.wake_scan();
            Ok(done)
        }
        Ok((done, false)) => {
            store.throw_away(file).await;
            Ok(done)
        }
        Err(error) => {
            store.throw_away_after(file, &error).await;
            Err(error)
        }
    }
}

/// Answers as well whether it was written now.
async fn upload_in(
    scope: &Scoped,
    write: &Write,
    (request, called): (ReportRequestId, String),
    received: Received,
) -> Result<(Done, bool)> {
    let mut findings = Findings::default();
    name("name", &called, &mut findings);
    let id = AttachmentId(scope.store().clock().new_id());
    let tx = match scope.begin::<UploadAttachment>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok((Some(id), false)),
    };
    let request = tx.lock::<entity::report_request::Entity>(request).await?;
    let asked = request.agency_id;
    let permit = tx.permit::<UploadAttachment, _>(request, &asked)?;
    takes_files(&tx, permit.row(), &mut findings).await?;
    findings.into_result()?;
    tx.add_attachment(permit, (id, called), received).await?;
    let done = tx.commit::<UploadAttachment>(Event::AttachmentUploaded(id)).await?;
    Ok((done, done.is_some()))
}

/// Takes a file back that stands in no version that was submitted. Its content and its name go.
pub async fn remove(scope: &Scoped, write: &Write, id: AttachmentId) -> Result<Done> {
    let tx = match scope.begin::<RemoveAttachment>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let seen = tx.by_id::<entity::attachment::Entity>(id).await?;
    tx.permit::<RemoveAttachment, _>((), &seen.agency_id)?;
    // whoever changes a report locks its request first
    tx.lock::<entity::report_request::Entity>(seen.report_request_id).await?;
    let row = tx.lock::<entity::attachment::Entity>(id).await?;
    let agency = row.agency_id;
    let permit = tx.permit::<RemoveAttachment, _>(row, &agency)?;
    let mut findings = Findings::default();
    if permit.row().state == entity::attachment::State::Removed {
        findings.add("attachmentId", ProblemCode::AlreadyDone, "It was taken back already.");
    }
    if tx.is_submitted(permit.row()).await? {
        let message = "It stands in a report that was submitted: put the report right, or take it back.";
        findings.add("attachmentId", ProblemCode::WrongState, message);
    }
    findings.into_result()?;
    let file = tx.remove_attachment(permit).await?;
    let done = tx.commit::<RemoveAttachment>(Event::AttachmentRemoved(id)).await?;
    if let (Some(file), Some(_)) = (file, done) {
        scope.store().throw_away(file).await;
    }
    Ok(done)
}

/// That files are taken for a request still, and this one as well. Its row is locked.
async fn takes_files(tx: &Tx, request: &entity::report_request::Model, findings: &mut Findings) -> Result<()> {
    let state = tx.status_of_conference(request.conference_id).await?;
    if let (None, Some(refusal)) = (request.received_at, of_conference::LATE_REPORT.refusal(state)) {
        findings.add("reportRequestId", ProblemCode::ConferenceOver, refusal.message);
    }
    let most = tx.scope().store().attachments().max_per_request();
    if tx.attachments_of(request.id).await? >= most {
        let message = format!("At most {most} files for one report.");
        findings.add("reportRequestId", ProblemCode::LimitExceeded, message);
    }
    Ok(())
}

/// A name that says what it says, wherever it is shown, and leads nowhere.
fn name(field: &str, value: &str, findings: &mut Findings) {
    findings.text(field, value, NAME);
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if value.contains(hides) && !findings.names(field) {
        let message = "A name has no slashes, and no characters that are not seen.";
        findings.add(field, ProblemCode::Invalid, message);
    }
}
