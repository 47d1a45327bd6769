//! Webhooks: where an agency that cannot hold a connection is sent what happens, and the log of that.
//!
//! A webhook follows a person in a post at its agency, by whose rights of the moment it is decided what is sent, by the same row
//! rule as everything else. It holds one position of the feed, moves along it event by event, and keeps no copy of any. The
//! sending is in [`courier`], the secrets in [`secret`].

pub mod count;
pub mod courier;
pub mod outcome;
pub mod secret;
pub mod settings;

use entity::event::Kind;
use entity::id::{AgencyId, WebhookId};
use entity::webhook::{self, Column as C, State};
use entity::webhook_delivery::{self, Column as D};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, IntoActiveModel as _};

use super::page::Listing;
use super::permit::Permit;
use super::{Scoped, Tx};
use crate::error::{Error, Result};
use crate::policy::actions::{
    Action, ChangeWebhook, RegisterWebhook, RemoveWebhook, ReplayWebhook, ReplayWebhookDelivery, RotateWebhookSecret,
    TakeOverWebhook, webhook_post,
};

/// Webhooks of an agency at the most.
pub const MOST: usize = 5;

/// The kind that a message has which says that what is not kept any more was missed.
pub const RESYNC: &str = "RESYNC_REQUIRED";

/// A webhook to be registered.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Its id.
    pub id: WebhookId,
    /// Where it is.
    pub url: String,
    /// Which kinds of events it is for; all where none is named.
    pub kinds: Vec<Kind>,
}

/// What is to change of a webhook.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Where it is.
    pub url: Option<String>,
    /// Which kinds of events it is for; all where none is named.
    pub kinds: Option<Vec<Kind>>,
    /// Whether nothing is sent for the time being.
    pub paused: Option<bool>,
}

/// The kinds a webhook is for; none stands for all.
pub fn kinds_of(row: &webhook::Model) -> Vec<Kind> {
    row.kinds.iter().flat_map(|words| words.split(' ')).filter_map(Kind::of_word).collect()
}

fn words(kinds: &[Kind]) -> Option<String> {
    (!kinds.is_empty()).then(|| kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(" "))
}

impl Scoped {
    /// The webhooks of the reader's agency that were not removed, newest first.
    pub fn webhooks(&self) -> Listing<webhook::Entity> {
        Listing::that(Condition::all().add(C::State.ne(State::Removed)))
    }

    /// What was sent to a webhook, or not, newest first: all of it, or what stands so.
    pub fn webhook_deliveries(
        &self,
        webhook: WebhookId,
        state: Option<webhook_delivery::State>,
    ) -> Listing<webhook_delivery::Entity> {
        let all = Condition::all().add(D::WebhookId.eq(webhook));
        Listing::that(all.add_option(state.map(|state| D::State.eq(state))))
    }

    /// The secret that a webhook signs with, for the person it is told to: `whsec_` and base64. `None` for everybody else.
    pub fn webhook_secret(&self, row: &webhook::Model) -> Option<String> {
        let is_told = row.secret_told_to == self.who.practitioner;
        is_told.then(|| self.store.webhook_secrets.told(row.id, row.secret_generation))
    }

    /// The id under which a message is sent, however often: what the receiver knows it by.
    pub fn webhook_message_id(&self, row: &webhook_delivery::Model) -> String {
        self.store.webhook_secrets.message_id(row.webhook_id, row.position, row.kind.is_some())
    }
}

/// A webhook as somebody who was away for long finds it: it has as much time as if all that waits had happened now.
fn afresh(row: &mut webhook::ActiveModel, at: chrono::DateTime<chrono::Utc>) {
    row.active_since = Set(at);
    row.failing_since = Set(None);
    row.attempts = Set(0);
    row.next_at = Set(at);
}

impl Tx {
    /// How many webhooks the writer's agency has.
    pub async fn count_webhooks(&self) -> Result<usize> {
        Ok(self.rows::<webhook::Entity>().filter(C::State.ne(State::Removed)).all().await?.len())
    }

    /// Registers a webhook that is sent what happens from now on, by the writer's rights.
    ///
    /// # Errors
    /// `Internal` for a post that keeps none, which has no permit.
    pub async fn register_webhook(&self, permit: Permit<RegisterWebhook, AgencyId>, new: NewWebhook) -> Result<()> {
        let (who, at) = (self.who(), self.who().at);
        let post = webhook_post(who).ok_or_else(|| Error::internal("a webhook for a post that keeps none"))?;
        webhook::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(who.authority),
            agency_id: Set(permit.row),
            url: Set(new.url),
            kinds: Set(words(&new.kinds)),
            practitioner_id: Set(who.practitioner),
            post: Set(post),
            followed_since: Set(at),
            state: Set(State::Active),
            position: Set(self.feed_head().await?),
            secret_generation: Set(1),
            secrets_from: Set(1),
            secret_told_to: Set(who.practitioner),
            secret_rotated_at: Set(None),
            active_since: Set(at),
            failing_since: Set(None),
            attempts: Set(0),
            next_at: Set(at),
            lease: Set(None),
            leased_until: Set(None),
            registered_at: Set(at),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    /// Changes a webhook.
    pub async fn change_webhook(&self, permit: Permit<ChangeWebhook, webhook::Model>, changes: Changes) -> Result<()> {
        let (state, at) = (permit.row.state, self.who().at);
        let mut row = next_version(permit);
        if let Some(url) = changes.url {
            row.url = Set(url);
            afresh(&mut row, at);
        }
        if let Some(kinds) = changes.kinds {
            row.kinds = Set(words(&kinds));
        }
        match (changes.paused, state) {
            (Some(true), State::Active | State::Gone) => row.state = Set(State::Paused),
            (Some(false), State::Paused | State::Gone) => {
                row.state = Set(State::Active);
                afresh(&mut row, at);
            }
            _ => {}
        }
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Has a webhook sign with a new secret, which the writer is told; for a day with those that signed until now as well.
    pub async fn rotate_webhook_secret(&self, permit: Permit<RotateWebhookSecret, webhook::Model>) -> Result<()> {
        let generation = permit.row.secret_generation + 1;
        let oldest = secret::oldest(&permit.row, self.who().at);
        let mut row = next_version(permit);
        row.secret_generation = Set(generation);
        row.secrets_from = Set(oldest);
        row.secret_told_to = Set(self.who().practitioner);
        row.secret_rotated_at = Set(Some(self.who().at));
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Has a webhook follow the writer's rights.
    ///
    /// # Errors
    /// `Internal` for a post that keeps none, which has no permit.
    pub async fn take_over_webhook(&self, permit: Permit<TakeOverWebhook, webhook::Model>) -> Result<()> {
        let (who, state) = (self.who(), permit.row.state);
        let post = webhook_post(who).ok_or_else(|| Error::internal("a webhook for a post that keeps none"))?;
        let mut row = next_version(permit);
        row.practitioner_id = Set(who.practitioner);
        row.post = Set(post);
        row.followed_since = Set(who.at);
        if state == State::Suspended {
            row.state = Set(State::Active);
            afresh(&mut row, who.at);
        }
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Has a webhook sent again what comes behind a position. What is being sent at this moment is not taken for done.
    ///
    /// # Errors
    /// `ResyncRequired` if something behind it was forgotten.
    pub async fn replay_webhook(&self, permit: Permit<ReplayWebhook, webhook::Model>, position: i64) -> Result<()> {
        let mut row = next_version(permit);
        row.position = Set(position);
        // whoever sends holds it until its time is over, and then finds it is not its own any more
        row.lease = Set(None);
        afresh(&mut row, self.who().at);
        row.update(&self.inner).await?;
        self.feed_goes_on(position).await
    }

    /// Has what was given up sent once more.
    pub async fn replay_delivery(
        &self,
        permit: Permit<ReplayWebhookDelivery, webhook_delivery::Model>,
        hook: webhook::Model,
    ) -> Result<()> {
        let mut row = permit.row.into_active_model();
        row.state = Set(webhook_delivery::State::Replaying);
        row.update(&self.inner).await?;
        let mut hook = hook.into_active_model();
        hook.next_at = Set(self.who().at);
        hook.update(&self.inner).await?;
        Ok(())
    }

    /// Ends a webhook. Its log is kept for as long as the feed.
    pub async fn remove_webhook(&self, permit: Permit<RemoveWebhook, webhook::Model>) -> Result<()> {
        let mut row = next_version(permit);
        row.state = Set(State::Removed);
        row.next_at = Set(self.who().at);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Commits what was done to a webhook: see [`Tx::commit_untold`].
    pub async fn commit_webhook<A: Action>(self) -> Result<Option<uuid::Uuid>> {
        self.commit_untold::<A>("Webhook").await
    }
}

fn next_version<A>(permit: Permit<A, webhook::Model>) -> webhook::ActiveModel {
    let version = permit.row.version + 1;
    let mut row = permit.row.into_active_model();
    row.version = Set(version);
    row
}
