//! Who asks.

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::agency::{Agency, LocalAuthority, Practitioner, agency, practitioner};
use super::codes::{InformationCategory, Post};
use super::designation::DesignationKind;
use crate::graphql::context::reader;
use crate::graphql::error::{Resolved, or_null};
use crate::policy::disclosure::{CATEGORIES, Cell, cell};

/// What a role may read of a category, on the rows it reaches: a cell of the access matrix.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Cell")]
pub enum CategoryAccess {
    /// Reads and writes.
    Write,
    /// Reads.
    Full,
    /// Reads what is released or circulated.
    Released,
    /// Reads the agency's own items only.
    Own,
    /// Writes the agency's own items, reads what others released.
    OwnAndReleased,
    /// Reads the summary or flag.
    Summary,
    /// Reads an item only if on its reader list.
    Listed,
    /// Writes its agency's own items, reads others only if on their reader lists.
    ListedAndOwn,
    /// Counts only, 1 to 5 suppressed.
    Aggregate,
    /// Nothing.
    Nothing,
}

/// A row of the access matrix for one role: what it may read of one kind of information.
#[derive(SimpleObject)]
pub struct AccessSummary {
    /// The kind of information.
    category: InformationCategory,
    /// What the role may read of it.
    access: CategoryAccess,
}

/// Who asks, in which post.
#[derive(SimpleObject)]
pub struct ViewerSummary {
    /// The person, or the system that speaks for its agency.
    practitioner: Option<Practitioner>,
    /// The agency of the post.
    agency: Option<Agency>,
    /// The authority the agency works for.
    local_authority: Option<LocalAuthority>,
    /// The posts held now, at any agency.
    posts: Vec<Post>,
    /// The duties you hold now at the agency of the post.
    designations: Vec<DesignationKind>,
    /// What the role of this request may read, a row for each category: what says NOTHING here never comes, so that a
    /// screen can leave it out. From role alone; which rows are reached is another matter.
    access: Vec<AccessSummary>,
}

/// Root fields about the caller.
#[derive(Default)]
pub struct ViewerQuery;

/// Root fields about the caller.
#[Object]
impl ViewerQuery {
    /// Who you are, as the token and the record of posts say.
    async fn viewer(&self, ctx: &Context<'_>) -> Resolved<ViewerSummary> {
        let reader = reader(ctx)?;
        let who = reader.scope().who();
        let posts = reader.scope().own_posts().await?;
        Ok(ViewerSummary {
            practitioner: practitioner(ctx, Some(who.practitioner)).await,
            agency: agency(ctx, who.agency).await,
            local_authority: or_null(ctx, reader.load(who.authority).await.map(|row| row.map(LocalAuthority))),
            posts: posts.into_iter().map(|row| row.post.into()).collect(),
            designations: who.duties().map(Into::into).collect(),
            access: CATEGORIES
                .into_iter()
                .map(|category| AccessSummary { category: category.into(), access: cell(who.role, category).into() })
                .collect(),
        })
    }
}
