//! Emergency access, what it shows, and its review.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use entity::id::EmergencyAccessId;

use super::agency::{Agency, LocalAuthority, Practitioner, agency, practitioner};
use super::codes::{PlanKind, Sex};
use crate::auth::Grant;
use crate::error::Error;
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::{loaded, named, reader, session};
use crate::graphql::error::{Resolved, or_null};
use crate::graphql::id::{global, typed};
use crate::graphql::scalars::Date;
use crate::policy::emergency::Assurance;
use crate::store::audit::ledger::Opening;
use crate::store::emergency_record::{Contact, EmergencyRecord, RecordOf};
use crate::store::page::Listing;

/// What made it an emergency.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::emergency_access::Reason")]
pub enum EmergencyReason {
    /// The child is in danger now.
    ImmediateDanger,
    /// The child is, or may have to be, in police protection.
    PoliceProtection,
    /// The child came to urgent care.
    UnscheduledCare,
    /// The child is missing, or was found.
    MissingChild,
    /// A referral outside office hours.
    OutOfHoursReferral,
    /// Another reason; the explanation says which.
    Other,
}

/// What the review of a use of emergency access found.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::emergency_access::Outcome")]
pub enum EmergencyReviewOutcome {
    /// It was an emergency, and the essentials were needed.
    Justified,
    /// It was not.
    NotJustified,
}

/// What somebody is to a child whom one calls.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::emergency_record::ContactKind")]
pub enum EmergencyContactKind {
    /// The allocated social worker.
    AllocatedWorker,
    /// The manager of the worker's team.
    TeamManager,
    /// The chair of its conferences.
    Chair,
}

/// A use of emergency access.
pub struct EmergencyAccess(pub entity::emergency_access::Model);

/// What the token of the request says.
pub fn assurance(ctx: &Context<'_>) -> Resolved<Assurance> {
    let principal = session(ctx)?.principal();
    Ok(Assurance { emergency: principal.may(Grant::Emergency), mfa: principal.assurance() == Some("mfa") })
}

fn disclosure(ctx: &Context<'_>) -> Resolved<Opening> {
    Ok(reader(ctx)?.scope().disclosure(None))
}

/// A use of emergency access, whether it found a child or not: that is told to the person alone. Seen by the person, by
/// the privacy officer of the agency (the authority's where it has none), at social care by the managers, and once the
/// review is overdue by the authority's service managers.
#[Object]
impl EmergencyAccess {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What made it an emergency.
    async fn reason(&self) -> EmergencyReason {
        self.0.reason.into()
    }

    /// In the person's words.
    async fn explanation(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.explanation.open(&disclosure(ctx)?).cloned())
    }

    /// Who used it.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.practitioner_id)).await
    }

    /// For which agency.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// When.
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// Until before this instant the person reads the record.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// When its review is due.
    async fn review_due_at(&self) -> DateTime<Utc> {
        self.0.review_due_at
    }

    /// True while it is not reviewed though that is due: the authority's service managers see it as well.
    async fn escalated(&self, ctx: &Context<'_>) -> Resolved<bool> {
        let at = reader(ctx)?.scope().who().at;
        Ok(self.0.reviewed_at.is_none() && self.0.review_due_at <= at)
    }

    /// When it was reviewed; null until then.
    async fn reviewed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reviewed_at
    }

    /// Who reviewed it; null until then.
    async fn reviewed_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.reviewed_by).await
    }

    /// What the review found; null until then.
    async fn outcome(&self) -> Option<EmergencyReviewOutcome> {
        self.0.outcome.map(Into::into)
    }

    /// Why; null until then.
    async fn review_note(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.review_note.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// What it shows: to the person who used it, with a token that allows emergency access, until it expires. Null for all
    /// others, afterwards, and where the locator named no child or not exactly one.
    async fn record(&self, ctx: &Context<'_>) -> Option<EmergencySummary> {
        or_null(ctx, self.shown(ctx).await)
    }
}

impl EmergencyAccess {
    async fn shown(&self, ctx: &Context<'_>) -> Resolved<Option<EmergencySummary>> {
        let reader = reader(ctx)?;
        if self.0.practitioner_id != reader.scope().who().practitioner {
            return Ok(None);
        }
        if !assurance(ctx)?.suffices() {
            return Err(Error::Denied("The token does not allow emergency access.").into());
        }
        Ok(reader.load(RecordOf(self.0.id)).await?.map(EmergencySummary))
    }
}

/// The essentials of a child for an emergency.
pub struct EmergencySummary(EmergencyRecord);

/// The essentials of a child for an emergency: who it is, whether there is a plan, what is feared, whom to call. Never an
/// address, nor anything of the household, intelligence, health, law or restricted sections; it opens nothing else.
#[Object]
impl EmergencySummary {
    /// Given name. Null where withheld.
    async fn given_name(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.child.given_name.open(&disclosure(ctx)?).cloned())
    }

    /// Family name. Null where withheld.
    async fn family_name(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.child.family_name.open(&disclosure(ctx)?).cloned())
    }

    /// Date of birth. Null where withheld.
    async fn born_on(&self, ctx: &Context<'_>) -> Resolved<Option<Date>> {
        Ok(self.0.child.born_on.open(&disclosure(ctx)?).copied().flatten().map(Date))
    }

    /// Sex as in the national returns.
    async fn sex(&self) -> Sex {
        self.0.child.sex.into()
    }

    /// NHS number, ten digits. Null where unknown or withheld.
    async fn nhs_number(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.child.nhs_number.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// The authority's own reference, to name the child by on the telephone.
    async fn local_reference(&self) -> &str {
        &self.0.child.local_reference
    }

    /// The authority whose child it is.
    async fn local_authority(&self, ctx: &Context<'_>) -> Option<LocalAuthority> {
        loaded(ctx, self.0.child.local_authority_id, LocalAuthority).await
    }

    /// The kind of the plan that is open now; null where there is none.
    async fn plan_kind(&self) -> Option<PlanKind> {
        self.0.plan.as_ref().map(|plan| plan.kind.into())
    }

    /// The day it started; null where there is none.
    async fn plan_starts_on(&self) -> Option<Date> {
        self.0.plan.as_ref().map(|plan| Date(plan.starts_on))
    }

    /// What is feared. Null where no plan says it, or withheld.
    async fn danger_statement(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        let Some(plan) = &self.0.plan else { return Ok(None) };
        Ok(plan.danger_statement.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// What keeps the child safe. Null where no plan says it, or withheld.
    async fn safety_statement(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        let Some(plan) = &self.0.plan else { return Ok(None) };
        Ok(plan.safety_statement.open(&disclosure(ctx)?).cloned().flatten())
    }

    /// Whom to call: allocated workers, the managers of their teams, the chair. Nobody whose agency would tell where a
    /// child with a protected address is.
    async fn contacts(&self) -> Vec<EmergencyContactSummary> {
        self.0.contacts.iter().copied().map(EmergencyContactSummary).collect()
    }
}

/// Somebody to call about a child.
pub struct EmergencyContactSummary(Contact);

/// Somebody to call about a child; the agency's desk has an address.
#[Object]
impl EmergencyContactSummary {
    /// What they are to the child.
    async fn kind(&self) -> EmergencyContactKind {
        self.0.kind.into()
    }

    /// Who.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.practitioner)).await
    }

    /// Where.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency).await
    }
}

/// Root fields about emergency access.
#[derive(Default)]
pub struct EmergencyQuery;

/// Root fields about emergency access.
#[Object]
impl EmergencyQuery {
    /// A use of emergency access by its global id; NOT_FOUND for all but the person and those who review it.
    async fn emergency_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Option<EmergencyAccess> {
        named(ctx, typed::<EmergencyAccessId>(&id, "id"), EmergencyAccess).await
    }

    /// Your own uses of emergency access, and those that are yours to review, newest first.
    async fn emergency_accesses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<EmergencyAccess>> {
        let args = page_args(first, after.as_deref())?;
        let page = reader(ctx)?.scope().page(Listing::<entity::emergency_access::Entity>::whole(), &args).await?;
        Ok(connect::<entity::emergency_access::Entity, _>(Some(page), &args, EmergencyAccess))
    }
}
