//! What a version of a report says to an item of its template.

use sea_orm::entity::prelude::*;

use crate::category::ByRow;
use crate::id::{AgencyId, ChildId, ConferenceReportId, ReportAnswerId};
use crate::sealed::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "report_answer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReportAnswerId,
    pub conference_report_id: ConferenceReportId,
    pub child_id: ChildId,
    pub agency_id: AgencyId,
    /// Which item, by its code.
    #[sea_orm(column_type = "String(StringLen::N(60))")]
    pub item: String,
    pub text: Sealed<Option<String>, ByRow>,
    pub choice: Sealed<Option<String>, ByRow>,
    pub number: Sealed<Option<i32>, ByRow>,
    pub day: Sealed<Option<Date>, ByRow>,
    /// It is about, or came from, a third party.
    pub third_party: bool,
    /// It tells where the child is.
    pub locates: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
