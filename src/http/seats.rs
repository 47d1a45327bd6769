//! How many connections that last there are: of everybody, and of each person; and how many sockets of which it is not known yet
//! whose they are. What goes over is told to come again later.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::HttpSettings;

/// The places for sockets and streams of this server.
#[derive(Clone)]
pub struct Seats(Arc<Inner>);

struct Inner {
    named: Room<Uuid>,
    /// By the address they come from, where it is known.
    unnamed: Room<Option<IpAddr>>,
    slow: AtomicU64,
    refused: AtomicU64,
}

/// So many places, of which one has so many at the most.
struct Room<K> {
    all: usize,
    each: usize,
    taken: Mutex<Taken<K>>,
}

struct Taken<K> {
    all: usize,
    by: HashMap<K, usize>,
}

impl<K: Copy + Eq + Hash> Room<K> {
    fn new(all: usize, each: usize) -> Self {
        Self { all, each, taken: Mutex::new(Taken { all: 0, by: HashMap::new() }) }
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Taken<K>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for one; false where there is none left.
    fn take(&self, whose: K) -> bool {
        let mut taken = self.taken();
        let own = taken.by.get(&whose).copied().unwrap_or_default();
        if taken.all >= self.all || own >= self.each {
            return false;
        }
        taken.all += 1;
        taken.by.insert(whose, own + 1);
        true
    }

    fn leave(&self, whose: K) {
        let mut taken = self.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(own) = taken.by.get_mut(&whose) {
            *own -= 1;
            if *own == 0 {
                taken.by.remove(&whose);
            }
        }
    }
}

/// A place, until it is dropped.
pub struct Seat {
    seats: Seats,
    person: Uuid,
}

/// The place of a socket that has not said whose it is, until it is dropped.
pub struct Unnamed {
    seats: Seats,
    from: Option<IpAddr>,
}

impl Seats {
    /// As many as the settings say.
    pub fn new(settings: &HttpSettings) -> Self {
        let unnamed = Room::new(settings.unnamed_connections, settings.unnamed_connections_per_address);
        Self::of(Room::new(settings.connections, settings.connections_per_person), unnamed)
    }

    /// For files that come and go: each is somebody's.
    pub fn of_files(settings: &HttpSettings) -> Self {
        Self::of(Room::new(settings.transfers, settings.transfers_per_person), Room::new(0, 0))
    }

    fn of(named: Room<Uuid>, unnamed: Room<Option<IpAddr>>) -> Self {
        let (slow, refused) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(Inner { named, unnamed, slow, refused }))
    }

    /// A place for a person; `None` where there is none left.
    pub fn take(&self, person: Uuid) -> Option<Seat> {
        self.counted(self.0.named.take(person)).then(|| Seat { seats: self.clone(), person })
    }

    /// A place for a socket from an address that has not said whose it is; `None` where there is none left.
    pub fn take_unnamed(&self, from: Option<IpAddr>) -> Option<Unnamed> {
        self.counted(self.0.unnamed.take(from)).then(|| Unnamed { seats: self.clone(), from })
    }

    fn counted(&self, is_taken: bool) -> bool {
        self.0.refused.fetch_add(u64::from(!is_taken), Relaxed);
        is_taken
    }

    /// Counts a connection that was closed because its reader was too slow.
    pub fn was_slow(&self) {
        self.0.slow.fetch_add(1, Relaxed);
    }

    /// The figures as Prometheus reads them.
    pub fn text(&self) -> String {
        let (open, unnamed) = (self.0.named.taken().all, self.0.unnamed.taken().all);
        let (slow, refused) = (self.0.slow.load(Relaxed), self.0.refused.load(Relaxed));
        format!(
            "# HELP quorate_connections Sockets and streams that are open.\n\
             # TYPE quorate_connections gauge\n\
             quorate_connections {open}\n\
             # HELP quorate_connections_unnamed Sockets that have not said whose they are.\n\
             # TYPE quorate_connections_unnamed gauge\n\
             quorate_connections_unnamed {unnamed}\n\
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
        self.seats.0.named.leave(self.person);
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        self.seats.0.unnamed.leave(self.from);
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
        assert!(seats.0.named.taken().by.is_empty());
        assert!(seats.text().contains("quorate_connections 0\n") && seats.text().contains("refused_total 2\n"));
    }

    #[test]
    fn those_without_a_name_have_places_of_their_own() {
        let settings = HttpSettings {
            connections: 0,
            unnamed_connections: 3,
            unnamed_connections_per_address: 2,
            ..HttpSettings::default()
        };
        let seats = Seats::new(&settings);
        let from = |last| Some(IpAddr::from([127, 0, 0, last]));
        let first = seats.take_unnamed(from(1)).unwrap();
        let second = seats.take_unnamed(from(1));
        assert!(second.is_some() && seats.take_unnamed(from(1)).is_none(), "two from each address");
        let third = seats.take_unnamed(None);
        assert!(third.is_some() && seats.take_unnamed(from(2)).is_none(), "three in all");
        assert!(seats.text().contains("quorate_connections_unnamed 3\n"), "{}", seats.text());
        drop(first);
        assert!(seats.take_unnamed(from(2)).is_some());
        drop((second, third));
        assert!(seats.0.unnamed.taken().by.is_empty());
    }
}
