//! Limits of use: counted in the database, so that they hold for all servers together.

use chrono::{DateTime, Duration, DurationRound, Utc};
use entity::access_alert;
use entity::access_count::{self, Column, Kind};
use entity::id::AccessAlertId;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::Scoped;
use super::audit::reading::raise;
use crate::error::{Error, Limited, Result};

/// The hour an instant falls into, by its beginning.
pub(super) fn hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(Duration::hours(1)).unwrap_or(at)
}

/// What a client hears whose window lasts until `ends`.
pub(super) fn limited(what: &'static str, at: DateTime<Utc>, ends: DateTime<Utc>) -> Error {
    Error::RateLimited(Limited { what, retry_after: std::cmp::max((ends - at).num_seconds(), 1) })
}

impl Scoped {
    /// Takes one of the searches of the hour, hit or miss. One statement counts and compares, so that neither a second
    /// server nor a document of many fields gets past it.
    ///
    /// # Errors
    /// `RateLimited` once they are used up. The refusal is recorded.
    pub(super) async fn take_search(&self) -> Result<()> {
        let (at, most) = (self.who.at, self.store.limits.searches_per_hour);
        let hour = hour_of(at);
        let count = || Expr::col((access_count::Entity, Column::Count));
        let once_more = OnConflict::columns([Column::Reader, Column::Kind, Column::WindowAt])
            .value(Column::Count, count().add(1))
            .action_and_where(count().lt(most))
            .to_owned();
        let first = access_count::ActiveModel {
            reader: Set(self.who.practitioner.0),
            kind: Set(Kind::Searches),
            window_at: Set(hour),
            count: Set(1),
        };
        let insert = access_count::Entity::insert(first).on_conflict(once_more);
        if most > 0 && insert.exec_without_returning(&self.store.db.pool).await? > 0 {
            return Ok(());
        }
        self.who.ledger().refused("Child", "RATE_LIMITED");
        let alert = access_alert::Model {
            id: AccessAlertId(self.store.clock.new_id()),
            kind: access_alert::Kind::SearchesStopped,
            practitioner_id: self.who.practitioner,
            agency_id: self.who.agency,
            window_at: hour,
            count: most,
            raised_at: at,
        };
        raise(&self.store.db.pool, vec![alert]).await?;
        Err(limited("You have made as many searches as an hour allows.", at, hour + Duration::hours(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_begins_with_its_first_instant() {
        let hour: DateTime<Utc> = "2026-11-24T09:00:00Z".parse().unwrap();
        for text in ["2026-11-24T09:00:00Z", "2026-11-24T09:59:59.999999Z"] {
            assert_eq!(hour_of(text.parse().unwrap()), hour);
        }
        let Error::RateLimited(limited) = limited("x", hour + Duration::minutes(59), hour + Duration::hours(1)) else {
            panic!("another error");
        };
        assert_eq!(limited.retry_after, 60);
    }
}
