//! Guard: the committed schema is the schema that is served.

#[test]
fn the_committed_schema_is_the_one_served() {
    let committed = include_str!("../../schema.graphql");
    assert!(committed == quorate::graphql::sdl(), "run: cargo run -- schema > schema.graphql, and read the difference");
}
