//! How everything that lasts learns that the server is about to stop.

use std::sync::Arc;

use tokio::sync::watch;

/// A signal that is given once. Clones share it.
#[derive(Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// A signal that was not given yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Gives the signal.
    pub fn give(&self) {
        self.0.send_replace(true);
    }

    /// True once the signal is given.
    pub fn is_given(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the signal; returns at once when it was given.
    pub async fn asked(&self) {
        // the sender lives in `self`, so the wait can only end well
        let _ = self.0.subscribe().wait_for(|given| *given).await;
    }
}

/// Waits until the machine asks the program to stop.
pub async fn asked_by_machine() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // without a handler there is no interrupt to wait for
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(_) => interrupt.await,
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
