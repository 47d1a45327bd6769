//! Exports: the children chosen, what was decided, and the rows as they are collected. Each row passes the rights of who
//! collects at that moment; what the export was approved for is a further limit, never a right.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::category::Category;
use entity::child::{self, Ethnicity, Sex};
use entity::conference_child::AbuseCategory;
use entity::export::{self, Selection, State};
use entity::id::{ChildId, ExportId};
use entity::{export_child, plan};
use sea_orm::sea_query::{Order, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};

use super::audit::ledger::Opening;
use super::page::{Cursor, Page, PageArgs, SortKey};
use super::permit::Permit;
use super::visible::Visible;
use super::{Scoped, Tx, in_force};
use crate::clock::london_day;
use crate::error::{Error, Result};
use crate::policy::actions::{Action, RequestExport};
use crate::policy::disclosure::CATEGORIES;
use crate::policy::roles::Role;

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody has decided yet.
    Requested,
    /// It can be collected.
    Approved,
    /// It was refused.
    Refused,
    /// It was approved, and its time is over.
    Expired,
}

/// Where an export stands at an instant.
pub fn status(export: &export::Model, at: DateTime<Utc>) -> Status {
    match export.state {
        State::Requested => Status::Requested,
        State::Refused => Status::Refused,
        State::Approved if export.expires_at.is_none_or(|ends| ends <= at) => Status::Expired,
        State::Approved => Status::Approved,
    }
}

/// The categories that an export shows.
pub fn categories(export: &export::Model) -> Vec<Category> {
    let named = |category: &Category| export.categories.split(' ').any(|word| word == format!("{category:?}"));
    CATEGORIES.into_iter().filter(named).collect()
}

/// The role in which an export was asked for.
fn role(export: &export::Model) -> Option<Role> {
    Role::ALL.into_iter().find(|role| format!("{role:?}") == export.role)
}

/// An export to be asked for.
#[derive(Clone, Debug)]
pub struct NewExport {
    /// Its id.
    pub id: ExportId,
    /// How its children were chosen.
    pub selection: Selection,
    /// What it is to show.
    pub categories: Vec<Category>,
}

/// A child of an export, with what it was approved for and its collector may open now.
#[derive(Clone, Debug, Default)]
pub struct ExportRow {
    /// The authority's own reference.
    pub local_reference: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Day of birth.
    pub born_on: Option<NaiveDate>,
    /// Expected day of birth.
    pub expected_on: Option<NaiveDate>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Ethnicity.
    pub ethnicity: Option<Ethnicity>,
    /// NHS number.
    pub nhs_number: Option<String>,
    /// Kind of the plan that is open.
    pub plan_kind: Option<plan::Kind>,
    /// Since when.
    pub plan_starts_on: Option<NaiveDate>,
    /// Its latest category of abuse.
    pub plan_category: Option<AbuseCategory>,
    /// Danger statement.
    pub danger_statement: Option<String>,
    /// Safety statement.
    pub safety_statement: Option<String>,
}

/// A page of an export.
#[derive(Clone, Debug)]
pub struct ExportPage {
    /// The export.
    pub export: export::Model,
    /// Where it stands.
    pub status: Status,
    /// Its rows with their places, where it can be collected.
    pub rows: Page<(Cursor, ExportRow)>,
}

pub(super) fn children_of(id: ExportId) -> SelectStatement {
    Query::select()
        .column(export_child::Column::ChildId)
        .from(export_child::Entity)
        .and_where(export_child::Column::ExportId.eq(id))
        .to_owned()
}

impl Tx {
    /// The children in scope with a child protection plan that is open, `most` and one more at the most.
    pub async fn children_with_open_cp_plan(&self, most: u16) -> Result<Vec<ChildId>> {
        let plans = self
            .rows::<plan::Entity>()
            .filter(plan::Column::Kind.eq(plan::Kind::Cp))
            .filter(in_force(plan::Column::StartsOn, plan::Column::EndsOn, london_day(self.who().at)))
            .order_by(plan::Column::ChildId, Order::Asc)
            .limit(u64::from(most) + 1);
        Ok(plans.all().await?.into_iter().map(|plan| plan.child_id).collect())
    }

    /// Writes an export that is asked for.
    pub async fn request_export(&self, permit: Permit<RequestExport, Vec<child::Model>>, new: NewExport) -> Result<()> {
        let who = self.who();
        let words: Vec<_> = new.categories.iter().map(|category| format!("{category:?}")).collect();
        export::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(who.authority),
            agency_id: Set(who.agency),
            requested_by: Set(who.practitioner),
            role: Set(format!("{:?}", who.role)),
            selection: Set(new.selection),
            categories: Set(words.join(" ")),
            purpose: Set(self.scope().purpose()),
            children: Set(i32::try_from(permit.row.len()).unwrap_or(i32::MAX)),
            state: Set(State::Requested),
            requested_at: Set(who.at),
            decided_by: Set(None),
            decided_at: Set(None),
            expires_at: Set(None),
            watermark: Set(None),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        let chosen = permit
            .row
            .iter()
            .map(|child| export_child::ActiveModel { export_id: Set(new.id), child_id: Set(child.id) });
        export_child::Entity::insert_many(chosen).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// How many children of an export its requester reaches now; `None` once the requester's post has ended.
    pub async fn reach_of_requester(&self, export: &export::Model) -> Result<Option<u64>> {
        let Some(role) = role(export) else { return Ok(None) };
        let Some(requester) = self.standing_of(export.requested_by, export.agency_id, role).await? else {
            return Ok(None);
        };
        // SECURITY: read with the rights of the requester, not of who decides; one number leaves this function
        let reached = child::Entity::find()
            .filter(child::Entity::rows(&requester))
            .filter(child::Column::Id.in_subquery(children_of(export.id)));
        Ok(Some(reached.count(&self.inner).await?))
    }

    /// Writes the approval of an export, with the children that are still in its requester's reach.
    pub async fn approve_export<A: Action>(&self, permit: Permit<A, export::Model>, reach: u64) -> Result<()> {
        let hours = Duration::hours(i64::from(self.scope().store().limits().export_hours));
        let at = self.who().at;
        let mut row = self.decided(permit.row);
        row.state = Set(State::Approved);
        row.children = Set(i32::try_from(reach).unwrap_or(i32::MAX));
        row.expires_at = Set(Some(at + hours));
        row.watermark = Set(Some(self.new_id()));
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes the refusal of an export.
    pub async fn refuse_export<A: Action>(&self, permit: Permit<A, export::Model>) -> Result<()> {
        let mut row = self.decided(permit.row);
        row.state = Set(State::Refused);
        row.update(&self.inner).await?;
        Ok(())
    }

    fn decided(&self, row: export::Model) -> export::ActiveModel {
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.decided_by = Set(Some(self.who().practitioner));
        row.decided_at = Set(Some(self.who().at));
        row.version = Set(version);
        row
    }
}

impl Scoped {
    /// A page of an export, for who asked for it, in the post in which it was asked for. Its children are not counted
    /// with those that are read otherwise; the record of the page is written before this returns.
    ///
    /// # Errors
    /// `NotFound` if the export is absent or invisible; `Denied` if somebody else asked for it; `ReasonRequired`
    /// without a reason.
    pub async fn collect_export(&self, id: ExportId, args: &PageArgs) -> Result<ExportPage> {
        let (export, status) = self.own_export(id).await?;
        if status != Status::Approved {
            return Ok(ExportPage { export, status, rows: Page { rows: Vec::new(), more: false } });
        }
        let apart = self.apart();
        let rows = apart.export_rows(&export, args).await;
        apart.settle().await?;
        Ok(ExportPage { export, status, rows: rows? })
    }

    /// An export that the reader asked for, in the post they hold now, and where it stands.
    pub(super) async fn own_export(&self, id: ExportId) -> Result<(export::Model, Status)> {
        let export = self.by_id::<export::Entity>(id).await?;
        let who = &self.who;
        let own = export.requested_by == who.practitioner && export.agency_id == who.agency;
        if !own || role(&export) != Some(who.role) {
            who.ledger().refused("Export", "collectExport");
            return Err(Error::Denied("Only who asked for an export collects it, in the post it was asked for in."));
        }
        self.require_reason()?;
        let status = status(&export, who.at);
        Ok((export, status))
    }

    async fn export_rows(&self, export: &export::Model, args: &PageArgs) -> Result<Page<(Cursor, ExportRow)>> {
        let mut select = self.rows::<child::Entity>().filter(child::Column::Id.in_subquery(children_of(export.id)));
        if let Some(after) = &args.after {
            select = select.filter(child::Column::Id.gt(after.id));
        }
        let page = select.order_by(child::Column::Id, Order::Asc).page(args.first).await?;
        let shown = categories(export);
        let plans = if page.rows.is_empty() || !shown.iter().any(|category| *category != Category::Identity) {
            Vec::new()
        } else {
            let today = london_day(self.who.at);
            let plans = self
                .rows::<plan::Entity>()
                .filter(plan::Column::ChildId.is_in(page.rows.iter().map(|child| child.id)))
                .filter(in_force(plan::Column::StartsOn, plan::Column::EndsOn, today));
            plans.order_by(plan::Column::StartsOn, Order::Asc).all().await?
        };
        let reader = self.disclosure(None);
        let row = |child: &child::Model| {
            let plan = plans.iter().rev().find(|plan| plan.child_id == child.id);
            (Cursor { key: SortKey::Id, id: child.id.0 }, export_row(&shown, &reader, child, plan))
        };
        Ok(Page { rows: page.rows.iter().map(row).collect(), more: page.more })
    }
}

fn export_row(shown: &[Category], reader: &Opening, child: &child::Model, plan: Option<&plan::Model>) -> ExportRow {
    let mut row = ExportRow::default();
    if shown.contains(&Category::Identity) {
        row.local_reference = Some(child.local_reference.clone());
        row.given_name = child.given_name.open(reader).cloned();
        row.family_name = child.family_name.open(reader).cloned();
        row.born_on = child.born_on.open(reader).copied().flatten();
        row.expected_on = child.expected_on.open(reader).copied().flatten();
        row.sex = Some(child.sex);
        row.ethnicity = child.ethnicity.open(reader).copied();
        row.nhs_number = child.nhs_number.open(reader).cloned().flatten();
        // the pupil number holds the number of the school, which may give an address away
    }
    let Some(plan) = plan else { return row };
    if shown.contains(&Category::Plan) {
        row.plan_kind = Some(plan.kind);
        row.plan_starts_on = Some(plan.starts_on);
        row.plan_category = plan.category_latest.open(reader).copied().flatten();
    }
    if shown.contains(&Category::DangerStatements) {
        row.danger_statement = plan.danger_statement.open(reader).cloned().flatten();
        row.safety_statement = plan.safety_statement.open(reader).cloned().flatten();
    }
    row
}
