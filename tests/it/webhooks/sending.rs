//! What is sent, to whom, in which order.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quorate::demo;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::{Hook, change, cursors, delivered, happen, pass, read, register, sent, states, write};
use crate::revocation::revoke;
use crate::support::contents::{connect, number, texts};
use crate::support::node::Node;
use crate::support::receiver::{Message, Receiver};
use crate::support::{App, here, metrics};

/// The signature of a message by a secret, as the specification has it.
fn signature(secret: &str, message: &Message) -> String {
    let secret = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let text = format!("{}.{}.{}", message.id, message.timestamp, message.body);
    format!("v1,{}", STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), text.as_bytes())))
}

async fn it_is_sent_what_its_person_may_see(app: App) {
    let receiver = Receiver::start();
    happen(&app, "school_dsl", 1).await;
    let hook = register(&app, "school_dsl", 2, &receiver.url()).await;
    let start = read(&app, "school_dsl", &hook).await["cursor"].clone();
    assert_eq!(pass(&app).await, delivered(0), "from now on");
    happen(&app, "school_dsl", 3).await;
    happen(&app, "police", 4).await;
    happen(&app, "school_dsl", 5).await;
    assert_eq!(pass(&app).await, delivered(2));
    let messages = receiver.take();
    let told: Vec<_> = messages.iter().map(Message::cursor).collect();
    assert_eq!(told, cursors(&app, "school_dsl", &start).await, "in the order of the feed, and nothing else");
    let child = app.first_child("school_dsl").await;
    for message in &messages {
        assert_eq!(message.content_type, "application/json");
        let keys =
            ["\"type\":\"AGENCY_REFERENCE_SET\",\"timestamp\":\"2026-11-24T09:00:00Z\"", "\"data\":{\"cursor\":"];
        assert!(keys.iter().all(|part| message.body.contains(part)), "{}", message.body);
        assert_eq!(message.json()["data"]["about"], json!([child]));
        assert_eq!(message.json().as_object().unwrap().len(), 3);
        assert_eq!(message.json()["data"].as_object().unwrap().len(), 2);
        for word in [demo::first_nhs_number(), "\"R3\"".into(), "\"R5\"".into()] {
            assert!(!message.body.contains(&word));
        }
        assert_eq!(message.timestamp, app.clock.now().timestamp().to_string());
        assert_eq!(message.signature, signature(&hook.secret, message));
    }
    let now = read(&app, "school_dsl", &hook).await;
    assert_eq!(states(&now), ["DELIVERED", "DELIVERED"]);
    let log = now["deliveries"]["nodes"].as_array().unwrap();
    // made at one instant, they stand in any order
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let logged: BTreeSet<_> = log.iter().map(|row| (text(&row["messageId"]), text(&row["cursor"]))).collect();
    assert_eq!(logged, messages.iter().map(|message| (message.id.clone(), message.cursor())).collect());
    assert_eq!((&log[0]["statusCode"], &log[0]["attempts"]), (&json!(200), &json!(1)));
    assert_eq!(pass(&app).await, delivered(0), "once");
    // a listener would leave the same trace
    let db = connect(&app.url).await;
    let traces = "SELECT resource FROM audit WHERE kind = 'webhook'";
    assert_eq!(texts(&db, traces).await, ["Event", "Event"]);
    let figures = metrics(&app.at("/metrics")).await;
    assert!(figures.contains("\nquorate_webhooks_delivered_total 2\n"), "{figures}");
}

both!(its_person, super::it_is_sent_what_its_person_may_see);

async fn only_the_kinds_it_is_for(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    change(
        &app,
        "school_dsl",
        "changeWebhook",
        2,
        (&hook, json!({"kinds": ["CONFERENCE_SCHEDULED", "DEADLINE_MISSED"]})),
    )
    .await;
    happen(&app, "school_dsl", 3).await;
    assert_eq!(pass(&app).await, delivered(0));
    let now = read(&app, "school_dsl", &hook).await;
    assert_eq!(now["kinds"], json!(["CONFERENCE_SCHEDULED", "DEADLINE_MISSED"]));
    assert_eq!(cursors(&app, "school_dsl", &now["cursor"]).await, Vec::<String>::new(), "it goes along all the same");
    change(&app, "school_dsl", "changeWebhook", 4, (&hook, json!({"kinds": []}))).await;
    assert_eq!(read(&app, "school_dsl", &hook).await["kinds"], Value::Null);
    happen(&app, "school_dsl", 5).await;
    app.clock.advance(chrono::Duration::seconds(1));
    assert_eq!(pass(&app).await, delivered(1));
}

both!(kinds, super::only_the_kinds_it_is_for);

async fn two_servers_send_nothing_twice(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    let start = read(&app, "school_dsl", &hook).await["cursor"].clone();
    let (one, other) = (app.sender(here()), app.sender(here()));
    receiver.takes(Duration::from_millis(40));
    for n in 0..8 {
        happen(&app, "school_dsl", 10 + n).await;
    }
    let (a, b) = tokio::join!(one.send_due(), other.send_due());
    assert_eq!(a.unwrap().delivered + b.unwrap().delivered, 8);
    assert_eq!(sent(&receiver), cursors(&app, "school_dsl", &start).await, "in order, each once");
    assert_eq!(receiver.most_at_once(), 1, "one at a time");
    // one that starts anew goes on where the others were
    let after = read(&app, "school_dsl", &hook).await["cursor"].clone();
    happen(&app, "school_dsl", 30).await;
    assert_eq!(app.sender(here()).send_due().await.unwrap(), delivered(1));
    assert_eq!(sent(&receiver), cursors(&app, "school_dsl", &after).await);
}

both!(two_servers, super::two_servers_send_nothing_twice);

async fn what_a_dead_server_held_is_sent_by_another(app: App) {
    let receiver = Receiver::start();
    register(&app, "school_dsl", 1, &receiver.url()).await;
    happen(&app, "school_dsl", 2).await;
    receiver.takes(Duration::from_secs(8));
    let dying = app.sender(here());
    // it goes while it sends
    assert!(tokio::time::timeout(Duration::from_secs(2), dying.send_due()).await.is_err());
    receiver.takes(Duration::ZERO);
    assert_eq!(pass(&app).await, delivered(0), "it is the other's still");
    app.clock.advance(chrono::Duration::seconds(61));
    assert_eq!(pass(&app).await, delivered(1));
    let ids: Vec<_> = receiver.take().into_iter().map(|message| message.id).collect();
    assert!(ids.windows(2).all(|two| two[0] == two[1]), "the receiver knows it by its id: {ids:?}");
}

both!(a_dead_server, super::what_a_dead_server_held_is_sent_by_another);

async fn it_is_sent_as_it_happens(app: App) {
    let receiver = Receiver::start();
    register(&app, "school_dsl", 1, &receiver.url()).await;
    // one that heard of nothing looks by itself
    app.sender(here()).send_on();
    for n in 0..3 {
        happen(&app, "school_dsl", 10 + n).await;
        let mut waited = 0;
        while receiver.take().is_empty() {
            assert!(waited < 60, "nothing was sent within three seconds");
            waited += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

both!(as_it_happens, super::it_is_sent_as_it_happens);

/// One that rests, because what happened was not for it, is woken by what is: its clock stands, so that no rest comes to its end.
async fn one_that_rests_is_woken(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    app.api.send_on();
    for n in 0..4 {
        let before = read(&app, "school_dsl", &hook).await["cursor"].clone();
        happen(&app, "police", 10 + n).await;
        soon("it is looked at", async || read(&app, "school_dsl", &hook).await["cursor"] != before).await;
        happen(&app, "school_dsl", 20 + n).await;
        soon("it is sent", async || !receiver.take().is_empty()).await;
    }
    // who rests is no subscription
    assert!(metrics(&app.at("/metrics")).await.contains("\nquorate_feed_listeners 0\n"));
}

async fn soon(what: &str, holds: impl AsyncFn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(3), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

both!(woken, super::one_that_rests_is_woken);

/// With its status a message is taken, whatever becomes of the rest of the answer.
async fn an_answer_that_never_ends(app: App) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/hook", door.local_addr().unwrap().port());
    let hook = register(&app, "school_dsl", 1, &url).await;
    happen(&app, "school_dsl", 2).await;
    let answers = tokio::spawn(async move {
        let (mut caller, _) = door.accept().await.unwrap();
        let mut asked = vec![0; 64 * 1024];
        assert!(caller.read(&mut asked).await.unwrap() > 0);
        caller.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nx").await.unwrap();
        // the connection stays, and nothing more comes on it
        std::future::pending::<()>().await;
    });
    let begun = std::time::Instant::now();
    assert_eq!(pass(&app).await, delivered(1));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(states(&read(&app, "school_dsl", &hook).await), ["DELIVERED"]);
    answers.abort();
}

both!(an_answer, super::an_answer_that_never_ends);

async fn many_are_sent_to_side_by_side(app: App) {
    let receiver = Receiver::start();
    for n in 0..5 {
        register(&app, "school_dsl", n, &format!("{}/{n}", receiver.url())).await;
    }
    for n in 0..3 {
        happen(&app, "school_dsl", 10 + n).await;
    }
    receiver.takes(Duration::from_millis(30));
    assert_eq!(pass(&app).await, delivered(15));
    assert!((2..=5).contains(&receiver.most_at_once()), "{}", receiver.most_at_once());
    let messages = receiver.take();
    let of = |n: u32| messages.iter().filter(move |message| message.path == format!("/hook/{n}")).map(Message::cursor);
    for n in 0..5 {
        assert_eq!(of(n).collect::<Vec<_>>(), of(0).collect::<Vec<_>>(), "each in order");
    }
}

both!(side_by_side, super::many_are_sent_to_side_by_side);

async fn a_new_secret(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    let rotated = change(&app, "school_dsl", "rotateWebhookSecret", 2, (&hook, json!({}))).await;
    let new = rotated["secret"].as_str().unwrap().to_owned();
    assert_ne!(new, hook.secret);
    happen(&app, "school_dsl", 3).await;
    assert_eq!(pass(&app).await, delivered(1));
    let both = receiver.take().remove(0);
    assert_eq!(both.signature, format!("{} {}", signature(&new, &both), signature(&hook.secret, &both)));
    app.clock.advance(chrono::Duration::hours(24));
    happen(&app, "school_dsl", 4).await;
    assert_eq!(pass(&app).await, delivered(1));
    let one = receiver.take().remove(0);
    assert_eq!(one.signature, signature(&new, &one));
    // by what receivers use
    for (message, secret, holds) in
        [(&both, &hook.secret, true), (&both, &new, true), (&one, &new, true), (&one, &hook.secret, false)]
    {
        if let Some(said) = checked(secret, message, &message.body).await {
            assert_eq!(said["verified"], holds, "{said}");
        }
    }
    if let Some(said) = checked(&new, &one, &one.body.replace("2026", "2027")).await {
        assert_eq!(said["verified"], false, "{said}");
    }
}

/// Several changes in a day leave no receiver out: all secrets of that day sign, five at the most.
async fn several_new_secrets(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    let mut secrets = vec![hook.secret.clone()];
    for n in 2..6 {
        app.clock.advance(chrono::Duration::minutes(1));
        let rotated = change(&app, "school_dsl", "rotateWebhookSecret", n, (&hook, json!({}))).await;
        secrets.insert(0, rotated["secret"].as_str().unwrap().to_owned());
    }
    happen(&app, "school_dsl", 6).await;
    assert_eq!(pass(&app).await, delivered(1));
    let message = receiver.take().remove(0);
    let all: Vec<_> = secrets.iter().map(|secret| signature(secret, &message)).collect();
    assert_eq!(message.signature, all.join(" "), "the newest first");
    for secret in &secrets {
        if let Some(said) = checked(secret, &message, &message.body).await {
            assert_eq!(said["verified"], true, "{said}");
        }
    }
    // another would leave one out that may be in use still
    let version = read(&app, "school_dsl", &hook).await["version"].clone();
    let input = json!({"webhookId": hook.id, "expectedVersion": version});
    let refused = write(&app, "school_dsl", "rotateWebhookSecret", 7, &input).await;
    assert_eq!((&refused["webhook"], &refused["secret"]), (&Value::Null, &Value::Null));
    assert_eq!(refused["userErrors"][0]["code"], "RULE_REFUSED", "{refused}");
    let why = refused["userErrors"][0]["message"].as_str().unwrap();
    assert!(why.contains("2026-11-25T09:04:00Z"), "{why}");
    app.clock.advance(chrono::Duration::hours(24));
    happen(&app, "school_dsl", 8).await;
    assert_eq!(pass(&app).await, delivered(1));
    let message = receiver.take().remove(0);
    assert_eq!(message.signature, signature(&secrets[0], &message));
    change(&app, "school_dsl", "rotateWebhookSecret", 9, (&hook, json!({}))).await;
}

both!(new_secrets, super::several_new_secrets);

async fn checked(secret: &str, message: &Message, body: &str) -> Option<Value> {
    let args = [secret, &message.id, &message.timestamp, &message.signature, body];
    let node = Node::start("webhook.mjs", &args)?;
    Some(node.next_within("checked", Duration::from_secs(20)).await.expect("the program answers"))
}

both!(secrets, super::a_new_secret);

/// What the access record says of webhooks that nothing more is sent to, which nobody asked for.
pub const STOPPED: &str = "SELECT rule FROM audit WHERE kind = 'upkeep' AND role = 'Upkeep' AND resource = 'Webhook'";

/// Ends the post of a persona.
async fn end_post(app: &App, persona: &str) {
    use entity::appointment::{Column, Entity};
    use sea_orm::sea_query::Expr;
    let claims = app.claims(persona);
    Entity::update_many()
        .col_expr(Column::EndsAt, Expr::val(app.clock.now()))
        .filter(Column::PractitionerId.eq(entity::id::PractitionerId(claims.sub)))
        .exec(&connect(&app.url).await)
        .await
        .unwrap();
}

async fn who_goes_is_followed_by_a_colleague(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "team_manager", 1, &receiver.url()).await;
    let start = read(&app, "team_manager", &hook).await["cursor"].clone();
    happen(&app, "team_manager", 2).await;
    assert_eq!(pass(&app).await, delivered(1));
    end_post(&app, "team_manager").await;
    happen(&app, "service_manager", 3).await;
    happen(&app, "service_manager", 4).await;
    assert_eq!(pass(&app).await, delivered(0));
    let suspended = read(&app, "service_manager", &hook).await;
    assert_eq!(suspended["state"], "SUSPENDED");
    assert_eq!(pass(&app).await, delivered(0));
    assert_eq!(texts(&connect(&app.url).await, STOPPED).await, ["SUSPENDED"], "once, and nobody's doing");
    let figures = metrics(&app.at("/metrics")).await;
    assert!(figures.contains("\nquorate_webhooks{state=\"SUSPENDED\"} 1\n"), "{figures}");
    assert!(figures.contains("\nquorate_webhooks_backlog 0\n"), "one that stands still is not behind: {figures}");
    let taken = change(&app, "service_manager", "takeOverWebhook", 5, (&hook, json!({}))).await;
    assert_eq!(taken["webhook"]["state"], "ACTIVE");
    assert_eq!(pass(&app).await, delivered(2), "nothing is lost");
    assert_eq!(sent(&receiver), cursors(&app, "service_manager", &start).await);
}

both!(suspended, super::who_goes_is_followed_by_a_colleague);

async fn whose_access_is_taken_back_is_not_followed(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "team_manager", 1, &receiver.url()).await;
    let person = app.claims("team_manager").sub.to_string();
    assert!(revoke(&app, &["--person", &person, "--before", "2026-11-24T09:00:01Z"]));
    happen(&app, "service_manager", 2).await;
    assert_eq!(pass(&app).await, delivered(0));
    assert_eq!(read(&app, "service_manager", &hook).await["state"], "SUSPENDED");
    assert!(receiver.take().is_empty());
    // what was given since is another matter
    app.clock.advance(chrono::Duration::seconds(2));
    change(&app, "team_manager", "takeOverWebhook", 3, (&hook, json!({}))).await;
    assert_eq!(pass(&app).await, delivered(1));
}

both!(taken_back, super::whose_access_is_taken_back_is_not_followed);

async fn what_is_not_for_it_is_passed_over(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    happen(&app, "police", 2).await;
    assert_eq!(pass(&app).await, delivered(0));
    let along = read(&app, "school_dsl", &hook).await["cursor"].clone();
    happen(&app, "school_dsl", 3).await;
    // it was looked at just now
    app.clock.advance(chrono::Duration::seconds(1));
    assert_eq!(pass(&app).await, delivered(1));
    assert_eq!(sent(&receiver), cursors(&app, "school_dsl", &along).await);
    assert_eq!(read(&app, "school_dsl", &hook).await["deliveries"]["nodes"].as_array().unwrap().len(), 1);
}

both!(passed_over, super::what_is_not_for_it_is_passed_over);

/// The relationships of the school end: what it could not be sent before is not sent any more.
async fn rights_are_those_of_the_moment(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    happen(&app, "school_dsl", 2).await;
    receiver.answers(&[500]);
    pass(&app).await;
    assert_eq!(receiver.take().len(), 1);
    let db = connect(&app.url).await;
    let of_school = entity::involvement::Column::AgencyId.eq(entity::id::AgencyId(app.claims("school_dsl").agency_id));
    entity::involvement::Entity::delete_many().filter(of_school).exec(&db).await.unwrap();
    app.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(pass(&app).await, delivered(0));
    assert!(receiver.take().is_empty());
    let now = read(&app, "school_dsl", &hook).await;
    assert_eq!((&now["attempts"], &now["failingSince"]), (&json!(0), &Value::Null));
    assert_eq!(now["deliveries"]["nodes"], json!([]), "what it was about is not theirs to hear of any more");
    let passed = "SELECT count(*) FROM webhook_delivery WHERE state = 'DEAD' AND failure = 'NOT_READABLE'";
    assert_eq!(number(&db, passed).await, 1);
}

both!(of_the_moment, super::rights_are_those_of_the_moment);

async fn what_is_not_kept_is_said(app: App) {
    let receiver = Receiver::start();
    let hook: Hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    let start = read(&app, "school_dsl", &hook).await["cursor"].clone();
    happen(&app, "school_dsl", 2).await;
    change(&app, "school_dsl", "changeWebhook", 3, (&hook, json!({"paused": true}))).await;
    app.clock.advance(chrono::Duration::days(91));
    app.api.upkeep().await.unwrap();
    change(&app, "school_dsl", "changeWebhook", 4, (&hook, json!({"paused": false}))).await;
    receiver.answers(&[503]);
    assert_eq!(pass(&app).await.failed, 1);
    app.clock.advance(chrono::Duration::seconds(6));
    happen(&app, "school_dsl", 5).await;
    assert_eq!(pass(&app).await, delivered(2));
    let messages = receiver.take();
    let kinds: Vec<_> = messages.iter().map(Message::kind).collect();
    assert_eq!(kinds, ["RESYNC_REQUIRED", "RESYNC_REQUIRED", "AGENCY_REFERENCE_SET"]);
    assert_eq!(messages[0].id, messages[1].id);
    let after: Value = messages[1].cursor().into();
    assert_eq!(cursors(&app, "school_dsl", &after).await, [messages[2].cursor()], "it goes on from there");
    let now = read(&app, "school_dsl", &hook).await;
    assert_eq!(now["deliveries"]["nodes"][1]["kind"], Value::Null);
    let input = json!({"webhookId": hook.id, "expectedVersion": now["version"], "after": start});
    let body = super::whole(&app, "school_dsl", "replayWebhook", 6, &input).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "RESYNC_REQUIRED", "{body}");
}

both!(not_kept, super::what_is_not_kept_is_said);

/// What is sent again begins where it was asked for, and not behind what says that something is missing.
async fn a_replay_while_that_is_said(app: App) {
    let receiver = Receiver::start();
    let hook: Hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    change(&app, "school_dsl", "changeWebhook", 2, (&hook, json!({"paused": true}))).await;
    happen(&app, "school_dsl", 3).await;
    app.clock.advance(chrono::Duration::days(91));
    app.api.upkeep().await.unwrap();
    happen(&app, "school_dsl", 4).await;
    let kept: Value = cursors(&app, "school_dsl", &Value::Null).await.pop().unwrap().into();
    happen(&app, "school_dsl", 5).await;
    change(&app, "school_dsl", "changeWebhook", 6, (&hook, json!({"paused": false}))).await;
    receiver.answers(&[503]);
    assert_eq!(pass(&app).await.failed, 1);
    change(&app, "school_dsl", "replayWebhook", 7, (&hook, json!({"after": kept}))).await;
    assert_eq!(pass(&app).await, delivered(2));
    let kinds: Vec<_> = receiver.take().iter().map(Message::kind).collect();
    assert_eq!(kinds, ["RESYNC_REQUIRED", "RESYNC_REQUIRED", "AGENCY_REFERENCE_SET"]);
}

both!(replayed_meanwhile, super::a_replay_while_that_is_said);
