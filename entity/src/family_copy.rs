//! A copy of a report that somebody of the family was given: without what is about third parties or tells where the child is.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, ChildId, ConferenceReportId, FamilyCopyId, PersonId, PractitionerId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "family_copy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FamilyCopyId,
    pub conference_report_id: ConferenceReportId,
    pub child_id: ChildId,
    /// Whose report it is.
    pub agency_id: AgencyId,
    /// The adult it was given to; the child where nobody is named.
    pub person_id: Option<PersonId>,
    /// How many rows of the chronology were left out of it.
    pub left_out: i32,
    pub shared_at: DateTimeUtc,
    pub shared_by: PractitionerId,
    /// When it was written down.
    pub recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
