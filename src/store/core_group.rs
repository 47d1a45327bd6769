//! Core groups and their meetings.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::deadline::Kind;
use entity::id::{CoreGroupId, CoreGroupMeetingId, PractitionerId};
use entity::invitation::{Attendance, Meeting};
use entity::sealed::Sealed;
use entity::{core_group, core_group_meeting, core_group_member, deadline, invitation};
use sea_orm::sea_query::Order;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel};

use super::invitee::Invitee;
use super::loaders::MeetingsOfCoreGroup;
use super::page::PageArgs;
use super::permit::Permit;
use super::{Scoped, Tx, in_force};
use crate::clock::{london_day, noon};
use crate::error::Result;
use crate::policy::actions::{LeadCoreGroup, RecordCoreGroupMeeting};
use crate::practice::states::of_core_group::ToCome;
pub use crate::practice::states::of_core_group::{Group, Next};

/// A core group meeting that was held.
#[derive(Clone, Debug)]
pub struct NewCoreGroupMeeting {
    /// Its id.
    pub id: CoreGroupMeetingId,
    /// When it was held.
    pub held_at: DateTime<Utc>,
    /// What was achieved, and what not.
    pub progress: String,
    /// The day of the next one.
    pub next_meeting_on: Option<NaiveDate>,
    /// Each member and whether it came.
    pub attendance: Vec<(Invitee, Attendance)>,
    /// Since when the members knew of it.
    pub invited_at: DateTime<Utc>,
    /// Working days between then and the meeting.
    pub notice_working_days: i32,
}

/// How far a core group is.
#[derive(Clone, Copy, Debug)]
pub struct CoreGroupStanding {
    /// The group.
    pub state: Group,
    /// Its next meeting; none of a group that has ended.
    pub next: Option<(Next, Option<NaiveDate>)>,
}

impl Scoped {
    /// How far core groups are, and their next meetings, of those the reader sees.
    pub(in crate::store) async fn core_group_standings(
        &self,
        ids: &[CoreGroupId],
    ) -> Result<HashMap<CoreGroupId, CoreGroupStanding>> {
        let groups = self.rows::<core_group::Entity>().all_named(ids).await?;
        let ids: Vec<_> = groups.iter().map(|group| group.id).collect();
        let newest = PageArgs { first: 1, after: None };
        let met = self.pages_below::<MeetingsOfCoreGroup>(&ids, &newest).await?;
        let last = |id| met.get(&id).and_then(|page| page.rows.first());
        let set = ids.iter().filter_map(|id| last(*id)?.next_meeting_on);
        let dues = self.dues_of_next(&groups, set.collect()).await?;
        let today = london_day(self.who().at);
        let each = |group: &core_group::Model| {
            let last = last(group.id);
            let state = Group::of(group.ends_on.is_some(), last.is_some());
            let on = last.and_then(|last| last.next_meeting_on);
            let own = |due: &&deadline::Model| {
                due.core_group_id == Some(group.id)
                    || (due.kind == Kind::FirstCoreGroup && due.child_id == group.child_id)
            };
            let late = |due: &deadline::Model| due.met_at.is_none() && due.late_after < self.who().at;
            let set = on.map(noon);
            let papers = |due: &deadline::Model| due.kind == Kind::CoreGroupPapers && Some(due.counted_from) == set;
            let next = Next::of(ToCome {
                on,
                late: on.is_some_and(|on| on < today) || dues.iter().filter(own).any(|due| !papers(due) && late(due)),
                papers_out: dues.iter().filter(own).any(|due| papers(due) && due.met_at.is_some()),
            });
            (group.id, CoreGroupStanding { state, next: (state != Group::Ended).then_some((next, on)) })
        };
        Ok(groups.iter().map(each).collect())
    }

    /// What is due about the next meetings of core groups: the meeting, and the papers for the days that are set.
    async fn dues_of_next(&self, groups: &[core_group::Model], set: Vec<NaiveDate>) -> Result<Vec<deadline::Model>> {
        use deadline::Column as C;
        let of_groups = C::CoreGroupId.is_in(groups.iter().map(|group| group.id));
        let of_children = C::ChildId.is_in(groups.iter().map(|group| group.child_id));
        let open = |kind: Kind| Condition::all().add(C::Kind.eq(kind)).add(C::MetAt.is_null());
        let papers = Condition::all()
            .add(C::Kind.eq(Kind::CoreGroupPapers))
            .add(C::CountedFrom.is_in(set.into_iter().map(noon)))
            .add(of_groups.clone());
        let which = Condition::any()
            .add(open(Kind::FirstCoreGroup).add(of_children))
            .add(open(Kind::NextCoreGroup).add(of_groups))
            .add(papers);
        self.rows::<deadline::Entity>().filter(C::LapsedAt.is_null()).filter(which).all().await
    }
}

impl Tx {
    /// The members of a core group on a day.
    pub async fn members_of_core_group(&self, id: CoreGroupId, on: NaiveDate) -> Result<Vec<core_group_member::Model>> {
        use core_group_member::Column as C;
        let select = self.rows::<core_group_member::Entity>().filter(C::CoreGroupId.eq(id));
        select.filter(in_force(C::StartsOn, C::EndsOn, on)).all().await
    }

    /// The last meeting of a core group before an instant.
    pub async fn core_group_meeting_before(
        &self,
        id: CoreGroupId,
        at: DateTime<Utc>,
    ) -> Result<Option<core_group_meeting::Model>> {
        use core_group_meeting::Column as C;
        let select = self.rows::<core_group_meeting::Entity>().filter(C::CoreGroupId.eq(id)).filter(C::HeldAt.lt(at));
        Ok(select.order_by(C::HeldAt, Order::Desc).limit(1).all().await?.pop())
    }

    /// Whether a core group met after an instant.
    pub async fn core_group_met_since(&self, id: CoreGroupId, at: DateTime<Utc>) -> Result<bool> {
        use core_group_meeting::Column as C;
        let later = self.rows::<core_group_meeting::Entity>().filter(C::CoreGroupId.eq(id)).filter(C::HeldAt.gt(at));
        later.exist().await
    }

    /// Writes who leads a core group from now on.
    pub async fn lead_core_group(
        &self,
        permit: Permit<LeadCoreGroup, core_group::Model>,
        lead: PractitionerId,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.lead_id = Set(lead);
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes the meeting and who came.
    pub async fn record_core_group_meeting(
        &self,
        permit: Permit<RecordCoreGroupMeeting, core_group::Model>,
        new: NewCoreGroupMeeting,
    ) -> Result<()> {
        let who = self.who();
        core_group_meeting::ActiveModel {
            id: Set(new.id),
            core_group_id: Set(permit.row.id),
            child_id: Set(permit.row.child_id),
            held_at: Set(new.held_at),
            progress: Set(Sealed::new(new.progress.clone())),
            next_meeting_on: Set(new.next_meeting_on),
            recorded_by: Set(who.practitioner),
            recorded_at: Set(who.at),
        }
        .insert(&self.inner)
        .await?;
        if !new.attendance.is_empty() {
            let rows = new.attendance.iter().map(|(member, attendance)| invitation::ActiveModel {
                meeting: Set(Meeting::CoreGroup),
                core_group_meeting_id: Set(Some(new.id)),
                scheduled_at: Set(new.held_at),
                invited_at: Set(new.invited_at),
                notice_working_days: Set(Sealed::new(new.notice_working_days)),
                attendance: Set(Some(*attendance)),
                ..self.blank_invitation(*member)
            });
            invitation::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        }
        let version = permit.row.version;
        let mut group = permit.row.into_active_model();
        group.version = Set(version + 1);
        group.update(&self.inner).await?;
        Ok(())
    }
}
