//! A report asked of an agency about one child for one conference.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, ChildId, ConferenceId, InvitationId, ReportRequestId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "report_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReportRequestId,
    pub conference_id: ConferenceId,
    pub child_id: ChildId,
    pub agency_id: AgencyId,
    pub invitation_id: InvitationId,
    pub asked_at: DateTimeUtc,
    pub due_at: DateTimeUtc,
    /// When the first version of the report was submitted.
    pub received_at: Option<DateTimeUtc>,
    /// When its conference was called off.
    pub lapsed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
