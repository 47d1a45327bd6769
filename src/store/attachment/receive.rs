//! What is sent by a ticket. The ticket stands for who was given it: each time it is used the row rule is asked again, with
//! the posts that the person has at that moment; what it does is recorded as the person's.

use entity::attachment::{self, Column as C, State};
use entity::id::{AttachmentId, ChildId, TypedId as _};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::Received;
use super::write::fingerprint;
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::Standing;
use crate::store::audit::Doer;
use crate::store::visible::Visible;
use crate::store::{Store, outbox};

/// What a ticket stands for.
pub struct Expected {
    row: attachment::Model,
    who: Standing,
}

impl Expected {
    /// How many bytes are to come, neither less nor more.
    pub fn bytes(&self) -> u64 {
        u64::try_from(self.row.bytes).unwrap_or_default()
    }

    /// Who sends it.
    pub fn sender(&self) -> Uuid {
        self.row.uploaded_by.0
    }

    fn is_what_was_announced(&self, content: &[u8]) -> bool {
        u64::try_from(content.len()).is_ok_and(|bytes| bytes == self.bytes())
            && self.row.sha256.as_ref().is_none_or(|announced| *announced == fingerprint(content))
    }
}

impl Store {
    /// What a ticket stands for.
    ///
    /// # Errors
    /// `NotFound` of a text that is no ticket, of one that was used or is over, and of one whose owner could not see what it
    /// is for any more: nobody without a good ticket learns which.
    pub async fn expected(&self, ticket: &str) -> Result<Expected> {
        let now = self.clock.now();
        let (id, until) = self.tickets.open(ticket).ok_or(Error::NotFound)?;
        if until <= now {
            return Err(Error::NotFound);
        }
        let row = attachment::Entity::find_by_id(id).filter(C::State.eq(State::Awaited)).one(&self.db.reads).await?;
        let row = row.ok_or(Error::NotFound)?;
        for who in self.standings_of((row.uploaded_by, row.agency_id), row.asked_at).await? {
            let seen = attachment::Entity::find_by_id(id).filter(attachment::Entity::rows(&who));
            if seen.one(&self.db.reads).await?.is_some() {
                return Ok(Expected { row, who });
            }
        }
        Err(Error::NotFound)
    }

    /// Takes in the file that a ticket stands for. A ticket is good for one; who sends one that is refused may send another.
    ///
    /// # Errors
    /// `Invalid` at `file` for what is not taken or was not announced; `NotFound` if another was quicker.
    pub async fn receive(&self, expected: Expected, content: Vec<u8>, request: Uuid) -> Result<attachment::Model> {
        if !expected.is_what_was_announced(&content) {
            return Err(Error::problem("file", ProblemCode::FileRefused, "This is not the file that was announced."));
        }
        let mut received = self.look_through("file", content).await?;
        self.keep(&mut received).await?;
        let file = received.file();
        let written = self.receive_in(&expected, received, request).await;
        if let Err(error) = &written {
            self.throw_away_after(file, error).await;
        }
        let row = written?;
        self.bell.ring();
        self.wake_scan();
        Ok(row)
    }

    async fn receive_in(&self, expected: &Expected, received: Received, request: Uuid) -> Result<attachment::Model> {
        let (at, id) = (self.clock.now(), expected.row.id);
        let tx = self.begin_upkeep().await?;
        let row = self.locked(&tx, id).await?;
        let mut row = row.into_active_model();
        received.onto(&mut row, at);
        let row = row.update(&tx).await?;
        outbox::append_all(&tx, expected.who.authority, &[Event::AttachmentUploaded(id)], at).await?;
        let doer = Doer {
            who: row.uploaded_by,
            agency: row.agency_id,
            request,
            role: format!("{:?}", expected.who.role),
            kind: "upload",
        };
        let about = [(AttachmentId::NOUN, id.0), (ChildId::NOUN, row.child_id.0)];
        self.record_doing(&tx, doer, (AttachmentId::NOUN, "UPLOADED", 1), &about, at).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// The row that waits, for this one.
    async fn locked(&self, tx: &DatabaseTransaction, id: AttachmentId) -> Result<attachment::Model> {
        let waits = attachment::Entity::find_by_id(id).filter(C::State.eq(State::Awaited)).lock_exclusive();
        waits.one(tx).await?.ok_or(Error::NotFound)
    }
}
