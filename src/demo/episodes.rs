//! Episodes of need, from what happened to a family: a case is open from a few days before the first thing that was done
//! about a child until a few days after the last.
//!
//! It has a chance of its own, so that the rest of the demo is the same with and without it.

use chrono::{Duration, NaiveDate};
use entity::conference::Status;
use entity::episode::{self, Need, Reason, Source};
use entity::id::{AssessmentId, ChildId, EpisodeId};
use entity::sealed::Sealed;
use entity::{assessment, strategy_meeting};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Maker;
use super::deadlines::Before;
use super::household::Kid;
use super::ids::mint;
use super::story::Family;
use crate::clock::{london_day, noon};

/// Days without anything after which a case has been closed.
const QUIET: i64 = 70;

/// From the first day of something to its last; none while it goes on.
type Stretch = (NaiveDate, Option<NaiveDate>);

const SOURCES: [Source; 8] = [
    Source::School,
    Source::Police,
    Source::HealthVisitor,
    Source::FamilyMember,
    Source::EmergencyDepartment,
    Source::Housing,
    Source::OtherIndividual,
    Source::Anonymous,
];

/// Stretches that lie close together, made one.
fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort();
    let mut out: Vec<Stretch> = Vec::new();
    for (from, until) in stretches {
        match out.last_mut() {
            Some((_, last)) if last.is_none_or(|last| (from - last).num_days() < QUIET) => {
                *last = last.zip(until).map(|(last, until)| last.max(until));
            }
            _ => out.push((from, until)),
        }
    }
    out
}

impl Maker<'_> {
    /// Writes the episodes of a family's children, of the rows that came after `before`.
    pub fn episodes(&mut self, family: &Family<'_>, before: &Before) {
        let Some(first) = family.kids.first() else { return };
        let mut rng = ChaCha8Rng::seed_from_u64(first.id.0.as_u64_pair().1 ^ 3);
        // brothers and sisters are referred together
        let (days, which) = (rng.random_range(0..3), rng.random_range(0..SOURCES.len()));
        let source = SOURCES.get(which).copied().unwrap_or(Source::Unknown);
        // those who began before the cases were recorded have none
        if !family.is_first && rng.random_bool(0.4) {
            return;
        }
        for kid in &family.kids {
            let stretches = joined(self.stretches(before, kid.id));
            for (from, until) in stretches {
                self.episode(family, kid, &mut rng, (from - Duration::days(days), until), source);
            }
        }
    }

    /// What was done about a child, and when.
    fn stretches(&self, before: &Before, child: ChildId) -> Vec<Stretch> {
        let rows = &self.rows;
        let called = |id| {
            let meeting = rows.strategies.iter().skip(before.strategies).find(|meeting| meeting.id == id);
            meeting.filter(|meeting| meeting.status != strategy_meeting::Status::Cancelled)
        };
        let meetings = rows.strategy_children.iter().skip(before.strategy_children);
        let meetings = meetings.filter(|row| row.child_id == child).filter_map(|row| called(row.strategy_meeting_id));
        let meetings = meetings.map(|meeting| {
            let day = london_day(meeting.called_at.min(meeting.scheduled_at));
            (day, meeting.held_at.map(london_day))
        });
        let of_child = |row: &&entity::conference::Model| self.at_conference(before, row, child).is_some();
        let conferences = rows.conferences.iter().skip(before.conferences);
        let conferences = conferences.filter(|row| row.status != Status::Cancelled).filter(of_child);
        let conferences = conferences
            .map(|row| (london_day(row.convened_at.min(row.scheduled_at)), row.concluded_at.map(london_day)));
        let plans = rows.plans.iter().skip(before.plans).filter(|plan| plan.child_id == child);
        let plans = plans.map(|plan| (plan.starts_on, plan.ends_on));
        let enquiries = rows.enquiries.iter().skip(before.enquiries).filter(|row| row.child_id == child);
        let enquiries = enquiries.map(|row| (london_day(row.started_at), row.agreed_at.map(london_day)));
        meetings.chain(conferences).chain(plans).chain(enquiries).collect()
    }

    fn episode(
        &mut self,
        family: &Family<'_>,
        kid: &Kid,
        rng: &mut ChaCha8Rng,
        (referred_on, until): Stretch,
        source: Source,
    ) {
        let over = until.map(|day| day + Duration::days(rng.random_range(2..25)));
        let closed_on = over.filter(|day| *day < self.days.today);
        let reason = if rng.random_bool(0.6) { Reason::Other } else { Reason::EarlyHelpAfterAssessment };
        let id = EpisodeId(mint(rng, noon(referred_on)));
        let (authority, agency, team) = (family.place.authority, family.csc(), Some(family.worker.1));
        self.rows.episodes.push(episode::Model {
            id,
            local_authority_id: authority,
            agency_id: agency,
            team_id: team,
            child_id: kid.id,
            referred_on,
            source: Sealed::new(source),
            need: Sealed::new(if rng.random_bool(0.85) { Need::AbuseOrNeglect } else { Need::FamilyDysfunction }),
            status: closed_on.map_or(episode::Status::Open, |_| episode::Status::Closed),
            closed_on,
            closed_because: Sealed::new(closed_on.map(|_| reason)),
            recorded_by: family.worker.0,
            recorded_at: noon(referred_on),
            version: if closed_on.is_some() { 2 } else { 1 },
        });
        let last = closed_on.unwrap_or(self.days.today);
        let done = referred_on + Duration::days(rng.random_range(20..63));
        let completed_on =
            if closed_on.is_some() { Some(done.min(last)) } else { Some(done).filter(|day| *day < last) };
        self.rows.assessments.push(assessment::Model {
            id: AssessmentId(mint(rng, noon(referred_on))),
            local_authority_id: authority,
            agency_id: agency,
            team_id: team,
            child_id: kid.id,
            episode_id: id,
            started_on: referred_on,
            completed_on,
            recorded_by: family.worker.0,
            recorded_at: noon(referred_on),
            version: if completed_on.is_some() { 2 } else { 1 },
        });
    }
}
