//! Versions of plans, and how two of them differ.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::agency::{Practitioner, practitioner};
use super::codes::{AbuseCategory, InformationCategory, PlanPart, PlanState};
use super::conference::Conference;
use super::plan::{disclosure, withheld_of_plan};
use super::record::{Entry, EntryChangeSummary, stood};
use crate::graphql::connection::Connection;
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::global;
use crate::graphql::scalars::Date;
use crate::store::audit::ledger::Opening;
use crate::store::loaders::plans::VersionNumbered;
use crate::store::loaders::records::StoodOn;
use crate::store::plan_version::last_of;
use crate::store::record::RecordId;

/// A plan as it stood from one change to the next.
pub struct PlanVersion(pub entity::plan_version::Model);

/// A plan as it stood from one change to the next. Each change writes another, and none is changed: what a conference decided,
/// what was written on its record, its steps, its end.
#[Object]
impl PlanVersion {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The `version` of the plan that it was. A change of what the plan does not hold itself, its core group or how far an
    /// action is, makes none.
    async fn number(&self) -> i64 {
        self.0.number
    }

    /// How far the plan was.
    async fn state(&self) -> PlanState {
        self.0.state.into()
    }

    /// The day from which it held: of the conference, or when it was written. Of what was there before versions were kept, the
    /// day the plan started.
    async fn since(&self) -> Date {
        Date(self.0.since)
    }

    /// When it was written down. Null for what was there before versions were kept.
    async fn recorded_at(&self) -> Option<DateTime<Utc>> {
        self.0.recorded_at
    }

    /// Who wrote it down. Null for what was there before versions were kept.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.recorded_by).await
    }

    /// When the next one was written down; null for the one that stands.
    async fn superseded_at(&self) -> Option<DateTime<Utc>> {
        self.0.superseded_at
    }

    /// The conference that made it; null where none did.
    async fn conference(&self, ctx: &Context<'_>) -> Option<Conference> {
        loaded(ctx, self.0.conference_id?, Conference).await
    }

    /// Category of abuse. Null where there is none or withheld.
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

    /// Categories your role may not read here in full: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        withheld_of_plan(ctx)
    }

    /// What stood on the plan's record with it; BAD_USER_INPUT for a record of more than 1,000 entries.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Entry>> {
        let at = last_of(&self.0, reader(ctx)?.scope().who().at);
        stood(ctx, StoodOn(RecordId::Plan(self.0.plan_id), at), first, after.as_deref()).await
    }
}

/// How two versions of a plan differ.
#[derive(SimpleObject)]
pub struct PlanComparisonSummary {
    /// The one.
    before: PlanVersion,
    /// The other.
    after: PlanVersion,
    /// The parts of the plan in which they differ, of those that you may read.
    changed: Vec<PlanPart>,
    /// The answers on its record in which they differ.
    entries: Vec<EntryChangeSummary>,
}

/// Compares two versions of a plan; `None` where one of them is not there.
pub async fn compare(
    ctx: &Context<'_>,
    plan: entity::id::PlanId,
    (before, after): (i64, i64),
) -> Resolved<Option<PlanComparisonSummary>> {
    if before >= after {
        return Err(Fault::argument("until", "A later version than the first."));
    }
    let reader = reader(ctx)?;
    let at = reader.scope().who().at;
    let one = reader.load(VersionNumbered(plan, before)).await?;
    let Some((one, other)) = one.zip(reader.load(VersionNumbered(plan, after)).await?) else { return Ok(None) };
    let (from, until) = (last_of(&one, at), last_of(&other, at));
    let entries = reader.scope().changes(RecordId::Plan(plan), Some(from), until).await?;
    let changed = differ(&disclosure(ctx)?, &one, &other);
    Ok(Some(PlanComparisonSummary {
        before: PlanVersion(one),
        after: PlanVersion(other),
        changed,
        entries: entries.into_iter().map(Into::into).collect(),
    }))
}

fn differ(opening: &Opening, one: &entity::plan_version::Model, other: &entity::plan_version::Model) -> Vec<PlanPart> {
    let parts = [
        (PlanPart::State, one.state != other.state),
        (PlanPart::Category, one.category_latest.open(opening) != other.category_latest.open(opening)),
        (PlanPart::DangerStatement, one.danger_statement.open(opening) != other.danger_statement.open(opening)),
        (PlanPart::SafetyStatement, one.safety_statement.open(opening) != other.safety_statement.open(opening)),
        (PlanPart::VisitEveryDays, one.visit_every_days.open(opening) != other.visit_every_days.open(opening)),
    ];
    parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect()
}
