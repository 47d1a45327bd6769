//! Alerts about how the record is used.

use async_graphql::{Context, Enum, Object};
use chrono::{DateTime, Utc};

use super::access::may_audit;
use super::agency::{Agency, Practitioner, agency, practitioner};
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::store::page::Listing;

/// What was noticed.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::access_alert::Kind")]
pub enum AccessAlertKind {
    /// A person has opened the records of many children in an hour.
    ManyChildren,
    /// A person was stopped from opening the records of more children in an hour.
    ChildrenStopped,
    /// A person was stopped because the agency has opened the records of as many children as a day allows.
    AgencyStopped,
    /// A person was stopped from searching on in an hour.
    SearchesStopped,
}

/// Something about how a person uses the record, for those who oversee the agency: privacy officers, service managers
/// of their own agency, auditors of their authority. Nothing of a child stands in it.
pub struct AccessAlert(pub entity::access_alert::Model);

/// Something about how a person uses the record, for those who oversee the agency: privacy officers, service managers
/// of their own agency, auditors of their authority. Nothing of a child stands in it.
#[Object(name = "AccessAlertEvent")]
impl AccessAlert {
    /// What was noticed.
    async fn kind(&self) -> AccessAlertKind {
        self.0.kind.into()
    }

    /// Whose use of the record it is.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.practitioner_id)).await
    }

    /// In a post at this agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// When the hour or the day it was counted in began.
    async fn window_starts_at(&self) -> DateTime<Utc> {
        self.0.window_at
    }

    /// How many children, or searches, when it was raised.
    async fn count(&self) -> i64 {
        self.0.count
    }

    /// When it was raised.
    async fn raised_at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }
}

/// Root fields about alerts.
#[derive(Default)]
pub struct AlertQuery;

/// Root fields about alerts.
#[Object]
impl AlertQuery {
    /// How the record is used where you oversee it, newest first: for the privacy officer of an agency, for service
    /// managers about their own agency, for auditors about their authority. Empty for all others; never about you.
    async fn alerts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<AccessAlert>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        may_audit(ctx, &reader)?;
        let page = reader.scope().page(Listing::<entity::access_alert::Entity>::whole(), &args).await?;
        Ok(connect::<entity::access_alert::Entity, _>(Some(page), &args, AccessAlert))
    }
}
