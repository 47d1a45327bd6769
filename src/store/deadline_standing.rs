//! Which deadlines stand about a conference, whether they were met since or not.

use std::collections::HashSet;

use entity::deadline::{self, Column as C, Kind};
use entity::id::{ChildId, ConferenceId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use super::Tx;
use crate::error::Result;

impl Tx {
    /// What was made due of these kinds about a conference and has not lapsed by itself: open, met, or waived with a reason.
    pub async fn standing_deadlines(&self, kinds: &[Kind], of: ConferenceId) -> Result<HashSet<(Kind, ChildId)>> {
        // SECURITY: read past the row rule, since what is due is due whoever may see it; only what was made of the writer's own
        // record is asked about, and only whether it was made leaves
        let rows: Vec<(Kind, ChildId)> = deadline::Entity::find()
            .select_only()
            .columns([C::Kind, C::ChildId])
            .filter(C::ConferenceId.eq(of))
            .filter(C::Kind.is_in(kinds.iter().copied()))
            .filter(Condition::any().add(C::LapsedAt.is_null()).add(C::LapsedBecause.is_not_null()))
            .into_tuple()
            .all(&self.inner)
            .await?;
        Ok(rows.into_iter().collect())
    }
}
