//! A write: one transaction with its idempotency key, its event and its audit rows.
//!
//! There is no other commit than [`Tx::commit`], and it wants an [`Event`], but for what the feed cannot tell of, as that is
//! how the feed is read (webhooks). Dropping a `Tx` takes everything back,
//! which is how a dry run and a refusal leave nothing behind.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::id::{LocalAuthorityId, TypedId};
use entity::idempotency;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PrimaryKeyTrait, QueryFilter, QueryOrder,
    QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait, TryInsertResult,
};
use uuid::Uuid;

use super::connect::is_out_of_time;
use super::in_flight::Flight;
use super::read::Rows;
use super::visible::Visible;
use super::{Scoped, Store, outbox};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::policy::Standing;
use crate::policy::actions::Action;
use crate::practice::calendar::Calendar;

/// How long a twin waits for the first.
const PATIENCE: Duration = Duration::from_secs(5);

/// What every write says of itself.
#[derive(Clone, Debug)]
pub struct Write {
    /// The caller's key: the same key and input answer the same again.
    pub key: Uuid,
    /// SHA-256 over the input, lower-case hex.
    pub fingerprint: String,
    /// True to check everything and write nothing.
    pub dry_run: bool,
}

/// A transaction on behalf of one standing.
pub struct Tx {
    pub(super) inner: DatabaseTransaction,
    scope: Scoped,
    result: Uuid,
    dry_run: bool,
    _flight: Flight,
}

/// The two ways a write can begin.
#[expect(clippy::large_enum_variant, reason = "there is one a request")]
pub enum Begun {
    /// The first time: go on.
    Fresh(Tx),
    /// Done before with this key and input: the id of what was written then.
    Replayed(Uuid),
}

impl Scoped {
    /// Begins `A` under the caller's key. `result` is the id of what will be written, minted or named beforehand,
    /// so that the key can be taken first: a concurrent twin waits for it and then reads the answer.
    ///
    /// # Errors
    /// `KeyReused` if the key was used with another input or for another act; `InFlight` if the change with this key is
    /// being made still, and goes on being made for longer than a caller waits.
    pub async fn begin<A: Action>(&self, write: &Write, result: Uuid) -> Result<Begun> {
        let options = TransactionOptions {
            // a SQLite transaction that reads first and then writes fails at once if another writer came between
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let flight = self.store.in_flight.begin((self.who.agency, write.key), PATIENCE).await?;
        let inner = self.store.db.pool.begin_with_options(options).await?;
        let taken = idempotency::Entity::insert(idempotency::ActiveModel {
            agency_id: Set(self.who.agency),
            key: Set(write.key),
            action: Set(A::NAME.to_owned()),
            fingerprint: Set(write.fingerprint.clone()),
            result_id: Set(result),
            created_at: Set(self.who.at),
        })
        .on_conflict_do_nothing()
        .exec_without_returning(&inner)
        .await
        // nothing but the same key keeps this statement waiting: another process makes the change
        .map_err(|error| if is_out_of_time(&error) { Error::InFlight } else { error.into() })?;
        // a key that was taken is told as «inserted» with no row
        if matches!(taken, TryInsertResult::Inserted(1)) {
            let dry_run = write.dry_run;
            return Ok(Begun::Fresh(Tx { inner, scope: self.clone(), result, dry_run, _flight: flight }));
        }
        let before = idempotency::Entity::find_by_id((self.who.agency, write.key)).one(&inner).await?;
        inner.rollback().await?;
        match before {
            Some(row) if row.action == A::NAME && row.fingerprint == write.fingerprint => {
                Ok(Begun::Replayed(row.result_id))
            }
            Some(_) => Err(Error::KeyReused),
            None => Err(Error::Unavailable),
        }
    }
}

/// Keys forgotten in one statement, about: writers of keys are never kept long.
const FORGOTTEN: u64 = 1000;

impl Store {
    /// Forgets the keys of writes that were made before an instant, and answers how many: a retry after that is a write
    /// of its own. In steps of a thousand, so that it can run while others write; may be stopped anywhere.
    ///
    /// # Errors
    /// `Unavailable` if the database is; what was forgotten until then is.
    pub(super) async fn forget_keys(&self, before: DateTime<Utc>) -> Result<u64> {
        use idempotency::{Column as C, Entity};
        let mut forgotten = 0;
        loop {
            let step: Option<DateTime<Utc>> = Entity::find()
                .select_only()
                .column(C::CreatedAt)
                .filter(C::CreatedAt.lt(before))
                .order_by_asc(C::CreatedAt)
                .offset(FORGOTTEN - 1)
                .limit(1)
                .into_tuple()
                .one(&self.db.pool)
                .await?;
            let old = step.map_or_else(|| C::CreatedAt.lt(before), |last| C::CreatedAt.lte(last));
            forgotten += Entity::delete_many().filter(old).exec(&self.db.pool).await?.rows_affected;
            if step.is_none() {
                return Ok(forgotten);
            }
        }
    }
}

impl Tx {
    /// On whose behalf.
    pub fn who(&self) -> &Standing {
        self.scope.who()
    }

    /// The scope the transaction was begun from.
    pub const fn scope(&self) -> &Scoped {
        &self.scope
    }

    /// The calendar it goes by.
    pub fn calendar(&self) -> &Calendar {
        &self.scope.store.practice.calendar
    }

    /// A new id.
    pub fn new_id(&self) -> Uuid {
        self.scope.store.clock.new_id()
    }

    /// One row by its id, read by this transaction and not locked; absent and invisible are the same. What is asked of the
    /// scope instead goes by a connection of its own, for which this transaction would wait with the writer's lock in hand.
    pub async fn by_id<E>(&self, id: <E::PrimaryKey as PrimaryKeyTrait>::ValueType) -> Result<E::Model>
    where
        E: Visible,
        <E::PrimaryKey as PrimaryKeyTrait>::ValueType: TypedId + Into<sea_orm::Value>,
    {
        self.rows::<E>().named(id).await
    }

    /// Reads one row in scope and locks it until the end of the transaction.
    pub async fn lock<E>(&self, id: <E::PrimaryKey as PrimaryKeyTrait>::ValueType) -> Result<E::Model>
    where
        E: Visible,
        <E::PrimaryKey as PrimaryKeyTrait>::ValueType: TypedId + Into<sea_orm::Value>,
    {
        self.rows::<E>().locked().named(id).await
    }

    /// Reads rows in scope inside the transaction.
    pub(super) fn rows<E: Visible>(&self) -> Rows<'_, E> {
        self.scope.rows::<E>().within(&self.inner)
    }

    /// Commits the change with its event and its audit rows, and wakes the subscribers; on a dry run takes
    /// everything back. Answers the id of what was written, or `None` on a dry run.
    pub async fn commit<A: Action>(self, event: Event) -> Result<Option<Uuid>> {
        let own = self.who().authority;
        self.commit_to::<A>(event, BTreeSet::from([own])).await
    }

    /// Commits like [`Self::commit`], and tells the event in the feeds of several authorities.
    pub async fn commit_to<A: Action>(
        self,
        event: Event,
        authorities: BTreeSet<LocalAuthorityId>,
    ) -> Result<Option<Uuid>> {
        self.commit_all::<A>(&[event], authorities).await
    }

    /// Commits like [`Self::commit`], and tells what followed from the change as well. The first event is the change's own.
    pub async fn commit_with<A: Action>(
        self,
        event: Event,
        also: impl IntoIterator<Item = Event>,
    ) -> Result<Option<Uuid>> {
        let own = self.who().authority;
        let events: Vec<_> = std::iter::once(event).chain(also).collect();
        self.commit_all::<A>(&events, BTreeSet::from([own])).await
    }

    /// Commits a change of how the feed itself is read, of which the feed does not tell: a webhook would be sent the news of
    /// its own registration. It stands in the access record like every change, and wakes who waits for something to send.
    pub(super) async fn commit_untold<A: Action>(self, noun: &'static str) -> Result<Option<Uuid>> {
        self.finish::<A>(noun).await
    }

    async fn commit_all<A: Action>(
        self,
        events: &[Event],
        authorities: BTreeSet<LocalAuthorityId>,
    ) -> Result<Option<Uuid>> {
        let Some(own) = events.first() else { return Err(Error::internal("a change without an event")) };
        // the feed's counter is the one row all writers of an authority meet at, the head of the access record the
        // one all of them meet at: taken last, held shortest, and by everybody in this order
        for authority in authorities {
            outbox::append_all(&self.inner, authority, events, self.who().at).await?;
        }
        self.finish::<A>(own.noun()).await
    }

    async fn finish<A: Action>(self, noun: &'static str) -> Result<Option<Uuid>> {
        let appended = self.append_audit::<A>(self.result, noun).await?;
        if self.dry_run {
            appended.taken_back(&self.scope);
            self.inner.rollback().await?;
            return Ok(None);
        }
        let store = self.scope.store.clone();
        if let Err(error) = self.inner.commit().await {
            appended.taken_back(&self.scope);
            return Err(error.into());
        }
        appended.stands(&store.audit);
        store.bell.ring();
        Ok(Some(self.result))
    }
}
