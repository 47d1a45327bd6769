//! Shares between authorities.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("transfer_share")
            .refers("child_id", "child")
            .refers("from_authority_id", "local_authority")
            .refers("from_agency_id", "agency")
            .refers("to_authority_id", "local_authority")
            .refers("to_agency_id", "agency")
            .refers("shared_by", "practitioner")
            .at("shared_at")
            .text("reason")
            .at("conference_due_at")
            .text("identity")
            .text("statements")
            .text("plan")
            .text("contacts")
            .refers_opt("accepted_by", "practitioner")
            .at_opt("accepted_at")
            .refers_opt("worker_id", "practitioner")
            .at_opt("rights_from")
            .at_opt("withdrawn_at")
            .long("version")
            .check("elsewhere", Expr::col("from_authority_id").ne(Expr::col("to_authority_id")))
            .check("accepted", Expr::col("accepted_at").is_null().eq(Expr::col("rights_from").is_null()))
            .index(&["child_id", "id"])
            .index(&["to_agency_id", "id"])
            .create(m)
            .await?;
        let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
        let sql = format!(
            "ALTER TABLE event ADD COLUMN transfer_share_id {uuid} CONSTRAINT fk_event_transfer_share_id \
             REFERENCES transfer_share (id)"
        );
        m.get_connection().execute_unprepared(&sql).await?;
        // one share of a child to an agency that is neither accepted nor withdrawn
        let open = "CREATE UNIQUE INDEX uq_transfer_share_open ON transfer_share (child_id, to_agency_id) \
            WHERE accepted_at IS NULL AND withdrawn_at IS NULL";
        m.get_connection().execute_unprepared(open).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared("DELETE FROM event WHERE transfer_share_id IS NOT NULL").await?;
        db.execute_unprepared("ALTER TABLE event DROP COLUMN transfer_share_id").await?;
        drop_all(m, &["transfer_share"]).await
    }
}
