//! Files that are added to reports.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use entity::attachment::State;
use entity::category::{Category, Depth};

use super::agency::{Agency, Practitioner, agency_about, practitioner_about, withheld_about};
use super::child::Child;
use super::codes::InformationCategory;
use super::report::{ConferenceReport, category_of};
use super::report_request::ReportRequest;
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::global;
use crate::store::audit::ledger::Opening;

/// What a file is, by its content.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::attachment::MediaType")]
pub enum AttachmentMediaType {
    /// PDF.
    Pdf,
    /// A picture as PNG.
    Png,
    /// A picture as JPEG.
    Jpeg,
    /// Plain text in UTF-8.
    Text,
    /// A Word document.
    Docx,
}

/// Where a file stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::attachment::State")]
pub enum AttachmentState {
    /// Announced; it has not come yet.
    Awaited,
    /// It came, and is still to be looked at. Nobody reads it.
    Quarantined,
    /// It can be read.
    Clean,
    /// Something was found in it and it was thrown away, or its content was lost: send another.
    Refused,
    /// It never came: its ticket is over.
    Lapsed,
    /// Its agency took it back: it was thrown away, and so was its name.
    Removed,
}

/// A file that an agency adds to its report.
pub struct Attachment(pub entity::attachment::Model);

impl Attachment {
    fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        Ok(reader(ctx)?.scope().disclosure(Some(self.0.agency_id)))
    }

    async fn category(&self, ctx: &Context<'_>) -> Resolved<Category> {
        category_of(ctx, self.0.agency_id).await
    }
}

/// A file that an agency adds to its report. Until it belongs to a version of the report its agency alone sees it; then
/// whoever sees that version.
#[Object]
impl Attachment {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What it is called. Null where withheld.
    async fn name(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.name.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned())
    }

    /// What it is, by its content. Null until it has come.
    async fn media_type(&self) -> Option<AttachmentMediaType> {
        self.0.media_type.map(Into::into)
    }

    /// Bytes of what can be read; before it has come, of what was announced. They can differ: pictures and documents lose
    /// what they tell beside what they show.
    async fn bytes(&self) -> i64 {
        self.0.bytes
    }

    /// SHA-256 in lower-case hex of what can be read; before it has come, of what was announced.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256.as_deref()
    }

    /// Where it stands.
    async fn state(&self) -> AttachmentState {
        self.0.state.into()
    }

    /// When it was announced, or came.
    async fn asked_at(&self) -> DateTime<Utc> {
        self.0.asked_at
    }

    /// When it came.
    async fn uploaded_at(&self) -> Option<DateTime<Utc>> {
        self.0.uploaded_at
    }

    /// When a scanner looked at it. Null of a clean one where the service runs without a scanner.
    async fn checked_at(&self) -> Option<DateTime<Utc>> {
        self.0.checked_at
    }

    /// Where it is read: a path of this service, to be asked with the same bearer token. Null while it cannot be read, and
    /// where withheld.
    async fn content_path(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        let opened = self.0.name.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).is_some();
        let readable = opened && self.0.state == State::Clean;
        Ok(readable.then(|| format!("/attachments/{}", *global(self.0.id))))
    }

    /// Categories you may not read here: what is null of these is withheld.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let mut closed = self.disclosure(ctx)?.withheld(&[(self.category(ctx).await?, Depth::Full)]);
        closed.extend(withheld_about(ctx, self.0.child_id, self.0.agency_id).await?);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// The agency whose it is. Null where it would tell where a child with a protected address is.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency_about(ctx, self.0.child_id, self.0.agency_id).await
    }

    /// Who sent it. Null where the agency is withheld.
    async fn uploaded_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner_about(ctx, self.0.child_id, self.0.agency_id, Some(self.0.uploaded_by)).await
    }

    /// The child that the report is about.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// The request that the report answers.
    async fn report_request(&self, ctx: &Context<'_>) -> Option<ReportRequest> {
        loaded(ctx, self.0.report_request_id, ReportRequest).await
    }

    /// The version of the report it belongs to. Null while it belongs to none.
    async fn conference_report(&self, ctx: &Context<'_>) -> Option<ConferenceReport> {
        let id = self.0.conference_report_id?;
        loaded(ctx, id, ConferenceReport).await
    }
}
