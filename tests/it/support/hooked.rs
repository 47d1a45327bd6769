//! A webhook of the school of the first family, with a message that was given up, past the program.

use std::collections::BTreeMap;

use entity::appointment::Post;
use entity::id::{AgencyId, ConferenceId, PractitionerId, WebhookDeliveryId, WebhookId};
use entity::{agency, event, webhook, webhook_delivery};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::App;
use super::contents::connect;

/// Plants both, and answers their ids by type.
pub async fn hooked(app: &App) -> BTreeMap<String, String> {
    let db = connect(&app.url).await;
    let (school, now) = (app.claims("school_dsl"), app.clock.now());
    let (who, agency_id) = (PractitionerId(school.sub), AgencyId(school.agency_id));
    let of = agency::Entity::find_by_id(agency_id).one(&db).await.unwrap().unwrap();
    let hook = webhook::Model {
        id: WebhookId(app.clock.new_id()),
        local_authority_id: of.local_authority_id,
        agency_id,
        url: "https://hooks.invalid/".into(),
        kinds: Some("DEADLINE_MET".into()),
        practitioner_id: who,
        post: Post::SafeguardingLead,
        followed_since: now,
        state: webhook::State::Active,
        position: 1,
        secret_generation: 2,
        secrets_from: 1,
        secret_told_to: who,
        secret_rotated_at: Some(now),
        active_since: now,
        failing_since: Some(now),
        attempts: 1,
        next_at: now,
        lease: None,
        leased_until: None,
        registered_at: now,
        version: 1,
    };
    let told = "{ events(first: 1, kinds: [CONFERENCE_SCHEDULED]) { nodes { conference { id } } } }";
    let told = app.data("school_dsl", told, json!({})).await["events"]["nodes"][0]["conference"]["id"].clone();
    let (_, conference) = quorate::graphql::id::split(&told.as_str().unwrap().into()).unwrap();
    let told = event::Entity::find()
        .filter(event::Column::ConferenceId.eq(ConferenceId(conference)))
        .filter(event::Column::Kind.eq(event::Kind::ConferenceScheduled));
    let told = told.one(&db).await.unwrap().unwrap();
    let delivery = given_up(app, &hook, (told.position, Some(told.kind)));
    let ids = [
        ("Webhook", quorate::graphql::id::global(hook.id)),
        ("WebhookDelivery", quorate::graphql::id::global(delivery.id)),
    ];
    hook.into_active_model().insert(&db).await.unwrap();
    delivery.into_active_model().insert(&db).await.unwrap();
    ids.into_iter().map(|(kind, id)| (kind.to_owned(), id.to_string())).collect()
}

/// A message to a webhook that was tried once, and given up.
pub fn given_up(
    app: &App,
    of: &webhook::Model,
    (position, kind): (i64, Option<event::Kind>),
) -> webhook_delivery::Model {
    let now = app.clock.now();
    webhook_delivery::Model {
        id: WebhookDeliveryId(app.clock.new_id()),
        webhook_id: of.id,
        agency_id: of.agency_id,
        position,
        kind,
        state: webhook_delivery::State::Dead,
        attempts: 1,
        first_at: Some(now),
        last_at: Some(now),
        status_code: Some(500),
        failure: Some(webhook_delivery::Failure::Status),
        made_at: now,
    }
}
