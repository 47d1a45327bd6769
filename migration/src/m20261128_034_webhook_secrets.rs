//! From which secret on a webhook signs for a day after its secret was changed: several changes in a day leave out none.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("secrets_from").big_integer().not_null().default(1).take();
        m.alter_table(Table::alter().table("webhook").add_column(column).take()).await?;
        // until now the one before signed as well, and no other
        let before = "UPDATE webhook SET secrets_from = secret_generation - 1 WHERE secret_generation > 1";
        m.get_connection().execute_unprepared(before).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("webhook").drop_column("secrets_from").take()).await
    }
}
