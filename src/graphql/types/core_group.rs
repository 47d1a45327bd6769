//! Core groups and their meetings.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};
use entity::id::{CoreGroupId, CoreGroupMeetingId};
use uuid::Uuid;

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::codes::{Attendance, CoreGroupState, InformationCategory, NextCoreGroupState};
use super::invitation::Invitation;
use super::record::RecordSummary;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::error::Error;
use crate::graphql::connection::{Connection, below};
use crate::graphql::context::reader;
use crate::graphql::error::{Resolved, or_null};
use crate::graphql::id::{global, typed};
use crate::graphql::scalars::{Date, Instant};
use crate::store::loaders::records::StandingOf;
use crate::store::loaders::{Below, InvitationsToCoreGroupMeeting, MeetingsOfCoreGroup, MembersOfCoreGroup};
use crate::store::page::PageArgs;
use crate::store::record::RecordId;

/// The group that puts a child protection plan into practice.
pub struct CoreGroup(pub entity::core_group::Model);

/// The group that puts a child protection plan into practice.
#[Object]
impl CoreGroup {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The day it was formed.
    async fn formed_on(&self) -> Date {
        Date(self.0.formed_on)
    }

    /// It meets first by the end of this day: ten working days after the conference (WAR-CG-01).
    async fn first_meeting_due_on(&self) -> Date {
        Date(self.0.first_meeting_due_on)
    }

    /// The day it ended; null while it lasts.
    async fn ends_on(&self) -> Option<Date> {
        self.0.ends_on.map(Date)
    }

    /// How far it is.
    async fn state(&self, ctx: &Context<'_>) -> Resolved<CoreGroupState> {
        let standing = reader(ctx)?.load(StandingOf(self.0.id)).await?.ok_or(Error::NotFound)?;
        Ok(standing.state.into())
    }

    /// Its next meeting, or its first. Null once it has ended.
    async fn next_meeting(&self, ctx: &Context<'_>) -> Resolved<Option<NextCoreGroupSummary>> {
        let standing = reader(ctx)?.load(StandingOf(self.0.id)).await?.ok_or(Error::NotFound)?;
        Ok(standing.next.map(|(state, on)| NextCoreGroupSummary { state: state.into(), on: on.map(Date) }))
    }

    /// Give it back as `expectedVersion` when you record a meeting.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The social worker who leads it.
    async fn lead(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.lead_id)).await
    }

    /// Its members.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<CoreGroupMember>> {
        below(ctx, (MembersOfCoreGroup, self.0.id), first, after.as_deref(), CoreGroupMember).await
    }

    /// Its meetings, newest first.
    async fn meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<CoreGroupMeeting>> {
        below(ctx, (MeetingsOfCoreGroup, self.0.id), first, after.as_deref(), CoreGroupMeeting).await
    }

    /// Its last meeting.
    async fn last_meeting(&self, ctx: &Context<'_>) -> Option<CoreGroupMeeting> {
        let args = PageArgs { first: 1, after: None };
        let key = Below { list: MeetingsOfCoreGroup, parent: self.0.id, args };
        let page = async { reader(ctx)?.load(key).await }.await;
        or_null(ctx, page)?.rows.pop().map(CoreGroupMeeting)
    }
}

/// A meeting of a core group that is to come.
#[derive(SimpleObject)]
pub struct NextCoreGroupSummary {
    /// How far it is.
    state: NextCoreGroupState,
    /// The day that the last meeting set for it; null where none is set.
    on: Option<Date>,
}

/// An agency's member of a core group.
pub struct CoreGroupMember(pub entity::core_group_member::Model);

/// An agency's member of a core group.
#[Object]
impl CoreGroupMember {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Since this day.
    async fn starts_on(&self) -> Date {
        Date(self.0.starts_on)
    }

    /// The agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// The professional, where one is named.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.practitioner_id).await
    }
}

/// A meeting a core group held.
pub struct CoreGroupMeeting(pub entity::core_group_meeting::Model);

/// A meeting a core group held.
#[Object]
impl CoreGroupMeeting {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// When it was held.
    async fn held_at(&self) -> DateTime<Utc> {
        self.0.held_at
    }

    /// What was achieved, and what not. Null where withheld.
    async fn progress(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.progress.open(&reader(ctx)?.scope().disclosure(None)).cloned())
    }

    /// Categories your role may not read here in full: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = reader(ctx)?.scope().disclosure(None).withheld(&[(Category::Plan, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// What stands on its record, and what is missing.
    async fn record(&self) -> RecordSummary {
        RecordSummary(RecordId::CoreGroupMeeting(self.0.id))
    }

    /// The day of the next one.
    async fn next_meeting_on(&self) -> Option<Date> {
        self.0.next_meeting_on.map(Date)
    }

    /// Each member and whether it came.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Invitation>> {
        below(ctx, (InvitationsToCoreGroupMeeting, self.0.id), first, after.as_deref(), Invitation).await
    }
}

/// A core group meeting that was held.
#[derive(InputObject)]
pub struct RecordCoreGroupMeetingInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The core group.
    core_group_id: ID,
    /// The version you read.
    expected_version: i64,
    /// When it was held.
    held_at: Instant,
    /// What was achieved, and what not; 10,000 characters at most.
    progress: String,
    /// The day of the next one.
    next_meeting_on: Option<Date>,
    /// Every member agency of that day and whether it came.
    attendance: Vec<CoreGroupAttendanceInput>,
}

/// Whether a member agency came.
#[derive(InputObject)]
pub struct CoreGroupAttendanceInput {
    /// The agency.
    agency_id: ID,
    /// Whether it came.
    attendance: Attendance,
}

/// The recorded meeting.
#[derive(SimpleObject)]
pub struct RecordCoreGroupMeetingPayload {
    /// The meeting; null on a dry run or a refusal.
    core_group_meeting: Option<CoreGroupMeeting>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Who is to lead a core group.
#[derive(InputObject)]
pub struct LeadCoreGroupInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The core group.
    core_group_id: ID,
    /// The version you read.
    expected_version: i64,
    /// A social worker of your agency who is allocated to the child.
    lead_id: ID,
}

/// The core group with who leads it.
#[derive(SimpleObject)]
pub struct LeadCoreGroupPayload {
    /// The core group; null on a dry run or a refusal.
    core_group: Option<CoreGroup>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of core groups.
#[derive(Default)]
pub struct CoreGroupMutation;

/// Mutations of core groups.
#[Object]
impl CoreGroupMutation {
    /// Record a meeting of a core group: the allocated social worker or the team manager.
    async fn record_core_group_meeting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting.")] input: RecordCoreGroupMeetingInput,
    ) -> Resolved<RecordCoreGroupMeetingPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let mut attendance = Vec::new();
        for (i, entry) in input.attendance.iter().enumerate() {
            let agency = typed(&entry.agency_id, &format!("input.attendance.{i}.agencyId"))?;
            attendance.push((agency, entry.attendance.into()));
        }
        let meeting = actions::core_group::RecordMeeting {
            id: typed(&input.core_group_id, "input.coreGroupId")?,
            expected_version: input.expected_version,
            held_at: input.held_at.0,
            progress: input.progress,
            next_meeting_on: input.next_meeting_on.map(|day| day.0),
            attendance,
        };
        let reader = reader(ctx)?;
        let done = actions::core_group::record_meeting(reader.scope(), &write, meeting).await;
        let Written { row, user_errors } = finish(&reader, done, CoreGroupMeetingId).await?;
        Ok(RecordCoreGroupMeetingPayload { core_group_meeting: row.map(CoreGroupMeeting), user_errors })
    }

    /// Name the social worker who leads a core group from now on: a manager, once the worker is allocated to the child. Who works
    /// with the child hears of it as CORE_GROUP_LEAD_NAMED.
    async fn lead_core_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who leads.")] input: LeadCoreGroupInput,
    ) -> Resolved<LeadCoreGroupPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let lead = actions::leading::Lead {
            id: typed(&input.core_group_id, "input.coreGroupId")?,
            expected_version: input.expected_version,
            lead: typed(&input.lead_id, "input.leadId")?,
        };
        let reader = reader(ctx)?;
        let done = actions::leading::lead_core_group(reader.scope(), &write, lead).await;
        let Written { row, user_errors } = finish(&reader, done, CoreGroupId).await?;
        Ok(LeadCoreGroupPayload { core_group: row.map(CoreGroup), user_errors })
    }
}
