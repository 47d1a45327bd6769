//! Who is asked to a meeting, with how much notice, what they answer, and whether they come.

use chrono::{DateTime, Duration, Utc};
use entity::agency;
use entity::circulation;
use entity::conference::{Kind, Status};
use entity::id::{ConferenceId, CoreGroupMeetingId, InvitationId, StrategyMeetingId};
use entity::invitation::{self, Attendance, Meeting, Reply};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use rand::Rng;

use super::Maker;
use super::days::{Dated, Days};
use super::ids::mint;
use super::involvement::Ground;
use super::names::any;
use super::staff::Habits;
use super::story::{Decided, Family};
use super::texts::APOLOGIES;
use crate::clock::london_day;
use crate::event::Event;
use crate::practice::Practice;
use crate::practice::calendar::Calendar;
use crate::practice::deadlines;
use crate::practice::quorum::took_part;

/// The meeting somebody is asked to.
#[derive(Clone, Copy)]
pub enum To {
    /// A conference.
    Conference(ConferenceId),
    /// A strategy meeting.
    Strategy(StrategyMeetingId),
    /// A meeting of a core group.
    CoreGroup(CoreGroupMeetingId),
}

/// An invitation to be written.
#[derive(Clone, Copy)]
pub struct Asked {
    /// To what.
    pub meeting: To,
    /// When the meeting is.
    pub scheduled_at: DateTime<Utc>,
    /// When it was sent.
    pub invited_at: DateTime<Utc>,
    /// By when a report is due, where one is asked.
    pub report_due: Option<DateTime<Utc>>,
    /// Whether attendance is recorded.
    pub met: bool,
}

impl Maker<'_> {
    /// Invites the table to a conference, asks for reports; answers who was there.
    pub fn invite_all(
        &mut self,
        family: &Family<'_>,
        id: ConferenceId,
        (kind, status): (Kind, Status),
        (scheduled_at, convened_at): (DateTime<Utc>, DateTime<Utc>),
        decided: &[Decided],
    ) -> Dated<Vec<(agency::Kind, Attendance)>> {
        let (.., due) = Practice::embedded().report_limit(family.place.profile, kind, scheduled_at, convened_at);
        let met = matches!(status, Status::Held | Status::Concluded);
        self.chair_and_minutes(family, id, (convened_at, Self::posts_lapse(scheduled_at, status)?), decided);
        let mut there = Vec::new();
        let (first_report, first_invitation) = (self.rows.reports.len(), self.rows.invitations.len());
        for seat in 0..family.table.len() {
            let Some((partner, place)) = family.partner(seat) else { continue };
            if place.only.is_some_and(|kid| decided.iter().all(|d| d.kid != kid)) {
                continue;
            }
            let invited_at = self.invited_at(family, seat, scheduled_at, convened_at)?;
            let asked = family.is_first || seat == 0 || self.rng.random_bool(0.8);
            let asked = asked && !matches!(partner.kind, agency::Kind::Legal | agency::Kind::OtherLa);
            let report_due = (asked && status != Status::Cancelled).then_some(due);
            let to = Asked { meeting: To::Conference(id), scheduled_at, invited_at, report_due, met };
            let mut row = self.invitation(family, seat, &to)?;
            there.extend(row.attendance.map(|attendance| (partner.kind, attendance)));
            if report_due.is_some() {
                row.report_received_at = self.reports(family, seat, &row, decided);
            }
            self.push_invitation(row);
            let ground = Ground { conference: Some(id), ..Ground::new(Basis::ConferenceInvitation, invited_at) };
            let ends_at = Some(Self::lapse(scheduled_at, status)?);
            for each in decided {
                self.relate(family, (each.kid, seat), "Invited to the conference", &Ground { ends_at, ..ground });
            }
        }
        self.circulate(first_report, first_invitation);
        Ok(there)
    }

    /// What is released was sent to all who were invited, but to the agency that wrote it.
    fn circulate(&mut self, first_report: usize, first_invitation: usize) {
        let invited = self.rows.invitations.get(first_invitation..).unwrap_or_default();
        let reports = self.rows.reports.get(first_report..).unwrap_or_default();
        for report in reports {
            let Some(circulated_at) = report.released_at else { continue };
            let others = invited.iter().filter(|invitation| invitation.agency_id != report.agency_id);
            self.rows.circulations.extend(others.map(|invitation| circulation::Model {
                conference_report_id: report.id,
                agency_id: invitation.agency_id,
                circulated_at,
                withdrawn_at: None,
                opened_at: None,
                opened_by: None,
            }));
        }
    }

    fn chair_and_minutes(
        &mut self,
        family: &Family<'_>,
        id: ConferenceId,
        (at, ends_at): (DateTime<Utc>, DateTime<Utc>),
        decided: &[Decided],
    ) {
        for (who, basis, reason) in [
            (family.chair, Basis::Chair, "Chairs the conference"),
            (family.minute_taker, Basis::MinuteTaker, "Takes the minutes of the conference"),
        ] {
            for each in decided {
                let ground = Ground { conference: Some(id), ends_at: Some(ends_at), ..Ground::new(basis, at) };
                self.relate_person(family, each.kid, (family.csc(), Some(who)), reason, &ground);
            }
        }
    }

    /// What an invitation opens is open until the minutes are out; of a conference that is not held, until its hour.
    fn lapse(scheduled_at: DateTime<Utc>, status: Status) -> Dated<DateTime<Utc>> {
        Ok(match status {
            Status::Cancelled => scheduled_at,
            Status::Scheduled | Status::Held | Status::Concluded => {
                deadlines::invitation_ends(Calendar::embedded(), london_day(scheduled_at))?
            }
        })
    }

    /// Chair and minute taker hold the conference as long, or longer until its outcome is recorded.
    fn posts_lapse(scheduled_at: DateTime<Utc>, status: Status) -> Dated<DateTime<Utc>> {
        Ok(match status {
            Status::Scheduled | Status::Held => deadlines::conference_posts_end(london_day(scheduled_at)),
            Status::Cancelled | Status::Concluded => Self::lapse(scheduled_at, status)?,
        })
    }

    /// Most are asked at once, some later, some the day before.
    fn invited_at(
        &mut self,
        family: &Family<'_>,
        seat: usize,
        scheduled_at: DateTime<Utc>,
        convened_at: DateTime<Utc>,
    ) -> Dated<DateTime<Utc>> {
        let on = london_day(scheduled_at);
        let days = match self.rng.random_range(0..100) {
            _ if family.is_first || seat == 0 => return Ok(convened_at),
            0..76 => {
                return Ok(convened_at
                    + Duration::minutes(self.rng.random_range(0..4))
                        .min(self.days.start - Duration::minutes(1) - convened_at));
            }
            76..92 => self.rng.random_range(2..5),
            _ => 1,
        };
        let day = Days::before(on, days)?;
        Ok(self.days.office(self.rng, day).max(convened_at))
    }

    /// Writes an invitation.
    pub fn invite(&mut self, family: &Family<'_>, seat: usize, asked: &Asked) -> Dated<()> {
        let row = self.invitation(family, seat, asked)?;
        self.push_invitation(row);
        Ok(())
    }

    fn push_invitation(&mut self, row: invitation::Model) {
        if let Some(at) = row.replied_at.filter(|_| row.meeting != Meeting::CoreGroup) {
            self.feed.tell(row.local_authority_id, at, Event::InvitationReplied(row.id));
        }
        self.rows.invitations.push(row);
    }

    fn invitation(&mut self, family: &Family<'_>, seat: usize, asked: &Asked) -> Dated<invitation::Model> {
        let (scheduled_at, invited_at) = (asked.scheduled_at, asked.invited_at);
        let (agency_id, who, habits) = family.partner(seat).map_or_else(
            || (family.csc(), family.worker.0, None),
            |(partner, seat)| (partner.id, seat.who, Some(partner.habits)),
        );
        let notice = Calendar::embedded().notice(london_day(invited_at), london_day(scheduled_at))?;
        let attendance = asked.met.then(|| self.attendance(family, habits, notice));
        let (reply, replied_at) = self.reply(family, attendance, (invited_at, scheduled_at), asked.meeting);
        let apologises = reply == Reply::Apologies || attendance == Some(Attendance::Apologies);
        let mut row = invitation::Model {
            id: InvitationId(mint(self.rng, invited_at)),
            local_authority_id: family.place.authority,
            meeting: Meeting::Conference,
            conference_id: None,
            strategy_meeting_id: None,
            core_group_meeting_id: None,
            agency_id,
            practitioner_id: Some(who),
            scheduled_at,
            invited_at,
            notice_working_days: Sealed::new(notice),
            reply: Sealed::new(reply),
            replied_at,
            apologies_reason: Sealed::new(apologises.then(|| any(self.rng, &APOLOGIES).into())),
            attendance,
            report_due_at: asked.report_due,
            report_received_at: None,
            version: 1 + i64::from(replied_at.is_some()) + i64::from(attendance.is_some()),
        };
        match asked.meeting {
            To::Conference(id) => row.conference_id = Some(id),
            To::Strategy(id) => (row.meeting, row.strategy_meeting_id) = (Meeting::StrategyMeeting, Some(id)),
            To::CoreGroup(id) => (row.meeting, row.core_group_meeting_id) = (Meeting::CoreGroup, Some(id)),
        }
        Ok(row)
    }

    fn attendance(&mut self, family: &Family<'_>, habits: Option<Habits>, notice: i32) -> Attendance {
        let Some(habits) = habits.filter(|_| !family.is_first) else { return Attendance::InPerson };
        // who is told the day before often cannot come
        let absent = if notice <= 1 { (habits.absent * 2.5).min(0.8) } else { habits.absent };
        match (self.rng.random_bool(absent), self.rng.random_bool(habits.silent), self.rng.random_range(0..20)) {
            (true, true, _) => Attendance::NoWord,
            (true, false, _) => Attendance::Apologies,
            (false, _, 0..11) => Attendance::InPerson,
            (false, _, 11..18) => Attendance::Remote,
            (false, ..) => Attendance::Deputy,
        }
    }

    fn reply(
        &mut self,
        family: &Family<'_>,
        attendance: Option<Attendance>,
        (invited_at, scheduled_at): (DateTime<Utc>, DateTime<Utc>),
        meeting: To,
    ) -> (Reply, Option<DateTime<Utc>>) {
        let roll = self.rng.random_range(0..100);
        let reply = match attendance {
            // nobody answers a core group: its members agree the next day at the table
            _ if matches!(meeting, To::CoreGroup(_)) => Reply::Awaited,
            None if family.is_first => Reply::Awaited,
            None => match roll {
                0..45 => Reply::Awaited,
                45..72 => Reply::Attending,
                72..86 => Reply::AttendingRemotely,
                86..91 => Reply::SendingDeputy,
                _ => Reply::Apologies,
            },
            Some(there) if took_part(there) && !family.is_first && roll < 12 => Reply::Awaited,
            Some(Attendance::Remote) => Reply::AttendingRemotely,
            Some(Attendance::Deputy) => Reply::SendingDeputy,
            Some(Attendance::Apologies) => Reply::Apologies,
            Some(Attendance::NoWord) if roll < 75 => Reply::Awaited,
            Some(Attendance::InPerson | Attendance::NoWord) => Reply::Attending,
        };
        let minutes = (scheduled_at - invited_at).num_minutes().max(2);
        let at = invited_at + Duration::minutes(self.rng.random_range(1..=(minutes * 4 / 5).max(1)));
        if reply == Reply::Awaited || !self.days.past(at) { (Reply::Awaited, None) } else { (reply, Some(at)) }
    }
}
