//! Granting and ending relationships to a child.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::InvolvementId;
use uuid::Uuid;

use super::child::Involvement;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::{typed, typed_opt};
use crate::graphql::scalars::Instant;

/// A relationship to be granted.
#[derive(InputObject)]
pub struct GrantInvolvementInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The child it opens.
    child_id: ID,
    /// The agency it is given to. Your own: the allocation of a social worker.
    agency_id: ID,
    /// The professional it is given to; needed for an allocation, and for agencies that read by named professionals.
    practitioner_id: Option<ID>,
    /// Since this instant, now or later; now if left out.
    starts_at: Option<Instant>,
    /// Until before this instant; without an end if left out. An allocation ends where another one goes on.
    ends_at: Option<Instant>,
    /// True if knowing the agency tells where a child with a protected address is, as its school does: those who may not
    /// read the address will not hear of the relationship.
    #[graphql(default)]
    locates: bool,
    /// Why; 500 characters at most.
    #[graphql(secret)]
    reason: String,
}

/// The granted relationship.
#[derive(SimpleObject)]
pub struct GrantInvolvementPayload {
    /// The relationship; null on a dry run or a refusal.
    involvement: Option<Involvement>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The end of a relationship.
#[derive(InputObject)]
pub struct EndInvolvementInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The relationship.
    involvement_id: ID,
    /// It ends at this instant, now or later, and not after its own end; now if left out.
    ends_at: Option<Instant>,
}

/// The ended relationship.
#[derive(SimpleObject)]
pub struct EndInvolvementPayload {
    /// The relationship as it stands; null on a dry run or a refusal.
    involvement: Option<Involvement>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Whether an agency tells where a child is.
#[derive(InputObject)]
pub struct MarkLocatingInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The relationship.
    involvement_id: ID,
    /// True if knowing the agency tells where the child is.
    locates: bool,
}

/// The marked relationship.
#[derive(SimpleObject)]
pub struct MarkLocatingPayload {
    /// The relationship as it stands; null on a dry run or a refusal.
    involvement: Option<Involvement>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of relationships.
#[derive(Default)]
pub struct InvolvementMutation;

/// Mutations of relationships.
#[Object]
impl InvolvementMutation {
    /// Give an agency, or one of its people, a relationship to a child: a social worker to other agencies, a team manager
    /// to workers as well; nobody to themselves.
    async fn grant_involvement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The relationship.")] input: GrantInvolvementInput,
    ) -> Resolved<GrantInvolvementPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let grant = actions::involvement::Grant {
            child: typed(&input.child_id, "input.childId")?,
            agency: typed(&input.agency_id, "input.agencyId")?,
            practitioner: typed_opt(input.practitioner_id.as_ref(), "input.practitionerId")?,
            starts_at: input.starts_at.map(|at| at.0),
            ends_at: input.ends_at.map(|at| at.0),
            locates: input.locates,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::involvement::grant(reader.scope(), &write, grant).await;
        let Written { row, user_errors } = finish(&reader, done, InvolvementId).await?;
        Ok(GrantInvolvementPayload { involvement: row.map(Involvement), user_errors })
    }

    /// Mark a relationship as telling where a child with a protected address is, or take the mark back: the social worker
    /// or the team manager. Those who may not read the address then hear of neither relationship nor agency.
    async fn mark_locating(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mark.")] input: MarkLocatingInput,
    ) -> Resolved<MarkLocatingPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.involvement_id, "input.involvementId")?;
        let reader = reader(ctx)?;
        let done = actions::involvement::mark_locating(reader.scope(), &write, id, input.locates).await;
        let Written { row, user_errors } = finish(&reader, done, InvolvementId).await?;
        Ok(MarkLocatingPayload { involvement: row.map(Involvement), user_errors })
    }

    /// End a relationship to a child. Live reading ends with it; what the agency submitted and was sent stays its own. What
    /// an invitation or a post at a meeting gave ends by itself; the last allocation of a child ends with a successor's.
    async fn end_involvement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The end.")] input: EndInvolvementInput,
    ) -> Resolved<EndInvolvementPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let end = actions::involvement::End {
            id: typed(&input.involvement_id, "input.involvementId")?,
            ends_at: input.ends_at.map(|at| at.0),
        };
        let reader = reader(ctx)?;
        let done = actions::involvement::end(reader.scope(), &write, end).await;
        let Written { row, user_errors } = finish(&reader, done, InvolvementId).await?;
        Ok(EndInvolvementPayload { involvement: row.map(Involvement), user_errors })
    }
}
