//! Reviews of access.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::id::AccessReviewEntryId;
use uuid::Uuid;

use super::access::may_audit;
use super::agency::{Agency, LocalAuthority, Practitioner, agency, practitioner};
use super::child::Child;
use super::codes::{InvolvementBasis, Post};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::connection::{Connection, connect, page_args};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Fault, Resolved, found};
use crate::graphql::id::{global, typed};

/// What an entry of a review is about.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::access_review_entry::Kind")]
pub enum AccessReviewKind {
    /// A post at an agency.
    Post,
    /// A relationship of a partner agency to a child, without activity for 90 days.
    Relationship,
    /// An emergency access of the quarter.
    Emergency,
    /// A conflict of interest.
    Conflict,
}

/// What is to become of it.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::access_review_entry::Answer")]
pub enum AccessReviewAnswer {
    /// It is needed and stays.
    Keep,
    /// It ends now.
    End,
}

/// The review of a quarter at an authority, issued once the quarter is over. Service managers, privacy officers and
/// auditors see it.
pub struct AccessReview(pub entity::access_review::Model);

/// The review of a quarter at an authority, issued once the quarter is over. Service managers, privacy officers and
/// auditors see it.
#[Object]
impl AccessReview {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The quarter, such as 2026-Q3.
    async fn quarter(&self) -> String {
        let on = self.0.quarter_on;
        format!("{}-Q{}", on.year(), on.month0() / 3 + 1)
    }

    /// The authority.
    async fn local_authority(&self, ctx: &Context<'_>) -> Option<LocalAuthority> {
        loaded(ctx, self.0.local_authority_id, LocalAuthority).await
    }

    /// When it was issued.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }

    /// Until when it can be answered: 20 working days. Relationships nobody has answered about end then.
    async fn answer_by(&self) -> DateTime<Utc> {
        self.0.answer_by
    }

    /// When the relationships nobody had answered about were ended. Null until then.
    async fn suspended_at(&self) -> Option<DateTime<Utc>> {
        self.0.suspended_at
    }

    /// What is to be kept or ended, as far as you oversee it; nothing about yourself.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only entries of this kind.")] kind: Option<AccessReviewKind>,
        #[graphql(desc = "Only those that were answered, or were not.")] answered: Option<bool>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<AccessReviewEntry>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        let listing = reader.scope().review_entries(self.0.id, kind.map(Into::into), answered);
        let page = reader.scope().page(listing, &args).await?;
        Ok(connect::<entity::access_review_entry::Entity, _>(Some(page), &args, AccessReviewEntry))
    }
}

/// One thing that gives or closes access, as it stood when the review was issued.
pub struct AccessReviewEntry(pub entity::access_review_entry::Model);

/// One thing that gives or closes access, as it stood when the review was issued.
#[Object]
impl AccessReviewEntry {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What it is.
    async fn kind(&self) -> AccessReviewKind {
        self.0.kind.into()
    }

    /// The agency whose access it is; of a conflict, the one that recorded it.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// The person, where one is named.
    async fn practitioner(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.practitioner_id).await
    }

    /// The child. Null for a post, and where you do not reach the child.
    async fn child(&self, ctx: &Context<'_>) -> Option<Child> {
        loaded(ctx, self.0.child_id?, Child).await
    }

    /// The post, where it is one.
    async fn post(&self) -> Option<Post> {
        self.0.post.map(Into::into)
    }

    /// The ground of a relationship or an emergency access.
    async fn basis(&self) -> Option<InvolvementBasis> {
        self.0.basis.map(Into::into)
    }

    /// Since when.
    async fn since(&self) -> DateTime<Utc> {
        self.0.since
    }

    /// The answer. Null until there is one.
    async fn answer(&self) -> Option<AccessReviewAnswer> {
        self.0.answer.map(Into::into)
    }

    /// Who answered.
    async fn answered_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, self.0.answered_by).await
    }

    /// When.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// When it was ended because nobody had answered in time. Null otherwise.
    async fn suspended_at(&self) -> Option<DateTime<Utc>> {
        self.0.suspended_at
    }
}

/// An answer to an entry of a review.
#[derive(InputObject)]
pub struct AnswerAccessReviewInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The entry.
    entry_id: ID,
    /// What is to become of it.
    answer: AccessReviewAnswer,
}

/// The answered entry.
#[derive(SimpleObject)]
pub struct AnswerAccessReviewPayload {
    /// The entry as it stands; null on a dry run or a refusal.
    entry: Option<AccessReviewEntry>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Root fields about reviews of access.
#[derive(Default)]
pub struct ReviewQuery;

/// The first day of a quarter that is written like 2026-Q3.
fn first_day(quarter: &str) -> Option<NaiveDate> {
    let (year, number) = quarter.split_once("-Q")?;
    let number: u32 = number.parse().ok().filter(|n| (1..=4).contains(n))?;
    NaiveDate::from_ymd_opt(year.parse().ok().filter(|_| year.len() == 4)?, number * 3 - 2, 1)
}

/// Root fields about reviews of access.
#[Object]
impl ReviewQuery {
    /// The review of a quarter: for service managers, privacy officers and auditors (with a token that says so); for all
    /// others, and where none was issued, NOT_FOUND.
    async fn access_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The quarter, such as 2026-Q3; the newest review if left out.")] quarter: Option<String>,
    ) -> Option<AccessReview> {
        let read = async {
            let wrong = || Fault::argument("quarter", "A quarter is written like 2026-Q3.");
            let quarter = quarter.map(|text| first_day(&text).ok_or_else(wrong)).transpose()?;
            let reader = reader(ctx)?;
            may_audit(ctx, &reader)?;
            Ok(AccessReview(reader.scope().access_review(quarter).await?))
        };
        found(ctx, read.await)
    }
}

/// Mutations of reviews of access.
#[derive(Default)]
pub struct ReviewMutation;

/// Mutations of reviews of access.
#[Object]
impl ReviewMutation {
    /// Keep or end what an entry of a review is about, as a service manager or privacy officer; nobody their own access.
    async fn answer_access_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: AnswerAccessReviewInput,
    ) -> Resolved<AnswerAccessReviewPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.entry_id, "input.entryId")?;
        let reader = reader(ctx)?;
        let done = actions::review::answer(reader.scope(), &write, id, input.answer.into()).await;
        let Written { row, user_errors } = finish(&reader, done, AccessReviewEntryId).await?;
        Ok(AnswerAccessReviewPayload { entry: row.map(AccessReviewEntry), user_errors })
    }
}

#[cfg(test)]
mod tests {
    use super::first_day;

    #[test]
    fn a_quarter_is_one_of_four() {
        assert_eq!(first_day("2026-Q4"), "2026-10-01".parse().ok());
        for text in ["2026-Q0", "2026-Q5", "26-Q1", "2026Q1", "", "2026-Q"] {
            assert_eq!(first_day(text), None, "{text}");
        }
    }
}
