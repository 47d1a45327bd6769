//! PostgreSQL lets access records in at the end only, as SQLite does already.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Looks once at all rows of a statement: they follow on what is there, without a gap.
const AT_THE_END: &str = "CREATE FUNCTION audit_at_the_end() RETURNS trigger LANGUAGE plpgsql AS $$ \
    DECLARE low bigint; high bigint; many bigint; BEGIN \
    SELECT min(sequence), max(sequence), count(*) INTO low, high, many FROM added; \
    IF many > 0 AND (high - low + 1 <> many OR \
        (low <> 1 AND NOT EXISTS (SELECT 1 FROM audit WHERE sequence = low - 1))) THEN \
        RAISE EXCEPTION 'append-only' USING ERRCODE = 'restrict_violation'; \
    END IF; RETURN NULL; END $$";
const TRIGGER: &str = "CREATE TRIGGER tr_audit_insert AFTER INSERT ON audit REFERENCING NEW TABLE AS added \
    FOR EACH STATEMENT EXECUTE FUNCTION audit_at_the_end()";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        if m.get_database_backend() == DatabaseBackend::Postgres {
            db.execute_unprepared(AT_THE_END).await?;
            db.execute_unprepared(TRIGGER).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        if m.get_database_backend() == DatabaseBackend::Postgres {
            db.execute_unprepared("DROP TRIGGER tr_audit_insert ON audit").await?;
            db.execute_unprepared("DROP FUNCTION audit_at_the_end()").await?;
        }
        Ok(())
    }
}
