//! The migrations of Quorate: one set for SQLite and PostgreSQL, each step named and reversible.

pub use sea_orm_migration::prelude::*;

mod m20261124_001_places_and_people;
mod m20261124_002_children;
mod m20261124_003_meetings;
mod m20261124_004_reports_and_plans;
mod m20261124_005_feed_and_records;
mod m20261126_006_revocation;
mod m20261126_007_audit;
mod m20261126_008_relationships;
mod m20261126_009_restricted;
mod m20261126_010_emergency;
mod m20261126_011_limits_and_exports;
mod m20261126_012_ends;
mod m20261126_013_record;
mod m20261126_014_allegations;
mod m20261126_015_transfer;
mod m20261126_016_chair_delegation;
mod m20261126_017_reach;
mod m20261126_018_deadlines;
mod m20261127_019_records;
mod m20261127_020_reports;
mod m20261127_021_attachments;
mod m20261127_022_references;
mod m20261127_023_restricted_in_reports;
mod m20261127_024_episodes;
mod m20261127_025_export_entries;
mod m20261127_026_deadlines_to_make;
mod m20261127_027_feed_kept;
mod m20261127_029_non_attendance;
mod m20261128_028_webhooks;
mod m20261128_030_answer_marks;
mod m20261128_031_strategy_quorum;
mod m20261128_032_lapsed_requests;
mod m20261128_033_signed_reports;
mod m20261128_034_webhook_secrets;
mod m20261128_035_plan_versions;
mod m20261128_036_plans_there;
mod m20261128_037_leads;
mod m20261128_038_meetings_of_agencies;
mod shape;

/// All migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_001_places_and_people::Migration),
            Box::new(m20261124_002_children::Migration),
            Box::new(m20261124_003_meetings::Migration),
            Box::new(m20261124_004_reports_and_plans::Migration),
            Box::new(m20261124_005_feed_and_records::Migration),
            Box::new(m20261126_006_revocation::Migration),
            Box::new(m20261126_007_audit::Migration),
            Box::new(m20261126_008_relationships::Migration),
            Box::new(m20261126_009_restricted::Migration),
            Box::new(m20261126_010_emergency::Migration),
            Box::new(m20261126_011_limits_and_exports::Migration),
            Box::new(m20261126_012_ends::Migration),
            Box::new(m20261126_013_record::Migration),
            Box::new(m20261126_014_allegations::Migration),
            Box::new(m20261126_015_transfer::Migration),
            Box::new(m20261126_016_chair_delegation::Migration),
            Box::new(m20261126_017_reach::Migration),
            Box::new(m20261126_018_deadlines::Migration),
            Box::new(m20261127_019_records::Migration),
            Box::new(m20261127_020_reports::Migration),
            Box::new(m20261127_021_attachments::Migration),
            Box::new(m20261127_022_references::Migration),
            Box::new(m20261127_023_restricted_in_reports::Migration),
            Box::new(m20261127_024_episodes::Migration),
            Box::new(m20261127_025_export_entries::Migration),
            Box::new(m20261127_026_deadlines_to_make::Migration),
            Box::new(m20261127_027_feed_kept::Migration),
            Box::new(m20261127_029_non_attendance::Migration),
            Box::new(m20261128_028_webhooks::Migration),
            Box::new(m20261128_030_answer_marks::Migration),
            Box::new(m20261128_031_strategy_quorum::Migration),
            Box::new(m20261128_032_lapsed_requests::Migration),
            Box::new(m20261128_033_signed_reports::Migration),
            Box::new(m20261128_034_webhook_secrets::Migration),
            Box::new(m20261128_035_plan_versions::Migration),
            Box::new(m20261128_036_plans_there::Migration),
            Box::new(m20261128_037_leads::Migration),
            Box::new(m20261128_038_meetings_of_agencies::Migration),
        ]
    }
}
