//! What a listener loses it does not hear of any more: by the end of the token, of the post, of the relationship, or by
//! a conflict of interest, while the subscription runs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::appointment::Post;
use entity::id::{AgencyId, PractitionerId};
use futures_util::StreamExt as _;
use quorate::auth::Claims;
use quorate::live::{Follow, Hub, Missing, Told, follow};
use quorate::store::Store;
use quorate::store::audit::AuditKey;
use quorate::store::outbox::Wanted;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::jobs::call_meeting;
use crate::support::contents::{Beside, connect};
use crate::support::node::Node;
use crate::support::plant::literal;
use crate::support::{App, key};

const CALLED: &str = "subscription { strategyMeetingCalled { strategyMeeting { id reason } } }";
const EVENTS: &str = "subscription { events { kind involvement { id } coreGroup { id lastMeeting { progress } } } }";
const SOON: Duration = Duration::from_secs(5);

/// A subscription that has begun to listen.
async fn listener(app: &App, token: &str, document: &str) -> Option<Node> {
    let node = Node::subscriber(&app.endpoint, token, document)?;
    assert!(node.next("connected").await.is_some());
    // the operation is told after the connection
    tokio::time::sleep(Duration::from_millis(300)).await;
    Some(node)
}

/// The same over server-sent events, until they end.
fn events(app: &App, token: &str, document: &str) -> tokio::task::JoinHandle<String> {
    let request = reqwest::Client::new().post(&app.endpoint).bearer_auth(token).header("accept", "text/event-stream");
    let request = request.header("content-type", "application/json").body(json!({"query": document}).to_string());
    tokio::spawn(async move { request.send().await.unwrap().text().await.unwrap() })
}

/// Both end within five seconds, as rights end, and have told nothing.
async fn both_end(what: &str, socket: &Node, events: tokio::task::JoinHandle<String>) {
    let closed = socket.next_within("closed", SOON).await.unwrap_or_else(|| panic!("{what}: the socket is closed"));
    assert_eq!(closed["code"], 4403, "{what}: {closed}");
    let told = tokio::time::timeout(SOON, events).await.unwrap_or_else(|_| panic!("{what}: the events end")).unwrap();
    assert!(told.contains("UNAUTHENTICATED") && told.ends_with("event: complete\ndata:\n\n"), "{what}: {told}");
    assert!(!told.contains("strategyMeeting\":{"), "{what}: {told}");
}

async fn change(app: &App, persona: &str, mutation: &str, input: Value) -> Value {
    let capital = mutation[..1].to_uppercase() + &mutation[1..];
    let query =
        format!("mutation($i: {capital}Input!) {{ it: {mutation}(input: $i) {{ userErrors {{ field code }} }} }}");
    let done = app.data(persona, &query, json!({"i": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{mutation}: {input}");
    done
}

async fn with_the_token(app: App) {
    // two seconds of the wall: the clock of the test stands still
    let claims = app.claims("police");
    let token = app.sign(&Claims { exp: claims.iat + 2, ..claims });
    let told = events(&app, &token, CALLED);
    let Some(socket) = listener(&app, &token, CALLED).await else { return };
    call_meeting(&app, &key(1)).await;
    assert!(socket.next("next").await.is_some(), "it hears while the token lasts");
    let closed = socket.next_within("closed", SOON).await.expect("the socket is closed");
    assert_eq!((&closed["code"], &closed["reason"]), (&json!(4403), &json!("Token expired")));
    let told = tokio::time::timeout(SOON, told).await.expect("the events end").unwrap();
    assert!(told.contains("UNAUTHENTICATED") && told.ends_with("event: complete\ndata:\n\n"), "{told}");

    // what happens after the end is not told, whatever else is ready in that moment
    let token = app.token("police");
    let told = events(&app, &token, CALLED);
    let socket = listener(&app, &token, CALLED).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(900));
    call_meeting(&app, &key(2)).await;
    both_end("the token", &socket, told).await;
    assert_eq!(socket.count("next"), 0);
}

/// Something of the standing that ends: how, and how it comes back.
async fn with_the_post(app: App) {
    let db = connect(&app.url).await;
    let claims = app.claims("police");
    let (who, agency) =
        (literal(db.get_database_backend(), claims.sub), literal(db.get_database_backend(), claims.agency_id));
    let change = async |sql: &str| db.execute_unprepared(sql).await.unwrap();
    let post = format!("UPDATE appointment SET ends_at = {{}} WHERE practitioner_id = {who}");
    let person = format!("UPDATE practitioner SET active = {{}} WHERE id = {who}");
    let place = format!("UPDATE agency SET active = {{}} WHERE id = {agency}");
    for (what, sql, ends, lasts) in [
        ("the post", &post, "'2026-11-24T09:00:00+00:00'", "NULL"),
        ("the person", &person, "false", "true"),
        ("the agency", &place, "false", "true"),
    ] {
        let token = app.token("police");
        let told = events(&app, &token, CALLED);
        let Some(socket) = listener(&app, &token, CALLED).await else { return };
        change(&sql.replace("{}", ends)).await;
        both_end(what, &socket, told).await;
        assert_eq!(socket.count("next"), 0);
        let again = Node::subscriber(&app.endpoint, &token, CALLED).unwrap();
        assert_eq!(again.next("closed").await.expect("it cannot come back")["code"], 4403, "{what}");
        change(&sql.replace("{}", lasts)).await;
    }
    // a post that ends on its day, while the token goes on
    change(&post.replace("{}", "'2026-11-24T09:10:00+00:00'")).await;
    let token = app.token("police");
    let told = events(&app, &token, CALLED);
    let socket = listener(&app, &token, CALLED).await.unwrap();
    app.clock.advance(chrono::Duration::minutes(10));
    call_meeting(&app, &key(1)).await;
    both_end("the last day of the post", &socket, told).await;
    assert_eq!(socket.count("next"), 0);
}

/// The core group of the first child, and how its next meeting is recorded.
async fn core_group_meets(app: &App, child: &Value, n: u32, progress: &str) {
    let query = "query($id: ID!) { child(id: $id) { currentPlan { coreGroup { id version
      members { nodes { agency { id } } } } } } }";
    let group =
        app.data("social_worker", query, json!({"id": child})).await["child"]["currentPlan"]["coreGroup"].clone();
    let members = group["members"]["nodes"].as_array().unwrap();
    let agencies: BTreeSet<_> = members.iter().map(|member| member["agency"]["id"].as_str().unwrap()).collect();
    let came: Vec<_> = agencies.into_iter().map(|id| json!({"agencyId": id, "attendance": "IN_PERSON"})).collect();
    let input = json!({"idempotencyKey": key(n), "coreGroupId": group["id"], "expectedVersion": group["version"],
      "heldAt": "2026-11-24T08:00:00Z", "progress": progress, "attendance": came});
    change(app, "social_worker", "recordCoreGroupMeeting", input).await;
}

async fn with_the_relationship(app: App) {
    let db = connect(&app.url).await;
    let child = app.first_child("social_worker").await;
    let Some(school) = listener(&app, &app.token("school_dsl"), EVENTS).await else { return };
    let colleague = listener(&app, &app.token("health_visitor"), EVENTS).await.unwrap();
    core_group_meets(&app, &child, 1, "Before.").await;
    let heard = school.next("next").await.expect("it works with the child");
    assert_eq!(heard["payload"]["data"]["events"]["coreGroup"]["lastMeeting"]["progress"], "Before.");
    assert!(colleague.next("next").await.is_some());
    let place = app.last_event("school_dsl").await.unwrap();

    end_all(&app, &db, "school_dsl").await;
    core_group_meets(&app, &child, 2, "Afterwards.").await;
    let heard = colleague.next("next").await.expect("others hear on");
    assert_eq!(heard["payload"]["data"]["events"]["coreGroup"]["lastMeeting"]["progress"], "Afterwards.");
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(school.count("next"), 0, "nothing of what it lost, on the socket that was open");
    // nor of what was before, for who comes back to a place where it still worked with the child
    let again = EVENTS.replace("events {", &format!("events(after: \"{place}\") {{"));
    let replay = listener(&app, &app.token("school_dsl"), &again).await.unwrap();
    let pull = format!("{{ events(after: \"{place}\") {{ nodes {{ kind }} }} }}");
    assert_eq!(app.data("school_dsl", &pull, json!({})).await["events"]["nodes"], json!([]));

    // it comes back: the socket was open all the time, and tells again
    let input = json!({"idempotencyKey": key(3), "childId": child, "reason": "Is back.",
      "agencyId": app.agency("Warwickshire Oakfield Primary School").await});
    change(&app, "social_worker", "grantInvolvement", input).await;
    for node in [&school, &replay] {
        let heard = node.next("next").await.expect("it hears of its own relationship");
        assert_eq!(heard["payload"]["data"]["events"]["kind"], "INVOLVEMENT_GRANTED");
    }
}

/// What is heard of one child, and only of that one; it ends with the last relationship to it.
async fn with_the_child(app: App) {
    let db = connect(&app.url).await;
    let query = "{ children(first: 2) { nodes { id } } }";
    let children = app.data("social_worker", query, json!({})).await["children"]["nodes"].clone();
    let (child, other) = (&children[0]["id"], &children[1]["id"]);
    let about = |id: &Value| EVENTS.replace("events {", &format!("events(childId: {id}) {{"));
    let token = app.token("school_dsl");
    let told = events(&app, &token, &about(child));
    let Some(school) = listener(&app, &token, &about(child)).await else { return };
    let worker = listener(&app, &app.token("social_worker"), &about(child)).await.unwrap();
    let agency = app.agency("Warwickshire Oakfield Primary School").await;
    let input = json!({"idempotencyKey": key(1), "childId": other, "reason": "Teaches a brother.", "agencyId": agency});
    change(&app, "social_worker", "grantInvolvement", input).await;
    core_group_meets(&app, child, 2, "Before.").await;
    for node in [&school, &worker] {
        let heard = node.next("next").await.expect("it is about the child");
        assert_eq!(heard["payload"]["data"]["events"]["kind"], "CORE_GROUP_MEETING_RECORDED", "and nothing before it");
    }
    let pull = "query($id: ID) { events(first: 100, childId: $id) { nodes { kind } } }";
    let kinds = async |id: &Value| app.data("social_worker", pull, json!({"id": id})).await["events"]["nodes"].clone();
    let holds = |told: &Value, kind: &str| told.as_array().unwrap().iter().any(|event| event["kind"] == kind);
    let (of_it, of_other) = (kinds(child).await, kinds(other).await);
    assert!(holds(&of_it, "CORE_GROUP_MEETING_RECORDED") && !holds(&of_it, "INVOLVEMENT_GRANTED"), "{of_it}");
    assert!(holds(&of_other, "INVOLVEMENT_GRANTED"), "{of_other}");

    end_all(&app, &db, "school_dsl").await;
    let last = school.next_within("next", SOON).await.expect("it is told that it ends");
    assert_eq!(last["payload"]["errors"][0]["extensions"]["code"], "NOT_FOUND", "{last}");
    assert!(school.next_within("complete", SOON).await.is_some());
    let told = tokio::time::timeout(SOON, told).await.expect("the events end").unwrap();
    assert!(told.contains("NOT_FOUND") && told.ends_with("event: complete\ndata:\n\n"), "{told}");
    core_group_meets(&app, child, 3, "Afterwards.").await;
    assert!(worker.next("next").await.is_some(), "others hear on");
    assert_eq!((school.count("next"), school.count("closed")), (0, 0), "the socket is open for other operations");

    // a child that is not seen and one that is not there are refused alike
    let absent = json!(URL_SAFE_NO_PAD.encode(format!("Child:{}", Uuid::from_u128(7))));
    // a busy machine may have sent a sign of life first
    let refused =
        async |id: &Value| events(&app, &token, &about(id)).await.unwrap().trim_start_matches(":\n\n").to_owned();
    let answer = refused(child).await;
    assert!(answer.contains("NOT_FOUND"), "{answer}");
    assert_eq!(answer, refused(&absent).await);
}

/// Ends all that an agency has to do with children, now.
async fn end_all(app: &App, db: &Beside, persona: &str) {
    app.clock.advance(chrono::Duration::minutes(1));
    let agency = literal(db.get_database_backend(), app.claims(persona).agency_id);
    let sql = format!(
        "UPDATE involvement SET ends_at = '2026-11-24T09:00:30+00:00'
         WHERE agency_id = {agency} AND starts_at < '2026-11-24T09:00:30+00:00'"
    );
    db.execute_unprepared(&sql).await.unwrap();
}

/// Somebody else of the police.
async fn colleague(app: &mut App, db: &Beside) {
    let (who, post) = (Uuid::from_u128(rand::random()), Uuid::from_u128(rand::random()));
    let agency = app.claims("police").agency_id;
    let id = |id| literal(db.get_database_backend(), id);
    let person = format!(
        "INSERT INTO practitioner (id, full_name, designation, active) VALUES ({}, 'Jo Fell', 'Constable', true)",
        id(who)
    );
    let post = format!(
        "INSERT INTO appointment (id, practitioner_id, agency_id, post, starts_at)
         VALUES ({}, {}, {}, 'PRACTITIONER', '2026-01-01T00:00:00+00:00')",
        id(post),
        id(who),
        id(agency)
    );
    db.execute_unprepared(&person).await.unwrap();
    db.execute_unprepared(&post).await.unwrap();
    app.enrol("constable", PractitionerId(who), AgencyId(agency), Post::Practitioner);
}

async fn with_a_conflict(mut app: App) {
    let db = connect(&app.url).await;
    colleague(&mut app, &db).await;
    let child = app.first_child("team_manager").await;
    let Some(police) = listener(&app, &app.token("police"), CALLED).await else { return };
    let constable = listener(&app, &app.token("constable"), CALLED).await.unwrap();
    call_meeting(&app, &key(1)).await;
    assert!(police.next("next").await.is_some() && constable.next("next").await.is_some());
    let whom = app.data("police", "{ viewer { practitioner { id } } }", json!({})).await;
    let input = json!({"idempotencyKey": key(2), "childId": child, "kind": "FAMILY", "reason": "A cousin.",
      "practitionerId": whom["viewer"]["practitioner"]["id"]});
    change(&app, "team_manager", "recordConflict", input).await;
    call_meeting(&app, &key(3)).await;
    assert!(constable.next("next").await.is_some(), "a colleague hears on");
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(police.count("next"), 0, "closed to the person it is about");
    assert_eq!(police.count("closed"), 0, "the subscription goes on for all other children");
    let query = "query($id: ID!) { child(id: $id) { conflicts { nodes { id } } } }";
    let conflicts = app.data("team_manager", query, json!({"id": child})).await;
    let id = &conflicts["child"]["conflicts"]["nodes"][0]["id"];
    change(&app, "team_manager", "endConflict", json!({"idempotencyKey": key(4), "conflictId": id})).await;
    app.clock.advance(chrono::Duration::seconds(1));
    call_meeting(&app, &key(5)).await;
    assert!(police.next("next").await.is_some(), "until it is over");
}

/// Events that were read for a listener and wait for it are read anew: a reader that pauses does not keep its rights.
async fn rights_do_not_wait(app: App) {
    let db = connect(&app.url).await;
    let child = app.first_child("social_worker").await;
    for n in 1..=3 {
        core_group_meets(&app, &child, n, "Met.").await;
    }
    let key = AuditKey::load_or_create(&app.audit.key_file).unwrap();
    let store = Store::new(app.database.clone(), app.clock.clone(), key, &app.audit).unwrap();
    let principal = app.verifier().verify(&app.token("school_dsl")).await.unwrap();
    let scope = store.scoped(&principal, Uuid::nil()).await.unwrap();
    let from = scope.feed_position().await.unwrap() - 3;
    let listening = Follow {
        hub: Hub::start(store),
        principal,
        asked: Arc::default(),
        request: Uuid::nil(),
        after: Some(from),
        wanted: Wanted::default(),
        missing: Missing::Ends,
    };
    let mut heard = Box::pin(follow(listening));
    let first = heard.next().await.unwrap().unwrap().0;
    let Told::Event(first, _) = first else { panic!("{first:?}") };
    assert_eq!(first.kind, entity::event::Kind::CoreGroupMeetingRecorded);
    end_all(&app, &db, "school_dsl").await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let next = heard.next().await.unwrap().unwrap().0;
    assert!(matches!(next, Told::Resumed(..)), "two events waited, and are not its any more: {next:?}");
    assert!(tokio::time::timeout(Duration::from_secs(1), heard.next()).await.is_err());
}

both!(a_token, super::with_the_token);
both!(a_post, super::with_the_post);
both!(a_relationship, super::with_the_relationship);
both!(a_child, super::with_the_child);
both!(a_conflict, super::with_a_conflict);
both!(a_pause, super::rights_do_not_wait);
