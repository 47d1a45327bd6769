//! What is to be sent to which webhook, for the one server that has claimed it.
//!
//! A webhook is claimed with a lease, so that no two servers send to it at a time, and what a server that died held is sent by
//! another once the lease is over: at least once, and in order. No server is special. Of servers that share a PostgreSQL its
//! clock alone says when a lease is over, so that none whose own clock goes ahead takes what another holds. Whose rights decide
//! is read anew for each message, as for every listener: an event that its person may not see is passed over, and nothing is said
//! of it.

use std::sync::Arc;
use std::time::{Duration as Wait, Instant};

use chrono::{DateTime, Duration, Utc};
use entity::id::WebhookId;
use entity::webhook::{self, Column as C, State};
use entity::webhook_delivery::{self, Column as D};
use entity::{event, feed};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use uuid::Uuid;

use super::kinds_of;
use crate::error::Result;
use crate::policy::actions::webhook_post;
use crate::store::audience::Listener;
use crate::store::audit::Asked;
use crate::store::outbox::{WINDOW, Wanted};
use crate::store::{Scoped, Store};

/// For so long a webhook is a server's from its last message on.
const LEASE: Duration = Duration::seconds(60);
/// For so long of a lease a message may be begun: what is left of it is longer than a message may take.
const BEGINS: Wait = Wait::from_secs(30);
/// Events that are asked about at the beginning of a rest; where there are more, something may be for it.
const MEANWHILE: i64 = 100;

/// A webhook that is this server's to send to until its lease is over.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub(super) row: webhook::Model,
    pub(super) lease: Uuid,
    /// When the lease was given, or a little before.
    pub(super) since: Instant,
}

impl Claimed {
    /// Where it is.
    pub fn url(&self) -> &str {
        &self.row.url
    }

    /// True if a message that is begun now is over before the lease is.
    pub fn may_begin(&self) -> bool {
        self.since.elapsed() < BEGINS
    }
}

/// What comes next for a webhook.
pub enum Next {
    /// A message.
    Message(Box<Due>),
    /// Nothing, and the webhook was let go.
    Nothing,
    /// Nothing of what happened until now is for it: it was let go, and rests for a moment, unless something is for it.
    Rests(Rest),
}

/// A webhook that was let go because what had happened was not for it.
pub struct Rest {
    /// Who would hear of what happens meanwhile.
    pub listener: Listener,
    /// Up to here nothing was for it.
    pub position: i64,
    id: WebhookId,
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

/// The webhooks that are due and nobody's: at an instant, and at a time of leases.
fn due(at: DateTime<Utc>, lease_time: Expr) -> Condition {
    Condition::all()
        .add(C::State.eq(State::Active))
        .add(C::NextAt.lte(at))
        .add(
            Condition::any()
                .add(C::LeasedUntil.is_null())
                .add(Expr::col((webhook::Entity, C::LeasedUntil)).lte(lease_time)),
        )
        .add(Condition::any().add(Expr::exists(ahead_of_it())).add(Expr::exists(waits_for_it())))
}

impl Store {
    /// Claims webhooks for which there may be something, those first that wait longest.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn claim_webhooks(&self, most: u64) -> Result<Vec<Claimed>> {
        let due = || due(self.clock.now(), self.lease_time(Duration::zero()));
        // mostly there is nothing, and whoever writes is not kept waiting for that
        if webhook::Entity::find().filter(due()).limit(1).one(&self.db.pool).await?.is_none() {
            return Ok(Vec::new());
        }
        let since = Instant::now();
        let tx = self.begin_upkeep().await?;
        let mut select = webhook::Entity::find().filter(due()).order_by_asc(C::NextAt).limit(most);
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
            .col_expr(C::LeasedUntil, self.lease_time(LEASE))
            .filter(C::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(rows.into_iter().map(|row| Claimed { row, lease, since }).collect())
    }

    /// The end of a lease that is given now.
    pub(super) fn lease_end(&self) -> Expr {
        self.lease_time(LEASE)
    }

    /// The time that leases go by, and so much: by the clock of PostgreSQL, which is one for all servers, moved as far as that of
    /// a sandbox is. With SQLite there is one machine, and a clock that stands is one for everything.
    fn lease_time(&self, later: Duration) -> Expr {
        if !self.db.is_postgres() || self.clock.stands() {
            return Expr::val(self.clock.now() + later);
        }
        let micros = (self.clock.lead() + later).num_microseconds().unwrap_or_default();
        Expr::cust_with_values("clock_timestamp() + $1 * interval '1 microsecond'", [micros])
    }

    /// What is next for a webhook. Where the person it follows has not the post any more it is suspended, and stays where it is
    /// until somebody takes it over. A webhook for which there is nothing is let go.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn next_for(&self, claimed: &mut Claimed) -> Result<Next> {
        // before the rights: whatever came with an event is in force when they are read
        let head = self.feed_span(claimed.row.local_authority_id).await?.head;
        let mut waiting = self.first_waiting(claimed).await?;
        if waiting.is_none() && head == claimed.row.position {
            self.let_go(claimed, Duration::zero()).await?;
            return Ok(Next::Nothing);
        }
        let Some(scope) = self.rights_in_time(&claimed.row, head).await? else {
            self.suspend_webhook(claimed).await?;
            self.let_go(claimed, Duration::zero()).await?;
            return Ok(Next::Nothing);
        };
        while let Some(row) = waiting {
            if let Some(due) = due_again(&row, &scope).await? {
                return Ok(Next::Message(Box::new(due)));
            }
            // forgotten, or not for this reader any more
            if !self.give_up_replay(claimed, &row).await? {
                return Ok(Next::Nothing);
            }
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
            return Ok(missed.map_or(Next::Nothing, |since| Next::Message(Box::new(due(since)))));
        }
        let Some(event) = event else {
            if !self.pass_over(claimed, until, head).await? || until < head {
                return Ok(Next::Nothing);
            }
            let listener = Listener::without_token(&scope, wanted);
            return Ok(Next::Rests(Rest { listener, position: until, id: claimed.row.id }));
        };
        let (position, since) = (event.position, event.occurred_at);
        let due = Due { position, event: Some(event), scope, is_replay: false, since };
        Ok(Next::Message(Box::new(due)))
    }

    /// Whether something may be for a webhook that rests which happened between its last look and now: what comes later is told
    /// to its listener.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn missed_meanwhile(&self, rest: &Rest) -> Result<bool> {
        let authority = rest.listener.authority();
        let head = self.feed_span(authority).await?.head;
        if head <= rest.position {
            return Ok(false);
        }
        let some = self.audiences(authority, rest.position, Ord::min(head, rest.position + MEANWHILE)).await?;
        Ok(head > rest.position + MEANWHILE || some.iter().any(|event| rest.listener.may_hear(event)))
    }

    /// Ends the rest of a webhook for which there may be something; nothing if it was looked at since.
    ///
    /// # Errors
    /// `Unavailable` if the database is: its rest comes to its end.
    pub async fn rouse(&self, rest: &Rest) -> Result<()> {
        webhook::Entity::update_many()
            .col_expr(C::NextAt, Expr::val(self.clock.now()))
            .filter(C::Id.eq(rest.id))
            .filter(C::Position.eq(rest.position))
            .filter(C::Attempts.eq(0_i64))
            .filter(C::Lease.is_null())
            .exec(&self.db.pool)
            .await?;
        Ok(())
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

    /// The rights of a moment that is not before anything that happened since, by whosever clock.
    async fn rights_in_time(&self, row: &webhook::Model, head: i64) -> Result<Option<Scoped>> {
        let Some(scope) = self.rights_of(row).await? else { return Ok(None) };
        let ahead = scope.ahead((row.position, head)).await?;
        if ahead.is_zero() {
            return Ok(Some(scope));
        }
        tokio::time::sleep(ahead).await;
        self.rights_of(row).await
    }

    /// The first row of the log that is sent before anything new.
    async fn first_waiting(&self, claimed: &Claimed) -> Result<Option<webhook_delivery::Model>> {
        let rows = webhook_delivery::Entity::find().filter(D::WebhookId.eq(claimed.row.id)).filter(waiting());
        Ok(rows.order_by_asc(D::Position).limit(1).one(&self.db.pool).await?)
    }

    /// Gives up what cannot be read; false where the webhook is not this server's any more, and then nothing is done.
    async fn give_up_replay(&self, claimed: &Claimed, row: &webhook_delivery::Model) -> Result<bool> {
        let tx = self.begin_upkeep().await?;
        if self.held(&tx, claimed).await?.is_none() {
            tx.rollback().await?;
            return Ok(false);
        }
        webhook_delivery::Entity::update_many()
            .col_expr(D::State, Expr::val(webhook_delivery::State::Dead))
            .col_expr(D::Failure, Expr::val(Some(webhook_delivery::Failure::NotReadable)))
            .filter(D::Id.eq(row.id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}
