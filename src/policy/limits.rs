//! How much may be searched and read: the numbers, as settings. What counts them is in `store`.

use serde::Deserialize;

/// Limits of use. Hours are those of the clock in UTC, days those of England.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessLimits {
    /// Searches for a child that a person may make in an hour, hits and misses alike.
    pub searches_per_hour: i64,
    /// Children whose record a person may have opened in an hour before those who oversee the agency are told.
    pub children_per_hour_alert: i64,
    /// Children whose record a person may open in an hour. The same child again is no other.
    pub children_per_hour: i64,
    /// Children whose record the people of an agency together may open in a day.
    pub children_per_day_of_agency: i64,
    /// Children in an export.
    pub export_children: u16,
    /// Hours from its approval on for which an export can be collected.
    pub export_hours: u16,
}

impl Default for AccessLimits {
    fn default() -> Self {
        Self {
            searches_per_hour: 30,
            children_per_hour_alert: 50,
            children_per_hour: 200,
            children_per_day_of_agency: 2000,
            export_children: 500,
            export_hours: 24,
        }
    }
}
