//! How everything that lasts learns that the server is about to stop, and how the stop waits for what is being answered.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{ConnectionType, header};
use actix_web::middleware::Next;
use actix_web::web;
use tokio::sync::watch;

use super::answer;
use crate::graphql::code::ErrorCode;

/// A signal that is given once, and how much is being answered. Clones share both.
#[derive(Clone)]
pub struct Stop {
    given: Arc<watch::Sender<bool>>,
    open: Arc<watch::Sender<usize>>,
}

/// Something that is being answered, until it is dropped.
struct Open(Arc<watch::Sender<usize>>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open = open.saturating_sub(1));
    }
}

impl Stop {
    /// A signal that was not given yet.
    pub fn new() -> Self {
        Self { given: Arc::new(watch::Sender::new(false)), open: Arc::new(watch::Sender::new(0)) }
    }

    /// Gives the signal.
    pub fn give(&self) {
        self.given.send_replace(true);
    }

    /// True once the signal was given.
    fn is_given(&self) -> bool {
        *self.given.borrow()
    }

    /// Waits for the signal; returns at once when it was given.
    pub async fn asked(&self) {
        // the sender lives in `self`, so the wait can only end well
        let _ = self.given.subscribe().wait_for(|given| *given).await;
    }

    /// Waits until nothing is being answered, for so long at the most.
    pub async fn answered(&self, most: Duration) {
        let _ = tokio::time::timeout(most, self.open.subscribe().wait_for(|open| *open == 0)).await;
    }

    fn open(&self) -> Open {
        self.open.send_modify(|open| *open += 1);
        Open(self.open.clone())
    }
}

/// Counts what is being answered, and once the server is about to stop says so to whatever comes, on a connection that then
/// closes. No worker may end before the last answer is made: a connection to the database lives in the worker that opened it,
/// whoever uses it.
pub async fn counted(
    stop: web::Data<Stop>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let _open = stop.open();
    if !stop.is_given() || request.path() == "/health/live" {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let id = answer::request_id(request.request());
    let mut refused = answer::refuse(503, ErrorCode::StorageUnavailable, "The server is stopping: ask again.", id);
    refused.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    refused.head_mut().set_connection_type(ConnectionType::Close);
    Ok(request.into_response(refused))
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
