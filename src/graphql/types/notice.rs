//! Notices about the use of the record.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::child::Child;
use super::emergency::EmergencyAccess;
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::global;
use crate::store::page::Listing;

/// What there is to notice.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::notice::Kind")]
pub enum NoticeKind {
    /// Somebody used emergency access.
    EmergencyAccess,
    /// Somebody of another agency opened the record of a child, for the first time that day in England.
    RecordOpened,
    /// Somebody searched by name and found nobody, several times within the hour.
    UnusualLookups,
}

/// Something to notice about the use of the record.
pub struct Notice(pub entity::notice::Model);

/// Something to notice about the use of the record: kinds, ids and an instant. For 28 days it is seen by the allocated
/// social worker and the team manager where it is about a child, else by the privacy officer of the person's agency, the
/// authority's where it has none, and at social care by the managers. Never by the person it tells of.
#[Object]
impl Notice {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What it tells.
    async fn kind(&self) -> NoticeKind {
        self.0.kind.into()
    }

    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Who did it.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.practitioner_id)).await
    }

    /// For which agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// The child, in notices to those who lead its case. Null in those about staff.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        let id = self.0.child_id?;
        loaded(ctx, id, Child).await
    }

    /// The use of emergency access it tells of. Null where it is another kind, or the use is not yours to review.
    async fn emergency_access(&self, ctx: &Context<'_>) -> Option<EmergencyAccess> {
        let id = self.0.emergency_access_id?;
        loaded(ctx, id, EmergencyAccess).await
    }
}

/// Root fields about notices.
#[derive(Default)]
pub struct NoticeQuery;

/// Root fields about notices.
#[Object]
impl NoticeQuery {
    /// What you are to notice, newest first. Empty for those who lead no case and answer for nobody.
    async fn notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Notice>> {
        let args = page_args(first, after.as_deref())?;
        let page = reader(ctx)?.scope().page(Listing::<entity::notice::Entity>::whole(), &args).await?;
        Ok(connect::<entity::notice::Entity, _>(Some(page), &args, Notice))
    }
}
