//! Writing the demo: all or nothing, and the tables afterwards are those of a migrated database.

use chrono::{DateTime, Utc};
use entity::id::{AgencyId, LocalAuthorityId, TeamId};
use entity::local_authority::{self, Profile};
use entity::team;
use quorate::demo::{self, DemoSettings};
use quorate::store::Database;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use crate::support::contents::connect;
use crate::support::{Engine, database, open};

const SQLITE: &str = "SELECT name || ' ' || coalesce(sql, '') AS made FROM sqlite_master ORDER BY 1";
const POSTGRES: &str =
    "SELECT conname || ' ' || contype::text || ' ' || convalidated || ' ' || pg_get_constraintdef(oid) AS made
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1";

/// What the database says its tables, keys and indexes are.
async fn shape(url: &str, engine: Engine) -> Vec<String> {
    let db = connect(url).await;
    let sql = if engine == Engine::Sqlite { SQLITE } else { POSTGRES };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let shape = rows.iter().map(|row| row.try_get("", "made").unwrap()).collect();
    db.close().await.unwrap();
    shape
}

fn authority(n: u128, code: &str) -> local_authority::Model {
    local_authority::Model {
        id: LocalAuthorityId(uuid::Uuid::from_u128(n)),
        code: code.into(),
        name: "A name\twith \\signs\nof its own".into(),
        profile: Profile::Bristol,
    }
}

async fn written_without_keys(db: &Database, url: &str, engine: Engine) {
    let before = shape(url, engine).await;
    assert!(before.len() > 60);

    let mut bulk = db.bulk(true).await.unwrap();
    bulk.insert::<local_authority::Entity>(vec![authority(1, "001")]).await.unwrap();
    drop(bulk);
    assert!(db.is_empty().await.unwrap(), "dropped, nothing is left");

    // a row that no key allows is refused, at once or with the commit
    for rows in [vec![authority(1, "001"), authority(1, "002")], vec![authority(1, "001"), authority(2, "001")]] {
        let mut bulk = db.bulk(true).await.unwrap();
        assert!(bulk.insert::<local_authority::Entity>(rows).await.is_err() || bulk.commit().await.is_err());
    }
    let orphan =
        team::Model { id: TeamId(uuid::Uuid::nil()), agency_id: AgencyId(uuid::Uuid::nil()), name: "T".into() };
    let mut bulk = db.bulk(true).await.unwrap();
    let refused = match bulk.insert::<team::Entity>(vec![orphan]).await {
        Ok(()) => bulk.commit().await,
        Err(error) => {
            // it would hold the lock until the end of this function
            drop(bulk);
            Err(error)
        }
    };
    refused.unwrap_err();
    assert!(db.is_empty().await.unwrap());

    let many = (0..250).map(|n| authority(n, &format!("{n:03}"))).collect();
    let mut bulk = db.bulk(true).await.unwrap();
    bulk.insert::<local_authority::Entity>(many).await.unwrap();
    bulk.commit().await.unwrap();
    assert_eq!(shape(url, engine).await, before);
    let raw = connect(url).await;
    let found = local_authority::Entity::find().all(&raw).await.unwrap();
    assert_eq!(found.len(), 250);
    assert!(found.contains(&authority(249, "249")), "what was written is what is read");
    raw.close().await.unwrap();
}

async fn a_demo_is_not_mixed(db: &Database) {
    let now: DateTime<Utc> = "2026-11-24T09:00:00Z".parse().unwrap();
    let settings = DemoSettings { children: 20, seed: 1 };
    let refused = demo::prepare(db, &settings, now, &|_| {}).await.unwrap_err();
    assert!(refused.contains("not a demo"), "{refused}");
}

async fn run(engine: Engine) {
    let Some((url, file)) = database(engine).await else { return };
    let db = open(&url).await;
    db.migrate().await.unwrap();
    written_without_keys(&db, &url, engine).await;
    a_demo_is_not_mixed(&db).await;
    db.close().await.unwrap();
    if let Some(file) = file {
        std::fs::remove_file(file).unwrap();
    }
}

#[actix_web::test]
async fn keys_come_back_on_sqlite() {
    run(Engine::Sqlite).await;
}

#[actix_web::test]
async fn keys_come_back_on_postgres() {
    run(Engine::Postgres).await;
}

/// A demo is a function of seed, size and day; another on top of it is refused, the same goes on.
#[actix_web::test]
async fn a_demo_goes_on_and_refuses_another() {
    let (url, file) = database(Engine::Sqlite).await.unwrap();
    let db = open(&url).await;
    db.migrate().await.unwrap();
    let now: DateTime<Utc> = "2026-11-24T09:00:00Z".parse().unwrap();
    // the calendar ends before this demo could: nothing of it is left behind
    let late = "2027-12-20T09:00:00Z".parse().unwrap();
    demo::prepare(&db, &DemoSettings { children: 60, seed: 1 }, late, &|_| {}).await.unwrap_err();
    assert!(db.is_empty().await.unwrap());
    demo::prepare(&db, &DemoSettings { children: 20, seed: 1 }, now, &|_| {}).await.unwrap();
    demo::prepare(&db, &DemoSettings { children: 20, seed: 1 }, now, &|said| assert!(said.contains("already")))
        .await
        .unwrap();
    demo::prepare(&db, &DemoSettings { children: 20, seed: 2 }, now, &|_| {}).await.unwrap_err();
    db.close().await.unwrap();
    std::fs::remove_file(file.unwrap()).unwrap();
}
