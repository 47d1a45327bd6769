//! What became of a message: the log, the position, and when it is tried again. Written together, by the server that has the
//! webhook, and by nobody else.

use std::time::Instant;

use chrono::{DateTime, Duration, Utc};
use entity::id::{TypedId as _, WebhookDeliveryId, WebhookId};
use entity::webhook::{self, Column as C, State};
use entity::webhook_delivery::{self, Column as D, Failure};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::courier::{Claimed, Due};
use crate::clock::id_at;
use crate::error::Result;
use crate::store::Store;

/// For so long a message is tried, from when it happened on, or from when the webhook was active again.
const PATIENCE: Duration = Duration::days(3);
/// How long until it is tried again, after each attempt.
const BACK_OFF: [Duration; 9] = [
    Duration::seconds(5),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(5),
    Duration::hours(10),
    Duration::hours(14),
    Duration::hours(20),
    Duration::hours(24),
];
/// Where what happened was not for it, a webhook rests for so long: a look costs a handful of statements, and most of what
/// happens is not for most of them. Whoever sends is told by the feed of what is for it, and does not wait for this.
const LOOK_AGAIN: Duration = Duration::seconds(1);
/// Rows forgotten in one statement.
const FORGOTTEN: u64 = 1000;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was answered with success, in this status.
    Delivered(u16),
    /// It failed; in this status, where there was an answer.
    Failed(Failure, Option<u16>),
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// Delivered, and the webhook is this server's still.
    Delivered,
    /// Delivered, and nothing more is to be sent for now.
    DeliveredLast,
    /// To be tried again.
    Retrying,
    /// Given up.
    Dead,
    /// The webhook is not this server's any more: it is sent again.
    Lost,
}

/// How long to wait after so many attempts in vain: a little more or less, so that not all are tried at the same moment.
fn back_off(attempts: i64, chance: Uuid) -> Duration {
    let place = usize::try_from(attempts - 1).unwrap_or_default();
    let wait = BACK_OFF.get(place).or(BACK_OFF.last()).copied().unwrap_or_default();
    let tenth = i32::try_from(chance.as_u128() % 201).unwrap_or_default() - 100;
    wait + wait / 1000 * tenth
}

/// What an attempt makes of a webhook and of a row of its log.
fn settle(
    hook: &mut webhook::Model,
    log: &mut webhook_delivery::Model,
    (due, attempt, at): (&Due, Attempt, DateTime<Utc>),
    chance: Uuid,
) -> Became {
    log.attempts += 1;
    log.first_at = log.first_at.or(Some(at));
    log.last_at = Some(at);
    let (failure, status) = match attempt {
        Attempt::Delivered(status) => (None, Some(status)),
        Attempt::Failed(failure, status) => (Some(failure), status),
    };
    (log.failure, log.status_code) = (failure, status.map(i32::from));
    let goes_on = |hook: &mut webhook::Model| {
        // where something was missed, the position went on when that was found; since then somebody may have asked for a replay
        if !due.is_replay && due.event.is_some() {
            hook.position = Ord::max(hook.position, due.position);
        }
        (hook.attempts, hook.failing_since, hook.next_at) = (0, None, at);
    };
    if failure.is_none() {
        log.state = webhook_delivery::State::Delivered;
        goes_on(hook);
        return if hook.state == State::Active { Became::Delivered } else { Became::DeliveredLast };
    }
    if failure == Some(Failure::Gone) && hook.state == State::Active {
        hook.state = State::Gone;
        hook.version += 1;
    }
    if due.is_replay {
        // one that is refused again keeps nothing new up
        log.state = webhook_delivery::State::Dead;
        return Became::Dead;
    }
    hook.failing_since = hook.failing_since.or(Some(at));
    hook.attempts += 1;
    if failure != Some(Failure::Gone) && at - Ord::max(due.since, hook.active_since) >= PATIENCE {
        log.state = webhook_delivery::State::Dead;
        goes_on(hook);
        hook.next_at = at + back_off(1, chance);
        return Became::Dead;
    }
    log.state = webhook_delivery::State::Retrying;
    // the last attempt is at the end of the three days, and not after
    hook.next_at = Ord::min(at + back_off(hook.attempts, chance), Ord::max(due.since, hook.active_since) + PATIENCE);
    Became::Retrying
}

impl Store {
    /// Writes what became of a message.
    ///
    /// # Errors
    /// `Unavailable` if the database is: it is sent again.
    pub async fn sent(&self, claimed: &mut Claimed, due: &Due, attempt: Attempt) -> Result<Became> {
        let (at, since) = (self.clock.now(), Instant::now());
        let tx = self.begin_upkeep().await?;
        let Some(mut hook) = self.held(&tx, claimed).await? else {
            tx.rollback().await?;
            return Ok(Became::Lost);
        };
        let was = hook.state;
        let mut log = log_row(&tx, claimed, due, at).await?;
        // where it was said once that something is missing, the event that stands there may be sent again
        log.kind = due.event.as_ref().map(|event| event.kind);
        let was_failing = hook.attempts > 0;
        let became = settle(&mut hook, &mut log, (due, attempt, at), self.clock.new_id());
        if was_failing && became == Became::Delivered {
            left_behind(&tx, claimed, due.position - 1).await?;
        }
        log.into_active_model().reset_all().update(&tx).await?;
        self.write_outcome(&tx, &hook, (became == Became::Delivered).then_some(claimed.lease)).await?;
        if hook.state != was {
            self.record_state(&tx, &hook, at).await?;
        }
        tx.commit().await?;
        (claimed.row, claimed.since) = (hook, since);
        Ok(became)
    }

    /// Writes a webhook as an attempt left it, with a new lease or without one.
    async fn write_outcome(&self, tx: &DatabaseTransaction, hook: &webhook::Model, lease: Option<Uuid>) -> Result<()> {
        let until = if lease.is_some() { self.lease_end() } else { Expr::val(None::<DateTime<Utc>>) };
        webhook::Entity::update_many()
            .col_expr(C::State, Expr::val(hook.state))
            .col_expr(C::Version, Expr::val(hook.version))
            .col_expr(C::Position, Expr::val(hook.position))
            .col_expr(C::Attempts, Expr::val(hook.attempts))
            .col_expr(C::FailingSince, Expr::val(hook.failing_since))
            .col_expr(C::NextAt, Expr::val(hook.next_at))
            .col_expr(C::Lease, Expr::val(lease))
            .col_expr(C::LeasedUntil, until)
            .filter(C::Id.eq(hook.id))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// The webhook, locked, if it is this server's still.
    pub(super) async fn held(&self, tx: &DatabaseTransaction, claimed: &Claimed) -> Result<Option<webhook::Model>> {
        let hook = webhook::Entity::find_by_id(claimed.row.id).filter(C::Lease.eq(claimed.lease)).lock_exclusive();
        Ok(hook.one(tx).await?)
    }

    /// Writes into the access record that nothing more is sent to a webhook, which nobody asked for. It comes last in its
    /// transaction.
    async fn record_state(&self, tx: &DatabaseTransaction, hook: &webhook::Model, at: DateTime<Utc>) -> Result<()> {
        let about = [(WebhookId::NOUN, hook.id.0)];
        self.record_upkeep(tx, WebhookId::NOUN, &hook.state.word(), 1, &about, at).await
    }

    /// Lets go of a webhook; not before `wait` it is looked at again.
    ///
    /// # Errors
    /// `Unavailable` if the database is: then the lease comes to its end.
    pub async fn let_go(&self, claimed: &Claimed, wait: Duration) -> Result<()> {
        let mut update = webhook::Entity::update_many()
            .col_expr(C::Lease, Expr::val(None::<Uuid>))
            .col_expr(C::LeasedUntil, Expr::val(None::<DateTime<Utc>>))
            .filter(C::Id.eq(claimed.row.id))
            .filter(C::Lease.eq(claimed.lease));
        if wait > Duration::zero() {
            update = update.col_expr(C::NextAt, Expr::val(self.clock.now() + wait));
        }
        update.exec(&self.db.pool).await?;
        Ok(())
    }

    /// Notes that nothing up to a position is for the webhook, and lets go of it: for a moment, or not at all where the feed
    /// goes on behind it. False where it is not this server's any more, and then nothing is done.
    pub(super) async fn pass_over(&self, claimed: &mut Claimed, position: i64, head: i64) -> Result<bool> {
        let rest = if position < head { Duration::zero() } else { LOOK_AGAIN };
        let tx = self.begin_upkeep().await?;
        let Some(mut hook) = self.held(&tx, claimed).await? else {
            tx.rollback().await?;
            return Ok(false);
        };
        if hook.attempts > 0 {
            left_behind(&tx, claimed, position).await?;
        }
        hook.position = Ord::max(hook.position, position);
        (hook.attempts, hook.failing_since) = (0, None);
        hook.next_at = self.clock.now() + rest;
        self.write_outcome(&tx, &hook, None).await?;
        tx.commit().await?;
        claimed.row = hook;
        Ok(true)
    }

    /// Suspends a webhook that follows nobody any more.
    pub(super) async fn suspend_webhook(&self, claimed: &Claimed) -> Result<()> {
        let tx = self.begin_upkeep().await?;
        // somebody may have paused it, or taken it over, since it was claimed
        let follows = |hook: &webhook::Model| {
            hook.state == State::Active
                && hook.practitioner_id == claimed.row.practitioner_id
                && hook.followed_since == claimed.row.followed_since
        };
        let Some(mut hook) = self.held(&tx, claimed).await?.filter(follows) else {
            return Ok(tx.rollback().await?);
        };
        hook.state = State::Suspended;
        hook.version += 1;
        self.write_outcome(&tx, &hook, None).await?;
        self.record_state(&tx, &hook, self.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that what is behind the position is not kept, and goes on from the newest: it is said by a row of the log, which
    /// waits until it is sent. Answers when that was found; `None` where the webhook is not this server's any more.
    pub(super) async fn miss(&self, claimed: &mut Claimed, head: i64) -> Result<Option<DateTime<Utc>>> {
        let at = self.clock.now();
        let tx = self.begin_upkeep().await?;
        let Some(hook) = self.held(&tx, claimed).await? else {
            tx.rollback().await?;
            return Ok(None);
        };
        let mut hook = hook.into_active_model();
        hook.position = Set(head);
        // an event that stands there already is one of those that were missed
        let was = D::WebhookId.eq(claimed.row.id).and(D::Position.eq(head));
        webhook_delivery::Entity::delete_many().filter(was).exec(&tx).await?;
        new_row(claimed, head, None, at).into_active_model().reset_all().insert(&tx).await?;
        claimed.row = hook.update(&tx).await?;
        tx.commit().await?;
        Ok(Some(at))
    }

    /// Forgets the log from before an instant, and webhooks that ended before it, and answers how many rows that were. In steps of a thousand, may be stopped
    /// anywhere.
    ///
    /// # Errors
    /// `Unavailable` if the database is; what was forgotten until then is.
    pub(in crate::store) async fn forget_deliveries(&self, before: DateTime<Utc>) -> Result<u64> {
        let mut forgotten = 0;
        loop {
            let some: Vec<WebhookDeliveryId> = webhook_delivery::Entity::find()
                .select_only()
                .column(D::Id)
                .filter(D::MadeAt.lt(before))
                .order_by_asc(D::MadeAt)
                .limit(FORGOTTEN)
                .into_tuple()
                .all(&self.db.pool)
                .await?;
            let (many, last) = (some.len() as u64, (some.len() as u64) < FORGOTTEN);
            if many > 0 {
                webhook_delivery::Entity::delete_many().filter(D::Id.is_in(some)).exec(&self.db.pool).await?;
            }
            forgotten += many;
            if last {
                break;
            }
        }
        // their log went before them
        let ended = webhook::Entity::delete_many().filter(C::State.eq(State::Removed)).filter(C::NextAt.lt(before));
        Ok(forgotten + ended.exec(&self.db.pool).await?.rows_affected)
    }
}

/// What could not be sent up to a position, and is not for the reader any more: it was passed over.
async fn left_behind(db: &impl ConnectionTrait, claimed: &Claimed, position: i64) -> Result<()> {
    webhook_delivery::Entity::update_many()
        .col_expr(D::State, Expr::val(webhook_delivery::State::Dead))
        .col_expr(D::Failure, Expr::val(Some(Failure::NotReadable)))
        .filter(D::WebhookId.eq(claimed.row.id))
        .filter(D::State.eq(webhook_delivery::State::Retrying))
        .filter(D::Kind.is_not_null())
        .filter(D::Position.lte(position))
        .exec(db)
        .await?;
    Ok(())
}

fn new_row(
    claimed: &Claimed,
    position: i64,
    kind: Option<entity::event::Kind>,
    at: DateTime<Utc>,
) -> webhook_delivery::Model {
    webhook_delivery::Model {
        id: WebhookDeliveryId(id_at(at)),
        webhook_id: claimed.row.id,
        agency_id: claimed.row.agency_id,
        position,
        kind,
        state: webhook_delivery::State::Retrying,
        attempts: 0,
        first_at: None,
        last_at: None,
        status_code: None,
        failure: None,
        made_at: at,
    }
}

/// The row of the log that a message has, or gets.
async fn log_row(
    tx: &DatabaseTransaction,
    claimed: &Claimed,
    due: &Due,
    at: DateTime<Utc>,
) -> Result<webhook_delivery::Model> {
    let known =
        webhook_delivery::Entity::find().filter(D::WebhookId.eq(claimed.row.id)).filter(D::Position.eq(due.position));
    if let Some(row) = known.one(tx).await? {
        return Ok(row);
    }
    let row = new_row(claimed, due.position, due.event.as_ref().map(|event| event.kind), at);
    Ok(row.into_active_model().reset_all().insert(tx).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_back_off_takes_three_days() {
        let chance = |millis: u128| Uuid::from_u128(millis);
        assert_eq!(back_off(1, chance(100)), Duration::seconds(5));
        assert_eq!(back_off(9, chance(100)), Duration::hours(24));
        assert_eq!(back_off(99, chance(100)), Duration::hours(24));
        let all: Duration = (1..=9).map(|attempts| back_off(attempts, chance(100))).sum();
        assert!(all >= PATIENCE && all - BACK_OFF[8] < PATIENCE);
        let (least, most) = (back_off(5, chance(0)), back_off(5, chance(200)));
        assert_eq!((least, most), (Duration::minutes(270), Duration::minutes(330)));
    }
}
