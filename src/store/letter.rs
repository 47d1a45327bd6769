//! Letters to agencies that did not come or sent no report, and their replies.

use chrono::{DateTime, Utc};
use entity::id::{ConferenceId, NonAttendanceLetterId};
use entity::invitation;
use entity::non_attendance_letter::{self, About, Reason, Status};
use entity::sealed::Sealed;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

use super::page::Listing;
use super::permit::Permit;
use super::{Scoped, Tx};
use crate::error::Result;
use crate::policy::actions::{
    ReplyToNonAttendanceLetter, RewriteNonAttendanceLetter, SendNonAttendanceLetter, WriteNonAttendanceLetter,
};
use crate::practice::states::of_follow_up::of_letter;

/// Where a letter stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Written, not sent.
    Written,
    /// Sent; the reply is awaited.
    Sent,
    /// Sent; no reply came in time.
    NoReply,
    /// Answered.
    Replied,
}

impl Standing {
    /// Where a letter stands at an instant.
    pub fn of(letter: &non_attendance_letter::Model, at: DateTime<Utc>) -> Self {
        match letter.status {
            Status::Written => Self::Written,
            Status::Sent if letter.reply_due_at.is_some_and(|due| due <= at) => Self::NoReply,
            Status::Sent => Self::Sent,
            Status::Replied => Self::Replied,
        }
    }

    fn condition(self, at: DateTime<Utc>) -> Condition {
        use non_attendance_letter::Column as C;
        let of = |status| Condition::all().add(C::Status.eq(status));
        match self {
            Self::Written => of(Status::Written),
            Self::Sent => of(Status::Sent).add(C::ReplyDueAt.gt(at)),
            Self::NoReply => of(Status::Sent).add(C::ReplyDueAt.lte(at)),
            Self::Replied => of(Status::Replied),
        }
    }
}

/// A letter to be written.
#[derive(Clone, Debug)]
pub struct NewLetter {
    /// Its id.
    pub id: NonAttendanceLetterId,
    /// About which conference.
    pub conference: ConferenceId,
    /// What about.
    pub about: About,
    /// What it says.
    pub text: String,
}

/// What an agency answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Why.
    pub reason: Reason,
    /// In its words.
    pub text: Option<String>,
    /// True where it says that what was recorded is wrong.
    pub contested: bool,
}

impl Scoped {
    /// The letters that stand so, or all, newest first.
    pub fn letters(&self, standing: Option<Standing>) -> Listing<non_attendance_letter::Entity> {
        Listing::that(standing.map_or_else(Condition::all, |standing| standing.condition(self.who.at)))
    }
}

impl Tx {
    /// True if a letter was written about an invitation, whoever sees it.
    pub async fn has_letter(&self, id: entity::id::InvitationId) -> Result<bool> {
        // SECURITY: read past the row rule: nothing leaves but that there is one, to who may write it
        let found = non_attendance_letter::Entity::find().filter(non_attendance_letter::Column::InvitationId.eq(id));
        Ok(found.one(&self.inner).await?.is_some())
    }

    /// Writes a letter about an invitation.
    pub async fn write_letter(
        &self,
        permit: Permit<WriteNonAttendanceLetter, invitation::Model>,
        new: NewLetter,
    ) -> Result<()> {
        let who = self.who();
        non_attendance_letter::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(permit.row.local_authority_id),
            conference_id: Set(new.conference),
            invitation_id: Set(permit.row.id),
            agency_id: Set(permit.row.agency_id),
            about: Set(new.about),
            status: Set(of_letter::WRITTEN),
            text: Set(Sealed::new(new.text)),
            written_by: Set(who.practitioner),
            written_at: Set(who.at),
            sent_by: Set(None),
            sent_at: Set(None),
            reply_due_at: Set(None),
            reason: Set(Sealed::new(None)),
            reply: Set(Sealed::new(None)),
            contested: Set(false),
            replied_by: Set(None),
            replied_at: Set(None),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    /// Writes a letter anew that was not sent.
    pub async fn rewrite_letter(
        &self,
        permit: Permit<RewriteNonAttendanceLetter, non_attendance_letter::Model>,
        about: About,
        text: String,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.about = Set(about);
        row.text = Set(Sealed::new(text));
        row.written_by = Set(self.who().practitioner);
        row.written_at = Set(self.who().at);
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes that a letter was sent, and by when it is to be answered.
    pub async fn send_letter(
        &self,
        permit: Permit<SendNonAttendanceLetter, non_attendance_letter::Model>,
        reply_due_at: DateTime<Utc>,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.status = Set(of_letter::SEND.to);
        row.sent_by = Set(Some(self.who().practitioner));
        row.sent_at = Set(Some(self.who().at));
        row.reply_due_at = Set(Some(reply_due_at));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes the reply to a letter.
    pub async fn reply_to_letter(
        &self,
        permit: Permit<ReplyToNonAttendanceLetter, non_attendance_letter::Model>,
        reply: Reply,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.status = Set(of_letter::REPLY.to);
        row.reason = Set(Sealed::new(Some(reply.reason)));
        row.reply = Set(Sealed::new(reply.text));
        row.contested = Set(reply.contested);
        row.replied_by = Set(Some(self.who().practitioner));
        row.replied_at = Set(Some(self.who().at));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }
}
