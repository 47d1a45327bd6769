//! Episodes of need, from a referral to the closing of the case, and their assessments.

use async_graphql::{Context, ID, Object};
use entity::category::{Category, Depth};

use super::agency::{Practitioner, practitioner};
use super::child::Child;
use super::codes::{ClosureReason, EpisodeStatus, InformationCategory, PrimaryNeed, ReferralSource};
use crate::graphql::connection::{Connection, below};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::global;
use crate::graphql::scalars::Date;
use crate::store::audit::ledger::Opening;
use crate::store::loaders::AssessmentsOfEpisode;

/// An episode of need.
pub struct Episode(pub entity::episode::Model);

fn disclosure(ctx: &Context<'_>) -> Resolved<Opening> {
    Ok(reader(ctx)?.scope().disclosure(None))
}

/// An episode of need about one child: from its referral to social care to the closing of the case. Its dates obey the rules
/// of the national return for children in need.
#[Object]
impl Episode {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The child.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// The day of the referral.
    async fn referred_on(&self) -> Date {
        Date(self.0.referred_on)
    }

    /// Who referred the child. Null where withheld.
    async fn source(&self, ctx: &Context<'_>) -> Resolved<Option<ReferralSource>> {
        Ok(self.0.source.open(&disclosure(ctx)?).copied().map(Into::into))
    }

    /// What the child needs help for in the first place. Null where withheld.
    async fn need(&self, ctx: &Context<'_>) -> Resolved<Option<PrimaryNeed>> {
        Ok(self.0.need.open(&disclosure(ctx)?).copied().map(Into::into))
    }

    /// Where the case stands.
    async fn status(&self) -> EpisodeStatus {
        self.0.status.into()
    }

    /// The day the case was closed.
    async fn closed_on(&self) -> Option<Date> {
        self.0.closed_on.map(Date)
    }

    /// Why it was closed. Null while it is open, or where withheld.
    async fn closed_because(&self, ctx: &Context<'_>) -> Resolved<Option<ClosureReason>> {
        Ok(self.0.closed_because.open(&disclosure(ctx)?).copied().flatten().map(Into::into))
    }

    /// Categories your role may not read here in full: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = disclosure(ctx)?.withheld(&[(Category::SocialCareAssessment, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// The assessments made in it, newest first.
    async fn assessments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Assessment>> {
        below(ctx, (AssessmentsOfEpisode, self.0.id), first, after.as_deref(), Assessment).await
    }

    /// Who recorded the referral.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.recorded_by)).await
    }

    /// Give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// An assessment.
pub struct Assessment(pub entity::assessment::Model);

/// An assessment of a child in an episode of need. One at a time (rule 8896 of the national return).
#[Object]
impl Assessment {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The child.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id, Child).await
    }

    /// The episode it was made in.
    async fn episode(&self, ctx: &Context<'_>) -> Option<Episode> {
        loaded(ctx, self.0.episode_id, Episode).await
    }

    /// The day it began.
    async fn started_on(&self) -> Date {
        Date(self.0.started_on)
    }

    /// The day it was authorised.
    async fn completed_on(&self) -> Option<Date> {
        self.0.completed_on.map(Date)
    }

    /// Who recorded that it began.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.recorded_by)).await
    }

    /// Give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}
