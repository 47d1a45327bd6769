//! Documents that were sent, and their receipts.

use chrono::{DateTime, Utc};
use entity::document_issue::Document;
use entity::id::{AgencyId, DocumentCopyId, DocumentIssueId, PersonId};
use entity::{core_group_meeting, document_copy, document_issue};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QuerySelect,
};

use super::{Locked, OnARecord as _, RecordId, on};
use crate::error::{Error, Result};
use crate::event::OnRecord;
use crate::policy::actions::{AcknowledgeDocument, IssueDocument};
use crate::practice::circulation::{Copy, Recipient};
use crate::store::Tx;
use crate::store::permit::Permit;

/// A document that was sent.
#[derive(Clone, Debug)]
pub struct NewIssue {
    /// Its id.
    pub id: DocumentIssueId,
    /// Which.
    pub document: Document,
    /// Whether the step it belongs to was not finished.
    pub unfinished: bool,
    /// When.
    pub issued_at: DateTime<Utc>,
    /// To which agencies.
    pub agencies: Vec<AgencyId>,
    /// To which members of the family.
    pub persons: Vec<PersonId>,
}

impl Tx {
    /// All copies of a document of a record that went out.
    pub async fn copies_sent(&self, record: RecordId, document: Document) -> Result<Vec<Copy>> {
        type Row = (Option<AgencyId>, Option<PersonId>, bool, DateTime<Utc>);
        // SECURITY: read past the row rule: to whom the writer's own record was sent; it decides what is met
        let rows: Vec<Row> = document_copy::Entity::find()
            .select_only()
            .columns([document_copy::Column::AgencyId, document_copy::Column::PersonId])
            .columns([document_issue::Column::Unfinished, document_issue::Column::IssuedAt])
            .join(
                JoinType::InnerJoin,
                document_copy::Entity::belongs_to(document_issue::Entity)
                    .from(document_copy::Column::DocumentIssueId)
                    .to(document_issue::Column::Id)
                    .into(),
            )
            .filter(on::<document_issue::Entity>(record))
            .filter(document_issue::Column::Document.eq(document))
            .into_tuple()
            .all(&self.inner)
            .await?;
        let copy = |(agency, person, unfinished, sent_at): Row| {
            let to = agency.map(Recipient::Agency).or_else(|| person.map(Recipient::Person))?;
            Some(Copy { to, unfinished, sent_at })
        };
        Ok(rows.into_iter().filter_map(copy).collect())
    }

    /// What the record of a document is of, as an event names it.
    pub async fn record_of_document(&self, id: DocumentIssueId) -> Result<OnRecord> {
        let row = self.rows::<document_issue::Entity>().named(id).await?;
        let record = document_issue::Entity::record_of(&row);
        Ok(match record.ok_or_else(|| Error::internal("a document of no record"))? {
            RecordId::StrategyMeeting(id) => OnRecord::StrategyMeeting(id),
            RecordId::Enquiry(id) => OnRecord::Enquiry(id),
            RecordId::Conference(id) => OnRecord::Conference(id),
            RecordId::CoreGroupMeeting(id) => {
                OnRecord::CoreGroup(self.rows::<core_group_meeting::Entity>().named(id).await?.core_group_id)
            }
            RecordId::Plan(id) => OnRecord::Plan(id),
        })
    }

    /// Writes that a document was sent, with a copy for each recipient.
    pub async fn issue_document(&self, permit: Permit<IssueDocument, Locked>, new: NewIssue) -> Result<()> {
        let (who, record) = (self.who(), permit.row().id);
        document_issue::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(who.authority),
            strategy_meeting_id: Set(record.strategy_meeting()),
            enquiry_id: Set(record.enquiry()),
            conference_id: Set(record.conference()),
            core_group_meeting_id: Set(record.core_group_meeting()),
            plan_id: Set(record.plan()),
            document: Set(new.document),
            unfinished: Set(new.unfinished),
            issued_at: Set(new.issued_at),
            issued_by: Set(who.practitioner),
            agency_id: Set(who.agency),
            recorded_at: Set(who.at),
        }
        .insert(&self.inner)
        .await?;
        let copy = |agency, person| document_copy::ActiveModel {
            id: Set(DocumentCopyId(self.new_id())),
            document_issue_id: Set(new.id),
            agency_id: Set(agency),
            person_id: Set(person),
            received_at: Set(None),
            received_by: Set(None),
        };
        let agencies = new.agencies.iter().map(|agency| copy(Some(*agency), None));
        let persons = new.persons.iter().map(|person| copy(None, Some(*person)));
        let rows: Vec<_> = agencies.chain(persons).collect();
        document_copy::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// Writes that an agency has its copy.
    pub async fn acknowledge_document(&self, permit: Permit<AcknowledgeDocument, document_copy::Model>) -> Result<()> {
        let mut row = permit.row.into_active_model();
        row.received_at = Set(Some(self.who().at));
        row.received_by = Set(Some(self.who().practitioner));
        row.update(&self.inner).await?;
        Ok(())
    }
}
