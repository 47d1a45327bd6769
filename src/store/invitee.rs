//! Whoever is asked to a meeting: an agency, with one of its people or without, and the rows that asking gives.

use entity::id::{AgencyId, ChildId, InvitationId, InvolvementId, PractitionerId};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::{invitation, involvement};
use sea_orm::ActiveValue::Set;

use super::Tx;

/// An agency asked to a meeting, with the professional asked for by name where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitee {
    /// The agency.
    pub agency: AgencyId,
    /// The professional.
    pub practitioner: Option<PractitionerId>,
}

/// An agency asked to a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedToConference {
    /// Who.
    pub invitee: Invitee,
    /// True to ask for a report about each child.
    pub report: bool,
    /// About which of the conference's children; about all, where none is named.
    pub children: Vec<ChildId>,
}

impl AskedToConference {
    /// Whether it is asked about a child.
    pub fn is_about(&self, child: ChildId) -> bool {
        self.children.is_empty() || self.children.contains(&child)
    }
}

impl Tx {
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
