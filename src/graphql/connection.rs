//! Connections: page arguments in, edges out; the paging itself is the store's.

use async_graphql::OutputType;
use async_graphql::connection::{Connection, Edge};

use super::error::{Fault, Resolved};
use crate::store::page::{Cursor, Listed, Page, PageArgs};

/// Entries on a page where the caller names no number.
pub const DEFAULT_PAGE: i32 = 20;
/// Entries on a page at the most.
pub const MAX_PAGE: i32 = 100;

/// Reads the arguments of a page.
pub fn page_args(first: Option<i32>, after: Option<&str>) -> Resolved<PageArgs> {
    let first = first.unwrap_or(DEFAULT_PAGE);
    let first = u16::try_from(first).ok().filter(|n| (1..=100).contains(n));
    let first = first.ok_or_else(|| Fault::argument("first", "A page has 1 to 100 entries."))?;
    let bad = || Fault::argument("after", "This is not a cursor of this API.");
    let after = after.map(|text| Cursor::decode(text).ok_or_else(bad)).transpose()?;
    Ok(PageArgs { first, after })
}

/// A page of rows as a connection of their types.
pub fn connect<E: Listed, N: OutputType>(
    page: Option<Page<E::Model>>,
    args: &PageArgs,
    wrap: impl Fn(E::Model) -> N,
) -> Connection<String, N> {
    let (rows, more) = page.map_or_else(|| (Vec::new(), false), |page| (page.rows, page.more));
    let mut connection = Connection::new(args.after.is_some(), more);
    connection.edges.extend(rows.into_iter().map(|row| {
        let cursor = E::cursor(&row).encode();
        Edge::new(cursor, wrap(row))
    }));
    connection
}
