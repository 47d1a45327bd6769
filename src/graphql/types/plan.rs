//! Plans and their actions.

use async_graphql::{Context, ID, Object};
use entity::category::{Category, Depth};

use super::agency::{Agency, Practitioner, agency_about, practitioner_about, withheld_about};
use super::codes::{AbuseCategory, InformationCategory, PlanActionStatus, PlanKind, PlanState};
use super::core_group::CoreGroup;
use super::plan_version::{PlanComparisonSummary, PlanVersion, compare};
use super::record::RecordSummary;
use crate::clock::london_day;
use crate::graphql::connection::{Connection, below};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::global;
use crate::graphql::scalars::Date;
use crate::store::audit::ledger::Opening;
use crate::store::loaders::plans::VersionOn;
use crate::store::loaders::{ActionsOfPlan, CoreGroupOf, VersionsOfPlan};
use crate::store::record::RecordId;

/// A child protection or child in need plan.
pub struct Plan(pub entity::plan::Model);

/// What the reader may open of a plan and of its versions.
pub(super) fn disclosure(ctx: &Context<'_>) -> Resolved<Opening> {
    Ok(reader(ctx)?.scope().disclosure(None))
}

/// The categories of a plan that the reader may not read in full.
pub(super) fn withheld_of_plan(ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
    let parts = [(Category::DangerStatements, Depth::Full), (Category::Plan, Depth::Full)];
    Ok(disclosure(ctx)?.withheld(&parts).into_iter().map(Into::into).collect())
}

/// A child protection or child in need plan.
#[Object]
impl Plan {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What kind of plan.
    async fn kind(&self) -> PlanKind {
        self.0.kind.into()
    }

    /// The day it started: the day of the conference that made it.
    async fn starts_on(&self) -> Date {
        Date(self.0.starts_on)
    }

    /// The day it ended; null while it is open.
    async fn ends_on(&self) -> Option<Date> {
        self.0.ends_on.map(Date)
    }

    /// Category of abuse when it was made. Null where there is none or withheld.
    async fn initial_category(&self, ctx: &Context<'_>) -> Resolved<Option<AbuseCategory>> {
        Ok(self.0.category_initial.open(&disclosure(ctx)?).copied().flatten().map(Into::into))
    }

    /// Category of abuse now. Null where there is none or withheld.
    async fn latest_category(&self, ctx: &Context<'_>) -> Resolved<Option<AbuseCategory>> {
        Ok(self.0.category_latest.open(&disclosure(ctx)?).copied().flatten().map(Into::into))
    }

    /// What is feared. Null where there is none or withheld.
    async fn danger_statement(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.danger_statement.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// What safety would look like. Null where there is none or withheld.
    async fn safety_statement(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.safety_statement.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// Days between visits at the most. Null where withheld.
    async fn visit_every_days(&self, ctx: &Context<'_>) -> Resolved<Option<i32>> {
        Ok(self.0.visit_every_days.open(&disclosure(ctx)?).copied())
    }

    /// Goes up with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// How far it is: outlined, detailed, signed by the manager, revised, ended.
    async fn state(&self) -> PlanState {
        self.0.state.into()
    }

    /// What it was from change to change, the first version first.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<PlanVersion>> {
        below(ctx, (VersionsOfPlan, self.0.id), first, after.as_deref(), PlanVersion).await
    }

    /// The version that held on a day: the last of those since then or before. Null before the plan started.
    async fn as_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day, in England; today if left out.")] day: Option<Date>,
    ) -> Resolved<Option<PlanVersion>> {
        let day = day.map_or(london_day(reader(ctx)?.scope().who().at), |day| day.0);
        Ok(loaded(ctx, VersionOn(self.0.id, day), PlanVersion).await)
    }

    /// How two versions differ. Null where one of them is not there, as before the first change.
    async fn comparison(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the earlier version; the one before the later if left out.")] from: Option<i64>,
        #[graphql(desc = "The number of the later version; the one that stands if left out.")] until: Option<i64>,
    ) -> Resolved<Option<PlanComparisonSummary>> {
        let until = until.unwrap_or(self.0.version);
        Box::pin(compare(ctx, self.0.id, (from.unwrap_or(until - 1), until))).await
    }

    /// Categories your role may not read here in full: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        withheld_of_plan(ctx)
    }

    /// Its actions, the first due first. Housing, probation and the like see their own.
    async fn actions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<PlanAction>> {
        below(ctx, (ActionsOfPlan, self.0.id), first, after.as_deref(), PlanAction).await
    }

    /// What stands on its record, and what is missing.
    async fn record(&self) -> RecordSummary {
        RecordSummary(RecordId::Plan(self.0.id))
    }

    /// The core group that puts it into practice.
    async fn core_group(&self, ctx: &Context<'_>) -> Option<CoreGroup> {
        loaded(ctx, CoreGroupOf(self.0.id), CoreGroup).await
    }
}

/// One thing somebody does under a plan.
pub struct PlanAction(pub entity::plan_action::Model);

/// One thing somebody does under a plan.
#[Object]
impl PlanAction {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What is to be done.
    async fn description(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.description.open(&disclosure(ctx)?).cloned())
    }

    /// By the end of this day.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// How far it is.
    async fn status(&self) -> PlanActionStatus {
        self.0.status.into()
    }

    /// The day it was done.
    async fn done_on(&self) -> Option<Date> {
        self.0.done_on.map(Date)
    }

    /// The version of the plan that it came with.
    async fn plan_version(&self) -> i64 {
        self.0.plan_version
    }

    /// Goes up with each change of how far it is.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The agency that does it. Null where it would tell where a child with a protected address is.
    async fn owner_agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency_about(ctx, self.0.child_id, self.0.owner_agency_id).await
    }

    /// The professional who does it, where one is named. Null where the agency is withheld.
    async fn owner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner_about(ctx, self.0.child_id, self.0.owner_agency_id, self.0.owner_id).await
    }

    /// Categories you may not read here: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let mut closed = disclosure(ctx)?.withheld(&[(Category::Plan, Depth::Full)]);
        closed.extend(withheld_about(ctx, self.0.child_id, self.0.owner_agency_id).await?);
        Ok(closed.into_iter().map(Into::into).collect())
    }
}
