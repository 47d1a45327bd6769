//! How much may be searched and read: the numbers, as settings. What counts them is in `store`.

use serde::Deserialize;

/// Limits of use. Hours are those of the clock in UTC, days those of England.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessLimits {
    /// Searches for a child that a person may make in an hour, hits and misses alike.
    pub searches_per_hour: i64,
}

impl Default for AccessLimits {
    fn default() -> Self {
        Self { searches_per_hour: 30 }
    }
}
