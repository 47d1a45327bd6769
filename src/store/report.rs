//! Report requests and conference reports.

use chrono::{DateTime, NaiveDate, Utc};
use entity::conference_report::{Recommendation, State};
use entity::id::{ConferenceId, ConferenceReportId, PractitionerId};
use entity::sealed::Sealed;
use entity::{circulation, conference, conference_report, invitation, report_request};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::Tx;
use super::permit::Permit;
use crate::error::{Error, Result};
use crate::policy::actions::{ReleaseConferenceReport, SubmitConferenceReport};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStatus {
    /// Nothing received, not due yet.
    Open,
    /// Nothing received, due passed.
    Overdue,
    /// Received.
    Done,
}

impl RequestStatus {
    /// The status of a request at `now`.
    pub fn of(row: &report_request::Model, now: DateTime<Utc>) -> Self {
        match row.received_at {
            Some(_) => Self::Done,
            None if row.due_at < now => Self::Overdue,
            None => Self::Open,
        }
    }

    /// The requests that stand so at `now`.
    pub fn condition(self, now: DateTime<Utc>) -> Condition {
        use report_request::Column as C;
        match self {
            Self::Open => Condition::all().add(C::ReceivedAt.is_null()).add(C::DueAt.gte(now)),
            Self::Overdue => Condition::all().add(C::ReceivedAt.is_null()).add(C::DueAt.lt(now)),
            Self::Done => Condition::all().add(C::ReceivedAt.is_not_null()),
        }
    }
}

/// What an agency reports.
#[derive(Clone, Debug)]
pub struct ReportContent {
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

/// A report to be written.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Its id.
    pub id: ConferenceReportId,
    /// Who wrote it.
    pub author: PractitionerId,
    /// What it says.
    pub content: ReportContent,
    /// SHA-256 over the content.
    pub receipt: String,
}

impl Tx {
    /// The status of the conference a request is for. Read past the row rule: who was asked for a report may learn
    /// whether its conference is over.
    pub async fn status_of_conference(&self, id: ConferenceId) -> Result<conference::Status> {
        // SECURITY: widened scope; one code leaves this function
        let row = conference::Entity::find_by_id(id).one(&self.inner).await?;
        row.map(|row| row.status).ok_or(Error::NotFound)
    }

    /// Writes the first version of a report and marks its request as received.
    pub async fn submit_report(
        &self,
        permit: Permit<SubmitConferenceReport, report_request::Model>,
        new: NewReport,
    ) -> Result<()> {
        let at = self.who().at;
        let (request, content) = (permit.row, new.content);
        conference_report::ActiveModel {
            id: Set(new.id),
            report_request_id: Set(request.id),
            conference_id: Set(request.conference_id),
            child_id: Set(request.child_id),
            agency_id: Set(request.agency_id),
            author_id: Set(new.author),
            version: Set(1),
            state: Set(State::Submitted),
            involvement: Set(Sealed::new(content.involvement)),
            worries: Set(Sealed::new(content.worries)),
            strengths: Set(Sealed::new(content.strengths)),
            child_voice: Set(Sealed::new(content.child_voice)),
            family_views: Set(Sealed::new(content.family_views)),
            what_must_change: Set(Sealed::new(content.what_must_change)),
            safety_score: Set(Sealed::new(content.safety_score)),
            recommendation: Set(Sealed::new(content.recommendation)),
            shared_with_family_on: Set(content.shared_with_family_on),
            submitted_at: Set(at),
            released_at: Set(None),
            receipt: Set(new.receipt),
        }
        .insert(&self.inner)
        .await?;
        let mut row: report_request::ActiveModel = request.clone().into();
        row.received_at = Set(Some(at));
        row.update(&self.inner).await?;
        // the invitation counts as reported when nothing asked of the agency is outstanding
        let outstanding = report_request::Entity::find()
            .filter(report_request::Column::InvitationId.eq(request.invitation_id))
            .filter(report_request::Column::ReceivedAt.is_null())
            .one(&self.inner)
            .await?;
        if outstanding.is_none() {
            invitation::Entity::update_many()
                .set(invitation::ActiveModel { report_received_at: Set(Some(at)), ..Default::default() })
                .filter(invitation::Column::Id.eq(request.invitation_id))
                .exec(&self.inner)
                .await?;
        }
        Ok(())
    }

    /// Releases a version and writes to whom it is sent: the agencies invited to the conference, but not its own.
    pub async fn release_report(
        &self,
        permit: Permit<ReleaseConferenceReport, conference_report::Model>,
    ) -> Result<()> {
        let (report, at) = (permit.row, self.who().at);
        let invited = invitation::Entity::find()
            .filter(invitation::Column::ConferenceId.eq(report.conference_id))
            .filter(invitation::Column::AgencyId.ne(report.agency_id))
            .all(&self.inner)
            .await?;
        let copies: Vec<_> = invited
            .iter()
            .map(|invitation| circulation::ActiveModel {
                conference_report_id: Set(report.id),
                agency_id: Set(invitation.agency_id),
                circulated_at: Set(at),
                withdrawn_at: Set(None),
            })
            .collect();
        if !copies.is_empty() {
            circulation::Entity::insert_many(copies).exec_without_returning(&self.inner).await?;
        }
        let mut row: conference_report::ActiveModel = report.into();
        row.state = Set(State::Released);
        row.released_at = Set(Some(at));
        row.update(&self.inner).await?;
        Ok(())
    }
}
