//! What can be wrong with a report: with what it says, by its template, and with who stands for it.

use std::sync::Arc;

use entity::appointment::Post;
use entity::id::PractitionerId;

use super::Findings;
use super::report::Written;
use crate::clock::london_day;
use crate::error::{Error, ProblemCode, Result};
use crate::policy::actions::Submission;
use crate::practice::templates::{Asked, GENERAL, Misfit, Template};
use crate::store::report::{Answer, ChronologyLine, ReportContent};
use crate::store::{Scoped, Tx};

const SECTION: usize = 20_000;
const LINE: usize = 4_000;
/// Characters of a reason for changing or withdrawing a report.
pub(super) const REASON: usize = 4_000;
const LINES: usize = 500;
const ANSWERS: usize = 60;
const FILES: usize = 20;

/// That who wrote and who agreed it work at the agency, and that its template is one of the agency's.
pub(super) async fn people(
    tx: &Tx,
    submission: &Submission,
    template: &Template,
    report: &Written,
    findings: &mut Findings,
) -> Result<()> {
    let agreed = report.agreed.by;
    if report.agreed.by.is_some() != report.agreed.on.is_some() {
        findings.add("agreedOn", ProblemCode::Required, "Say who agreed it and when, or neither.");
    }
    let named: Vec<_> = [Some(submission.author), agreed].into_iter().flatten().collect();
    let posts = tx.posts_of(&named).await?;
    let writes = |person: PractitionerId| {
        posts
            .iter()
            .any(|p| p.practitioner_id == person && p.agency_id == submission.asked && p.post != Post::AgencySystem)
    };
    for (field, person) in [("authorId", Some(submission.author)), ("agreedById", agreed)] {
        if person.is_some_and(|person| !writes(person)) {
            let message = "A report is written and agreed by people with a post at the agency.";
            findings.add(field, ProblemCode::UnknownReference, message);
        }
    }
    let today = london_day(tx.who().at);
    for (field, day) in [("sharedWithFamilyOn", report.content.shared_with_family_on), ("agreedOn", report.agreed.on)] {
        if day.is_some_and(|day| day > today) {
            findings.add(field, ProblemCode::WrongTime, "Not later than today.");
        }
    }
    for (n, line) in report.content.chronology.iter().enumerate() {
        if line.occurred_on > today || line.ended_on.is_some_and(|day| day > today) {
            findings.add(format!("chronology.{n}.occurredOn"), ProblemCode::WrongTime, "Not later than today.");
        }
    }
    if !template.agencies.contains(&tx.kind_of_agency(submission.asked).await?) {
        findings.add("template.code", ProblemCode::Invalid, "Agencies of another kind report by this template.");
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
