//! An export that somebody asked for, and what was decided about it. No data of a child.

use sea_orm::entity::prelude::*;

use crate::audit::Purpose;
use crate::codes::codes;
use crate::id::{AgencyId, ExportId, LocalAuthorityId, PractitionerId};

codes! {
    /// How its children were chosen.
    pub enum Selection { Named, OpenCpPlans }
}

codes! {
    /// What was decided about it.
    pub enum State { Requested, Approved, Refused }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ExportId,
    pub local_authority_id: LocalAuthorityId,
    /// The agency of the post in which it was asked for.
    pub agency_id: AgencyId,
    pub requested_by: PractitionerId,
    /// The role of that post.
    pub role: String,
    pub selection: Selection,
    /// The categories it shows, separated by spaces.
    pub categories: String,
    /// Why, as the caller said; the reason in words stands in the access record only.
    pub purpose: Option<Purpose>,
    /// Children in it: as chosen, and from its approval on as still in reach then.
    pub children: i32,
    pub state: State,
    pub requested_at: DateTimeUtc,
    pub decided_by: Option<PractitionerId>,
    pub decided_at: Option<DateTimeUtc>,
    pub expires_at: Option<DateTimeUtc>,
    /// Stands in every page, so that a copy that turns up tells where it came from.
    pub watermark: Option<Uuid>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
