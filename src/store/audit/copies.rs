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

/// A copy that somebody read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copy {
    pub(super) report: ConferenceReportId,
    pub(super) agency: AgencyId,
    pub(super) person: PractitionerId,
    pub(super) at: DateTime<Utc>,
}

impl Copy {
    pub(super) const fn key(&self) -> (ConferenceReportId, AgencyId) {
        (self.report, self.agency)
    }
}

/// Writes who opened which copy first. What was sent to nobody, or opened before, stays as it is.
pub(super) async fn open(tx: &DatabaseTransaction, copies: impl Iterator<Item = &Copy>) -> Result<(), DbErr> {
    for copy in copies {
        Entity::update_many()
            .col_expr(C::OpenedAt, Expr::val(copy.at))
            .col_expr(C::OpenedBy, Expr::val(copy.person))
            .filter(C::ConferenceReportId.eq(copy.report))
            .filter(C::AgencyId.eq(copy.agency))
            .filter(C::OpenedAt.is_null())
            .exec(tx)
            .await?;
    }
    Ok(())
}
