//! To whom a report goes: the agencies at its conference, and the family.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::conference_report::State;
use entity::id::{ConferenceId, ConferenceReportId, FamilyCopyId, PersonId, ReportRequestId};
use entity::involvement::Basis;
use entity::{
    chronology_row, circulation, conference, conference_report, family_copy, invitation, involvement, membership,
    report_answer, report_request,
};
use sea_orm::sea_query::{ExprTrait as _, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
};

use crate::clock::london_day;
use crate::error::{Error, Result};
use crate::policy::actions::{RecordFamilyCopy, ReleaseConferenceReport};
use crate::practice::states::of_report;
use crate::store::permit::Permit;
use crate::store::{Tx, in_force};

/// What may have to stay out of the copy that the family is given.
pub trait Marked {
    /// True if it stays out: it is about or from third parties, or tells where the child is.
    fn is_left_out(&self) -> bool;
}

macro_rules! marked {
    ($($table:ident),+) => { $(
        impl Marked for $table::Model {
            fn is_left_out(&self) -> bool {
                self.third_party || self.locates
            }
        }
    )+ };
}

marked!(chronology_row, report_answer);

/// The rows of a version that are [`Marked::is_left_out`].
macro_rules! left_out {
    ($table:ident, $report:expr) => {
        $table::Entity::find()
            .filter($table::Column::ConferenceReportId.eq($report))
            .filter($table::Column::ThirdParty.eq(true).or($table::Column::Locates.eq(true)))
    };
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

    /// Has all who change reports to one conference wait for each other, so that of two that are the last the later one knows
    /// it. Taken before the rows of requests and reports, as by all who change the conference.
    pub async fn meet_at_conference(&self, id: ConferenceId) -> Result<()> {
        // SECURITY: past the row rule: nothing is read. The caller has seen a request or report of it
        let held = conference::Entity::find_by_id(id).select_only().column(conference::Column::Id);
        held.lock(LockType::NoKeyUpdate).into_tuple::<ConferenceId>().one(&self.inner).await?;
        Ok(())
    }

    /// The same, at the conference that a request of the caller is for.
    pub async fn meet_for_request(&self, id: ReportRequestId) -> Result<()> {
        let seen = self.rows::<report_request::Entity>().named(id).await?;
        self.meet_at_conference(seen.conference_id).await
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

    /// Releases a version and writes to whom it is sent: the agencies invited to the conference about this child, but not its
    /// own.
    pub async fn release_report(
        &self,
        permit: Permit<ReleaseConferenceReport, conference_report::Model>,
    ) -> Result<()> {
        let (report, at) = (permit.row, self.who().at);
        // an agency that was asked about other children of the conference is sent nothing about this one
        let about = involvement::Entity::find()
            .select_only()
            .column(involvement::Column::AgencyId)
            .filter(involvement::Column::ConferenceId.eq(report.conference_id))
            .filter(involvement::Column::ChildId.eq(report.child_id))
            .filter(involvement::Column::Basis.eq(Basis::ConferenceInvitation))
            .into_query();
        let invited = invitation::Entity::find()
            .filter(invitation::Column::ConferenceId.eq(report.conference_id))
            .filter(invitation::Column::AgencyId.in_subquery(about))
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
        row.state = Set(of_report::RELEASE.to);
        row.released_at = Set(Some(at));
        row.update(&self.inner).await?;
        Ok(())
    }

    /// When the last of the adults with parental responsibility who live with the child was first given a copy of a version of
    /// this report that was not taken back; `None` while one of them has none, and where there is none.
    pub async fn parents_have_it(&self, report: ConferenceReportId) -> Result<Option<DateTime<Utc>>> {
        use membership::Column as M;
        let today = london_day(self.who().at);
        let lives = || in_force(M::StartsOn, M::EndsOn, today);
        let row = conference_report::Entity::find_by_id(report).one(&self.inner).await?.ok_or(Error::NotFound)?;
        let homes = membership::Entity::find()
            .select_only()
            .column(M::HouseholdId)
            .filter(M::ChildId.eq(row.child_id))
            .filter(lives())
            .into_query();
        // SECURITY: past the row rule; one truth value leaves this function
        let parents = membership::Entity::find()
            .filter(M::HouseholdId.in_subquery(homes))
            .filter(M::ParentalResponsibility.eq(true))
            .filter(lives())
            .all(&self.inner)
            .await?;
        let versions = conference_report::Entity::find()
            .select_only()
            .column(conference_report::Column::Id)
            .filter(conference_report::Column::ReportRequestId.eq(row.report_request_id))
            .filter(conference_report::Column::State.ne(State::Withdrawn))
            .into_query();
        let given = family_copy::Entity::find()
            .filter(family_copy::Column::ConferenceReportId.in_subquery(versions))
            .all(&self.inner)
            .await?;
        let mut first: HashMap<PersonId, DateTime<Utc>> = HashMap::new();
        for copy in given {
            let Some(person) = copy.person_id else { continue };
            first.entry(person).and_modify(|at| *at = std::cmp::min(*at, copy.shared_at)).or_insert(copy.shared_at);
        }
        let parents = parents.into_iter().filter_map(|member| member.person_id);
        let have: Option<Vec<_>> = parents.map(|person| first.get(&person).copied()).collect();
        Ok(have.and_then(|have| have.into_iter().max()))
    }

    /// Writes that somebody of the family was given a copy; the child, where nobody is named.
    pub async fn write_family_copy(
        &self,
        permit: Permit<RecordFamilyCopy, conference_report::Model>,
        id: FamilyCopyId,
        (person, shared_at): (Option<PersonId>, DateTime<Utc>),
    ) -> Result<()> {
        let report = permit.row;
        let rows = left_out!(chronology_row, report.id).count(&self.inner).await?;
        let left_out = rows + left_out!(report_answer, report.id).count(&self.inner).await?;
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
