//! Who was sent a report.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use entity::circulation;
use entity::id::ConferenceReportId;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::Order;

use super::Shared;
use crate::store::Scoped;

/// The copies of a version of a report: one for each agency that was invited, sixty at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CopiesOf(pub ConferenceReportId);

impl Loader<CopiesOf> for Scoped {
    type Value = Vec<circulation::Model>;
    type Error = Shared;
    async fn load(&self, keys: &[CopiesOf]) -> std::result::Result<HashMap<CopiesOf, Self::Value>, Shared> {
        use circulation::Column as C;
        let rows = self
            .rows::<circulation::Entity>()
            .filter(C::ConferenceReportId.is_in(keys.iter().map(|key| key.0)))
            .order_by(C::AgencyId, Order::Asc)
            .all()
            .await
            .map_err(Arc::new)?;
        let mut copies: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            copies.entry(CopiesOf(row.conference_report_id)).or_default().push(row);
        }
        Ok(copies)
    }
}
