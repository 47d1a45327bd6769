//! Conflicts of interest.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::ConflictId;
use uuid::Uuid;

use super::agency::{Practitioner, practitioner};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed, typed_opt};

/// What a conflict of interest is.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::conflict::Kind")]
pub enum ConflictKind {
    /// The record is about the person.
    SelfInvolved,
    /// About the person's family.
    Family,
    /// The person is the subject of an allegation.
    AllegationSubject,
    /// Another personal tie.
    Personal,
}

/// A conflict of interest: it closes a child to one person, whatever else would open it. Read by the social care staff
/// who hold the record; never by the person.
pub struct Conflict(pub entity::conflict::Model);

/// A conflict of interest: it closes a child to one person, whatever else would open it. Read by the social care staff
/// who hold the record; never by the person.
#[Object]
impl Conflict {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What it is.
    async fn kind(&self) -> ConflictKind {
        self.0.kind.into()
    }

    /// Why it was recorded.
    async fn reason(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.reason.open(&reader(ctx)?.scope().disclosure(None)).cloned())
    }

    /// Since this instant.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    /// Until before this instant; null while it lasts.
    async fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.0.ends_at
    }

    /// Whom it closes the child to.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.practitioner_id)).await
    }

    /// Who recorded it.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.recorded_by)).await
    }
}

/// A conflict of interest.
#[derive(InputObject)]
pub struct RecordConflictInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The child it closes.
    child_id: ID,
    /// To whom; you, if left out.
    practitioner_id: Option<ID>,
    /// What it is.
    kind: ConflictKind,
    /// Why; 500 characters at most.
    #[graphql(secret)]
    reason: String,
}

/// The recorded conflict.
#[derive(SimpleObject)]
pub struct RecordConflictPayload {
    /// The conflict; null on a dry run or a refusal, and where it closes the child to you.
    conflict: Option<Conflict>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The end of a conflict of interest.
#[derive(InputObject)]
pub struct EndConflictInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The conflict.
    conflict_id: ID,
}

/// The ended conflict.
#[derive(SimpleObject)]
pub struct EndConflictPayload {
    /// The conflict as it stands; null on a dry run or a refusal.
    conflict: Option<Conflict>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of conflicts of interest.
#[derive(Default)]
pub struct ConflictMutation;

/// Mutations of conflicts of interest.
#[Object]
impl ConflictMutation {
    /// Close a child to yourself, or as a manager to somebody else: from now on it is absent for that person, in reading,
    /// writing, lists, counts and events.
    async fn record_conflict(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conflict.")] input: RecordConflictInput,
    ) -> Resolved<RecordConflictPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let record = actions::conflict::Record {
            child: typed(&input.child_id, "input.childId")?,
            practitioner: typed_opt(input.practitioner_id.as_ref(), "input.practitionerId")?,
            kind: input.kind.into(),
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::conflict::record(reader.scope(), &write, record).await;
        let Written { row, user_errors } = finish(&reader, done, ConflictId).await?;
        Ok(RecordConflictPayload { conflict: row.map(Conflict), user_errors })
    }

    /// End a conflict of interest: a manager, and nobody their own.
    async fn end_conflict(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conflict.")] input: EndConflictInput,
    ) -> Resolved<EndConflictPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.conflict_id, "input.conflictId")?;
        let reader = reader(ctx)?;
        let done = actions::conflict::end(reader.scope(), &write, id).await;
        let Written { row, user_errors } = finish(&reader, done, ConflictId).await?;
        Ok(EndConflictPayload { conflict: row.map(Conflict), user_errors })
    }
}
