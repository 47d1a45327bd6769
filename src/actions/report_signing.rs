//! A report is signed: by who answers for it at its agency, in their own name.

use entity::id::ConferenceReportId;

use super::report::both_locked;
use super::report_checks::Staff;
use super::{Done, Findings};
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{SignConferenceReport, Submission};
use crate::practice::states::of_report;
use crate::store::{Begun, Scoped, Write};

/// Signs a version that is a draft, or that stands, as the caller read it. A draft that is written again is signed again.
pub async fn sign(scope: &Scoped, write: &Write, id: ConferenceReportId, expected: i64) -> Result<Done> {
    let tx = match scope.begin::<SignConferenceReport>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let seen = tx.by_id::<entity::conference_report::Entity>(id).await?;
    let facts = Submission { asked: seen.agency_id, author: seen.author_id };
    tx.permit::<SignConferenceReport, _>((), &facts)?;
    let (_, report) = both_locked(&tx, &seen).await?;
    let facts = Submission { author: report.author_id, ..facts };
    let permit = tx.permit::<SignConferenceReport, _>(report, &facts)?;
    let report = permit.row();
    let mut findings = Findings::default();
    findings.may("conferenceReportId", &of_report::SIGN, report.state)?;
    if report.signed_by.is_some() {
        findings.add("conferenceReportId", ProblemCode::AlreadyDone, "It is signed.");
    }
    let by = tx.who().practitioner;
    let staff = Staff::of(&tx, facts.asked, &[by, facts.author]).await?;
    if !staff.manages(by, facts.author) {
        let message =
            "A report is signed by a manager of its author, outside social care by who leads on safeguarding.";
        findings.add("conferenceReportId", ProblemCode::RuleRefused, message);
    }
    if report.revision != expected {
        return Err(Error::Stale);
    }
    findings.into_result()?;
    tx.sign_report(permit).await?;
    tx.commit::<SignConferenceReport>(Event::ConferenceReportSigned(id)).await
}
