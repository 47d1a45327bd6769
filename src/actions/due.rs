//! What makes something due, and what meets it: one function a step of the process. Each is called in the transaction of
//! its step, so that a deadline is there with what makes it due and met with what meets it.

use chrono::{DateTime, NaiveDate, Utc};
use entity::conference;
use entity::conference_child::Outcome;
use entity::deadline::Kind;
use entity::document_issue::Document;
use entity::finished_step::Step;
use entity::id::{AgencyId, ChildId, ConferenceId, CoreGroupId, EpisodeId, ReportRequestId, StrategyMeetingId, TeamId};
use entity::local_authority::Profile;
use entity::strategy_meeting_child::Decision;
use entity::{agency, plan, report_request};

use super::following::follow;
use super::record::Entry;
use crate::clock::{london_day, noon};
use crate::error::Result;
use crate::practice::deadlines::{
    BEFORE_INITIAL, BEFORE_NINE_MONTH_REVIEW, BEFORE_REVIEW, Limit, before_conference, is_nine_month_review,
};
use crate::practice::episode::{self, Span};
use crate::practice::following::{FOLLOW_ON, SUPPORT_LEVEL};
use crate::practice::gaps::Sheet;
use crate::practice::items::Item;
use crate::practice::outcomes::begins_enquiry;
use crate::practice::states::of_plan;
use crate::practice::{Practice, circulation};
use crate::store::Tx;
use crate::store::conference::ReportAsked;
use crate::store::deadline::{About, NewDeadline};
use crate::store::record::RecordId;
use crate::store::record::enquiry::NewEnquiry;

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

/// A child died: nothing that belongs to a plan or leads to one is due any more.
pub(super) async fn child_died(tx: &Tx, child: ChildId) -> Result<()> {
    let kinds = [OF_A_PLAN, BEFORE_INITIAL, BEFORE_REVIEW, &[Kind::InitialConference, Kind::FollowOnPlan]].concat();
    tx.lapsed(&kinds, &[child], About::default(), tx.who().at).await
}

/// Collects what is due from now on under the practice of the writer's authority.
pub(super) struct Dues<'t> {
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
    pub(super) async fn own(tx: &'t Tx, about: About) -> Result<Self> {
        Self::of(tx, tx.who().agency, tx.who().teams.first().copied(), about).await
    }

    /// Each of `kinds` for a child, counted from an instant, where the authority sets a time for it.
    pub(super) fn add(&mut self, kinds: &[Kind], child: ChildId, from: DateTime<Utc>) {
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

    pub(super) async fn write(self) -> Result<()> {
        self.tx.make_due(self.new).await
    }
}

/// A strategy meeting is called because of a contact that was received: it is held on that day (WAR-SM-02). Where one
/// before it was cancelled, the contact asks for a meeting all the same: its time runs on, in this one.
pub(super) async fn strategy_meeting_called(
    tx: &Tx,
    id: StrategyMeetingId,
    children: &[ChildId],
    received_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let running = tx.first_meeting_goes_on(id, children).await?;
    let Some(received_at) = received_at else { return Ok(()) };
    let about = About { strategy_meeting: Some(id), ..About::default() };
    let mut dues = Dues::own(tx, about).await?;
    for child in children.iter().filter(|child| !running.contains(child)) {
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
) -> Result<Vec<EpisodeId>> {
    let about = About { strategy_meeting: Some(id), ..About::default() };
    let children: Vec<_> = decisions.iter().map(|(child, _)| *child).collect();
    tx.met(&[Kind::FirstStrategyMeeting], &children, about, held_at).await?;
    let mut dues = Dues::own(tx, about).await?;
    let papers = [Kind::StrategyOutcomeDocument, Kind::StrategyDocument, Kind::StrategyRecordCirculated];
    let enquiries: Vec<_> = decisions.iter().filter(|(_, d)| begins_enquiry(*d)).map(|(child, _)| *child).collect();
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
    begin_enquiries(tx, id, held_at, &enquiries).await?;
    dues.write().await?;
    begin_assessments(tx, held_at, &enquiries).await
}

/// With an enquiry the single assessment begins (WAR-S47-14), in the open case of the child; one that runs there is the one,
/// and a child of whom no case is recorded has none. Answers in which cases one began.
async fn begin_assessments(tx: &Tx, at: DateTime<Utc>, children: &[ChildId]) -> Result<Vec<EpisodeId>> {
    let day = london_day(at);
    let mut begun = Vec::new();
    for case in tx.open_episodes(children).await? {
        let others = tx.assessments_of(case.id).await?;
        let span = Span { status: case.status, referred_on: case.referred_on, closed_on: case.closed_on };
        if episode::assesses(&span, &others, day).is_empty() {
            tx.assess_with_enquiry(&case, day).await?;
            begun.push(case.id);
        }
    }
    Ok(begun)
}

/// Enquiries begin, where none runs. Each is led by the child's own social worker, or by who recorded the decision where the
/// child has none yet.
async fn begin_enquiries(tx: &Tx, id: StrategyMeetingId, at: DateTime<Utc>, children: &[ChildId]) -> Result<()> {
    let running = tx.running_enquiries(children).await?;
    let workers = tx.allocated_workers(children).await?;
    let new = children
        .iter()
        .filter(|child| !running.contains(child))
        .map(|child| NewEnquiry { child: *child, lead: workers.get(child).copied().unwrap_or(tx.who().practitioner) });
    tx.begin_enquiries(id, at, &new.collect::<Vec<_>>()).await
}

/// An enquiry led to no conference: none is due by it.
pub(super) async fn enquiry_without_conference(tx: &Tx, children: &[ChildId]) -> Result<()> {
    tx.lapsed(&[Kind::InitialConference], children, About::default(), tx.who().at).await
}

/// Something was written on a record: what follows from it is made due first (`following.rs`); then an item that says when
/// something was done meets what was due by it (BRI-NM-12 among them).
pub(super) async fn entries_recorded(
    tx: &Tx,
    record: RecordId,
    sheet: &Sheet,
    known: &[(usize, &Entry, &Item)],
) -> Result<()> {
    let conference = record.conference();
    let follows = |item: &Item| [SUPPORT_LEVEL, FOLLOW_ON].contains(&item.code.as_str());
    if let Some(conference) = conference.filter(|_| known.iter().any(|(.., item)| follows(item))) {
        follow(tx, conference).await?;
    }
    // an outline that did not come with the decision is written up on the plan's record (WAR-MI-06)
    let written = |item: &Item, entry: &Entry| of_plan::is_content(&item.code) && !entry.withdraw;
    if record.plan().is_some() && known.iter().any(|(_, entry, item)| written(item, entry)) {
        tx.met(&[Kind::OutlinePlan], &sheet.child_ids(), About::default(), tx.who().at).await?;
    }
    let about = About { conference, ..About::default() };
    for (_, entry, item) in known {
        if !item.meets.is_empty() && (entry.at.is_some() || entry.choice.is_some()) {
            let children = entry.child.map_or_else(|| sheet.child_ids(), |child| vec![child]);
            tx.met(&item.meets, &children, about, entry.at.unwrap_or(tx.who().at)).await?;
        }
    }
    Ok(())
}

/// A step was finished: the document of a strategy meeting is on the system with its record (WAR-SM-12), and not with the
/// outcome alone (CON-07, AMB-42).
pub(super) async fn step_finished(tx: &Tx, record: RecordId, step: Step, sheet: &Sheet) -> Result<()> {
    let about = About { strategy_meeting: record.strategy_meeting(), ..About::default() };
    match step {
        Step::StrategyRecord => tx.met(&[Kind::StrategyDocument], &sheet.child_ids(), about, tx.who().at).await,
        Step::Enquiries
        | Step::EnquiryOutcome
        | Step::Preparation
        | Step::SocialWorkReport
        | Step::Minutes
        | Step::CoreGroupMinutes
        | Step::DetailedPlan
        | Step::PlanSignOff
        | Step::CinPlan => Ok(()),
    }
}

/// A document was sent: what was due by it is met once everybody has it whom the rule names (`practice/circulation.rs`).
pub(super) async fn document_issued(
    tx: &Tx,
    record: RecordId,
    document: Document,
    (sheet, unit): (&Sheet, Option<AgencyId>),
) -> Result<()> {
    let about =
        About { conference: record.conference(), strategy_meeting: record.strategy_meeting(), ..About::default() };
    let copies = tx.copies_sent(record, document).await?;
    for (kind, at) in circulation::met(document, sheet, unit, &copies) {
        tx.met(&[kind], &sheet.child_ids(), about, at).await?;
    }
    Ok(())
}

/// A child in need plan was made: copies of it are due, and what was due to follow is there.
pub(super) async fn cin_plan_opened(tx: &Tx, child: ChildId, met_at: DateTime<Utc>) -> Result<()> {
    tx.met(&[Kind::FollowOnPlan], &[child], About::default(), met_at).await?;
    let mut dues = Dues::own(tx, About::default()).await?;
    dues.add(&[Kind::CinPlanCopies], child, met_at);
    dues.write().await
}

/// A conference was adjourned: what is to be there before it is due before its next session. The reports of agencies stay
/// due as they were asked.
pub(super) async fn conference_adjourned(
    tx: &Tx,
    conference: &entity::conference::Model,
    at: DateTime<Utc>,
) -> Result<()> {
    conference_moved(tx, conference, at, (&[], (Kind::AgencyReport, None))).await
}

/// A conference is at another time: what is to be there before it is due before that, the reports among it that are named.
pub(super) async fn conference_moved(
    tx: &Tx,
    conference: &entity::conference::Model,
    at: DateTime<Utc>,
    (reports, report): (&[ReportAsked], (Kind, Option<Limit>)),
) -> Result<()> {
    let children = tx.all_children_of_conference(conference.id).await?;
    let about = About { conference: Some(conference.id), ..About::default() };
    let mut before = [BEFORE_INITIAL, BEFORE_REVIEW, BEFORE_NINE_MONTH_REVIEW].concat();
    if !reports.is_empty() {
        before.extend([Kind::AgencyReport, Kind::AgencyReportToReview]);
    }
    tx.lapsed(&before, &children, about, tx.who().at).await?;
    let what = Scheduled { id: conference.id, kind: conference.kind, at, children: &children };
    conference_scheduled(tx, &what, reports, report).await
}

/// A conference was cancelled: nothing is due before it any more. What asked for it goes on: the initial conference after an
/// enquiry, the review of a plan.
pub(super) async fn conference_cancelled(tx: &Tx, id: ConferenceId) -> Result<()> {
    let children = tx.all_children_of_conference(id).await?;
    let about = About { conference: Some(id), ..About::default() };
    let reports = [Kind::AgencyReport, Kind::AgencyReportToReview];
    let support = [Kind::SupportReferral, Kind::SupportDiscussion];
    let before = [BEFORE_INITIAL, BEFORE_REVIEW, BEFORE_NINE_MONTH_REVIEW, &reports, &support].concat();
    tx.lapsed(&before, &children, about, tx.who().at).await
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
    let before = before_conference(conference.kind);
    for child in conference.children {
        dues.add(before, *child, conference.at);
    }
    if conference.kind == conference::Kind::Review {
        let reviewed = tx.reviews_since_plan(conference.children).await?;
        for (child, plan_since, reviews) in reviewed {
            if is_nine_month_review(plan_since, reviews, london_day(conference.at)) {
                dues.add(BEFORE_NINE_MONTH_REVIEW, child, conference.at);
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

/// The report of the social worker was submitted: who chairs a review has it from then on (WAR-RV-06).
pub(super) async fn social_work_report_submitted(tx: &Tx, conference: ConferenceId, child: ChildId) -> Result<()> {
    let about = About { conference: Some(conference), ..About::default() };
    tx.met(&[Kind::ReviewReportToUnit], &[child], about, tx.who().at).await
}

/// The report of the social worker was released: the professionals at the conference have it (WAR-PR-06).
pub(super) async fn social_work_report_released(tx: &Tx, conference: ConferenceId, child: ChildId) -> Result<()> {
    let about = About { conference: Some(conference), ..About::default() };
    tx.met(&[Kind::ReportToProfessionals], &[child], about, tx.who().at).await
}

/// Every parent has a copy of the report of the social worker (WAR-PR-04, WAR-RV-05).
pub(super) async fn social_work_report_shared(
    tx: &Tx,
    conference: ConferenceId,
    (child, at): (ChildId, DateTime<Utc>),
) -> Result<()> {
    let about = About { conference: Some(conference), ..About::default() };
    tx.met(&[Kind::ReportToFamily, Kind::ReviewReportToFamily], &[child], about, at).await
}

/// A report was withdrawn before its conference was over.
pub(super) async fn report_withdrawn(tx: &Tx, request: &report_request::Model, by: agency::Kind) -> Result<()> {
    tx.unmet(request.id).await?;
    if by == agency::Kind::Csc {
        // what the professionals and the family were given is a report that does not stand
        let sent =
            [Kind::ReviewReportToUnit, Kind::ReportToProfessionals, Kind::ReportToFamily, Kind::ReviewReportToFamily];
        tx.unmet_before(request.conference_id, request.child_id, &sent).await?;
    }
    Ok(())
}

/// A conference was held and decided: early reviews as well, which nothing refuses (WAR-RV-03). It meets what asked for it, and
/// its papers, the core group and the next review are due. The outline plan is there where it came with the decision
/// (WAR-MI-06).
pub(super) async fn conference_decided(
    tx: &Tx,
    row: &entity::conference::Model,
    outcomes: &[(ChildId, Outcome)],
    outlined: &[ChildId],
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
    dues.write().await?;
    tx.met(&[Kind::OutlinePlan], outlined, about, tx.who().at).await?;
    // which plan follows can have been said before it was decided that one ends
    if outcomes.iter().any(|(_, outcome)| *outcome == Outcome::CpPlanEnds) {
        follow(tx, row.id).await?;
    }
    Ok(())
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
