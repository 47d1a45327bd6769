//! The records that practice asks things of: a strategy meeting, an enquiry, a conference, a core group meeting, a plan.
//! What stands on them is in three tables of one shape: entries, finished steps, documents that were sent.

pub mod document;
pub mod enquiry;
pub mod entry;
mod facts;
pub mod sheet;
pub mod step;

use entity::entry::Record;
use entity::id::{AgencyId, ConferenceId, CoreGroupMeetingId, EnquiryId, PlanId, StrategyMeetingId, TypedId};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::Tx;
use super::visible::Visible;
use crate::error::Result;
use crate::event::OnRecord;
use crate::policy::actions::ConferencePosts;

/// A record, by the id of what it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordId {
    /// Of a strategy meeting.
    StrategyMeeting(StrategyMeetingId),
    /// Of an enquiry.
    Enquiry(EnquiryId),
    /// Of a conference.
    Conference(ConferenceId),
    /// Of a core group meeting.
    CoreGroupMeeting(CoreGroupMeetingId),
    /// Of a plan.
    Plan(PlanId),
}

impl RecordId {
    /// Which kind of record.
    pub const fn kind(self) -> Record {
        match self {
            Self::StrategyMeeting(_) => Record::StrategyMeeting,
            Self::Enquiry(_) => Record::Enquiry,
            Self::Conference(_) => Record::Conference,
            Self::CoreGroupMeeting(_) => Record::CoreGroupMeeting,
            Self::Plan(_) => Record::Plan,
        }
    }

    /// The id alone.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::StrategyMeeting(id) => id.uuid(),
            Self::Enquiry(id) => id.uuid(),
            Self::Conference(id) => id.uuid(),
            Self::CoreGroupMeeting(id) => id.uuid(),
            Self::Plan(id) => id.uuid(),
        }
    }

    fn of(kind: Record, id: Uuid) -> Self {
        match kind {
            Record::StrategyMeeting => Self::StrategyMeeting(StrategyMeetingId(id)),
            Record::Enquiry => Self::Enquiry(EnquiryId(id)),
            Record::Conference => Self::Conference(ConferenceId(id)),
            Record::CoreGroupMeeting => Self::CoreGroupMeeting(CoreGroupMeetingId(id)),
            Record::Plan => Self::Plan(PlanId(id)),
        }
    }

    /// The id, where it is of a strategy meeting.
    pub const fn strategy_meeting(self) -> Option<StrategyMeetingId> {
        if let Self::StrategyMeeting(id) = self { Some(id) } else { None }
    }

    /// The id, where it is of an enquiry.
    pub const fn enquiry(self) -> Option<EnquiryId> {
        if let Self::Enquiry(id) = self { Some(id) } else { None }
    }

    /// The id, where it is of a conference.
    pub const fn conference(self) -> Option<ConferenceId> {
        if let Self::Conference(id) = self { Some(id) } else { None }
    }

    /// The id, where it is of a core group meeting.
    pub const fn core_group_meeting(self) -> Option<CoreGroupMeetingId> {
        if let Self::CoreGroupMeeting(id) = self { Some(id) } else { None }
    }

    /// The id, where it is of a plan.
    pub const fn plan(self) -> Option<PlanId> {
        if let Self::Plan(id) = self { Some(id) } else { None }
    }
}

/// A table of what stands on records.
pub trait OnARecord: Visible {
    /// The column with the id of a record of a kind.
    fn column(kind: Record) -> Self::Column;
    /// The record of a row.
    fn record_of(row: &Self::Model) -> Option<RecordId>;
}

macro_rules! on_a_record {
    ($($table:ident),+) => { $(
        impl OnARecord for entity::$table::Entity {
            fn column(kind: Record) -> Self::Column {
                use entity::$table::Column as C;
                match kind {
                    Record::StrategyMeeting => C::StrategyMeetingId,
                    Record::Enquiry => C::EnquiryId,
                    Record::Conference => C::ConferenceId,
                    Record::CoreGroupMeeting => C::CoreGroupMeetingId,
                    Record::Plan => C::PlanId,
                }
            }
            fn record_of(row: &Self::Model) -> Option<RecordId> {
                row.strategy_meeting_id.map(RecordId::StrategyMeeting)
                    .or_else(|| row.enquiry_id.map(RecordId::Enquiry))
                    .or_else(|| row.conference_id.map(RecordId::Conference))
                    .or_else(|| row.core_group_meeting_id.map(RecordId::CoreGroupMeeting))
                    .or_else(|| row.plan_id.map(RecordId::Plan))
            }
        }
    )+ };
}

on_a_record!(entry, finished_step, document_issue);

/// The rows of a table that stand on a record.
fn on<E: OnARecord>(record: RecordId) -> sea_orm::sea_query::Expr {
    E::column(record.kind()).eq(record.uuid())
}

/// A record that is locked until the end of the transaction.
#[derive(Clone, Debug)]
pub struct Locked {
    /// Which.
    pub id: RecordId,
    /// Where it stands.
    pub state: String,
    /// Chair and minute taker, of a conference.
    pub posts: Option<ConferencePosts>,
    /// The agency whose safeguarding unit chairs it, of a conference.
    pub chaired_by: Option<AgencyId>,
    /// Its version, where it has one.
    pub version: Option<i64>,
    /// What an event about it names.
    pub on: OnRecord,
}

impl Locked {
    /// Whether somebody is chair or minute taker of the conference.
    pub fn at_the_table(&self, tx: &Tx) -> bool {
        self.posts.as_ref().is_some_and(|posts| posts.held_by(tx.who()))
    }

    /// Whether somebody is chair of the conference.
    pub fn chairs(&self, tx: &Tx) -> bool {
        let who = tx.who();
        self.posts.as_ref().is_some_and(|posts| posts.chair == who.practitioner && posts.held_by(who))
    }
}

impl Tx {
    /// Reads a record in scope and locks it until the end of the transaction.
    pub async fn lock_record(&self, id: RecordId) -> Result<Locked> {
        let locked = |state, version, on| Locked { id, state, posts: None, chaired_by: None, version, on };
        Ok(match id {
            RecordId::StrategyMeeting(meeting) => {
                let row = self.lock::<entity::strategy_meeting::Entity>(meeting).await?;
                self.keep_discreet(&row);
                locked(row.status.word(), Some(row.version), OnRecord::StrategyMeeting(meeting))
            }
            RecordId::Enquiry(enquiry) => {
                let row = self.lock::<entity::enquiry::Entity>(enquiry).await?;
                locked(row.status.word(), Some(row.version), OnRecord::Enquiry(enquiry))
            }
            RecordId::Conference(conference) => {
                let row = self.lock::<entity::conference::Entity>(conference).await?;
                let posts = Some(self.conference_posts(&row).await?);
                let chaired_by = Some(row.agency_id);
                Locked {
                    posts,
                    chaired_by,
                    ..locked(row.status.word(), Some(row.version), OnRecord::Conference(conference))
                }
            }
            RecordId::CoreGroupMeeting(meeting) => {
                let row = self.lock::<entity::core_group_meeting::Entity>(meeting).await?;
                locked("HELD".to_owned(), None, OnRecord::CoreGroup(row.core_group_id))
            }
            RecordId::Plan(plan) => {
                let row = self.lock::<entity::plan::Entity>(plan).await?;
                locked(row.state.word(), Some(row.version), OnRecord::Plan(plan))
            }
        })
    }
}
