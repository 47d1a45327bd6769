//! What finds the right child: numbers that were a child's once, and the references of agencies; events that are told to one
//! agency about one child.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What an event can name since.
const EVENT: [&str; 2] = ["agency", "child"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("former_number")
            .refers("child_id", "child")
            .code("kind", &["NHS", "UPN"])
            .text("number")
            .on("until")
            .index(&["kind", "number"])
            .create(m)
            .await?;
        Shape::with_id("agency_reference")
            .refers("agency_id", "agency")
            .refers("child_id", "child")
            .text_opt("reference")
            .refers("set_by", "practitioner")
            .at("set_at")
            .long("version")
            .unique(&["agency_id", "reference"])
            .unique(&["child_id", "agency_id"])
            .create(m)
            .await?;
        let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
        for table in EVENT {
            let sql = format!(
                "ALTER TABLE event ADD COLUMN {table}_id {uuid} CONSTRAINT fk_event_{table}_id REFERENCES {table} (id)"
            );
            m.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        for table in EVENT {
            db.execute_unprepared(&format!("DELETE FROM event WHERE {table}_id IS NOT NULL")).await?;
            db.execute_unprepared(&format!("ALTER TABLE event DROP COLUMN {table}_id")).await?;
        }
        drop_all(m, &["former_number", "agency_reference"]).await
    }
}
