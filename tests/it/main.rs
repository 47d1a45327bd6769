//! Behaviour through HTTP and WebSocket as personas, on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on says so by panicking"
)]

#[macro_use]
mod support;

/// As the program has it: the tests make and drop even more small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod absent;
mod access_review;
mod afterwards;
mod ahead;
mod allegation;
mod architecture;
mod asked;
mod attachments;
mod audit;
mod bucket;
mod bulk;
mod bundles;
mod campaigns;
mod canary;
mod cancelled;
mod chair_page;
mod circulation;
mod clocks;
mod columns;
mod conference;
mod core_group;
mod coverage;
mod deadlines;
mod deciding;
mod decisions;
mod delegation;
mod designation;
mod edge;
mod emergency;
mod emergency_review;
mod emergency_worlds;
mod ends;
mod episodes;
mod export;
mod family_copies;
mod feed;
mod figures;
mod follow_up;
mod following;
mod grants;
mod identity;
mod in_flight;
mod inputs;
mod involvement;
mod jobs;
mod keeping;
mod killed;
mod kits;
mod leading;
mod leaks;
mod limits;
mod listening;
mod migrations;
mod notices;
mod passages;
mod plan_status;
mod plans;
mod profiles;
mod protocol;
mod record;
mod records;
mod references;
mod refusals;
mod report_rights;
mod reports;
mod restarted;
mod restricted;
mod returning;
mod revocation;
mod role_matrix;
mod rotating;
mod sandbox;
mod scanner;
mod schema;
mod state_matrix;
mod stop;
mod storm;
mod strategy_meeting;
mod timing;
mod transfer;
mod webhooks;
