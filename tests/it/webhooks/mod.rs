//! Webhooks: what an agency is sent that cannot hold a connection, in which order, by whose rights, and what becomes of it.

mod failing;
mod keeping;
mod leases;
pub mod processes;
mod sending;

use quorate::live::Passed;
use serde_json::{Value, json};

use crate::support::receiver::Receiver;
use crate::support::{App, key};

const FIELDS: &str = "id url kinds state cursor followedSince secretRotatedAt failingSince attempts nextAttemptAt registeredAt version
  follows { id } deliveries(first: 100) { nodes { id kind messageId cursor state attempts firstAt lastAt statusCode failure } }";

/// What a mutation of webhooks answers.
async fn write(app: &App, persona: &str, mutation: &str, n: u32, input: &Value) -> Value {
    let body = whole(app, persona, mutation, n, input).await;
    assert!(body.get("errors").is_none(), "{persona}: {body}");
    body["data"]["it"].clone()
}

async fn whole(app: &App, persona: &str, mutation: &str, n: u32, input: &Value) -> Value {
    let capital = mutation[..1].to_uppercase() + &mutation[1..];
    let secret = if ["registerWebhook", "rotateWebhookSecret"].contains(&mutation) { "secret" } else { "" };
    let it = if mutation == "replayWebhookDelivery" {
        "delivery { id state }".to_owned()
    } else {
        format!("webhook {{ {FIELDS} }}")
    };
    let query = format!(
        "mutation($input: {capital}Input!) {{ it: {mutation}(input: $input) {{ {it} {secret}
          userErrors {{ field code message }} }} }}"
    );
    let mut input = input.clone();
    input["idempotencyKey"] = key(n).into();
    app.ask(persona, &query, json!({"input": input})).await
}

/// A webhook of somebody's agency.
struct Hook {
    id: Value,
    secret: String,
}

async fn register(app: &App, persona: &str, n: u32, url: &str) -> Hook {
    let done = write(app, persona, "registerWebhook", n, &json!({"url": url})).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    Hook { id: done["webhook"]["id"].clone(), secret: done["secret"].as_str().unwrap().to_owned() }
}

/// A webhook as somebody reads it.
async fn read(app: &App, persona: &str, hook: &Hook) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Webhook {{ {FIELDS} }} }} }}");
    app.data(persona, &query, json!({"id": hook.id})).await["node"].clone()
}

/// Changes a webhook as it stands.
async fn change(app: &App, persona: &str, mutation: &str, n: u32, (hook, more): (&Hook, Value)) -> Value {
    let version = read(app, persona, hook).await["version"].clone();
    let mut input = more;
    input["webhookId"] = hook.id.clone();
    input["expectedVersion"] = version;
    let done = write(app, persona, mutation, n, &input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    done
}

/// Something happens that the own agency alone is told: it names the first child anew.
async fn happen(app: &App, persona: &str, n: u32) {
    let input =
        json!({"idempotencyKey": key(n), "childId": app.first_child(persona).await, "reference": format!("R{n}")});
    let query =
        "mutation($input: SetAgencyReferenceInput!) { it: setAgencyReference(input: $input) { userErrors { code } } }";
    let done = app.data(persona, query, json!({"input": input})).await;
    assert_eq!(done["it"]["userErrors"], json!([]), "{persona}");
}

/// The cursors of what happened behind a place, as somebody reads the feed.
async fn cursors(app: &App, persona: &str, after: &Value) -> Vec<String> {
    let query = "query($after: String) { events(first: 100, after: $after) { nodes { cursor } } }";
    let events = app.data(persona, query, json!({"after": after})).await;
    let nodes = events["events"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["cursor"].as_str().unwrap().to_owned()).collect()
}

/// The cursors of what was sent, in order.
fn sent(receiver: &Receiver) -> Vec<String> {
    receiver.take().iter().map(super::support::receiver::Message::cursor).collect()
}

/// The states of the log, newest first.
fn states(hook: &Value) -> Vec<&str> {
    hook["deliveries"]["nodes"].as_array().unwrap().iter().map(|node| node["state"].as_str().unwrap()).collect()
}

async fn pass(app: &App) -> Passed {
    app.api.send_due().await.unwrap()
}

const fn failed(failed: usize) -> Passed {
    Passed { delivered: 0, failed, dead: 0 }
}

const fn delivered(delivered: usize) -> Passed {
    Passed { delivered, failed: 0, dead: 0 }
}
