//! Writing many rows at once: for the demo's synthetic data only. Nothing here passes a permit or leaves an event.

use entity::instance;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Iterable, PaginatorTrait,
    TransactionTrait,
};

use super::Database;
use crate::error::Result;

/// Values bound in one statement at the most: what SQLite takes.
const MOST_VALUES: usize = 30_000;

/// A transaction that takes rows.
pub struct Bulk(DatabaseTransaction);

impl Database {
    /// Begins writing.
    pub async fn bulk(&self) -> Result<Bulk> {
        Ok(Bulk(self.pool.begin().await?))
    }

    /// What this database says of itself under `key`.
    pub async fn instance_value(&self, key: &str) -> Result<Option<String>> {
        let row = instance::Entity::find_by_id(key.to_owned()).one(&self.pool).await?;
        Ok(row.map(|row| row.value))
    }

    /// True if nothing was ever recorded here.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(entity::local_authority::Entity::find().count(&self.pool).await? == 0)
    }
}

impl Bulk {
    /// Writes rows of one table.
    pub async fn insert<E>(&self, rows: Vec<E::Model>) -> Result<()>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
    {
        let most = (MOST_VALUES / E::Column::iter().count().max(1)).max(1);
        let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
        while rows.peek().is_some() {
            let chunk: Vec<_> = rows.by_ref().take(most).collect();
            E::insert_many(chunk).exec_without_returning(&self.0).await?;
        }
        Ok(())
    }

    /// Keeps what was written.
    pub async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }
}
