//! The demo as the partners' sandbox, over HTTP: its clock moves, what takes days is seen at once, and nobody is signed out.

use chrono::{DateTime, Duration, Utc};
use quorate::clock::Clock;
use serde_json::{Value, json};

use crate::support::node::Node;
use crate::support::server::Place;
use crate::support::{App, Engine};

/// Status and body of the answer to a request of the sandbox.
async fn post(place: &Place, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let url = place.endpoint().replace("/graphql", path);
    let request = reqwest::Client::new().post(url).bearer_auth(token);
    let answer = request.json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn clock(place: &Place, body: Value) -> (u16, Value) {
    post(place, "/sandbox/clock", &place.operator(), &body).await
}

async fn stage(place: &Place, name: &str) -> (u16, Value) {
    post(place, "/sandbox/scenario", &place.operator(), &json!({"name": name})).await
}

async fn data(place: &Place, persona: &str, query: &str, variables: Value) -> Value {
    let (_, body) = place.ask(&place.token(persona), &json!({"query": query, "variables": variables})).await.unwrap();
    assert!(body.get("errors").is_none(), "{persona}: {body}");
    body["data"].clone()
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("no instant: {value}")).parse().unwrap()
}

/// Where a request stands.
async fn status(place: &Place, request: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on ReportRequest { status } } }";
    data(place, "police", query, json!({"id": request})).await["node"]["status"].clone()
}

async fn who_may(place: &Place) {
    let tomorrow = json!({"forward": "1 day"});
    for token in ["", "x", &place.token("service_manager"), &place.token("system_admin")] {
        for path in ["/sandbox/clock", "/sandbox/scenario"] {
            let (status, body) = post(place, path, token, &tomorrow).await;
            assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (401, &json!("UNAUTHENTICATED")), "{body}");
        }
    }
    let wrong = [
        json!({}),
        json!({"to": "tomorrow"}),
        json!({"forward": "3 moons"}),
        json!({"forward": "-1 day"}),
        json!({"forward": "1 day", "to": "2030-01-01T00:00:00Z"}),
        json!({"back": "1 day"}),
        json!({"forward": "400 days"}),
    ];
    for body in wrong {
        assert_eq!(clock(place, body.clone()).await.0, 400, "{body}");
    }
    assert_eq!(stage(place, "lost").await.0, 400);
    // what a foreign page could send without being asked is no request
    let url = place.endpoint().replace("/graphql", "/sandbox/clock");
    let form = reqwest::Client::new().post(url).bearer_auth(place.operator()).header("content-type", "text/plain");
    assert_eq!(form.body(tomorrow.to_string()).send().await.unwrap().status().as_u16(), 400);
}

async fn its_clock_goes_on(place: &Place) {
    let before = Clock::system().now();
    let (status, moved) = clock(place, json!({"forward": "90 minutes"})).await;
    assert_eq!(status, 200, "{moved}");
    let ahead = instant(&moved["now"]) - before;
    assert!((ahead - Duration::minutes(90)).abs() < Duration::minutes(1), "{moved}");
    // the tokens of before are good, though they would have ended by this clock
    data(place, "police", "{ viewer { posts } }", json!({})).await;
    let (status, moved) = clock(place, json!({"to": before + Duration::hours(3)})).await;
    assert_eq!(status, 200, "{moved}");
    let (status, body) = clock(place, json!({"to": before + Duration::hours(2)})).await;
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (409, &json!("CONFLICT")), "{body}");
    data(place, "chair", "{ viewer { posts } }", json!({})).await;
}

async fn what_takes_days_is_seen_at_once(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let server = place.start(60).await;
    who_may(&place).await;
    its_clock_goes_on(&place).await;
    let document = "subscription { events(kinds: [DEADLINE_MISSED]) { kind deadline { reportRequest { id } } } }";
    let listening = Node::subscriber(&place.endpoint(), &place.token("police"), document);
    if let Some(node) = &listening {
        assert!(node.next("connected").await.is_some());
    }
    let (code, due) = stage(&place, "due").await;
    assert_eq!(code, 200, "{due}");
    let request = &due["reportRequestId"];
    assert!(instant(&due["now"]) < instant(&due["dueAt"]));
    assert_eq!(status(&place, request).await, "DUE");
    assert_eq!(stage(&place, "due").await.1["reportRequestId"], *request, "nothing is to be moved");
    let (code, overdue) = stage(&place, "overdue").await;
    assert_eq!((code, &overdue["reportRequestId"]), (200, request), "{overdue}");
    assert_eq!(status(&place, request).await, "OVERDUE");
    if let Some(node) = &listening {
        // the socket that was open goes on, and hears what was missed meanwhile
        loop {
            let heard = node.next_within("next", std::time::Duration::from_secs(10)).await.expect("it was missed");
            if heard["payload"]["data"]["events"]["deadline"]["reportRequest"]["id"] == *request {
                break;
            }
        }
    }
    assert_eq!(stage(&place, "due").await.0, 409, "that is over");
    let (code, released) = stage(&place, "released").await;
    assert_eq!(code, 200, "{released}");
    let reports = released["released"].as_array().unwrap();
    assert!(!reports.is_empty());
    let query = "query($id: ID!) { conferenceReport(id: $id) { state agency { name } } }";
    for report in reports {
        let seen = data(&place, "health_visitor", query, json!({"id": report})).await["conferenceReport"].clone();
        assert_eq!(seen["state"], "RELEASED", "{seen}");
    }
    assert_eq!(stage(&place, "overdue").await.0, 409, "the police have reported");

    // a demo that begins again goes on from where it was
    server.kill();
    let server = place.start(60).await;
    let (_, still) = clock(&place, json!({"forward": "0 days"})).await;
    assert!(instant(&still["now"]) >= instant(&released["now"]), "{still} {released}");
    data(&place, "chair", "{ viewer { posts } }", json!({})).await;
    server.kill();
    let (ended, said) = place.verify();
    assert!(ended.success(), "{said}");
}

#[actix_web::test]
async fn a_sandbox_on_sqlite() {
    what_takes_days_is_seen_at_once(Engine::Sqlite).await;
}

#[actix_web::test]
async fn a_sandbox_on_postgres() {
    what_takes_days_is_seen_at_once(Engine::Postgres).await;
}

/// A demo begins with a scenario where it is told to.
#[actix_web::test]
async fn a_demo_begins_with_a_scenario() {
    let Some(place) = Place::new(Engine::Sqlite).await else { return };
    let _server = place.start_as(60, &["--scenario", "overdue"]).await;
    let query = "{ reportRequests(status: OVERDUE, first: 100) { nodes { conference { status } } } }";
    let overdue = data(&place, "police", query, json!({})).await["reportRequests"]["nodes"].clone();
    let to_come = overdue.as_array().unwrap().iter().filter(|each| each["conference"]["status"] == "SCHEDULED");
    assert!(to_come.count() > 0, "{overdue}");
}

/// A server that is no demo has no sandbox.
async fn nobody_else_has_one(app: App) {
    for path in ["/sandbox/clock", "/sandbox/scenario"] {
        let url = app.endpoint.replace("/graphql", path);
        let request = reqwest::Client::new().post(url).bearer_auth(app.token("service_manager"));
        let answer = request.json(&json!({"forward": "1 day", "name": "due"})).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 404, "{path}");
    }
}

both!(a_server, super::nobody_else_has_one);
