//! What is to be sent to which webhook, for the one server that has claimed it.
//!
//! A webhook is claimed with a lease, so that no two servers send to it at a time, and what a server that died held is sent by
//! another once the lease is over: at least once, and in order. No server is special. Whose rights decide is read anew for each
//! message, as for every listener: an event that its person may not see is passed over, and nothing is said of it.

use std::sync::Arc;
use std::time::Duration as Wait;

use chrono::{DateTime, Duration, Utc};
use entity::webhook::{self, Column as C, State};
use entity::webhook_delivery::{self, Column as D};
use entity::{event, feed};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use uuid::Uuid;

use super::kinds_of;
use crate::error::Result;
use crate::policy::actions::webhook_post;
use crate::store::audit::Asked;
use crate::store::outbox::Wanted;
use crate::store::{Scoped, Store};

/// For so long a webhook is a server's from its last message on: longer than a message may take.
pub(super) const LEASE: Duration = Duration::seconds(60);
/// How far the clock of another server may go ahead of this one's.
const AHEAD: Wait = Wait::from_secs(2);
/// Places of the feed that are read in one statement: of a reader of whom little is told, all of them are asked about.
const WINDOW: i64 = 2000;

/// A webhook that is this server's to send to until its lease is over.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub(super) row: webhook::Model,
    pub(super) lease: Uuid,
}

impl Claimed {
    /// Where it is.
    pub fn url(&self) -> &str {
        &self.row.url
    }
}

/// What is next for a webhook.
pub struct Due {
    /// The place of the event, or that from which on it goes on.
    pub position: i64,
    /// What happened; `None` to say that what is not kept any more was missed.
    pub event: Option<event::Model>,
    /// Through which it was read; to be settled before anything of it leaves.
    pub scope: Scoped,
    /// It was given up before, and somebody asked for it once more.
    pub(super) is_replay: bool,
    /// When it happened, or was found to be missing.
    pub(super) since: DateTime<Utc>,
}

/// A message as it leaves, apart from its body.
#[derive(Clone, Debug)]
pub struct Signed {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signatures: String,
}

/// Rows of the log that are sent before anything new: what somebody asked for once more, and what says that something is missing.
fn waiting() -> Condition {
    let resync = D::State.eq(webhook_delivery::State::Retrying).and(D::Kind.is_null());
    Condition::any().add(D::State.eq(webhook_delivery::State::Replaying)).add(resync)
}

/// What a row of the log has sent again; `None` for an event that cannot be read.
async fn due_again(row: &webhook_delivery::Model, scope: &Scoped) -> Result<Option<Due>> {
    let event = match row.kind {
        Some(_) => scope.events_between(row.position - 1, row.position, &Wanted::default(), 1).await?.pop(),
        None => None,
    };
    if row.kind.is_some() && event.is_none() {
        return Ok(None);
    }
    let (position, since) = (row.position, row.made_at);
    let is_replay = row.state == webhook_delivery::State::Replaying;
    Ok(Some(Due { position, event, scope: scope.clone(), is_replay, since }))
}

fn ahead_of_it() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(feed::Entity)
        .and_where(feed::Column::LocalAuthorityId.into_expr().equals((webhook::Entity, C::LocalAuthorityId)))
        .and_where(Expr::col((feed::Entity, feed::Column::Position)).gt(Expr::col((webhook::Entity, C::Position))))
        .take()
}

fn waits_for_it() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(webhook_delivery::Entity)
        .and_where(D::WebhookId.into_expr().equals((webhook::Entity, C::Id)))
        .cond_where(waiting())
        .take()
}

/// The webhooks that are due and nobody's.
fn due(at: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(C::State.eq(State::Active))
        .add(C::NextAt.lte(at))
        .add(Condition::any().add(C::LeasedUntil.is_null()).add(C::LeasedUntil.lte(at)))
        .add(Condition::any().add(Expr::exists(ahead_of_it())).add(Expr::exists(waits_for_it())))
}

impl Store {
    /// Claims webhooks for which there may be something, those first that wait longest.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn claim_webhooks(&self, most: u64) -> Result<Vec<Claimed>> {
        let at = self.clock.now();
        // mostly there is nothing, and whoever writes is not kept waiting for that
        if webhook::Entity::find().filter(due(at)).limit(1).one(&self.db.pool).await?.is_none() {
            return Ok(Vec::new());
        }
        let tx = self.begin_upkeep().await?;
        let mut select = webhook::Entity::find().filter(due(at)).order_by_asc(C::NextAt).limit(most);
        // SQLite has one writer, and this is it
        if self.db.is_postgres() {
            select = select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let rows = select.all(&tx).await?;
        if rows.is_empty() {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        let lease = self.clock.new_id();
        webhook::Entity::update_many()
            .col_expr(C::Lease, Expr::val(lease))
            .col_expr(C::LeasedUntil, Expr::val(at + LEASE))
            .filter(C::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(rows.into_iter().map(|row| Claimed { row, lease }).collect())
    }

    /// What is next for a webhook; `None` where there is nothing, or the person it follows has not the post any more: then it
    /// is suspended, and stays where it is until somebody takes it over. A webhook for which there is nothing is let go.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn next_for(&self, claimed: &mut Claimed) -> Result<Option<Due>> {
        // before the rights: whatever came with an event is in force when they are read
        let head = self.feed_span(claimed.row.local_authority_id).await?.head;
        let mut waiting = self.first_waiting(claimed).await?;
        if waiting.is_none() && head == claimed.row.position {
            self.let_go(claimed, Duration::zero()).await?;
            return Ok(None);
        }
        let Some(scope) = self.rights_in_time(&claimed.row, head).await? else {
            self.suspend_webhook(claimed).await?;
            self.let_go(claimed, Duration::zero()).await?;
            return Ok(None);
        };
        while let Some(row) = waiting {
            if let Some(due) = due_again(&row, &scope).await? {
                return Ok(Some(due));
            }
            // forgotten, or not for this reader any more
            self.give_up_replay(&row).await?;
            waiting = self.first_waiting(claimed).await?;
        }
        let (position, wanted) = (claimed.row.position, Wanted { kinds: kinds_of(&claimed.row), child: None });
        let until = Ord::min(head, position + WINDOW);
        let event = scope.events_between(position, until, &wanted, 1).await?.pop();
        // behind the reading: what was forgotten until now may be missing from it
        let span = self.feed_span(claimed.row.local_authority_id).await?;
        if span.goes_on(position).is_err() {
            let missed = self.miss(claimed, span.head).await?;
            let due = |since| Due { position: span.head, event: None, scope, is_replay: false, since };
            return Ok(missed.map(due));
        }
        let Some(event) = event else {
            self.pass_over(claimed, until, head).await?;
            return Ok(None);
        };
        let (position, since) = (event.position, event.occurred_at);
        Ok(Some(Due { position, event: Some(event), scope, is_replay: false, since }))
    }

    /// Id, time and signatures of a message.
    pub fn sign_for(&self, claimed: &Claimed, due: &Due, body: &str) -> Signed {
        let at = self.clock.now();
        let id = self.webhook_secrets.message_id(claimed.row.id, due.position, due.event.is_some());
        // as the receiver's clock has it, wherever that of a sandbox stands
        let timestamp = self.clock.token_time().timestamp();
        let signatures = self.webhook_secrets.signatures(&claimed.row, (&id, timestamp, body), at);
        Signed { id, timestamp, signatures }
    }

    /// The reader that a webhook follows, as it stands now: the person in the post, unless it or the person's access ended.
    async fn rights_of(&self, row: &webhook::Model) -> Result<Option<Scoped>> {
        let standings = self.standings_of((row.practitioner_id, row.agency_id), row.followed_since).await?;
        let Some(who) = standings.into_iter().find(|who| webhook_post(who) == Some(row.post)) else { return Ok(None) };
        let asked = Asked { kind: "webhook".into(), operation: Some("Webhook".into()), ..Asked::default() };
        let request = self.clock.new_id();
        let scope = Scoped { store: self.clone(), who: who.into(), request }.asking(Arc::new(asked));
        // written down as the person's reading; what is sent is ids, and not one of the records that the person may open an hour
        Ok(Some(scope.apart()))
    }

    /// The rights of a moment that is not before the newest event, by whosever clock.
    async fn rights_in_time(&self, row: &webhook::Model, head: i64) -> Result<Option<Scoped>> {
        let Some(scope) = self.rights_of(row).await? else { return Ok(None) };
        let newest = scope.happened_at(head).await?.unwrap_or(scope.who().at);
        let ahead = (newest - scope.who().at).to_std().unwrap_or_default();
        if ahead.is_zero() {
            return Ok(Some(scope));
        }
        tokio::time::sleep(ahead.min(AHEAD)).await;
        self.rights_of(row).await
    }

    /// The first row of the log that is sent before anything new.
    async fn first_waiting(&self, claimed: &Claimed) -> Result<Option<webhook_delivery::Model>> {
        let rows = webhook_delivery::Entity::find().filter(D::WebhookId.eq(claimed.row.id)).filter(waiting());
        Ok(rows.order_by_asc(D::Position).limit(1).one(&self.db.pool).await?)
    }

    async fn give_up_replay(&self, row: &webhook_delivery::Model) -> Result<()> {
        webhook_delivery::Entity::update_many()
            .col_expr(D::State, Expr::val(webhook_delivery::State::Dead))
            .col_expr(D::Failure, Expr::val(Some(webhook_delivery::Failure::NotReadable)))
            .filter(D::Id.eq(row.id))
            .exec(&self.db.pool)
            .await?;
        Ok(())
    }
}
