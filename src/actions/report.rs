//! Reports to a conference: drafted, submitted, put right, taken back.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::agency::Kind;
use entity::id::{
    AgencyId, ChildId, ConferenceId, ConferenceReportId, PractitionerId, ReportRequestId, RestrictedItemId,
};

use super::report_checks::{Agreement, REASON, Staff, Whole, agreement, check, on_behalf, passages, people};
use super::{Done, Findings, due};
use crate::clock::london_day;
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{
    AmendConferenceReport, SaveConferenceReportDraft, Submission, SubmitConferenceReport, WithdrawConferenceReport,
};
use crate::practice::states::{of_conference, of_report};
use crate::practice::templates::Template;
use crate::store::report::{ByTemplate, NewReport, Passage, ReportContent};
use crate::store::{Begun, Scoped, Tx, Write};

/// Who stands for a report, and what it says.
#[derive(Clone, Debug)]
pub struct Written {
    /// Who wrote it; needed where a system submits, otherwise nobody but the caller.
    pub author: Option<PractitionerId>,
    /// By which template; by the common core where nothing is said.
    pub template: Option<ByTemplate>,
    /// Who agreed it at the agency.
    pub agreed: Agreed,
    /// What it says.
    pub content: ReportContent,
}

/// Who agreed a report, and on which day: both or neither.
#[derive(Clone, Copy, Debug, Default)]
pub struct Agreed {
    /// Who.
    pub by: Option<PractitionerId>,
    /// When.
    pub on: Option<NaiveDate>,
}

/// Input of [`submit`].
#[derive(Clone, Debug)]
pub struct Submit {
    /// The request it answers.
    pub request: ReportRequestId,
    /// The report.
    pub report: Written,
}

/// Submits the report that was asked of the caller's agency.
pub async fn submit(scope: &Scoped, write: &Write, input: Submit) -> Result<Done> {
    let (template, mut findings) = check(scope, &input.report, Whole::Yes)?;
    let id = ConferenceReportId(scope.store().clock().new_id());
    let tx = match scope.begin::<SubmitConferenceReport>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    tx.meet_for_request(input.request).await?;
    let request = tx.lock::<entity::report_request::Entity>(input.request).await?;
    let submission = submission(&tx, request.agency_id, &input.report);
    let permit = tx.permit::<SubmitConferenceReport, _>(request, &submission)?;
    let request = permit.row();
    let open = open_for(&tx, request, &mut findings).await?;
    let staff = people(&tx, (&submission, request), &template, &input.report, &mut findings).await?;
    passages(&tx, submission.author, (&staff, &input.report.content.restricted), &mut findings).await?;
    let agreed = Agreement { author: submission.author, agreed: input.report.agreed, signed: None, is_first: true };
    agreement(&tx, request, (&staff, agreed), &mut findings).await?;
    findings.into_result()?;
    let (request, conference, child, due_at) = (request.id, request.conference_id, request.child_id, request.due_at);
    let new = new_report(&tx, id, submission.author, (&template, input.report), (due_at, open));
    let items = new.items.clone();
    tx.submit_report(permit, None, new).await?;
    submitted(tx, (request, conference, child), (id, items, staff.kind)).await
}

/// What a submitted report meets, and tells; with the last that was asked, that all have come.
async fn submitted(
    tx: Tx,
    (request, conference, child): (ReportRequestId, ConferenceId, ChildId),
    (id, items, by): (ConferenceReportId, Vec<RestrictedItemId>, Kind),
) -> Result<Done> {
    due::report_submitted(&tx, request, child).await?;
    if by == Kind::Csc {
        due::social_work_report_submitted(&tx, conference, child).await?;
    }
    let complete = tx.all_reported(conference).await?.then_some(Event::ConferenceReportsComplete(conference));
    let also = items.into_iter().map(Event::RestrictedItemRecorded).chain(complete);
    tx.commit_with::<SubmitConferenceReport>(Event::ConferenceReportSubmitted(id), also).await
}

/// Writes a draft of the report that was asked, over the one there is. Nothing has to be complete in it.
pub async fn save_draft(scope: &Scoped, write: &Write, input: Submit, expected: Option<i64>) -> Result<Done> {
    let (template, mut findings) = check(scope, &input.report, Whole::No)?;
    // the id is known before the key is taken: a retry answers the same, also when the draft is none any more
    let known = if expected.is_some() { scope.draft_id(input.request).await? } else { None };
    let id = known.unwrap_or_else(|| ConferenceReportId(scope.store().clock().new_id()));
    let tx = match scope.begin::<SaveConferenceReportDraft>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    tx.meet_for_request(input.request).await?;
    let request = tx.lock::<entity::report_request::Entity>(input.request).await?;
    let submission = submission(&tx, request.agency_id, &input.report);
    let permit = tx.permit::<SaveConferenceReportDraft, _>(request, &submission)?;
    open_for(&tx, permit.row(), &mut findings).await?;
    people(&tx, (&submission, permit.row()), &template, &input.report, &mut findings).await?;
    let before = tx.draft_of(input.request).await?;
    if before.as_ref().map(|row| (row.id, row.revision)) != expected.map(|revision| (id, revision)) {
        return Err(Error::Stale);
    }
    findings.into_result()?;
    let due_at = permit.row().due_at;
    let new = new_report(&tx, id, submission.author, (&template, input.report), (due_at, false));
    tx.save_draft(permit, before, new).await?;
    tx.commit::<SaveConferenceReportDraft>(Event::ConferenceReportDrafted(id)).await
}

/// Input of [`submit_draft`].
#[derive(Clone, Debug)]
pub struct SubmitDraft {
    /// The draft.
    pub id: ConferenceReportId,
    /// The revision the caller read.
    pub expected: i64,
    /// Who wrote it; needed where a system submits, otherwise nobody but the caller.
    pub author: Option<PractitionerId>,
    /// Who agreed it at the agency.
    pub agreed: Agreed,
    /// The passages that only some may read: a draft holds none.
    pub restricted: Vec<Passage>,
}

/// Submits a draft as it stands.
pub async fn submit_draft(scope: &Scoped, write: &Write, input: SubmitDraft) -> Result<Done> {
    let tx = match scope.begin::<SubmitConferenceReport>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let draft = tx.by_id::<entity::conference_report::Entity>(input.id).await?;
    let author = input.author.unwrap_or(tx.who().practitioner);
    tx.permit::<SubmitConferenceReport, _>((), &Submission { asked: draft.agency_id, author })?;
    let (request, draft) = both_locked(&tx, &draft).await?;
    let mut findings = Findings::default();
    findings.once("conferenceReportId", &of_report::SUBMIT, draft.state)?;
    findings.into_result()?;
    if draft.revision != input.expected {
        return Err(Error::Stale);
    }
    let (by, content) = tx.content_of_draft(&draft).await?;
    // what was signed is the report of who wrote it
    let signed = draft.signed_by.zip(draft.signed_at).filter(|_| draft.author_id == author);
    let content = ReportContent { restricted: input.restricted, ..content };
    let report = Written { author: input.author, template: Some(by), agreed: input.agreed, content };
    let submission = submission(&tx, request.agency_id, &report);
    let permit = tx.permit::<SubmitConferenceReport, _>(request, &submission)?;
    let (template, mut findings) = check(scope, &report, Whole::Yes)?;
    let request = permit.row();
    let open = open_for(&tx, request, &mut findings).await?;
    let staff = people(&tx, (&submission, request), &template, &report, &mut findings).await?;
    passages(&tx, submission.author, (&staff, &report.content.restricted), &mut findings).await?;
    let by = signed.map(|(by, _)| by);
    let agreed = Agreement { author: submission.author, agreed: report.agreed, signed: by, is_first: true };
    agreement(&tx, request, (&staff, agreed), &mut findings).await?;
    findings.into_result()?;
    let (request, conference, child, due_at) = (request.id, request.conference_id, request.child_id, request.due_at);
    let new = new_report(&tx, input.id, submission.author, (&template, report), (due_at, open));
    let new = NewReport { signed, ..new };
    let items = new.items.clone();
    tx.submit_report(permit, Some(draft), new).await?;
    submitted(tx, (request, conference, child), (input.id, items, staff.kind)).await
}

/// Input of [`amend`].
#[derive(Clone, Debug)]
pub struct Amend {
    /// The version that stands.
    pub id: ConferenceReportId,
    /// Why it is put right.
    pub reason: String,
    /// What it says now.
    pub report: Written,
}

/// Puts a new version in the place of one that was submitted. Copies of that one stay where they are.
pub async fn amend(scope: &Scoped, write: &Write, input: Amend) -> Result<Done> {
    let (template, mut findings) = check(scope, &input.report, Whole::Yes)?;
    findings.text("reason", &input.reason, REASON);
    let id = ConferenceReportId(scope.store().clock().new_id());
    let tx = match scope.begin::<AmendConferenceReport>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let before = tx.by_id::<entity::conference_report::Entity>(input.id).await?;
    let submission = submission(&tx, before.agency_id, &input.report);
    tx.permit::<AmendConferenceReport, _>((), &submission)?;
    let (request, before) = both_locked(&tx, &before).await?;
    let permit = tx.permit::<AmendConferenceReport, _>(before, &submission)?;
    findings.may("conferenceReportId", &of_report::AMEND, permit.row().state)?;
    let state = tx.status_of_conference(request.conference_id).await?;
    let staff = people(&tx, (&submission, &request), &template, &input.report, &mut findings).await?;
    passages(&tx, submission.author, (&staff, &input.report.content.restricted), &mut findings).await?;
    let agreed = Agreement { author: submission.author, agreed: input.report.agreed, signed: None, is_first: false };
    agreement(&tx, &request, (&staff, agreed), &mut findings).await?;
    findings.into_result()?;
    let over = of_conference::REPORT.refusal(state).is_some();
    let new = new_report(&tx, id, submission.author, (&template, input.report), (request.due_at, over));
    let also: Vec<_> = new.items.iter().copied().map(Event::RestrictedItemRecorded).collect();
    tx.amend_report(permit, &request, NewReport { reason: Some(input.reason), ..new }).await?;
    tx.commit_with::<AmendConferenceReport>(Event::ConferenceReportAmended(id), also).await
}

/// Input of [`withdraw`].
#[derive(Clone, Debug)]
pub struct Withdraw {
    /// The version that stands.
    pub id: ConferenceReportId,
    /// Who takes it back; needed where a system does, otherwise nobody but the caller.
    pub author: Option<PractitionerId>,
    /// Why.
    pub because: String,
}

/// Takes a submitted version back, with the reason; what was asked is open again. Whoever may give the report may take it back,
/// also where a system does so for that person.
pub async fn withdraw(scope: &Scoped, write: &Write, input: Withdraw) -> Result<Done> {
    let Withdraw { id, author, because } = input;
    let mut findings = Findings::default();
    findings.text("reason", &because, REASON);
    let tx = match scope.begin::<WithdrawConferenceReport>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.by_id::<entity::conference_report::Entity>(id).await?;
    let by = author.unwrap_or(tx.who().practitioner);
    let submission = Submission { asked: row.agency_id, author: by };
    tx.permit::<WithdrawConferenceReport, _>((), &submission)?;
    let (request, row) = both_locked(&tx, &row).await?;
    let permit = tx.permit::<WithdrawConferenceReport, _>(row, &submission)?;
    findings.once("conferenceReportId", &of_report::WITHDRAW, permit.row().state)?;
    let staff = Staff::of(&tx, submission.asked, &[by]).await?;
    on_behalf(&tx, (&submission, &request), &staff, &mut findings).await?;
    findings.into_result()?;
    tx.withdraw_report(permit, (by, because)).await?;
    let state = tx.status_of_conference(request.conference_id).await?;
    if of_conference::REPORT.refusal(state).is_none() {
        due::report_withdrawn(&tx, &request, staff.kind).await?;
    }
    tx.commit::<WithdrawConferenceReport>(Event::ConferenceReportWithdrawn(id)).await
}

type Locked = (entity::report_request::Model, entity::conference_report::Model);

/// The request of a version and the version, locked: all who change a report meet at its conference, then at its request.
pub(super) async fn both_locked(tx: &Tx, report: &entity::conference_report::Model) -> Result<Locked> {
    tx.meet_at_conference(report.conference_id).await?;
    let request = tx.lock::<entity::report_request::Entity>(report.report_request_id).await?;
    Ok((request, tx.lock::<entity::conference_report::Entity>(report.id).await?))
}

fn submission(tx: &Tx, asked: AgencyId, report: &Written) -> Submission {
    Submission { asked, author: report.author.unwrap_or(tx.who().practitioner) }
}

/// That a report can still be given; answers whether the conference is over, which is recorded and refuses nothing.
async fn open_for(tx: &Tx, request: &entity::report_request::Model, findings: &mut Findings) -> Result<bool> {
    let state = tx.status_of_conference(request.conference_id).await?;
    let refusal = of_conference::LATE_REPORT.refusal(state);
    if let Some(refusal) = refusal {
        findings.add("reportRequestId", ProblemCode::ConferenceOver, refusal.message);
    }
    if request.received_at.is_some() {
        let message = "The report was submitted already: put it right with amendConferenceReport.";
        findings.add("reportRequestId", ProblemCode::AlreadyDone, message);
    }
    Ok(of_conference::REPORT.refusal(state).is_some())
}

fn new_report(
    tx: &Tx,
    id: ConferenceReportId,
    author: PractitionerId,
    (template, report): (&Template, Written),
    (due_at, after_conference): (DateTime<Utc>, bool),
) -> NewReport {
    // what is due by the end of a day is due at the instant the next one begins
    let (now, due) = (london_day(tx.who().at), london_day(due_at - TimeDelta::microseconds(1)));
    NewReport {
        id,
        author,
        due_at,
        signed: None,
        template: ByTemplate { code: template.code.clone(), version: template.version },
        agreed: report.agreed.by.zip(report.agreed.on),
        // beyond the calendar no days are counted; the report is taken all the same
        working_days_early: tx.calendar().early(now, due).ok(),
        after_conference,
        reason: None,
        items: report.content.restricted.iter().map(|_| RestrictedItemId(tx.new_id())).collect(),
        content: report.content,
    }
}
