//! A conflict of interest: it closes a child to one person, whatever else would open it.

use sea_orm::entity::prelude::*;

use crate::category::RowRule;
use crate::codes::codes;
use crate::id::{AgencyId, AllegationId, ChildId, ConflictId, PractitionerId};
use crate::sealed::Sealed;

codes! {
    /// What the conflict is.
    pub enum Kind { SelfInvolved, Family, AllegationSubject, Personal }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "conflict")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConflictId,
    /// Whom it closes the child to.
    pub practitioner_id: PractitionerId,
    pub child_id: ChildId,
    pub kind: Kind,
    pub reason: Sealed<String, RowRule>,
    pub starts_at: DateTimeUtc,
    pub ends_at: Option<DateTimeUtc>,
    pub recorded_by: PractitionerId,
    /// The agency of the post in which it was recorded.
    pub recorded_at_agency_id: AgencyId,
    /// The allegation it comes from: told only to who reads that.
    pub allegation_id: Option<AllegationId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
