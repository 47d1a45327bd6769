//! Webhooks: where an agency that cannot hold a connection is sent what happens, and what was sent.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use super::agency::{Practitioner, practitioner};
use super::codes::{EventKind, WebhookDeliveryState, WebhookFailure, WebhookState};
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::global;
use crate::store::place::Order;
use crate::store::webhook::kinds_of;

/// Where your agency is sent what happens.
pub struct Webhook(pub entity::webhook::Model);

/// Where your agency is sent what happens. For safeguarding leads, and at social care for team managers and service managers;
/// NOT_FOUND for everybody else. It sends what one of them may see, the person it follows, by that person's rights at the moment of
/// sending. Messages are those of Standard Webhooks: `{"type": kind, "timestamp": occurredAt, "data": {"cursor": …, "about":
/// [ids]}}`, one after the other in the order of the feed, each at least once. RESYNC_REQUIRED as a type says that what is not
/// kept any more was missed: read anew what you show.
#[Object]
impl Webhook {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Where it is.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// Which kinds of events it is for. Null for all.
    async fn kinds(&self) -> Option<Vec<EventKind>> {
        let kinds = kinds_of(&self.0);
        (!kinds.is_empty()).then(|| kinds.into_iter().map(Into::into).collect())
    }

    /// Where it stands.
    async fn state(&self) -> WebhookState {
        self.0.state.into()
    }

    /// Up to here in the feed everything was sent, given up, or not for the person it follows.
    async fn cursor(&self, ctx: &Context<'_>) -> Resolved<String> {
        Ok(reader(ctx)?.scope().seal_place(Order::Feed, self.0.position)?)
    }

    /// Whose rights decide what is sent: who registered it, or took it over.
    async fn follows(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.practitioner_id)).await
    }

    /// Since when it follows that person.
    async fn followed_since(&self) -> DateTime<Utc> {
        self.0.followed_since
    }

    /// When the secret was changed last; for 24 hours from then on those that signed before sign as well. Null where it never was.
    async fn secret_rotated_at(&self) -> Option<DateTime<Utc>> {
        self.0.secret_rotated_at
    }

    /// Since when what is next could not be sent. Null where nothing waits for that.
    async fn failing_since(&self) -> Option<DateTime<Utc>> {
        self.0.failing_since
    }

    /// How often what is next was tried in vain.
    async fn attempts(&self) -> i64 {
        self.0.attempts
    }

    /// When it is tried again. Null where nothing failed, or nothing is sent.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        let waits = self.0.attempts > 0 && self.0.state == entity::webhook::State::Active;
        waits.then_some(self.0.next_at)
    }

    /// When it was registered.
    async fn registered_at(&self) -> DateTime<Utc> {
        self.0.registered_at
    }

    /// What was sent, or not, newest first; kept for as long as the feed.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what stands so; all if left out.")] state: Option<WebhookDeliveryState>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<WebhookDelivery>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        let listing = reader.scope().webhook_deliveries(self.0.id, state.map(Into::into));
        let page = reader.scope().page(listing, &args).await.map_err(Fault::from)?;
        Ok(connect::<entity::webhook_delivery::Entity, _>(Some(page), &args, WebhookDelivery))
    }

    /// Counts changes that people make; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// A message to a webhook.
pub struct WebhookDelivery(pub entity::webhook_delivery::Model);

/// A message to a webhook, and what became of it. It holds no more than was sent: a kind and a place in the feed.
#[Object]
impl WebhookDelivery {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What happened. Null of a message that says RESYNC_REQUIRED.
    async fn kind(&self) -> Option<EventKind> {
        self.0.kind.map(Into::into)
    }

    /// The `webhook-id` it is sent with, however often: the receiver knows by it what it has already.
    async fn message_id(&self, ctx: &Context<'_>) -> Resolved<String> {
        Ok(reader(ctx)?.scope().webhook_message_id(&self.0))
    }

    /// The `cursor` that is in it.
    async fn cursor(&self, ctx: &Context<'_>) -> Resolved<String> {
        Ok(reader(ctx)?.scope().seal_place(Order::Feed, self.0.position)?)
    }

    /// What became of it.
    async fn state(&self) -> WebhookDeliveryState {
        self.0.state.into()
    }

    /// How often it was tried.
    async fn attempts(&self) -> i64 {
        self.0.attempts
    }

    /// When it was tried first. Null where it was not yet.
    async fn first_at(&self) -> Option<DateTime<Utc>> {
        self.0.first_at
    }

    /// When it was tried last. Null where it was not yet.
    async fn last_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_at
    }

    /// The HTTP status it was answered with last. Null where there was no answer.
    async fn status_code(&self) -> Option<i32> {
        self.0.status_code
    }

    /// Why the last attempt failed. Null where it did not.
    async fn failure(&self) -> Option<WebhookFailure> {
        self.0.failure.map(Into::into)
    }

    /// The webhook.
    async fn webhook(&self, ctx: &Context<'_>) -> Option<Webhook> {
        loaded(ctx, self.0.webhook_id, Webhook).await
    }
}

/// Root fields about webhooks.
#[derive(Default)]
pub struct WebhookQuery;

/// Root fields about webhooks.
#[Object]
impl WebhookQuery {
    /// The webhooks of your agency that were not removed, newest first; 5 at the most. Empty for who does not keep them.
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Webhook>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        let page = reader.scope().page(reader.scope().webhooks(), &args).await.map_err(Fault::from)?;
        Ok(connect::<entity::webhook::Entity, _>(Some(page), &args, Webhook))
    }
}
