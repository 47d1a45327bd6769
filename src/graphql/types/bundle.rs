//! What lies before a conference about one child, laid together for one reader.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{ChildId, ConferenceId};
use entity::{child, conference_report, report_request, restricted_item};

use super::child::Child;
use super::report::ConferenceReport;
use super::report_content::ChronologyRow;
use super::report_request::ReportRequest;
use super::restricted::RestrictedItem;
use crate::graphql::connection::{Connection, connect, page_args, page_of};
use crate::graphql::context::reader;
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::global;
use crate::store::report::bundle::{Told, marked};

/// A row of a chronology beside those of other agencies.
#[derive(SimpleObject)]
pub struct MergedRowSummary {
    /// The row, with its source and the agency whose it is.
    row: ChronologyRow,
    /// The row of another agency that tells the same: it stands in the chronology as well. Null where there is none.
    duplicate_of_id: Option<ID>,
    /// Rows of other agencies that tell it with another day or other figures; 20 at most.
    conflicts_with_ids: Vec<ID>,
}

/// What lies before a conference about one child, as far as you may read it.
pub struct ConferenceBundleSummary {
    child: child::Model,
    assembled_at: DateTime<Utc>,
    reports: Vec<conference_report::Model>,
    missing: Vec<report_request::Model>,
    chronology: Vec<MergedRowSummary>,
    chronology_complete: bool,
    conference: ConferenceId,
}

/// What lies before a conference about one child, as far as you may read it.
#[Object]
impl ConferenceBundleSummary {
    /// The child.
    async fn child(&self) -> Child {
        Child(self.child.clone())
    }

    /// When it was laid together.
    async fn assembled_at(&self) -> DateTime<Utc> {
        self.assembled_at
    }

    /// Of each report the newest version you have, in the order they came. What was taken back is not among them.
    async fn reports(
        &self,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ConferenceReport>> {
        page_of::<conference_report::Entity, _>(&self.reports, first, after.as_deref(), ConferenceReport)
    }

    /// What was asked and has not come: all of it for social care and the chair, your own for other agencies.
    async fn missing(
        &self,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ReportRequest>> {
        page_of::<report_request::Entity, _>(&self.missing, first, after.as_deref(), ReportRequest)
    }

    /// The chronologies of these reports as one, in the order of the days. Nothing is left out: what two agencies tell alike
    /// is marked, and so is what they tell differently.
    async fn chronology(&self) -> &[MergedRowSummary] {
        &self.chronology
    }

    /// False if there are more rows than are laid together, 2,000.
    async fn chronology_complete(&self) -> bool {
        self.chronology_complete
    }

    /// The restricted section of the conference about this child, as far as you may read it: it came with reports or by
    /// itself. What was taken back is not among it.
    async fn restricted_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<RestrictedItem>> {
        let args = page_args(first, after.as_deref())?;
        let page = reader(ctx)?.scope().restricted_before(self.conference, self.child.id, &args).await?;
        Ok(connect::<restricted_item::Entity, _>(Some(page), &args, RestrictedItem))
    }
}

/// Lays together what lies before a conference about a child.
pub async fn bundle(
    ctx: &Context<'_>,
    conference: ConferenceId,
    child: Option<ChildId>,
) -> Resolved<Option<ConferenceBundleSummary>> {
    let reader = reader(ctx)?;
    let scope = reader.scope();
    let Some(about) = scope.child_of(conference, child).await? else {
        return if child.is_some() { Err(Fault::not_found()) } else { Ok(None) };
    };
    let (child, of) = (about, reader.load(about).await?.ok_or_else(Fault::not_found)?);
    let reports = scope.reports_before(conference, child).await?;
    let missing = scope.reports_missing(conference, child).await?;
    let (rows, chronology_complete) = scope.chronology_of(&reports).await?;
    let chronology = merged(ctx, rows.into_iter().map(ChronologyRow).collect()).await?;
    Ok(Some(ConferenceBundleSummary {
        child: of,
        assembled_at: scope.who().at,
        reports,
        missing,
        chronology,
        chronology_complete,
        conference,
    }))
}

async fn merged(ctx: &Context<'_>, rows: Vec<ChronologyRow>) -> Resolved<Vec<MergedRowSummary>> {
    let mut told = Vec::with_capacity(rows.len());
    for row in &rows {
        told.push(Told {
            agency: row.0.agency_id,
            on: row.0.occurred_on,
            precision: row.0.precision,
            until: row.0.ended_on,
            // what the reader may not read betrays nothing by a mark
            text: row.told(ctx).await?.unwrap_or_default(),
        });
    }
    let ids: BTreeMap<usize, ID> = rows.iter().enumerate().map(|(n, row)| (n, global(row.0.id))).collect();
    let id = |n: &usize| ids.get(n).cloned();
    let each = marked(told).await?.into_iter().zip(rows).map(|(mark, row)| MergedRowSummary {
        row,
        duplicate_of_id: mark.duplicate_of.as_ref().and_then(id),
        conflicts_with_ids: mark.conflicts_with.iter().filter_map(id).collect(),
    });
    Ok(each.collect())
}
