//! Who asks.

use async_graphql::{Context, Object, SimpleObject};

use super::agency::{Agency, LocalAuthority, Practitioner, agency, practitioner};
use super::codes::Post;
use crate::graphql::context::reader;
use crate::graphql::error::{Resolved, or_null};

/// Who asks, in which post.
#[derive(SimpleObject)]
pub struct ViewerSummary {
    /// The person, or the system that speaks for its agency.
    practitioner: Option<Practitioner>,
    /// The agency of the post.
    agency: Option<Agency>,
    /// The authority the agency works for.
    local_authority: Option<LocalAuthority>,
    /// The posts held, at any agency.
    posts: Vec<Post>,
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
        })
    }
}
