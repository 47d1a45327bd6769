//! Strategy meetings and conferences.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::conference::{self, Kind, Status};
use entity::conference_child::{self, Participation};
use entity::id::{ConferenceChildId, ConferenceId, StrategyMeetingChildId, StrategyMeetingId};
use entity::invitation::Attendance;
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::strategy_meeting_child::Decision;
use entity::{agency, strategy_meeting, strategy_meeting_child};
use rand::Rng;

use super::Maker;
use super::days::{Dated, Days, at};
use super::ids::mint;
use super::invitations::{Asked, To};
use super::involvement::Ground;
use super::names::any;
use super::story::{Decided, Family};
use crate::event::Event;
use crate::practice::calendar::Calendar;
use crate::practice::{Practice, deadlines};

/// Minutes of the day at which meetings begin; ten o'clock is the first family's.
const SLOTS: [i64; 6] = [9 * 60 + 30, 11 * 60, 11 * 60 + 30, 13 * 60, 13 * 60 + 30, 15 * 60];
const VENUES: [&str; 7] = [
    "Conference room 2",
    "Civic Centre, room 4",
    "Online",
    "Family centre, large room",
    "Council house, room 11",
    "Online, with a room for the family",
    "Area office, ground floor",
];

impl Maker<'_> {
    fn slot(&mut self, family: &Family<'_>, day: NaiveDate) -> DateTime<Utc> {
        let slot = SLOTS.get(self.rng.random_range(0..SLOTS.len())).copied().unwrap_or(600);
        at(day, if family.is_first { 10 * 60 } else { slot })
    }

    /// Calls a strategy meeting; true if it was held and decided.
    pub fn strategy(&mut self, family: &Family<'_>, day: NaiveDate, goes_on: bool) -> Dated<bool> {
        let ago = (self.days.today - day).num_days();
        if ago > 2 && self.rng.random_bool(0.05) {
            // cancelled, and held a day later
            self.strategy_row(family, day, strategy_meeting::Status::Cancelled, goes_on)?;
            return self.strategy(family, Days::after(day, 1)?, goes_on);
        }
        let status = match ago {
            i64::MIN..=0 => strategy_meeting::Status::Called,
            1..3 if self.rng.random_bool(0.25) => strategy_meeting::Status::Called,
            _ => strategy_meeting::Status::Held,
        };
        self.strategy_row(family, day, status, goes_on)?;
        Ok(status == strategy_meeting::Status::Held)
    }

    fn strategy_row(
        &mut self,
        family: &Family<'_>,
        day: NaiveDate,
        status: strategy_meeting::Status,
        goes_on: bool,
    ) -> Dated<()> {
        let scheduled_at = self.slot(family, day);
        let same_day = day < self.days.today && self.rng.random_bool(0.6);
        let called_at = if same_day {
            scheduled_at - Duration::minutes(self.rng.random_range(60..180))
        } else {
            let before = Days::before(day, 1)?;
            self.days.office(self.rng, before)
        };
        let id = StrategyMeetingId(mint(self.rng, called_at));
        let held = (status == strategy_meeting::Status::Held)
            .then(|| scheduled_at + Duration::minutes(self.rng.random_range(0..12)));
        let (authority, csc) = (family.place.authority, family.csc());
        self.rows.strategies.push(strategy_meeting::Model {
            id,
            local_authority_id: authority,
            agency_id: csc,
            called_by: family.worker.0,
            lead_id: family.worker.0,
            reason: Sealed::new(format!("{}.", family.theme.reason)),
            status,
            scheduled_at,
            held_at: held,
            outcome_summary: Sealed::new(held.map(|_| outcome_summary(goes_on).into())),
            called_at,
            allegation_id: None,
            quorate: None,
            version: if status == strategy_meeting::Status::Called { 1 } else { 2 },
        });
        let decision = self.decision(goes_on);
        for kid in &family.kids {
            self.rows.strategy_children.push(strategy_meeting_child::Model {
                id: StrategyMeetingChildId(mint(self.rng, called_at)),
                strategy_meeting_id: id,
                child_id: kid.id,
                decision: Sealed::new(held.map(|_| decision)),
                discreet: false,
            });
        }
        self.feed.tell(authority, called_at, Event::StrategyMeetingCalled(id));
        if let Some(held_at) = held {
            let recorded = held_at + Duration::minutes(self.rng.random_range(40..110));
            self.feed.tell(authority, recorded, Event::StrategyMeetingOutcomeRecorded(id));
        }
        // what it opened is open until the record is out; of a meeting that is not held, until its hour
        let ends_at = Some(match status {
            strategy_meeting::Status::Cancelled => scheduled_at,
            strategy_meeting::Status::Called | strategy_meeting::Status::Held => {
                deadlines::strategy_invitation_ends(Calendar::embedded(), day)?
            }
        });
        // police and health at the least, the others when they know something; social care leads
        let mut there = vec![(agency::Kind::Csc, Attendance::InPerson)];
        for seat in 1..family.table.len() {
            if seat <= 2 || self.rng.random_bool(0.6) {
                let meeting = To::Strategy(id);
                let asked =
                    Asked { meeting, scheduled_at, invited_at: called_at, report_due: None, met: held.is_some() };
                self.invite(family, seat, &asked)?;
                let attendance = self.rows.invitations.last().and_then(|row| row.attendance);
                there.extend(family.partner(seat).zip(attendance).map(|((partner, _), came)| (partner.kind, came)));
                let ground =
                    Ground { strategy: Some(id), ends_at, ..Ground::new(Basis::StrategyInvitation, called_at) };
                self.seat_with_kids(family, seat, "Invited to a strategy meeting", &ground);
            }
        }
        let practice = Practice::embedded();
        let quorum = practice.strategy_quorum(family.place.profile, day);
        if let Some(row) = self.rows.strategies.last_mut().filter(|row| row.held_at.is_some()) {
            row.quorate = Some(quorum.is_none_or(|quorum| quorum.is_met(there)));
        }
        Ok(())
    }

    fn decision(&mut self, goes_on: bool) -> Decision {
        match (goes_on, self.rng.random_range(0..10)) {
            (true, 0..7) => Decision::Section47Joint,
            (true, _) | (false, 0..3) => Decision::Section47SingleAgency,
            (false, 3..7) => Decision::SingleAssessment,
            (false, _) => Decision::NoFurtherAction,
        }
    }

    /// A conference that was called off: nobody came, and no report is due any more.
    pub fn cancelled(&mut self, family: &Family<'_>, kind: Kind, day: NaiveDate, kids: &[usize]) -> Dated<()> {
        let decided: Vec<Decided> = kids
            .iter()
            .map(|kid| Decided { kid: *kid, outcome: conference_child::Outcome::Other, category: None })
            .collect();
        self.conference_row(family, kind, day, Status::Cancelled, &decided).map(|_| ())
    }

    /// A conference on a day; how far it is follows from the day.
    pub fn conference(
        &mut self,
        family: &Family<'_>,
        kind: Kind,
        day: NaiveDate,
        decided: &[Decided],
    ) -> Dated<(ConferenceId, Status)> {
        let status = match ((self.days.today - day).num_days(), self.rng.random_range(0..100)) {
            (i64::MIN..=0, _) | (1..9, 0..15) => Status::Scheduled,
            (1..9, 15..60) => Status::Held,
            _ => Status::Concluded,
        };
        Ok((self.conference_row(family, kind, day, status, decided)?, status))
    }

    fn conference_row(
        &mut self,
        family: &Family<'_>,
        kind: Kind,
        day: NaiveDate,
        status: Status,
        decided: &[Decided],
    ) -> Dated<ConferenceId> {
        let scheduled_at = self.slot(family, day);
        let lead = match kind {
            Kind::Review => self.rng.random_range(10..22),
            Kind::Initial | Kind::PreBirth | Kind::TransferIn => self.rng.random_range(4..=6),
        };
        // what lies ahead was called together in the last days at the latest
        let convened_on = Days::before(day, lead)?.min(self.days.ahead(-self.rng.random_range(1..5)));
        let convened_at = self.days.office(self.rng, convened_on);
        let id = ConferenceId(mint(self.rng, convened_at));
        let met = matches!(status, Status::Held | Status::Concluded);
        self.feed.tell(family.place.authority, convened_at, Event::ConferenceScheduled(id));
        let there = self.invite_all(family, id, (kind, status), (scheduled_at, convened_at), decided)?;
        let quorum = Practice::embedded();
        let quorum = quorum.conference_quorum(family.place.profile, day);
        let quorate = quorum.is_none_or(|quorum| quorum.is_met(there));
        let concluded_at =
            (status == Status::Concluded).then(|| scheduled_at + Duration::minutes(self.rng.random_range(60..150)));
        let eldest = decided.first().and_then(|d| family.kids.get(d.kid)).map_or("", |kid| kid.name.as_str());
        let summary = concluded_at.map(|_| family.theme.summary(self.rng, eldest, quorate));
        self.rows.conferences.push(conference::Model {
            id,
            local_authority_id: family.place.authority,
            agency_id: family.csc(),
            team_id: Some(family.worker.1),
            kind,
            status,
            scheduled_at,
            venue: any(self.rng, &VENUES).into(),
            chair_id: family.chair,
            minute_taker_id: Some(family.minute_taker),
            quorate: met.then_some(quorate),
            summary: Sealed::new(summary),
            convened_at,
            concluded_at,
            version: match status {
                Status::Scheduled => 1,
                Status::Held | Status::Cancelled => 2,
                Status::Concluded => 3,
            },
        });
        if met {
            self.feed.tell(
                family.place.authority,
                scheduled_at + Duration::minutes(15),
                Event::ConferenceAttendanceRecorded(id),
            );
        }
        if let Some(at) = concluded_at {
            self.feed.tell(family.place.authority, at, Event::ConferenceOutcomeRecorded(id));
        }
        self.conference_children(family, id, (day, convened_at, concluded_at), decided);
        Ok(id)
    }

    fn conference_children(
        &mut self,
        family: &Family<'_>,
        conference_id: ConferenceId,
        (day, convened_at, concluded_at): (NaiveDate, DateTime<Utc>, Option<DateTime<Utc>>),
        decided: &[Decided],
    ) {
        for each in decided {
            let Some(kid) = family.kids.get(each.kid) else { continue };
            let years = (day - kid.born).num_days() / 365;
            let participation = self.participation(years);
            self.rows.conference_children.push(conference_child::Model {
                id: ConferenceChildId(mint(self.rng, convened_at)),
                conference_id,
                child_id: kid.id,
                outcome: Sealed::new(concluded_at.map(|_| each.outcome)),
                abuse_category: Sealed::new(concluded_at.and(each.category)),
                participation: Sealed::new(concluded_at.map(|_| participation)),
                decided_at: concluded_at,
            });
        }
    }

    fn participation(&mut self, years: i64) -> Participation {
        match (years, self.rng.random_range(0..10)) {
            (i64::MIN..4, _) => Participation::Pn0,
            (10.., 0..3) => Participation::Pn1,
            (_, 0..2) => Participation::Pn2,
            (_, 2) => Participation::Pn3,
            (_, 3) => Participation::Pn4,
            (_, 4..6) => Participation::Pn5,
            (_, 6..9) => Participation::Pn6,
            _ => Participation::Pn7,
        }
    }
}

const fn outcome_summary(goes_on: bool) -> &'static str {
    if goes_on {
        "The threshold is met: enquiries begin today, a medical is arranged, a conference is asked for."
    } else {
        "The information was shared; no conference is asked for. The social worker tells the family and the referrer."
    }
}
