//! The tables of Quorate, one a file: columns, codes and typed ids. No queries, no clock, no rules.

pub mod category;
mod codes;
pub mod id;
pub mod sealed;

pub mod agency;
pub mod appointment;
pub mod audit;
pub mod child;
pub mod conference;
pub mod conference_child;
pub mod conference_report;
pub mod core_group;
pub mod core_group_meeting;
pub mod core_group_member;
pub mod event;
pub mod feed;
pub mod household;
pub mod idempotency;
pub mod instance;
pub mod invitation;
pub mod involvement;
pub mod local_authority;
pub mod membership;
pub mod person;
pub mod plan;
pub mod plan_action;
pub mod practitioner;
pub mod report_request;
pub mod revocation;
pub mod strategy_meeting;
pub mod strategy_meeting_child;
pub mod team;
