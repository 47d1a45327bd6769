//! stub
#![warn(missing_docs)]
pub mod clock;
pub mod error;
pub mod http;
