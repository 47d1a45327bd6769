//! Versions of plans: which held on a day, and which has a number.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use entity::id::PlanId;
use entity::plan_version;

use super::Shared;
use crate::store::Scoped;

/// The version of a plan that held on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionOn(pub PlanId, pub NaiveDate);

impl Loader<VersionOn> for Scoped {
    type Value = plan_version::Model;
    type Error = Shared;
    async fn load(&self, keys: &[VersionOn]) -> Result<HashMap<VersionOn, Self::Value>, Shared> {
        let mut days: HashMap<NaiveDate, Vec<PlanId>> = HashMap::new();
        for key in keys {
            days.entry(key.1).or_default().push(key.0);
        }
        let mut all = HashMap::new();
        for (day, plans) in days {
            let rows = self.versions_on(&plans, day).await.map_err(Arc::new)?;
            all.extend(rows.into_iter().map(|row| (VersionOn(row.plan_id, day), row)));
        }
        Ok(all)
    }
}

/// A version of a plan, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionNumbered(pub PlanId, pub i64);

impl Loader<VersionNumbered> for Scoped {
    type Value = plan_version::Model;
    type Error = Shared;
    async fn load(&self, keys: &[VersionNumbered]) -> Result<HashMap<VersionNumbered, Self::Value>, Shared> {
        let named: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let rows = self.versions_numbered(&named).await.map_err(Arc::new)?;
        Ok(rows.into_iter().map(|row| (VersionNumbered(row.plan_id, row.number), row)).collect())
    }
}
