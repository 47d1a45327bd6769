//! What stands on the records of the children of an export: of the categories it was approved for, as far as who collects
//! it sees the entry at that moment.

use chrono::{DateTime, Utc};
use entity::category::Category;
use entity::child;
use entity::entry::{self, Column as C, Record};
use entity::id::{ChildId, ExportId};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::Order;

use super::Scoped;
use super::audit::ledger::Opening;
use super::export::{Status, categories, children_of};
use super::page::{Cursor, Page, PageArgs, SortKey};
use super::record::{OnARecord as _, RecordId};
use crate::error::Result;

/// An entry of an export.
#[derive(Clone, Debug)]
pub struct ExportEntry {
    /// The authority's own reference of the child.
    pub local_reference: Option<String>,
    /// What the record is of.
    pub record: Option<Record>,
    /// Which item.
    pub item: String,
    /// Which of several answers.
    pub line: i32,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
    /// The word that was chosen.
    pub choice: Option<String>,
    /// The number.
    pub number: Option<i32>,
    /// The instant.
    pub at: Option<DateTime<Utc>>,
    /// Words.
    pub text: Option<String>,
    /// A time in words.
    pub timescale: Option<String>,
    /// Why not.
    pub reason_not: Option<String>,
}

/// A page of the entries of an export.
#[derive(Clone, Debug)]
pub struct ExportEntryPage {
    /// The export.
    pub export: entity::export::Model,
    /// Where it stands.
    pub status: Status,
    /// The entries with their places, where it can be collected.
    pub rows: Page<(Cursor, ExportEntry)>,
}

impl Scoped {
    /// A page of what stands on the records about the children of an export, one by one: by the rules of its rows. What is
    /// about the whole of a meeting and no child of it is in none.
    ///
    /// # Errors
    /// As of `collect_export`.
    pub async fn collect_export_entries(&self, id: ExportId, args: &PageArgs) -> Result<ExportEntryPage> {
        let (export, status) = self.own_export(id).await?;
        if status != Status::Approved {
            return Ok(ExportEntryPage { export, status, rows: Page { rows: Vec::new(), more: false } });
        }
        let apart = self.apart();
        let rows = apart.export_entries(&export, args).await;
        apart.settle().await?;
        Ok(ExportEntryPage { export, status, rows: rows? })
    }

    async fn export_entries(
        &self,
        export: &entity::export::Model,
        args: &PageArgs,
    ) -> Result<Page<(Cursor, ExportEntry)>> {
        let shown = categories(export);
        let asked = self.store.practice.standards.items().of_categories(&shown);
        let mut select = self
            .rows::<entry::Entity>()
            .filter(C::ChildId.in_subquery(children_of(export.id)))
            .filter(C::SupersededAt.is_null())
            .filter(C::Item.is_in(asked));
        if let Some(after) = &args.after {
            select = select.filter(C::Id.gt(after.id));
        }
        let page = select.order_by(C::Id, Order::Asc).page(args.first).await?;
        let children = self.referred_children(&shown, &page.rows).await?;
        let each = |row: &entry::Model| {
            let child = children.iter().find(|child| Some(child.id) == row.child_id);
            let reader = self.disclosure(Some(row.recorded_at_agency_id));
            let found = opened(&reader, self.category_of(row), row);
            let local_reference = child.map(|child| child.local_reference.clone());
            (Cursor { key: SortKey::Id, id: row.id.0 }, ExportEntry { local_reference, ..found })
        };
        Ok(Page { rows: page.rows.iter().map(each).collect(), more: page.more })
    }

    /// The children that entries are about, where the export shows who they are.
    async fn referred_children(&self, shown: &[Category], rows: &[entry::Model]) -> Result<Vec<child::Model>> {
        let mut named: Vec<ChildId> = rows.iter().filter_map(|row| row.child_id).collect();
        named.sort_unstable();
        named.dedup();
        if named.is_empty() || !shown.contains(&Category::Identity) {
            return Ok(Vec::new());
        }
        self.rows::<child::Entity>().filter(child::Column::Id.is_in(named)).all().await
    }
}

fn opened(reader: &Opening, category: Category, row: &entry::Model) -> ExportEntry {
    ExportEntry {
        local_reference: None,
        record: entry::Entity::record_of(row).map(RecordId::kind),
        item: row.item.clone(),
        line: row.line,
        recorded_at: row.recorded_at,
        choice: row.choice.open_as(reader, category).cloned().flatten(),
        number: row.number.open_as(reader, category).copied().flatten(),
        at: row.at.open_as(reader, category).copied().flatten(),
        text: row.text.open_as(reader, category).cloned().flatten(),
        timescale: row.timescale.open_as(reader, category).cloned().flatten(),
        reason_not: row.reason_not.open_as(reader, category).cloned().flatten(),
    }
}
