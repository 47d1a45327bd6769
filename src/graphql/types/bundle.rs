//! What lies before a conference about one child, laid together for one reader.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{ChildId, ConferenceId};

use super::child::Child;
use super::report::ConferenceReport;
use super::report_content::ChronologyRow;
use super::report_request::ReportRequest;
use super::restricted::RestrictedItem;
use crate::graphql::context::reader;
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::global;
use crate::store::report::bundle::{Told, marks};

/// A row of a chronology beside those of other agencies.
#[derive(SimpleObject)]
pub struct MergedRowSummary {
    /// The row, with its source and the agency whose it is.
    row: ChronologyRow,
    /// The row of another agency that tells the same: it stands in the chronology as well. Null where there is none.
    duplicate_of_id: Option<ID>,
    /// Rows of other agencies that tell it with another day or other figures.
    conflicts_with_ids: Vec<ID>,
}

/// What lies before a conference about one child, as far as you may read it.
#[derive(SimpleObject)]
pub struct ConferenceBundleSummary {
    /// The child.
    child: Child,
    /// When it was laid together.
    assembled_at: DateTime<Utc>,
    /// Of each report the newest version you have, in the order they came. What was taken back is not among them.
    reports: Vec<ConferenceReport>,
    /// What was asked and has not come: all of it for social care and the chair, your own for other agencies.
    missing: Vec<ReportRequest>,
    /// The chronologies of these reports as one, in the order of the days. Nothing is left out: what two agencies tell alike
    /// is marked, and so is what they tell differently.
    chronology: Vec<MergedRowSummary>,
    /// False if there are more rows than are laid together, 2,000.
    chronology_complete: bool,
    /// The restricted section of the conference about this child, as far as you may read it: it came with reports or by
    /// itself. What was taken back is not among it.
    restricted_items: Vec<RestrictedItem>,
    /// False if there are more restricted items than are laid together, 200.
    restricted_items_complete: bool,
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
    let (items, restricted_items_complete) = scope.restricted_before(conference, child).await?;
    let chronology = merged(ctx, rows.into_iter().map(ChronologyRow).collect()).await?;
    Ok(Some(ConferenceBundleSummary {
        child: Child(of),
        assembled_at: scope.who().at,
        reports: reports.into_iter().map(ConferenceReport).collect(),
        missing: missing.into_iter().map(ReportRequest).collect(),
        chronology,
        chronology_complete,
        restricted_items: items.into_iter().map(RestrictedItem).collect(),
        restricted_items_complete,
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
    let each = marks(&told).into_iter().zip(rows).map(|(mark, row)| MergedRowSummary {
        row,
        duplicate_of_id: mark.duplicate_of.as_ref().and_then(id),
        conflicts_with_ids: mark.conflicts_with.iter().filter_map(id).collect(),
    });
    Ok(each.collect())
}
