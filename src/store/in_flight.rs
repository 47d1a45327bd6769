//! Writes that are being made in this process, by their keys: a twin waits for the first without holding a connection, and is
//! told so where that takes too long. Twins in other processes meet at the row of the key.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entity::id::AgencyId;
use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::{Error, Result};

type Key = (AgencyId, Uuid);

/// The keys of the writes that are being made.
#[derive(Default)]
pub(super) struct InFlight {
    keys: Mutex<HashSet<Key>>,
    ended: Notify,
}

/// A write that is being made; over when it is dropped.
pub(super) struct Flight {
    all: Arc<InFlight>,
    key: Key,
}

impl InFlight {
    fn take(&self, key: Key) -> bool {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(key)
    }

    /// Begins a write once no other with its key is being made.
    ///
    /// # Errors
    /// `InFlight` where another is after `patience`.
    pub(super) async fn begin(self: &Arc<Self>, key: Key, patience: Duration) -> Result<Flight> {
        let until = Instant::now() + patience;
        loop {
            // heard before it is looked: an end in between is not missed
            let mut ended = std::pin::pin!(self.ended.notified());
            ended.as_mut().enable();
            if self.take(key) {
                return Ok(Flight { all: self.clone(), key });
            }
            tokio::time::timeout_at(until, ended).await.map_err(|_| Error::InFlight)?;
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.all.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.all.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_twin_waits_and_then_is_told() {
        let all = Arc::new(InFlight::default());
        let key = |n| (AgencyId(Uuid::from_u128(1)), Uuid::from_u128(n));
        let first = all.begin(key(1), SOON).await.unwrap();
        assert!(matches!(all.begin(key(1), SOON).await, Err(Error::InFlight)));
        let other = (AgencyId(Uuid::from_u128(2)), key(1).1);
        assert!(all.begin(key(2), SOON).await.is_ok() && all.begin(other, SOON).await.is_ok(), "others go on");
        let waiting = tokio::spawn({
            let all = all.clone();
            async move { all.begin(key(1), Duration::from_mins(1)).await.is_ok() }
        });
        tokio::time::sleep(SOON).await;
        drop(first);
        assert!(waiting.await.unwrap());
        assert!(all.begin(key(1), SOON).await.is_ok(), "nothing is left of it");
    }
}
