//! Contents that nothing refers to: a process ended between storing one and writing its row, or before it was deleted.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::attachment::{self, Column as C};
use futures_util::StreamExt as _;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Result;
use crate::store::Store;

/// A content is stored some moments before its row is written; nothing younger than this is touched.
const AGE: TimeDelta = TimeDelta::days(1);
/// How often a process looks.
const EVERY: TimeDelta = TimeDelta::days(1);
/// Contents that are looked up at once.
const AT_ONCE: usize = 500;

impl Store {
    /// Throws away the contents that no row refers to, once a day. Answers how many there were.
    ///
    /// # Errors
    /// `Unavailable` where the database or the store of contents is; what was thrown away until then is.
    pub(in crate::store) async fn sweep_contents(&self, at: DateTime<Utc>) -> Result<u64> {
        let Some(files) = &self.attachments.files else { return Ok(0) };
        if !self.attachments.is_to_be_swept(at, EVERY) {
            return Ok(0);
        }
        let mut swept = 0;
        let mut lying = files.lying_since_before(at - AGE).chunks(AT_ONCE);
        while let Some(found) = lying.next().await {
            let found = found.into_iter().collect::<Result<Vec<_>>>()?;
            let needed: Vec<Option<Uuid>> = attachment::Entity::find()
                .select_only()
                .column(C::FileId)
                .filter(C::FileId.is_in(found.iter().copied()))
                .into_tuple()
                .all(&self.db.pool)
                .await?;
            let needed: HashSet<Uuid> = needed.into_iter().flatten().collect();
            for file in found.into_iter().filter(|file| !needed.contains(file)) {
                files.delete(file).await;
                swept += 1;
            }
        }
        Ok(swept)
    }
}
