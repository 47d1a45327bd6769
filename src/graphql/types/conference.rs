//! Conferences.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};

use super::agency::{Practitioner, practitioner};
use super::attendance::ConferenceAttendanceSummary;
use super::bundle::{ConferenceBundleSummary, bundle};
use super::child::Child;
use super::codes::{
    AbuseCategory, ConferenceKind, ConferenceOutcome, ConferenceStatus, InformationCategory, Participation,
};
use super::deadline::Deadline;
use super::delegation::ChairDelegation;
use super::invitation::Invitation;
use super::letter::NonAttendanceLetter;
use super::record::RecordSummary;
use super::report::ConferenceReport;
use super::report_request::ReportRequest;
use crate::graphql::connection::{Connection, below, connect, page_args};
use crate::graphql::context::{loaded, named_ahead, reader};
use crate::graphql::error::{Resolved, or_null};
use crate::graphql::id::{global, typed, typed_opt};
use crate::graphql::scalars::Instant;
use crate::store::conference::ConferenceFilter;
use crate::store::loaders::about::InvitedTo;
use crate::store::loaders::records::TableOf;
use crate::store::loaders::{
    ChildrenOfConference, DeadlinesOfConference, DelegationsOfConference, InvitationsToConference, LettersOfConference,
    ReportsToConference, RequestsForConference,
};
use crate::store::record::RecordId;

/// A child protection conference.
pub struct Conference(pub entity::conference::Model);

impl Conference {
    /// True for social care, and for those whose agency was invited.
    async fn at_the_table(&self, ctx: &Context<'_>) -> Resolved<bool> {
        let reader = reader(ctx)?;
        Ok(reader.scope().who().role.holds_a_social_care_post()
            || reader.load(InvitedTo(self.0.id)).await?.unwrap_or(false))
    }
}

/// A child protection conference: one meeting, one invitation list, an outcome per child.
#[Object]
impl Conference {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What kind.
    async fn kind(&self) -> ConferenceKind {
        self.0.kind.into()
    }

    /// Where it stands.
    async fn status(&self) -> ConferenceStatus {
        self.0.status.into()
    }

    /// When it is or was.
    async fn scheduled_at(&self) -> DateTime<Utc> {
        self.0.scheduled_at
    }

    /// The meeting room or link; never a home.
    async fn venue(&self) -> &str {
        &self.0.venue
    }

    /// Whether enough agencies took part; null until attendance is recorded.
    async fn quorate(&self) -> Option<bool> {
        self.0.quorate
    }

    /// The chair's summary; null until the outcome is recorded, or where withheld: it speaks of all the children, so other
    /// agencies read it if they were invited.
    async fn summary(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        let opens = self.at_the_table(ctx).await?;
        let text = self.0.summary.open(&reader(ctx)?.scope().disclosure(None)).filter(|_| opens);
        Ok(text.cloned().flatten())
    }

    /// Categories you may not read here: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let opens = self.at_the_table(ctx).await?;
        let closed = reader(ctx)?.scope().disclosure(None).withheld(&[(Category::Plan, Depth::Full)]);
        Ok(if opens { closed } else { vec![Category::Plan] }.into_iter().map(Into::into).collect())
    }

    /// When it was scheduled.
    async fn convened_at(&self) -> DateTime<Utc> {
        self.0.convened_at
    }

    /// When its outcome was recorded.
    async fn concluded_at(&self) -> Option<DateTime<Utc>> {
        self.0.concluded_at
    }

    /// Give it back as `expectedVersion` when you record attendance or outcome.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Who chairs, but for the times of `chairDelegations`.
    async fn chair(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.chair_id)).await
    }

    /// When somebody else chairs in the place of the chair, latest first.
    async fn chair_delegations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ChairDelegation>> {
        let list = (DelegationsOfConference, self.0.id);
        below(ctx, list, first, after.as_deref(), ChairDelegation).await
    }

    /// Who takes the minutes.
    async fn minute_taker(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.minute_taker_id).await
    }

    /// The children it is about, among those you work with, each with its outcome.
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ConferenceChild>> {
        below(ctx, (ChildrenOfConference, self.0.id), first, after.as_deref(), ConferenceChild).await
    }

    /// Who is asked, who replied, who came.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Invitation>> {
        below(ctx, (InvitationsToConference, self.0.id), first, after.as_deref(), Invitation).await
    }

    /// Whether enough agencies are at the table, and who is asked why they were not. Null where withheld.
    async fn attendance(&self, ctx: &Context<'_>) -> Resolved<Option<ConferenceAttendanceSummary>> {
        let reader = reader(ctx)?;
        if !reader.scope().disclosure(None).withheld(&[(Category::NonAttendance, Depth::Full)]).is_empty() {
            return Ok(None);
        }
        Ok(reader.load(TableOf(self.0.id)).await?.map(Into::into))
    }

    /// The letters to agencies that did not come or sent no report, newest first: all for the chair and social care, the own
    /// one for an agency, once it is sent.
    async fn non_attendance_letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<NonAttendanceLetter>> {
        below(ctx, (LettersOfConference, self.0.id), first, after.as_deref(), NonAttendanceLetter).await
    }

    /// What stands on its record, and what is missing.
    async fn record(&self) -> RecordSummary {
        RecordSummary(RecordId::Conference(self.0.id))
    }

    /// What is due before and after it, the first due first.
    async fn deadlines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Deadline>> {
        below(ctx, (DeadlinesOfConference, self.0.id), first, after.as_deref(), Deadline).await
    }

    /// The reports asked: all of them for social care and the chair, your own for other agencies.
    async fn report_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ReportRequest>> {
        below(ctx, (RequestsForConference, self.0.id), first, after.as_deref(), ReportRequest).await
    }

    /// What lies before it about one child, laid together for you: the reports, what is missing, and one chronology.
    /// NOT_FOUND if it is not about this child or the child is not for you; null if none of its children is for you.
    async fn bundle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the child; the first that you see, if left out.")] child_id: Option<ID>,
    ) -> Option<ConferenceBundleSummary> {
        let bundle = async { bundle(ctx, self.0.id, typed_opt(child_id.as_ref(), "childId")?).await };
        or_null(ctx, Box::pin(bundle).await)
    }

    /// The reports you may read, newest first.
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ConferenceReport>> {
        below(ctx, (ReportsToConference, self.0.id), first, after.as_deref(), ConferenceReport).await
    }
}

/// A child a conference is about, with the outcome for that child.
pub struct ConferenceChild(pub entity::conference_child::Model);

/// A child a conference is about, with the outcome for that child.
#[Object]
impl ConferenceChild {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What was decided; null until it is recorded, or where withheld.
    async fn outcome(&self, ctx: &Context<'_>) -> Resolved<Option<ConferenceOutcome>> {
        let outcome = self.0.outcome.open(&reader(ctx)?.scope().disclosure(None)).copied().flatten();
        Ok(outcome.map(Into::into))
    }

    /// Category of abuse, where one was given. Null where withheld.
    async fn abuse_category(&self, ctx: &Context<'_>) -> Resolved<Option<AbuseCategory>> {
        let category = self.0.abuse_category.open(&reader(ctx)?.scope().disclosure(None)).copied().flatten();
        Ok(category.map(Into::into))
    }

    /// How the child took part. Null where withheld.
    async fn participation(&self, ctx: &Context<'_>) -> Resolved<Option<Participation>> {
        let part = self.0.participation.open(&reader(ctx)?.scope().disclosure(None)).copied().flatten();
        Ok(part.map(Into::into))
    }

    /// Categories you may not read here: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = reader(ctx)?.scope().disclosure(None).withheld(&[(Category::Plan, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// When the outcome was recorded.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// The child.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// The conference.
    async fn conference(&self, ctx: &Context<'_>) -> Option<Conference> {
        loaded(ctx, self.0.conference_id, Conference).await
    }
}

/// How a list goes along.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum TimeOrder {
    /// The latest first, as one looks back.
    LatestFirst,
    /// The soonest first, as one looks ahead.
    SoonestFirst,
}

/// Which conferences a list shows; all that are given must hold.
#[derive(InputObject, Default)]
pub struct ConferenceFilterInput {
    /// At this instant or later.
    from: Option<Instant>,
    /// Before this instant.
    until: Option<Instant>,
    /// Standing so.
    status: Option<ConferenceStatus>,
    /// Of this kind.
    kind: Option<ConferenceKind>,
}

/// Root fields about conferences.
#[derive(Default)]
pub struct ConferenceQuery;

/// Root fields about conferences.
#[Object]
impl ConferenceQuery {
    /// A conference by its global id; NOT_FOUND if it does not exist or is about no child you work with.
    async fn conference(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Option<Conference> {
        named_ahead(ctx, typed::<entity::id::ConferenceId>(&id, "id"), Conference).await
    }

    /// The conferences you may see.
    async fn conferences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only conferences like this.")] filter: Option<ConferenceFilterInput>,
        #[graphql(desc = "By when they are; the latest first if left out. Go on with the order you began with.")]
        order: Option<TimeOrder>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Conference>> {
        let args = page_args(first, after.as_deref())?;
        let filter = filter.unwrap_or_default();
        let filter = ConferenceFilter {
            from: filter.from.map(|at| at.0),
            until: filter.until.map(|at| at.0),
            status: filter.status.map(Into::into),
            kind: filter.kind.map(Into::into),
        };
        let reader = reader(ctx)?;
        let listing = reader.scope().conferences(&filter).directed(order.map(|order| order == TimeOrder::LatestFirst));
        let page = reader.read_page::<Conference>(ctx, listing, &args).await?;
        Ok(connect::<entity::conference::Entity, _>(Some(page), &args, Conference))
    }
}
