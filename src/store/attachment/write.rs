//! How attachments are written: announced, sent, taken back, and bound to a version of their report.

use chrono::{DateTime, TimeDelta, Utc};
use entity::attachment::{self, Column as C, MediaType, State};
use entity::id::{AttachmentId, ConferenceReportId, ReportRequestId};
use entity::sealed::Sealed;
use entity::{conference_report, report_request};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Order};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::content::Cleaned;
use crate::error::{Error, ProblemCode, Result};
use crate::policy::actions::{RemoveAttachment, RequestAttachmentTicket, UploadAttachment};
use crate::store::Tx;
use crate::store::audit::key::hex;
use crate::store::permit::Permit;

/// A file that is to come.
#[derive(Clone, Debug)]
pub struct Announced {
    /// The id of its row.
    pub id: AttachmentId,
    /// What it is called.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// The hash of what will be sent, where it is known.
    pub sha256: Option<String>,
}

/// A file that came, as it is kept.
pub struct Received {
    file: Uuid,
    media: MediaType,
    bytes: i64,
    sha256: String,
    content: Vec<u8>,
}

impl Received {
    pub(super) fn of(file: Uuid, cleaned: Cleaned) -> Self {
        Self {
            file,
            media: cleaned.media,
            bytes: i64::try_from(cleaned.bytes.len()).unwrap_or(i64::MAX),
            sha256: fingerprint(&cleaned.bytes),
            content: cleaned.bytes,
        }
    }

    pub(super) fn take_content(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.content)
    }

    /// Under which id it is stored.
    pub const fn file(&self) -> Uuid {
        self.file
    }

    /// Writes into a row that the file has come.
    pub(super) fn onto(self, row: &mut attachment::ActiveModel, at: DateTime<Utc>) {
        row.uploaded_at = Set(Some(at));
        row.media_type = Set(Some(self.media));
        row.bytes = Set(self.bytes);
        row.sha256 = Set(Some(self.sha256));
        row.state = Set(State::Quarantined);
        row.check_at = Set(Some(at));
        row.file_id = Set(Some(self.file));
    }
}

/// SHA-256 in lower-case hex.
pub(super) fn fingerprint(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_ref())
}

impl Tx {
    /// How many files of a request there are, each once in however many versions it stands, or are to come; its row is locked.
    pub async fn attachments_of(&self, request: ReportRequestId) -> Result<u64> {
        let now = self.who().at;
        let waits = C::State.ne(State::Awaited).or(C::TicketUntil.gt(now));
        let rows = attachment::Entity::find()
            .filter(C::ReportRequestId.eq(request))
            .filter(C::State.is_in([State::Awaited, State::Quarantined, State::Clean]))
            .filter(waits);
        let file = Func::coalesce([C::FileId.into_expr(), C::Id.into_expr()]);
        let files = rows.select_only().expr(Func::count_distinct(file)).into_tuple::<i64>().one(&self.inner).await?;
        Ok(files.unwrap_or_default().unsigned_abs())
    }

    /// Writes that a file is to come, by a ticket.
    pub async fn announce_attachment(
        &self,
        permit: Permit<RequestAttachmentTicket, report_request::Model>,
        new: Announced,
    ) -> Result<()> {
        let minutes = self.scope().store.attachments.settings.ticket_minutes;
        let until = self.who().at + TimeDelta::minutes(i64::from(minutes));
        let mut row = self.attachment(&permit.row, new.id, new.name);
        row.ticket_until = Set(Some(until));
        row.bytes = Set(i64::try_from(new.bytes).unwrap_or(i64::MAX));
        row.sha256 = Set(new.sha256);
        row.insert(&self.inner).await?;
        Ok(())
    }

    /// Writes that a file came.
    pub async fn add_attachment(
        &self,
        permit: Permit<UploadAttachment, report_request::Model>,
        (id, name): (AttachmentId, String),
        received: Received,
    ) -> Result<()> {
        let mut row = self.attachment(&permit.row, id, name);
        received.onto(&mut row, self.who().at);
        row.insert(&self.inner).await?;
        Ok(())
    }

    fn attachment(&self, of: &report_request::Model, id: AttachmentId, name: String) -> attachment::ActiveModel {
        attachment::ActiveModel {
            id: Set(id),
            report_request_id: Set(of.id),
            conference_report_id: Set(None),
            child_id: Set(of.child_id),
            agency_id: Set(of.agency_id),
            uploaded_by: Set(self.who().practitioner),
            asked_at: Set(self.who().at),
            uploaded_at: Set(None),
            ticket_until: Set(None),
            name: Set(Sealed::new(name)),
            media_type: Set(None),
            bytes: Set(0),
            sha256: Set(None),
            state: Set(State::Awaited),
            checked_at: Set(None),
            check_at: Set(None),
            file_id: Set(None),
        }
    }

    /// True if an attachment stands in a version that was submitted, of its own agency.
    pub async fn is_submitted(&self, row: &attachment::Model) -> Result<bool> {
        let Some(report) = row.conference_report_id else { return Ok(false) };
        let report = self.rows::<conference_report::Entity>().named(report).await?;
        Ok(report.state != conference_report::State::Draft)
    }

    /// Writes that a file was taken back, and answers the content that nothing needs any more: it is thrown away once this
    /// is committed. Of its name nothing is kept.
    pub async fn remove_attachment(&self, permit: Permit<RemoveAttachment, attachment::Model>) -> Result<Option<Uuid>> {
        let (file, report) = (permit.row.file_id, permit.row.conference_report_id);
        let mut row = permit.row.into_active_model();
        row.name = Set(Sealed::new(String::new()));
        row.state = Set(State::Removed);
        row.conference_report_id = Set(None);
        row.file_id = Set(None);
        row.check_at = Set(None);
        row.update(&self.inner).await?;
        if let Some(report) = report {
            self.draft_is_another(report).await?;
        }
        let Some(file) = file else { return Ok(None) };
        let shared = attachment::Entity::find().filter(C::FileId.eq(file)).one(&self.inner).await?;
        Ok(shared.is_none().then_some(file))
    }

    /// Says of a draft that it is not what was read of it, and nobody signed it as it is.
    async fn draft_is_another(&self, report: ConferenceReportId) -> Result<()> {
        use conference_report::Column as R;
        let (nobody, never): (Option<Uuid>, Option<DateTime<Utc>>) = (None, None);
        conference_report::Entity::update_many()
            .col_expr(R::SignedBy, Expr::val(nobody))
            .col_expr(R::SignedAt, Expr::val(never))
            .col_expr(R::Revision, Expr::col(R::Revision).add(1))
            .filter(R::Id.eq(report))
            .filter(R::State.eq(conference_report::State::Draft))
            .exec(&self.inner)
            .await?;
        Ok(())
    }

    /// The files of a version, in the order they came.
    pub async fn files_of(&self, report: ConferenceReportId) -> Result<Vec<AttachmentId>> {
        let of = self.rows::<attachment::Entity>().filter(C::ConferenceReportId.eq(report));
        let rows = of.order_by(C::Id, Order::Asc).all().await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Files of a request that are to belong to a version of its report, in the order they are named.
    ///
    /// # Errors
    /// `Invalid` at `attachmentIds.N` for what is no file of this request and agency, or has not come.
    pub async fn files_named(
        &self,
        request: &report_request::Model,
        ids: &[AttachmentId],
    ) -> Result<Vec<attachment::Model>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.rows::<attachment::Entity>().locked().all_named(ids).await?;
        let mut files = Vec::new();
        for (n, id) in ids.iter().enumerate() {
            let field = format!("attachmentIds.{n}");
            let own = |row: &&attachment::Model| {
                row.id == *id && row.report_request_id == request.id && row.agency_id == self.who().agency
            };
            let Some(row) = found.iter().find(own) else {
                return Err(Error::problem(field, ProblemCode::UnknownReference, "No such file of this request."));
            };
            if !matches!(row.state, State::Quarantined | State::Clean) {
                return Err(Error::problem(field, ProblemCode::WrongState, "The file has not come, or was refused."));
            }
            if ids.iter().take(n).any(|before| before == id) {
                return Err(Error::problem(field, ProblemCode::Duplicate, "Named twice."));
            }
            files.push(row.clone());
        }
        Ok(files)
    }

    /// Binds files of a request to a version of its report: to a draft in place of those that it had, to a version that was
    /// submitted beside none. A file that another version has already is in both: it is stored once. The row of the request
    /// is locked, and the version written.
    pub async fn bind_attachments(&self, report: ConferenceReportId, files: Vec<attachment::Model>) -> Result<()> {
        let nothing: Option<ConferenceReportId> = None;
        attachment::Entity::update_many()
            .col_expr(C::ConferenceReportId, Expr::val(nothing.map(|id| id.0)))
            .filter(C::ConferenceReportId.eq(report))
            .filter(C::Id.is_not_in(files.iter().map(|row| row.id)))
            .exec(&self.inner)
            .await?;
        for row in files {
            let before = row.conference_report_id;
            let mut kept = row.into_active_model();
            kept.conference_report_id = Set(Some(report));
            match before {
                Some(already) if already == report => {}
                None => {
                    kept.update(&self.inner).await?;
                }
                Some(_) => {
                    kept = kept.reset_all();
                    kept.id = Set(AttachmentId(self.new_id()));
                    kept.insert(&self.inner).await?;
                }
            }
        }
        Ok(())
    }
}
