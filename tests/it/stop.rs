//! The real binary is asked to stop, and what its log holds.

use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};

use crate::jobs::report;
use crate::support::Engine;
use crate::support::contents::connect;
use crate::support::node::Node;
use crate::support::server::Place;

const SUBMIT: &str = "mutation Submit($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
  conferenceReport { id } userErrors { code } } }";

async fn open_requests(place: &Place, persona: &str) -> Vec<String> {
    let query = json!({"query": "{ reportRequests(status: OPEN, first: 20) { nodes { id } } }"});
    let (_, open) = place.ask(&place.token(persona), &query).await.unwrap();
    let nodes = open["data"]["reportRequests"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

async fn it_stops_in_order(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let mut server = place.start(60).await;
    let listen = "subscription { events { kind } }";
    let Some(socket) = Node::subscriber(&place.endpoint(), &place.token("police"), listen) else { return };
    assert!(socket.next("connected").await.is_some());
    let token = place.token("police");
    let requests = open_requests(&place, "police").await;
    assert!(requests.len() > 3, "{requests:?}");
    // both workers have opened connections, and are used by both: none may end before the last answer
    let look = json!({"query": "{ viewer { posts } }"});
    join_all((0..24).map(|_| place.ask(&token, &look))).await;
    // a write waits for this transaction, and is in flight for as long as the test likes
    let db = connect(&place.url).await;
    let hold = if engine == Engine::Sqlite {
        "UPDATE feed SET position = position"
    } else {
        "LOCK TABLE idempotency IN ACCESS EXCLUSIVE MODE"
    };
    let transaction = db.begin().await.unwrap();
    transaction.execute_unprepared(hold).await.unwrap();
    let body = |(n, request): (u32, &String)| json!({"query": SUBMIT, "variables": report(request, &format!("6f0d5b0e-1111-4222-8333-{n:012}"))});
    let bodies: Vec<_> = (1..).zip(&requests).map(body).collect();
    let flights = join_all(bodies.iter().map(|body| place.ask(&token, body)));
    let stop = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        server.ask_to_stop();
        let closed = socket.next("closed").await.expect("the socket is closed");
        assert_eq!(closed["code"], 1012, "{closed}");
        // while it still works on the last answers, nobody new comes in
        assert_eq!(status_of(&place, "/health/ready").await, 503);
        assert_eq!(status_of(&place, "/health/live").await, 200);
        let (_, late) = place.ask(&token, &look).await.unwrap();
        assert_eq!(late["errors"][0]["extensions"]["code"], "STORAGE_UNAVAILABLE", "{late}");
        transaction.rollback().await.unwrap();
    };
    let (answers, ()) = tokio::join!(flights, stop);
    for answer in answers {
        let (_, answer) = answer.expect("what was in flight is answered");
        assert_eq!(answer["data"]["submitConferenceReport"]["userErrors"], json!([]), "{answer}");
    }
    let status = server.ended(Duration::from_secs(5)).await.expect("it ends within seconds");
    assert_eq!(status.code(), Some(0));
    assert!(std::net::TcpStream::connect(("127.0.0.1", place.port)).is_err());
}

async fn status_of(place: &Place, path: &str) -> u16 {
    reqwest::get(format!("http://127.0.0.1:{}{path}", place.port)).await.unwrap().status().as_u16()
}

/// Words that stand in no code, schema or demo data.
const CANARIES: [&str; 6] =
    ["Zzcanaryname", "Zzcanaryworry", "Zzcanaryid", "Zzcanaryword", "Zzcanarykey", "Zzcanarylit"];

/// Requests of which each carries a canary; those that name someone, those that write, and those that fail.
fn planted(request: &str) -> Vec<(&'static str, Value)> {
    let find = "query Find($by: FindChildInput!) { findChild(by: $by) { id givenName } }";
    let by = json!({"by": {"nameAndBirthDate": {
        "givenName": "Zzcanaryname", "familyName": "Zzcanaryname", "bornOn": "2019-01-01"}}});
    let with = |path: &str, value: &str| {
        let mut variables = report(request, "6f0d5b0e-1111-4222-8333-444444444444");
        variables["input"][path] = value.into();
        json!({"query": SUBMIT, "variables": variables})
    };
    vec![
        ("school_dsl", json!({"query": find, "variables": by})),
        ("school_dsl", json!({"query": find, "variables": {"by": {"nhsNumber": "Zzcanaryid"}}})),
        ("school_dsl", json!({"query": find, "variables": {"by": {"Zzcanarykey": "Zzcanaryword"}}})),
        ("school_dsl", json!({"query": "{ findChild(by: {localReference: \"Zzcanarylit\"}) { id } }"})),
        ("school_dsl", json!({"query": "{ child(id: \"Zzcanaryid\") { id } }"})),
        ("school_dsl", json!({"query": "{ child(id: \"Zzcanaryid\") { Zzcanaryword } }"})),
        ("school_dsl", json!({"query": "{ child(id: \"Zzcanarylit"})),
        ("school_dsl", json!({"query": "{ children(after: \"Zzcanarylit\") { nodes { id } } }"})),
        ("police", with("sharedWithFamilyOn", "Zzcanaryword")),
        ("police", with("reportRequestId", "Zzcanaryid")),
        ("police", with("idempotencyKey", "Zzcanarykey")),
        ("police", with("recommendation", "Zzcanaryword")),
        ("police", with("worries", "Zzcanaryworry")),
        ("police", with("worries", "Zzcanaryworry, in another text of the same key")),
    ]
}

async fn its_log_names_nobody(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let mut server = place.start(60).await;
    let request = open_requests(&place, "police").await.swap_remove(0);
    let mut ids = Vec::new();
    let (mut done, mut refused) = (0, 0);
    for (persona, body) in planted(&request) {
        let token = place.token(persona);
        let (id, answer) = place.ask(&token, &body).await.unwrap();
        ids.push(id);
        if answer.get("errors").is_none() { done += 1 } else { refused += 1 }
    }
    assert_eq!((done, refused), (1, 13), "one report, and nothing else that anybody may have");
    let (id, _) = place.ask("Zzcanaryword", &json!({"query": "{ viewer { posts } }"})).await.unwrap();
    ids.push(id);
    server.ask_to_stop();
    assert!(server.ended(Duration::from_secs(5)).await.expect("it ends").success());

    let log = std::fs::read_to_string(place.folder.join("err")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("the log is JSON")).collect();
    let said = place.said();
    for canary in CANARIES {
        assert!(!said.to_lowercase().contains(&canary.to_lowercase()), "{canary} is in the log");
    }
    // who asked is not there either, by name or token
    let asked = serde_json::to_string(&lines).unwrap();
    for name in ["Peter Lang", "Karen Holt", &place.token("police")] {
        assert!(!asked.contains(name), "{name} is in the log");
    }
    for id in &ids {
        assert!(lines.iter().any(|line| line["fields"]["request"] == **id), "request {id} left no line");
    }
    // whatever was said while a request was answered tells which
    let first = lines.iter().position(|line| line["fields"]["request"] == *ids[0]).unwrap();
    let of_requests = lines.iter().skip(first).filter(|line| line["target"].as_str().unwrap().starts_with("quorate::"));
    // what is done without being asked belongs to none
    for line in of_requests.filter(|line| line["fields"]["message"] != "upkeep") {
        let id = line["fields"]["request"].as_str().or_else(|| line["span"]["id"].as_str());
        assert!(id.is_some_and(|id| ids.iter().any(|known| known == id)), "without its request: {line}");
    }
}

#[actix_web::test]
async fn in_order_on_sqlite() {
    it_stops_in_order(Engine::Sqlite).await;
}

#[actix_web::test]
async fn in_order_on_postgres() {
    it_stops_in_order(Engine::Postgres).await;
}

#[actix_web::test]
async fn log_on_sqlite() {
    its_log_names_nobody(Engine::Sqlite).await;
}

#[actix_web::test]
async fn log_on_postgres() {
    its_log_names_nobody(Engine::Postgres).await;
}
