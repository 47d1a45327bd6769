//! Whether the frozen figures of an escalation are told: they count meetings, and one of these may be kept from who reads them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use entity::escalation_entry;
use entity::id::{AgencyId, EscalationId};
use entity::invitation::{self, Column as I};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::clock::london_day;
use crate::error::Result;
use crate::store::Scoped;
use crate::store::loaders::{Loader, Shared};
use crate::store::visible::{counted_and_closed, entries_kept};

/// Asks whether an escalation counts a meeting that is kept from the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CountedBy {
    /// Which escalation.
    pub id: EscalationId,
    /// Whose meetings.
    pub agency: AgencyId,
    /// From when on.
    pub from: NaiveDate,
    /// The first day after.
    pub until: NaiveDate,
}

/// Closed invitations that are looked at: of whom more is closed, all is kept.
const MOST_CLOSED: u64 = 10_000;

impl Loader<CountedBy> for Scoped {
    /// True where nothing is kept.
    type Value = bool;
    type Error = Shared;

    async fn load(&self, keys: &[CountedBy]) -> std::result::Result<HashMap<CountedBy, bool>, Shared> {
        self.told_in_whole(keys).await.map_err(Arc::new)
    }
}

impl Scoped {
    async fn told_in_whole(&self, keys: &[CountedBy]) -> Result<HashMap<CountedBy, bool>> {
        use escalation_entry::Column as E;
        // SECURITY: read past the row rule: nothing leaves but that something is kept, which the withheld figures say
        let kept: Vec<EscalationId> = escalation_entry::Entity::find()
            .select_only()
            .column(E::EscalationId)
            .distinct()
            .filter(E::EscalationId.is_in(keys.iter().map(|key| key.id)))
            .filter(entries_kept(&self.who))
            .into_tuple()
            .all(&self.store.db.pool)
            .await?;
        let closed: Vec<(AgencyId, DateTime<Utc>)> = invitation::Entity::find()
            .select_only()
            .columns([I::AgencyId, I::ScheduledAt])
            .filter(I::AgencyId.is_in(keys.iter().map(|key| key.agency)))
            .filter(counted_and_closed(&self.who))
            .limit(MOST_CLOSED)
            .into_tuple()
            .all(&self.store.db.pool)
            .await?;
        let many = closed.len() as u64 >= MOST_CLOSED;
        let counts = |key: &CountedBy, (agency, at): &(AgencyId, DateTime<Utc>)| {
            key.agency == *agency && (key.from..key.until).contains(&london_day(*at))
        };
        let told = |key: &CountedBy| !many && !kept.contains(&key.id) && !closed.iter().any(|each| counts(key, each));
        Ok(keys.iter().map(|key| (*key, told(key))).collect())
    }
}
