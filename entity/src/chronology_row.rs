//! A row of the chronology in a version of a report: what happened when, and how the agency knows.

use sea_orm::entity::prelude::*;

use crate::category::ByRow;
use crate::codes::codes;
use crate::id::{AgencyId, ChildId, ChronologyRowId, ConferenceReportId};
use crate::sealed::Sealed;

codes! {
    /// How exactly the day is known.
    pub enum Precision { Day, Month, Year }
}

codes! {
    /// What kind of thing happened.
    pub enum Kind { Event, Contact, Visit, Meeting, Health, Education, Offence, Decision, Other }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "chronology_row")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChronologyRowId,
    pub conference_report_id: ConferenceReportId,
    pub child_id: ChildId,
    pub agency_id: AgencyId,
    /// Its place in the report, from 0.
    pub line: i32,
    /// The day, or the first of the month or year.
    pub occurred_on: Date,
    pub precision: Precision,
    /// The last day of what lasted.
    pub ended_on: Option<Date>,
    pub kind: Kind,
    pub text: Sealed<String, ByRow>,
    /// The record it is taken from, or who said so.
    pub source: Sealed<String, ByRow>,
    /// What was done about it.
    pub response: Sealed<Option<String>, ByRow>,
    /// About, or from, somebody outside the family: in no copy for parents.
    pub third_party: bool,
    /// Tells where the child is: in no copy for parents, and withheld where the address is protected.
    pub locates: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
