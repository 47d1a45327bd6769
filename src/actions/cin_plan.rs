//! Child in need plans: opened where one follows, ended when it has done its work.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use entity::id::{AgencyId, ChildId, PlanId};
use entity::plan::Kind;

use super::checks::{check_actions, children};
use super::{Done, Findings, due, expect_version};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{EndCinPlan, OpenCinPlan};
use crate::practice::episode::{self, Doing};
use crate::practice::visits::longest;
use crate::store::plan::NewCinPlan;
use crate::store::record::RecordId;
use crate::store::record::entry::NewEntry;
use crate::store::{Begun, Scoped, Write};

/// Input of [`open`].
#[derive(Clone, Debug)]
pub struct Open {
    /// For which child.
    pub child: ChildId,
    /// When the meeting was at which it was made.
    pub met_at: DateTime<Utc>,
    /// Days between visits at the most.
    pub visit_every_days: i32,
    /// What, by which agency, by when.
    pub actions: Vec<(String, AgencyId, NaiveDate)>,
}

/// Opens a child in need plan.
pub async fn open(scope: &Scoped, write: &Write, input: Open) -> Result<Done> {
    let mut findings = Findings::default();
    if !(1..=366).contains(&input.visit_every_days) {
        findings.add("visitEveryDays", ProblemCode::Invalid, "Between 1 and 366 days.");
    }
    if input.actions.len() > 50 {
        findings.add("actions", ProblemCode::TooMany, "At most 50.");
        return findings.into_result().map(|()| None);
    }
    let id = PlanId(scope.store().clock().new_id());
    let tx = match scope.begin::<OpenCinPlan>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = tx.permit::<OpenCinPlan, _>(children(&tx, "childId", &[input.child]).await?, &())?;
    tx.lock_children(&[input.child]).await?;
    if input.met_at > tx.who().at {
        findings.add("metAt", ProblemCode::WrongTime, "A plan is recorded after it was made.");
    }
    let day = london_day(input.met_at);
    let book = scope.store().practice().standards.book(tx.profile().await?);
    if let Some(message) = longest(book, Kind::Cin, day).and_then(|longest| longest.refusal(input.visit_every_days)) {
        findings.add("visitEveryDays", ProblemCode::RuleRefused, message);
    }
    match tx.open_plans(&[input.child]).await?.get(&input.child).map(|plan| plan.kind) {
        Some(Kind::Cin) => {
            let message = "The child has an open child in need plan already (rule 4004).";
            findings.add("childId", ProblemCode::RuleRefused, message);
        }
        Some(Kind::Cp) => {
            let message = "The child has an open child protection plan: the two are never together (rule 4001).";
            findings.add("childId", ProblemCode::RuleRefused, message);
        }
        None => {}
    }
    if tx.last_plan_end(input.child).await?.is_some_and(|(_, ended)| ended > day) {
        let message = "The plan before it ended later: the two are never together (rules 4016, 4017).";
        findings.add("metAt", ProblemCode::WrongTime, message);
    }
    for message in episode::begins(&tx.history(input.child).await?, Doing::InNeedPlan, day) {
        findings.add("metAt", ProblemCode::RuleRefused, message);
    }
    check_actions(&tx, "actions", &input.actions, &mut findings).await?;
    findings.into_result()?;
    let new = NewCinPlan {
        id,
        child: input.child,
        starts_on: day,
        visit_every_days: input.visit_every_days,
        actions: input.actions,
    };
    tx.open_cin_plan(permit, new).await?;
    due::cin_plan_opened(&tx, input.child, input.met_at).await?;
    tx.commit::<OpenCinPlan>(Event::PlanOpened(id)).await
}

/// Input of [`end`].
#[derive(Clone, Debug)]
pub struct End {
    /// Which plan.
    pub id: PlanId,
    /// The version the caller read.
    pub expected_version: i64,
    /// On which day.
    pub ends_on: NaiveDate,
    /// Why before its time is over; can be written on its record later.
    pub reason: Option<String>,
}

/// Ends a child in need plan.
pub async fn end(scope: &Scoped, write: &Write, input: End) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text_opt("reason", input.reason.as_deref(), 2000);
    let tx = match scope.begin::<EndCinPlan>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::plan::Entity>(input.id).await?;
    let permit = tx.permit::<EndCinPlan, _>(row, &())?;
    expect_version(input.expected_version, permit.row().version)?;
    if permit.row().kind != Kind::Cin {
        findings.add("planId", ProblemCode::WrongState, "A child protection plan is ended by a conference.");
    } else if permit.row().ends_on.is_some() {
        findings.add("planId", ProblemCode::AlreadyConcluded, "The plan has ended already.");
    }
    let wrong = match input.ends_on.cmp(&permit.row().starts_on) {
        Ordering::Less => Some("A plan does not end before it started (rule 8925)."),
        Ordering::Equal => Some("A plan does not end on the day it started (rules 8840, 4012Q)."),
        Ordering::Greater if input.ends_on > london_day(tx.who().at) => Some("Not later than today."),
        Ordering::Greater => None,
    };
    if let Some(message) = wrong {
        findings.add("endsOn", ProblemCode::WrongTime, message);
    }
    if let Some(message) = episode::ends(&tx.history(permit.row().child_id).await?, Doing::InNeedPlan, input.ends_on) {
        findings.add("endsOn", ProblemCode::RuleRefused, message);
    }
    findings.into_result()?;
    // that it has ended is a fact: a reason that is missing is asked for on its record (BIR-SD-01)
    if let Some(reason) = input.reason.filter(|reason| !reason.trim().is_empty()) {
        let entry = NewEntry { text: Some(reason), ..tx.blank_entry("ENDED_EARLY_BECAUSE") };
        tx.say(RecordId::Plan(input.id), entry).await?;
    }
    tx.end_cin_plan(permit, input.ends_on).await?;
    tx.commit::<EndCinPlan>(Event::PlanEnded(input.id)).await
}
