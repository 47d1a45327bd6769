//! Delegated chairs.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::ChairDelegationId;
use uuid::Uuid;

use super::agency::{Practitioner, practitioner};
use super::conference::Conference;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed};
use crate::graphql::scalars::Instant;

/// A time for which somebody else chairs a conference.
pub struct ChairDelegation(pub entity::chair_delegation::Model);

/// A time for which somebody else chairs a conference, with all the rights of the chair; the chair reads meanwhile.
#[Object]
impl ChairDelegation {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Since this instant.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    /// Until before this instant.
    async fn ends_at(&self) -> DateTime<Utc> {
        self.0.ends_at
    }

    /// Who chairs meanwhile.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.practitioner_id)).await
    }

    /// Which conference.
    async fn conference(&self, ctx: &Context<'_>) -> Option<Conference> {
        loaded(ctx, self.0.conference_id, Conference).await
    }
}

/// A delegation of the chair.
#[derive(InputObject)]
pub struct DelegateChairInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The conference.
    conference_id: ID,
    /// Who chairs meanwhile: a conference chair of the same agency, independent of the line management of the case.
    practitioner_id: ID,
    /// Since this instant, now or later; now if left out.
    starts_at: Option<Instant>,
    /// Until before this instant, within three months of the conference.
    ends_at: Instant,
    /// Why; 500 characters at most. It is kept with the record and shown to nobody.
    #[graphql(secret)]
    reason: String,
}

/// The delegation.
#[derive(SimpleObject)]
pub struct DelegateChairPayload {
    /// The delegation; null on a dry run or a refusal.
    chair_delegation: Option<ChairDelegation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The end of a delegation.
#[derive(InputObject)]
pub struct EndChairDelegationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The delegation.
    chair_delegation_id: ID,
}

/// The delegation that was ended.
#[derive(SimpleObject)]
pub struct EndChairDelegationPayload {
    /// The delegation as it stands; null on a dry run or a refusal, and where its end closes the conference to you.
    chair_delegation: Option<ChairDelegation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of delegations.
#[derive(Default)]
pub struct DelegationMutation;

/// Mutations of delegations.
#[Object]
impl DelegationMutation {
    /// Have somebody else chair a conference for a time: the chair of the conference or a service manager, who cannot
    /// name themselves. Meanwhile the delegate alone acts as chair. One at a time.
    async fn delegate_chair(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The delegation.")] input: DelegateChairInput,
    ) -> Resolved<DelegateChairPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let delegate = actions::delegation::Delegate {
            conference: typed(&input.conference_id, "input.conferenceId")?,
            practitioner: typed(&input.practitioner_id, "input.practitionerId")?,
            starts_at: input.starts_at.map(|at| at.0),
            ends_at: input.ends_at.0,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::delegation::delegate(reader.scope(), &write, delegate).await;
        let Written { row, user_errors } = finish(&reader, done, ChairDelegationId).await?;
        Ok(DelegateChairPayload { chair_delegation: row.map(ChairDelegation), user_errors })
    }

    /// End a delegation now: the chair of the conference, a service manager, or the delegate.
    async fn end_chair_delegation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: EndChairDelegationInput,
    ) -> Resolved<EndChairDelegationPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.chair_delegation_id, "input.chairDelegationId")?;
        let reader = reader(ctx)?;
        let done = actions::delegation::end(reader.scope(), &write, id).await;
        let Written { row, user_errors } = finish(&reader, done, ChairDelegationId).await?;
        Ok(EndChairDelegationPayload { chair_delegation: row.map(ChairDelegation), user_errors })
    }
}
