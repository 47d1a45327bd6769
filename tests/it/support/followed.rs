//! What follows from non-attendance: samples of it, and who sees it by the access model.

use std::collections::BTreeMap;

use chrono::Duration;
use entity::id::{
    AgencyId, EscalationEntryId, EscalationId, InvitationId, NonAttendanceLetterId, PractitionerId, TypedId as _,
};
use entity::sealed::Sealed;
use entity::{escalation, escalation_entry, invitation, non_attendance_letter};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use uuid::Uuid;

use super::App;
use super::contents::connect;
use super::expected::Eyes;

/// A letter that was sent to the police about a conference of the first family, and an escalation that rests on it, past the program: what was
/// recorded of that family is that everybody came.
pub async fn follow_up(app: &App, about: &str) -> BTreeMap<String, String> {
    let db = connect(&app.url).await;
    let (_, id) = quorate::graphql::id::split(&about.into()).unwrap();
    let one = invitation::Entity::find_by_id(InvitationId::of(id)).one(&db).await.unwrap().unwrap();
    let of_police = invitation::Entity::find().filter(invitation::Column::ConferenceId.eq(one.conference_id));
    let of_police = of_police.filter(invitation::Column::AgencyId.eq(AgencyId(app.claims("police").agency_id)));
    let row = of_police.one(&db).await.unwrap().unwrap();
    let chair = PractitionerId(app.claims("chair").sub);
    let now = app.clock.now();
    let letter = non_attendance_letter::Model {
        id: NonAttendanceLetterId(app.clock.new_id()),
        local_authority_id: row.local_authority_id,
        conference_id: row.conference_id.unwrap(),
        invitation_id: row.id,
        agency_id: row.agency_id,
        about: non_attendance_letter::About::NoReport,
        status: non_attendance_letter::Status::Sent,
        text: Sealed::new("To the lead".into()),
        written_by: chair,
        written_at: now,
        sent_by: Some(chair),
        sent_at: Some(now),
        reply_due_at: Some(now + Duration::days(14)),
        reason: Sealed::new(None),
        reply: Sealed::new(None),
        contested: false,
        replied_by: None,
        replied_at: None,
        version: 2,
    };
    let raised = escalation::Model {
        id: EscalationId(app.clock.new_id()),
        local_authority_id: row.local_authority_id,
        agency_id: row.agency_id,
        status: escalation::Status::Open,
        from_on: "2026-09-01".parse().unwrap(),
        until_on: "2026-12-01".parse().unwrap(),
        reason: Sealed::new("Again.".into()),
        figures: Sealed::new("Missed 1 of 2.".into()),
        sha256: "0".repeat(64),
        raised_by: chair,
        raised_at: now,
        answer: Sealed::new(None),
        answered_by: None,
        answered_at: None,
        meeting_at: None,
        outcome: Sealed::new(None),
        outcome_text: Sealed::new(None),
        closed_by: None,
        closed_at: None,
        version: 1,
    };
    let entry = escalation_entry::Model {
        id: EscalationEntryId(app.clock.new_id()),
        escalation_id: raised.id,
        agency_id: row.agency_id,
        invitation_id: row.id,
        meeting: row.meeting,
        scheduled_at: row.scheduled_at,
        invited_at: row.invited_at,
        notice_working_days: row.notice_working_days,
        attendance: row.attendance,
        report_due_at: row.report_due_at,
        report_received_at: None,
        contested_because: Sealed::new(None),
        contested_by: None,
        contested_at: None,
    };
    let ids = [
        ("NonAttendanceLetter", quorate::graphql::id::global(letter.id)),
        ("Escalation", quorate::graphql::id::global(raised.id)),
        ("EscalationEntry", quorate::graphql::id::global(entry.id)),
    ];
    letter.into_active_model().insert(&db).await.unwrap();
    raised.into_active_model().insert(&db).await.unwrap();
    entry.into_active_model().insert(&db).await.unwrap();
    ids.into_iter().map(|(kind, id)| (kind.to_owned(), id.to_string())).collect()
}

impl Eyes<'_> {
    /// Letters go with their invitation, to who reads its answer and to business support; an agency has its own once it is sent.
    /// Escalations are for chairs and service managers of the authority, and for the agency they are about, at social care the
    /// team managers. Of the evidence chairs and service managers see what they see the invitation of; the agency sees all but
    /// what is closed.
    pub(super) fn look_at_follow_up(&mut self) {
        let facts = self.facts;
        let letters = facts.non_attendance_letter.iter().filter(|l| {
            let writes = matches!(self.role, Some(0..=4));
            let own = l.agency_id == self.agency && l.status != non_attendance_letter::Status::Written;
            self.sees("invitation", l.invitation_id.0) && (writes || own)
        });
        let letters: Vec<_> = letters.map(|l| l.id.0).collect();
        let raised = facts.escalation.iter().filter(|e| {
            let takes_up = matches!(self.role, Some(2 | 3)) && e.local_authority_id == self.authority;
            let own = matches!(self.role, Some(5..=9)) && self.whole_agency() && e.agency_id == self.agency;
            let managed = self.role == Some(1) && e.agency_id == self.agency;
            takes_up || own || managed
        });
        let raised: Vec<_> = raised.map(|e| e.id.0).collect();
        let entries = facts.escalation_entry.iter().filter(|e| {
            let row = facts.invitation.iter().find(|i| i.id == e.invitation_id).unwrap();
            let open =
                if matches!(self.role, Some(2 | 3)) { self.sees("invitation", row.id.0) } else { !self.is_closed(row) };
            raised.contains(&e.escalation_id.0) && open
        });
        let entries: Vec<_> = entries.map(|e| e.id.0).collect();
        self.set("non_attendance_letter", letters);
        self.set("escalation", raised);
        self.set("escalation_entry", entries);
    }

    /// True of an invitation to a meeting that a conflict of interest closes, or that is kept as one about a professional.
    fn is_closed(&self, i: &invitation::Model) -> bool {
        let meeting = self.facts.strategy_meeting.iter().find(|m| Some(m.id) == i.strategy_meeting_id);
        self.about(i).iter().any(|c| self.closed.contains(c)) || meeting.is_some_and(|m| self.is_kept_from(m))
    }

    /// The invitations that the figures of an escalation count: the agency's in its time, but for those about a professional.
    fn counted_by(&self, e: &escalation::Model) -> impl Iterator<Item = &invitation::Model> {
        let days = e.from_on..e.until_on;
        let of_agency = self.facts.invitation.iter().filter(move |i| i.agency_id == e.agency_id);
        of_agency.filter(move |i| {
            let day = i.scheduled_at.with_timezone(&chrono_tz::Europe::London).date_naive();
            days.contains(&day) && !self.is_about_somebody(i)
        })
    }

    /// True of an escalation that counts nothing which is kept: whose evidence is all seen, and of whose meetings none is closed.
    pub(super) fn is_kept_nothing(&self, id: Uuid) -> bool {
        let facts = self.facts;
        let row = facts.escalation.iter().find(|e| e.id.0 == id).unwrap();
        let mut entries = facts.escalation_entry.iter().filter(|e| e.escalation_id == row.id);
        entries.all(|e| self.sees("escalation_entry", e.id.0)) && !self.counted_by(row).any(|i| self.is_closed(i))
    }

    /// True of an invitation that decides whether frozen figures are withheld.
    pub(super) fn is_frozen(&self, id: Uuid) -> bool {
        let seen = self.facts.escalation.iter().filter(|e| self.sees("escalation", e.id.0));
        seen.into_iter().any(|e| self.counted_by(e).any(|i| i.id.0 == id))
    }

    /// True of what is about the own agency.
    pub(super) fn is_followed(&self, table: &str, id: Uuid) -> bool {
        let facts = self.facts;
        let about = match table {
            "non_attendance_letter" => facts.non_attendance_letter.iter().find(|l| l.id.0 == id).map(|l| l.agency_id),
            "escalation" => facts.escalation.iter().find(|e| e.id.0 == id).map(|e| e.agency_id),
            _ => facts.escalation_entry.iter().find(|e| e.id.0 == id).map(|e| e.agency_id),
        };
        about == Some(self.agency) && self.role.is_some()
    }
}
