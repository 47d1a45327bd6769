//! What the practice sources say, as pure functions: no database, no clock of their own.

pub mod calendar;
pub mod deadlines;
pub mod outcomes;
pub mod quorum;
pub mod reckoning;
pub mod retention;
pub mod standards;
