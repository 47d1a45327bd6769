//! What somebody is to notice about the use of the record: a kind, ids and an instant. Who reads it is decided when it is
//! read.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::{AgencyId, ChildId, EmergencyAccessId, LocalAuthorityId, NoticeId, PractitionerId};

codes! {
    /// What there is to notice.
    pub enum Kind {
        /// Somebody used emergency access.
        EmergencyAccess,
        /// Somebody of another agency opened the record of a child, for the first time that day.
        RecordOpened,
        /// Somebody searched by name and found nobody, several times within the hour.
        UnusualLookups,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// Made of what it tells, so that the same thing is told once.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NoticeId,
    pub kind: Kind,
    pub at: DateTimeUtc,
    /// Who did it.
    pub practitioner_id: PractitionerId,
    pub agency_id: AgencyId,
    pub local_authority_id: LocalAuthorityId,
    /// The child, in notices to those who lead its case. None in those to a privacy officer.
    pub child_id: Option<ChildId>,
    pub emergency_access_id: Option<EmergencyAccessId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
