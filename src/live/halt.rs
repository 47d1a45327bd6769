//! How what goes on without being asked comes to its end: it is told to begin nothing more, and what it has begun is waited for.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// A word that is said once, and what is still under way. Clones share both.
#[derive(Clone)]
pub struct Halt {
    said: Arc<watch::Sender<bool>>,
    going: Arc<watch::Sender<usize>>,
}

/// Something that is under way, until it is dropped.
pub struct Going(Arc<watch::Sender<usize>>);

impl Drop for Going {
    fn drop(&mut self) {
        self.0.send_modify(|going| *going = going.saturating_sub(1));
    }
}

impl Default for Halt {
    fn default() -> Self {
        Self { said: Arc::new(watch::Sender::new(false)), going: Arc::new(watch::Sender::new(0)) }
    }
}

impl Halt {
    /// Counts something as under way.
    pub fn begin(&self) -> Going {
        self.going.send_modify(|going| *going += 1);
        Going(self.going.clone())
    }

    /// True once nothing more is to be begun.
    pub fn is_said(&self) -> bool {
        *self.said.borrow()
    }

    /// Waits until nothing more is to be begun.
    pub async fn said(&self) {
        // the sender lives in `self`, so the wait can only end well
        let _ = self.said.subscribe().wait_for(|said| *said).await;
    }

    /// Says that nothing more is to be begun, and waits until nothing is under way, for so long at the most. True if nothing is.
    pub async fn end(&self, most: Duration) -> bool {
        self.said.send_replace(true);
        tokio::time::timeout(most, self.going.subscribe().wait_for(|going| *going == 0)).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_under_way_is_waited_for() {
        let halt = Halt::default();
        let (one, other) = (halt.begin(), halt.clone().begin());
        assert!(!halt.is_said() && !halt.end(Duration::from_millis(5)).await);
        assert!(halt.is_said());
        halt.said().await;
        drop(one);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(other);
        });
        assert!(halt.end(Duration::from_secs(5)).await);
    }
}
