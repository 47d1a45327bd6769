//! The feed: events written in the transaction they tell of, at positions without gaps.
//!
//! A position is taken by updating the authority's counter row, which the transaction then holds until it ends: a
//! later position cannot become visible before an earlier one. (A database sequence would let that happen.)

use chrono::{DateTime, Utc};
use entity::id::{ChildId, EventId, LocalAuthorityId};
use entity::{child, event, feed};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Value};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, EntityTrait, IntoActiveModel,
    Iterable as _, ModelTrait as _, QueryFilter, Statement,
};
use tokio::sync::watch;

use super::read::Rows;
use super::record_set::record_set;
use super::visible::events_about;
use super::{Scoped, Store};
use crate::clock::id_at;
use crate::error::{Error, Result};
use crate::event::Event;

/// Places of the feed that are read in one statement: of a reader of whom little is told, all of them are asked about, and who
/// comes from long ago would have a statement that never ends.
pub const WINDOW: i64 = 2000;

/// What some events name: the columns that one of them fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named(u64);

impl Named {
    /// Whatever an event can name.
    pub const ALL: Self = Self(u64::MAX);

    /// What an event names.
    pub fn of(row: &event::Model) -> Self {
        let is_filled = |column: &event::Column| {
            let value = row.get(*column);
            value != value.as_null()
        };
        event::Column::iter().filter(is_filled).fold(Self::default(), |all, column| Self(all.0 | Self::bit(column)))
    }

    const fn bit(column: event::Column) -> u64 {
        // fewer columns than bits; were there more, two would share one and both be asked about
        1 << (column as u64 % 64)
    }

    /// True if one of the events names something by this column.
    pub const fn holds(self, column: event::Column) -> bool {
        self.0 & Self::bit(column) != 0
    }

    /// What these events or the others name.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Which events somebody wants.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of these kinds; of all where none is named.
    pub kinds: Vec<event::Kind>,
    /// About this child; about all where none is named.
    pub child: Option<ChildId>,
}

/// Wakes those who wait for events. A ring may be missed without loss: the table is the truth.
#[derive(Clone)]
pub struct Bell(watch::Sender<u64>);

impl Default for Bell {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Bell {
    pub(super) fn ring(&self) {
        self.0.send_modify(|n| *n = n.wrapping_add(1));
    }
}

impl Store {
    /// A receiver that changes after each commit of this process.
    pub fn bell(&self) -> watch::Receiver<u64> {
        self.bell.0.subscribe()
    }
}

/// The counter moves and the events, which come with their places from 1 on, go in behind where it stood.
const TELL: &str = "WITH moved AS (
    UPDATE feed SET position = position + $2 WHERE local_authority_id = $1 RETURNING position - $2 AS before
  )
  INSERT INTO event SELECT told.* FROM moved,
    jsonb_array_elements($3::jsonb) row,
    jsonb_populate_record(NULL::event,
      row || jsonb_build_object('position', moved.before + (row->>'position')::bigint)) told";

/// Takes the next positions of an authority's feed and writes events there. Who tells several authorities does so in the
/// order of their ids, so that no two wait for each other.
pub(super) async fn append_all(
    tx: &DatabaseTransaction,
    authority: LocalAuthorityId,
    events: &[Event],
    at: DateTime<Utc>,
) -> Result<()> {
    let many = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let row = |position, event: &Event| event.row(authority, position, EventId(id_at(at)), at);
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        let rows = (1..).zip(events).map(|(place, event)| row(place, event)).collect();
        let values: [Value; 3] = [authority.into(), many.into(), record_set::<event::Entity>(rows).into()];
        let told = tx.execute_raw(Statement::from_sql_and_values(DatabaseBackend::Postgres, TELL, values)).await?;
        return if told.rows_affected() == 0 && many > 0 { Err(no_feed()) } else { Ok(()) };
    }
    let last = feed::Entity::update_many()
        .col_expr(feed::Column::Position, Expr::col(feed::Column::Position).add(many))
        .filter(feed::Column::LocalAuthorityId.eq(authority))
        .exec_with_returning(tx)
        .await?
        .pop()
        .ok_or_else(no_feed)?
        .position;
    let rows =
        (last - many + 1..).zip(events).map(|(position, event)| row(position, event).into_active_model().reset_all());
    event::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

fn no_feed() -> Error {
    Error::internal("the authority has no feed")
}

impl Scoped {
    /// The position of the newest event of the reader's authority, seen or not: where «from now on» begins.
    pub async fn feed_position(&self) -> Result<i64> {
        let row = feed::Entity::find_by_id(self.who.authority).one(&self.store.db.reads).await?;
        Ok(row.map_or(0, |r| r.position))
    }

    /// Up to `limit` events behind `position` and up to `up_to` that this reader may see now and that are `wanted`.
    /// Rights are those at the time of reading, not those at the time of the event. The two are [`WINDOW`] apart at the most,
    /// where nobody says how much there is.
    pub async fn events_between(
        &self,
        position: i64,
        up_to: i64,
        wanted: &Wanted,
        limit: u64,
    ) -> Result<Vec<event::Model>> {
        self.events_that_name(Named::ALL, (position, up_to), wanted, limit).await
    }

    /// The same, of those that name nothing but what is `named`: of few columns much less is asked than of all.
    pub async fn events_that_name(
        &self,
        named: Named,
        (position, up_to): (i64, i64),
        wanted: &Wanted,
        limit: u64,
    ) -> Result<Vec<event::Model>> {
        let mut select = Rows::of_events(self, named)
            .filter(event::Column::Position.gt(position))
            .filter(event::Column::Position.lte(up_to));
        if !wanted.kinds.is_empty() {
            select = select.filter(event::Column::Kind.is_in(wanted.kinds.iter().copied()));
        }
        if let Some(child) = wanted.child {
            select = select.filter(events_about(&self.who, child));
        }
        select.order_by(event::Column::Position, Order::Asc).limit(limit).all().await
    }

    /// The same, of all there are, and of what is kept where nothing else is said: window after window, until there are as many,
    /// or no more. What happened after the reader's rights were read, and all behind it, is for the next reading.
    ///
    /// # Errors
    /// `ResyncRequired` if something behind the position was forgotten.
    pub async fn events_after(&self, position: Option<i64>, wanted: &Wanted, limit: u64) -> Result<Vec<event::Model>> {
        let span = self.feed_span().await?;
        let mut rows = Vec::new();
        let mut from = position.unwrap_or(span.forgotten);
        let head = if from < span.head { self.in_time((from, span.head)).await? } else { span.head };
        while from < head && (rows.len() as u64) < limit {
            let until = Ord::min(head, from.saturating_add(WINDOW));
            rows.extend(self.events_between(from, until, wanted, limit - rows.len() as u64).await?);
            from = until;
        }
        // behind the reading: what was forgotten until now may be missing from it
        if let Some(position) = position {
            self.feed_span().await?.goes_on(position)?;
        }
        Ok(rows)
    }

    /// True if what is wanted can still be had: the child it is about is there and visible. Nothing of it is handed out.
    pub async fn may_hear(&self, wanted: &Wanted) -> Result<bool> {
        let Some(child) = wanted.child else { return Ok(true) };
        self.rows::<child::Entity>().filter(child::Column::Id.eq(child)).exist().await
    }

    /// The store this scope reads from.
    pub fn store(&self) -> &Store {
        &self.store
    }
}
