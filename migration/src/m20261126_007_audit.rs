//! The access record as a chain: every access a row, rows numbered without gaps, each with the hash of the one before.
//! Triggers let rows in at the end only, and never out. What was recorded before stays as `audit_before`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["audit", "audit_subject", "audit_head"];

/// SQLite: one trigger an act. `INSERT OR REPLACE` deletes without telling the triggers on DELETE, so what comes in
/// is looked at before it can displace anything.
const SQLITE: &[(&str, &str)] = &[
    ("audit_update", "BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END"),
    ("audit_delete", "BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END"),
    (
        "audit_insert",
        "BEFORE INSERT ON audit WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM audit) \
         BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    ),
    ("audit_subject_update", "BEFORE UPDATE ON audit_subject BEGIN SELECT RAISE(ABORT, 'append-only'); END"),
    ("audit_subject_delete", "BEFORE DELETE ON audit_subject BEGIN SELECT RAISE(ABORT, 'append-only'); END"),
    (
        "audit_subject_insert",
        "BEFORE INSERT ON audit_subject WHEN EXISTS \
         (SELECT 1 FROM audit_subject WHERE subject = NEW.subject AND sequence = NEW.sequence) \
         BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    ),
    (
        "audit_head_update",
        "BEFORE UPDATE ON audit_head WHEN NEW.id <> OLD.id OR NEW.sequence <= OLD.sequence \
         BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    ),
    ("audit_head_delete", "BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, 'append-only'); END"),
    ("audit_head_insert", "BEFORE INSERT ON audit_head BEGIN SELECT RAISE(ABORT, 'append-only'); END"),
];

/// PostgreSQL: one function that refuses, and where it stands.
const REFUSE: &str = "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = 'restrict_violation'; END $$";
const POSTGRES: &[(&str, &str)] = &[
    ("audit_change", "BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()"),
    ("audit_truncate", "BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"),
    ("audit_subject_change", "BEFORE UPDATE OR DELETE ON audit_subject FOR EACH ROW EXECUTE FUNCTION audit_refuse()"),
    ("audit_subject_truncate", "BEFORE TRUNCATE ON audit_subject FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"),
    (
        "audit_head_update",
        "BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.sequence <= OLD.sequence) \
         EXECUTE FUNCTION audit_refuse()",
    ),
    ("audit_head_change", "BEFORE INSERT OR DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse()"),
    ("audit_head_truncate", "BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.rename_table(Table::rename().table("audit", "audit_before").to_owned()).await?;
        Shape::bare("audit")
            .long("sequence")
            .at("at")
            .uuid("practitioner_id")
            .uuid("agency_id")
            .uuid("request_id")
            .text("role")
            .code_opt("purpose", &["CP_DUTY", "CONFERENCE_PREP", "STRATEGY", "AUDIT", "SAR", "EMERGENCY"])
            .text_opt("reason")
            .text("kind")
            .text("operation")
            .text("document")
            .text("resource")
            .text("categories")
            .code("decision", &["ALLOWED", "NOT_FOUND", "AMBIGUOUS", "DENIED"])
            .text("rule")
            .long("touched")
            .bytes("subjects")
            .bytes("hash")
            .key(&["sequence"])
            .create(m)
            .await?;
        Shape::bare("audit_subject").uuid("subject").long("sequence").key(&["subject", "sequence"]).create(m).await?;
        Shape::bare("audit_head").int("id").long("sequence").bytes("hash").key(&["id"]).create(m).await?;
        let start = Query::insert()
            .into_table("audit_head")
            .columns(["id", "sequence", "hash"])
            .values([1.into(), 0_i64.into(), vec![0_u8; 32].into()])
            .map_err(|e| DbErr::Custom(e.to_string()))?
            .to_owned();
        m.execute(start).await?;
        let db = m.get_connection();
        let triggers = if postgres(m) {
            db.execute_unprepared(REFUSE).await?;
            POSTGRES
        } else {
            SQLITE
        };
        for (name, rest) in triggers {
            db.execute_unprepared(&format!("CREATE TRIGGER tr_{name} {rest}")).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        if postgres(m) {
            for (name, rest) in POSTGRES {
                let table = rest.split(" ON ").nth(1).and_then(|t| t.split(' ').next()).unwrap_or_default();
                db.execute_unprepared(&format!("DROP TRIGGER tr_{name} ON {table}")).await?;
            }
            db.execute_unprepared("DROP FUNCTION audit_refuse()").await?;
        } else {
            for (name, _) in SQLITE {
                db.execute_unprepared(&format!("DROP TRIGGER tr_{name}")).await?;
            }
        }
        drop_all(m, TABLES).await?;
        m.rename_table(Table::rename().table("audit_before", "audit").to_owned()).await
    }
}

fn postgres(m: &SchemaManager<'_>) -> bool {
    m.get_database_backend() == DatabaseBackend::Postgres
}
