//! Sending to webhooks: for agencies that cannot hold a connection.
//!
//! Every server sends. What is due it claims in the database, a few webhooks at a time, and sends to each of them one message
//! after the other, in the order of the feed; the next only when the one before was taken or given up. A message is thin: what
//! happened and ids, nothing of a person. Where it goes is looked at again before every message (`address`).

mod address;
mod message;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use entity::webhook_delivery::Failure;
use futures_util::StreamExt as _;
use futures_util::stream;
use moka::sync::Cache;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, StatusCode, Url};
use tokio::task::JoinSet;

use self::address::Refused;
use super::hub::Hub;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::webhook::courier::{Claimed, Due};
use crate::store::webhook::outcome::{Attempt, Became};

/// How long a lost call can delay a message, and how exactly a time to try again is kept.
const TICK: Duration = Duration::from_secs(1);
/// Claims come this far apart, at the least.
const APART: Duration = Duration::from_millis(20);
/// Webhooks that are sent to at a time.
const IN_FLIGHT: usize = 16;
/// For so long one webhook is sent to at a stretch, before others have their turn.
const TURN: Duration = Duration::from_secs(20);
/// How long everything about a message may take, from the name of the host to the end of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read: nothing depends on them, but a connection can be used again once its answer was read.
const ANSWER: usize = 4 * 1024;
/// How long a webhook rests whose next message could not be made.
const REST: chrono::Duration = chrono::Duration::seconds(5);

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Messages that were taken.
    pub delivered: usize,
    /// Attempts that failed, and are made again.
    pub failed: usize,
    /// Messages that were given up.
    pub dead: usize,
}

/// Sends what is due.
#[derive(Clone)]
pub struct Courier {
    hub: Hub,
    /// Clients that know one host under the addresses that were looked at, and no other way to it.
    clients: Cache<(String, Vec<SocketAddr>), Client>,
}

impl Courier {
    /// One that sends what the hub's store has.
    pub fn new(hub: Hub) -> Self {
        let clients = Cache::builder().max_capacity(1000).time_to_idle(Duration::from_mins(5)).build();
        Self { hub, clients }
    }

    fn store(&self) -> &Store {
        self.hub.store()
    }

    /// Sends until it is dropped.
    pub async fn run(self) {
        let mut bell = self.store().bell();
        let mut flights = JoinSet::new();
        loop {
            bell.mark_unchanged();
            match self.claim(IN_FLIGHT - flights.len()).await {
                Ok(claimed) => {
                    for each in claimed {
                        let courier = self.clone();
                        flights.spawn(async move { courier.carry(each).await });
                    }
                }
                Err(error) => tracing::warn!(%error, "webhooks were not claimed"),
            }
            tokio::time::sleep(APART).await;
            tokio::select! {
                _ = bell.changed() => {}
                Some(_) = flights.join_next() => {}
                () = self.hub.called_to_send() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Sends all that is due, until nothing is.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn pass(&self) -> Result<Passed> {
        let mut all = Passed::default();
        loop {
            let claimed = self.claim(IN_FLIGHT).await?;
            if claimed.is_empty() {
                return Ok(all);
            }
            let passed: Vec<_> =
                stream::iter(claimed).map(|each| self.carry(each)).buffer_unordered(IN_FLIGHT).collect().await;
            for each in passed {
                all.delivered += each.delivered;
                all.failed += each.failed;
                all.dead += each.dead;
            }
        }
    }

    async fn claim(&self, free: usize) -> Result<Vec<Claimed>> {
        if free == 0 {
            return Ok(Vec::new());
        }
        self.store().claim_webhooks(free as u64).await
    }

    /// Sends to one webhook for as long as there is something and it is taken.
    async fn carry(&self, mut claimed: Claimed) -> Passed {
        let (begun, mut passed) = (Instant::now(), Passed::default());
        let wait = loop {
            if begun.elapsed() > TURN {
                break chrono::Duration::zero();
            }
            match self.one(&mut claimed).await {
                // it was let go
                Ok(None) => return passed,
                Ok(Some(became)) => {
                    self.count(&mut passed, became);
                    if became != Became::Delivered {
                        return passed;
                    }
                }
                Err(Error::RateLimited(limited)) => break chrono::Duration::seconds(limited.retry_after.max(1)),
                Err(error) => {
                    tracing::warn!(%error, "a webhook rests");
                    break REST;
                }
            }
        };
        if let Err(error) = self.store().let_go(&claimed, wait).await {
            // its lease comes to an end
            tracing::warn!(%error, "a webhook was not let go");
        }
        passed
    }

    fn count(&self, passed: &mut Passed, became: Became) {
        let figures = self.hub.figures();
        match became {
            Became::Delivered | Became::DeliveredLast => {
                passed.delivered += 1;
                figures.sent();
            }
            Became::Retrying => {
                passed.failed += 1;
                figures.not_sent(false);
            }
            Became::Dead => {
                passed.dead += 1;
                figures.not_sent(true);
            }
            Became::Lost => {}
        }
    }

    /// The next message of a webhook, and what became of it; `None` where there is none, and the webhook was let go.
    async fn one(&self, claimed: &mut Claimed) -> Result<Option<Became>> {
        let Some(due) = self.store().next_for(claimed).await? else { return Ok(None) };
        // what was read stands in the record before anything leaves
        due.scope.settle().await?;
        let body = message::body(&due, self.store().clock().now())?;
        let headers = self.headers(claimed, &due, &body)?;
        let attempt = match tokio::time::timeout(PATIENCE, self.send(claimed.url(), headers, body)).await {
            Ok(attempt) => attempt,
            Err(_) => Attempt::Failed(Failure::Timeout, None),
        };
        self.store().sent(claimed, &due, attempt).await.map(Some)
    }

    fn headers(&self, claimed: &Claimed, due: &Due, body: &str) -> Result<HeaderMap> {
        let signed = self.store().sign_for(claimed, due, body);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(reqwest::header::USER_AGENT, HeaderValue::from_static("quorate-webhooks"));
        let timestamp = signed.timestamp.to_string();
        let own =
            [("webhook-id", &signed.id), ("webhook-timestamp", &timestamp), ("webhook-signature", &signed.signatures)];
        for (name, value) in own {
            let value = HeaderValue::from_str(value).map_err(|_| Error::internal("a header of a message"))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(headers)
    }

    /// Sends a message, to an address that was looked at and to no other.
    async fn send(&self, address: &str, headers: HeaderMap, body: String) -> Attempt {
        let failed = |failure| Attempt::Failed(failure, None);
        // a host that was taken off the list since is sent nothing more
        let Ok(url) = self.store().webhooks().fit(address) else { return failed(Failure::HostNotAllowed) };
        let addresses = match address::resolve(&url, self.store().webhooks().test_allowance).await {
            Ok(addresses) => addresses,
            Err(Refused::NoName) => return failed(Failure::NameNotResolved),
            Err(Refused::NotPublic) => return failed(Failure::AddressRefused),
        };
        let Ok(client) = self.client(&url, &addresses) else { return failed(Failure::Connection) };
        let answer = client.post(url).headers(headers).body(body).send().await;
        let mut answer = match answer {
            Ok(answer) => answer,
            Err(error) if error.is_timeout() => return failed(Failure::Timeout),
            Err(_) => return failed(Failure::Connection),
        };
        let status = answer.status();
        let mut read = 0;
        while read < ANSWER {
            let Ok(Some(chunk)) = answer.chunk().await else { break };
            read += chunk.len();
        }
        attempt_of(status)
    }

    /// A client that goes nowhere but to these addresses, through nothing, and to no other place that it is told.
    fn client(&self, url: &Url, addresses: &[SocketAddr]) -> std::result::Result<Client, Arc<reqwest::Error>> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let https_only = !self.store().webhooks().test_allowance;
        self.clients.try_get_with((host.clone(), addresses.to_vec()), || {
            Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .https_only(https_only)
                .timeout(PATIENCE)
                .resolve_to_addrs(&host, addresses)
                .build()
        })
    }
}

fn attempt_of(status: StatusCode) -> Attempt {
    let failure = match status {
        StatusCode::GONE => Failure::Gone,
        status if status.is_success() => return Attempt::Delivered(status.as_u16()),
        status if status.is_redirection() => Failure::Redirect,
        _ => Failure::Status,
    };
    Attempt::Failed(failure, Some(status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_success_is_delivered() {
        let of = |status: u16| attempt_of(StatusCode::from_u16(status).unwrap());
        assert_eq!(of(200), Attempt::Delivered(200));
        assert_eq!(of(204), Attempt::Delivered(204));
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(of(status), Attempt::Failed(Failure::Redirect, Some(status)));
        }
        assert_eq!(of(410), Attempt::Failed(Failure::Gone, Some(410)));
        for status in [400, 401, 404, 429, 500, 503] {
            assert_eq!(of(status), Attempt::Failed(Failure::Status, Some(status)));
        }
    }
}
