//! Mutations of webhooks.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::{WebhookDeliveryId, WebhookId};
use uuid::Uuid;

use super::codes::EventKind;
use super::webhook::{Webhook, WebhookDelivery};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::actions::webhook::Which;
use crate::graphql::context::{Reader, reader};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::typed;
use crate::store::place::Order;
use crate::store::webhook::Changes;

/// Where your agency is to be sent what happens.
#[derive(InputObject)]
pub struct RegisterWebhookInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// Where: `https`, on a host and port that whoever runs the system allows (RULE_REFUSED for another), without a name, password
    /// or fragment; 2,000 characters at the most.
    url: String,
    /// Only these kinds of events, 100 at the most; all if left out or empty.
    kinds: Option<Vec<EventKind>>,
}

/// The webhook that was registered.
#[derive(SimpleObject)]
pub struct RegisterWebhookPayload {
    /// The webhook as it stands; null on a dry run or a refusal.
    webhook: Option<Webhook>,
    /// The secret to check signatures with, `whsec_` and base64. It is told here and nowhere else: keep it. Null on a dry run or a
    /// refusal, and on a retry by another person than who was told it.
    secret: Option<String>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What is to change of a webhook. What is left out stays.
#[derive(InputObject)]
pub struct ChangeWebhookInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The webhook.
    webhook_id: ID,
    /// The version you read: CONFLICT if it is another by now.
    expected_version: i64,
    /// Where it is from now on: see `registerWebhook`.
    url: Option<String>,
    /// Only these kinds of events from now on; all if empty.
    kinds: Option<Vec<EventKind>>,
    /// True to send nothing for the time being; false to go on where it stopped, also where the receiver had answered 410.
    /// WRONG_STATE while it is SUSPENDED.
    paused: Option<bool>,
}

/// The webhook as it is now.
#[derive(SimpleObject)]
pub struct ChangeWebhookPayload {
    /// The webhook as it stands; null on a dry run or a refusal.
    webhook: Option<Webhook>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A new secret for a webhook.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The webhook.
    webhook_id: ID,
    /// The version you read: CONFLICT if it is another by now.
    expected_version: i64,
}

/// The webhook, and its new secret.
#[derive(SimpleObject)]
pub struct RotateWebhookSecretPayload {
    /// The webhook as it stands; null on a dry run or a refusal.
    webhook: Option<Webhook>,
    /// The secret to check signatures with, `whsec_` and base64. It is told here and nowhere else: keep it. Null on a dry run or a
    /// refusal, and on a retry by another person than who was told it.
    secret: Option<String>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A webhook that is to follow your rights.
#[derive(InputObject)]
pub struct TakeOverWebhookInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The webhook.
    webhook_id: ID,
    /// The version you read: CONFLICT if it is another by now.
    expected_version: i64,
}

/// The webhook, which follows you.
#[derive(SimpleObject)]
pub struct TakeOverWebhookPayload {
    /// The webhook as it stands; null on a dry run or a refusal.
    webhook: Option<Webhook>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A place in the feed to which a webhook is to go back.
#[derive(InputObject)]
pub struct ReplayWebhookInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The webhook.
    webhook_id: ID,
    /// The version you read: CONFLICT if it is another by now.
    expected_version: i64,
    /// What follows this cursor of the feed is sent again: RESYNC_REQUIRED if some of it is not kept any more.
    after: String,
}

/// The webhook, at that place.
#[derive(SimpleObject)]
pub struct ReplayWebhookPayload {
    /// The webhook as it stands; null on a dry run or a refusal.
    webhook: Option<Webhook>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A message that was given up.
#[derive(InputObject)]
pub struct ReplayWebhookDeliveryInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The message; it is DEAD.
    delivery_id: ID,
}

/// The message as it stands.
#[derive(SimpleObject)]
pub struct ReplayWebhookDeliveryPayload {
    /// The message; null on a dry run or a refusal.
    delivery: Option<WebhookDelivery>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A webhook that is to end.
#[derive(InputObject)]
pub struct RemoveWebhookInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The webhook.
    webhook_id: ID,
    /// The version you read: CONFLICT if it is another by now.
    expected_version: i64,
}

/// The webhook that ended.
#[derive(SimpleObject)]
pub struct RemoveWebhookPayload {
    /// The webhook as it stands; null on a dry run or a refusal.
    webhook: Option<Webhook>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The webhook of an input, as the caller read it.
fn which(id: &ID, expected_version: i64) -> Resolved<Which> {
    Ok(Which { id: typed(id, "input.webhookId")?, expected_version })
}

/// What was written, with the secret where it is told.
async fn with_secret(
    reader: &Reader,
    done: crate::error::Result<actions::Done>,
) -> Resolved<(Written<Row>, Option<String>)> {
    let written = finish(reader, done, WebhookId).await?;
    let secret = written.row.as_ref().and_then(|row| reader.scope().webhook_secret(row));
    Ok((written, secret))
}

type Row = entity::webhook::Model;

/// Mutations of webhooks.
#[derive(Default)]
pub struct WebhookMutation;

/// Mutations of webhooks. They are for the safeguarding lead of an agency, and at social care for team managers and service
/// managers, each for the own agency.
#[Object]
impl WebhookMutation {
    /// Have your agency sent what happens from now on, as far as you may see it at the time of sending. TOO_MANY above 5. Events
    /// do not tell of it; the access record does.
    async fn register_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where, and what.")] input: RegisterWebhookInput,
    ) -> Resolved<RegisterWebhookPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let kinds = input.kinds.map(|kinds| kinds.into_iter().map(Into::into).collect());
        let reader = reader(ctx)?;
        let done = actions::webhook::register(reader.scope(), &write, input.url, kinds).await;
        let (Written { row, user_errors }, secret) = with_secret(&reader, done).await?;
        Ok(RegisterWebhookPayload { webhook: row.map(Webhook), secret, user_errors })
    }

    /// Change where a webhook is or what it is for, pause it, or have it go on.
    async fn change_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: ChangeWebhookInput,
    ) -> Resolved<ChangeWebhookPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let which = which(&input.webhook_id, input.expected_version)?;
        let kinds = input.kinds.map(|kinds| kinds.into_iter().map(Into::into).collect());
        let changes = Changes { url: input.url, kinds, paused: input.paused };
        let reader = reader(ctx)?;
        let done = actions::webhook::change(reader.scope(), &write, which, changes).await;
        let Written { row, user_errors } = finish(&reader, done, WebhookId).await?;
        Ok(ChangeWebhookPayload { webhook: row.map(Webhook), user_errors })
    }

    /// Have a webhook sign with a new secret. For 24 hours those that signed before sign as well: all signatures stand in the header,
    /// the newest first, and a receiver that knows any of the secrets can check it. Five sign at the most: while they do, another
    /// change is RULE_REFUSED, with the instant from which on it can be made.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RotateWebhookSecretInput,
    ) -> Resolved<RotateWebhookSecretPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let which = which(&input.webhook_id, input.expected_version)?;
        let reader = reader(ctx)?;
        let done = actions::webhook::rotate(reader.scope(), &write, which).await;
        let (Written { row, user_errors }, secret) = with_secret(&reader, done).await?;
        Ok(RotateWebhookSecretPayload { webhook: row.map(Webhook), secret, user_errors })
    }

    /// Have a webhook follow your rights in place of those of who had it. One that is SUSPENDED goes on where it stopped.
    async fn take_over_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: TakeOverWebhookInput,
    ) -> Resolved<TakeOverWebhookPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let which = which(&input.webhook_id, input.expected_version)?;
        let reader = reader(ctx)?;
        let done = actions::webhook::take_over(reader.scope(), &write, which).await;
        let Written { row, user_errors } = finish(&reader, done, WebhookId).await?;
        Ok(TakeOverWebhookPayload { webhook: row.map(Webhook), user_errors })
    }

    /// Have a webhook sent again everything that follows a cursor of the feed, as far as it may be seen now.
    async fn replay_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and from where.")] input: ReplayWebhookInput,
    ) -> Resolved<ReplayWebhookPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let which = which(&input.webhook_id, input.expected_version)?;
        let reader = reader(ctx)?;
        let place = reader.scope().open_place(Order::Feed, &input.after);
        let place = place.ok_or_else(|| Fault::argument("input.after", "This is not a cursor of the feed."))?;
        let done = actions::webhook::replay(reader.scope(), &write, which, place).await;
        let Written { row, user_errors } = finish(&reader, done, WebhookId).await?;
        Ok(ReplayWebhookPayload { webhook: row.map(Webhook), user_errors })
    }

    /// Have a message sent once more that was given up. It is tried once, before anything new, and is DEAD again if that fails.
    /// WRONG_STATE for any that is not DEAD.
    async fn replay_webhook_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ReplayWebhookDeliveryInput,
    ) -> Resolved<ReplayWebhookDeliveryPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.delivery_id, "input.deliveryId")?;
        let reader = reader(ctx)?;
        let done = actions::webhook::replay_delivery(reader.scope(), &write, id).await;
        let Written { row, user_errors } = finish(&reader, done, WebhookDeliveryId).await?;
        Ok(ReplayWebhookDeliveryPayload { delivery: row.map(WebhookDelivery), user_errors })
    }

    /// End a webhook. Nothing more is sent to it; what was sent can be read for as long as the feed is kept.
    async fn remove_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RemoveWebhookInput,
    ) -> Resolved<RemoveWebhookPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let which = which(&input.webhook_id, input.expected_version)?;
        let reader = reader(ctx)?;
        let done = actions::webhook::remove(reader.scope(), &write, which).await;
        let Written { row, user_errors } = finish(&reader, done, WebhookId).await?;
        Ok(RemoveWebhookPayload { webhook: row.map(Webhook), user_errors })
    }
}
