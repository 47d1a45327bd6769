//! Documents that were sent from records: to whom their copies went, and the receipts of those.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::codes::RecordDocument;
use super::household::Person;
use super::record::{Entry, stood};
use crate::graphql::connection::{Connection, below};
use crate::graphql::context::loaded;
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::global;
use crate::store::loaders::CopiesOfDocument;
use crate::store::loaders::records::StoodOn;
use crate::store::record::OnARecord as _;

/// A document that was sent.
pub struct DocumentIssue(pub entity::document_issue::Model);

/// A document that was sent, with its copies.
#[Object]
impl DocumentIssue {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Which document.
    async fn document(&self) -> RecordDocument {
        self.0.document.into()
    }

    /// True if it went out before the step it belongs to was finished: as a draft, or unsigned.
    async fn unfinished(&self) -> bool {
        self.0.unfinished
    }

    /// When it went out.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }

    /// Who sent it.
    async fn issued_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.issued_by)).await
    }

    /// What it held: what stood on the record when it went out, as far as you may read it. It does not change with the
    /// record. BAD_USER_INPUT for documents of more than 1,000 entries together.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Entry>> {
        let record = entity::document_issue::Entity::record_of(&self.0).ok_or_else(Fault::not_found)?;
        stood(ctx, StoodOn(record, self.0.issued_at), first, after.as_deref()).await
    }

    /// Its copies: your agency's; all, for those who send it.
    async fn copies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<DocumentCopy>> {
        below(ctx, (CopiesOfDocument, self.0.id), first, after.as_deref(), DocumentCopy).await
    }
}

/// A copy of a document.
pub struct DocumentCopy(pub entity::document_copy::Model);

/// A copy of a document, to an agency or to an adult of the family.
#[Object]
impl DocumentCopy {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The agency it went to.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id?).await
    }

    /// The adult of the family it went to.
    async fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        loaded(ctx, self.0.person_id?, Person).await
    }

    /// When the agency said that it has it.
    async fn received_at(&self) -> Option<DateTime<Utc>> {
        self.0.received_at
    }

    /// Who said so.
    async fn received_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.received_by).await
    }

    /// The document.
    async fn document(&self, ctx: &Context<'_>) -> Option<DocumentIssue> {
        loaded(ctx, self.0.document_issue_id, DocumentIssue).await
    }
}
