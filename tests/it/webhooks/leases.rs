//! Whose a webhook is at the moment, and what becomes of it when it is somebody else's.

use entity::webhook;
use quorate::clock::Clock;
use quorate::store::audit::AuditKey;
use quorate::store::{Database, Store, StoreSettings};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _};

use super::{failed, happen, pass, register};
use crate::support::contents::{connect, texts};
use crate::support::receiver::Receiver;
use crate::support::{App, Engine};

fn store(app: &App, database: Database, clock: Clock) -> Store {
    let key = AuditKey::load_or_create(&app.audit.key_file).unwrap();
    Store::new(database, clock, key, &app.audit).unwrap()
}

/// A server whose lease was taken away changes nothing any more, in the log as little as in the webhook.
async fn who_lost_it_leaves_it_alone(app: App) {
    let receiver = Receiver::start();
    register(&app, "school_dsl", 1, &receiver.url()).await;
    happen(&app, "school_dsl", 2).await;
    receiver.answers(&[500]);
    assert_eq!(pass(&app).await, failed(1));
    // what waits is not for its person any more: whoever has the webhook passes over it
    let db = connect(&app.url).await;
    let of_school = entity::involvement::Column::AgencyId.eq(entity::id::AgencyId(app.claims("school_dsl").agency_id));
    entity::involvement::Entity::delete_many().filter(of_school).exec(&db).await.unwrap();
    app.clock.advance(chrono::Duration::minutes(1));
    let store = store(&app, app.database.clone(), app.clock.clone());
    let mut claimed = store.claim_webhooks(5).await.unwrap().pop().expect("it is due");
    let place = "SELECT CAST(position AS TEXT) FROM webhook";
    let before = texts(&db, place).await;
    let taken_away = webhook::Entity::update_many().col_expr(webhook::Column::Lease, Expr::val(None::<uuid::Uuid>));
    taken_away.exec(&db).await.unwrap();
    store.next_for(&mut claimed).await.unwrap();
    assert_eq!(texts(&db, "SELECT state FROM webhook_delivery").await, ["RETRYING"], "it is not its to give up");
    assert_eq!(texts(&db, place).await, before);
}

both!(lost, super::who_lost_it_leaves_it_alone);

/// Of servers that share a database its clock says when a lease is over: here it goes five minutes ahead of theirs.
#[actix_web::test]
async fn they_go_by_the_clock_of_the_database() {
    let Some(app) = App::start(Engine::Postgres).await else { return };
    register(&app, "school_dsl", 1, "http://127.0.0.1:1/hook").await;
    happen(&app, "school_dsl", 2).await;
    let db = connect(&app.url).await;
    for sql in [
        "CREATE SCHEMA ahead",
        "CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql
         AS $$ SELECT pg_catalog.clock_timestamp() + interval '5 minutes' $$",
        "DO $$ BEGIN
           EXECUTE format('ALTER DATABASE %I SET search_path = ahead, pg_catalog, public', current_database());
         END $$",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let settings = StoreSettings { url: app.url.clone().into(), max_connections: 2 };
    let database = Database::open(&settings).await.unwrap();
    let store = store(&app, database, Clock::system());
    let before = Clock::system().now();
    assert_eq!(store.claim_webhooks(5).await.unwrap().len(), 1);
    let row = webhook::Entity::find().one(&db).await.unwrap().unwrap();
    let ahead = row.leased_until.unwrap() - before;
    let (least, most) = (chrono::Duration::seconds(355), chrono::Duration::seconds(400));
    assert!(least < ahead && ahead < most, "a minute from the database's own time on: {ahead}");
    assert!(store.claim_webhooks(5).await.unwrap().is_empty(), "it is held");
    // over by that clock, and by no other
    let over = "UPDATE webhook SET leased_until = pg_catalog.clock_timestamp() + interval '4 minutes'";
    db.execute_unprepared(over).await.unwrap();
    assert_eq!(store.claim_webhooks(5).await.unwrap().len(), 1);
}
