//! One thing that gives or closes access, as it stood when the review was issued.

use sea_orm::entity::prelude::*;

use crate::appointment::Post;
use crate::codes::codes;
use crate::id::{
    AccessReviewEntryId, AccessReviewId, AgencyId, AppointmentId, ChildId, ConflictId, InvolvementId, PractitionerId,
};
use crate::involvement::Basis;

codes! {
    /// What it is.
    pub enum Kind { Post, Relationship, Emergency, Conflict }
}

codes! {
    /// What is to become of it.
    pub enum Answer { Keep, End }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "access_review_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccessReviewEntryId,
    pub access_review_id: AccessReviewId,
    pub kind: Kind,
    /// The agency whose access it is.
    pub agency_id: AgencyId,
    /// The person, where one is named.
    pub practitioner_id: Option<PractitionerId>,
    pub child_id: Option<ChildId>,
    pub appointment_id: Option<AppointmentId>,
    pub involvement_id: Option<InvolvementId>,
    pub conflict_id: Option<ConflictId>,
    pub post: Option<Post>,
    pub basis: Option<Basis>,
    pub since: DateTimeUtc,
    pub answer: Option<Answer>,
    pub answered_by: Option<PractitionerId>,
    pub answered_at: Option<DateTimeUtc>,
    /// When it was ended because nobody had answered.
    pub suspended_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
