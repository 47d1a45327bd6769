//! stub
pub mod clock;
pub mod error;
