//! The relationships of an agency and of a person, found and dated from one index each: every row that is read asks for
//! them. A person is looked for at one agency, so both stand before the child.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const NEW: [(&str, &str); 2] = [
    ("ix_involvement_reach_of_agency", "agency_id, child_id, starts_at, ends_at"),
    ("ix_involvement_reach_of_person", "practitioner_id, agency_id, child_id, starts_at, ends_at"),
];
const OLD: [(&str, &str); 2] = [
    ("ix_involvement_agency_id_child_id", "agency_id, child_id"),
    ("ix_involvement_practitioner_id_child_id", "practitioner_id, child_id"),
];

/// Makes some and drops others. PostgreSQL does so beside those who write, outside a transaction; one that was stopped
/// half-way begins anew.
pub(crate) async fn change(
    m: &SchemaManager<'_>,
    make: [(&str, &str); 2],
    drop: [(&str, &str); 2],
) -> Result<(), DbErr> {
    let db = m.get_connection();
    let beside = if m.get_database_backend() == DatabaseBackend::Postgres { "CONCURRENTLY " } else { "" };
    for (name, columns) in make {
        db.execute_unprepared(&format!("DROP INDEX {beside}IF EXISTS {name}")).await?;
        db.execute_unprepared(&format!("CREATE INDEX {beside}{name} ON involvement ({columns})")).await?;
    }
    for (name, _) in drop {
        db.execute_unprepared(&format!("DROP INDEX {beside}IF EXISTS {name}")).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        change(m, NEW, OLD).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        change(m, OLD, NEW).await
    }
}
