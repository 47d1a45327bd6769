//! Recording a core group meeting.

use chrono::{DateTime, NaiveDate, Utc};
use entity::id::{AgencyId, CoreGroupId, CoreGroupMeetingId};
use entity::invitation::Attendance;

use super::{Done, Findings, counting, due, expect_version, notice};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::RecordCoreGroupMeeting;
use crate::store::core_group::NewCoreGroupMeeting;
use crate::store::invitee::Invitee;
use crate::store::{Begun, Scoped, Tx, Write};

/// Input of [`record_meeting`].
#[derive(Clone, Debug)]
pub struct RecordMeeting {
    /// The core group.
    pub id: CoreGroupId,
    /// The version the caller read.
    pub expected_version: i64,
    /// When it met.
    pub held_at: DateTime<Utc>,
    /// What was achieved, and what not.
    pub progress: String,
    /// The day of the next meeting.
    pub next_meeting_on: Option<NaiveDate>,
    /// Each member agency and whether it came.
    pub attendance: Vec<(AgencyId, Attendance)>,
}

/// Records a meeting of a core group.
pub async fn record_meeting(scope: &Scoped, write: &Write, input: RecordMeeting) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("progress", &input.progress, 10_000);
    let named: Vec<_> = input.attendance.iter().map(|(agency, _)| *agency).collect();
    findings.list("attendance", &named, 60);
    let id = CoreGroupMeetingId(scope.store().clock().new_id());
    let tx = match scope.begin::<RecordCoreGroupMeeting>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let group = tx.lock::<entity::core_group::Entity>(input.id).await?;
    let permit = tx.permit::<RecordCoreGroupMeeting, _>(group, &())?;
    expect_version(input.expected_version, permit.row().version)?;
    if permit.row().ends_on.is_some() {
        findings.add("coreGroupId", ProblemCode::AlreadyConcluded, "The core group has ended.");
    }
    if input.held_at > tx.who().at || london_day(input.held_at) < permit.row().formed_on {
        findings.add("heldAt", ProblemCode::WrongTime, "Between the day the group was formed and now.");
    }
    if input.next_meeting_on.is_some_and(|day| day <= london_day(input.held_at)) {
        findings.add("nextMeetingOn", ProblemCode::WrongTime, "After this meeting.");
    }
    let met_on = london_day(input.held_at);
    let members = tx.members_of_core_group(input.id, met_on).await?;
    let mut attendance = Vec::new();
    for (i, (agency, came)) in input.attendance.iter().enumerate() {
        match members.iter().find(|member| member.agency_id == *agency) {
            Some(m) => attendance.push((Invitee { agency: *agency, practitioner: m.practitioner_id }, *came)),
            None => findings.add(
                format!("attendance.{i}.agencyId"),
                ProblemCode::UnknownReference,
                "This agency is not in the core group.",
            ),
        }
    }
    // silence about a member would be read as nothing to say
    if members.iter().any(|member| !named.contains(&member.agency_id)) {
        findings.add("attendance", ProblemCode::Required, "Every agency of the core group needs an entry.");
    }
    findings.into_result()?;
    let (invited_at, notice_working_days) = asked(&tx, &input).await?;
    let new = NewCoreGroupMeeting {
        id,
        held_at: input.held_at,
        progress: input.progress,
        next_meeting_on: input.next_meeting_on,
        attendance,
        invited_at,
        notice_working_days,
    };
    let child = permit.row().child_id;
    tx.record_core_group_meeting(permit, new).await?;
    due::core_group_met(&tx, input.id, child, input.held_at, input.next_meeting_on).await?;
    tx.commit::<RecordCoreGroupMeeting>(Event::CoreGroupMeetingRecorded(input.id)).await
}

/// Since when the members knew of a meeting, and how many working days before: since the meeting before it, if that one
/// set this day. Where none did, nothing says that they were told.
async fn asked(tx: &Tx, input: &RecordMeeting) -> Result<(DateTime<Utc>, i32)> {
    let day = london_day(input.held_at);
    match tx.core_group_meeting_before(input.id, input.held_at).await? {
        Some(before) if before.next_meeting_on == Some(day) => {
            Ok((before.held_at, notice(&counting(tx, input.held_at), "heldAt", before.held_at, input.held_at)?))
        }
        Some(_) | None => Ok((input.held_at, 0)),
    }
}
