//! Deadlines: what is due about a child, by when, and why then.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};
use entity::id::DeadlineId;
use uuid::Uuid;

use super::agency::{Agency, agency};
use super::child::Child;
use super::codes::{DeadlineKind, DeadlineUnit, InformationCategory};
use super::conference::Conference;
use super::core_group::CoreGroup;
use super::report_request::ReportRequest;
use super::strategy_meeting::StrategyMeeting;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::error::Error;
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::{loaded, named_ahead, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed, typed_opt};
use crate::graphql::scalars::{Date, Instant};
use crate::store::deadline::{DeadlineFilter, Rest, Status};

/// Where a deadline stands now.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Status")]
pub enum DeadlineStatus {
    /// Not due for a while.
    Upcoming,
    /// Due soon: as long before as the authority's profile says.
    Due,
    /// Done in time.
    Met,
    /// Done, and late.
    MetLate,
    /// Not done, and the time is over.
    Overdue,
    /// Not due any more: what it was about has ended, or a manager said why.
    NotApplicable,
}

/// Why a day was passed over.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Rest")]
pub enum RestReason {
    /// A Saturday or a Sunday.
    Weekend,
    /// A bank holiday of England and Wales.
    BankHoliday,
    /// A day on which nobody works here.
    Closed,
}

/// A day that was passed over.
#[derive(SimpleObject)]
pub struct SkippedDaySummary {
    /// The day.
    day: Date,
    /// Why.
    reason: RestReason,
}

/// How a deadline came to its instant: from these parts anybody can count it again.
#[derive(SimpleObject)]
pub struct DeadlineExplanationSummary {
    /// The rule, by its id in the register of practice.
    rule: String,
    /// What the rule asks.
    says: Option<String>,
    /// Where the rule stands.
    source: Option<String>,
    /// From when it was counted: what made it due, or the meeting it has to be done before.
    counted_from: DateTime<Utc>,
    /// True if it was counted back from a meeting that is to come.
    before: bool,
    /// How many.
    amount: i32,
    /// Of what.
    unit: DeadlineUnit,
    /// How such a limit is counted, in a sentence.
    convention: &'static str,
    /// The days that were passed over, in the order they were met.
    skipped_days: Vec<SkippedDaySummary>,
    /// A year on the way whose bank holidays are not listed yet. Until they are, the deadline is provisional: its bank
    /// holidays were counted as working days, so it comes too soon rather than too late.
    missing_year: Option<i32>,
    /// The last working day that is not after the day it is due: the day to plan for. Null where its year is not listed.
    last_working_day: Option<Date>,
}

/// Something that is due about a child.
pub struct Deadline(pub entity::deadline::Model);

/// Something that is due about a child, by the standard of practice that its authority held on the day it was made due.
#[Object]
impl Deadline {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What is due.
    async fn kind(&self) -> DeadlineKind {
        self.0.kind.into()
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> Resolved<DeadlineStatus> {
        Ok(Status::of(&self.0, reader(ctx)?.scope().who().at).into())
    }

    /// When it is due. A limit in days ends when its last day ends in England.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// After this instant it is late: when the day ends, for what is due at once; else the same as `dueAt`.
    async fn late_after(&self) -> DateTime<Utc> {
        self.0.late_after
    }

    /// From now on it is said to be due soon.
    async fn approaches_at(&self) -> DateTime<Utc> {
        self.0.approaches_at
    }

    /// When it was done.
    async fn met_at(&self) -> Option<DateTime<Utc>> {
        self.0.met_at
    }

    /// When it stopped being due without having been done.
    async fn lapsed_at(&self) -> Option<DateTime<Utc>> {
        self.0.lapsed_at
    }

    /// Why a manager said that it is not due any more. Null where nobody said so, or withheld.
    async fn lapsed_because(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.lapsed_because.open(&reader(ctx)?.scope().disclosure(None)).cloned().flatten())
    }

    /// Categories your role may not read here in full: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = reader(ctx)?.scope().disclosure(None).withheld(&[(Category::Plan, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// Give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// How it came to this instant.
    async fn explanation(&self, ctx: &Context<'_>) -> Resolved<DeadlineExplanationSummary> {
        let reader = reader(ctx)?;
        let explained = reader.scope().explained(&self.0);
        let (says, source) = explained.rule.unzip();
        let skipped = explained.skipped.into_iter();
        Ok(DeadlineExplanationSummary {
            rule: self.0.rule.clone(),
            says,
            source,
            counted_from: self.0.counted_from,
            before: self.0.before,
            amount: self.0.amount,
            unit: self.0.unit.into(),
            convention: explained.convention,
            skipped_days: skipped
                .map(|(day, rest)| SkippedDaySummary { day: Date(day), reason: rest.into() })
                .collect(),
            missing_year: self.0.missing_year,
            last_working_day: explained.last_working_day.map(Date),
        })
    }

    /// The child it is about.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// Who has to do it.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// Which team of it has to, where a team does. It is for `filter.teamId`.
    async fn team_id(&self) -> Option<ID> {
        self.0.team_id.map(global)
    }

    /// The strategy meeting it comes from.
    async fn strategy_meeting(&self, ctx: &Context<'_>) -> Option<StrategyMeeting> {
        loaded(ctx, self.0.strategy_meeting_id?, StrategyMeeting).await
    }

    /// The conference it is about.
    async fn conference(&self, ctx: &Context<'_>) -> Option<Conference> {
        loaded(ctx, self.0.conference_id?, Conference).await
    }

    /// The report that was asked.
    async fn report_request(&self, ctx: &Context<'_>) -> Option<ReportRequest> {
        loaded(ctx, self.0.report_request_id?, ReportRequest).await
    }

    /// The core group it is about.
    async fn core_group(&self, ctx: &Context<'_>) -> Option<CoreGroup> {
        loaded(ctx, self.0.core_group_id?, CoreGroup).await
    }
}

/// Which deadlines.
#[derive(InputObject, Default)]
pub struct DeadlineFilterInput {
    /// Standing in one of these ways; in any if left out.
    statuses: Option<Vec<DeadlineStatus>>,
    /// Of one of these kinds; of any if left out.
    kinds: Option<Vec<DeadlineKind>>,
    /// About this child.
    child_id: Option<ID>,
    /// To be met by this agency.
    agency_id: Option<ID>,
    /// To be met by this team, by `Deadline.teamId`.
    team_id: Option<ID>,
    /// Due at this authority: a child that moved had others before.
    local_authority_id: Option<ID>,
    /// To be met by a team of yours.
    my_teams: Option<bool>,
    /// Due at this instant or later.
    due_from: Option<Instant>,
    /// Due before this instant.
    due_until: Option<Instant>,
}

impl DeadlineFilterInput {
    fn read(self) -> Resolved<DeadlineFilter> {
        Ok(DeadlineFilter {
            statuses: self.statuses.unwrap_or_default().into_iter().map(Into::into).collect(),
            kinds: self.kinds.unwrap_or_default().into_iter().map(Into::into).collect(),
            child: typed_opt(self.child_id.as_ref(), "filter.childId")?,
            agency: typed_opt(self.agency_id.as_ref(), "filter.agencyId")?,
            team: typed_opt(self.team_id.as_ref(), "filter.teamId")?,
            authority: typed_opt(self.local_authority_id.as_ref(), "filter.localAuthorityId")?,
            my_teams: self.my_teams.unwrap_or_default(),
            due_from: self.due_from.map(|at| at.0),
            due_until: self.due_until.map(|at| at.0),
        })
    }
}

/// Root fields about deadlines.
#[derive(Default)]
pub struct DeadlineQuery;

/// Root fields about deadlines.
#[Object]
impl DeadlineQuery {
    /// What is due about the children you work with, the first due first.
    async fn deadlines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only deadlines like this.")] filter: Option<DeadlineFilterInput>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Deadline>> {
        let args = page_args(first, after.as_deref())?;
        let filter = filter.unwrap_or_default().read()?;
        if filter.statuses.len() + filter.kinds.len() > 100 {
            return Err(
                Error::BadInput { argument: "filter".into(), message: "Name each status and kind once." }.into()
            );
        }
        let reader = reader(ctx)?;
        let page = reader.read_page::<Deadline>(ctx, reader.scope().deadlines(&filter), &args).await?;
        Ok(connect::<entity::deadline::Entity, _>(Some(page), &args, Deadline))
    }

    /// A deadline by its global id; NOT_FOUND if it does not exist or is not for you.
    async fn deadline(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Option<Deadline> {
        named_ahead(ctx, typed::<DeadlineId>(&id, "id"), Deadline).await
    }
}

/// That something was done.
#[derive(InputObject)]
pub struct MeetDeadlineInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The deadline.
    deadline_id: ID,
    /// The version you read.
    expected_version: i64,
    /// When it was done; now if left out.
    met_at: Option<Instant>,
}

/// The deadline that was met.
#[derive(SimpleObject)]
pub struct MeetDeadlinePayload {
    /// The deadline; null on a dry run or a refusal.
    deadline: Option<Deadline>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// That something is not due any more.
#[derive(InputObject)]
pub struct WaiveDeadlineInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The deadline.
    deadline_id: ID,
    /// The version you read.
    expected_version: i64,
    /// Why it is not due any more; 1,000 characters at most.
    #[graphql(secret)]
    reason: String,
}

/// The deadline that was waived.
#[derive(SimpleObject)]
pub struct WaiveDeadlinePayload {
    /// The deadline; null on a dry run or a refusal.
    deadline: Option<Deadline>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of deadlines.
#[derive(Default)]
pub struct DeadlineMutation;

/// Mutations of deadlines.
#[Object]
impl DeadlineMutation {
    /// Record that something that was due was done: papers sent, a family met. What is late is recorded as it happened.
    /// Meetings, conferences and reports meet their deadlines themselves.
    async fn meet_deadline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was done.")] input: MeetDeadlineInput,
    ) -> Resolved<MeetDeadlinePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let meet = actions::deadline::Meet {
            id: typed(&input.deadline_id, "input.deadlineId")?,
            expected_version: input.expected_version,
            met_at: input.met_at.map(|at| at.0),
        };
        let reader = reader(ctx)?;
        let done = actions::deadline::meet(reader.scope(), &write, meet).await;
        let Written { row, user_errors } = finish(&reader, done, DeadlineId).await?;
        Ok(MeetDeadlinePayload { deadline: row.map(Deadline), user_errors })
    }

    /// Record why something is not due any more; a manager of the agency that has to do it.
    async fn waive_deadline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and why.")] input: WaiveDeadlineInput,
    ) -> Resolved<WaiveDeadlinePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let waive = actions::deadline::Waive {
            id: typed(&input.deadline_id, "input.deadlineId")?,
            expected_version: input.expected_version,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::deadline::waive(reader.scope(), &write, waive).await;
        let Written { row, user_errors } = finish(&reader, done, DeadlineId).await?;
        Ok(WaiveDeadlinePayload { deadline: row.map(Deadline), user_errors })
    }
}
