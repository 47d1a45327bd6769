//! A passage that only its originator and those on its reader list may read: intelligence, what locates a child whose
//! address is protected, what may not be said in front of everybody.

use sea_orm::entity::prelude::*;

use crate::category::{ByRow, Category};
use crate::codes::codes;
use crate::id::{AgencyId, ChildId, ConferenceId, ConferenceReportId, PractitionerId, RestrictedItemId};
use crate::sealed::Sealed;

codes! {
    /// What kind of passage it is.
    pub enum Kind {
        /// Of the restricted section of a conference.
        Restricted,
        /// Police intelligence.
        PoliceIntelligence,
        /// Where the child is placed.
        Placement,
        /// The school or nursery.
        School,
        /// The practice or clinic.
        HealthCentre,
        /// A telephone number, an account or a device.
        Contact,
        /// Any other text that tells where the child is.
        OtherLocator,
    }
}

impl Kind {
    /// The information category it belongs to.
    pub const fn category(self) -> Category {
        match self {
            Self::Restricted => Category::Restricted,
            Self::PoliceIntelligence => Category::PoliceIntelligence,
            Self::Placement | Self::School | Self::HealthCentre | Self::Contact | Self::OtherLocator => {
                Category::ProtectedAddress
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "restricted_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RestrictedItemId,
    pub child_id: ChildId,
    /// The conference whose restricted section it is in.
    pub conference_id: Option<ConferenceId>,
    /// The version of a report that it came with.
    pub conference_report_id: Option<ConferenceReportId>,
    pub kind: Kind,
    pub text: Sealed<String, ByRow>,
    /// True if it is about, or came from, a third party: it goes into no copy for parents.
    pub third_party: bool,
    pub originator_agency_id: AgencyId,
    pub originator_id: PractitionerId,
    pub recorded_at: DateTimeUtc,
    /// When it was taken back with its report: since then it is read where it comes from, and nowhere else.
    pub withdrawn_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
