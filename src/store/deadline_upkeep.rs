//! Deadlines that come near and that are missed, told once each.
//!
//! Every server may run this at any time: a deadline is told by who marks it first, in the transaction of its event.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::deadline::{self, Column as C};
use entity::id::{DeadlineId, LocalAuthorityId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::deadline::open;
use super::{Store, outbox};
use crate::error::Result;
use crate::event::Event;

/// Deadlines told in one transaction: the feed of an authority is held for as long.
const BATCH: u64 = 200;

/// What there is to tell of a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Approaching,
    Missed,
}

impl Turn {
    /// The column that says since when it is told.
    const fn told(self) -> C {
        match self {
            Self::Approaching => C::ApproachingToldAt,
            Self::Missed => C::MissedToldAt,
        }
    }

    /// The deadlines it is to be told of. One that nobody was told of before it was missed is told as missed only.
    fn due(self, at: DateTime<Utc>) -> Condition {
        let untold = open().add(self.told().is_null());
        match self {
            Self::Approaching => untold.add(C::ApproachesAt.lte(at)).add(C::LateAfter.gte(at)),
            Self::Missed => untold.add(C::LateAfter.lt(at)),
        }
    }

    const fn event(self, id: DeadlineId) -> Event {
        match self {
            Self::Approaching => Event::DeadlineApproaching(id),
            Self::Missed => Event::DeadlineMissed(id),
        }
    }
}

impl Store {
    /// Tells what is due soon and what was missed, and answers how many. What an authority only shows, and what stands
    /// provisionally, is told like the rest.
    pub(super) async fn tell_deadlines(&self, at: DateTime<Utc>) -> Result<usize> {
        let mut told = 0;
        for turn in [Turn::Missed, Turn::Approaching] {
            loop {
                let tx = self.begin_upkeep().await?;
                let some = self.tell_some(&tx, turn, at).await?;
                tx.commit().await?;
                told += some;
                if some == 0 {
                    break;
                }
            }
        }
        Ok(told)
    }

    async fn tell_some(&self, tx: &DatabaseTransaction, turn: Turn, at: DateTime<Utc>) -> Result<usize> {
        let ids: Vec<(DeadlineId, LocalAuthorityId)> = deadline::Entity::find()
            .select_only()
            .columns([C::Id, C::LocalAuthorityId])
            .filter(turn.due(at))
            .order_by_asc(C::LateAfter)
            .limit(BATCH)
            .into_tuple()
            .all(tx)
            .await?;
        let mut by_authority: BTreeMap<LocalAuthorityId, Vec<DeadlineId>> = BTreeMap::new();
        for (id, authority) in ids {
            by_authority.entry(authority).or_default().push(id);
        }
        let mut told = 0;
        for (authority, ids) in by_authority {
            // who marks a row tells it: another server that read the same finds it marked
            let marked = deadline::Entity::update_many()
                .col_expr(turn.told(), Expr::val(at))
                .filter(C::Id.is_in(ids))
                .filter(turn.due(at))
                .exec_with_returning(tx)
                .await?;
            let mut ids: Vec<_> = marked.into_iter().map(|row| row.id).collect();
            ids.sort_unstable();
            let events: Vec<_> = ids.into_iter().map(|id| turn.event(id)).collect();
            if !events.is_empty() {
                outbox::append_all(tx, authority, &events, at).await?;
            }
            told += events.len();
        }
        Ok(told)
    }
}
