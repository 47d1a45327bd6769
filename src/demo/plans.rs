//! Plans with their actions, core groups with their meetings.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::id::{CoreGroupId, CoreGroupMeetingId, CoreGroupMemberId, PlanActionId, PlanId, PlanVersionId};
use entity::involvement::Basis;
use entity::plan_action::{self, Status};
use entity::sealed::Sealed;
use entity::{core_group, core_group_meeting, core_group_member, plan, plan_version};
use rand::Rng;
use uuid::Uuid;

use super::Maker;
use super::days::{Dated, Days, at};
use super::household::Kid;
use super::ids::mint;
use super::invitations::{Asked, To};
use super::involvement::Ground;
use super::story::{Family, Open};
use crate::event::Event;
use crate::practice::calendar::Calendar;
use crate::practice::deadlines;
use crate::practice::states::of_plan;

/// How far a plan is: nobody has detailed or signed it.
fn stands(open: &Open, ended: bool) -> plan::State {
    match (open.kind, ended) {
        (kind, true) => of_plan::end(kind).to,
        (plan::Kind::Cp, false) if open.initial != open.latest => of_plan::CONTINUE.to,
        (kind, false) => of_plan::begun(kind),
    }
}

/// Members of a core group at the most.
const MEMBERS: usize = 4;

impl Maker<'_> {
    /// The days on which the core groups of a plan that begins on `day` meet, up to yesterday and the next one.
    pub fn pace(&mut self, family: &Family<'_>, day: NaiveDate) -> Dated<Vec<NaiveDate>> {
        // ten working days are the standard; one group in ten meets late
        let first = if family.is_first || self.rng.random_bool(0.9) { 4..=9 } else { 11..=14 };
        let mut next = Days::after(day, self.rng.random_range(first))?;
        let mut days = vec![next];
        while next < self.days.today {
            next = Days::working(next + Duration::days(self.rng.random_range(34..56)))?;
            days.push(next);
        }
        Ok(days)
    }

    /// Writes a plan, its actions, and for a protection plan its core group.
    pub fn plan(&mut self, family: &Family<'_>, open: &Open, ends_on: Option<NaiveDate>) -> Dated<()> {
        let Some(kid) = family.kids.get(open.kid) else { return Ok(()) };
        let made_at = at(open.starts_on, 16 * 60);
        let id = PlanId(mint(self.rng, made_at));
        let cp = open.kind == plan::Kind::Cp;
        let danger = family.theme.danger(self.rng, &kid.name);
        let safety = family.theme.safety(self.rng, &kid.name);
        let versions = 1 + i64::from(ends_on.is_some()) + i64::from(open.initial != open.latest);
        let plan = plan::Model {
            id,
            child_id: kid.id,
            kind: open.kind,
            conference_id: open.conference,
            category_initial: Sealed::new(cp.then_some(open.initial)),
            category_latest: Sealed::new(cp.then_some(open.latest)),
            danger_statement: Sealed::new(cp.then_some(danger)),
            safety_statement: Sealed::new(Some(safety)),
            visit_every_days: Sealed::new(if cp { 14 } else { 21 }),
            starts_on: open.starts_on,
            ends_on,
            state: stands(open, ends_on.is_some()),
            version: versions,
        };
        self.versions(&plan, open, made_at);
        self.rows.plans.push(plan);
        self.actions(family, kid, (id, made_at), (open.starts_on, ends_on));
        if cp { self.core_group(family, (open, kid), id, ends_on) } else { Ok(()) }
    }

    /// The outline, and what stands where that was changed or has ended.
    fn versions(&mut self, plan: &plan::Model, open: &Open, made_at: DateTime<Utc>) {
        let nth = |n: u128| PlanVersionId(Uuid::from_u128(plan.id.0.as_u128() ^ n));
        let stands = plan_version::Model {
            id: nth(2),
            plan_id: plan.id,
            child_id: plan.child_id,
            number: plan.version,
            state: plan.state,
            category_latest: plan.category_latest.clone(),
            danger_statement: plan.danger_statement.clone(),
            safety_statement: plan.safety_statement.clone(),
            visit_every_days: plan.visit_every_days.clone(),
            since: plan.ends_on.unwrap_or(plan.starts_on),
            conference_id: None,
            recorded_at: None,
            recorded_by: None,
            superseded_at: None,
        };
        let first = plan_version::Model {
            id: nth(1),
            number: 1,
            state: of_plan::begun(plan.kind),
            category_latest: plan.category_initial.clone(),
            since: open.starts_on,
            conference_id: plan.conference_id,
            recorded_at: Some(made_at),
            superseded_at: (plan.version > 1).then(|| at(stands.since, 18 * 60)),
            ..stands.clone()
        };
        self.rows.versions.push(first);
        self.rows.versions.extend((plan.version > 1).then_some(stands));
    }

    fn actions(
        &mut self,
        family: &Family<'_>,
        kid: &Kid,
        (plan_id, made_at): (PlanId, DateTime<Utc>),
        (starts_on, ends_on): (NaiveDate, Option<NaiveDate>),
    ) {
        let many = if family.is_first { 5 } else { self.rng.random_range(2..6) };
        for n in 0..many {
            // the first family's housing association owns none
            let seats = if family.is_first { family.table.len().min(5) } else { family.table.len() };
            let owner = family.partner(n % seats.max(1)).map(|(partner, seat)| (partner.id, seat.who));
            let Some((owner_agency_id, who)) = owner else { continue };
            let due_on = starts_on + Duration::days(if family.is_first { 28 } else { self.rng.random_range(10..120) });
            let (status, done_on) = self.progress_of(due_on, starts_on, ends_on);
            self.rows.actions.push(plan_action::Model {
                id: PlanActionId(mint(self.rng, made_at)),
                plan_id,
                child_id: kid.id,
                description: Sealed::new(family.theme.action(self.rng, &kid.name, n)),
                owner_agency_id,
                owner_id: self.rng.random_bool(0.6).then_some(who),
                due_on,
                status,
                done_on,
                plan_version: 1,
                version: 1,
            });
        }
    }

    /// How far an action is: done or dropped once the plan has ended, anything in between before.
    fn progress_of(
        &mut self,
        due_on: NaiveDate,
        starts_on: NaiveDate,
        ends_on: Option<NaiveDate>,
    ) -> (Status, Option<NaiveDate>) {
        let last = ends_on.unwrap_or(self.days.ahead(-1));
        let done = (due_on + Duration::days(self.rng.random_range(-20..12))).clamp(starts_on, last.max(starts_on));
        let overdue = due_on < self.days.today;
        match (ends_on.is_some(), overdue, self.rng.random_range(0..10)) {
            (true, _, 0..8) | (false, true, 0..6) | (false, false, 0) => (Status::Done, Some(done)),
            (true, ..) | (false, true, 9) => (Status::Withdrawn, None),
            (false, true, _) | (false, false, 1..6) => (Status::InProgress, None),
            (false, false, _) => (Status::NotStarted, None),
        }
    }

    fn core_group(
        &mut self,
        family: &Family<'_>,
        (open, kid): (&Open, &Kid),
        plan_id: PlanId,
        ends_on: Option<NaiveDate>,
    ) -> Dated<()> {
        let formed_at = at(open.starts_on, 16 * 60);
        let id = CoreGroupId(mint(self.rng, formed_at));
        let until = ends_on.unwrap_or(self.days.today);
        let met: Vec<NaiveDate> = open.pace.iter().copied().filter(|day| *day < until).collect();
        self.rows.core_groups.push(core_group::Model {
            id,
            plan_id,
            child_id: kid.id,
            lead_id: family.worker.0,
            formed_on: open.starts_on,
            first_meeting_due_on: deadlines::first_core_group_due(Calendar::embedded(), open.starts_on)?,
            ends_on,
            version: 1 + i64::try_from(met.len()).unwrap_or(0),
        });
        let seats: Vec<usize> = (0..family.table.len())
            .filter(|seat| family.partner(*seat).is_some_and(|(_, s)| s.only.is_none_or(|only| only == open.kid)))
            .take(MEMBERS)
            .collect();
        for seat in &seats {
            self.core_member(family, (open, *seat), id, ends_on);
        }
        let mut before = open.starts_on;
        for (i, day) in met.iter().enumerate() {
            let next = open.pace.get(i + 1).copied().filter(|next| ends_on.is_none_or(|end| *next < end));
            self.core_meeting(family, kid, id, (before, *day, next), &seats)?;
            before = *day;
        }
        Ok(())
    }

    fn core_member(
        &mut self,
        family: &Family<'_>,
        (open, seat): (&Open, usize),
        id: CoreGroupId,
        ends_on: Option<NaiveDate>,
    ) {
        let Some((partner, place)) = family.partner(seat) else { return };
        let formed_at = at(open.starts_on, 16 * 60);
        self.rows.members.push(core_group_member::Model {
            id: CoreGroupMemberId(mint(self.rng, formed_at)),
            core_group_id: id,
            agency_id: partner.id,
            practitioner_id: Some(place.who),
            starts_on: open.starts_on,
            ends_on,
        });
        let ends_at = ends_on.map(|day| at(day, 17 * 60));
        let ground = Ground { ends_at, ..Ground::new(Basis::CoreGroup, formed_at) };
        self.relate(family, (open.kid, seat), "Member of the core group", &ground);
    }

    fn core_meeting(
        &mut self,
        family: &Family<'_>,
        kid: &Kid,
        core_group_id: CoreGroupId,
        (before, day, next_meeting_on): (NaiveDate, NaiveDate, Option<NaiveDate>),
        seats: &[usize],
    ) -> Dated<()> {
        let held_at = at(day, if family.is_first { 10 * 60 } else { 14 * 60 });
        let recorded_at =
            (held_at + Duration::hours(self.rng.random_range(2..70))).min(self.days.start - Duration::minutes(5));
        let id = CoreGroupMeetingId(mint(self.rng, held_at));
        self.rows.meetings.push(core_group_meeting::Model {
            id,
            core_group_id,
            child_id: kid.id,
            held_at,
            progress: Sealed::new(family.theme.progress(self.rng, &kid.name)),
            next_meeting_on,
            recorded_by: family.worker.0,
            recorded_at,
        });
        self.feed.tell(family.place.authority, recorded_at, Event::CoreGroupMeetingRecorded(core_group_id));
        for seat in seats {
            // agreed at the table the last time
            let (meeting, invited_at) = (To::CoreGroup(id), at(before, 16 * 60 + 30));
            let asked = Asked { meeting, scheduled_at: held_at, invited_at, report_due: None, met: true };
            self.invite(family, *seat, &asked)?;
        }
        Ok(())
    }
}
