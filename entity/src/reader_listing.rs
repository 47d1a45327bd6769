//! Who is on a reader list, from when to when: of a restricted item, of the protected address of a household, or of an
//! allegation. Exactly one of the three is set; an allegation is read by people who are named.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, AllegationId, HouseholdId, PractitionerId, ReaderListingId, RestrictedItemId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "reader_listing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReaderListingId,
    pub restricted_item_id: Option<RestrictedItemId>,
    pub household_id: Option<HouseholdId>,
    pub allegation_id: Option<AllegationId>,
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
