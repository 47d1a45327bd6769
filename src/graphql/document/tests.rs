use async_graphql::{Request, Variables};
use serde_json::{Value, json};

use super::*;

const SDL: &str =
    "type Query { things(first: Int, kind: Kind): ThingConnection! named(name: String!): Thing by(ids: [ID!]!): Thing }
    type ThingConnection { nodes: [Thing!]! }
    type Thing { id: ID! things(first: Int): ThingConnection! }
    enum Kind { RED BLUE }";

fn guard() -> DocumentGuard {
    DocumentGuard::new(SDL, DocumentLimits { cost: 1000, ..DocumentLimits::default() }).unwrap()
}

fn refusal(query: &str, variables: Value) -> Option<(ErrorCode, Option<&'static str>)> {
    let mut request = Request::new(query).variables(Variables::from_json(variables));
    guard().prepare(&mut request).err().map(|error| (error.code, error.limit))
}

#[test]
fn variables_are_coerced_before_anything_runs() {
    let input = Some((ErrorCode::BadUserInput, None));
    let page = "query($n: Int!) { things(first: $n) { nodes { id } } }";
    assert_eq!(refusal(page, json!({"n": 5})), None);
    assert_eq!(refusal(page, json!({})), input);
    assert_eq!(refusal(page, json!({"n": null})), input);
    assert_eq!(refusal(page, json!({"n": "5"})), input);
    assert_eq!(refusal(page, json!({"n": 5_000_000_000_i64})), input);
    let kind = "query($k: Kind) { things(kind: $k) { nodes { id } } }";
    assert_eq!(refusal(kind, json!({"k": "RED"})), None);
    assert_eq!(refusal(kind, json!({"k": "GREEN"})), input);
    assert_eq!(refusal(kind, json!({"unused": 1})), None);
}

/// A document that is measured and does not fit any more is refused quickly, and measures nothing.
#[test]
fn documents_that_are_measured_fit_the_schema() {
    let guard = DocumentGuard::new(&crate::graphql::sdl(), DocumentLimits::default()).unwrap();
    let documents = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/documents")).unwrap();
    let mut read = 0;
    for document in documents {
        let text = std::fs::read_to_string(document.unwrap().path()).unwrap();
        let refused = guard.read(&text).err();
        assert!(refused.is_none(), "{refused:?}: {text}");
        read += 1;
    }
    assert!(read > 5, "{read} documents");
}

#[test]
fn what_the_executor_would_refuse_half_way_is_refused_first() {
    let invalid = Some((ErrorCode::GraphqlValidationFailed, None));
    assert_eq!(refusal("{ by(ids: [1, 9223372036854775807]) { id } }", json!({})), None);
    assert_eq!(refusal("{ by(ids: [1, 99999999999999999999]) { id } }", json!({})), invalid);
    let default = "query($ids: [ID!]! = [99999999999999999999]) { by(ids: $ids) { id } }";
    assert_eq!(refusal(default, json!({})), invalid);
}

#[test]
fn a_refused_variable_is_named_and_its_value_is_not_told() {
    let query = "query($name: String!, $n: Int!) { named(name: $name) { things(first: $n) { nodes { id } } } }";
    let variables = Variables::from_json(json!({"name": "x", "n": "Amelia Harper"}));
    let error = guard().prepare(&mut Request::new(query).variables(variables)).unwrap_err();
    assert_eq!(error.message, "The variable `n` is missing or has not the form of its type `Int!`.");
}

#[test]
fn a_page_costs_the_same_however_it_is_asked_for() {
    let cost = Some((ErrorCode::LimitExceeded, Some("COST")));
    let body = |first: &str| {
        format!("{{ things(first: {first}) {{ nodes {{ things(first: {first}) {{ nodes {{ id }} }} }} }} }}")
    };
    assert_eq!(refusal(&body("100"), json!({})), cost);
    assert_eq!(refusal(&format!("query($n: Int) {}", body("$n")), json!({"n": 100})), cost);
    assert_eq!(refusal(&format!("query($n: Int = 100) {}", body("$n")), json!({})), cost);
    assert_eq!(refusal(&body("10"), json!({})), None);
}

#[test]
fn strings_hide_nothing_from_the_count() {
    let many = "a ".repeat(9000);
    for text in ["\"x\"", "\"\"", "\"\\\"\"", "\"\"\"a\"b\"\"\"", "\"\"\"\\\"\"\" \"\"\"", "\"\"\"\"\"\"", "#\"\n\"\""]
    {
        let query = format!("{{ named(name: {text}) {{ id }} {many} }}");
        assert_eq!(refusal(&query, json!({})), Some((ErrorCode::LimitExceeded, Some("TOKENS"))), "{text}");
    }
    assert_eq!(refusal("{ named(name: \"\"\"{{{ \" [[[\"\"\") { id } }", json!({})), None);
}
