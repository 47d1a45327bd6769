//! Enquiries under section 47: where they stand, who leads them and what they led to.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::Depth;
use entity::id::EnquiryId;
use uuid::Uuid;

use super::agency::{Practitioner, practitioner};
use super::child::Child;
use super::codes::{EnquiryOutcome, EnquiryStatus, InformationCategory};
use super::record::RecordSummary;
use super::strategy_meeting::StrategyMeeting;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed};
use crate::store::record::RecordId;

/// An enquiry under section 47 about one child.
pub struct Enquiry(pub entity::enquiry::Model);

/// An enquiry under section 47 of the Children Act 1989 about one child. The single assessment starts with it (WAR-S47-14).
#[Object]
impl Enquiry {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// When it began, and the single assessment with it.
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// Where it stands.
    async fn status(&self) -> EnquiryStatus {
        self.0.status.into()
    }

    /// When the enquiries were complete.
    async fn completed_at(&self) -> Option<DateTime<Utc>> {
        self.0.completed_at
    }

    /// What it led to. Null until it is agreed, or withheld.
    async fn outcome(&self, ctx: &Context<'_>) -> Resolved<Option<EnquiryOutcome>> {
        let outcome = self.0.outcome.open(&reader(ctx)?.scope().disclosure(None)).copied().flatten();
        Ok(outcome.map(Into::into))
    }

    /// Categories your role may not read here in full: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let category = entity::category::Category::SocialCareAssessment;
        let closed = reader(ctx)?.scope().disclosure(None).withheld(&[(category, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// When the line manager agreed the outcome.
    async fn agreed_at(&self) -> Option<DateTime<Utc>> {
        self.0.agreed_at
    }

    /// The line manager who agreed it.
    async fn agreed_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.agreed_by).await
    }

    /// The social worker who leads it and answers for its record (WAR-S47-03).
    async fn lead(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.lead_id)).await
    }

    /// The child.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// The strategy meeting that began it, for those who were asked to that.
    async fn strategy_meeting(&self, ctx: &Context<'_>) -> Option<StrategyMeeting> {
        loaded(ctx, self.0.strategy_meeting_id, StrategyMeeting).await
    }

    /// What stands on its record, and what is missing.
    async fn record(&self) -> RecordSummary {
        RecordSummary(RecordId::Enquiry(self.0.id))
    }

    /// Give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Who is to lead an enquiry.
#[derive(InputObject)]
pub struct LeadEnquiryInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The enquiry.
    enquiry_id: ID,
    /// The version you read.
    expected_version: i64,
    /// A social worker of your agency who is allocated to the child (WAR-S47-01).
    lead_id: ID,
}

/// The enquiry with who leads it.
#[derive(SimpleObject)]
pub struct LeadEnquiryPayload {
    /// The enquiry; null on a dry run or a refusal.
    enquiry: Option<Enquiry>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of enquiries.
#[derive(Default)]
pub struct EnquiryMutation;

/// Mutations of enquiries.
#[Object]
impl EnquiryMutation {
    /// Name the social worker who leads an enquiry from now on: a manager, once the worker is allocated to the child, until the
    /// outcome is agreed. What its record says of the lead (LEAD_QUALIFIED, LEAD_NEWLY_QUALIFIED, LEAD_SUPPORTED_BY), and
    /// the answer of the lead for it (RECORD_ACCURATE), are taken back and asked for anew (WAR-S47-02, WAR-S47-03). Who works with the child hears of it as ENQUIRY_LEAD_NAMED.
    async fn lead_enquiry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who leads.")] input: LeadEnquiryInput,
    ) -> Resolved<LeadEnquiryPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let lead = actions::leading::Lead {
            id: typed(&input.enquiry_id, "input.enquiryId")?,
            expected_version: input.expected_version,
            lead: typed(&input.lead_id, "input.leadId")?,
        };
        let reader = reader(ctx)?;
        let done = actions::leading::lead_enquiry(reader.scope(), &write, lead).await;
        let Written { row, user_errors } = finish(&reader, done, EnquiryId).await?;
        Ok(LeadEnquiryPayload { enquiry: row.map(Enquiry), user_errors })
    }
}
