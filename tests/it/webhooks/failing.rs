//! What becomes of what cannot be sent.

use quorate::live::Passed;
use quorate::store::webhook::settings::WebhookSettings;
use serde_json::{Value, json};

use super::sending::STOPPED;
use super::{change, cursors, delivered, failed, happen, pass, read, register, sent, states, whole, write};
use crate::support::contents::{connect, texts};
use crate::support::receiver::{Message, Receiver};
use crate::support::{App, metrics};

async fn it_is_tried_again(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    let start = read(&app, "school_dsl", &hook).await["cursor"].clone();
    happen(&app, "school_dsl", 2).await;
    happen(&app, "school_dsl", 3).await;
    receiver.answers(&[500, 503]);
    assert_eq!(pass(&app).await, failed(1));
    let figures = metrics(&app.at("/metrics")).await;
    for said in ["quorate_webhooks{state=\"ACTIVE\"} 1", "quorate_webhooks_failing 1", "quorate_webhooks_backlog 2"] {
        assert!(figures.lines().any(|line| line == said), "{said}: {figures}");
    }
    let waits = read(&app, "school_dsl", &hook).await;
    assert_eq!(states(&waits), ["RETRYING"], "what follows waits as well");
    let row = &waits["deliveries"]["nodes"][0];
    assert_eq!((&row["failure"], &row["statusCode"]), (&json!("STATUS"), &json!(500)));
    assert!(waits["failingSince"].is_string() && waits["nextAttemptAt"].is_string());
    assert_eq!(pass(&app).await, delivered(0), "not at once");
    app.clock.advance(chrono::Duration::seconds(6));
    assert_eq!(pass(&app).await, failed(1));
    app.clock.advance(chrono::Duration::minutes(4));
    assert_eq!(pass(&app).await, delivered(0), "later each time");
    app.clock.advance(chrono::Duration::minutes(2));
    assert_eq!(pass(&app).await, delivered(2));
    let messages = receiver.take();
    assert_eq!(messages.len(), 4);
    assert!(messages[0].id == messages[1].id && messages[1].id == messages[2].id);
    assert_ne!(messages[0].timestamp, messages[2].timestamp, "the time is that of the attempt");
    let told: Vec<_> = messages[2..].iter().map(Message::cursor).collect();
    assert_eq!(told, cursors(&app, "school_dsl", &start).await, "nothing is passed over");
    let now = read(&app, "school_dsl", &hook).await;
    assert_eq!(states(&now), ["DELIVERED", "DELIVERED"]);
    assert_eq!((&now["failingSince"], &now["attempts"]), (&Value::Null, &json!(0)));
}

both!(again, super::it_is_tried_again);

async fn it_is_given_up_and_replayed(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    let start = read(&app, "school_dsl", &hook).await["cursor"].clone();
    happen(&app, "school_dsl", 2).await;
    happen(&app, "school_dsl", 3).await;
    receiver.always(Some(500));
    assert_eq!(pass(&app).await, failed(1));
    app.clock.advance(chrono::Duration::hours(71));
    assert_eq!(pass(&app).await, failed(1));
    app.clock.advance(chrono::Duration::hours(1));
    assert_eq!(pass(&app).await.dead, 1);
    app.clock.advance(chrono::Duration::seconds(6));
    assert_eq!(pass(&app).await.dead, 1, "what happened as long ago has waited as long");
    happen(&app, "school_dsl", 4).await;
    app.clock.advance(chrono::Duration::seconds(6));
    receiver.always(None);
    receiver.take();
    assert_eq!(pass(&app).await, delivered(1), "the webhook goes on");
    let feed = cursors(&app, "school_dsl", &start).await;
    assert_eq!(sent(&receiver), feed[2..]);
    let now = read(&app, "school_dsl", &hook).await;
    assert_eq!(states(&now), ["DELIVERED", "DEAD", "DEAD"]);
    let query = "query($id: ID!) { node(id: $id) { ... on Webhook { deliveries(state: DEAD, first: 1) {
      nodes { id } pageInfo { hasNextPage } } } } }";
    let dead = app.data("school_dsl", query, json!({"id": hook.id})).await["node"]["deliveries"].clone();
    assert_eq!(dead["pageInfo"]["hasNextPage"], true);
    let first = &now["deliveries"]["nodes"][2]["id"];
    let replay = |n, id: &Value| (n, json!({"deliveryId": id}));
    let (n, input) = replay(10, first);
    let done = write(&app, "school_dsl", "replayWebhookDelivery", n, &input).await;
    assert_eq!(done["delivery"]["state"], "REPLAYING", "{done}");
    assert_eq!(pass(&app).await, delivered(1));
    assert_eq!(sent(&receiver), feed[..1]);
    let again = write(&app, "school_dsl", "replayWebhookDelivery", 11, &input).await;
    assert_eq!(again["userErrors"][0]["code"], "WRONG_STATE", "{again}");
    // one that fails again keeps nothing up
    let (n, input) = replay(12, &now["deliveries"]["nodes"][1]["id"]);
    write(&app, "school_dsl", "replayWebhookDelivery", n, &input).await;
    receiver.answers(&[500]);
    happen(&app, "school_dsl", 13).await;
    assert_eq!(pass(&app).await, Passed { delivered: 1, failed: 0, dead: 1 });
    assert_eq!(states(&read(&app, "school_dsl", &hook).await), ["DELIVERED", "DELIVERED", "DEAD", "DELIVERED"]);
}

both!(given_up, super::it_is_given_up_and_replayed);

async fn it_goes_back_to_a_cursor(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    let start = read(&app, "school_dsl", &hook).await["cursor"].clone();
    for n in 2..5 {
        happen(&app, "school_dsl", n).await;
    }
    assert_eq!(pass(&app).await, delivered(3));
    let first = sent(&receiver);
    change(&app, "school_dsl", "replayWebhook", 6, (&hook, json!({"after": start}))).await;
    assert_eq!(pass(&app).await, delivered(3));
    assert_eq!(sent(&receiver), first);
    let now = read(&app, "school_dsl", &hook).await;
    assert_eq!(now["deliveries"]["nodes"][0]["attempts"], 2);
    let input = json!({"webhookId": hook.id, "expectedVersion": now["version"], "after": "no cursor"});
    let body = whole(&app, "school_dsl", "replayWebhook", 7, &input).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{body}");
}

both!(back, super::it_goes_back_to_a_cursor);

async fn one_that_is_gone_is_left_alone(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    happen(&app, "school_dsl", 2).await;
    receiver.answers(&[410]);
    assert_eq!(pass(&app).await, failed(1));
    let gone = read(&app, "school_dsl", &hook).await;
    assert_eq!((&gone["state"], &gone["deliveries"]["nodes"][0]["failure"]), (&json!("GONE"), &json!("GONE")));
    assert_eq!(texts(&connect(&app.url).await, STOPPED).await, ["GONE"]);
    let figures = metrics(&app.at("/metrics")).await;
    for said in
        ["quorate_webhooks{state=\"ACTIVE\"} 0", "quorate_webhooks{state=\"GONE\"} 1", "quorate_webhooks_failing 0"]
    {
        assert!(figures.lines().any(|line| line == said), "{said}: {figures}");
    }
    app.clock.advance(chrono::Duration::days(2));
    assert_eq!(pass(&app).await, delivered(0));
    change(&app, "school_dsl", "changeWebhook", 3, (&hook, json!({"paused": false}))).await;
    assert_eq!(pass(&app).await, delivered(1), "nothing is lost");
}

both!(gone, super::one_that_is_gone_is_left_alone);

async fn one_that_is_paused_or_removed_is_sent_nothing(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    change(&app, "school_dsl", "changeWebhook", 2, (&hook, json!({"paused": true}))).await;
    happen(&app, "school_dsl", 3).await;
    assert_eq!(pass(&app).await, delivered(0));
    change(&app, "school_dsl", "changeWebhook", 4, (&hook, json!({"paused": false}))).await;
    assert_eq!(pass(&app).await, delivered(1));
    let removed = change(&app, "school_dsl", "removeWebhook", 5, (&hook, json!({}))).await;
    assert_eq!(removed["webhook"]["state"], "REMOVED");
    happen(&app, "school_dsl", 6).await;
    app.clock.advance(chrono::Duration::days(1));
    assert_eq!(pass(&app).await, delivered(0));
    assert_eq!(receiver.take().len(), 1);
    let list = app.data("school_dsl", "{ webhooks { nodes { id } } }", json!({})).await;
    assert_eq!(list["webhooks"]["nodes"], json!([]));
    let input = json!({"webhookId": hook.id, "expectedVersion": removed["webhook"]["version"], "paused": false});
    let late = write(&app, "school_dsl", "changeWebhook", 7, &input).await;
    assert_eq!(late["userErrors"][0]["code"], "ALREADY_CONCLUDED", "{late}");
}

both!(removed, super::one_that_is_paused_or_removed_is_sent_nothing);

/// Why the only message of a webhook was not sent.
async fn why(app: &App, hook: &super::Hook) -> Value {
    read(app, "school_dsl", hook).await["deliveries"]["nodes"][0]["failure"].clone()
}

async fn it_goes_nowhere_else(app: App) {
    let receiver = Receiver::start();
    let hook = register(&app, "school_dsl", 1, &receiver.url()).await;
    happen(&app, "school_dsl", 2).await;
    for status in [301, 302, 303, 307, 308] {
        receiver.answers(&[status]);
        assert_eq!(pass(&app).await, failed(1), "{status}");
        assert_eq!(why(&app, &hook).await, "REDIRECT");
        app.clock.advance(chrono::Duration::hours(6));
    }
    assert!(receiver.take().iter().all(|message| message.path == "/hook"), "nobody is followed");
    // without the allowance this machine is no place
    let host = format!("127.0.0.1:{}", receiver.port);
    let strict = |hosts: &[&str]| {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        app.sender(WebhookSettings { hosts, test_allowance: false })
    };
    let url = format!("https://{host}/hook");
    change(&app, "school_dsl", "changeWebhook", 3, (&hook, json!({"url": url}))).await;
    assert_eq!(strict(&[&host]).send_due().await.unwrap(), failed(1));
    assert_eq!(why(&app, &hook).await, "ADDRESS_REFUSED");
    // a host that was taken off the list
    app.clock.advance(chrono::Duration::hours(1));
    assert_eq!(strict(&["elsewhere.example"]).send_due().await.unwrap(), failed(1));
    assert_eq!(why(&app, &hook).await, "HOST_NOT_ALLOWED");
    // a name that leads nowhere, and a server that speaks no TLS
    let nowhere = json!({"url": "https://hooks.invalid/"});
    change(&app, "school_dsl", "changeWebhook", 4, (&hook, nowhere)).await;
    assert_eq!(pass(&app).await, failed(1));
    assert_eq!(why(&app, &hook).await, "NAME_NOT_RESOLVED");
    change(&app, "school_dsl", "changeWebhook", 5, (&hook, json!({"url": url}))).await;
    assert_eq!(pass(&app).await, failed(1));
    assert_eq!(why(&app, &hook).await, "CONNECTION");
    assert!(receiver.take().is_empty());
}

both!(nowhere_else, super::it_goes_nowhere_else);
