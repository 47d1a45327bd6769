//! Who keeps webhooks, and what stands against one.

use chrono::{DateTime, Utc};
use entity::id::{AgencyId, PractitionerId};
use entity::{event, webhook_delivery};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::{Value, json};

use super::{change, read, register, whole, write};
use crate::support::contents::{connect, contents, number};
use crate::support::hooked::given_up;
use crate::support::{App, key};

const HERE: &str = "http://127.0.0.1:1/hook";

async fn it_is_for_those_who_answer_for_it(mut app: App) {
    let hook = register(&app, "school_dsl", 1, HERE).await;
    let query = "query($id: ID!) { node(id: $id) { id } }";
    let list = "{ webhooks { nodes { id url } } }";
    let version = read(&app, "school_dsl", &hook).await["version"].clone();
    let input = json!({"webhookId": hook.id, "expectedVersion": version});
    let with = |more: Value| {
        let mut all = input.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let cursor = read(&app, "school_dsl", &hook).await["cursor"].clone();
    // a colleague of the school in another post
    let school = app.claims("school_dsl");
    app.enrol("teacher", teacher(&app).await, AgencyId(school.agency_id), entity::appointment::Post::Practitioner);
    for persona in
        ["police", "school_elsewhere", "team_manager", "service_manager", "auditor", "system_admin", "teacher"]
    {
        assert_eq!(app.code(persona, query, json!({"id": hook.id})).await, "NOT_FOUND", "{persona}");
        assert_eq!(app.data(persona, list, json!({})).await["webhooks"]["nodes"], json!([]), "{persona}");
        let tries = [
            ("changeWebhook", with(json!({"paused": true}))),
            ("rotateWebhookSecret", input.clone()),
            ("takeOverWebhook", input.clone()),
            ("replayWebhook", with(json!({"after": cursor}))),
            ("removeWebhook", input.clone()),
        ];
        for (n, (mutation, input)) in (20..).zip(tries) {
            let body = whole(&app, persona, mutation, n, &input).await;
            let code = &body["errors"][0]["extensions"]["code"];
            assert!(code == "NOT_FOUND" || code == "FORBIDDEN", "{persona} {mutation}: {body}");
        }
    }
    for persona in ["police", "social_worker", "chair", "auditor", "teacher"] {
        let body = whole(&app, persona, "registerWebhook", 30, &json!({"url": HERE})).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN", "{persona}: {body}");
    }
    assert_eq!(read(&app, "school_dsl", &hook).await["version"], version);
    // a manager reads those of the other manager of the same agency
    let theirs = register(&app, "team_manager", 31, HERE).await;
    assert_eq!(read(&app, "service_manager", &theirs).await["url"], HERE);
    let mine = app.data("school_dsl", list, json!({})).await["webhooks"]["nodes"].clone();
    assert_eq!(mine, json!([{"id": hook.id, "url": HERE}]));
}

/// Somebody else with a post at the school.
async fn teacher(app: &App) -> PractitionerId {
    let (who, post) = (PractitionerId(app.clock.new_id()), entity::id::AppointmentId(app.clock.new_id()));
    let db = connect(&app.url).await;
    let person = entity::practitioner::Model {
        id: who,
        full_name: "Jo Fell".into(),
        designation: "Teacher".into(),
        active: true,
    };
    person.into_active_model().insert(&db).await.unwrap();
    let held = entity::appointment::Entity::find().all(&db).await.unwrap();
    let school = AgencyId(app.claims("school_dsl").agency_id);
    let like = held.into_iter().find(|row| row.agency_id == school).unwrap();
    let row = entity::appointment::Model {
        id: post,
        practitioner_id: who,
        post: entity::appointment::Post::Practitioner,
        ends_at: None,
        ..like
    };
    row.into_active_model().insert(&db).await.unwrap();
    who
}

both!(for_whom, super::it_is_for_those_who_answer_for_it);

async fn what_stands_against_an_address(app: App) {
    let long = format!("https://hooks.invalid/{}", "a".repeat(2000));
    let tries: [(&str, &str); 8] = [
        ("ftp://hooks.invalid/", "INVALID"),
        ("https://user:word@hooks.invalid/", "INVALID"),
        ("https://hooks.invalid/#part", "INVALID"),
        ("hooks.invalid", "INVALID"),
        ("https://example.org/", "RULE_REFUSED"),
        ("https://hooks.invalid.example.org/", "RULE_REFUSED"),
        ("http://169.254.169.254/", "RULE_REFUSED"),
        (&long, "TOO_LONG"),
    ];
    let before = contents(&connect(&app.url).await).await;
    for (n, (url, code)) in (1..).zip(tries) {
        let refused = write(&app, "school_dsl", "registerWebhook", n, &json!({"url": url})).await;
        assert_eq!((&refused["webhook"], &refused["secret"]), (&Value::Null, &Value::Null));
        assert_eq!(refused["userErrors"][0]["field"], "url", "{url}: {refused}");
        assert_eq!(refused["userErrors"][0]["code"], code, "{url}: {refused}");
    }
    let twice = json!({"url": HERE, "kinds": ["DEADLINE_MET", "DEADLINE_MET"]});
    let refused = write(&app, "school_dsl", "registerWebhook", 20, &twice).await;
    assert_eq!(
        (&refused["userErrors"][0]["field"], &refused["userErrors"][0]["code"]),
        (&json!("kinds.1"), &json!("DUPLICATE"))
    );
    let dry = write(&app, "school_dsl", "registerWebhook", 21, &json!({"url": HERE, "dryRun": true})).await;
    assert_eq!((&dry["webhook"], &dry["secret"], &dry["userErrors"]), (&Value::Null, &Value::Null, &json!([])));
    assert_eq!(contents(&connect(&app.url).await).await, before, "nothing is written");
    for n in 0..5 {
        register(&app, "school_dsl", 30 + n, HERE).await;
    }
    let sixth = write(&app, "school_dsl", "registerWebhook", 40, &json!({"url": HERE})).await;
    assert_eq!(sixth["userErrors"][0]["code"], "TOO_MANY", "{sixth}");
    // each agency has its own five
    register(&app, "team_manager", 41, HERE).await;
}

both!(addresses, super::what_stands_against_an_address);

async fn a_secret_is_told_once_and_to_one(app: App) {
    let hook = register(&app, "team_manager", 1, HERE).await;
    let again = write(&app, "team_manager", "registerWebhook", 1, &json!({"url": HERE})).await;
    assert_eq!(
        (&again["secret"], &again["webhook"]["id"]),
        (&json!(hook.secret), &hook.id),
        "a retry answers the same"
    );
    let other = write(&app, "service_manager", "registerWebhook", 1, &json!({"url": HERE})).await;
    assert_eq!((&other["secret"], &other["webhook"]["id"]), (&Value::Null, &hook.id));
    let stands = read(&app, "team_manager", &hook).await;
    let (version, hook_cursor) = (stands["version"].clone(), stands["cursor"].clone());
    let input = json!({"webhookId": hook.id, "expectedVersion": version});
    let url = "https://hooks.invalid/mine";
    for (n, mutation, more) in [
        (10, "rotateWebhookSecret", json!({})),
        (11, "changeWebhook", json!({"url": url})),
        (12, "replayWebhook", json!({"after": hook_cursor})),
    ] {
        let mut all = input.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = write(&app, "service_manager", mutation, n, &all).await["userErrors"][0].clone();
        assert_eq!((&refused["field"], &refused["code"]), (&json!("webhookId"), &json!("RULE_REFUSED")), "{mutation}");
    }
    let taken = change(&app, "service_manager", "takeOverWebhook", 13, (&hook, json!({}))).await;
    let input = json!({"webhookId": hook.id, "expectedVersion": taken["webhook"]["version"]});
    let rotated = write(&app, "service_manager", "rotateWebhookSecret", 2, &input).await;
    assert_ne!(rotated["secret"], json!(hook.secret));
    let retried = write(&app, "service_manager", "rotateWebhookSecret", 2, &input).await;
    assert_eq!(retried["secret"], rotated["secret"]);
    let late = whole(&app, "service_manager", "rotateWebhookSecret", 3, &input).await;
    assert_eq!(late["errors"][0]["extensions"]["code"], "CONFLICT", "{late}");
    // it stands nowhere
    let secrets = [hook.secret, rotated["secret"].as_str().unwrap().to_owned()];
    let all = format!("{:?}", contents(&connect(&app.url).await).await);
    assert!(secrets.iter().all(|secret| !all.contains(secret.trim_start_matches("whsec_"))));
}

both!(told_once, super::a_secret_is_told_once_and_to_one);

/// The log tells that something happened: of what a colleague may not hear, it tells the colleague nothing.
async fn what_a_colleague_may_not_hear_of(app: App) {
    let hook = register(&app, "service_manager", 1, HERE).await;
    let db = connect(&app.url).await;
    let of = entity::webhook::Entity::find().one(&db).await.unwrap().unwrap();
    let referred = event::Entity::find()
        .filter(event::Column::Kind.eq(event::Kind::AllegationReferred))
        .filter(event::Column::LocalAuthorityId.eq(of.local_authority_id))
        .one(&db)
        .await
        .unwrap()
        .unwrap();
    let row = given_up(&app, &of, (referred.position, Some(referred.kind)));
    let id = quorate::graphql::id::global(row.id);
    row.into_active_model().insert(&db).await.unwrap();
    let log = "query($id: ID!) { node(id: $id) { ... on Webhook { deliveries { nodes { kind } } } } }";
    let one = "query($id: ID!) { node(id: $id) { ... on WebhookDelivery { kind } } }";
    let replay = json!({"deliveryId": id});
    let deliveries = async |persona: &str| {
        app.data(persona, log, json!({"id": hook.id})).await["node"]["deliveries"]["nodes"].take()
    };
    assert_eq!(deliveries("service_manager").await, json!([{"kind": "ALLEGATION_REFERRED"}]));
    assert_eq!(deliveries("team_manager").await, json!([]));
    assert_eq!(app.code("team_manager", one, json!({"id": id})).await, "NOT_FOUND");
    let body = whole(&app, "team_manager", "replayWebhookDelivery", 2, &replay).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "NOT_FOUND", "{body}");
    assert_eq!(write(&app, "service_manager", "replayWebhookDelivery", 3, &replay).await["userErrors"], json!([]));
}

both!(heard_of, super::what_a_colleague_may_not_hear_of);

async fn the_log_goes_with_the_feed(app: App) {
    let hook = register(&app, "school_dsl", 1, HERE).await;
    let db = connect(&app.url).await;
    let of = entity::webhook::Entity::find().one(&db).await.unwrap().unwrap();
    let row = |position, made_at: DateTime<Utc>| webhook_delivery::Model {
        state: webhook_delivery::State::Delivered,
        first_at: Some(made_at),
        last_at: Some(made_at),
        status_code: Some(204),
        failure: None,
        made_at,
        ..given_up(&app, &of, (position, None))
    };
    let now = app.clock.now();
    for (position, days) in (1..).zip([1, 89, 90, 91, 200]) {
        row(position, now - chrono::Duration::days(days)).into_active_model().insert(&db).await.unwrap();
    }
    app.clock.advance(chrono::Duration::hours(1));
    app.api.upkeep().await.unwrap();
    assert_eq!(number(&db, "SELECT count(*) FROM webhook_delivery").await, 2);
    // who reads a page of it goes on from there
    let query =
        "query($id: ID!, $after: String) { node(id: $id) { ... on Webhook { deliveries(first: 1, after: $after) {
      nodes { statusCode } pageInfo { hasNextPage endCursor } } } } }";
    let mut after = Value::Null;
    for more in [true, false] {
        let page =
            app.data("school_dsl", query, json!({"id": hook.id, "after": after})).await["node"]["deliveries"].clone();
        assert_eq!((&page["nodes"], &page["pageInfo"]["hasNextPage"]), (&json!([{"statusCode": 204}]), &json!(more)));
        after = page["pageInfo"]["endCursor"].clone();
    }
    // one that ended goes after its log
    change(&app, "school_dsl", "removeWebhook", 2, (&hook, json!({}))).await;
    app.clock.advance(chrono::Duration::days(89));
    app.api.upkeep().await.unwrap();
    assert_eq!(number(&db, "SELECT count(*) FROM webhook").await, 1);
    app.clock.advance(chrono::Duration::days(2));
    app.api.upkeep().await.unwrap();
    assert_eq!(number(&db, "SELECT count(*) FROM webhook").await, 0);
}

both!(the_log, super::the_log_goes_with_the_feed);

async fn what_was_read_is_changed_and_nothing_else(app: App) {
    let hook = register(&app, "school_dsl", 1, HERE).await;
    let old = read(&app, "school_dsl", &hook).await["version"].clone();
    change(&app, "school_dsl", "changeWebhook", 2, (&hook, json!({"url": "https://hooks.invalid/new"}))).await;
    let input = json!({"webhookId": hook.id, "expectedVersion": old, "paused": true});
    let late = whole(&app, "school_dsl", "changeWebhook", 3, &input).await;
    assert_eq!(late["errors"][0]["extensions"]["code"], "CONFLICT", "{late}");
    let now = read(&app, "school_dsl", &hook).await;
    assert_eq!((&now["url"], &now["state"]), (&json!("https://hooks.invalid/new"), &json!("ACTIVE")));
    let bad = json!({"webhookId": hook.id, "expectedVersion": now["version"], "url": "http://other.example/"});
    let refused = write(&app, "school_dsl", "changeWebhook", 4, &bad).await;
    assert_eq!(refused["userErrors"][0]["field"], "url");
    // nobody listens for that: the feed tells of children, not of who reads it
    assert!(!app.kinds("school_dsl").await.iter().any(|kind| kind.contains("WEBHOOK")));
    let recorded = "SELECT count(*) FROM audit WHERE resource = 'Webhook' AND kind = 'mutation' AND touched = 1";
    assert!(number(&connect(&app.url).await, recorded).await >= 2, "{}", key(0));
}

both!(changes, super::what_was_read_is_changed_and_nothing_else);
