//! Shares between authorities.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth, Mark};
use entity::id::TransferShareId;
use entity::sealed::Sealed;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::agency::{Agency, LocalAuthority, Practitioner, agency, practitioner};
use super::child::Child;
use super::codes::{AbuseCategory, ConferenceKind, ConferenceOutcome, InformationCategory, PlanActionStatus};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::error::Error;
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::{loaded, named, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed};
use crate::graphql::scalars::{Date, Instant};
use crate::store::page::Listing;
use crate::store::transfer::{ConferenceShown, ContactShown, IdentityShown, PlanShown, StatementsShown};

/// What one authority shows another of a child that moves there.
pub struct TransferShare(pub entity::transfer_share::Model);

impl TransferShare {
    fn part<T: DeserializeOwned, M: Mark>(ctx: &Context<'_>, part: &Sealed<String, M>) -> Resolved<Option<T>> {
        let text = part.open(&reader(ctx)?.scope().disclosure(None)).cloned();
        let read =
            |text: String| serde_json::from_str(&text).map_err(|_| Error::internal("a share that cannot be read"));
        Ok(text.map(read).transpose()?)
    }
}

/// What one authority shows another of a child that moves there, frozen as it stood when it was shared. The receiving
/// social care reads nothing else of the child before the transfer-in conference.
#[Object]
impl TransferShare {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The child; null until it is yours to read.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// The authority that shares.
    async fn from_authority(&self, ctx: &Context<'_>) -> Option<LocalAuthority> {
        loaded(ctx, self.0.from_authority_id, LocalAuthority).await
    }

    /// The social care that has the child.
    async fn from_agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.from_agency_id).await
    }

    /// The social care that is to have the child.
    async fn to_agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.to_agency_id).await
    }

    /// When it was shared: everything below is as it stood then.
    async fn shared_at(&self) -> DateTime<Utc> {
        self.0.shared_at
    }

    /// By when the transfer-in conference is to be held: the end of the fifteenth working day.
    async fn conference_due_at(&self) -> DateTime<Utc> {
        self.0.conference_due_at
    }

    /// When it was accepted.
    async fn accepted_at(&self) -> Option<DateTime<Utc>> {
        self.0.accepted_at
    }

    /// The transfer-in conference, from which on the child is the receiving social care's.
    async fn rights_from(&self) -> Option<DateTime<Utc>> {
        self.0.rights_from
    }

    /// Whom the receiving social care allocates.
    async fn worker(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.worker_id).await
    }

    /// When it was taken back.
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.0.withdrawn_at
    }

    /// Give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Who the child is. Never an address.
    async fn identity(&self, ctx: &Context<'_>) -> Resolved<Option<TransferIdentitySummary>> {
        let part: Option<IdentityShown> = Self::part(ctx, &self.0.identity)?;
        Ok(part.map(Into::into))
    }

    /// Danger and safety statement.
    async fn statements(&self, ctx: &Context<'_>) -> Resolved<Option<TransferStatementsSummary>> {
        let part: Option<StatementsShown> = Self::part(ctx, &self.0.statements)?;
        Ok(part.map(|part| TransferStatementsSummary { danger_statement: part.danger, safety_statement: part.safety }))
    }

    /// The plan with its actions, and the last conference.
    async fn plan(&self, ctx: &Context<'_>) -> Resolved<Option<TransferPlanSummary>> {
        let part: Option<PlanShown> = Self::part(ctx, &self.0.plan)?;
        Ok(part.map(Into::into))
    }

    /// Who works with the child. Nobody who would tell where the child is.
    async fn contacts(&self, ctx: &Context<'_>) -> Resolved<Option<Vec<TransferContactSummary>>> {
        let part: Option<Vec<ContactShown>> = Self::part(ctx, &self.0.contacts)?;
        Ok(part.map(|contacts| contacts.into_iter().map(TransferContactSummary).collect()))
    }

    /// Categories you may not read here: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let parts = [Category::Identity, Category::DangerStatements, Category::Plan].map(|part| (part, Depth::Full));
        let closed = reader(ctx)?.scope().disclosure(None).withheld(&parts);
        Ok(closed.into_iter().map(Into::into).collect())
    }
}

/// Who a child is, as it was shared.
#[derive(SimpleObject)]
pub struct TransferIdentitySummary {
    /// Given name.
    given_name: Option<String>,
    /// Family name.
    family_name: Option<String>,
    /// Day of birth; null before birth.
    born_on: Option<Date>,
    /// Expected day of birth.
    expected_on: Option<Date>,
    /// NHS number.
    nhs_number: Option<String>,
    /// Unique pupil number.
    upn: Option<String>,
    /// First language.
    first_language: Option<String>,
    /// What talking with the child needs.
    communication_needs: Option<String>,
}

impl From<IdentityShown> for TransferIdentitySummary {
    fn from(it: IdentityShown) -> Self {
        Self {
            given_name: it.given_name,
            family_name: it.family_name,
            born_on: it.born_on.map(Date),
            expected_on: it.expected_on.map(Date),
            nhs_number: it.nhs_number,
            upn: it.upn,
            first_language: it.first_language,
            communication_needs: it.communication_needs,
        }
    }
}

/// Danger and safety statement, as they were shared.
#[derive(SimpleObject)]
pub struct TransferStatementsSummary {
    /// What is feared.
    danger_statement: Option<String>,
    /// What safety would look like.
    safety_statement: Option<String>,
}

/// A plan, as it was shared.
#[derive(SimpleObject)]
pub struct TransferPlanSummary {
    /// First day of the open plan; null where there is none.
    starts_on: Option<Date>,
    /// Latest category of abuse.
    category: Option<AbuseCategory>,
    /// Days between visits at the most.
    visit_every_days: Option<i32>,
    /// What is to be done.
    actions: Vec<TransferActionSummary>,
    /// The last conference; null where there was none.
    conference: Option<TransferConferenceSummary>,
}

impl From<PlanShown> for TransferPlanSummary {
    fn from(it: PlanShown) -> Self {
        let category = it.category.and_then(|word| entity::conference_child::AbuseCategory::of_word(&word));
        let actions = it.actions.into_iter().map(|action| TransferActionSummary {
            description: action.description,
            due_on: Date(action.due_on),
            status: entity::plan_action::Status::of_word(&action.status).map(Into::into),
        });
        Self {
            starts_on: it.starts_on.map(Date),
            category: category.map(Into::into),
            visit_every_days: it.visit_every_days,
            actions: actions.collect(),
            conference: it.conference.map(Into::into),
        }
    }
}

/// An action of a plan, as it was shared.
#[derive(SimpleObject)]
pub struct TransferActionSummary {
    /// What is to be done.
    description: Option<String>,
    /// By when.
    due_on: Date,
    /// How far it is.
    status: Option<PlanActionStatus>,
}

/// The last conference, as it was shared.
#[derive(SimpleObject)]
pub struct TransferConferenceSummary {
    /// What kind.
    kind: Option<ConferenceKind>,
    /// When it was.
    held_at: DateTime<Utc>,
    /// What it decided about the child.
    outcome: Option<ConferenceOutcome>,
    /// The chair's summary.
    summary: Option<String>,
}

impl From<ConferenceShown> for TransferConferenceSummary {
    fn from(it: ConferenceShown) -> Self {
        let outcome = it.outcome.and_then(|word| entity::conference_child::Outcome::of_word(&word));
        Self {
            kind: entity::conference::Kind::of_word(&it.kind).map(Into::into),
            held_at: it.held_at,
            outcome: outcome.map(Into::into),
            summary: it.summary,
        }
    }
}

/// Who works with a child.
pub struct TransferContactSummary(ContactShown);

/// Who works with a child.
#[Object]
impl TransferContactSummary {
    /// The agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency).await
    }

    /// The professional, where one is named.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.practitioner).await
    }
}

/// A child to be shared.
#[derive(InputObject)]
pub struct ShareTransferInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The child.
    child_id: ID,
    /// The social care of another authority that is to have the child.
    agency_id: ID,
    /// Why; 500 characters at most. It is kept with the record and shown to nobody.
    #[graphql(secret)]
    reason: String,
}

/// The share.
#[derive(SimpleObject)]
pub struct ShareTransferPayload {
    /// The share; null on a dry run or a refusal.
    transfer_share: Option<TransferShare>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A share to be taken back.
#[derive(InputObject)]
pub struct WithdrawTransferInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The share.
    transfer_share_id: ID,
    /// The version you read.
    expected_version: i64,
}

/// The share that was taken back.
#[derive(SimpleObject)]
pub struct WithdrawTransferPayload {
    /// The share as it stands; null on a dry run or a refusal.
    transfer_share: Option<TransferShare>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A share to be accepted.
#[derive(InputObject)]
pub struct AcceptTransferInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The share.
    transfer_share_id: ID,
    /// The version you read.
    expected_version: i64,
    /// The social worker of your agency to whom the child is allocated from then on; not you.
    worker_id: ID,
    /// When the transfer-in conference is: now or later, and by the fifteenth working day from the share. Your rights begin
    /// then, and those of the social care that shared the child end.
    conference_at: Instant,
}

/// The share that was accepted.
#[derive(SimpleObject)]
pub struct AcceptTransferPayload {
    /// The share as it stands; null on a dry run or a refusal.
    transfer_share: Option<TransferShare>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Root fields about shares.
#[derive(Default)]
pub struct TransferQuery;

/// Root fields about shares.
#[Object]
impl TransferQuery {
    /// A share by its global id. NOT_FOUND for what does not exist and for what is not yours to read alike.
    async fn transfer_share(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the share.")] id: ID,
    ) -> Option<TransferShare> {
        named(ctx, typed::<TransferShareId>(&id, "id"), TransferShare).await
    }

    /// The shares of children you have and of those that are to be yours, newest first.
    async fn transfer_shares(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<TransferShare>> {
        let args = page_args(first, after.as_deref())?;
        let page = reader(ctx)?.scope().page(Listing::<entity::transfer_share::Entity>::whole(), &args).await?;
        Ok(connect::<entity::transfer_share::Entity, _>(Some(page), &args, TransferShare))
    }
}

/// Mutations of shares.
#[derive(Default)]
pub struct TransferMutation;

/// Mutations of shares.
#[Object]
impl TransferMutation {
    /// Show another authority's social care what stands of a child now: a team manager or service manager who has it.
    async fn share_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is shared with whom.")] input: ShareTransferInput,
    ) -> Resolved<ShareTransferPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let share = actions::transfer::Share {
            child: typed(&input.child_id, "input.childId")?,
            to: typed(&input.agency_id, "input.agencyId")?,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::transfer::share(reader.scope(), &write, share).await;
        let Written { row, user_errors } = finish(&reader, done, TransferShareId).await?;
        Ok(ShareTransferPayload { transfer_share: row.map(TransferShare), user_errors })
    }

    /// Take back a share that was not accepted: a manager of the social care that made it.
    async fn withdraw_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: WithdrawTransferInput,
    ) -> Resolved<WithdrawTransferPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.transfer_share_id, "input.transferShareId")?;
        let reader = reader(ctx)?;
        let done = actions::transfer::withdraw(reader.scope(), &write, id, input.expected_version).await;
        let Written { row, user_errors } = finish(&reader, done, TransferShareId).await?;
        Ok(WithdrawTransferPayload { transfer_share: row.map(TransferShare), user_errors })
    }

    /// Accept a share: a team manager or service manager of the receiving social care.
    async fn accept_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and from when on.")] input: AcceptTransferInput,
    ) -> Resolved<AcceptTransferPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let accept = actions::transfer::Accept {
            id: typed(&input.transfer_share_id, "input.transferShareId")?,
            expected_version: input.expected_version,
            worker: typed(&input.worker_id, "input.workerId")?,
            conference_at: input.conference_at.0,
        };
        let reader = reader(ctx)?;
        let done = actions::transfer::accept(reader.scope(), &write, accept).await;
        let Written { row, user_errors } = finish(&reader, done, TransferShareId).await?;
        Ok(AcceptTransferPayload { transfer_share: row.map(TransferShare), user_errors })
    }
}
