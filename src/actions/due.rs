//! What makes something due, and what meets it: one function a step of the process. Each is called in the transaction of
//! its step, so that a deadline is there with what makes it due and met with what meets it.

use chrono::{DateTime, NaiveDate, Utc};
use entity::conference;
use entity::conference_child::Outcome;
use entity::deadline::Kind;
use entity::id::{AgencyId, ChildId, ConferenceId, CoreGroupId, ReportRequestId, StrategyMeetingId, TeamId};
use entity::local_authority::Profile;
use entity::plan;
use entity::strategy_meeting_child::Decision;

use crate::clock::{london_day, noon};
use crate::error::Result;
use crate::practice::Practice;
use crate::practice::deadlines::{Limit, is_nine_month_review};
use crate::store::Tx;
use crate::store::conference::ReportAsked;
use crate::store::deadline::{About, NewDeadline};

/// What runs while a child protection plan lasts, and ends with it.
const OF_A_PLAN: &[Kind] = &[
    Kind::FirstCoreGroup,
    Kind::NextCoreGroup,
    Kind::CoreGroupPapers,
    Kind::FirstReview,
    Kind::NextReview,
    Kind::NineMonthSupervision,
    Kind::NineMonthConversation,
];

/// Collects what is due from now on under the practice of the writer's authority.
struct Dues<'t> {
    tx: &'t Tx,
    practice: std::sync::Arc<Practice>,
    profile: Profile,
    agency: AgencyId,
    team: Option<TeamId>,
    about: About,
    new: Vec<NewDeadline>,
}

impl<'t> Dues<'t> {
    async fn of(tx: &'t Tx, agency: AgencyId, team: Option<TeamId>, about: About) -> Result<Self> {
        let practice = tx.scope().store().practice().clone();
        Ok(Self { tx, practice, profile: tx.profile().await?, agency, team, about, new: Vec::new() })
    }

    /// What the writer's own agency has to do.
    async fn own(tx: &'t Tx, about: About) -> Result<Self> {
        Self::of(tx, tx.who().agency, tx.who().teams.first().copied(), about).await
    }

    /// Each of `kinds` for a child, counted from an instant, where the authority sets a time for it.
    fn add(&mut self, kinds: &[Kind], child: ChildId, from: DateTime<Utc>) {
        for kind in kinds {
            if let Some(limit) = self.practice.limit(self.profile, *kind, from) {
                self.push(*kind, child, limit);
            }
        }
    }

    fn push(&mut self, kind: Kind, child: ChildId, limit: Limit) {
        let (agency, team, about) = (self.agency, self.team, self.about);
        self.new.push(NewDeadline { kind, child, about, agency, team, limit });
    }

    async fn write(self) -> Result<()> {
        self.tx.make_due(self.new).await
    }
}

/// A strategy meeting is called because of a contact that was received: it is held on that day (WAR-SM-02).
pub(super) async fn strategy_meeting_called(
    tx: &Tx,
    id: StrategyMeetingId,
    children: &[ChildId],
    received_at: DateTime<Utc>,
) -> Result<()> {
    let about = About { strategy_meeting: Some(id), ..About::default() };
    let mut dues = Dues::own(tx, about).await?;
    for child in children {
        dues.add(&[Kind::FirstStrategyMeeting], *child, received_at);
    }
    dues.write().await
}

/// A strategy meeting was held: its papers are due, and the initial conference where it began an enquiry.
pub(super) async fn strategy_meeting_held(
    tx: &Tx,
    id: StrategyMeetingId,
    held_at: DateTime<Utc>,
    decisions: &[(ChildId, Decision)],
) -> Result<()> {
    let about = About { strategy_meeting: Some(id), ..About::default() };
    let children: Vec<_> = decisions.iter().map(|(child, _)| *child).collect();
    tx.met(&[Kind::FirstStrategyMeeting], &children, about, held_at).await?;
    let mut dues = Dues::own(tx, about).await?;
    let papers = [Kind::StrategyOutcomeDocument, Kind::StrategyDocument, Kind::StrategyRecordCirculated];
    let begins = |decision| matches!(decision, Decision::Section47Joint | Decision::Section47SingleAgency);
    let enquiries: Vec<_> = decisions.iter().filter(|(_, d)| begins(*d)).map(|(child, _)| *child).collect();
    let others: Vec<_> = children.iter().copied().filter(|child| !enquiries.contains(child)).collect();
    // a later meeting that begins no enquiry ends what an earlier one began; the first that begins one counts
    tx.lapsed(&[Kind::InitialConference], &others, About::default(), held_at).await?;
    let running = tx.open_deadlines(Kind::InitialConference, &enquiries).await?;
    let plans = tx.open_plans(&enquiries).await?;
    let has_plan = |child: &ChildId| plans.get(child).is_some_and(|plan| plan.kind == plan::Kind::Cp);
    for child in &children {
        dues.add(&papers, *child, held_at);
        // a child with a plan has its next review, and no initial conference
        if enquiries.contains(child) && !running.contains(child) && !has_plan(child) {
            dues.add(&[Kind::InitialConference], *child, held_at);
        }
    }
    dues.write().await?;
    // the outcome is written on the record by this very step
    tx.met(&[Kind::StrategyDocument], &children, about, tx.who().at).await
}

/// A conference that is scheduled.
pub(super) struct Scheduled<'c> {
    pub(super) id: ConferenceId,
    pub(super) kind: conference::Kind,
    pub(super) at: DateTime<Utc>,
    pub(super) children: &'c [ChildId],
}

/// A conference is scheduled: what is to be there before it is due, the reports that were asked among it.
pub(super) async fn conference_scheduled(
    tx: &Tx,
    conference: &Scheduled<'_>,
    reports: &[ReportAsked],
    report: (Kind, Option<Limit>),
) -> Result<()> {
    let about = About { conference: Some(conference.id), ..About::default() };
    let mut dues = Dues::own(tx, about).await?;
    let before: &[Kind] = match conference.kind {
        conference::Kind::Initial | conference::Kind::PreBirth | conference::Kind::TransferIn => {
            &[Kind::ReportToFamily, Kind::ReportToProfessionals, Kind::FamilyMetByChair]
        }
        conference::Kind::Review => {
            &[Kind::ReviewReportToFamily, Kind::ReviewReportToUnit, Kind::CoreGroupRecommendation]
        }
    };
    for child in conference.children {
        dues.add(before, *child, conference.at);
    }
    if conference.kind == conference::Kind::Review {
        let reviewed = tx.reviews_since_plan(conference.children).await?;
        for (child, plan_since, reviews) in reviewed {
            if is_nine_month_review(plan_since, reviews, london_day(conference.at)) {
                dues.add(&[Kind::NineMonthSupervision, Kind::NineMonthConversation], child, conference.at);
            }
        }
    }
    if let (kind, Some(limit)) = report {
        for asked in reports {
            dues.agency = asked.agency;
            dues.team = None;
            dues.about.report_request = Some(asked.id);
            dues.push(kind, asked.child, limit.clone());
        }
    }
    dues.write().await
}

/// A report came in.
pub(super) async fn report_submitted(tx: &Tx, request: ReportRequestId, child: ChildId) -> Result<()> {
    let about = About { report_request: Some(request), ..About::default() };
    tx.met(&[Kind::AgencyReport, Kind::AgencyReportToReview], &[child], about, tx.who().at).await
}

/// A conference was held and decided: early reviews as well, which nothing refuses (WAR-RV-03). It meets what asked for it, and
/// its papers, the core group and the next review are due.
pub(super) async fn conference_decided(
    tx: &Tx,
    row: &entity::conference::Model,
    outcomes: &[(ChildId, Outcome)],
) -> Result<()> {
    let held_at = row.scheduled_at;
    let all: Vec<_> = outcomes.iter().map(|(child, _)| *child).collect();
    let asked: &[Kind] = match row.kind {
        conference::Kind::Initial | conference::Kind::PreBirth | conference::Kind::TransferIn => {
            &[Kind::InitialConference]
        }
        conference::Kind::Review => &[Kind::FirstReview, Kind::NextReview],
    };
    tx.met(asked, &all, About::default(), held_at).await?;
    let of = |which: &[Outcome]| -> Vec<ChildId> {
        outcomes.iter().filter(|(_, outcome)| which.contains(outcome)).map(|(child, _)| *child).collect()
    };
    tx.lapsed(OF_A_PLAN, &of(&[Outcome::CpPlanEnds]), About::default(), held_at).await?;
    let about = About { conference: Some(row.id), ..About::default() };
    // a report that did not come cannot come any more
    tx.lapsed(&[Kind::AgencyReport, Kind::AgencyReportToReview], &all, about, held_at).await?;
    let mut dues = Dues::of(tx, row.agency_id, row.team_id, about).await?;
    for (child, outcome) in outcomes {
        dues.add(&[Kind::DecisionsCirculated, Kind::MinutesCirculated], *child, held_at);
        match outcome {
            Outcome::CpPlan => {
                dues.add(&[Kind::OutlinePlan, Kind::FirstCoreGroup, Kind::FirstReview], *child, held_at);
            }
            Outcome::CpPlanContinues => dues.add(&[Kind::NextReview], *child, held_at),
            Outcome::CpPlanEnds
            | Outcome::ProvisionOfServices
            | Outcome::SingleAssessment
            | Outcome::ReferralToOtherAgency
            | Outcome::NoFurtherAction
            | Outcome::Other => {}
        }
    }
    dues.write().await
}

/// A core group met: the next meeting is due, and its papers where its day is set.
pub(super) async fn core_group_met(
    tx: &Tx,
    id: CoreGroupId,
    child: ChildId,
    held_at: DateTime<Utc>,
    next_on: Option<NaiveDate>,
) -> Result<()> {
    tx.met(&[Kind::FirstCoreGroup, Kind::NextCoreGroup], &[child], About::default(), held_at).await?;
    // one that is written down after a later one makes nothing due
    if tx.core_group_met_since(id, held_at).await? {
        return Ok(());
    }
    let about = About { core_group: Some(id), ..About::default() };
    let mut dues = Dues::own(tx, about).await?;
    dues.add(&[Kind::NextCoreGroup], child, held_at);
    if let Some(day) = next_on {
        dues.add(&[Kind::CoreGroupPapers], child, noon(day));
    }
    dues.write().await
}
