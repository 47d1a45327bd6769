//! What was taken back ends at once: for the next request, on an open socket, and in a running subscription.

use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

use quorate::auth::Claims;
use serde_json::json;

use crate::jobs::call_meeting;
use crate::support::App;
use crate::support::node::Node;

/// Runs `quorate revoke`; true if it did.
pub fn revoke(app: &App, what: &[&str]) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.arg("revoke").args(["--database-url", &app.url]).args(what);
    command.output().unwrap().status.success()
}

/// A token of the police with an id and a session of its own, issued so many seconds ago.
fn token(app: &App, jti: &str, sid: Option<&str>, seconds_ago: i64) -> String {
    let claims = app.claims("police");
    app.sign(&Claims {
        jti: jti.into(),
        sid: sid.map(str::to_owned),
        iat: claims.iat - seconds_ago,
        exp: claims.exp - seconds_ago,
        ..claims
    })
}

async fn stands(app: &App, token: &str) -> bool {
    let (status, body) = app.post(token, json!({"query": "{ viewer { posts } }"}).to_string()).await;
    if status == 401 {
        assert_eq!(body["errors"][0]["message"], "A valid bearer token of an active post is needed.");
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
    status == 200
}

async fn tokens_sessions_and_persons_are_taken_back(app: App) {
    let (first, second) = (token(&app, "first", Some("desk"), 300), token(&app, "second", Some("desk"), 300));
    let other = token(&app, "other", Some("phone"), 300);
    let bare = token(&app, "desk", None, 300);
    let later = token(&app, "later", None, 10);
    for token in [&first, &second, &other, &bare, &later] {
        assert!(stands(&app, token).await);
    }
    assert!(revoke(&app, &["--jti", "first"]) && revoke(&app, &["--jti", "first"]), "again does no harm");
    assert!(!stands(&app, &first).await);
    assert!(stands(&app, &second).await, "another token of the session stands");
    assert!(revoke(&app, &["--sid", "desk"]));
    assert!(!stands(&app, &second).await);
    // neither a token whose id is the name of the session, nor another session
    assert!(stands(&app, &bare).await && stands(&app, &other).await);

    let person = app.claims("police").sub.to_string();
    // issued at 08:55:00; exactly then is not before
    assert!(revoke(&app, &["--person", &person, "--before", "2026-11-24T08:55:00Z"]));
    assert!(stands(&app, &other).await && stands(&app, &bare).await);
    assert!(revoke(&app, &["--person", &person, "--before", "2026-11-24T08:55:01Z"]));
    assert!(!stands(&app, &other).await && !stands(&app, &bare).await);
    assert!(stands(&app, &later).await, "issued after it");
    // an earlier instant does not take the later one back
    assert!(revoke(&app, &["--person", &person, "--before", "2026-11-24T08:00:00Z"]));
    assert!(!stands(&app, &other).await);
    assert!(stands(&app, &app.token("chair")).await, "nobody else is touched");

    let mutation =
        "mutation($input: ReplyToInvitationInput!) { replyToInvitation(input: $input) { userErrors { code } } }";
    let input = json!({"idempotencyKey": "6f0d5b0e-1111-4222-8333-cccccccccccc", "invitationId": "x",
        "expectedVersion": 1, "reply": "ATTENDING"});
    let (status, _) = app.post(&first, json!({"query": mutation, "variables": {"input": input}}).to_string()).await;
    assert_eq!(status, 401, "a write as well");

    // what cannot be meant is refused, rather than taken for done
    for nothing in [
        &["--person", "6f0d5b0e-1111-4222-8333-dddddddddddd"][..],
        &["--person", "nobody"],
        &["--jti", ""],
        &["--jti", "a", "--sid", "b"],
        &["--jti", "a", "--before", "2026-11-24T08:55:00Z"],
        &[],
    ] {
        assert!(!revoke(&app, nothing), "{nothing:?}");
    }
}

async fn it_costs_no_statement(app: App) {
    let query = json!({"query": "{ __typename }"}).to_string();
    let token = token(&app, "counted", Some("counted"), 0);
    // how many children an agency works with is read once in some minutes
    assert_eq!(app.post(&token, query.clone()).await.0, 200);
    let before = app.statements.load(Ordering::SeqCst);
    assert_eq!(app.post(&token, query).await.0, 200);
    assert_eq!(app.statements.load(Ordering::SeqCst) - before, 1, "posts and revocations are one statement");
}

const LISTEN: &str = "subscription { strategyMeetingCalled { strategyMeeting { id } } }";

async fn what_runs_ends(app: App) {
    let person = app.claims("police").sub.to_string();
    let ways: [(&str, &[&str]); 3] = [
        ("one", &["--jti", "one"]),
        ("two", &["--sid", "session-two"]),
        ("three", &["--person", &person, "--before", "2026-11-24T08:59:00Z"]),
    ];
    let Some(bystander) = Node::persona(&app, "police", LISTEN) else { return };
    assert!(bystander.next("connected").await.is_some());
    for (name, what) in ways {
        let token = token(&app, name, Some(&format!("session-{name}")), 120);
        let socket = Node::subscriber(&app.endpoint, &token, LISTEN).unwrap();
        assert!(socket.next("connected").await.is_some());
        let events = reqwest::Client::new().post(&app.endpoint).bearer_auth(&token);
        let events = events.header("accept", "text/event-stream").header("content-type", "application/json");
        let events = events.body(json!({"query": LISTEN}).to_string()).send().await.unwrap();
        assert_eq!(events.status(), 200);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(revoke(&app, what));
        let closed = socket.next_within("closed", Duration::from_secs(5)).await.expect("the socket is closed");
        assert_eq!(closed["code"], 4403, "{name}: {closed}");
        let told = tokio::time::timeout(Duration::from_secs(5), events.text()).await.expect("the events end").unwrap();
        assert!(told.contains("UNAUTHENTICATED") && told.ends_with("event: complete\ndata:\n\n"), "{name}: {told}");
        // and it cannot come back
        let again = Node::subscriber(&app.endpoint, &token, LISTEN).unwrap();
        let closed = again.next("closed").await.expect("the socket is closed");
        assert_eq!(closed["code"], 4403, "{name}: {closed}");
    }
    call_meeting(&app, "6f0d5b0e-1111-4222-8333-666666666666").await;
    assert!(bystander.next("next").await.is_some(), "another token of the person hears on");
}

/// Nothing runs on the socket: it ends with the next sign of life.
async fn a_silent_socket_ends(app: App) {
    let token = token(&app, "silent", None, 0);
    let Some(socket) = Node::start("silent.mjs", &[&app.endpoint.replace("http", "ws"), &token]) else { return };
    assert!(socket.next("connected").await.is_some());
    assert!(revoke(&app, &["--jti", "silent"]));
    let closed = socket.next_within("closed", Duration::from_secs(16)).await.expect("the socket is closed");
    assert_eq!(closed["code"], 4403);
}

both!(taken_back, super::tokens_sessions_and_persons_are_taken_back);
both!(counted, super::it_costs_no_statement);
both!(running, super::what_runs_ends);
both!(silent, super::a_silent_socket_ends);
