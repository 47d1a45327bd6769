//! Enquiries: begun by a strategy meeting, agreed by the line manager.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::enquiry::{self, Column as C, Outcome};
use entity::id::{ChildId, EnquiryId, PractitionerId, StrategyMeetingId};
use entity::sealed::Sealed;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::RecordId;
use crate::clock::london_day;
use crate::error::Result;
use crate::policy::actions::LeadEnquiry;
use crate::practice::states::of_enquiry;
use crate::store::Tx;
use crate::store::permit::Permit;

/// Items of an enquiry's record that are about who leads it, or answered by who leads it.
const ABOUT_LEAD: [&str; 4] = ["LEAD_QUALIFIED", "LEAD_NEWLY_QUALIFIED", "LEAD_SUPPORTED_BY", "RECORD_ACCURATE"];

/// An enquiry that a strategy meeting begins.
#[derive(Clone, Copy, Debug)]
pub struct NewEnquiry {
    /// About whom.
    pub child: ChildId,
    /// Who leads it.
    pub lead: PractitionerId,
}

impl Tx {
    /// Those of `children` about whom an enquiry is running.
    pub async fn running_enquiries(&self, children: &[ChildId]) -> Result<HashSet<ChildId>> {
        // SECURITY: read past the row rule: what runs for a child runs whoever may see it, and only that leaves
        let rows: Vec<ChildId> = enquiry::Entity::find()
            .select_only()
            .column(C::ChildId)
            .filter(C::ChildId.is_in(children.iter().copied()))
            .filter(C::AgreedAt.is_null())
            .into_tuple()
            .all(&self.inner)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// On which day the last enquiry about each of `children` began.
    pub async fn last_enquiries(&self, children: &[ChildId]) -> Result<HashMap<ChildId, NaiveDate>> {
        // SECURITY: read past the row rule, dates only: the rules of the national return hold whoever sees the enquiry
        let rows: Vec<(ChildId, DateTime<Utc>)> = enquiry::Entity::find()
            .select_only()
            .columns([C::ChildId, C::StartedAt])
            .filter(C::ChildId.is_in(children.iter().copied()))
            .into_tuple()
            .all(&self.inner)
            .await?;
        let mut last: HashMap<ChildId, NaiveDate> = HashMap::new();
        for (child, at) in rows {
            let known = last.entry(child).or_insert_with(|| london_day(at));
            *known = london_day(at).max(*known);
        }
        Ok(last)
    }

    /// Writes the enquiries that a strategy meeting begins.
    pub async fn begin_enquiries(
        &self,
        meeting: StrategyMeetingId,
        started_at: DateTime<Utc>,
        new: &[NewEnquiry],
    ) -> Result<()> {
        let who = self.who();
        let rows = new.iter().map(|new| enquiry::ActiveModel {
            id: Set(EnquiryId(self.new_id())),
            local_authority_id: Set(who.authority),
            agency_id: Set(who.agency),
            team_id: Set(who.teams.first().copied()),
            child_id: Set(new.child),
            strategy_meeting_id: Set(meeting),
            lead_id: Set(new.lead),
            started_at: Set(started_at),
            status: Set(of_enquiry::BEGUN),
            completed_at: Set(None),
            outcome: Set(Sealed::new(None)),
            agreed_at: Set(None),
            agreed_by: Set(None),
            version: Set(1),
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            enquiry::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        }
        Ok(())
    }

    /// Writes who leads an enquiry from now on, and takes back what its record says of the one who led it.
    pub async fn lead_enquiry(&self, permit: Permit<LeadEnquiry, enquiry::Model>, lead: PractitionerId) -> Result<()> {
        let record = RecordId::Enquiry(permit.row.id);
        let standing = self.standing_entries(record).await?;
        let of_lead = standing.into_iter().filter(|((item, ..), _)| ABOUT_LEAD.contains(&item.as_str()));
        self.supersede(&of_lead.map(|(_, id)| id).collect::<Vec<_>>()).await?;
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.lead_id = Set(lead);
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes where an enquiry stands from now on: complete, or with the outcome that was agreed.
    pub async fn advance_enquiry(&self, id: EnquiryId, version: i64, outcome: Option<Outcome>) -> Result<()> {
        let at = self.who().at;
        let change = match outcome {
            None => enquiry::ActiveModel {
                status: Set(of_enquiry::COMPLETE.to),
                completed_at: Set(Some(at)),
                version: Set(version + 1),
                ..Default::default()
            },
            Some(outcome) => enquiry::ActiveModel {
                status: Set(of_enquiry::AGREE.to),
                outcome: Set(Sealed::new(Some(outcome))),
                agreed_at: Set(Some(at)),
                agreed_by: Set(Some(self.who().practitioner)),
                version: Set(version + 1),
                ..Default::default()
            },
        };
        enquiry::Entity::update_many().set(change).filter(C::Id.eq(id)).exec(&self.inner).await?;
        Ok(())
    }
}
