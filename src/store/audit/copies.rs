//! Receipts for copies of reports: that somebody of an agency read the copy it was sent goes into its row together with the
//! access record, before the answer leaves.

use chrono::{DateTime, Utc};
use entity::circulation::{Column as C, Entity};
use entity::id::{AgencyId, ConferenceReportId, PractitionerId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

/// Copies that a process remembers as opened.
const REMEMBERED: u64 = 100_000;

/// What the process knows to be opened.
pub(super) type Opened = moka::sync::Cache<(ConferenceReportId, AgencyId), ()>;

/// A memory of what is opened.
pub(super) fn memory() -> Opened {
    Opened::new(REMEMBERED)
}

/// The copies that an answer shows to its reader.
#[derive(Debug)]
pub(super) struct Copies {
    pub(super) reports: Vec<ConferenceReportId>,
    pub(super) agency: AgencyId,
    pub(super) person: PractitionerId,
    pub(super) at: DateTime<Utc>,
}

impl Copies {
    /// Keeps in mind that they are opened.
    pub(super) fn remember(&self, opened: &Opened) {
        for report in &self.reports {
            opened.insert((*report, self.agency), ());
        }
    }
}

/// Writes who opened which copies first. What was sent to nobody, or opened before, stays as it is.
pub(super) async fn open(tx: &DatabaseTransaction, copies: &Copies) -> Result<(), DbErr> {
    if copies.reports.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(C::OpenedAt, Expr::val(copies.at))
        .col_expr(C::OpenedBy, Expr::val(copies.person))
        .filter(C::ConferenceReportId.is_in(copies.reports.iter().copied()))
        .filter(C::AgencyId.eq(copies.agency))
        .filter(C::OpenedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
