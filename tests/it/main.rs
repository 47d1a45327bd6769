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

mod absent;
mod architecture;
mod audit;
mod bulk;
mod canary;
mod columns;
mod conference;
mod decisions;
mod edge;
mod identity;
mod involvement;
mod jobs;
mod killed;
mod listening;
mod migrations;
mod refusals;
mod revocation;
mod role_matrix;
mod schema;
mod stop;
mod strategy_meeting;
mod timing;
