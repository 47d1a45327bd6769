//! Invitations and replies.

use entity::invitation::{self, Reply};
use entity::sealed::Sealed;
use entity::{conference, strategy_meeting};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait as _, IntoActiveModel};

use super::Tx;
use super::permit::Permit;
use crate::error::Result;
use crate::policy::actions::ReplyToInvitation;
use crate::practice::states::{of_conference, of_strategy_meeting};

impl Tx {
    /// Whether the meeting that an invitation is to was called off.
    pub async fn is_called_off(&self, row: &invitation::Model) -> Result<bool> {
        // SECURITY: read past the row rules; one bit about the meeting that the caller's own agency was asked to
        if let Some(id) = row.conference_id {
            let row = conference::Entity::find_by_id(id).one(&self.inner).await?;
            return Ok(row.is_some_and(|row| row.status == of_conference::CANCEL.to));
        }
        let Some(id) = row.strategy_meeting_id else { return Ok(false) };
        let row = strategy_meeting::Entity::find_by_id(id).one(&self.inner).await?;
        Ok(row.is_some_and(|row| row.status == of_strategy_meeting::CANCEL.to))
    }

    /// Writes an agency's reply.
    pub async fn reply_to_invitation(
        &self,
        permit: Permit<ReplyToInvitation, invitation::Model>,
        reply: Reply,
        reason: Option<String>,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.reply = Set(Sealed::new(reply));
        row.replied_at = Set(Some(self.who().at));
        row.apologies_reason = Set(Sealed::new(reason));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }
}
