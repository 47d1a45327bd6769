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
    /// Days without activity after which a relationship of a partner agency is put to review.
    pub review_inactive_days: u16,
    /// Working days from its issue on for which a review can be answered.
    pub review_working_days: u16,
    /// Days for which a retry of a write is known as one by its idempotency key.
    pub idempotency_days: u16,
    /// Days for which the feed is kept: a cursor from before that is told to begin anew.
    pub feed_days: u16,
    /// Minutes between two runs of what is done without being asked: issuing reviews, ending what nobody answered about,
    /// forgetting counts, keys and events whose time is over.
    pub upkeep_minutes: u16,
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
            review_inactive_days: 90,
            review_working_days: 20,
            idempotency_days: 30,
            feed_days: 90,
            upkeep_minutes: 15,
        }
    }
}
