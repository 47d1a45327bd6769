//! Using emergency access, and reviewing its use.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, SimpleObject};
use entity::id::EmergencyAccessId;
use uuid::Uuid;

use super::codes::Sex;
use super::emergency::{EmergencyAccess, EmergencyReason, EmergencyReviewOutcome, assurance};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::typed;
use crate::graphql::scalars::Date;
use crate::store::emergency::Locator;

/// How to name a child in an emergency: exactly one of these, and nothing less.
#[derive(OneofObject)]
pub enum EmergencyLocatorInput {
    /// NHS number and date of birth.
    NhsNumber(EmergencyNhsNumberInput),
    /// Full name, date of birth and sex.
    Name(EmergencyNameInput),
}

/// NHS number and date of birth.
#[derive(InputObject)]
pub struct EmergencyNhsNumberInput {
    /// Ten digits, spaces allowed.
    #[graphql(secret)]
    nhs_number: String,
    /// Date of birth.
    #[graphql(secret)]
    born_on: Date,
}

/// Full name as recorded, in any case, date of birth and sex.
#[derive(InputObject)]
pub struct EmergencyNameInput {
    /// Given name.
    #[graphql(secret)]
    given_name: String,
    /// Family name.
    #[graphql(secret)]
    family_name: String,
    /// Date of birth.
    #[graphql(secret)]
    born_on: Date,
    /// Sex as in the national returns.
    sex: Sex,
}

impl From<EmergencyLocatorInput> for Locator {
    fn from(by: EmergencyLocatorInput) -> Self {
        match by {
            EmergencyLocatorInput::NhsNumber(by) => {
                Self::NhsNumber(by.nhs_number.chars().filter(|c| !c.is_whitespace()).collect(), by.born_on.0)
            }
            EmergencyLocatorInput::Name(by) => {
                Self::Name { given: by.given_name, family: by.family_name, born_on: by.born_on.0, sex: by.sex.into() }
            }
        }
    }
}

/// A use of emergency access.
#[derive(InputObject)]
pub struct OpenEmergencyAccessInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing. It does not tell whether there is such a child.
    #[graphql(default)]
    dry_run: bool,
    /// The child.
    by: EmergencyLocatorInput,
    /// What makes it an emergency.
    reason: EmergencyReason,
    /// What is happening, in your words, for who reviews it; 20 characters at least, 1000 at most. Do not name the child.
    #[graphql(secret)]
    explanation: String,
}

/// The use of emergency access.
#[derive(SimpleObject)]
pub struct OpenEmergencyAccessPayload {
    /// The use, whether it found a child or not; null on a dry run or a refusal.
    emergency_access: Option<EmergencyAccess>,
    /// What stands against it; empty when it was done. LIMIT_EXCEEDED after three uses in 24 hours.
    user_errors: Vec<UserError>,
}

/// The review of a use of emergency access.
#[derive(InputObject)]
pub struct ReviewEmergencyAccessInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The use.
    emergency_access_id: ID,
    /// What the review found.
    outcome: EmergencyReviewOutcome,
    /// Why; 2000 characters at most.
    #[graphql(secret)]
    note: String,
}

/// The reviewed use of emergency access.
#[derive(SimpleObject)]
pub struct ReviewEmergencyAccessPayload {
    /// The use as it stands; null on a dry run or a refusal.
    emergency_access: Option<EmergencyAccess>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of emergency access.
#[derive(Default)]
pub struct EmergencyMutation;

/// Mutations of emergency access.
#[Object]
impl EmergencyMutation {
    /// Read the essentials of a child you do not work with, for an hour: police, health and social workers on duty, with a
    /// token whose scope contains `emergency`, after signing in with a second factor. Your privacy officer is told at once,
    /// and so is the child's social worker; every use is reviewed. Whether there is such a child makes no difference to the
    /// answer: read `record` of the use.
    async fn open_emergency_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The use.")] input: OpenEmergencyAccessInput,
    ) -> Resolved<OpenEmergencyAccessPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let open = actions::emergency::Open {
            by: input.by.into(),
            reason: input.reason.into(),
            explanation: input.explanation,
            token: assurance(ctx)?,
        };
        let reader = reader(ctx)?;
        let done = actions::emergency::open(reader.scope(), &write, open).await;
        let Written { row, user_errors } = finish(&reader, done, EmergencyAccessId).await?;
        Ok(OpenEmergencyAccessPayload { emergency_access: row.map(EmergencyAccess), user_errors })
    }

    /// Review a use of emergency access: the privacy officer of the agency, the authority's where it has none, or at social
    /// care the manager of the team or the service. Nobody their own.
    async fn review_emergency_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review.")] input: ReviewEmergencyAccessInput,
    ) -> Resolved<ReviewEmergencyAccessPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let review = actions::emergency::Review {
            id: typed(&input.emergency_access_id, "input.emergencyAccessId")?,
            outcome: input.outcome.into(),
            note: input.note,
        };
        let reader = reader(ctx)?;
        let done = actions::emergency::review(reader.scope(), &write, review).await;
        let Written { row, user_errors } = finish(&reader, done, EmergencyAccessId).await?;
        Ok(ReviewEmergencyAccessPayload { emergency_access: row.map(EmergencyAccess), user_errors })
    }
}
