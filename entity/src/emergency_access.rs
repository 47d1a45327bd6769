//! Emergency access: a professional who does not work with a child asked for its essentials, once, for a reason.

use sea_orm::entity::prelude::*;

use crate::category::RowRule;
use crate::codes::codes;
use crate::id::{AgencyId, ChildId, EmergencyAccessId, LocalAuthorityId, PractitionerId, TeamId};
use crate::sealed::Sealed;

codes! {
    /// What made it an emergency.
    pub enum Reason {
        ImmediateDanger, PoliceProtection, UnscheduledCare, MissingChild, OutOfHoursReferral, Other,
    }
}

codes! {
    /// What the review found.
    pub enum Outcome { Justified, NotJustified }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "emergency_access")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EmergencyAccessId,
    /// Who asked.
    pub practitioner_id: PractitionerId,
    pub agency_id: AgencyId,
    /// The team of the post, where it has one: its manager may review.
    pub team_id: Option<TeamId>,
    /// The authority the agency works for.
    pub local_authority_id: LocalAuthorityId,
    /// Whom it found. None where it found nobody, and where a conflict of interest closes the child.
    pub child_id: Option<ChildId>,
    pub reason: Reason,
    pub explanation: Sealed<String, RowRule>,
    pub opened_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub review_due_at: DateTimeUtc,
    pub reviewed_at: Option<DateTimeUtc>,
    pub reviewed_by: Option<PractitionerId>,
    pub outcome: Option<Outcome>,
    pub review_note: Sealed<Option<String>, RowRule>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
