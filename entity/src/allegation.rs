//! An allegation against a professional, referred to the officer of the authority who looks into such things.

use sea_orm::entity::prelude::*;

use crate::category::AllegationDetail;
use crate::codes::codes;
use crate::id::{AgencyId, AllegationId, ChildId, LocalAuthorityId, PractitionerId};
use crate::sealed::Sealed;

codes! {
    /// Where the allegation stands.
    pub enum Status { Open, Closed }
}

codes! {
    /// What became of it, in the words that are used nationally.
    pub enum Outcome { Substantiated, Malicious, False, Unsubstantiated, Unfounded }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "allegation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AllegationId,
    pub local_authority_id: LocalAuthorityId,
    /// Whom it is about.
    pub subject_id: PractitionerId,
    /// Where that person works.
    pub subject_agency_id: AgencyId,
    pub referring_agency_id: AgencyId,
    pub referred_by: PractitionerId,
    /// The Operations Manager who leads, once the LADO has named one.
    pub lead_id: Option<PractitionerId>,
    pub child_id: Option<ChildId>,
    pub text: Sealed<String, AllegationDetail>,
    /// When the agency concerned knew.
    pub known_at: DateTimeUtc,
    /// By when it was to be referred.
    pub referral_due_at: DateTimeUtc,
    pub received_at: DateTimeUtc,
    pub status: Status,
    pub outcome: Sealed<Option<Outcome>, AllegationDetail>,
    pub closed_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
