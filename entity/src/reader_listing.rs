//! Who is on a reader list, from when to when: of a restricted item, or of the protected address of a household.
//! Exactly one of the two is set.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, HouseholdId, PractitionerId, ReaderListingId, RestrictedItemId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reader_listing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReaderListingId,
    pub restricted_item_id: Option<RestrictedItemId>,
    pub household_id: Option<HouseholdId>,
    pub agency_id: AgencyId,
    /// The one professional; None for all of the agency who work with the child.
    pub practitioner_id: Option<PractitionerId>,
    pub starts_at: DateTimeUtc,
    pub ends_at: Option<DateTimeUtc>,
    pub listed_by: PractitionerId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
