//! The demo's feed: what happened in its last sixty days, in order, at positions without gaps.
//!
//! The one thing that is kept from family to family: forty bytes an event, since the order is that of the whole
//! authority. Everything else is written as soon as it is made.

use chrono::{DateTime, Duration, Utc};
use entity::feed;
use entity::id::{EventId, LocalAuthorityId};
use rand_chacha::ChaCha8Rng;

use super::ids::mint;
use super::rows::Rows;
use crate::event::Event;

/// How far back the feed goes: a subscriber that was away for longer begins anew.
const KEPT_DAYS: i64 = 60;

type Told = (DateTime<Utc>, Event);

/// Events of all authorities, not yet in order.
pub struct Feed {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    places: Vec<(LocalAuthorityId, Vec<Told>)>,
}

impl Feed {
    /// An empty feed of these authorities up to an instant.
    pub fn new(authorities: impl Iterator<Item = LocalAuthorityId>, until: DateTime<Utc>) -> Self {
        let places = authorities.map(|authority| (authority, vec![])).collect();
        Self { from: until - Duration::days(KEPT_DAYS), until, places }
    }

    /// Something happened, if it was lately.
    pub fn tell(&mut self, authority: LocalAuthorityId, at: DateTime<Utc>, event: Event) {
        if at < self.from || at >= self.until {
            return;
        }
        if let Some((_, events)) = self.places.iter_mut().find(|(place, _)| *place == authority) {
            events.push((at, event));
        }
    }

    /// Puts the events in order.
    pub fn sort(&mut self) {
        for (_, events) in &mut self.places {
            // stable, so that what happened at one instant stays in the order in which it was told
            events.sort_by_key(|(at, _)| *at);
        }
    }

    /// The rows of the next few events; without any once all were given.
    pub fn rows(&mut self, rng: &mut ChaCha8Rng, done: &mut usize, most: usize) -> Rows {
        let mut rows = Rows::default();
        let mut skip = *done;
        for (authority, events) in &self.places {
            for (i, (at, event)) in events.iter().enumerate().skip(skip).take(most - rows.events.len()) {
                let position = i64::try_from(i).unwrap_or(i64::MAX - 1) + 1;
                rows.events.push(event.row(*authority, position, EventId(mint(rng, *at)), *at));
            }
            skip = skip.saturating_sub(events.len());
        }
        *done += rows.events.len();
        rows
    }

    /// The counter of each authority: the position of its last event.
    pub fn counters(&self) -> Vec<feed::Model> {
        let counter = |(authority, events): &(LocalAuthorityId, Vec<Told>)| feed::Model {
            local_authority_id: *authority,
            position: i64::try_from(events.len()).unwrap_or(i64::MAX),
            forgotten: 0,
        };
        self.places.iter().map(counter).collect()
    }
}
