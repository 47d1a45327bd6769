//! What can be wrong with a report: with what it says, by its template, and with who stands for it.

use std::sync::Arc;

use entity::agency::Kind;
use entity::appointment::{self, Post};
use entity::id::{AgencyId, PractitionerId};
use entity::{conference, report_request};

use super::Findings;
use super::report::{Agreed, Written};
use super::restricted::{Candidates, MOST_READERS, PASSAGE, check_reader};
use crate::clock::london_day;
use crate::error::{Error, ProblemCode, Result};
use crate::policy::actions::{Submission, may_record_item};
use crate::policy::roles::Role;
use crate::practice::standards::Hold;
use crate::practice::templates::{Asked, GENERAL, Misfit, Template};
use crate::store::report::{Answer, ChronologyLine, Passage, ReportContent};
use crate::store::{Scoped, Tx};

const NO_POST: &str = "A report is written and agreed by people with a post at the agency.";
const SECTION: usize = 20_000;
const LINE: usize = 4_000;
/// Characters of a reason for changing or withdrawing a report.
pub(super) const REASON: usize = 4_000;
const LINES: usize = 500;
const ANSWERS: usize = 60;
const FILES: usize = 20;
const PASSAGES: usize = 10;

/// The agency that reports: what kind it is, and the posts that who wrote and who agreed the report hold, there or elsewhere.
pub(super) struct Staff {
    agency: AgencyId,
    pub(super) kind: Kind,
    posts: Vec<appointment::Model>,
}

impl Staff {
    /// Some of the people of an agency that reports.
    pub(super) async fn of(tx: &Tx, agency: AgencyId, people: &[PractitionerId]) -> Result<Self> {
        let posts = tx.posts_of(people).await?;
        Ok(Self { agency, kind: tx.kind_of_agency(agency).await?, posts })
    }

    fn held(&self, person: PractitionerId) -> impl Iterator<Item = &appointment::Model> {
        self.posts.iter().filter(move |post| post.practitioner_id == person && post.agency_id == self.agency)
    }

    /// The posts of one of them at the agency.
    fn posts(&self, person: PractitionerId) -> impl Iterator<Item = Post> {
        self.held(person).map(|post| post.post)
    }

    /// True if one of them writes reports of the agency or agrees them: a system does neither.
    fn writes(&self, person: PractitionerId) -> bool {
        self.posts(person).any(|post| post != Post::AgencySystem)
    }

    /// True if one of them manages the work of another: the manager of the team, or of all teams.
    pub(super) fn manages(&self, person: PractitionerId, other: PractitionerId) -> bool {
        self.held(person).any(|post| match post.post {
            Post::ServiceManager => true,
            Post::TeamManager => post.team_id.is_none() || self.held(other).any(|own| own.team_id == post.team_id),
            // outside social care who leads on safeguarding answers for what is reported
            Post::SafeguardingLead => self.kind != Kind::Csc,
            _ => false,
        })
    }
}

/// That the author works at the agency and may give this report, also where a system does so for the author.
pub(super) async fn on_behalf(
    tx: &Tx,
    (submission, request): (&Submission, &report_request::Model),
    staff: &Staff,
    findings: &mut Findings,
) -> Result<()> {
    if !staff.writes(submission.author) {
        findings.add("authorId", ProblemCode::UnknownReference, NO_POST);
    } else if !tx.author_may_report(submission, request.id).await? {
        // for one reason and another in the same words: a conflict of interest is nothing that a system is told
        findings.add("authorId", ProblemCode::RuleRefused, "This person may not give this report.");
    }
    Ok(())
}

/// That who wrote and who agreed it work at the agency, that the author may give this report, also where a system does so for
/// the author, and that its template is one of the agency's.
pub(super) async fn people(
    tx: &Tx,
    (submission, request): (&Submission, &report_request::Model),
    template: &Template,
    report: &Written,
    findings: &mut Findings,
) -> Result<Staff> {
    let agreed = report.agreed.by;
    if report.agreed.by.is_some() != report.agreed.on.is_some() {
        findings.add("agreedOn", ProblemCode::Required, "Say who agreed it and when, or neither.");
    }
    let named: Vec<_> = [Some(submission.author), agreed].into_iter().flatten().collect();
    let staff = Staff::of(tx, submission.asked, &named).await?;
    on_behalf(tx, (submission, request), &staff, findings).await?;
    if agreed.is_some_and(|person| !staff.writes(person)) {
        findings.add("agreedById", ProblemCode::UnknownReference, NO_POST);
    }
    let today = london_day(tx.who().at);
    for (field, day) in [("sharedWithFamilyOn", report.content.shared_with_family_on), ("agreedOn", report.agreed.on)] {
        if day.is_some_and(|day| day > today) {
            findings.add(field, ProblemCode::WrongTime, "Not later than today.");
        }
    }
    for (n, line) in report.content.chronology.iter().enumerate() {
        for (field, day) in [("occurredOn", Some(line.occurred_on)), ("endedOn", line.ended_on)] {
            if day.is_some_and(|day| day > today) {
                findings.add(format!("chronology.{n}.{field}"), ProblemCode::WrongTime, "Not later than today.");
            }
        }
    }
    if !template.agencies.contains(&staff.kind) {
        findings.add("template.code", ProblemCode::Invalid, "Agencies of another kind report by this template.");
    }
    Ok(staff)
}

/// Who stands for a social work report.
pub(super) struct Agreement {
    /// Who wrote it.
    pub(super) author: PractitionerId,
    /// Who agreed it, as its author says.
    pub(super) agreed: Agreed,
    /// Who signed its draft.
    pub(super) signed: Option<PractitionerId>,
    /// It is the first that is given, and not one that is put right.
    pub(super) is_first: bool,
}

/// That a social work report was agreed where its authority's practice wants that, and by whom: for an initial conference the
/// team manager signs it (WAR-PR-05), for a review the line manager agrees it (WAR-RV-04). Its author never does. Where the
/// profile refuses a report without it, a person has its draft signed by the manager; a system vouches for who signed there.
pub(super) async fn agreement(
    tx: &Tx,
    request: &report_request::Model,
    (staff, Agreement { author, agreed, signed, is_first }): (&Staff, Agreement),
    findings: &mut Findings,
) -> Result<()> {
    if signed == Some(author) || (staff.kind == Kind::Csc && agreed.by == Some(author)) {
        findings.add("agreedById", ProblemCode::RuleRefused, "Nobody agrees an assessment of their own.");
        return Ok(());
    }
    if staff.kind != Kind::Csc {
        return Ok(());
    }
    let rule = match tx.kind_of_conference(request.conference_id).await? {
        conference::Kind::Review => "WAR-RV-04",
        conference::Kind::Initial | conference::Kind::PreBirth | conference::Kind::TransferIn => "WAR-PR-05",
    };
    let book = tx.scope().store().practice().standards.book(tx.profile().await?);
    let hold = book.hold(rule, london_day(tx.who().at));
    let vouches = tx.who().role == Role::AgencySystem || !is_first;
    let is_said = signed.is_some() || (vouches && agreed.by.is_some());
    if hold == Hold::Refuse && !is_said {
        let message = if vouches {
            format!("The report is agreed by a manager before it is submitted ({rule}).")
        } else {
            format!("A manager signs the draft before it is submitted: signConferenceReport ({rule}).")
        };
        findings.add("agreedById", ProblemCode::Missing, message);
    }
    if let Some(by) = agreed.by
        && hold > Hold::Offer
        && !staff.manages(by, author)
        && !findings.names("agreedById")
    {
        findings.add("agreedById", ProblemCode::RuleRefused, format!("A manager of its author agrees it ({rule})."));
    }
    Ok(())
}

/// That the author may record passages of these kinds, and that lists open them to whom they are for. They are the author's,
/// also where a system submits.
pub(super) async fn passages(
    tx: &Tx,
    author: PractitionerId,
    (staff, given): (&Staff, &[Passage]),
    findings: &mut Findings,
) -> Result<()> {
    if given.is_empty() {
        return Ok(());
    }
    let roles: Vec<_> = staff.posts(author).filter_map(|post| Role::of(post, staff.kind)).collect();
    let readers: Vec<_> = given.iter().flat_map(|passage| passage.readers.iter().take(MOST_READERS).copied()).collect();
    let candidates = Candidates::of(tx, &readers).await?;
    for (n, passage) in given.iter().enumerate() {
        let path = |field: &str| format!("restrictedItems.{n}.{field}");
        findings.text(&path("text"), &passage.text, PASSAGE);
        let category = passage.kind.category();
        let refusals = roles.iter().filter_map(|role| may_record_item(*role, category).err());
        let refused: Vec<_> = refusals.collect();
        // who has no post at the agency is told so at authorId
        if let Some(why) = refused.first().filter(|_| refused.len() == roles.len()) {
            findings.add(path("kind"), ProblemCode::RuleRefused, *why);
        }
        if !passage.readers.is_empty() {
            findings.list(&path("readers"), &passage.readers, MOST_READERS);
        }
        for (i, reader) in passage.readers.iter().take(MOST_READERS).enumerate() {
            check_reader(&candidates, &path(&format!("readers.{i}.")), *reader, category, findings);
        }
    }
    Ok(())
}

/// Whether all that is required has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    Yes,
    No,
}

/// What of a report can be said without the database. An unknown template is refused at once: nothing fits it.
pub(super) fn check(scope: &Scoped, report: &Written, whole: Whole) -> Result<(Arc<Template>, Findings)> {
    let templates = &scope.store().practice().templates;
    let template = match &report.template {
        None => templates.newest(GENERAL),
        Some(by) => templates.get(&by.code, by.version),
    };
    let Some(template) = template else {
        return Err(Error::problem("template", ProblemCode::UnknownReference, "There is no such template."));
    };
    let mut findings = Findings::default();
    sections(&report.content, whole, &mut findings);
    answers(&report.content.answers, template, whole, &mut findings);
    chronology(&report.content.chronology, &mut findings);
    if report.content.restricted.len() > PASSAGES {
        // none of them is looked at
        let message = format!("At most {PASSAGES}.");
        return Err(Error::problem("restrictedItems", ProblemCode::TooMany, message));
    }
    if report.content.attachments.len() > FILES {
        findings.add("attachmentIds", ProblemCode::TooMany, format!("At most {FILES}."));
    }
    Ok((template.clone(), findings))
}

fn sections(content: &ReportContent, whole: Whole, findings: &mut Findings) {
    for (field, text) in
        [("involvement", &content.involvement), ("worries", &content.worries), ("strengths", &content.strengths)]
    {
        match whole {
            Whole::Yes => findings.text(field, text, SECTION),
            Whole::No => findings.length(field, text, SECTION),
        }
    }
    findings.text_opt("childVoice", content.child_voice.as_deref(), SECTION);
    findings.text_opt("familyViews", content.family_views.as_deref(), SECTION);
    findings.text_opt("whatMustChange", content.what_must_change.as_deref(), SECTION);
    if content.safety_score.is_some_and(|score| !(0..=10).contains(&score)) {
        findings.add("safetyScore", ProblemCode::Invalid, "A whole number from 0 to 10.");
    }
}

fn answers(given: &[Answer], template: &Template, whole: Whole, findings: &mut Findings) {
    if given.len() > ANSWERS {
        return findings.add("answers", ProblemCode::TooMany, format!("At most {ANSWERS}."));
    }
    for (n, misfit) in template.misfits(given) {
        let path = |field: &str| format!("answers.{n}.{field}");
        match misfit {
            Misfit::Unknown => {
                let message = format!("{} has no such answer.", template.code);
                findings.add(path("item"), ProblemCode::UnknownReference, message);
            }
            Misfit::Twice => findings.add(path("item"), ProblemCode::Duplicate, "Answered twice."),
            Misfit::Wrong(field) => findings.add(path(field), ProblemCode::Invalid, "Not answered in this way."),
            Misfit::Empty(field) => findings.add(path(field), ProblemCode::Required, "Say something here."),
        }
    }
    for (n, answer) in given.iter().enumerate() {
        findings.text_opt(&format!("answers.{n}.text"), answer.text.as_deref(), SECTION);
    }
    if whole == Whole::Yes {
        for Asked { code, asks, .. } in template.unanswered(given) {
            findings.add(format!("answers.{code}"), ProblemCode::Required, asks.clone());
        }
    }
}

fn chronology(lines: &[ChronologyLine], findings: &mut Findings) {
    if lines.len() > LINES {
        return findings.add("chronology", ProblemCode::TooMany, format!("At most {LINES}."));
    }
    for (n, line) in lines.iter().enumerate() {
        let path = |field: &str| format!("chronology.{n}.{field}");
        findings.text(&path("text"), &line.text, LINE);
        findings.text(&path("source"), &line.source, 500);
        findings.text_opt(&path("response"), line.response.as_deref(), LINE);
        if line.ended_on.is_some_and(|day| day < line.occurred_on) {
            findings.add(path("endedOn"), ProblemCode::WrongTime, "Not before it began.");
        }
    }
}
