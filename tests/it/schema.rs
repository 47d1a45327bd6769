//! Guard: what is committed as text is what the code says.

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
