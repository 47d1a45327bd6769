//! To whom a report goes: the agencies at its conference, and the family.

use chrono::{DateTime, Utc};
use entity::conference_report::State;
use entity::id::{ConferenceId, FamilyCopyId, PersonId};
use entity::{chronology_row, circulation, conference, conference_report, family_copy, invitation, report_request};
use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::error::{Error, Result};
use crate::policy::actions::{RecordFamilyCopy, ReleaseConferenceReport};
use crate::store::Tx;
use crate::store::permit::Permit;

/// True if a row of a chronology stays out of the copy that the family is given: it is about or from third parties, or
/// tells where the child is.
pub const fn is_left_out(row: &chronology_row::Model) -> bool {
    row.third_party || row.locates
}

/// The rows of which [`is_left_out`] is true.
fn left_out() -> SimpleExpr {
    use chronology_row::Column as C;
    C::ThirdParty.eq(true).or(C::Locates.eq(true))
}

impl Tx {
    /// The status of the conference a request is for. Read past the row rule: who was asked for a report may learn
    /// whether its conference is over.
    pub async fn status_of_conference(&self, id: ConferenceId) -> Result<conference::Status> {
        // SECURITY: widened scope; one code leaves this function
        let row = conference::Entity::find_by_id(id).one(&self.inner).await?;
        row.map(|row| row.status).ok_or(Error::NotFound)
    }

    /// What kind of conference a request is for. Read past the row rule, for who was asked.
    pub async fn kind_of_conference(&self, id: ConferenceId) -> Result<conference::Kind> {
        // SECURITY: widened scope; one code leaves this function
        let row = conference::Entity::find_by_id(id).one(&self.inner).await?;
        row.map(|row| row.kind).ok_or(Error::NotFound)
    }

    /// True if nothing that was asked for a conference is outstanding. Read past the row rule: an agency is told that all
    /// have reported, and nothing of who did.
    pub async fn all_reported(&self, conference: ConferenceId) -> Result<bool> {
        // SECURITY: widened scope; one truth value leaves this function
        let outstanding = report_request::Entity::find()
            .filter(report_request::Column::ConferenceId.eq(conference))
            .filter(report_request::Column::ReceivedAt.is_null());
        Ok(outstanding.one(&self.inner).await?.is_none())
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
                opened_at: Set(None),
                opened_by: Set(None),
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

    /// Writes that somebody of the family was given a copy; the child, where nobody is named.
    pub async fn write_family_copy(
        &self,
        permit: Permit<RecordFamilyCopy, conference_report::Model>,
        id: FamilyCopyId,
        (person, shared_at): (Option<PersonId>, DateTime<Utc>),
    ) -> Result<()> {
        let report = permit.row;
        let of = chronology_row::Column::ConferenceReportId.eq(report.id);
        let left_out = chronology_row::Entity::find().filter(of).filter(left_out()).count(&self.inner).await?;
        let who = self.who();
        family_copy::ActiveModel {
            id: Set(id),
            conference_report_id: Set(report.id),
            child_id: Set(report.child_id),
            agency_id: Set(report.agency_id),
            person_id: Set(person),
            left_out: Set(i32::try_from(left_out).unwrap_or(i32::MAX)),
            shared_at: Set(shared_at),
            shared_by: Set(who.practitioner),
            recorded_at: Set(who.at),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }
}
