//! Submitting a conference report.

use chrono::NaiveDate;
use entity::conference::Status;
use entity::conference_report::Recommendation;
use entity::id::{ConferenceReportId, PractitionerId, ReportRequestId};

use super::{Done, Findings};
use crate::clock::london_day;
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::SubmitConferenceReport;
use crate::store::report::NewReport;
use crate::store::{Begun, Scoped, Write};

/// Input of [`submit`].
#[derive(Clone, Debug)]
pub struct Submit {
    /// The request it answers.
    pub request: ReportRequestId,
    /// Who wrote it; needed where a system submits, the caller otherwise.
    pub author: Option<PractitionerId>,
    /// The agency's involvement.
    pub involvement: String,
    /// Worries.
    pub worries: String,
    /// Strengths and safety.
    pub strengths: String,
    /// The child's voice.
    pub child_voice: Option<String>,
    /// The family's views.
    pub family_views: Option<String>,
    /// What must change.
    pub what_must_change: Option<String>,
    /// 0 (most worried) to 10.
    pub safety_score: Option<i32>,
    /// Recommendation.
    pub recommendation: Option<Recommendation>,
    /// When it was shared with the family.
    pub shared_with_family_on: Option<NaiveDate>,
}

const SECTION: usize = 20_000;

/// Submits the report that was asked of the caller's agency. The receipt is the fingerprint of the input.
pub async fn submit(scope: &Scoped, write: &Write, input: Submit) -> Result<Done> {
    let mut findings = check(&input);
    let id = ConferenceReportId(scope.store().clock().new_id());
    let tx = match scope.begin::<SubmitConferenceReport>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let request = tx.lock::<entity::report_request::Entity>(input.request).await?;
    let asked = request.agency_id;
    let permit = tx.permit::<SubmitConferenceReport, _>(request, &asked)?;
    match tx.status_of_conference(permit.row().conference_id).await? {
        Status::Scheduled | Status::Held => {}
        Status::Concluded | Status::Cancelled => {
            findings.add("reportRequestId", ProblemCode::ConferenceOver, "The conference is over.");
        }
    }
    if permit.row().received_at.is_some() {
        findings.add("reportRequestId", ProblemCode::AlreadyDone, "The report was submitted already.");
    }
    let author = input.author.unwrap_or(tx.who().practitioner);
    let writes =
        |p: &entity::appointment::Model| p.agency_id == asked && p.post != entity::appointment::Post::AgencySystem;
    if !tx.posts_of(&[author]).await?.iter().any(writes) {
        findings.add(
            "authorId",
            ProblemCode::UnknownReference,
            "A report is written by a person with a post at the agency.",
        );
    }
    if input.shared_with_family_on.is_some_and(|day| day > london_day(tx.who().at)) {
        findings.add("sharedWithFamilyOn", ProblemCode::WrongTime, "Not later than today.");
    }
    findings.into_result()?;
    let new = NewReport {
        id,
        author,
        involvement: input.involvement,
        worries: input.worries,
        strengths: input.strengths,
        child_voice: input.child_voice,
        family_views: input.family_views,
        what_must_change: input.what_must_change,
        safety_score: input.safety_score,
        recommendation: input.recommendation,
        shared_with_family_on: input.shared_with_family_on,
        receipt: write.fingerprint.clone(),
    };
    tx.submit_report(permit, new).await?;
    tx.commit::<SubmitConferenceReport>(Event::ConferenceReportSubmitted(id)).await
}

fn check(input: &Submit) -> Findings {
    let mut findings = Findings::default();
    findings.text("involvement", &input.involvement, SECTION);
    findings.text("worries", &input.worries, SECTION);
    findings.text("strengths", &input.strengths, SECTION);
    findings.text_opt("childVoice", input.child_voice.as_deref(), SECTION);
    findings.text_opt("familyViews", input.family_views.as_deref(), SECTION);
    findings.text_opt("whatMustChange", input.what_must_change.as_deref(), SECTION);
    if input.safety_score.is_some_and(|score| !(0..=10).contains(&score)) {
        findings.add("safetyScore", ProblemCode::Invalid, "A whole number from 0 to 10.");
    }
    findings
}
