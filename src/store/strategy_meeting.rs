//! Strategy meetings.

use chrono::{DateTime, Utc};
use entity::id::{AgencyId, ChildId, PractitionerId, StrategyMeetingChildId, StrategyMeetingId};
use entity::invitation::Attendance;
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::strategy_meeting_child::Decision;
use entity::{allegation, child, invitation, involvement, strategy_meeting, strategy_meeting_child};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::Tx;
use super::invitee::Invitee;
use super::permit::Permit;
use crate::error::Result;
use crate::policy::actions::{CallStrategyMeeting, CancelStrategyMeeting, RecordStrategyMeetingOutcome};
use crate::practice::states::of_strategy_meeting;

/// A strategy meeting to be called.
#[derive(Clone, Debug)]
pub struct NewStrategyMeeting {
    /// Its id.
    pub id: StrategyMeetingId,
    /// Why.
    pub reason: String,
    /// Who leads it.
    pub lead: PractitionerId,
    /// When.
    pub scheduled_at: DateTime<Utc>,
    /// Who is asked.
    pub invitees: Vec<Invitee>,
    /// When they heard of it.
    pub invited_at: DateTime<Utc>,
    /// Working days from then until the meeting.
    pub notice_working_days: i32,
    /// The allegation it is about, where it is about a professional.
    pub allegation: Option<allegation::Model>,
    /// When the relationships that the invitations give end, if nothing is recorded of the meeting.
    pub invitations_end_at: DateTime<Utc>,
}

/// That a strategy meeting was held.
#[derive(Clone, Debug)]
pub struct Held {
    /// When.
    pub at: DateTime<Utc>,
    /// What is handed out at the meeting.
    pub summary: String,
    /// Each invited agency, and whether it took part; nothing where that is not known.
    pub attendance: Vec<(AgencyId, Attendance)>,
    /// Whether that made the minimum; nothing where it is not known.
    pub quorate: Option<bool>,
    /// When what its invitations opened closes.
    pub invitations_end_at: DateTime<Utc>,
}

impl Tx {
    /// Writes the meeting, its children, its invitations, and the relationship of each invitee to each child. One about
    /// a professional closes its children to that person.
    pub async fn call_strategy_meeting(
        &self,
        permit: Permit<CallStrategyMeeting, Vec<child::Model>>,
        new: NewStrategyMeeting,
    ) -> Result<()> {
        let who = self.who();
        strategy_meeting::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(who.authority),
            agency_id: Set(who.agency),
            called_by: Set(who.practitioner),
            lead_id: Set(new.lead),
            reason: Set(Sealed::new(new.reason.clone())),
            status: Set(of_strategy_meeting::CALLED),
            scheduled_at: Set(new.scheduled_at),
            held_at: Set(None),
            outcome_summary: Set(Sealed::new(None)),
            called_at: Set(who.at),
            allegation_id: Set(new.allegation.as_ref().map(|it| it.id)),
            quorate: Set(None),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        let children = permit.row.iter().map(|child| strategy_meeting_child::ActiveModel {
            id: Set(StrategyMeetingChildId(self.new_id())),
            strategy_meeting_id: Set(new.id),
            child_id: Set(child.id),
            decision: Set(Sealed::new(None)),
            discreet: Set(new.allegation.is_some()),
        });
        strategy_meeting_child::Entity::insert_many(children).exec_without_returning(&self.inner).await?;
        let invitations = new.invitees.iter().map(|invitee| invitation::ActiveModel {
            meeting: Set(invitation::Meeting::StrategyMeeting),
            strategy_meeting_id: Set(Some(new.id)),
            scheduled_at: Set(new.scheduled_at),
            invited_at: Set(new.invited_at),
            notice_working_days: Set(Sealed::new(new.notice_working_days)),
            ..self.blank_invitation(*invitee)
        });
        invitation::Entity::insert_many(invitations).exec_without_returning(&self.inner).await?;
        let relations = new.invitees.iter().flat_map(|invitee| {
            permit.row.iter().map(|child| involvement::ActiveModel {
                strategy_meeting_id: Set(Some(new.id)),
                ends_at: Set(Some(new.invitations_end_at)),
                ..self.relation(child.id, *invitee, Basis::StrategyInvitation, "Invited to a strategy meeting")
            })
        });
        involvement::Entity::insert_many(relations).exec_without_returning(&self.inner).await?;
        if let Some(about) = &new.allegation {
            let children: Vec<_> = permit.row.iter().map(|child| child.id).collect();
            self.close_to_subject(about, &children).await?;
        }
        Ok(())
    }

    /// Writes what the meeting decided, who took part, and when what its invitations opened closes.
    pub async fn record_strategy_meeting_outcome(
        &self,
        permit: Permit<RecordStrategyMeetingOutcome, strategy_meeting::Model>,
        held: Held,
        decisions: &[(ChildId, Decision)],
    ) -> Result<()> {
        let id = permit.row.id;
        let version = permit.row.version;
        let mut meeting = permit.row.into_active_model();
        meeting.status = Set(of_strategy_meeting::HOLD.to);
        meeting.held_at = Set(Some(held.at));
        meeting.outcome_summary = Set(Sealed::new(Some(held.summary)));
        meeting.quorate = Set(held.quorate);
        meeting.version = Set(version + 1);
        meeting.update(&self.inner).await?;
        for (child, decision) in decisions {
            strategy_meeting_child::Entity::update_many()
                .set(strategy_meeting_child::ActiveModel {
                    decision: Set(Sealed::new(Some(*decision))),
                    ..Default::default()
                })
                .filter(strategy_meeting_child::Column::StrategyMeetingId.eq(id))
                .filter(strategy_meeting_child::Column::ChildId.eq(*child))
                .exec(&self.inner)
                .await?;
        }
        let of = invitation::Column::StrategyMeetingId.eq(id);
        self.attended(&of, held.attendance.iter().map(|(agency, attendance)| (*agency, *attendance, None))).await?;
        self.end_strategy_invitations(id, held.invitations_end_at).await
    }

    /// Writes that a meeting is not held, and has what its invitations opened close.
    pub async fn cancel_strategy_meeting(
        &self,
        permit: Permit<CancelStrategyMeeting, strategy_meeting::Model>,
        closes_at: DateTime<Utc>,
    ) -> Result<()> {
        let (id, version) = (permit.row.id, permit.row.version);
        let mut meeting = permit.row.into_active_model();
        meeting.status = Set(of_strategy_meeting::CANCEL.to);
        meeting.version = Set(version + 1);
        meeting.update(&self.inner).await?;
        self.cut_all(involvement::Column::StrategyMeetingId.eq(id), closes_at).await
    }

    /// The invitations to a strategy meeting.
    pub async fn invitations_to_strategy_meeting(&self, id: StrategyMeetingId) -> Result<Vec<invitation::Model>> {
        self.rows::<invitation::Entity>().filter(invitation::Column::StrategyMeetingId.eq(id)).all().await
    }

    /// Keeps what is done about a meeting about a professional out of the records of its children.
    pub fn keep_discreet(&self, meeting: &strategy_meeting::Model) {
        if meeting.allegation_id.is_some() {
            self.scope().keep_discreet();
        }
    }

    /// All children of a strategy meeting, in scope or not: who records about some of them only, records nothing.
    pub async fn children_of_strategy_meeting(&self, id: StrategyMeetingId) -> Result<Vec<ChildId>> {
        // SECURITY: ids only, and of a meeting the caller has locked; the caller's scope is asked of each of them
        let rows = strategy_meeting_child::Entity::find()
            .filter(strategy_meeting_child::Column::StrategyMeetingId.eq(id))
            .all(&self.inner)
            .await?;
        Ok(rows.into_iter().map(|row| row.child_id).collect())
    }
}
