//! Enquiries under section 47: where they stand, who leads them and what they led to.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::category::Depth;

use super::agency::{Practitioner, practitioner};
use super::child::Child;
use super::codes::{EnquiryOutcome, EnquiryStatus, InformationCategory};
use super::record::RecordSummary;
use super::strategy_meeting::StrategyMeeting;
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::global;
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
