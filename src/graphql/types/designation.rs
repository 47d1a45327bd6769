//! Duties beside the post.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::DesignationId;
use uuid::Uuid;

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed};
use crate::graphql::scalars::Instant;

/// A duty that a person can hold at an agency beside the post.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::designation::Kind")]
pub enum DesignationKind {
    /// Looks into allegations against professionals, for the authority.
    Lado,
    /// Answers for how the agency's people use the record; hears of emergency access and reviews it.
    PrivacyOfficer,
    /// Answers for the confidentiality of health and care information.
    CaldicottGuardian,
    /// Advises in law.
    LegalAdviser,
}

/// A duty that a person holds at an agency for a time.
pub struct Designation(pub entity::designation::Model);

/// A duty that a person holds at an agency for a time. Everybody may know who holds which.
#[Object]
impl Designation {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Which duty.
    async fn kind(&self) -> DesignationKind {
        self.0.kind.into()
    }

    /// Since this instant.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    /// Until before this instant; null while it lasts.
    async fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.0.ends_at
    }

    /// Who holds it.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.practitioner_id)).await
    }

    /// At which agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }
}

/// A duty to be given to somebody at your agency.
#[derive(InputObject)]
pub struct GrantDesignationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// To whom; they hold a post at your agency.
    practitioner_id: ID,
    /// Which duty.
    kind: DesignationKind,
    /// Since this instant, now or later; now if left out.
    starts_at: Option<Instant>,
    /// Until before this instant; without an end if left out.
    ends_at: Option<Instant>,
}

/// The duty that was given.
#[derive(SimpleObject)]
pub struct GrantDesignationPayload {
    /// The duty; null on a dry run or a refusal.
    designation: Option<Designation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The end of a duty.
#[derive(InputObject)]
pub struct EndDesignationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The duty.
    designation_id: ID,
    /// It ends at this instant, now or later; now if left out.
    ends_at: Option<Instant>,
}

/// The duty that was ended.
#[derive(SimpleObject)]
pub struct EndDesignationPayload {
    /// The duty as it stands; null on a dry run or a refusal.
    designation: Option<Designation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of duties.
#[derive(Default)]
pub struct DesignationMutation;

/// Mutations of duties.
#[Object]
impl DesignationMutation {
    /// Give somebody at your agency a duty beside the post: at social care a team manager or service manager, elsewhere the
    /// safeguarding lead, who gives any but LADO. Nobody to themselves.
    async fn grant_designation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The duty.")] input: GrantDesignationInput,
    ) -> Resolved<GrantDesignationPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let grant = actions::designation::Grant {
            practitioner: typed(&input.practitioner_id, "input.practitionerId")?,
            kind: input.kind.into(),
            starts_at: input.starts_at.map(|at| at.0),
            ends_at: input.ends_at.map(|at| at.0),
        };
        let reader = reader(ctx)?;
        let done = actions::designation::grant(reader.scope(), &write, grant).await;
        let Written { row, user_errors } = finish(&reader, done, DesignationId).await?;
        Ok(GrantDesignationPayload { designation: row.map(Designation), user_errors })
    }

    /// End a duty at your agency: who may give it may end it, and nobody their own.
    async fn end_designation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The end.")] input: EndDesignationInput,
    ) -> Resolved<EndDesignationPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let end = actions::designation::End {
            id: typed(&input.designation_id, "input.designationId")?,
            ends_at: input.ends_at.map(|at| at.0),
        };
        let reader = reader(ctx)?;
        let done = actions::designation::end(reader.scope(), &write, end).await;
        let Written { row, user_errors } = finish(&reader, done, DesignationId).await?;
        Ok(EndDesignationPayload { designation: row.map(Designation), user_errors })
    }
}
