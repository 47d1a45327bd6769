//! Guard: every migration runs up, down and up again, on both databases.

use migration::{Migrator, MigratorTrait};

use crate::support::contents::connect;
use crate::support::{Engine, database, open};

async fn up_down_up(engine: Engine) {
    let Some((url, file)) = database(engine).await else { return };
    open(&url).await.migrate().await.unwrap();
    let connection = connect(&url).await;
    Migrator::down(&connection, None).await.unwrap();
    assert_eq!(Migrator::get_pending_migrations(&connection).await.unwrap().len(), Migrator::migrations().len());
    Migrator::up(&connection, None).await.unwrap();
    assert_eq!(open(&url).await.pending_migrations().await.unwrap(), 0);
    if let Some(file) = file {
        std::fs::remove_file(file).unwrap();
    }
}

#[actix_web::test]
async fn on_sqlite() {
    up_down_up(Engine::Sqlite).await;
}

#[actix_web::test]
async fn on_postgres() {
    up_down_up(Engine::Postgres).await;
}
