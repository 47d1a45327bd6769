//! Exports.

use async_graphql::connection::PageInfo;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::ExportId;
use uuid::Uuid;

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::codes::{AbuseCategory, AccessPurpose, InformationCategory, PlanKind, RecordKind, Sex};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::actions::export::{Chosen, Decide, Request};
use crate::auth::Grant;
use crate::error::Error;
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::{named, reader, session};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::{global, typed, typed_list};
use crate::graphql::scalars::Date;
use crate::store::export::{Status, categories, status};
use crate::store::page::{Cursor, Listing, Page, PageArgs};

/// Where an export stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Status")]
pub enum ExportStatus {
    /// Nobody has decided yet.
    Requested,
    /// It can be collected by who asked for it.
    Approved,
    /// It was refused.
    Refused,
    /// It was approved, and its time is over.
    Expired,
}

/// How the children of an export were chosen.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::export::Selection")]
pub enum ExportSelection {
    /// By their ids.
    Named,
    /// All in scope with a child protection plan that is open.
    OpenCpPlans,
}

/// An export that was asked for. Who asked for it, the managers of the authority, who decide about it, and its auditors
/// see it; none of its rows stand here.
pub struct Export(pub entity::export::Model);

/// An export that was asked for. Who asked for it, the managers of the authority, who decide about it, and its auditors
/// see it; none of its rows stand here.
#[Object]
impl Export {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> Resolved<ExportStatus> {
        Ok(status(&self.0, reader(ctx)?.scope().who().at).into())
    }

    /// How its children were chosen.
    async fn selection(&self) -> ExportSelection {
        self.0.selection.into()
    }

    /// What it shows.
    async fn categories(&self) -> Vec<InformationCategory> {
        categories(&self.0).into_iter().map(Into::into).collect()
    }

    /// Why, as who asked for it said in X-Purpose. Null where it did not.
    async fn purpose(&self) -> Option<AccessPurpose> {
        self.0.purpose.map(Into::into)
    }

    /// How many children are in it: as chosen, and from its approval on as still in the requester's reach then.
    async fn children(&self) -> i32 {
        self.0.children
    }

    /// The agency it was asked for at.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// Who asked for it, and alone collects it.
    async fn requested_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.requested_by)).await
    }

    /// When it was asked for.
    async fn requested_at(&self) -> DateTime<Utc> {
        self.0.requested_at
    }

    /// Who decided about it. Null until then.
    async fn decided_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.decided_by).await
    }

    /// When it was decided about. Null until then.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// Until when it can be collected. Null unless it was approved.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// What stands in every page of it. Null unless it was approved.
    async fn watermark(&self) -> Option<Uuid> {
        self.0.watermark
    }

    /// Give it as expectedVersion to decide about it.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// A child of an export: what the export was approved for and you may read now; all else is null.
pub struct ExportRow(crate::store::export::ExportRow);

/// A child of an export: what the export was approved for and you may read now; all else is null.
#[Object(name = "ExportRowSummary")]
impl ExportRow {
    /// The authority's own reference. With IDENTITY.
    async fn local_reference(&self) -> Option<&str> {
        self.0.local_reference.as_deref()
    }

    /// Given name. With IDENTITY.
    async fn given_name(&self) -> Option<&str> {
        self.0.given_name.as_deref()
    }

    /// Family name. With IDENTITY.
    async fn family_name(&self) -> Option<&str> {
        self.0.family_name.as_deref()
    }

    /// Date of birth. With IDENTITY.
    async fn born_on(&self) -> Option<Date> {
        self.0.born_on.map(Date)
    }

    /// Expected date of birth of an unborn child. With IDENTITY.
    async fn expected_on(&self) -> Option<Date> {
        self.0.expected_on.map(Date)
    }

    /// Sex as in the national returns. With IDENTITY.
    async fn sex(&self) -> Option<Sex> {
        self.0.sex.map(Into::into)
    }

    /// Ethnicity code of the national returns. With IDENTITY.
    async fn ethnicity(&self) -> Option<String> {
        self.0.ethnicity.map(entity::child::Ethnicity::word)
    }

    /// NHS number. With IDENTITY.
    async fn nhs_number(&self) -> Option<&str> {
        self.0.nhs_number.as_deref()
    }

    /// What kind of plan is open. With PLAN.
    async fn plan_kind(&self) -> Option<PlanKind> {
        self.0.plan_kind.map(Into::into)
    }

    /// Since when. With PLAN.
    async fn plan_starts_on(&self) -> Option<Date> {
        self.0.plan_starts_on.map(Date)
    }

    /// Its latest category of abuse. With PLAN.
    async fn plan_category(&self) -> Option<AbuseCategory> {
        self.0.plan_category.map(Into::into)
    }

    /// Danger statement of the plan. With DANGER_STATEMENTS.
    async fn danger_statement(&self) -> Option<&str> {
        self.0.danger_statement.as_deref()
    }

    /// Safety statement of the plan. With DANGER_STATEMENTS.
    async fn safety_statement(&self) -> Option<&str> {
        self.0.safety_statement.as_deref()
    }
}

/// A page of an export.
#[derive(SimpleObject)]
#[graphql(name = "ExportPageResult")]
pub struct ExportPage {
    /// Where the export stands: its rows come while it is APPROVED only.
    status: ExportStatus,
    /// Tells of every copy which export it came from. Null unless the export is APPROVED.
    watermark: Option<Uuid>,
    /// The rows. Empty unless the export is APPROVED; a child that has left your reach since is left out.
    rows: Vec<ExportRow>,
    /// Where this page stands.
    page_info: PageInfo,
}

/// An answer on a record of the process about a child of an export, of a category that the export was approved for and you
/// may read now.
pub struct ExportEntry(crate::store::export_entry::ExportEntry);

/// An answer on a record of the process about a child of an export, of a category that the export was approved for and you
/// may read now.
#[Object(name = "ExportEntrySummary")]
impl ExportEntry {
    /// The authority's own reference of the child. With IDENTITY.
    async fn local_reference(&self) -> Option<&str> {
        self.0.local_reference.as_deref()
    }

    /// What the record is of.
    async fn record(&self) -> Option<RecordKind> {
        self.0.record.map(Into::into)
    }

    /// The item, by its code (`recordItems`).
    async fn item(&self) -> &str {
        &self.0.item
    }

    /// Which of several answers to the item.
    async fn line(&self) -> i32 {
        self.0.line
    }

    /// When it was written.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// YES, NO, or a word of the item.
    async fn choice(&self) -> Option<&str> {
        self.0.choice.as_deref()
    }

    /// A number.
    async fn number(&self) -> Option<i32> {
        self.0.number
    }

    /// When it was, or is to be.
    async fn at(&self) -> Option<DateTime<Utc>> {
        self.0.at
    }

    /// Words.
    async fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }

    /// By when, in words.
    async fn timescale(&self) -> Option<&str> {
        self.0.timescale.as_deref()
    }

    /// Why it was not done or cannot be answered.
    async fn reason_not(&self) -> Option<&str> {
        self.0.reason_not.as_deref()
    }
}

/// A page of what stands on the records of the children of an export.
#[derive(SimpleObject)]
#[graphql(name = "ExportEntryPageResult")]
pub struct ExportEntryPage {
    /// Where the export stands: its entries come while it is APPROVED only.
    status: ExportStatus,
    /// Tells of every copy which export it came from. Null unless the export is APPROVED.
    watermark: Option<Uuid>,
    /// The entries that stand now. Empty unless the export is APPROVED; what you may not see is left out, with all about a
    /// child that has left your reach since.
    entries: Vec<ExportEntry>,
    /// Where this page stands.
    page_info: PageInfo,
}

/// Where a page of an export stands.
fn page_info<T>(args: &PageArgs, page: &Page<(Cursor, T)>) -> PageInfo {
    PageInfo {
        has_previous_page: args.after.is_some(),
        has_next_page: page.more,
        start_cursor: page.rows.first().map(|(cursor, _)| cursor.encode()),
        end_cursor: page.rows.last().map(|(cursor, _)| cursor.encode()),
    }
}

/// Which children an export is asked for, and what it is to show.
#[derive(InputObject)]
pub struct RequestExportInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The children, 500 at most; leave it out where allWithOpenCpPlan is true.
    child_ids: Option<Vec<ID>>,
    /// True for all children you work with who have a child protection plan that is open, if they are 500 at most.
    #[graphql(default)]
    all_with_open_cp_plan: bool,
    /// What it is to show: IDENTITY, PLAN, DANGER_STATEMENTS, SOCIAL_CARE_ASSESSMENT, FAMILY_VIEWS, as far as your role
    /// reads them in full. The last two are what stands on the records of the process (`exportEntries`).
    categories: Vec<InformationCategory>,
}

/// The export that was asked for.
#[derive(SimpleObject)]
pub struct RequestExportPayload {
    /// The export; null on a dry run or a refusal.
    export: Option<Export>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

macro_rules! decisions {
    ($($input:ident, $payload:ident: $what:literal;)+) => { $(
        #[doc = $what]
        #[derive(InputObject)]
        pub struct $input {
            /// A fresh UUID for this change; send the same again to retry.
            idempotency_key: Uuid,
            /// True to check everything and write nothing.
            #[graphql(default)]
            dry_run: bool,
            /// The export.
            export_id: ID,
            /// The version you decided on.
            expected_version: i64,
        }

        #[doc = $what]
        #[derive(SimpleObject)]
        pub struct $payload {
            /// The export as it stands; null on a dry run or a refusal.
            export: Option<Export>,
            /// What stands against it; empty when it was done.
            user_errors: Vec<UserError>,
        }
    )+ };
}

decisions! {
    ApproveExportInput, ApproveExportPayload: "The approval of an export.";
    RefuseExportInput, RefuseExportPayload: "The refusal of an export.";
}

/// An export needs a token that says so.
fn may_export(ctx: &Context<'_>) -> Resolved<()> {
    if session(ctx)?.principal().may(Grant::Export) {
        return Ok(());
    }
    Err(Error::Denied("The token does not allow exports.").into())
}

/// Root fields about exports.
#[derive(Default)]
pub struct ExportQuery;

/// Root fields about exports.
#[Object]
impl ExportQuery {
    /// An export by its global id.
    async fn export(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Option<Export> {
        named(ctx, typed::<ExportId>(&id, "id"), Export).await
    }

    /// The exports you asked for, or may decide about or audit, newest first.
    async fn exports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Export>> {
        let args = page_args(first, after.as_deref())?;
        let page = reader(ctx)?.scope().page(Listing::<entity::export::Entity>::whole(), &args).await?;
        Ok(connect::<entity::export::Entity, _>(Some(page), &args, Export))
    }

    /// The rows of an export, for who asked for it, with a token for exports and a reason in X-Access-Reason; until 24
    /// hours after its approval. What is in them are your rights at this moment.
    async fn export_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The export.")] export_id: ID,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<ExportPage> {
        may_export(ctx)?;
        let args = page_args(first, after.as_deref())?;
        let page = reader(ctx)?.scope().collect_export(typed(&export_id, "exportId")?, &args).await?;
        let collected = page.status == Status::Approved;
        Ok(ExportPage {
            status: page.status.into(),
            watermark: page.export.watermark.filter(|_| collected),
            page_info: page_info(&args, &page.rows),
            rows: page.rows.rows.into_iter().map(|(_, row)| ExportRow(row)).collect(),
        })
    }

    /// What stands on the records of the process about the children of an export, for who asked for it, as `exportRows`:
    /// the answers that name the child, of the categories it was approved for, as far as you may read each of them now.
    async fn export_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The export.")] export_id: ID,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<ExportEntryPage> {
        may_export(ctx)?;
        let args = page_args(first, after.as_deref())?;
        let page = reader(ctx)?.scope().collect_export_entries(typed(&export_id, "exportId")?, &args).await?;
        let collected = page.status == Status::Approved;
        Ok(ExportEntryPage {
            status: page.status.into(),
            watermark: page.export.watermark.filter(|_| collected),
            page_info: page_info(&args, &page.rows),
            entries: page.rows.rows.into_iter().map(|(_, entry)| ExportEntry(entry)).collect(),
        })
    }
}

/// Mutations of exports.
#[derive(Default)]
pub struct ExportMutation;

/// Mutations of exports.
#[Object]
impl ExportMutation {
    /// Ask for an export of children you work with, with a token for exports and a reason in X-Access-Reason. Another
    /// person approves it.
    async fn request_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The export.")] input: RequestExportInput,
    ) -> Resolved<RequestExportPayload> {
        may_export(ctx)?;
        let write = write(&input, input.idempotency_key, input.dry_run);
        let chosen = match (&input.child_ids, input.all_with_open_cp_plan) {
            (Some(ids), false) => Chosen::Named(typed_list(ids, "input.childIds")?),
            (None, true) => Chosen::OpenCpPlans,
            _ => return Err(Fault::argument("input.childIds", "Give childIds, or allWithOpenCpPlan: one of the two.")),
        };
        let request = Request { chosen, categories: input.categories.into_iter().map(Into::into).collect() };
        let reader = reader(ctx)?;
        let done = actions::export::request(reader.scope(), &write, request).await;
        let Written { row, user_errors } = finish(&reader, done, ExportId).await?;
        Ok(RequestExportPayload { export: row.map(Export), user_errors })
    }

    /// Approve an export: a manager of the same authority, and nobody their own. Who asked for it can collect it for 24
    /// hours, as far as that person's rights then reach.
    async fn approve_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The approval.")] input: ApproveExportInput,
    ) -> Resolved<ApproveExportPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.export_id, "input.exportId")?;
        let reader = reader(ctx)?;
        let decide = Decide { id, expected_version: input.expected_version };
        let done = actions::export::approve(reader.scope(), &write, decide).await;
        let Written { row, user_errors } = finish(&reader, done, ExportId).await?;
        Ok(ApproveExportPayload { export: row.map(Export), user_errors })
    }

    /// Refuse an export: a manager of the same authority, and nobody their own.
    async fn refuse_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refusal.")] input: RefuseExportInput,
    ) -> Resolved<RefuseExportPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.export_id, "input.exportId")?;
        let reader = reader(ctx)?;
        let decide = Decide { id, expected_version: input.expected_version };
        let done = actions::export::refuse(reader.scope(), &write, decide).await;
        let Written { row, user_errors } = finish(&reader, done, ExportId).await?;
        Ok(RefuseExportPayload { export: row.map(Export), user_errors })
    }
}
