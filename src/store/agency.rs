//! Agencies, professionals and posts.

use std::collections::HashMap;

use entity::id::{AgencyId, PractitionerId};
use entity::{agency, appointment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{Scoped, Tx, in_force};
use crate::error::Result;

impl Tx {
    /// The active agencies among `ids` that work for the caller's authority: what is another authority's is given to it by a
    /// share, never by naming one of its agencies.
    pub async fn active_agencies(&self, ids: &[AgencyId]) -> Result<HashMap<AgencyId, agency::Model>> {
        let rows = self
            .rows::<agency::Entity>()
            .filter(agency::Column::Id.is_in(ids.iter().copied()))
            .filter(agency::Column::LocalAuthorityId.eq(self.who().authority))
            .filter(agency::Column::Active.eq(true))
            .all()
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// Of `people`, those who hold a post now: each with the agency and the post. Posts are read past the row rule,
    /// because a caller names colleagues whose appointments it does not list.
    pub async fn posts_of(&self, people: &[PractitionerId]) -> Result<Vec<appointment::Model>> {
        let at = self.who().at;
        // SECURITY: widened scope; only post and agency leave this function, to check what the caller named
        Ok(appointment::Entity::find()
            .filter(appointment::Column::PractitionerId.is_in(people.iter().copied()))
            .filter(in_force(appointment::Column::StartsAt, appointment::Column::EndsAt, at))
            .all(&self.inner)
            .await?)
    }
}

impl Scoped {
    /// The posts the reader holds now.
    pub async fn own_posts(&self) -> Result<Vec<appointment::Model>> {
        let held = in_force(appointment::Column::StartsAt, appointment::Column::EndsAt, self.who.at);
        self.rows::<appointment::Entity>().filter(held).all().await
    }
}
