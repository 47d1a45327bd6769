//! How far the feed of an authority reaches: from the last event that was forgotten to the newest. Whoever holds a position
//! asks here whether it can still go on, so that what is missing is said and never passed over.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::id::LocalAuthorityId;
use entity::{event, feed, local_authority};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::outbox::WINDOW;
use super::{Scoped, Store, Tx};
use crate::error::{Error, Result};

/// How far the clock of another server may go ahead of this one's: what happened «later than now» is waited for, so that it is
/// read with the rights that came with it.
pub const AHEAD: Duration = Duration::from_secs(2);
/// Events forgotten in one transaction: writers of the authority wait for it.
const FORGOTTEN: u64 = 1000;

/// The events that a feed holds: those behind one position, up to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The last position that was forgotten.
    pub forgotten: i64,
    /// The position of the newest event.
    pub head: i64,
}

impl Span {
    /// That nothing is missing of what comes behind a position.
    ///
    /// # Errors
    /// `ResyncRequired` if some of it was forgotten, or if the position is not there yet, as after an old copy of the
    /// database was put back.
    pub fn goes_on(self, position: i64) -> Result<()> {
        if (self.forgotten..=self.head).contains(&position) { Ok(()) } else { Err(Error::ResyncRequired) }
    }

    /// How many events it holds: positions have no gaps.
    pub const fn len(self) -> i64 {
        self.head - self.forgotten
    }

    /// True where it holds none.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl From<feed::Model> for Span {
    fn from(row: feed::Model) -> Self {
        Self { forgotten: row.forgotten, head: row.position }
    }
}

impl Store {
    /// What the feed of an authority holds now. Asked *behind* a reading of events it vouches for them: what is forgotten
    /// after the answer was there when they were read.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn feed_span(&self, authority: LocalAuthorityId) -> Result<Span> {
        let row = feed::Entity::find_by_id(authority).one(&self.db.reads).await?;
        Ok(row.map_or_else(Span::default, Span::from))
    }

    /// What the feeds of all authorities hold.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn feed_spans(&self) -> Result<HashMap<LocalAuthorityId, Span>> {
        let rows = feed::Entity::find().all(&self.db.reads).await?;
        Ok(rows.into_iter().map(|row| (row.local_authority_id, row.into())).collect())
    }

    /// Forgets the events from before an instant, and answers how many. In steps of a thousand from the oldest on, each with
    /// the position it came to; may be stopped anywhere.
    ///
    /// # Errors
    /// `Unavailable` if the database is; what was forgotten until then is.
    pub(super) async fn forget_events(&self, before: DateTime<Utc>) -> Result<u64> {
        let mut forgotten = 0;
        for authority in local_authority::Entity::find().all(&self.db.pool).await? {
            loop {
                let some = self.forget_some(authority.id, before).await?;
                forgotten += some;
                if some < FORGOTTEN {
                    break;
                }
            }
        }
        Ok(forgotten)
    }

    async fn forget_some(&self, authority: LocalAuthorityId, before: DateTime<Utc>) -> Result<u64> {
        use event::Column as E;
        let oldest: Vec<(i64, DateTime<Utc>)> = event::Entity::find()
            .select_only()
            .columns([E::Position, E::OccurredAt])
            .filter(E::LocalAuthorityId.eq(authority))
            .order_by_asc(E::Position)
            .limit(FORGOTTEN)
            .into_tuple()
            .all(&self.db.pool)
            .await?;
        // a cursor is a position: what is kept has none from before it missing, whatever their instants
        let Some((last, _)) = oldest.into_iter().take_while(|(_, at)| *at < before).last() else { return Ok(0) };
        let tx = self.begin_upkeep().await?;
        feed::Entity::update_many()
            .col_expr(feed::Column::Forgotten, Expr::val(last))
            .filter(feed::Column::LocalAuthorityId.eq(authority))
            .filter(feed::Column::Forgotten.lt(last))
            .exec(&tx)
            .await?;
        let gone = event::Entity::delete_many()
            .filter(E::LocalAuthorityId.eq(authority))
            .filter(E::Position.lte(last))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(gone.rows_affected)
    }
}

impl Scoped {
    /// What the feed of the reader's authority holds now: see [`Store::feed_span`].
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn feed_span(&self) -> Result<Span> {
        self.store.feed_span(self.who.authority).await
    }

    /// How long until the latest of what stands behind one position, up to another, in the reader's feed, seen or not, is no later
    /// than the reader's rights would be: [`AHEAD`] at the most. Instants do not follow the order of positions: a change takes its
    /// instant when it begins, and its position when it ends. Of a longer span its last [`WINDOW`] are looked at.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn ahead(&self, (after, up_to): (i64, i64)) -> Result<Duration> {
        // SECURITY: read past the row rule: the instant alone, which nobody is told
        let at = self.last_of((after, up_to)).select_only().expr(event::Column::OccurredAt.max());
        let latest = at.into_tuple::<Option<DateTime<Utc>>>().one(&self.store.db.reads).await?.flatten();
        let ahead = latest.and_then(|latest| (latest - self.who.at).to_std().ok()).unwrap_or_default();
        Ok(ahead.min(AHEAD))
    }

    /// Up to which of these positions nothing happened later than the reader's rights were read. What did may have come with
    /// rights of its own: who passed over it would never hear of it.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub(super) async fn in_time(&self, (after, up_to): (i64, i64)) -> Result<i64> {
        use event::Column as E;
        // SECURITY: read past the row rule: a position alone, behind which nothing is read
        let later = self.last_of((after, up_to)).filter(E::OccurredAt.gt(self.who.at));
        let first = later.select_only().expr(E::Position.min()).into_tuple::<Option<i64>>();
        Ok(first.one(&self.store.db.reads).await?.flatten().map_or(up_to, |first| first - 1))
    }

    fn last_of(&self, (after, up_to): (i64, i64)) -> Select<event::Entity> {
        use event::Column as E;
        event::Entity::find()
            .filter(E::LocalAuthorityId.eq(self.who.authority))
            .filter(E::Position.gt(after.max(up_to - WINDOW)))
            .filter(E::Position.lte(up_to))
    }
}

impl Tx {
    async fn span(&self) -> Result<Span> {
        let row = feed::Entity::find_by_id(self.who().authority).one(&self.inner).await?;
        Ok(row.map_or_else(Span::default, Span::from))
    }

    /// The position of the newest event of the writer's authority, as the transaction sees it.
    pub(super) async fn feed_head(&self) -> Result<i64> {
        Ok(self.span().await?.head)
    }

    /// That nothing is missing of what comes behind a position.
    ///
    /// # Errors
    /// `ResyncRequired` if some of it was forgotten, or if the position is not there yet.
    pub(super) async fn feed_goes_on(&self, position: i64) -> Result<()> {
        self.span().await?.goes_on(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_goes_on_where_nothing_behind_it_is_missing() {
        let span = Span { forgotten: 7, head: 9 };
        let goes_on: Vec<_> = (5..=11).filter(|position| span.goes_on(*position).is_ok()).collect();
        assert_eq!(goes_on, [7, 8, 9]);
        assert_eq!((span.len(), Span::default().is_empty()), (2, true));
        assert!(matches!(span.goes_on(6), Err(Error::ResyncRequired)));
    }
}
