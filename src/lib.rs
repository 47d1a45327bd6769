//! Quorate: the GraphQL API through which the agencies around a child work one child protection process together.
//!
//! The map, from the ground up:
//! - [`policy`] and [`practice`] and [`event`]: pure rules. Who may see and do what; what the practice sources say.
//! - [`content`]: pure. What a file is by its content, and what of it is taken. [`scan`]: asks a scanner about it.
//! - [`global`]: pure. The text form of global ids.
//! - [`auth`]: a bearer token becomes a `Principal`.
//! - [`store`]: the only way to data; every read carries the row rule of its table, every write its event.
//! - [`actions`]: the mutations: load, permit, ask practice, write.
//! - [`graphql`]: the schema, thin over store and actions.
//! - [`http`]: routes and transports, no business words.
#![warn(missing_docs)]

pub mod actions;
pub mod app;
pub mod auth;
pub mod bundle;
pub mod cli;
pub mod clock;
pub mod config;
pub mod content;
pub mod demo;
pub mod error;
pub mod event;
pub mod global;
pub mod graphql;
pub mod http;
pub mod live;
pub mod paper;
pub mod policy;
pub mod practice;
pub mod sandbox;
pub mod scan;
#[expect(clippy::disallowed_types, reason = "the room that connections never leave")]
pub mod store;
