//! Submitting a conference report, and releasing it to the table.

use entity::conference_report::State;
use entity::id::{ConferenceReportId, PractitionerId, ReportRequestId};

use super::{Done, Findings, due};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{ReleaseConferenceReport, Submission, SubmitConferenceReport};
use crate::practice::states::of_conference;
use crate::store::report::{NewReport, ReportContent};
use crate::store::{Begun, Scoped, Write};

/// Input of [`submit`].
#[derive(Clone, Debug)]
pub struct Submit {
    /// The request it answers.
    pub request: ReportRequestId,
    /// Who wrote it; needed where a system submits, otherwise nobody but the caller.
    pub author: Option<PractitionerId>,
    /// What it says.
    pub content: ReportContent,
}

const SECTION: usize = 20_000;

/// Submits the report that was asked of the caller's agency. The receipt is the fingerprint of the input.
pub async fn submit(scope: &Scoped, write: &Write, input: Submit) -> Result<Done> {
    let mut findings = check(&input.content);
    let id = ConferenceReportId(scope.store().clock().new_id());
    let tx = match scope.begin::<SubmitConferenceReport>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let request = tx.lock::<entity::report_request::Entity>(input.request).await?;
    let asked = request.agency_id;
    let author = input.author.unwrap_or(tx.who().practitioner);
    let permit = tx.permit::<SubmitConferenceReport, _>(request, &Submission { asked, author })?;
    let state = tx.status_of_conference(permit.row().conference_id).await?;
    if let Some(refusal) = of_conference::REPORT.refusal(state) {
        findings.add("reportRequestId", ProblemCode::ConferenceOver, refusal.message);
    }
    if permit.row().received_at.is_some() {
        findings.add("reportRequestId", ProblemCode::AlreadyDone, "The report was submitted already.");
    }
    let writes =
        |p: &entity::appointment::Model| p.agency_id == asked && p.post != entity::appointment::Post::AgencySystem;
    if !tx.posts_of(&[author]).await?.iter().any(writes) {
        findings.add(
            "authorId",
            ProblemCode::UnknownReference,
            "A report is written by a person with a post at the agency.",
        );
    }
    if input.content.shared_with_family_on.is_some_and(|day| day > london_day(tx.who().at)) {
        findings.add("sharedWithFamilyOn", ProblemCode::WrongTime, "Not later than today.");
    }
    findings.into_result()?;
    let new = NewReport { id, author, content: input.content, receipt: write.fingerprint.clone() };
    let child = permit.row().child_id;
    tx.submit_report(permit, new).await?;
    due::report_submitted(&tx, input.request, child).await?;
    tx.commit::<SubmitConferenceReport>(Event::ConferenceReportSubmitted(id)).await
}

/// Releases a submitted report: each agency invited to the conference is sent this version, as it stands.
pub async fn release(scope: &Scoped, write: &Write, id: ConferenceReportId) -> Result<Done> {
    let tx = match scope.begin::<ReleaseConferenceReport>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let report = tx.lock::<entity::conference_report::Entity>(id).await?;
    let conference = tx.lock::<entity::conference::Entity>(report.conference_id).await?;
    let posts = tx.conference_posts(&conference).await?;
    let permit = tx.permit::<ReleaseConferenceReport, _>(report, &posts)?;
    let mut findings = Findings::default();
    match permit.row().state {
        State::Submitted => {}
        State::Released => {
            findings.add("conferenceReportId", ProblemCode::AlreadyDone, "It was released already.");
        }
        State::Draft | State::Superseded | State::Withdrawn => {
            findings.add("conferenceReportId", ProblemCode::RuleRefused, "Only a submitted version is released.");
        }
    }
    findings.into_result()?;
    tx.release_report(permit).await?;
    tx.commit::<ReleaseConferenceReport>(Event::ConferenceReportReleased(id)).await
}

fn check(content: &ReportContent) -> Findings {
    let mut findings = Findings::default();
    findings.text("involvement", &content.involvement, SECTION);
    findings.text("worries", &content.worries, SECTION);
    findings.text("strengths", &content.strengths, SECTION);
    findings.text_opt("childVoice", content.child_voice.as_deref(), SECTION);
    findings.text_opt("familyViews", content.family_views.as_deref(), SECTION);
    findings.text_opt("whatMustChange", content.what_must_change.as_deref(), SECTION);
    if content.safety_score.is_some_and(|score| !(0..=10).contains(&score)) {
        findings.add("safetyScore", ProblemCode::Invalid, "A whole number from 0 to 10.");
    }
    findings
}
