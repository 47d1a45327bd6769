//! A copy of a document, to an agency or to a member of the family, with its receipt.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, DocumentCopyId, DocumentIssueId, PersonId, PractitionerId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "document_copy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DocumentCopyId,
    pub document_issue_id: DocumentIssueId,
    pub agency_id: Option<AgencyId>,
    pub person_id: Option<PersonId>,
    /// When the agency said that it has it.
    pub received_at: Option<DateTimeUtc>,
    pub received_by: Option<PractitionerId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
