//! Strategy meetings.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};
use entity::id::StrategyMeetingId;
use uuid::Uuid;

use super::agency::{Practitioner, practitioner};
use super::allegation::Allegation;
use super::attendance::QuorumSummary;
use super::child::Child;
use super::codes::{Attendance, StrategyDecision, StrategyMeetingStatus};
use super::enquiry::Enquiry;
use super::invitation::Invitation;
use super::record::RecordSummary;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::connection::{Connection, below, connect, page_args};
use crate::graphql::context::{loaded, named_ahead, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed, typed_list, typed_opt};
use crate::graphql::scalars::Instant;
use crate::store::invitee::Invitee;
use crate::store::loaders::records::QuorumOf;
use crate::store::loaders::{ChildrenOfStrategyMeeting, EnquiriesOfStrategyMeeting, InvitationsToStrategyMeeting};
use crate::store::page::Listing;
use crate::store::record::RecordId;

/// A strategy meeting or discussion.
pub struct StrategyMeeting(pub entity::strategy_meeting::Model);

/// A strategy meeting or discussion. Read by those invited and by the social care staff who hold the record; for an
/// agency that is involved but was not invited it does not exist. One about a professional is read, among those who hold
/// the record, by who reads the allegation, leads the meeting or was asked by name; never by whom it is about.
#[Object]
impl StrategyMeeting {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Why it was called.
    async fn reason(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.reason.open(&reader(ctx)?.scope().disclosure(None)).cloned())
    }

    /// Where it stands.
    async fn status(&self) -> StrategyMeetingStatus {
        self.0.status.into()
    }

    /// When it is to be held.
    async fn scheduled_at(&self) -> DateTime<Utc> {
        self.0.scheduled_at
    }

    /// When it was held.
    async fn held_at(&self) -> Option<DateTime<Utc>> {
        self.0.held_at
    }

    /// When it was called.
    async fn called_at(&self) -> DateTime<Utc> {
        self.0.called_at
    }

    /// What is handed out at the meeting.
    async fn outcome_summary(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.outcome_summary.open(&reader(ctx)?.scope().disclosure(None)).cloned().flatten())
    }

    /// Whether the minimum of agencies took part; null until it is recorded who did.
    async fn quorate(&self) -> Option<bool> {
        self.0.quorate
    }

    /// Whether social care, police and health, or whom else the authority wants there, are at the table: by who took part
    /// (WAR-SM-08), until that is recorded by the replies. Who was consulted only is not counted. Null where the authority
    /// sets no minimum, or withheld.
    async fn quorum(&self, ctx: &Context<'_>) -> Resolved<Option<QuorumSummary>> {
        let reader = reader(ctx)?;
        if !reader.scope().disclosure(None).withheld(&[(Category::NonAttendance, Depth::Full)]).is_empty() {
            return Ok(None);
        }
        Ok(reader.load(QuorumOf(self.0.id)).await?.map(Into::into))
    }

    /// Give it back as `expectedVersion` when you record the outcome.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Who leads it.
    async fn lead(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.lead_id)).await
    }

    /// The allegation it is about, where it is about a professional and you read that; only with a reason in
    /// X-Access-Reason, else REASON_REQUIRED.
    async fn allegation(&self, ctx: &Context<'_>) -> Option<Allegation> {
        let id = self.0.allegation_id?;
        loaded(ctx, id, Allegation).await
    }

    /// What stands on its record, and what is missing.
    async fn record(&self) -> RecordSummary {
        RecordSummary(RecordId::StrategyMeeting(self.0.id))
    }

    /// The enquiries it began.
    async fn enquiries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Enquiry>> {
        below(ctx, (EnquiriesOfStrategyMeeting, self.0.id), first, after.as_deref(), Enquiry).await
    }

    /// The children it is about, among those you work with.
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<StrategyMeetingChild>> {
        below(ctx, (ChildrenOfStrategyMeeting, self.0.id), first, after.as_deref(), StrategyMeetingChild).await
    }

    /// Who is asked.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Invitation>> {
        below(ctx, (InvitationsToStrategyMeeting, self.0.id), first, after.as_deref(), Invitation).await
    }
}

/// A child a strategy meeting is about, and what was decided for it.
pub struct StrategyMeetingChild(pub entity::strategy_meeting_child::Model);

/// A child a strategy meeting is about, and what was decided for it.
#[Object]
impl StrategyMeetingChild {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The decision on the section 47 threshold; null until it is recorded.
    async fn decision(&self, ctx: &Context<'_>) -> Resolved<Option<StrategyDecision>> {
        let decision = self.0.decision.open(&reader(ctx)?.scope().disclosure(None)).copied().flatten();
        Ok(decision.map(Into::into))
    }

    /// The child.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }
}

/// Root fields about strategy meetings.
#[derive(Default)]
pub struct StrategyMeetingQuery;

/// Root fields about strategy meetings.
#[Object]
impl StrategyMeetingQuery {
    /// A strategy meeting by its global id; NOT_FOUND if it does not exist or you were not asked to it.
    async fn strategy_meeting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Option<StrategyMeeting> {
        named_ahead(ctx, typed::<entity::id::StrategyMeetingId>(&id, "id"), StrategyMeeting).await
    }

    /// The strategy meetings you may see, newest first.
    async fn strategy_meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<StrategyMeeting>> {
        let args = page_args(first, after.as_deref())?;
        let page = reader(ctx)?.read_page::<StrategyMeeting>(ctx, Listing::whole(), &args).await?;
        Ok(connect::<entity::strategy_meeting::Entity, _>(Some(page), &args, StrategyMeeting))
    }
}

/// An agency asked to a meeting.
#[derive(InputObject)]
pub struct InviteeInput {
    /// The agency.
    agency_id: ID,
    /// The professional asked for by name; needs a post at the agency.
    practitioner_id: Option<ID>,
}

impl InviteeInput {
    /// An invitee from its parts.
    pub const fn of(agency_id: ID, practitioner_id: Option<ID>) -> Self {
        Self { agency_id, practitioner_id }
    }

    /// The invitee named at `path`.
    pub fn read(&self, path: &str) -> Resolved<Invitee> {
        Ok(Invitee {
            agency: typed(&self.agency_id, &format!("{path}.agencyId"))?,
            practitioner: typed_opt(self.practitioner_id.as_ref(), &format!("{path}.practitionerId"))?,
        })
    }
}

/// A strategy meeting to be called.
#[derive(InputObject)]
pub struct CallStrategyMeetingInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The children it is about; 20 at most.
    child_ids: Vec<ID>,
    /// The allegation or concern; 4,000 characters at most.
    #[graphql(secret)]
    reason: String,
    /// When it is to be held; in the past, where it is written down afterwards: then nobody is refused for who was not
    /// asked, and its limits are met or late as it was. Not before `contactReceivedAt`, nor before a child was expected
    /// (WRONG_TIME).
    scheduled_at: Instant,
    /// When those who were asked heard of it, where it is written down afterwards; now if left out, which leaves them no
    /// notice. Not after the meeting.
    invited_at: Option<Instant>,
    /// Who leads it; you, if left out.
    lead_id: Option<ID>,
    /// Who is asked. Police and health at the least (WAR-SM-08, STA-SM-01): where the authority refuses to call a meeting
    /// without them NOT_QUORATE, elsewhere `quorum.missing` tells it.
    invitees: Vec<InviteeInput>,
    /// When the contact was received that gave rise to it: from then on the authority's clock for the first meeting runs.
    contact_received_at: Option<Instant>,
    /// The allegation it is about, where it is about a professional. An Operations Manager calls and leads such a meeting
    /// (WAR-SM-06, else RULE_REFUSED); who may not read the allegation names it in vain (UNKNOWN_REFERENCE). Its children
    /// close to the professional.
    allegation_id: Option<ID>,
}

/// The called meeting.
#[derive(SimpleObject)]
pub struct CallStrategyMeetingPayload {
    /// The meeting; null on a dry run or a refusal.
    strategy_meeting: Option<StrategyMeeting>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What a strategy meeting decided.
#[derive(InputObject)]
pub struct RecordStrategyMeetingOutcomeInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The meeting.
    strategy_meeting_id: ID,
    /// The version you read.
    expected_version: i64,
    /// When it was held; not later than now, nor before the contact that it was called for. It may be before it was called
    /// here.
    held_at: Instant,
    /// What is handed out at the meeting; 10,000 characters at most.
    #[graphql(secret)]
    outcome_summary: String,
    /// The decision for every child of the meeting.
    decisions: Vec<StrategyDecisionInput>,
    /// Who took part: an entry for every invited agency. If left out, `quorate` stays null, and the record asks why it is
    /// not shown that the minimum was there.
    attendance: Option<Vec<StrategyAttendanceInput>>,
}

/// Whether an invited agency took part in a strategy meeting: in person, by telephone or video, or by a deputy. Who was
/// consulted only is written under CONSULTED.
#[derive(InputObject)]
pub struct StrategyAttendanceInput {
    /// The agency.
    agency_id: ID,
    /// Whether it took part.
    attendance: Attendance,
}

/// The decision for one child.
#[derive(InputObject)]
pub struct StrategyDecisionInput {
    /// The child.
    child_id: ID,
    /// The decision.
    decision: StrategyDecision,
}

/// The meeting with its outcome.
#[derive(SimpleObject)]
pub struct RecordStrategyMeetingOutcomePayload {
    /// The meeting; null on a dry run or a refusal.
    strategy_meeting: Option<StrategyMeeting>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of strategy meetings.
#[derive(Default)]
pub struct StrategyMeetingMutation;

/// Mutations of strategy meetings.
#[Object]
impl StrategyMeetingMutation {
    /// Call a strategy meeting, or write one down that was held: social care.
    async fn call_strategy_meeting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting.")] input: CallStrategyMeetingInput,
    ) -> Resolved<CallStrategyMeetingPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let invitees = input.invitees.iter().enumerate().map(|(i, each)| each.read(&format!("input.invitees.{i}")));
        let call = actions::strategy_meeting::Call {
            children: typed_list(&input.child_ids, "input.childIds")?,
            invitees: invitees.collect::<Resolved<_>>()?,
            lead: typed_opt(input.lead_id.as_ref(), "input.leadId")?,
            allegation: typed_opt(input.allegation_id.as_ref(), "input.allegationId")?,
            reason: input.reason,
            scheduled_at: input.scheduled_at.0,
            invited_at: input.invited_at.map(|at| at.0),
            contact_received_at: input.contact_received_at.map(|at| at.0),
        };
        let reader = reader(ctx)?;
        let done = actions::strategy_meeting::call(reader.scope(), &write, call).await;
        let Written { row, user_errors } = finish(&reader, done, StrategyMeetingId).await?;
        Ok(CallStrategyMeetingPayload { strategy_meeting: row.map(StrategyMeeting), user_errors })
    }

    /// Record what a strategy meeting decided, for every child, and who took part: social care. One that went on without
    /// its minimum is recorded like any other; `quorum` says so, and its record asks why.
    async fn record_strategy_meeting_outcome(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The outcome.")] input: RecordStrategyMeetingOutcomeInput,
    ) -> Resolved<RecordStrategyMeetingOutcomePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let mut decisions = Vec::new();
        for (i, entry) in input.decisions.iter().enumerate() {
            decisions.push((typed(&entry.child_id, &format!("input.decisions.{i}.childId"))?, entry.decision.into()));
        }
        let mut attendance = input.attendance.is_some().then(Vec::new);
        for (i, entry) in input.attendance.iter().flatten().enumerate() {
            let agency = typed(&entry.agency_id, &format!("input.attendance.{i}.agencyId"))?;
            attendance.get_or_insert_default().push((agency, entry.attendance.into()));
        }
        let outcome = actions::strategy_meeting::RecordOutcome {
            id: typed(&input.strategy_meeting_id, "input.strategyMeetingId")?,
            expected_version: input.expected_version,
            held_at: input.held_at.0,
            summary: input.outcome_summary,
            decisions,
            attendance,
        };
        let reader = reader(ctx)?;
        let done = actions::strategy_meeting::record_outcome(reader.scope(), &write, outcome).await;
        let Written { row, user_errors } = finish(&reader, done, StrategyMeetingId).await?;
        Ok(RecordStrategyMeetingOutcomePayload { strategy_meeting: row.map(StrategyMeeting), user_errors })
    }
}
