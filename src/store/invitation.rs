//! Invitations and replies.

use entity::invitation::{self, Reply};
use entity::sealed::Sealed;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::Tx;
use super::permit::Permit;
use crate::error::Result;
use crate::policy::actions::ReplyToInvitation;

impl Tx {
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
