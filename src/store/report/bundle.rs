//! What lies before a conference about one child: the reports that stand, as far as the reader has them, and the rows of their
//! chronologies.

use std::collections::HashMap;

use entity::conference_report::State;
use entity::id::{ChildId, ConferenceId, ReportRequestId};
use entity::{chronology_row, conference_child, conference_report, report_request, restricted_item};
use sea_orm::sea_query::{Order, Query};
use sea_orm::{ColumnTrait, Condition};

use crate::error::{Error, Result};
use crate::practice::chronology::marks;
pub use crate::practice::chronology::{Mark, Told};
use crate::store::Scoped;
use crate::store::page::{Listing, Page, PageArgs};

/// Rows of a chronology that are laid together at the most.
const ROWS: u16 = 2000;

/// Reports to a conference about one child, or requests for them, at the most: more agencies are not invited.
const REPORTS: u16 = 100;

/// The marks of rows of a chronology that stand in the order of their days, made where nobody waits for the thread.
///
/// # Errors
/// `Internal` if they could not be made.
pub async fn marked(rows: Vec<Told>) -> Result<Vec<Mark>> {
    let made = tokio::task::spawn_blocking(move || marks(&rows)).await;
    made.map_err(|_| Error::internal("a chronology could not be laid together"))
}

impl Scoped {
    /// The reports to a conference about a child: of each request the newest version that the reader has, and that was not
    /// taken back.
    pub async fn reports_before(
        &self,
        conference: ConferenceId,
        child: ChildId,
    ) -> Result<Vec<conference_report::Model>> {
        use conference_report::Column as C;
        let taken_back = Query::select()
            .column(report_request::Column::Id)
            .from(report_request::Entity)
            .and_where(report_request::Column::ConferenceId.eq(conference))
            .and_where(report_request::Column::ReceivedAt.is_null())
            .take();
        let rows = self
            .rows::<conference_report::Entity>()
            .filter(C::ConferenceId.eq(conference))
            .filter(C::ChildId.eq(child))
            .filter(C::State.is_in([State::Submitted, State::Released, State::Superseded]))
            // where the newest was taken back, what it replaced does not stand again, whoever may read which of them
            .filter(C::ReportRequestId.not_in_subquery(taken_back))
            .order_by(C::Version, Order::Asc)
            .order_by(C::Id, Order::Asc)
            .all()
            .await?;
        // a later version takes the place of the one before
        let newest: HashMap<ReportRequestId, _> = rows.into_iter().map(|row| (row.report_request_id, row)).collect();
        let mut newest: Vec<_> = newest.into_values().collect();
        newest.sort_by_key(|row| (row.submitted_at, row.id));
        Ok(newest)
    }

    /// A child of a conference, as far as the reader may know: the one that is named, else the first.
    pub async fn child_of(&self, conference: ConferenceId, child: Option<ChildId>) -> Result<Option<ChildId>> {
        use conference_child::Column as C;
        let of = Condition::all().add(C::ConferenceId.eq(conference)).add_option(child.map(|id| C::ChildId.eq(id)));
        let listing = Listing::<conference_child::Entity>::that(of);
        let page = self.page(listing, &PageArgs { first: 1, after: None }).await?;
        Ok(page.rows.first().map(|row| row.child_id))
    }

    /// The reports that were asked about a child and have not come, as far as the reader may know.
    pub async fn reports_missing(
        &self,
        conference: ConferenceId,
        child: ChildId,
    ) -> Result<Vec<report_request::Model>> {
        use report_request::Column as C;
        let of =
            Condition::all().add(C::ConferenceId.eq(conference)).add(C::ChildId.eq(child)).add(C::ReceivedAt.is_null());
        let page =
            self.page(Listing::<report_request::Entity>::that(of), &PageArgs { first: REPORTS, after: None }).await?;
        Ok(page.rows)
    }

    /// A page of the restricted items of a conference about a child that the reader may read.
    pub async fn restricted_before(
        &self,
        conference: ConferenceId,
        child: ChildId,
        args: &PageArgs,
    ) -> Result<Page<restricted_item::Model>> {
        use restricted_item::Column as C;
        let of = Condition::all()
            .add(C::ConferenceId.eq(conference))
            .add(C::ChildId.eq(child))
            .add(C::WithdrawnAt.is_null());
        self.page(Listing::<restricted_item::Entity>::that(of), args).await
    }

    /// The rows of the chronologies of some reports, in the order of their days, and whether these are all.
    pub async fn chronology_of(
        &self,
        reports: &[conference_report::Model],
    ) -> Result<(Vec<chronology_row::Model>, bool)> {
        let of = chronology_row::Column::ConferenceReportId.is_in(reports.iter().map(|row| row.id));
        let listing = Listing::<chronology_row::Entity>::that(Condition::all().add(of));
        let page = self.page(listing, &PageArgs { first: ROWS, after: None }).await?;
        Ok((page.rows, !page.more))
    }
}
