//! The feed: one order, read by subscription or by query.

use async_graphql::{Context, Enum, ID, Object, SimpleObject, Subscription, Union};
use chrono::{DateTime, Utc};
use entity::id::ChildId;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::allegation::Allegation;
use super::attachment::Attachment;
use super::child::{Child, Involvement};
use super::codes::EventKind;
use super::conference::Conference;
use super::conflict::Conflict;
use super::core_group::CoreGroup;
use super::deadline::Deadline;
use super::designation::Designation;
use super::emergency::EmergencyAccess;
use super::enquiry::Enquiry;
use super::episode::Episode;
use super::escalation::Escalation;
use super::export::Export;
use super::invitation::Invitation;
use super::plan::Plan;
use super::report::ConferenceReport;
use super::restricted::{ReaderListing, RestrictedItem};
use super::review::AccessReview;
use super::strategy_meeting::StrategyMeeting;
use super::transfer::TransferShare;
use crate::graphql::connection::{Connection, Edge, page_args};
use crate::graphql::context::{loaded, reader, session};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::typed_opt;
use crate::live::{Delivery, Ended, Follow, Missing, Resumed, Told, follow};
use crate::store::Scoped;
use crate::store::outbox::Wanted;
use crate::store::place::Order;

/// Something that happened.
pub struct FeedEvent(pub entity::event::Model);

/// Reads a cursor of the feed.
fn position(ctx: &Context<'_>, after: Option<&str>) -> Resolved<Option<i64>> {
    let Some(text) = after else { return Ok(None) };
    let place = reader(ctx)?.scope().open_place(Order::Feed, text);
    place.map(Some).ok_or_else(|| Fault::argument("after", "This is not a cursor of the feed."))
}

/// Something that happened. It names what it is about; you read it only if you may read all of that, and of emergency
/// access only if you have a notice of it.
#[Object]
impl FeedEvent {
    /// Give it as `after` to go on from here.
    async fn cursor(&self, ctx: &Context<'_>) -> Resolved<String> {
        Ok(reader(ctx)?.scope().seal_place(Order::Feed, self.0.position)?)
    }

    /// What happened.
    async fn kind(&self) -> EventKind {
        self.0.kind.into()
    }

    /// When.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// The strategy meeting it is about.
    async fn strategy_meeting(&self, ctx: &Context<'_>) -> Option<StrategyMeeting> {
        let id = self.0.strategy_meeting_id?;
        loaded(ctx, id, StrategyMeeting).await
    }

    /// The conference it is about.
    async fn conference(&self, ctx: &Context<'_>) -> Option<Conference> {
        let id = self.0.conference_id?;
        loaded(ctx, id, Conference).await
    }

    /// The invitation it is about.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<Invitation> {
        let id = self.0.invitation_id?;
        loaded(ctx, id, Invitation).await
    }

    /// The report it is about.
    async fn conference_report(&self, ctx: &Context<'_>) -> Option<ConferenceReport> {
        let id = self.0.conference_report_id?;
        loaded(ctx, id, ConferenceReport).await
    }

    /// The file of a report it is about.
    async fn attachment(&self, ctx: &Context<'_>) -> Option<Attachment> {
        let id = self.0.attachment_id?;
        loaded(ctx, id, Attachment).await
    }

    /// The escalation it is about.
    async fn escalation(&self, ctx: &Context<'_>) -> Option<Escalation> {
        let id = self.0.escalation_id?;
        loaded(ctx, id, Escalation).await
    }

    /// The relationship it is about.
    async fn involvement(&self, ctx: &Context<'_>) -> Option<Involvement> {
        let id = self.0.involvement_id?;
        loaded(ctx, id, Involvement).await
    }

    /// The conflict of interest it is about.
    async fn conflict(&self, ctx: &Context<'_>) -> Option<Conflict> {
        let id = self.0.conflict_id?;
        loaded(ctx, id, Conflict).await
    }

    /// The restricted item it is about.
    async fn restricted_item(&self, ctx: &Context<'_>) -> Option<RestrictedItem> {
        let id = self.0.restricted_item_id?;
        loaded(ctx, id, RestrictedItem).await
    }

    /// The entry of a reader list it is about.
    async fn reader_listing(&self, ctx: &Context<'_>) -> Option<ReaderListing> {
        let id = self.0.reader_listing_id?;
        loaded(ctx, id, ReaderListing).await
    }

    /// The duty beside the post it is about.
    async fn designation(&self, ctx: &Context<'_>) -> Option<Designation> {
        let id = self.0.designation_id?;
        loaded(ctx, id, Designation).await
    }

    /// The use of emergency access it is about. Null where you have a notice of it and it is not yours to review.
    async fn emergency_access(&self, ctx: &Context<'_>) -> Option<EmergencyAccess> {
        let id = self.0.emergency_access_id?;
        loaded(ctx, id, EmergencyAccess).await
    }

    /// The export it is about.
    async fn export(&self, ctx: &Context<'_>) -> Option<Export> {
        let id = self.0.export_id?;
        loaded(ctx, id, Export).await
    }

    /// The review of access it is about.
    async fn access_review(&self, ctx: &Context<'_>) -> Option<AccessReview> {
        let id = self.0.access_review_id?;
        loaded(ctx, id, AccessReview).await
    }

    /// The share with another authority it is about.
    async fn transfer_share(&self, ctx: &Context<'_>) -> Option<TransferShare> {
        let id = self.0.transfer_share_id?;
        loaded(ctx, id, TransferShare).await
    }

    /// The allegation it is about; only with a reason in X-Access-Reason, else REASON_REQUIRED.
    async fn allegation(&self, ctx: &Context<'_>) -> Option<Allegation> {
        let id = self.0.allegation_id?;
        loaded(ctx, id, Allegation).await
    }

    /// The enquiry it is about.
    async fn enquiry(&self, ctx: &Context<'_>) -> Option<Enquiry> {
        let id = self.0.enquiry_id?;
        loaded(ctx, id, Enquiry).await
    }

    /// The episode of need it is about.
    async fn episode(&self, ctx: &Context<'_>) -> Option<Episode> {
        let id = self.0.episode_id?;
        loaded(ctx, id, Episode).await
    }

    /// The plan it is about.
    async fn plan(&self, ctx: &Context<'_>) -> Option<Plan> {
        let id = self.0.plan_id?;
        loaded(ctx, id, Plan).await
    }

    /// What is or was due, where it is about that.
    async fn deadline(&self, ctx: &Context<'_>) -> Option<Deadline> {
        let id = self.0.deadline_id?;
        loaded(ctx, id, Deadline).await
    }

    /// The child it is about, where it is about nothing else.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        let id = self.0.child_id?;
        loaded(ctx, id, Child).await
    }

    /// The core group it is about.
    async fn core_group(&self, ctx: &Context<'_>) -> Option<CoreGroup> {
        let id = self.0.core_group_id?;
        loaded(ctx, id, CoreGroup).await
    }
}

/// Root fields about the feed.
#[derive(Default)]
pub struct EventQuery;

/// Root fields about the feed.
#[Object]
impl EventQuery {
    /// What happened after a cursor, oldest first, as far as you may see it now; of all that is kept without one. A cursor
    /// from before that is RESYNC_REQUIRED: read anew what you show, and go on without it.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these kinds; all if left out.")] kinds: Option<Vec<EventKind>>,
        #[graphql(
            desc = "Only what is about this child; about all if left out. NOT_FOUND where you may not see it; REASON_REQUIRED as for `child`."
        )]
        child_id: Option<ID>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor of the feed.")] after: Option<String>,
    ) -> Resolved<Connection<FeedEvent>> {
        let first = page_args(first, None)?.first;
        let start = position(ctx, after.as_deref())?;
        let wanted = wanted(ctx, kinds, child_id.as_ref()).await?;
        let reader = reader(ctx)?;
        let mut rows = reader.scope().events_after(start, &wanted, u64::from(first) + 1).await?;
        let more = rows.len() > usize::from(first);
        rows.truncate(usize::from(first));
        let edge = |row: entity::event::Model| {
            Ok(Edge { cursor: reader.scope().seal_place(Order::Feed, row.position)?, node: FeedEvent(row) })
        };
        let edges = rows.into_iter().map(edge).collect::<Resolved<_>>()?;
        Ok(Connection { edges, before: after.is_some(), more })
    }
}

/// What somebody wants of the feed; `NOT_FOUND` for a child that is absent or invisible.
async fn wanted(ctx: &Context<'_>, kinds: Option<Vec<EventKind>>, child: Option<&ID>) -> Resolved<Wanted> {
    let kinds = kinds.unwrap_or_default().into_iter().map(Into::into).collect();
    let child = typed_opt::<ChildId>(child, "childId")?;
    if let Some(child) = child {
        let reader = reader(ctx)?;
        reader.scope().reason_to_open(child).await?;
        reader.load(child).await?.ok_or_else(Fault::not_found)?;
    }
    Ok(Wanted { kinds, child })
}

/// How you came to now.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum ResumeOutcome {
    /// There was nothing you had missed.
    NothingMissed,
    /// What you had missed was sent before this.
    Replayed,
    /// What you had missed is not kept any more. Read anew what you show: what happens from here on follows.
    CannotReplay,
}

/// Said once in a `feed`, when all that was there at its beginning is sent: what follows is new.
#[derive(SimpleObject)]
pub struct FeedResumedEvent {
    /// How you came to now.
    pub outcome: ResumeOutcome,
    /// How many events you had missed and were sent before this.
    pub replayed: i32,
    /// The place in the feed: give it as `after` to go on from here, also where nothing happened since.
    pub cursor: String,
}

/// What a `feed` sends.
#[derive(Union)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, on its way out")]
pub enum FeedItem {
    /// Something happened.
    Event(FeedEvent),
    /// All that was there at the beginning is sent.
    Resumed(FeedResumedEvent),
}

impl FeedItem {
    fn of(told: Told, scope: &Scoped) -> Resolved<Self> {
        let (resumed, position) = match told {
            Told::Event(event, _) => return Ok(Self::Event(FeedEvent(*event))),
            Told::Resumed(resumed, position) => (resumed, position),
        };
        let (outcome, replayed) = match resumed {
            Resumed::NothingMissed => (ResumeOutcome::NothingMissed, 0),
            Resumed::Replayed(many) => (ResumeOutcome::Replayed, i32::try_from(many).unwrap_or(i32::MAX)),
            Resumed::CannotReplay => (ResumeOutcome::CannotReplay, 0),
        };
        let cursor = scope.seal_place(Order::Feed, position)?;
        Ok(Self::Resumed(FeedResumedEvent { outcome, replayed, cursor }))
    }
}

fn listen(
    ctx: &Context<'_>,
    after: Option<&str>,
    wanted: Wanted,
) -> Result<BoxStream<'static, Resolved<FeedEvent>>, Fault> {
    let items = items(ctx, after, wanted, Missing::Ends)?;
    Ok(items
        .filter_map(async |item| match item {
            Ok(FeedItem::Event(event)) => Some(Ok(event)),
            Ok(FeedItem::Resumed(_)) => None,
            Err(fault) => Some(Err(fault)),
        })
        .boxed())
}

fn items(
    ctx: &Context<'_>,
    after: Option<&str>,
    wanted: Wanted,
    missing: Missing,
) -> Result<BoxStream<'static, Resolved<FeedItem>>, Fault> {
    let session = session(ctx)?.clone();
    let start = Follow {
        hub: session.hub().clone(),
        principal: session.principal().clone(),
        asked: session.asked().clone(),
        request: session.request(),
        after: position(ctx, after)?,
        wanted,
        missing,
    };
    Ok(follow(start)
        .map(move |item| {
            let (told, scope) = item.map_err(|ended| match ended {
                Ended::Rights => Fault::rights_ended(),
                Ended::Child => Fault::not_found(),
                Ended::Failed(error) => error.into(),
            })?;
            let delivers = if let Told::Event(_, since) = &told { Some(Delivery::of(*since)) } else { None };
            let item = FeedItem::of(told, &scope);
            session.renew(scope, delivers);
            item
        })
        .boxed())
}

/// The feed as it goes on.
#[derive(Default)]
pub struct EventSubscription;

/// The feed as it goes on. Rights are those at delivery. The subscription ends when the post or the
/// token does (UNAUTHENTICATED), and one about a child when the caller's last relationship to the child does (NOT_FOUND).
/// One that is to go on from a cursor that is older than what is kept ends with RESYNC_REQUIRED; `feed` says so and goes on.
#[Subscription]
impl EventSubscription {
    /// Strategy meetings as they are called.
    async fn strategy_meeting_called(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "First what you missed after this cursor; from now on if left out.")] after: Option<String>,
        #[graphql(
            desc = "Only what is about this child; about all if left out. It ends with NOT_FOUND when you may not see the child any more."
        )]
        child_id: Option<ID>,
    ) -> Result<BoxStream<'static, Resolved<FeedEvent>>, Fault> {
        listen(
            ctx,
            after.as_deref(),
            wanted(ctx, Some(vec![EventKind::StrategyMeetingCalled]), child_id.as_ref()).await?,
        )
    }

    /// Conferences as they decide.
    async fn conference_outcome_recorded(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "First what you missed after this cursor; from now on if left out.")] after: Option<String>,
        #[graphql(
            desc = "Only what is about this child; about all if left out. It ends with NOT_FOUND when you may not see the child any more."
        )]
        child_id: Option<ID>,
    ) -> Result<BoxStream<'static, Resolved<FeedEvent>>, Fault> {
        listen(
            ctx,
            after.as_deref(),
            wanted(ctx, Some(vec![EventKind::ConferenceOutcomeRecorded]), child_id.as_ref()).await?,
        )
    }

    /// Everything that happens, as far as you may see it.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "First what you missed after this cursor; from now on if left out.")] after: Option<String>,
        #[graphql(desc = "Only these kinds; all if left out.")] kinds: Option<Vec<EventKind>>,
        #[graphql(
            desc = "Only what is about this child; about all if left out. It ends with NOT_FOUND when you may not see the child any more."
        )]
        child_id: Option<ID>,
    ) -> Result<BoxStream<'static, Resolved<FeedEvent>>, Fault> {
        listen(ctx, after.as_deref(), wanted(ctx, kinds, child_id.as_ref()).await?)
    }

    /// Everything that happens, as far as you may see it, and once how you came to now: `FeedResumedEvent` says that nothing was
    /// missed, how many events were replayed before it, or that what was missed is not kept any more.
    async fn feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "First what you missed after this cursor; from now on if left out.")] after: Option<String>,
        #[graphql(desc = "Only these kinds; all if left out.")] kinds: Option<Vec<EventKind>>,
        #[graphql(
            desc = "Only what is about this child; about all if left out. It ends with NOT_FOUND when you may not see the child any more."
        )]
        child_id: Option<ID>,
    ) -> Result<BoxStream<'static, Resolved<FeedItem>>, Fault> {
        items(ctx, after.as_deref(), wanted(ctx, kinds, child_id.as_ref()).await?, Missing::IsTold)
    }
}
