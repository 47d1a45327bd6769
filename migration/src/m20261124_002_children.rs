//! Children, households and the relationships that open them.

use sea_orm_migration::prelude::*;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["child", "person", "household", "membership"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("child")
            .refers("local_authority_id", "local_authority")
            .text("local_reference")
            .text("given_name")
            .text("family_name")
            .text("name_key")
            .on_opt("born_on")
            .on_opt("expected_on")
            .code("sex", &["M", "F", "U"])
            .code(
                "ethnicity",
                &[
                    "WBRI", "WIRI", "WIRT", "WOTH", "WROM", "MWBC", "MWBA", "MWAS", "MOTH", "AIND", "APKN", "ABAN",
                    "AOTH", "BCRB", "BAFR", "BOTH", "CHNE", "OOTH", "REFU", "NOBT",
                ],
            )
            .text_opt("first_language")
            .text("disabilities")
            .text_opt("communication_needs")
            .text_opt("nhs_number")
            .text_opt("upn")
            .text_opt("legal_status")
            .at("created_at")
            .check("born_or_expected", Expr::col("born_on").is_not_null().or(Expr::col("expected_on").is_not_null()))
            .unique(&["local_authority_id", "local_reference"])
            .unique(&["nhs_number"])
            .unique(&["upn"])
            .index(&["name_key", "born_on"])
            .create(m)
            .await?;
        Shape::with_id("person")
            .refers("local_authority_id", "local_authority")
            .text("given_name")
            .text("family_name")
            .on_opt("born_on")
            .create(m)
            .await?;
        Shape::with_id("household")
            .refers("local_authority_id", "local_authority")
            .text("address")
            .text("postcode")
            .code("address_status", &["NONE", "WITHHELD", "REFUGE"])
            .create(m)
            .await?;
        Shape::with_id("membership")
            .refers("household_id", "household")
            .refers_opt("child_id", "child")
            .refers_opt("person_id", "person")
            .code(
                "relationship",
                &[
                    "CHILD",
                    "MOTHER",
                    "FATHER",
                    "STEP_PARENT",
                    "PARTNER_OF_PARENT",
                    "GRANDPARENT",
                    "ADULT_SIBLING",
                    "OTHER_RELATIVE",
                    "CARER",
                    "OTHER",
                ],
            )
            .flag("parental_responsibility")
            .on("starts_on")
            .on_opt("ends_on")
            .check(
                "child_or_person",
                Expr::col("child_id")
                    .is_null()
                    .and(Expr::col("person_id").is_not_null())
                    .or(Expr::col("child_id").is_not_null().and(Expr::col("person_id").is_null())),
            )
            .check("period", Expr::col("ends_on").is_null().or(Expr::col("ends_on").gte(Expr::col("starts_on"))))
            .index(&["household_id", "id"])
            .index(&["child_id"])
            .index(&["person_id"])
            .create(m)
            .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, TABLES).await
    }
}
