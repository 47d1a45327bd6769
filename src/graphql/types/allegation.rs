//! Allegations against professionals.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};
use entity::id::AllegationId;
use uuid::Uuid;

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::child::Child;
use super::codes::InformationCategory;
use super::restricted::ReaderListing;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::actions::allegation::Of;
use crate::graphql::connection::{Connection, below, connect, page_args};
use crate::graphql::context::{loaded, named, reader};
use crate::graphql::error::{Resolved, or_null};
use crate::graphql::id::{global, typed, typed_opt};
use crate::graphql::scalars::Instant;
use crate::store::audit::ledger::Opening;
use crate::store::loaders::ReadersOfAllegation;
use crate::store::loaders::allegation::WholeOf;

/// Where an allegation stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::allegation::Status")]
pub enum AllegationStatus {
    /// It is looked into.
    Open,
    /// It has an outcome.
    Closed,
}

/// What became of an allegation, in the words that are used nationally.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::allegation::Outcome")]
pub enum AllegationOutcome {
    /// There is enough to prove it.
    Substantiated,
    /// It is disproved, and was meant to deceive or to harm.
    Malicious,
    /// It is disproved.
    False,
    /// There is not enough to prove or to disprove it.
    Unsubstantiated,
    /// Nothing supports it: it was misread, or who made it was mistaken.
    Unfounded,
}

/// An allegation against a professional, referred to the LADO (WAR-SM-04). Read by who holds that duty in social care, by
/// the Operations Manager who leads, and by the people on its reader list. Who referred it has a receipt: that and when it
/// was sent, and its own text; all else is null and `withheld` names it. To everybody else it does not exist, to whom it
/// is about whatever that person is besides. Nothing of it is read without a reason (REASON_REQUIRED).
pub struct Allegation(pub entity::allegation::Model);

impl Allegation {
    /// Whether the reader reads the whole, or has the receipt.
    async fn is_whole(&self, ctx: &Context<'_>) -> Resolved<bool> {
        let reader = reader(ctx)?;
        if self.0.referred_by != reader.scope().who().practitioner {
            return Ok(true);
        }
        Ok(reader.load(WholeOf(self.0.id)).await?.unwrap_or(false))
    }

    async fn whole<T>(&self, ctx: &Context<'_>, value: T) -> Resolved<Option<T>> {
        Ok(self.is_whole(ctx).await?.then_some(value))
    }
}

fn disclosure(ctx: &Context<'_>, opens: bool) -> Resolved<Opening> {
    Ok(reader(ctx)?.scope().disclosure(None).listed(opens))
}

/// An allegation against a professional, referred to the LADO (WAR-SM-04). Read by who holds that duty in social care, by
/// the Operations Manager who leads, and by the people on its reader list. Who referred it has a receipt: that and when it
/// was sent, and its own text; all else is null and `withheld` names it. To everybody else it does not exist, to whom it
/// is about whatever that person is besides. Nothing of it is read without a reason (REASON_REQUIRED).
#[Object]
impl Allegation {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What is alleged.
    async fn text(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.text.open(&disclosure(ctx, true)?).cloned())
    }

    /// When the agency concerned knew of it.
    async fn known_at(&self) -> DateTime<Utc> {
        self.0.known_at
    }

    /// By when it was to be referred: the end of the first working day after it was known (WAR-SM-04, AMB-51).
    async fn referral_due_at(&self) -> DateTime<Utc> {
        self.0.referral_due_at
    }

    /// When it was referred.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// True if it was referred after `referralDueAt`.
    async fn late(&self) -> bool {
        self.0.received_at > self.0.referral_due_at
    }

    /// Where it stands. Null for who has the receipt.
    async fn status(&self, ctx: &Context<'_>) -> Resolved<Option<AllegationStatus>> {
        self.whole(ctx, self.0.status.into()).await
    }

    /// What became of it; null while it is open, and for who has the receipt.
    async fn outcome(&self, ctx: &Context<'_>) -> Resolved<Option<AllegationOutcome>> {
        let opens = self.is_whole(ctx).await?;
        Ok(self.0.outcome.open(&disclosure(ctx, opens)?).copied().flatten().map(Into::into))
    }

    /// When it was closed. Null for who has the receipt.
    async fn closed_at(&self, ctx: &Context<'_>) -> Resolved<Option<DateTime<Utc>>> {
        Ok(self.whole(ctx, self.0.closed_at).await?.flatten())
    }

    /// Give it back as `expectedVersion` when you change it or its reader list. Null for who has the receipt.
    async fn version(&self, ctx: &Context<'_>) -> Resolved<Option<i64>> {
        self.whole(ctx, self.0.version).await
    }

    /// ALLEGATION for who has the receipt: what is null here may be something.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let opens = self.is_whole(ctx).await?;
        let closed = disclosure(ctx, opens)?.withheld(&[(Category::Allegation, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// The professional it is about.
    async fn subject(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.subject_id)).await
    }

    /// Where that person works.
    async fn subject_agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.subject_agency_id).await
    }

    /// The agency that referred it.
    async fn referring_agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.referring_agency_id).await
    }

    /// Who referred it.
    async fn referred_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.referred_by)).await
    }

    /// The Operations Manager who leads, once named. Null for who has the receipt.
    async fn lead(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        let lead = or_null(ctx, self.whole(ctx, self.0.lead_id).await).flatten();
        practitioner(ctx, lead).await
    }

    /// The child it names, where you work with the child.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        let id = self.0.child_id?;
        loaded(ctx, id, Child).await
    }

    /// Its reader list, now and before: whole for the LADO, your own entry for a reader.
    async fn readers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<ReaderListing>> {
        below(ctx, (ReadersOfAllegation, self.0.id), first, after.as_deref(), ReaderListing).await
    }
}

/// Root fields about allegations.
#[derive(Default)]
pub struct AllegationQuery;

/// Root fields about allegations.
#[Object]
impl AllegationQuery {
    /// An allegation by its global id; NOT_FOUND if it does not exist or is not for you. REASON_REQUIRED without a reason in
    /// X-Access-Reason, whether it exists or not.
    async fn allegation(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Option<Allegation> {
        named(ctx, typed::<AllegationId>(&id, "id"), Allegation).await
    }

    /// The allegations you read or referred, newest first. REASON_REQUIRED without a reason in X-Access-Reason.
    async fn allegations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand so, of those you read in whole; all if left out.")] status: Option<
            AllegationStatus,
        >,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Allegation>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        reader.scope().open_allegations()?;
        let page = reader.scope().page(reader.scope().allegations(status.map(Into::into)), &args).await?;
        Ok(connect::<entity::allegation::Entity, _>(Some(page), &args, Allegation))
    }
}

/// An allegation to be referred.
#[derive(InputObject)]
pub struct ReferAllegationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The professional it is about.
    practitioner_id: ID,
    /// Where that person works.
    agency_id: ID,
    /// The child it names, one you work with. It closes to the professional at once.
    child_id: Option<ID>,
    /// What is alleged; 10,000 characters at most.
    #[graphql(secret)]
    text: String,
    /// When your agency knew of it; not later than now. It is referred within one working day of this; one that comes
    /// later is recorded as late (WAR-SM-04, AMB-51).
    known_at: Instant,
}

/// The referred allegation.
#[derive(SimpleObject)]
pub struct ReferAllegationPayload {
    /// Your receipt; null on a dry run or a refusal.
    allegation: Option<Allegation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Who is to lead on an allegation.
#[derive(InputObject)]
pub struct LeadAllegationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The allegation.
    allegation_id: ID,
    /// The version you read.
    expected_version: i64,
    /// An Operations Manager: who holds the post of a service manager at your agency.
    lead_id: ID,
}

/// The allegation with who leads on it.
#[derive(SimpleObject)]
pub struct LeadAllegationPayload {
    /// The allegation; null on a dry run or a refusal.
    allegation: Option<Allegation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The end of an allegation.
#[derive(InputObject)]
pub struct CloseAllegationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The allegation.
    allegation_id: ID,
    /// The version you read.
    expected_version: i64,
    /// What became of it.
    outcome: AllegationOutcome,
}

/// The closed allegation.
#[derive(SimpleObject)]
pub struct CloseAllegationPayload {
    /// The allegation; null on a dry run or a refusal.
    allegation: Option<Allegation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of allegations.
#[derive(Default)]
pub struct AllegationMutation;

/// Mutations of allegations.
#[Object]
impl AllegationMutation {
    /// Refer an allegation against a professional to the LADO: posts of social care, police, health and schools; nobody
    /// about themselves. The child it names closes to the professional at once, without a word (WAR-SM-04).
    async fn refer_allegation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The allegation.")] input: ReferAllegationInput,
    ) -> Resolved<ReferAllegationPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let refer = actions::allegation::Refer {
            subject: typed(&input.practitioner_id, "input.practitionerId")?,
            agency: typed(&input.agency_id, "input.agencyId")?,
            child: typed_opt(input.child_id.as_ref(), "input.childId")?,
            text: input.text,
            known_at: input.known_at.0,
        };
        let reader = reader(ctx)?;
        let done = actions::allegation::refer(reader.scope(), &write, refer).await;
        let Written { row, user_errors } = finish(&reader, done, AllegationId).await?;
        Ok(ReferAllegationPayload { allegation: row.map(Allegation), user_errors })
    }

    /// Name the Operations Manager who leads on an allegation: the LADO. Whoever led before reads it no longer.
    async fn lead_allegation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who leads.")] input: LeadAllegationInput,
    ) -> Resolved<LeadAllegationPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.allegation_id, "input.allegationId")?;
        let of = Of { id, expected_version: input.expected_version };
        let lead = typed(&input.lead_id, "input.leadId")?;
        let reader = reader(ctx)?;
        let done = actions::allegation::lead(reader.scope(), &write, of, lead).await;
        let Written { row, user_errors } = finish(&reader, done, AllegationId).await?;
        Ok(LeadAllegationPayload { allegation: row.map(Allegation), user_errors })
    }

    /// Close an allegation with its outcome: the LADO, or the Operations Manager who leads. What it closed to the
    /// professional stays closed until a manager who reads the allegation ends that conflict of interest.
    async fn close_allegation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The outcome.")] input: CloseAllegationInput,
    ) -> Resolved<CloseAllegationPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.allegation_id, "input.allegationId")?;
        let of = Of { id, expected_version: input.expected_version };
        let reader = reader(ctx)?;
        let done = actions::allegation::close(reader.scope(), &write, of, input.outcome.into()).await;
        let Written { row, user_errors } = finish(&reader, done, AllegationId).await?;
        Ok(CloseAllegationPayload { allegation: row.map(Allegation), user_errors })
    }
}
