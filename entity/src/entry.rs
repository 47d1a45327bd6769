//! An answer to an item of practice on the record of a meeting, an enquiry or a plan. Written once: one that is said anew
//! stands beside the one it takes the place of.

use sea_orm::entity::prelude::*;

use crate::category::ByRow;
use crate::codes::codes;
use crate::id::{
    AgencyId, ChildId, ConferenceId, CoreGroupMeetingId, EnquiryId, EntryId, LocalAuthorityId, PersonId, PlanId,
    PractitionerId, StrategyMeetingId,
};
use crate::sealed::Sealed;

codes! {
    /// The kind of record an entry is on.
    pub enum Record { StrategyMeeting, Enquiry, Conference, CoreGroupMeeting, Plan }
}

codes! {
    /// Who reads an entry, among those who read the record it is on.
    pub enum Audience { Meeting, Chair, SocialCare }
}

codes! {
    /// Who may write an entry: social care staff who hold the record, their managers, the Operations Manager, chair and
    /// minute taker of the conference, an agency about itself.
    pub enum Writer { SocialCare, Manager, Operations, Chair, Agency }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EntryId,
    pub local_authority_id: LocalAuthorityId,
    pub strategy_meeting_id: Option<StrategyMeetingId>,
    pub enquiry_id: Option<EnquiryId>,
    pub conference_id: Option<ConferenceId>,
    pub core_group_meeting_id: Option<CoreGroupMeetingId>,
    pub plan_id: Option<PlanId>,
    /// Whom of the record it is about; the whole of it where nobody is named.
    pub child_id: Option<ChildId>,
    pub agency_id: Option<AgencyId>,
    pub person_id: Option<PersonId>,
    /// Which item, by its code.
    #[sea_orm(column_type = "String(StringLen::N(60))")]
    pub item: String,
    /// Tells apart several answers to one item.
    pub line: i32,
    pub audience: Audience,
    /// `YES`, `NO`, or a word of the item's own.
    pub choice: Sealed<Option<String>, ByRow>,
    pub number: Sealed<Option<i32>, ByRow>,
    /// When it was, or is to be.
    pub at: Sealed<Option<DateTimeUtc>, ByRow>,
    pub text: Sealed<Option<String>, ByRow>,
    /// By when, in words, where it is no single day.
    pub timescale: Sealed<Option<String>, ByRow>,
    /// Why it cannot be answered, or was not done.
    pub reason_not: Sealed<Option<String>, ByRow>,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: PractitionerId,
    pub recorded_at_agency_id: AgencyId,
    /// When another took its place, or it was taken back.
    pub superseded_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
