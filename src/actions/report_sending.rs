//! To whom a report goes: released to the table, and given to the family.

use chrono::{DateTime, Utc};
use entity::agency::Kind;
use entity::conference_report::State;
use entity::id::{ConferenceReportId, FamilyCopyId, PersonId};

use super::{Done, Findings, due};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{RecordFamilyCopy, ReleaseConferenceReport};
use crate::practice::states::of_report;
use crate::store::{Begun, Scoped, Write};

/// Releases a submitted report: each agency invited to the conference is sent this version, as it stands.
pub async fn release(scope: &Scoped, write: &Write, id: ConferenceReportId) -> Result<Done> {
    let tx = match scope.begin::<ReleaseConferenceReport>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let seen = tx.by_id::<entity::conference_report::Entity>(id).await?;
    tx.meet_at_conference(seen.conference_id).await?;
    let report = tx.lock::<entity::conference_report::Entity>(id).await?;
    let conference = tx.lock::<entity::conference::Entity>(report.conference_id).await?;
    let posts = tx.conference_posts(&conference).await?;
    let permit = tx.permit::<ReleaseConferenceReport, _>(report, &posts)?;
    let mut findings = Findings::default();
    findings.once("conferenceReportId", &of_report::RELEASE, permit.row().state)?;
    findings.into_result()?;
    let child = permit.row().child_id;
    if tx.kind_of_agency(permit.row().agency_id).await? == Kind::Csc {
        due::social_work_report_released(&tx, conference.id, child).await?;
    }
    tx.release_report(permit).await?;
    tx.commit::<ReleaseConferenceReport>(Event::ConferenceReportReleased(id)).await
}

/// Input of [`share`].
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// The version.
    pub report: ConferenceReportId,
    /// The adult who was given it; the child, where nobody is named.
    pub person: Option<PersonId>,
    /// When.
    pub shared_at: DateTime<Utc>,
}

/// Records that somebody of the family was given the copy of a report that is for them.
pub async fn share(scope: &Scoped, write: &Write, input: Share) -> Result<Done> {
    let mut findings = Findings::default();
    let id = FamilyCopyId(scope.store().clock().new_id());
    let tx = match scope.begin::<RecordFamilyCopy>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::conference_report::Entity>(input.report).await?;
    let author = row.agency_id;
    let permit = tx.permit::<RecordFamilyCopy, _>(row, &author)?;
    findings.may("conferenceReportId", &of_report::SHARE, permit.row().state)?;
    if input.shared_at > tx.who().at {
        findings.add("sharedAt", ProblemCode::WrongTime, "Not later than now.");
    }
    if permit.row().state != State::Draft && input.shared_at < permit.row().submitted_at {
        findings.add("sharedAt", ProblemCode::WrongTime, "Not before this version was submitted.");
    }
    if let Some(person) = input.person
        && !tx.persons(&[person]).await?.contains(&person)
    {
        findings.add("personId", ProblemCode::UnknownReference, "Nobody of the family.");
    }
    findings.into_result()?;
    let (conference, child) = (permit.row().conference_id, permit.row().child_id);
    let of_social_care = tx.kind_of_agency(author).await? == Kind::Csc;
    tx.write_family_copy(permit, id, (input.person, input.shared_at)).await?;
    if of_social_care && let Some(at) = tx.parents_have_it(input.report).await? {
        due::social_work_report_shared(&tx, conference, (child, at)).await?;
    }
    tx.commit::<RecordFamilyCopy>(Event::ConferenceReportShared(input.report)).await
}
