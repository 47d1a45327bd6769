//! The episode of need: a child is referred, assessed, and its case closed; and the death of a child. What stands against
//! each is in one table of practice (`practice/episode.rs`), by the rules of the national return.

use chrono::NaiveDate;
use entity::episode::{Need, Reason, Source};
use entity::id::{AssessmentId, ChildId, EpisodeId};

use super::{Done, Findings, due, expect_version};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{CloseEpisode, CompleteAssessment, RecordDeath, RecordReferral, StartAssessment};
use crate::practice::episode::{self, Span};
use crate::practice::states::of_episode;
use crate::store::episode::NewReferral;
use crate::store::{Begun, Scoped, Tx, Write};

/// Input of [`refer`].
#[derive(Clone, Copy, Debug)]
pub struct Refer {
    /// Which child.
    pub child: ChildId,
    /// The day of the referral.
    pub referred_on: NaiveDate,
    /// Who made it.
    pub source: Source,
    /// What the child needs help for.
    pub need: Need,
    /// True where nothing is done on it.
    pub no_further_action: bool,
}

/// Records a referral; where something is done on it, the case is open from then on.
pub async fn refer(scope: &Scoped, write: &Write, input: Refer) -> Result<Done> {
    let mut findings = Findings::default();
    let id = EpisodeId(scope.store().clock().new_id());
    let tx = match scope.begin::<RecordReferral>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::child::Entity>(input.child).await?;
    let of = row.local_authority_id;
    let permit = tx.permit::<RecordReferral, _>(row, &of)?;
    not_to_come(&tx, "referredOn", input.referred_on, &mut findings);
    let (history, deeds) = (tx.history(input.child).await?, tx.deeds(input.child).await?);
    for message in episode::refers(&history, &deeds, input.no_further_action, input.referred_on) {
        findings.add("referredOn", ProblemCode::RuleRefused, message);
    }
    findings.into_result()?;
    let Refer { referred_on, source, need, no_further_action, .. } = input;
    tx.record_referral(permit, NewReferral { id, referred_on, source, need, no_further_action }).await?;
    tx.commit::<RecordReferral>(Event::ReferralRecorded(id)).await
}

/// Input of [`start_assessment`].
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// In which episode.
    pub episode: EpisodeId,
    /// The day it begins.
    pub started_on: NaiveDate,
}

/// Begins an assessment in an open episode.
pub async fn start_assessment(scope: &Scoped, write: &Write, input: Start) -> Result<Done> {
    let mut findings = Findings::default();
    let id = AssessmentId(scope.store().clock().new_id());
    let tx = match scope.begin::<StartAssessment>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::episode::Entity>(input.episode).await?;
    let of = row.local_authority_id;
    let permit = tx.permit::<StartAssessment, _>(row, &of)?;
    not_to_come(&tx, "startedOn", input.started_on, &mut findings);
    let others = tx.assessments_of(input.episode).await?;
    for message in episode::assesses(&span(permit.row()), &others, input.started_on) {
        findings.add("startedOn", ProblemCode::RuleRefused, message);
    }
    if findings.0.is_empty() {
        findings.may("episodeId", &of_episode::ASSESS, permit.row().status)?;
    }
    findings.into_result()?;
    tx.start_assessment(permit, id, input.started_on).await?;
    tx.commit::<StartAssessment>(Event::AssessmentStarted(input.episode)).await
}

/// Input of [`complete_assessment`].
#[derive(Clone, Copy, Debug)]
pub struct Complete {
    /// Which assessment.
    pub id: AssessmentId,
    /// The version the caller read.
    pub expected_version: i64,
    /// The day it was authorised.
    pub completed_on: NaiveDate,
}

/// Completes an assessment.
pub async fn complete_assessment(scope: &Scoped, write: &Write, input: Complete) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<CompleteAssessment>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::assessment::Entity>(input.id).await?;
    let (of, episode) = (row.local_authority_id, row.episode_id);
    let permit = tx.permit::<CompleteAssessment, _>(row, &of)?;
    expect_version(input.expected_version, permit.row().version)?;
    if permit.row().completed_on.is_some() {
        findings.add("assessmentId", ProblemCode::AlreadyConcluded, "The assessment is complete already.");
        return findings.into_result().map(|()| None);
    }
    not_to_come(&tx, "completedOn", input.completed_on, &mut findings);
    if input.completed_on < permit.row().started_on {
        let message = "An assessment is not complete before it began (rule 8608).";
        findings.add("completedOn", ProblemCode::RuleRefused, message);
    }
    findings.into_result()?;
    tx.complete_assessment(permit, input.completed_on).await?;
    tx.commit::<CompleteAssessment>(Event::AssessmentCompleted(episode)).await
}

/// Input of [`close`].
#[derive(Clone, Copy, Debug)]
pub struct Close {
    /// Which episode.
    pub id: EpisodeId,
    /// The version the caller read.
    pub expected_version: i64,
    /// On which day; has to be there, with the reason.
    pub closed_on: Option<NaiveDate>,
    /// Why; has to be there, with the day.
    pub reason: Option<Reason>,
}

/// Closes a case: once nothing of it runs any more.
pub async fn close(scope: &Scoped, write: &Write, input: Close) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<CloseEpisode>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::episode::Entity>(input.id).await?;
    let (of, child) = (row.local_authority_id, row.child_id);
    let permit = tx.permit::<CloseEpisode, _>(row, &of)?;
    // whatever begins about the child meanwhile waits for this
    tx.lock_children(&[child]).await?;
    findings.may("episodeId", &of_episode::CLOSE, permit.row().status)?;
    expect_version(input.expected_version, permit.row().version)?;
    if let Some(day) = input.closed_on {
        not_to_come(&tx, "closedOn", day, &mut findings);
    }
    for (field, message) in episode::closes(&span(permit.row()), &tx.deeds(child).await?, input.closed_on, input.reason)
    {
        let given = if field == "reason" { input.reason.is_some() } else { input.closed_on.is_some() };
        let code = if given { ProblemCode::RuleRefused } else { ProblemCode::Required };
        findings.add(field, code, message);
    }
    findings.into_result()?;
    if let (Some(day), Some(reason)) = (input.closed_on, input.reason) {
        tx.close_episode(permit, day, reason).await?;
    }
    tx.commit::<CloseEpisode>(Event::EpisodeClosed(input.id)).await
}

/// Input of [`record_death`].
#[derive(Clone, Copy, Debug)]
pub struct Death {
    /// Which child.
    pub child: ChildId,
    /// On which day.
    pub died_on: NaiveDate,
}

/// Records that a child died, or puts the day right. Its plans end with it.
pub async fn record_death(scope: &Scoped, write: &Write, input: Death) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<RecordDeath>(write, input.child.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::child::Entity>(input.child).await?;
    let of = row.local_authority_id;
    let permit = tx.permit::<RecordDeath, _>(row, &of)?;
    not_to_come(&tx, "diedOn", input.died_on, &mut findings);
    let opening = tx.scope().disclosure(None);
    if permit.row().born_on.open(&opening).copied().flatten().is_some_and(|born| input.died_on < born) {
        findings.add("diedOn", ProblemCode::WrongTime, "A child does not die before its birth.");
    }
    let before = tx.history(input.child).await?.died_on;
    if before == Some(input.died_on) {
        findings.add("diedOn", ProblemCode::AlreadyDone, "This day is on record already.");
    }
    for message in episode::dies(before, &tx.deeds(input.child).await?, input.died_on) {
        findings.add("diedOn", ProblemCode::RuleRefused, message);
    }
    findings.into_result()?;
    tx.record_death(permit, before, input.died_on).await?;
    due::child_died(&tx, input.child).await?;
    tx.commit::<RecordDeath>(Event::DeathRecorded(input.child)).await
}

const fn span(row: &entity::episode::Model) -> Span {
    Span { status: row.status, referred_on: row.referred_on, closed_on: row.closed_on }
}

/// What is recorded has happened.
fn not_to_come(tx: &Tx, field: &str, day: NaiveDate, findings: &mut Findings) {
    if day > london_day(tx.who().at) {
        findings.add(field, ProblemCode::WrongTime, "Today or before.");
    }
}
