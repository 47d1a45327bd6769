//! What stood on records, what is missing on them, and the scores given: from the records as practice sees them.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entity::entry;
use entity::id::{ChildId, ConferenceId, CoreGroupId, StrategyMeetingId};

use super::Shared;
use crate::practice::scoring::Scores;
use crate::store::Scoped;
use crate::store::attendance::{AtTheTable, Table};
use crate::store::core_group::CoreGroupStanding;
use crate::store::record::RecordId;
use crate::store::record::sheet::{Gap, Stand};

/// What is made for many at once, by the id of each: the question, what answers it, and who makes that.
macro_rules! made_for_each {
    ($($(#[$meta:meta])* $key:ident($id:ty) -> $value:ty = $make:ident;)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $key(pub $id);

        impl Loader<$key> for Scoped {
            type Value = $value;
            type Error = Shared;
            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, Shared> {
                let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
                let made = self.$make(&ids).await.map_err(Arc::new)?;
                Ok(made.into_iter().map(|(id, value)| ($key(id), value)).collect())
            }
        }
    )+ };
}

made_for_each! {
    /// What the reader's authority asks for on a record and is not there.
    MissingOn(RecordId) -> Vec<Gap> = missing_on;
    /// How far what is on a record has come that goes through several states.
    PathsOn(RecordId) -> Vec<Stand> = paths_on;
    /// The scores on a record, by child.
    ScoresOn(RecordId) -> Vec<(ChildId, Scores)> = scores_on;
    /// Who is or was at the table of a conference.
    TableOf(ConferenceId) -> Table = tables_of;
    /// How far a core group is, and its next meeting.
    StandingOf(CoreGroupId) -> CoreGroupStanding = core_group_standings;
    /// Whether a strategy meeting had its minimum, or is expected to.
    QuorumOf(StrategyMeetingId) -> AtTheTable = strategy_tables_of;
}

/// What stood on a record at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoodOn(pub RecordId, pub DateTime<Utc>);

impl Loader<StoodOn> for Scoped {
    type Value = Vec<entry::Model>;
    type Error = Shared;
    async fn load(&self, keys: &[StoodOn]) -> Result<HashMap<StoodOn, Self::Value>, Shared> {
        let keys: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let stood = self.stood_on(&keys).await.map_err(Arc::new)?;
        Ok(stood.into_iter().map(|((record, at), rows)| (StoodOn(record, at), rows)).collect())
    }
}
