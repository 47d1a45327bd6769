//! The nouns of the API: object, inputs, payloads and root fields, a noun a file.

pub mod access;
pub mod agency;
pub mod alert;
pub mod child;
pub mod codes;
pub mod conference;
pub mod conference_writes;
pub mod conflict;
pub mod core_group;
pub mod event;
pub mod export;
pub mod household;
pub mod invitation;
pub mod involvement;
pub mod node;
pub mod non_attendance;
pub mod plan;
pub mod report;
pub mod review;
pub mod strategy_meeting;
pub mod viewer;
pub mod write;
