//! What can happen, as the feed tells it: kinds and ids only, no personal data.

use entity::event::Kind;
use entity::id::{ConferenceId, ConferenceReportId, CoreGroupId, InvitationId, StrategyMeetingId};

/// Something that happened to a child protection process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A strategy meeting was called.
    StrategyMeetingCalled(StrategyMeetingId),
    /// A strategy meeting decided.
    StrategyMeetingOutcomeRecorded(StrategyMeetingId),
    /// A conference was scheduled and its invitations sent.
    ConferenceScheduled(ConferenceId),
    /// An agency answered an invitation.
    InvitationReplied(InvitationId),
    /// A report arrived.
    ConferenceReportSubmitted(ConferenceReportId),
    /// Attendance was recorded.
    ConferenceAttendanceRecorded(ConferenceId),
    /// A conference decided.
    ConferenceOutcomeRecorded(ConferenceId),
    /// A core group met.
    CoreGroupMeetingRecorded(CoreGroupId),
}

impl Event {
    /// The kind as stored.
    pub const fn kind(self) -> Kind {
        match self {
            Self::StrategyMeetingCalled(_) => Kind::StrategyMeetingCalled,
            Self::StrategyMeetingOutcomeRecorded(_) => Kind::StrategyMeetingOutcomeRecorded,
            Self::ConferenceScheduled(_) => Kind::ConferenceScheduled,
            Self::InvitationReplied(_) => Kind::InvitationReplied,
            Self::ConferenceReportSubmitted(_) => Kind::ConferenceReportSubmitted,
            Self::ConferenceAttendanceRecorded(_) => Kind::ConferenceAttendanceRecorded,
            Self::ConferenceOutcomeRecorded(_) => Kind::ConferenceOutcomeRecorded,
            Self::CoreGroupMeetingRecorded(_) => Kind::CoreGroupMeetingRecorded,
        }
    }

    /// The noun the event is about.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::StrategyMeetingCalled(_) | Self::StrategyMeetingOutcomeRecorded(_) => "StrategyMeeting",
            Self::ConferenceScheduled(_)
            | Self::ConferenceAttendanceRecorded(_)
            | Self::ConferenceOutcomeRecorded(_) => "Conference",
            Self::InvitationReplied(_) => "Invitation",
            Self::ConferenceReportSubmitted(_) => "ConferenceReport",
            Self::CoreGroupMeetingRecorded(_) => "CoreGroup",
        }
    }
}
