//! Strategy meetings.

use chrono::{DateTime, Utc};
use entity::id::{
    AgencyId, ChildId, InvitationId, InvolvementId, PractitionerId, StrategyMeetingChildId, StrategyMeetingId,
};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::strategy_meeting_child::Decision;
use entity::{child, invitation, involvement, strategy_meeting, strategy_meeting_child};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::Tx;
use super::permit::Permit;
use crate::error::Result;
use crate::policy::actions::{CallStrategyMeeting, RecordStrategyMeetingOutcome};

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
    /// Working days until then.
    pub notice_working_days: i32,
}

/// An agency asked to a meeting, with the professional asked for by name where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitee {
    /// The agency.
    pub agency: AgencyId,
    /// The professional.
    pub practitioner: Option<PractitionerId>,
}

impl Tx {
    /// Writes the meeting, its children, its invitations, and the relationship of each invitee to each child.
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
            status: Set(strategy_meeting::Status::Called),
            scheduled_at: Set(new.scheduled_at),
            held_at: Set(None),
            outcome_summary: Set(Sealed::new(None)),
            called_at: Set(who.at),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        let children = permit.row.iter().map(|child| strategy_meeting_child::ActiveModel {
            id: Set(StrategyMeetingChildId(self.new_id())),
            strategy_meeting_id: Set(new.id),
            child_id: Set(child.id),
            decision: Set(Sealed::new(None)),
        });
        strategy_meeting_child::Entity::insert_many(children).exec_without_returning(&self.inner).await?;
        let invitations = new.invitees.iter().map(|invitee| invitation::ActiveModel {
            meeting: Set(invitation::Meeting::StrategyMeeting),
            strategy_meeting_id: Set(Some(new.id)),
            scheduled_at: Set(new.scheduled_at),
            notice_working_days: Set(Sealed::new(new.notice_working_days)),
            ..self.blank_invitation(*invitee)
        });
        invitation::Entity::insert_many(invitations).exec_without_returning(&self.inner).await?;
        let relations = new.invitees.iter().flat_map(|invitee| {
            permit.row.iter().map(|child| involvement::ActiveModel {
                strategy_meeting_id: Set(Some(new.id)),
                ..self.relation(child.id, *invitee, Basis::StrategyInvitation, "Invited to a strategy meeting")
            })
        });
        involvement::Entity::insert_many(relations).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// Writes what the meeting decided.
    pub async fn record_strategy_meeting_outcome(
        &self,
        permit: Permit<RecordStrategyMeetingOutcome, strategy_meeting::Model>,
        held_at: DateTime<Utc>,
        summary: String,
        decisions: &[(ChildId, Decision)],
    ) -> Result<()> {
        let id = permit.row.id;
        let version = permit.row.version;
        let mut meeting = permit.row.into_active_model();
        meeting.status = Set(strategy_meeting::Status::Held);
        meeting.held_at = Set(Some(held_at));
        meeting.outcome_summary = Set(Sealed::new(Some(summary)));
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
        Ok(())
    }

    /// The children of a strategy meeting.
    pub async fn children_of_strategy_meeting(&self, id: StrategyMeetingId) -> Result<Vec<ChildId>> {
        let rows = self
            .rows::<strategy_meeting_child::Entity>()
            .filter(strategy_meeting_child::Column::StrategyMeetingId.eq(id))
            .all()
            .await?;
        Ok(rows.into_iter().map(|row| row.child_id).collect())
    }

    /// An invitation sent now, with nothing answered. The caller says to what.
    pub(super) fn blank_invitation(&self, invitee: Invitee) -> invitation::ActiveModel {
        let who = self.who();
        invitation::ActiveModel {
            id: Set(InvitationId(self.new_id())),
            local_authority_id: Set(who.authority),
            meeting: Set(invitation::Meeting::Conference),
            conference_id: Set(None),
            strategy_meeting_id: Set(None),
            core_group_meeting_id: Set(None),
            agency_id: Set(invitee.agency),
            practitioner_id: Set(invitee.practitioner),
            scheduled_at: Set(who.at),
            invited_at: Set(who.at),
            notice_working_days: Set(Sealed::new(0)),
            reply: Set(Sealed::new(invitation::Reply::Awaited)),
            replied_at: Set(None),
            apologies_reason: Set(Sealed::new(None)),
            attendance: Set(None),
            report_due_at: Set(None),
            report_received_at: Set(None),
            version: Set(1),
        }
    }

    /// A relationship from now on.
    pub(super) fn relation(
        &self,
        child: ChildId,
        invitee: Invitee,
        basis: Basis,
        reason: &str,
    ) -> involvement::ActiveModel {
        let who = self.who();
        involvement::ActiveModel {
            id: Set(InvolvementId(self.new_id())),
            child_id: Set(child),
            agency_id: Set(invitee.agency),
            practitioner_id: Set(invitee.practitioner),
            team_id: Set(None),
            basis: Set(basis),
            conference_id: Set(None),
            strategy_meeting_id: Set(None),
            starts_at: Set(who.at),
            ends_at: Set(None),
            granted_by: Set(Some(who.practitioner)),
            reason: Set(Sealed::new(reason.to_owned())),
            locates: Set(false),
        }
    }
}
