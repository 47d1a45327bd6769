//! What a meeting gave to an agency, found by both at once. Who is asked about meetings one by one would else be looked up among all
//! relationships of the agency, wherever the planner of a statement thinks of these as few.

use sea_orm_migration::prelude::*;

use crate::m20261126_017_reach::change;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const NEW: [(&str, &str); 2] = [
    ("ix_involvement_of_strategy_meeting", "strategy_meeting_id, agency_id"),
    ("ix_involvement_of_conference", "conference_id, agency_id"),
];
const OLD: [(&str, &str); 2] =
    [("ix_involvement_strategy_meeting_id", "strategy_meeting_id"), ("ix_involvement_conference_id", "conference_id")];

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
