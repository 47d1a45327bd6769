//! Who is on the list of an address, and what may be told of a child whose address is protected.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use entity::id::{AgencyId, ChildId, ConferenceId, HouseholdId};
use entity::{agency, invitation, reader_listing};
use sea_orm::ColumnTrait;

use super::Shared;
use crate::store::Scoped;
use crate::store::visible::lists;

/// Whether the reader is on the list of a household's protected address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListedFor(pub HouseholdId);

impl Loader<ListedFor> for Scoped {
    type Value = bool;
    type Error = Shared;
    async fn load(&self, keys: &[ListedFor]) -> std::result::Result<HashMap<ListedFor, bool>, Shared> {
        use reader_listing::Column as C;
        let found = self
            .rows::<reader_listing::Entity>()
            .filter(C::HouseholdId.is_in(keys.iter().map(|key| key.0)))
            .filter(C::HouseholdId.in_subquery(lists::listed(self.who(), C::HouseholdId)))
            .all()
            .await
            .map_err(Arc::new)?;
        let listed: HashSet<_> = found.into_iter().filter_map(|row| row.household_id).collect();
        Ok(keys.iter().map(|key| (*key, listed.contains(&key.0))).collect())
    }
}

/// An agency named in what is said of a child: absent where knowing it would tell this reader where the child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AgencyAbout {
    /// The child.
    pub child: ChildId,
    /// The agency.
    pub agency: AgencyId,
}

impl Loader<AgencyAbout> for Scoped {
    type Value = agency::Model;
    type Error = Shared;
    async fn load(&self, keys: &[AgencyAbout]) -> std::result::Result<HashMap<AgencyAbout, agency::Model>, Shared> {
        let children: Vec<_> = keys.iter().map(|key| key.child).collect::<HashSet<_>>().into_iter().collect();
        let apart = self.locating(&children).await.map_err(Arc::new)?;
        let told: Vec<_> = keys.iter().copied().filter(|key| !apart.contains(&(key.child, key.agency))).collect();
        let ids: Vec<_> = told.iter().map(|key| key.agency).collect::<HashSet<_>>().into_iter().collect();
        let agencies = Loader::<AgencyId>::load(self, &ids).await?;
        Ok(told.into_iter().filter_map(|key| Some((key, agencies.get(&key.agency)?.clone()))).collect())
    }
}

/// An agency that is marked as telling where a child is, whoever reads: present where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MarkedAs {
    /// The child.
    pub child: ChildId,
    /// The agency.
    pub agency: AgencyId,
}

impl Loader<MarkedAs> for Scoped {
    type Value = ();
    type Error = Shared;
    async fn load(&self, keys: &[MarkedAs]) -> std::result::Result<HashMap<MarkedAs, ()>, Shared> {
        let children: Vec<_> = keys.iter().map(|key| key.child).collect();
        let marked = self.marked(&children).await.map_err(Arc::new)?;
        Ok(keys.iter().filter(|key| marked.contains(&(key.child, key.agency))).map(|key| (*key, ())).collect())
    }
}

/// Whether it is hidden from the reader where a child is: its address is protected, and not for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HiddenPlace(pub ChildId);

impl Loader<HiddenPlace> for Scoped {
    type Value = bool;
    type Error = Shared;
    async fn load(&self, keys: &[HiddenPlace]) -> std::result::Result<HashMap<HiddenPlace, bool>, Shared> {
        let children: Vec<_> = keys.iter().map(|key| key.0).collect();
        let hidden = self.hidden_places(&children).await.map_err(Arc::new)?;
        Ok(keys.iter().map(|key| (*key, hidden.contains(&key.0))).collect())
    }
}

/// Whether the reader's agency was invited to a conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InvitedTo(pub ConferenceId);

impl Loader<InvitedTo> for Scoped {
    type Value = bool;
    type Error = Shared;
    async fn load(&self, keys: &[InvitedTo]) -> std::result::Result<HashMap<InvitedTo, bool>, Shared> {
        use invitation::Column as C;
        let found = self
            .rows::<invitation::Entity>()
            .filter(C::ConferenceId.is_in(keys.iter().map(|key| key.0)))
            .filter(C::AgencyId.eq(self.who().agency))
            .all()
            .await
            .map_err(Arc::new)?;
        let invited: HashSet<_> = found.into_iter().filter_map(|row| row.conference_id).collect();
        Ok(keys.iter().map(|key| (*key, invited.contains(&key.0))).collect())
    }
}
