//! Allegations against professionals, and how much of each the reader reads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use entity::allegation;
use entity::id::AllegationId;
use sea_orm::ColumnTrait;

use super::Shared;
use crate::store::Scoped;
use crate::store::read::Identified;
use crate::store::visible::allegation::in_whole;

impl Identified<AllegationId> for allegation::Entity {
    fn id_of(row: &Self::Model) -> AllegationId {
        row.id
    }
}

impl Loader<AllegationId> for Scoped {
    type Value = allegation::Model;
    type Error = Shared;
    async fn load(&self, keys: &[AllegationId]) -> Result<HashMap<AllegationId, Self::Value>, Shared> {
        // by whatever way one comes to it
        self.open_allegations().map_err(Arc::new)?;
        let rows = self.rows::<allegation::Entity>().all_named(keys).await.map_err(Arc::new)?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

/// Whether the reader reads the whole of an allegation, or has the receipt of who referred it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WholeOf(pub AllegationId);

impl Loader<WholeOf> for Scoped {
    type Value = bool;
    type Error = Shared;
    async fn load(&self, keys: &[WholeOf]) -> Result<HashMap<WholeOf, bool>, Shared> {
        let found = self
            .rows::<allegation::Entity>()
            .filter(allegation::Column::Id.is_in(keys.iter().map(|key| key.0)))
            .filter(in_whole(self.who()))
            .all()
            .await
            .map_err(Arc::new)?;
        let whole: HashSet<_> = found.into_iter().map(|row| row.id).collect();
        Ok(keys.iter().map(|key| (*key, whole.contains(&key.0))).collect())
    }
}
