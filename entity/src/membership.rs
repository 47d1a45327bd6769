//! Who belongs to a household, how, and from when to when. Exactly one of child and person is set.

use sea_orm::entity::prelude::*;

use crate::category::HouseholdSummary;
use crate::codes::codes;
use crate::id::{ChildId, HouseholdId, MembershipId, PersonId};
use crate::sealed::Sealed;

codes! {
    /// Relationship to the children of the household.
    pub enum Relationship {
        Child, Mother, Father, StepParent, PartnerOfParent, Grandparent, AdultSibling, OtherRelative, Carer, Other,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MembershipId,
    pub household_id: HouseholdId,
    pub child_id: Option<ChildId>,
    pub person_id: Option<PersonId>,
    pub relationship: Sealed<Relationship, HouseholdSummary>,
    pub parental_responsibility: bool,
    pub starts_on: Date,
    pub ends_on: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
