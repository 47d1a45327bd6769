//! How the caller's agency names a child in its own system.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::ChildId;
use uuid::Uuid;

use super::agency::{Practitioner, practitioner};
use super::child::Child;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::typed;

/// How your agency names a child in its own system. No other agency sees it.
pub struct AgencyReferenceSummary(pub entity::agency_reference::Model);

/// How your agency names a child in its own system. No other agency sees it.
#[Object]
impl AgencyReferenceSummary {
    /// The reference.
    async fn reference(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.reference.open(&reader(ctx)?.scope().disclosure(Some(self.0.agency_id))).cloned().flatten())
    }

    /// Counts changes; give it as `expectedVersion` to change the reference only as you read it.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// When it was set.
    async fn set_at(&self) -> DateTime<Utc> {
        self.0.set_at
    }

    /// Who set it.
    async fn set_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.set_by)).await
    }
}

/// The reference of your agency.
#[derive(InputObject)]
pub struct SetAgencyReferenceInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The child.
    child_id: ID,
    /// How your agency names the child: 1 to 40 letters, digits, hyphens and slashes. Null clears it.
    #[graphql(secret)]
    reference: Option<String>,
    /// The version you read, 0 where there was no reference: CONFLICT if it is another by now. Left out, yours stands
    /// whatever was there.
    expected_version: Option<i64>,
}

/// The child with its reference.
#[derive(SimpleObject)]
pub struct SetAgencyReferencePayload {
    /// The child as it stands; null on a dry run or a refusal.
    child: Option<Child>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of the references of agencies.
#[derive(Default)]
pub struct AgencyReferenceMutation;

/// Mutations of the references of agencies.
#[Object]
impl AgencyReferenceMutation {
    /// Keep how your agency names a child you work with, to find it by ever after (`matchChild`), or clear it. A reference
    /// names one child of an agency: DUPLICATE where yours names another by it.
    async fn set_agency_reference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reference.")] input: SetAgencyReferenceInput,
    ) -> Resolved<SetAgencyReferencePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let set = actions::agency_reference::Set {
            child: typed(&input.child_id, "input.childId")?,
            reference: input.reference,
            expected: input.expected_version,
        };
        let reader = reader(ctx)?;
        let done = actions::agency_reference::set(reader.scope(), &write, set).await;
        let Written { row, user_errors } = finish(&reader, done, ChildId).await?;
        Ok(SetAgencyReferencePayload { child: row.map(Child), user_errors })
    }
}
