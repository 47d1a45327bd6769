//! Deadlines that come near and that are missed, told once each.
//!
//! Every server may run this at any time: a deadline is told by who marks it first, in the transaction of its event.

use chrono::{DateTime, Utc};
use entity::deadline::{self, Column as C};
use entity::id::{ChildId, DeadlineId, LocalAuthorityId, TypedId as _};
use entity::local_authority;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
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
    /// The time it goes by.
    const fn by(self) -> C {
        match self {
            Self::Approaching => C::ApproachesAt,
            Self::Missed => C::LateAfter,
        }
    }

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

    /// What the access record calls it.
    const fn rule(self) -> &'static str {
        match self {
            Self::Approaching => "APPROACHING",
            Self::Missed => "MISSED",
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
    /// Tells what is due soon and what was missed, and answers how many. What stands provisionally is told like the rest.
    pub(super) async fn tell_deadlines(&self, at: DateTime<Utc>) -> Result<usize> {
        let mut told = 0;
        for turn in [Turn::Missed, Turn::Approaching] {
            for authority in local_authority::Entity::find().all(&self.db.pool).await? {
                loop {
                    let tx = self.begin_upkeep().await?;
                    let some = self.tell_some(&tx, (turn, authority.id), at).await?;
                    tx.commit().await?;
                    told += some;
                    if some == 0 {
                        break;
                    }
                }
            }
        }
        Ok(told)
    }

    /// Tells some of one authority: its rows are locked first, in one order and past those that another has, then its feed,
    /// then the head of the access record, as by everybody.
    async fn tell_some(
        &self,
        tx: &DatabaseTransaction,
        (turn, authority): (Turn, LocalAuthorityId),
        at: DateTime<Utc>,
    ) -> Result<usize> {
        let mut due = deadline::Entity::find()
            .select_only()
            .columns([C::Id, C::ChildId])
            .filter(C::LocalAuthorityId.eq(authority))
            .filter(turn.due(at))
            // by the time of the partial index: by id it would walk every deadline there ever was
            .order_by_asc(turn.by())
            .limit(BATCH);
        // SQLite has one writer, and this is it
        if self.db.is_postgres() {
            due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let due: Vec<(DeadlineId, ChildId)> = due.into_tuple().all(tx).await?;
        if due.is_empty() {
            return Ok(0);
        }
        deadline::Entity::update_many()
            .col_expr(turn.told(), Expr::val(at))
            .filter(C::Id.is_in(due.iter().map(|(id, _)| *id)))
            .exec(tx)
            .await?;
        let events: Vec<_> = due.iter().map(|(id, _)| turn.event(*id)).collect();
        outbox::append_all(tx, authority, &events, at).await?;
        let children: Vec<_> = due.iter().map(|(_, child)| (ChildId::NOUN, child.0)).collect();
        self.record_upkeep(tx, "Deadline", turn.rule(), due.len(), &children, at).await?;
        Ok(due.len())
    }
}
