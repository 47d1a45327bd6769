//! Scheduling a conference, recording who took part, recording what it decided.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::appointment::Post;
use entity::conference::Kind;
use entity::conference_child::Outcome;
use entity::id::{AgencyId, ChildId, ConferenceId, PractitionerId};
use entity::invitation::Attendance;
use entity::involvement::Basis;

use super::checks::{
    asked_at, check_actions, check_chair, check_colleague, check_day, check_grantees, check_invitees,
    check_since_expected, children, every_agency, every_child, grants, not_all_in_scope,
};
use super::due::{self, Scheduled};
use super::{Done, Findings, beyond_calendar, counting, expect_version, notice};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{RecordConferenceAttendance, RecordConferenceOutcome, ScheduleConference};
use crate::practice::calendar::end_of;
use crate::practice::deadlines;
use crate::practice::episode::{self, Doing, History};
use crate::practice::outcomes::{self, Decision};
use crate::practice::overruling;
use crate::practice::states::of_conference;
use crate::practice::visits::{Longest, longest};
use crate::store::conference::{ChildOutcome, NewConference};
use crate::store::invitee::{AskedToConference, Invitee};
use crate::store::permit::Permit;
use crate::store::plan::{NewPlan, PlanChange};
use crate::store::record::RecordId;
use crate::store::{Begun, Scoped, Tx, Write};

/// Input of [`schedule`].
#[derive(Clone, Debug)]
pub struct Schedule {
    /// About whom.
    pub children: Vec<ChildId>,
    /// What kind.
    pub kind: Kind,
    /// When.
    pub scheduled_at: DateTime<Utc>,
    /// Where.
    pub venue: String,
    /// Who chairs.
    pub chair: PractitionerId,
    /// Who takes the minutes.
    pub minute_taker: Option<PractitionerId>,
    /// Who is asked, whether for a report, and about whom.
    pub invitees: Vec<AskedToConference>,
    /// When they heard of it, where it is written down afterwards.
    pub invited_at: Option<DateTime<Utc>>,
}

/// Schedules a conference, or writes one down that was held without being scheduled here; invitations and report requests
/// come with it.
pub async fn schedule(scope: &Scoped, write: &Write, input: Schedule) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("venue", &input.venue, 200);
    findings.list("childIds", &input.children, 20);
    let invitees: Vec<Invitee> = input.invitees.iter().map(|asked| asked.invitee).collect();
    about_whom(&input, &mut findings);
    let agencies: Vec<_> = invitees.iter().map(|i| i.agency).collect();
    findings.list("invitees", &agencies, 60);
    let id = ConferenceId(scope.store().clock().new_id());
    let tx = match scope.begin::<ScheduleConference>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = tx.permit::<ScheduleConference, _>(children(&tx, "childIds", &input.children).await?, &())?;
    let at = tx.who().at;
    check_since_expected(&tx, "scheduledAt", input.scheduled_at, permit.row(), &mut findings);
    let invited_at = asked_at(("invitedAt", input.invited_at), input.scheduled_at, at, &mut findings);
    check_day(input.kind, input.scheduled_at, &mut findings);
    let there = tx.active_agencies(&agencies).await?;
    check_invitees(&tx, "invitees", &invitees, &there, &mut findings).await?;
    check_chair(&tx, "chairId", input.chair, &input.children, &mut findings).await?;
    if let Some(person) = input.minute_taker {
        check_colleague(&tx, "minuteTakerId", person, &[Post::MinuteTaker], &mut findings).await?;
    }
    check_grantees(&tx, &input.children, &relations(&tx, &input, &invitees), &mut findings).await?;
    findings.into_result()?;
    let calendar = counting(&tx, input.scheduled_at);
    // what is written down afterwards is open as long from now on as the rest was
    let open_from = london_day(input.scheduled_at.max(at));
    let ends = deadlines::invitation_ends(&calendar, open_from);
    let practice = scope.store().practice();
    let (report, limit, report_due_at) =
        practice.report_limit(tx.profile().await?, input.kind, input.scheduled_at, invited_at);
    let new = NewConference {
        id,
        kind: input.kind,
        scheduled_at: input.scheduled_at,
        venue: input.venue,
        chair: input.chair,
        minute_taker: input.minute_taker,
        team: tx.who().teams.first().copied(),
        invited_at,
        notice_working_days: notice(&calendar, "scheduledAt", invited_at, input.scheduled_at)?,
        report_due_at,
        invitations_end_at: ends.map_err(|e| beyond_calendar("scheduledAt", e))?,
        posts_end_at: deadlines::conference_posts_end(open_from),
        // nobody is late with a report that they were asked for after the conference
        invitees: input
            .invitees
            .into_iter()
            .map(|asked| AskedToConference { report: asked.report && invited_at <= input.scheduled_at, ..asked })
            .collect(),
    };
    let asked = tx.schedule_conference(permit, new).await?;
    let what = Scheduled { id, kind: input.kind, at: input.scheduled_at, children: &input.children };
    due::conference_scheduled(&tx, &what, &asked, (report, limit)).await?;
    tx.commit::<ScheduleConference>(Event::ConferenceScheduled(id)).await
}

/// That nobody is asked about a child the conference is not about.
fn about_whom(input: &Schedule, findings: &mut Findings) {
    for (n, asked) in input.invitees.iter().enumerate() {
        if asked.children.iter().any(|child| !input.children.contains(child)) {
            let message = "Of the children the conference is about.";
            findings.add(format!("invitees.{n}.childIds"), ProblemCode::UnknownReference, message);
        }
    }
}

/// Who is given which relationship by a conference, with the field that names the person.
fn relations(tx: &Tx, input: &Schedule, invitees: &[Invitee]) -> Vec<(String, Invitee, Basis)> {
    let colleague = |person| Invitee { agency: tx.who().agency, practitioner: Some(person) };
    let mut given = grants("invitees", invitees, Basis::ConferenceInvitation);
    given.push(("chairId".to_owned(), colleague(input.chair), Basis::Chair));
    let minutes = |person| ("minuteTakerId".to_owned(), colleague(person), Basis::MinuteTaker);
    given.extend(input.minute_taker.map(minutes));
    given
}

/// Input of [`record_attendance`].
#[derive(Clone, Debug)]
pub struct RecordAttendance {
    /// The conference.
    pub id: ConferenceId,
    /// The version the caller read.
    pub expected_version: i64,
    /// Each invited agency, whether it took part, and the reason it gave where it did not.
    pub entries: Vec<(AgencyId, Attendance, Option<String>)>,
}

/// Records who took part in a conference, for every invited agency; says whether that made a quorum.
pub async fn record_attendance(scope: &Scoped, write: &Write, input: RecordAttendance) -> Result<Done> {
    let mut findings = Findings::default();
    let named: Vec<_> = input.entries.iter().map(|(agency, ..)| *agency).collect();
    findings.list("entries", &named, 60);
    for (i, (_, _, reason)) in input.entries.iter().enumerate() {
        findings.text_opt(&format!("entries.{i}.apologiesReason"), reason.as_deref(), 500);
    }
    let tx = match scope.begin::<RecordConferenceAttendance>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::conference::Entity>(input.id).await?;
    let posts = tx.conference_posts(&row).await?;
    let permit = tx.permit::<RecordConferenceAttendance, _>(row, &posts)?;
    findings.may("conferenceId", &of_conference::HOLD, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    if permit.row().scheduled_at > tx.who().at {
        findings.add("conferenceId", ProblemCode::WrongTime, "Attendance is recorded once the conference has begun.");
    }
    let invited = tx.invitations_to_conference(input.id).await?;
    let invited: Vec<_> = invited.into_iter().map(|row| row.agency_id).collect();
    every_agency(&invited, &named, "entries", &mut findings);
    findings.into_result()?;
    let kinds = tx.active_agencies(&named).await?;
    let there = input.entries.iter().filter_map(|(agency, a, _)| Some((kinds.get(agency)?.kind, *a)));
    let held_on = london_day(permit.row().scheduled_at);
    let quorum = scope.store().practice().conference_quorum(tx.profile().await?, held_on);
    // where no number is set, none is missing
    let quorate = quorum.is_none_or(|quorum| quorum.is_met(there));
    if permit.row().kind == Kind::Review {
        let about = tx.all_children_of_conference(input.id).await?;
        tx.come_under_review(&permit, &about).await?;
    }
    tx.record_attendance(permit, &input.entries, quorate).await?;
    tx.commit::<RecordConferenceAttendance>(Event::ConferenceAttendanceRecorded(input.id)).await
}

/// Input of [`record_outcome`].
#[derive(Clone, Debug)]
pub struct RecordOutcome {
    /// The conference.
    pub id: ConferenceId,
    /// The version the caller read.
    pub expected_version: i64,
    /// The chair's summary.
    pub summary: Option<String>,
    /// The outcome for each child, with the outline of the plan where one is made or changed.
    pub outcomes: Vec<(ChildOutcome, Option<Outline>)>,
}

/// The outline of a plan, as the conference makes it; what it adds to one that continues.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// What is feared.
    pub danger_statement: Option<String>,
    /// What safety would look like.
    pub safety_statement: Option<String>,
    /// Days between visits at the most; for a new plan as many as the authority's standard has, where none is given.
    pub visit_every_days: Option<i32>,
    /// What, by which agency, by when.
    pub actions: Vec<(String, AgencyId, NaiveDate)>,
    /// Who is in the core group.
    pub core_group: Vec<Invitee>,
}

/// Records the outcome for every child; makes, continues or ends plans and core groups accordingly.
pub async fn record_outcome(scope: &Scoped, write: &Write, input: RecordOutcome) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text_opt("summary", input.summary.as_deref(), 10_000);
    let named: Vec<_> = input.outcomes.iter().map(|(o, _)| o.child).collect();
    findings.list("outcomes", &named, 20);
    let tx = match scope.begin::<RecordConferenceOutcome>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::conference::Entity>(input.id).await?;
    let posts = tx.conference_posts(&row).await?;
    let permit = tx.permit::<RecordConferenceOutcome, _>(row, &posts)?;
    findings.may("conferenceId", &of_conference::CONCLUDE, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    let about = tx.all_children_of_conference(input.id).await?;
    // one conference after the other decides about a child: what the second reads is what the first has written
    if tx.lock_children(&about).await?.len() < about.len() {
        return Err(not_all_in_scope("outcomes"));
    }
    every_child(&about, &named, "outcomes", &mut findings);
    let plans = tx.open_plans(&named).await?;
    let longest = visits(&tx, &permit).await?;
    check_outcomes(&tx, &permit, &input.outcomes, (&plans, longest.as_ref()), &mut findings).await?;
    let overruled = check_overruled(&tx, input.id, &input.outcomes, &mut findings).await?;
    findings.into_result()?;
    write_plans(&tx, &permit, &input.outcomes, plans, longest.map_or(0, |longest| longest.days)).await?;
    let outcomes: Vec<_> = input.outcomes.iter().map(|(outcome, _)| *outcome).collect();
    // counted from the day of the conference, or of its scheduling if that was later: recording the outcome late keeps
    // nothing open, but for those who record it today
    let (held_at, convened_at) = (permit.row().scheduled_at, permit.row().convened_at);
    let open_from = london_day(held_at.max(convened_at));
    let ends_at = deadlines::invitation_ends(&counting(&tx, held_at), open_from)
        .map_err(|e| beyond_calendar("conferenceId", e))?;
    let ends = (ends_at, ends_at.max(end_of(london_day(tx.who().at))));
    if permit.row().kind == Kind::TransferIn {
        tx.take_over(&about).await?;
    }
    let held = permit.row().clone();
    tx.record_conference_outcome(permit, input.summary, &outcomes, ends).await?;
    let decided: Vec<_> = outcomes.iter().map(|each| (each.child, each.outcome)).collect();
    let is_outlined = |outline: &Outline| !outline.actions.is_empty();
    let outlined = input.outcomes.iter().filter(|(_, outline)| outline.as_ref().is_some_and(is_outlined));
    let outlined: Vec<_> = outlined.map(|(each, _)| each.child).collect();
    due::conference_decided(&tx, &held, &decided, &outlined).await?;
    tx.commit_with::<RecordConferenceOutcome>(Event::ConferenceOutcomeRecorded(input.id), overruled).await
}

/// Where the record says that the chair overruled a decision to end a plan, the plan goes on (LAN-DE-02); that is told.
async fn check_overruled(
    tx: &Tx,
    id: ConferenceId,
    outcomes: &[(ChildOutcome, Option<Outline>)],
    findings: &mut Findings,
) -> Result<Option<Event>> {
    let overruled = overruling::overruled(&tx.sheet(RecordId::Conference(id)).await?);
    let named = outcomes.iter().enumerate().filter(|(_, (each, _))| overruled.contains(&each.child));
    let mut told = None;
    for (i, (each, _)) in named {
        if overruling::goes_on(each.outcome) {
            told = Some(Event::ConferenceDecisionOverruled(id));
        } else {
            let message =
                format!("The record says that the chair overruled its end: the plan goes on ({}).", overruling::RULE);
            findings.add(format!("outcomes.{i}.outcome"), ProblemCode::RuleRefused, message);
        }
    }
    Ok(told)
}

type Leave = Permit<RecordConferenceOutcome, entity::conference::Model>;
type OpenPlans = HashMap<ChildId, entity::plan::Model>;

async fn check_outcomes(
    tx: &Tx,
    leave: &Leave,
    outcomes: &[(ChildOutcome, Option<Outline>)],
    (plans, longest): (&OpenPlans, Option<&Longest>),
    findings: &mut Findings,
) -> Result<()> {
    let held_on = london_day(leave.row().scheduled_at);
    let named: Vec<_> = outcomes.iter().map(|(each, _)| each.child).collect();
    let ended = tx.plan_ends(&named).await?;
    let enquiries = tx.last_enquiries(&named).await?;
    let histories = tx.histories(&named).await?;
    for (i, (each, outline)) in outcomes.iter().enumerate() {
        let since = |kind| plans.get(&each.child).filter(|plan| plan.kind == kind).map(|plan| plan.starts_on);
        let decision = Decision {
            kind: leave.row().kind,
            held_on,
            outcome: each.outcome,
            category: each.category,
            cp_plan_since: since(entity::plan::Kind::Cp),
            cin_plan_since: since(entity::plan::Kind::Cin),
            cp_plan_ended: ended.get(&(each.child, entity::plan::Kind::Cp)).copied(),
            cin_plan_ended: ended.get(&(each.child, entity::plan::Kind::Cin)).copied(),
            enquiry_since: enquiries.get(&each.child).copied(),
        };
        for (field, message) in outcomes::findings(&decision) {
            findings.add(format!("outcomes.{i}.{field}"), ProblemCode::RuleRefused, message);
        }
        for message in histories.get(&each.child).map(|history| of_episode(history, &decision)).unwrap_or_default() {
            findings.add(format!("outcomes.{i}.outcome"), ProblemCode::RuleRefused, message);
        }
        let field = format!("outcomes.{i}.plan");
        check_visits(&field, longest, (each.outcome, outline.as_ref()), findings);
        match (each.outcome, outline) {
            (_, None) => {}
            (Outcome::CpPlan | Outcome::CpPlanContinues, Some(outline)) => {
                check_outline(tx, (&field, each.child), outline, findings).await?;
            }
            (_, Some(_)) => {
                findings.add(field, ProblemCode::RuleRefused, "This outcome makes no plan and continues none.");
            }
        }
    }
    Ok(())
}

/// What the child's episodes of need and its death leave of a decision.
fn of_episode(history: &History, decision: &Decision) -> Vec<String> {
    let held = Doing::of_conference(decision.kind);
    let made = (decision.outcome == Outcome::CpPlan).then_some(Doing::ProtectionPlan);
    let begins = held.into_iter().chain(made).flat_map(|doing| episode::begins(history, doing, decision.held_on));
    let ended = (decision.outcome == Outcome::CpPlanEnds)
        .then(|| episode::ends(history, Doing::ProtectionPlan, decision.held_on))
        .flatten();
    begins.chain(ended).collect()
}

/// The longest time between visits under a plan, as the authority held it on the day of the conference.
async fn visits(tx: &Tx, leave: &Leave) -> Result<Option<Longest>> {
    let practice = tx.scope().store().practice();
    let held_on = london_day(leave.row().scheduled_at);
    Ok(longest(practice.standards.book(tx.profile().await?), entity::plan::Kind::Cp, held_on))
}

/// How often a child is visited: said where the authority has no standard, and not less often where that is refused.
fn check_visits(
    field: &str,
    longest: Option<&Longest>,
    (outcome, outline): (Outcome, Option<&Outline>),
    findings: &mut Findings,
) {
    let field = format!("{field}.visitEveryDays");
    let days = outline.and_then(|outline| outline.visit_every_days);
    if outcome == Outcome::CpPlan && days.or(longest.map(|longest| longest.days)).is_none() {
        findings.add(field, ProblemCode::Required, "Your authority has no standard for it.");
    } else if let Some(message) = longest.zip(days).and_then(|(longest, days)| longest.refusal(days)) {
        findings.add(field, ProblemCode::RuleRefused, message);
    }
}

async fn check_outline(
    tx: &Tx,
    (field, child): (&str, ChildId),
    outline: &Outline,
    findings: &mut Findings,
) -> Result<()> {
    findings.text_opt(&format!("{field}.dangerStatement"), outline.danger_statement.as_deref(), 4000);
    findings.text_opt(&format!("{field}.safetyStatement"), outline.safety_statement.as_deref(), 4000);
    if outline.visit_every_days.is_some_and(|days| !(1..=60).contains(&days)) {
        findings.add(format!("{field}.visitEveryDays"), ProblemCode::Invalid, "Between 1 and 60 days.");
    }
    if outline.actions.len() > 50 {
        findings.add(format!("{field}.actions"), ProblemCode::TooMany, "At most 50.");
        return Ok(());
    }
    if outline.core_group.len() > 60 {
        findings.add(format!("{field}.coreGroup"), ProblemCode::TooMany, "At most 60.");
        return Ok(());
    }
    check_actions(tx, &format!("{field}.actions"), &outline.actions, findings).await?;
    let field = format!("{field}.coreGroup");
    let members: Vec<_> = outline.core_group.iter().map(|m| m.agency).collect();
    // a plan may be outlined before its core group is known
    if !members.is_empty() {
        findings.list(&field, &members, 60);
    }
    let there = tx.active_agencies(&members).await?;
    check_invitees(tx, &field, &outline.core_group, &there, findings).await?;
    check_grantees(tx, &[child], &grants(&field, &outline.core_group, Basis::CoreGroup), findings).await
}

async fn write_plans(
    tx: &Tx,
    leave: &Leave,
    outcomes: &[(ChildOutcome, Option<Outline>)],
    mut plans: OpenPlans,
    visit_every_days: i32,
) -> Result<()> {
    let held_on = london_day(leave.row().scheduled_at);
    let children: Vec<_> = outcomes.iter().map(|(o, _)| o.child).collect();
    let workers = tx.allocated_workers(&children).await?;
    for (each, outline) in outcomes {
        let open = plans.remove(&each.child);
        let outline = outline.clone().unwrap_or_default();
        match (each.outcome, open, each.category) {
            (Outcome::CpPlan, open, Some(category)) => {
                // a child in need plan ends where a protection plan begins: never both (rules 4001, 4016)
                if let Some(cin) = open {
                    tx.end_plan(leave, cin, held_on).await?;
                }
                let new = NewPlan {
                    child: each.child,
                    starts_on: held_on,
                    category,
                    danger_statement: outline.danger_statement,
                    safety_statement: outline.safety_statement,
                    visit_every_days: outline.visit_every_days.unwrap_or(visit_every_days),
                    actions: outline.actions,
                    lead: workers.get(&each.child).copied().unwrap_or(tx.who().practitioner),
                    members: outline.core_group,
                    first_meeting_due_on: deadlines::first_core_group_due(
                        &counting(tx, leave.row().scheduled_at),
                        held_on,
                    )
                    .map_err(|e| beyond_calendar("conferenceId", e))?,
                };
                tx.make_plan(leave, new).await?;
            }
            (Outcome::CpPlanContinues, Some(plan), category) => {
                let change = PlanChange {
                    category,
                    danger_statement: outline.danger_statement,
                    safety_statement: outline.safety_statement,
                    visit_every_days: outline.visit_every_days,
                    actions: outline.actions,
                    members: outline.core_group,
                    on: held_on,
                };
                tx.change_plan(leave, plan, change).await?;
            }
            (Outcome::CpPlanEnds, Some(plan), _) => tx.end_plan(leave, plan, held_on).await?,
            _ => {}
        }
    }
    Ok(())
}
