//! How many connections that last there are: of everybody, and of each person. What goes over is told to come again later.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::HttpSettings;

/// The places for sockets and streams of this server.
#[derive(Clone)]
pub struct Seats(Arc<Inner>);

struct Inner {
    all: usize,
    each: usize,
    taken: Mutex<Taken>,
    slow: AtomicU64,
    refused: AtomicU64,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by: HashMap<Uuid, usize>,
}

/// A place, until it is dropped.
pub struct Seat {
    seats: Seats,
    person: Uuid,
}

impl Seats {
    /// As many as the settings say.
    pub fn new(settings: &HttpSettings) -> Self {
        Self::of(settings.connections, settings.connections_per_person)
    }

    /// For files that come and go.
    pub fn of_files(settings: &HttpSettings) -> Self {
        Self::of(settings.transfers, settings.transfers_per_person)
    }

    fn of(all: usize, each: usize) -> Self {
        let (slow, refused) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(Inner { all, each, taken: Mutex::default(), slow, refused }))
    }

    /// A place for a person; `None` where there is none left.
    pub fn take(&self, person: Uuid) -> Option<Seat> {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.by.get(&person).copied().unwrap_or_default();
        if taken.all >= self.0.all || own >= self.0.each {
            self.0.refused.fetch_add(1, Relaxed);
            return None;
        }
        taken.all += 1;
        taken.by.insert(person, own + 1);
        Some(Seat { seats: self.clone(), person })
    }

    /// Counts a connection that was closed because its reader was too slow.
    pub fn was_slow(&self) {
        self.0.slow.fetch_add(1, Relaxed);
    }

    /// The figures as Prometheus reads them.
    pub fn text(&self) -> String {
        let open = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner).all;
        let (slow, refused) = (self.0.slow.load(Relaxed), self.0.refused.load(Relaxed));
        format!(
            "# HELP quorate_connections Sockets and streams that are open.\n\
             # TYPE quorate_connections gauge\n\
             quorate_connections {open}\n\
             # HELP quorate_connections_refused_total Sockets and streams for which there was no place.\n\
             # TYPE quorate_connections_refused_total counter\n\
             quorate_connections_refused_total {refused}\n\
             # HELP quorate_slow_readers_total Connections that were closed because their readers were too slow.\n\
             # TYPE quorate_slow_readers_total counter\n\
             quorate_slow_readers_total {slow}\n"
        )
    }
}

impl Seat {
    /// Counts that the connection ends because its reader was too slow.
    pub fn was_slow(&self) {
        self.seats.was_slow();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(own) = taken.by.get_mut(&self.person) {
            *own -= 1;
            if *own == 0 {
                taken.by.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_come_back() {
        let settings = HttpSettings { connections: 3, connections_per_person: 2, ..HttpSettings::default() };
        let seats = Seats::new(&settings);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = seats.take(one).unwrap();
        let second = seats.take(one);
        assert!(second.is_some() && seats.take(one).is_none(), "two for each");
        let third = seats.take(other);
        assert!(third.is_some() && seats.take(Uuid::from_u128(3)).is_none(), "three for all");
        drop(first);
        assert!(seats.take(one).is_some());
        drop((second, third));
        assert!(seats.0.taken.lock().unwrap().by.is_empty());
        assert!(seats.text().contains("quorate_connections 0\n") && seats.text().contains("refused_total 2\n"));
    }
}
