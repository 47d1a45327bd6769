//! Guard: what is committed as text is what the code says, and the schema keeps to the conventions that clients and
//! their tools rely on.

use crate::support::walk::Walk;

#[test]
fn the_committed_schema_is_the_one_served() {
    let committed = include_str!("../../schema.graphql");
    assert!(committed == quorate::graphql::sdl(), "run: cargo run -- schema > schema.graphql, and read the difference");
}

/// What stands between the marks of a page.
fn between(page: &str) -> &str {
    let (_, after) = page.split_once("<!-- matrix -->\n").expect("the page has a place for the matrix");
    after.split_once("<!-- /matrix -->").expect("the place has an end").0
}

#[test]
fn the_page_on_access_has_the_matrix_of_the_code() {
    let printed = quorate::policy::disclosure::matrix_as_markdown();
    assert_eq!(between(include_str!("../../docs/access.md")), printed, "run: cargo run -- access-matrix, and copy it");
}

/// A client caches an object by its `id`; what has none says by the end of its name that it is part of another.
#[test]
fn an_object_has_an_id_or_the_name_of_a_part() {
    const PARTS: [&str; 8] = ["Connection", "Edge", "Payload", "Error", "Result", "Summary", "Event", "Bucket"];
    const ALONE: [&str; 4] = ["PageInfo", "Query", "Mutation", "Subscription"];
    let is_part = |name: &str| ALONE.contains(&name) || PARTS.iter().any(|part| name.ends_with(part));
    let walk = Walk::new();
    let objects = walk.objects().into_iter().map(|(name, o)| (name, o.fields.contains_key("id")));
    let wrong: Vec<_> = objects.filter(|(name, has_id)| !has_id && !is_part(name)).map(|(name, _)| name).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
