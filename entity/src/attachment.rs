//! A file that an agency adds to a report that was asked of it. The content lies in a store of files, under an id.

use sea_orm::entity::prelude::*;

use crate::category::ByRow;
use crate::codes::codes;
use crate::id::{AgencyId, AttachmentId, ChildId, ConferenceReportId, PractitionerId, ReportRequestId};
use crate::sealed::Sealed;

codes! {
    /// Where it stands.
    pub enum State { Awaited, Quarantined, Clean, Refused, Lapsed, Removed }
}

codes! {
    /// What its content is.
    pub enum MediaType { Pdf, Png, Jpeg, Text, Docx }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttachmentId,
    pub report_request_id: ReportRequestId,
    /// The version of the report it belongs to, once it belongs to one.
    pub conference_report_id: Option<ConferenceReportId>,
    pub child_id: ChildId,
    pub agency_id: AgencyId,
    /// Who was given the ticket or sent the file.
    pub uploaded_by: PractitionerId,
    pub asked_at: DateTimeUtc,
    pub uploaded_at: Option<DateTimeUtc>,
    /// Until when its ticket can be used, where it had one.
    pub ticket_until: Option<DateTimeUtc>,
    pub name: Sealed<String, ByRow>,
    pub media_type: Option<MediaType>,
    /// Of what is stored; of what was announced before that.
    pub bytes: i64,
    /// SHA-256 in lower-case hex, of what is stored; of what was announced before that.
    pub sha256: Option<String>,
    pub state: State,
    /// When a scanner looked at it; never of what was accepted without one.
    pub checked_at: Option<DateTimeUtc>,
    /// When it is to be looked at next, while it waits.
    pub check_at: Option<DateTimeUtc>,
    /// Under which id the content is stored: versions of a report that keep a file share it.
    pub file_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
