//! Records: what stands on them, what is missing and which steps are finished.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::Depth;
use entity::entry;

use super::agency::{Agency, Practitioner, agency, agency_about, practitioner};
use super::child::Child;
use super::codes::{EntryAudience, InformationCategory, RecordKind, RecordPath, RecordStep};
use super::document::DocumentIssue;
use super::household::Person;
use super::practice::RuleHold;
use crate::graphql::connection::{Connection, below, page_of};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::global;
use crate::graphql::scalars::Instant;
use crate::store::loaders::records::{MissingOn, PathsOn, ScoresOn, StoodOn};
use crate::store::loaders::{
    DocumentsOfConference, DocumentsOfCoreGroupMeeting, DocumentsOfEnquiry, DocumentsOfPlan,
    DocumentsOfStrategyMeeting, EntriesOfConference, EntriesOfCoreGroupMeeting, EntriesOfEnquiry, EntriesOfPlan,
    EntriesOfStrategyMeeting, HistoryOfConference, HistoryOfCoreGroupMeeting, HistoryOfEnquiry, HistoryOfPlan,
    HistoryOfStrategyMeeting, StepsOfConference, StepsOfCoreGroupMeeting, StepsOfEnquiry, StepsOfPlan,
    StepsOfStrategyMeeting,
};
use crate::store::record::RecordId;
use crate::store::record::entry::Change;
use crate::store::record::sheet::{Gap, Stand};

/// The record of a strategy meeting, an enquiry, a conference, a core group meeting or a plan.
pub struct RecordSummary(pub RecordId);

macro_rules! each_kind {
    ($self:ident, $ctx:ident, $first:ident, $after:ident, $node:ident,
     $meeting:ident $enquiry:ident $conference:ident $core_group:ident $plan:ident) => {
        match $self.0 {
            RecordId::StrategyMeeting(id) => below($ctx, ($meeting, id), $first, $after.as_deref(), $node).await,
            RecordId::Enquiry(id) => below($ctx, ($enquiry, id), $first, $after.as_deref(), $node).await,
            RecordId::Conference(id) => below($ctx, ($conference, id), $first, $after.as_deref(), $node).await,
            RecordId::CoreGroupMeeting(id) => below($ctx, ($core_group, id), $first, $after.as_deref(), $node).await,
            RecordId::Plan(id) => below($ctx, ($plan, id), $first, $after.as_deref(), $node).await,
        }
    };
}

/// The record of a strategy meeting, an enquiry, a conference, a core group meeting or a plan: answers to the items of
/// practice (`recordItems`), and what is missing of them.
#[Object]
impl RecordSummary {
    /// Give it as `recordId`: the global id of the meeting, enquiry or plan it is of.
    async fn record_id(&self) -> ID {
        match self.0 {
            RecordId::StrategyMeeting(id) => global(id),
            RecordId::Enquiry(id) => global(id),
            RecordId::Conference(id) => global(id),
            RecordId::CoreGroupMeeting(id) => global(id),
            RecordId::Plan(id) => global(id),
        }
    }

    /// Which kind of record.
    async fn kind(&self) -> RecordKind {
        self.0.kind().into()
    }

    /// What stands on it now, in the order it was written.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Entry>> {
        each_kind!(self, ctx, first, after, Entry, EntriesOfStrategyMeeting EntriesOfEnquiry EntriesOfConference
            EntriesOfCoreGroupMeeting EntriesOfPlan)
    }

    /// All that was ever written on it, in that order: how it stood at an instant are the entries that were recorded by
    /// then and superseded later or never.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Entry>> {
        each_kind!(self, ctx, first, after, Entry, HistoryOfStrategyMeeting HistoryOfEnquiry HistoryOfConference
            HistoryOfCoreGroupMeeting HistoryOfPlan)
    }

    /// How it stood at an instant, in the order it was written; BAD_USER_INPUT for a record of more than 1,000 entries.
    async fn as_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When; now if left out.")] at: Option<Instant>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Entry>> {
        let reader = reader(ctx)?;
        let at = at.map_or(reader.scope().who().at, |at| at.0);
        stood(ctx, StoodOn(self.0, at), first, after.as_deref()).await
    }

    /// What changed between two instants, for comparing two versions; BAD_USER_INPUT for a record of more than 1,000
    /// entries.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From when; from its beginning if left out.")] from: Option<Instant>,
        #[graphql(desc = "Until when; now if left out.")] until: Option<Instant>,
    ) -> Resolved<Vec<EntryChangeSummary>> {
        let reader = reader(ctx)?;
        let until = until.map_or(reader.scope().who().at, |at| at.0);
        let changes = reader.scope().changes(self.0, from.map(|at| at.0), until).await?;
        Ok(changes.into_iter().map(Into::into).collect())
    }

    /// The steps that are finished.
    async fn finished_steps(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<FinishedStep>> {
        each_kind!(self, ctx, first, after, FinishedStep, StepsOfStrategyMeeting StepsOfEnquiry StepsOfConference
            StepsOfCoreGroupMeeting StepsOfPlan)
    }

    /// The documents that went out.
    async fn documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<DocumentIssue>> {
        each_kind!(self, ctx, first, after, DocumentIssue, DocumentsOfStrategyMeeting DocumentsOfEnquiry
            DocumentsOfConference DocumentsOfCoreGroupMeeting DocumentsOfPlan)
    }

    /// What your authority asks for and is not there, for all steps or for one. Null for posts outside social care: what
    /// they see of a record is not the whole of it.
    async fn missing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what this step asks for.")] step: Option<RecordStep>,
    ) -> Resolved<Option<Vec<GapSummary>>> {
        let reader = reader(ctx)?;
        if !reader.scope().who().role.holds_a_social_care_post() {
            return Ok(None);
        }
        let gaps = reader.load(MissingOn(self.0)).await?.unwrap_or_default();
        let wanted = gaps.into_iter().filter(|gap| step.is_none_or(|step| RecordStep::from(gap.step) == step));
        Ok(Some(wanted.map(GapSummary).collect()))
    }

    /// How far what is on it has come that goes through several states: a nine-month review, a proposal to step down, trouble with
    /// attendance. Nobody sets these states: they follow from the entries and the outcome. Null for posts outside social care; left
    /// out is what rests on an entry that your post does not read.
    async fn paths(&self, ctx: &Context<'_>) -> Resolved<Option<Vec<RecordPathSummary>>> {
        let reader = reader(ctx)?;
        if !reader.scope().who().role.holds_a_social_care_post() {
            return Ok(None);
        }
        let stands = reader.load(PathsOn(self.0)).await?.unwrap_or_default();
        Ok(Some(stands.into_iter().map(RecordPathSummary).collect()))
    }

    /// The scores that were given at a conference, for each child with any. Null where the plan is withheld.
    async fn scores(&self, ctx: &Context<'_>) -> Resolved<Option<Vec<ScoresSummary>>> {
        let reader = reader(ctx)?;
        let category = entity::category::Category::Plan;
        if !reader.scope().disclosure(None).withheld(&[(category, Depth::Full)]).is_empty() {
            return Ok(None);
        }
        let scores = reader.load(ScoresOn(self.0)).await?.unwrap_or_default();
        let each = |(child, scores): (_, crate::store::record::sheet::Scores)| ScoresSummary {
            child_id: global(child),
            given: small(scores.given),
            lowest: scores.lowest,
            highest: scores.highest,
            zeros: small(scores.zeros),
            above_five: small(scores.above_five),
            mostly_zero: scores.mostly_zero(),
            majority_above_five: scores.majority_above_five(),
        };
        Ok(Some(scores.into_iter().map(each).collect()))
    }
}

fn small(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A change of a record between two instants.
#[derive(SimpleObject)]
pub struct EntryChangeSummary {
    /// What stood at the first; null where it is new.
    before: Option<Entry>,
    /// What stands at the second; null where it was taken back.
    after: Option<Entry>,
}

impl From<Change> for EntryChangeSummary {
    fn from(change: Change) -> Self {
        Self { before: change.before.map(Entry), after: change.after.map(Entry) }
    }
}

/// The scores for a child together. Everybody who scored counts, family included; who did not score counts nowhere.
#[derive(SimpleObject)]
pub struct ScoresSummary {
    /// The child.
    child_id: ID,
    /// How many scored.
    given: i32,
    /// The lowest score.
    lowest: i32,
    /// The highest score.
    highest: i32,
    /// How many scored zero.
    zeros: i32,
    /// How many scored above five.
    above_five: i32,
    /// More than half are zero: the managers of social work are told, and the chair asks why (BIR-SC-02, BIR-SC-03).
    mostly_zero: bool,
    /// More than half are above five: the chair asks whether a child in need plan would do (BIR-SC-04).
    majority_above_five: bool,
}

/// Something that is asked for and has no answer.
pub struct GapSummary(pub Gap);

/// Something that is asked for and has no answer.
#[Object]
impl GapSummary {
    /// The item, as `recordEntries` names it.
    async fn item(&self) -> &str {
        &self.0.item
    }

    /// What it asks.
    async fn asks(&self) -> &str {
        &self.0.asks
    }

    /// The step that waits for it.
    async fn step(&self) -> RecordStep {
        self.0.step.into()
    }

    /// The rules of your authority that ask for it, by their ids in the register of practice.
    async fn rules(&self) -> &[String] {
        &self.0.rules
    }

    /// How strictly: REFUSE holds the step up.
    async fn hold(&self) -> RuleHold {
        self.0.hold.into()
    }

    /// The line of another item that it is missing for.
    async fn line(&self) -> Option<i32> {
        self.0.line
    }

    /// The child it is missing for.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.subject.child?, Child).await
    }

    /// The agency it is missing for.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.subject.agency?).await
    }

    /// The adult of the family it is missing for.
    async fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        loaded(ctx, self.0.subject.person?, Person).await
    }
}

/// How far something on a record has come.
pub struct RecordPathSummary(pub Stand);

/// How far something on a record has come.
#[Object]
impl RecordPathSummary {
    /// What.
    async fn path(&self) -> RecordPath {
        self.0.path.into()
    }

    /// Where it stands: a word of those that `path` lists.
    async fn state(&self) -> &str {
        self.0.state
    }

    /// The states before that one of which nothing is recorded.
    async fn passed_over(&self) -> &[&'static str] {
        &self.0.passed_over
    }

    /// The child it is about.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.subject.child?, Child).await
    }

    /// The agency it is about.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.subject.agency?).await
    }
}

/// An answer to an item of practice.
pub struct Entry(pub entity::entry::Model);

macro_rules! opened {
    ($self:ident, $ctx:ident, $column:ident) => {{
        let reader = reader($ctx)?;
        let scope = reader.scope();
        let own = scope.disclosure(Some($self.0.recorded_at_agency_id));
        $self.0.$column.open_as(&own, scope.category_of(&$self.0)).cloned().flatten()
    }};
}

/// An answer to an item of practice, on the record of a meeting, an enquiry or a plan. It is never changed: another takes
/// its place, and both stay.
#[Object]
impl Entry {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The item, by its code (`recordItems`).
    async fn item(&self) -> &str {
        &self.0.item
    }

    /// What the item asks.
    async fn asks(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(reader(ctx)?.scope().item_of(&self.0).map(|item| item.asks.clone()))
    }

    /// Which of several answers to the item.
    async fn line(&self) -> i32 {
        self.0.line
    }

    /// YES, NO, or a word of the item. Null where there is none, or withheld.
    async fn choice(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(opened!(self, ctx, choice))
    }

    /// A number. Null where there is none, or withheld.
    async fn number(&self, ctx: &Context<'_>) -> Resolved<Option<i32>> {
        Ok(opened!(self, ctx, number))
    }

    /// When it was, or is to be. Null where there is none, or withheld.
    async fn at(&self, ctx: &Context<'_>) -> Resolved<Option<DateTime<Utc>>> {
        Ok(opened!(self, ctx, at))
    }

    /// Words. Null where there are none, or withheld.
    async fn text(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(opened!(self, ctx, text))
    }

    /// By when, in words. Null where there are none, or withheld.
    async fn timescale(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(opened!(self, ctx, timescale))
    }

    /// Why it was not done or cannot be answered. Null where nothing is said, or withheld.
    async fn reason_not(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(opened!(self, ctx, reason_not))
    }

    /// The category it belongs to, where your role may not read that here: a null field is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let reader = reader(ctx)?;
        let scope = reader.scope();
        let own = scope.disclosure(Some(self.0.recorded_at_agency_id));
        let closed = own.withheld(&[(scope.category_of(&self.0), Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// Who reads it, of those who read the record.
    async fn audience(&self) -> EntryAudience {
        self.0.audience.into()
    }

    /// When it was written.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// Who wrote it.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.recorded_by)).await
    }

    /// When another took its place, or it was taken back.
    async fn superseded_at(&self) -> Option<DateTime<Utc>> {
        self.0.superseded_at
    }

    /// The child it is about.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id?, Child).await
    }

    /// The agency it is about. Null where it would tell where a child with a protected address is.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        let about = self.0.agency_id?;
        match self.0.child_id {
            Some(child) => agency_about(ctx, child, about).await,
            None => agency(ctx, about).await,
        }
    }

    /// The adult of the family it is about.
    async fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        loaded(ctx, self.0.person_id?, Person).await
    }
}

/// A step of a record that was finished.
pub struct FinishedStep(pub entity::finished_step::Model);

/// A step of a record that was finished.
#[Object]
impl FinishedStep {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Which step.
    async fn step(&self) -> RecordStep {
        self.0.step.into()
    }

    /// When.
    async fn finished_at(&self) -> DateTime<Utc> {
        self.0.finished_at
    }

    /// By whom.
    async fn finished_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.finished_by)).await
    }
}

/// A page of what stood on a record at an instant.
pub async fn stood(
    ctx: &Context<'_>,
    key: StoodOn,
    first: Option<i32>,
    after: Option<&str>,
) -> Resolved<Connection<Entry>> {
    let rows = reader(ctx)?.load(key).await?.unwrap_or_default();
    page_of::<entry::Entity, _>(&rows, first, after, Entry)
}
