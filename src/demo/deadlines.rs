//! What was and is due about a family, from what happened to it: the same limits as the server sets.
//!
//! It has a chance of its own, so that the rest of the demo is the same with and without it.

use chrono::{DateTime, Duration, Utc};
use entity::conference::{self, Status};
use entity::conference_child::Outcome;
use entity::deadline::{self, Kind};
use entity::id::{ChildId, DeadlineId};
use entity::strategy_meeting_child::Decision;
use entity::{conference_child, core_group_meeting, strategy_meeting};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Maker;
use super::ids::mint;
use super::rows::Rows;
use super::story::Family;
use crate::clock::noon;
use crate::policy::disclosure::Disclosure;
use crate::policy::roles::Role;
use crate::practice::Practice;
use crate::practice::deadlines::Limit;
use crate::store::deadline::{About, NewDeadline, row};

/// How many rows there were of each table before a family's.
pub struct Before {
    pub(super) strategies: usize,
    pub(super) strategy_children: usize,
    pub(super) conferences: usize,
    pub(super) conference_children: usize,
    pub(super) requests: usize,
    pub(super) core_groups: usize,
    pub(super) meetings: usize,
    pub(super) plans: usize,
    pub(super) enquiries: usize,
}

impl Before {
    /// The rows there are.
    pub fn of(rows: &Rows) -> Self {
        Self {
            strategies: rows.strategies.len(),
            strategy_children: rows.strategy_children.len(),
            conferences: rows.conferences.len(),
            conference_children: rows.conference_children.len(),
            requests: rows.requests.len(),
            core_groups: rows.core_groups.len(),
            meetings: rows.meetings.len(),
            plans: rows.plans.len(),
            enquiries: rows.enquiries.len(),
        }
    }
}

/// What the family's own worker reads of its rows.
pub(super) const fn worker() -> Disclosure {
    Disclosure::on_row(Role::SocialWorker, true)
}

/// How something that was due ended.
enum End {
    Met(DateTime<Utc>),
    Lapsed(DateTime<Utc>),
    Open,
}

/// The deadlines of one family in the making.
struct Dues<'m> {
    rng: ChaCha8Rng,
    now: DateTime<Utc>,
    family: &'m Family<'m>,
    rows: Vec<deadline::Model>,
}

impl Dues<'_> {
    /// Something is due, counted from an instant and made due at another.
    fn due(
        &mut self,
        kind: Kind,
        child: ChildId,
        about: About,
        (from, made): (DateTime<Utc>, DateTime<Utc>),
        end: &End,
    ) {
        let Some(limit) = Practice::embedded().limit(self.family.place.profile, kind, from) else { return };
        let (agency, team) = (self.family.csc(), Some(self.family.worker.1));
        let new = NewDeadline { kind, child, about, agency, team, limit };
        self.push(new, made, end);
    }

    fn push(&mut self, new: NewDeadline, made: DateTime<Utc>, end: &End) {
        let id = DeadlineId(mint(&mut self.rng, made));
        let mut row = row(new, id, self.family.place.authority, made);
        match end {
            End::Met(at) => row.met_at = Some(*at),
            End::Lapsed(at) => row.lapsed_at = Some(*at),
            End::Open => {}
        }
        // what came near or was missed before today was told of then
        let open_until = row.met_at.or(row.lapsed_at).unwrap_or(self.now);
        row.approaching_told_at = (row.approaches_at < open_until).then_some(row.approaches_at);
        row.missed_told_at = (row.late_after < open_until).then_some(row.late_after);
        row.version += i64::from(row.met_at.is_some() || row.lapsed_at.is_some());
        self.rows.push(row);
    }

    /// Mostly done in time, sometimes late, sometimes not yet.
    fn mostly(&mut self, from: DateTime<Utc>, kind: Kind) -> End {
        let limit = Practice::embedded().limit(self.family.place.profile, kind, from);
        let Some(Limit { reckoning, .. }) = limit else { return End::Open };
        let span = (reckoning.due_at - from).max(Duration::minutes(30));
        let done = from + span * self.rng.random_range(20..=110) / 100;
        if done < self.now && self.rng.random_bool(0.96) { End::Met(done) } else { End::Open }
    }

    /// Done some time before a meeting, if that is near or over.
    fn before(&mut self, meeting: DateTime<Utc>, limit: &Limit) -> End {
        let done = limit.reckoning.due_at - Duration::hours(self.rng.random_range(-12..60));
        let done = done.min(meeting);
        if done < self.now && self.rng.random_bool(0.93) { End::Met(done) } else { End::Open }
    }
}

impl Maker<'_> {
    /// Writes what was and is due about a family, of the rows that came after `before`.
    pub fn deadlines(&mut self, family: &Family<'_>, before: &Before) {
        let Some(first) = family.kids.first() else { return };
        let seed = first.id.0.as_u64_pair().1;
        let mut dues = Dues { rng: ChaCha8Rng::seed_from_u64(seed), now: self.days.start, family, rows: vec![] };
        self.strategy_dues(before, &mut dues);
        self.conference_dues(before, &mut dues);
        self.core_group_dues(before, &mut dues);
        let made = dues.rows;
        self.rows.deadlines.extend(made);
    }

    fn strategy_dues(&self, before: &Before, dues: &mut Dues<'_>) {
        for meeting in self.rows.strategies.iter().skip(before.strategies) {
            let (strategy_meeting::Status::Held, Some(held_at)) = (meeting.status, meeting.held_at) else { continue };
            let about = About { strategy_meeting: Some(meeting.id), ..About::default() };
            let children = self.rows.strategy_children.iter().skip(before.strategy_children);
            for child in children.filter(|child| child.strategy_meeting_id == meeting.id) {
                let times = (held_at, held_at);
                dues.due(Kind::StrategyOutcomeDocument, child.child_id, about, times, &End::Met(held_at));
                dues.due(Kind::StrategyDocument, child.child_id, about, times, &End::Met(held_at + Duration::hours(1)));
                let sent = dues.mostly(held_at, Kind::StrategyRecordCirculated);
                dues.due(Kind::StrategyRecordCirculated, child.child_id, about, times, &sent);
                let decision = child.decision.open(&worker()).copied().flatten();
                if matches!(decision, Some(Decision::Section47Joint | Decision::Section47SingleAgency)) {
                    let end = self.initial_conference(before, child.child_id, held_at);
                    dues.due(Kind::InitialConference, child.child_id, about, times, &end);
                }
            }
        }
    }

    /// What became of the initial conference that a strategy meeting made due.
    fn initial_conference(&self, before: &Before, child: ChildId, since: DateTime<Utc>) -> End {
        let about = |row: &&conference::Model| self.at_conference(before, row, child).is_some();
        let mut after = self.rows.conferences.iter().skip(before.conferences).filter(about);
        match after.find(|row| row.scheduled_at > since && row.status != Status::Cancelled) {
            Some(row) if row.status == Status::Concluded => End::Met(row.scheduled_at),
            // the enquiry ended without one
            None if since + Duration::days(14) < self.days.start => End::Lapsed(since + Duration::days(10)),
            Some(_) | None => End::Open,
        }
    }

    /// A child as a conference is about it.
    pub(super) fn at_conference(
        &self,
        before: &Before,
        row: &conference::Model,
        child: ChildId,
    ) -> Option<&conference_child::Model> {
        let mut children = self.rows.conference_children.iter().skip(before.conference_children);
        children.find(|each| each.conference_id == row.id && each.child_id == child)
    }

    fn conference_dues(&self, before: &Before, dues: &mut Dues<'_>) {
        let conferences = || self.rows.conferences.iter().skip(before.conferences);
        for row in conferences() {
            let about = About { conference: Some(row.id), ..About::default() };
            let asked: &[Kind] = match row.kind {
                conference::Kind::Review => {
                    &[Kind::ReviewReportToFamily, Kind::ReviewReportToUnit, Kind::CoreGroupRecommendation]
                }
                conference::Kind::Initial | conference::Kind::PreBirth | conference::Kind::TransferIn => {
                    &[Kind::ReportToFamily, Kind::ReportToProfessionals, Kind::FamilyMetByChair]
                }
            };
            for kid in &dues.family.kids {
                let Some(about_kid) = self.at_conference(before, row, kid.id) else { continue };
                for kind in asked {
                    let Some(limit) = Practice::embedded().limit(dues.family.place.profile, *kind, row.scheduled_at)
                    else {
                        continue;
                    };
                    let end = match row.status {
                        Status::Cancelled => End::Lapsed(row.scheduled_at.min(self.days.start)),
                        Status::Scheduled | Status::Held | Status::Concluded => dues.before(row.scheduled_at, &limit),
                    };
                    dues.due(*kind, kid.id, about, (row.scheduled_at, row.convened_at), &end);
                }
                if let Some(outcome) = about_kid.outcome.open(&worker()).copied().flatten() {
                    self.after_conference(before, dues, row, (kid.id, outcome));
                }
            }
            self.report_dues(before, dues, row);
        }
    }

    fn after_conference(
        &self,
        before: &Before,
        dues: &mut Dues<'_>,
        row: &conference::Model,
        (child, outcome): (ChildId, Outcome),
    ) {
        let about = About { conference: Some(row.id), ..About::default() };
        let times = (row.scheduled_at, row.concluded_at.unwrap_or(row.scheduled_at));
        for kind in [Kind::DecisionsCirculated, Kind::MinutesCirculated] {
            let end = dues.mostly(row.scheduled_at, kind);
            dues.due(kind, child, about, times, &end);
        }
        let review = match outcome {
            Outcome::CpPlan => {
                let outline = dues.mostly(row.scheduled_at, Kind::OutlinePlan);
                dues.due(Kind::OutlinePlan, child, about, times, &outline);
                let first = self.met_after(before, child, row.scheduled_at);
                dues.due(Kind::FirstCoreGroup, child, about, times, &first);
                Kind::FirstReview
            }
            Outcome::CpPlanContinues => Kind::NextReview,
            Outcome::CpPlanEnds
            | Outcome::ProvisionOfServices
            | Outcome::SingleAssessment
            | Outcome::ReferralToOtherAgency
            | Outcome::NoFurtherAction
            | Outcome::Other => return,
        };
        let reviewed = self.rows.conferences.iter().skip(before.conferences).find(|next| {
            next.kind == conference::Kind::Review
                && next.scheduled_at > row.scheduled_at
                && next.status == Status::Concluded
                && self.at_conference(before, next, child).is_some()
        });
        dues.due(review, child, about, times, &reviewed.map_or(End::Open, |next| End::Met(next.scheduled_at)));
    }

    fn report_dues(&self, before: &Before, dues: &mut Dues<'_>, row: &conference::Model) {
        for asked in self.rows.requests.iter().skip(before.requests).filter(|asked| asked.conference_id == row.id) {
            let profile = dues.family.place.profile;
            let limit = Practice::embedded().report_limit(profile, row.kind, row.scheduled_at, row.convened_at);
            let (kind, Some(limit), _) = limit else { continue };
            let end = match (asked.received_at, row.status) {
                (Some(at), _) => End::Met(at),
                (None, Status::Cancelled | Status::Concluded) => End::Lapsed(row.scheduled_at.min(self.days.start)),
                (None, _) => End::Open,
            };
            let about = About { conference: Some(row.id), report_request: Some(asked.id), ..About::default() };
            let agency = asked.agency_id;
            let new = NewDeadline { kind, child: asked.child_id, about, agency, team: None, limit };
            dues.push(new, row.convened_at, &end);
        }
    }

    /// The first core group of a child after an instant.
    fn met_after(&self, before: &Before, child: ChildId, since: DateTime<Utc>) -> End {
        let meetings = self.rows.meetings.iter().skip(before.meetings);
        let first = meetings.filter(|met| met.child_id == child && met.held_at > since).map(|met| met.held_at).min();
        first.map_or(End::Open, End::Met)
    }

    fn core_group_dues(&self, before: &Before, dues: &mut Dues<'_>) {
        for group in self.rows.core_groups.iter().skip(before.core_groups) {
            let about = About { core_group: Some(group.id), ..About::default() };
            let of = |met: &&core_group_meeting::Model| met.core_group_id == group.id;
            let met: Vec<_> = self.rows.meetings.iter().skip(before.meetings).filter(of).collect();
            for (i, meeting) in met.iter().enumerate() {
                let next = met.get(i + 1).map(|next| next.held_at);
                let over = group.ends_on.map(noon);
                let end = next.map(End::Met).or(over.map(End::Lapsed)).unwrap_or(End::Open);
                let times = (meeting.held_at, meeting.recorded_at);
                dues.due(Kind::NextCoreGroup, group.child_id, about, times, &end);
                if let Some(day) = meeting.next_meeting_on {
                    let Some(limit) =
                        Practice::embedded().limit(dues.family.place.profile, Kind::CoreGroupPapers, noon(day))
                    else {
                        continue;
                    };
                    let sent = match over {
                        Some(over) if next.is_none() => End::Lapsed(over),
                        _ => dues.before(noon(day), &limit),
                    };
                    dues.due(Kind::CoreGroupPapers, group.child_id, about, (noon(day), meeting.recorded_at), &sent);
                }
            }
        }
    }
}
