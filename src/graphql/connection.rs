//! Connections: page arguments in, edges out; the paging itself is the store's.

use std::borrow::Cow;

use async_graphql::connection::PageInfo;
use async_graphql::{Context, Object, OutputType, TypeName};

use super::context::reader;
use super::error::{Fault, Resolved};
use crate::store::loaders::{Below, List, RowOf};
use crate::store::page::{Cursor, Listed, Page, PageArgs};

/// Entries on a page where the caller names no number.
pub const DEFAULT_PAGE: i32 = 20;
/// Entries on a page at the most.
pub const MAX_PAGE: i32 = 100;

/// Reads the arguments of a page.
pub fn page_args(first: Option<i32>, after: Option<&str>) -> Resolved<PageArgs> {
    let first = first.unwrap_or(DEFAULT_PAGE);
    let first = u16::try_from(first).ok().filter(|_| (1..=MAX_PAGE).contains(&first));
    let first = first.ok_or_else(|| Fault::argument("first", "A page has 1 to 100 entries."))?;
    let bad = || Fault::argument("after", "This is not a cursor of this API.");
    let after = after.map(|text| Cursor::decode(text).ok_or_else(bad)).transpose()?;
    Ok(PageArgs { first, after })
}

/// One page of a list below a parent, loaded in the batch of its level.
pub async fn below<L: List, N: OutputType>(
    ctx: &Context<'_>,
    (list, parent): (L, L::Parent),
    first: Option<i32>,
    after: Option<&str>,
    wrap: impl Fn(RowOf<L>) -> N,
) -> Resolved<Connection<N>> {
    let args = page_args(first, after)?;
    let page = reader(ctx)?.load(Below { list, parent, args: args.clone() }).await?;
    Ok(connect::<L::Entity, N>(page, &args, wrap))
}

/// A page of rows as a connection of their types.
pub fn connect<E: Listed, N: OutputType>(
    page: Option<Page<E::Model>>,
    args: &PageArgs,
    wrap: impl Fn(E::Model) -> N,
) -> Connection<N> {
    let (rows, more) = page.map_or_else(|| (Vec::new(), false), |page| (page.rows, page.more));
    let edges = rows.into_iter().map(|row| Edge { cursor: E::cursor(&row).encode(), node: wrap(row) }).collect();
    Connection { edges, before: args.after.is_some(), more }
}

/// A page of rows that are all at hand, and not many.
pub fn page_of<E: Listed, N: OutputType>(
    all: &[E::Model],
    first: Option<i32>,
    after: Option<&str>,
    wrap: impl Fn(E::Model) -> N,
) -> Resolved<Connection<N>>
where
    E::Model: Clone,
{
    let args = page_args(first, after)?;
    let begin = match after {
        None => 0,
        Some(after) => {
            let place = all.iter().position(|row| E::cursor(row).encode() == after);
            place.ok_or_else(|| Fault::argument("after", "What stood there is not in this list any more."))? + 1
        }
    };
    let mut rows: Vec<_> = all.iter().skip(begin).take(usize::from(args.first) + 1).cloned().collect();
    let more = rows.len() > usize::from(args.first);
    rows.truncate(usize::from(args.first));
    Ok(connect::<E, N>(Some(Page { rows, more }), &args, wrap))
}

/// A page of a list, as the cursor connections specification has it.
pub struct Connection<N> {
    /// The entries.
    pub edges: Vec<Edge<N>>,
    /// True if entries come before this page.
    pub before: bool,
    /// True if entries follow.
    pub more: bool,
}

/// An entry of a list with its place.
pub struct Edge<N> {
    /// The place.
    pub cursor: String,
    /// The entry.
    pub node: N,
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// A page of a list.
#[Object(name_type)]
impl<N: OutputType> Connection<N> {
    /// The entries with their cursors.
    async fn edges(&self) -> &Vec<Edge<N>> {
        &self.edges
    }

    /// The entries.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where this page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.before,
            has_next_page: self.more,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }
}

/// An entry of a list with its place.
#[Object(name_type)]
impl<N: OutputType> Edge<N> {
    /// Give it as `after` to go on from here.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The entry.
    async fn node(&self) -> &N {
        &self.node
    }
}
