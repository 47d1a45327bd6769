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

/// What the reader's authority asks for on a record and is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MissingOn(pub RecordId);

impl Loader<MissingOn> for Scoped {
    type Value = Vec<Gap>;
    type Error = Shared;
    async fn load(&self, keys: &[MissingOn]) -> Result<HashMap<MissingOn, Vec<Gap>>, Shared> {
        let records: Vec<_> = keys.iter().map(|key| key.0).collect();
        let gaps = self.missing_on(&records).await.map_err(Arc::new)?;
        Ok(gaps.into_iter().map(|(record, gaps)| (MissingOn(record), gaps)).collect())
    }
}

/// How far what is on a record has come that goes through several states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PathsOn(pub RecordId);

impl Loader<PathsOn> for Scoped {
    type Value = Vec<Stand>;
    type Error = Shared;
    async fn load(&self, keys: &[PathsOn]) -> Result<HashMap<PathsOn, Vec<Stand>>, Shared> {
        let records: Vec<_> = keys.iter().map(|key| key.0).collect();
        let stands = self.paths_on(&records).await.map_err(Arc::new)?;
        Ok(stands.into_iter().map(|(record, stands)| (PathsOn(record), stands)).collect())
    }
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

/// The scores on a record, by child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScoresOn(pub RecordId);

impl Loader<ScoresOn> for Scoped {
    type Value = Vec<(ChildId, Scores)>;
    type Error = Shared;
    async fn load(&self, keys: &[ScoresOn]) -> Result<HashMap<ScoresOn, Self::Value>, Shared> {
        let records: Vec<_> = keys.iter().map(|key| key.0).collect();
        let scores = self.scores_on(&records).await.map_err(Arc::new)?;
        Ok(scores.into_iter().map(|(record, scores)| (ScoresOn(record), scores)).collect())
    }
}

/// Who is or was at the table of a conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableOf(pub ConferenceId);

impl Loader<TableOf> for Scoped {
    type Value = Table;
    type Error = Shared;
    async fn load(&self, keys: &[TableOf]) -> Result<HashMap<TableOf, Table>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tables = self.tables_of(&ids).await.map_err(Arc::new)?;
        Ok(tables.into_iter().map(|(id, table)| (TableOf(id), table)).collect())
    }
}

/// How far a core group is, and its next meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StandingOf(pub CoreGroupId);

impl Loader<StandingOf> for Scoped {
    type Value = CoreGroupStanding;
    type Error = Shared;
    async fn load(&self, keys: &[StandingOf]) -> Result<HashMap<StandingOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let standings = self.core_group_standings(&ids).await.map_err(Arc::new)?;
        Ok(standings.into_iter().map(|(id, standing)| (StandingOf(id), standing)).collect())
    }
}

/// Whether a strategy meeting had its minimum, or is expected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuorumOf(pub StrategyMeetingId);

impl Loader<QuorumOf> for Scoped {
    type Value = AtTheTable;
    type Error = Shared;
    async fn load(&self, keys: &[QuorumOf]) -> Result<HashMap<QuorumOf, AtTheTable>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tables = self.strategy_tables_of(&ids).await.map_err(Arc::new)?;
        Ok(tables.into_iter().map(|(id, table)| (QuorumOf(id), table)).collect())
    }
}
