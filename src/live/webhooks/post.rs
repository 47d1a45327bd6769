//! Sending one message: to an address that was looked at and to no other, and what its answer says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use entity::webhook_delivery::Failure;
use moka::sync::Cache;
use reqwest::header::HeaderMap;
use reqwest::{Client, Response, StatusCode, Url};

use super::address::{self, Refused};
use crate::store::webhook::outcome::Attempt;
use crate::store::webhook::settings::WebhookSettings;

/// How long everything about a message may take, from the name of the host to the status of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read: nothing depends on them, but a connection can be used again once its answer was read.
const ANSWER: usize = 4 * 1024;
/// How long they may take to come.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// What messages are sent with.
#[derive(Clone)]
pub struct Post {
    /// Clients that know one host under the addresses that were looked at, and no other way to it.
    clients: Cache<(String, Vec<SocketAddr>), Client>,
}

impl Post {
    pub fn new() -> Self {
        Self { clients: Cache::builder().max_capacity(1000).time_to_idle(Duration::from_mins(5)).build() }
    }

    /// Sends a message, and says how that ended: within eleven seconds.
    pub async fn send(&self, settings: &WebhookSettings, address: &str, message: (HeaderMap, String)) -> Attempt {
        match tokio::time::timeout(PATIENCE, self.answer(settings, address, message)).await {
            Ok(Ok(answer)) => taken(answer).await,
            Ok(Err(failure)) => Attempt::Failed(failure, None),
            Err(_) => Attempt::Failed(Failure::Timeout, None),
        }
    }

    /// The beginning of the answer to a message.
    async fn answer(
        &self,
        settings: &WebhookSettings,
        address: &str,
        (headers, body): (HeaderMap, String),
    ) -> Result<Response, Failure> {
        // a host that was taken off the list since is sent nothing more
        let Ok(url) = settings.fit(address) else { return Err(Failure::HostNotAllowed) };
        let addresses = match address::resolve(&url, settings.test_allowance).await {
            Ok(addresses) => addresses,
            Err(Refused::NoName) => return Err(Failure::NameNotResolved),
            Err(Refused::NotPublic) => return Err(Failure::AddressRefused),
        };
        let client = self.client(&url, &addresses, !settings.test_allowance).map_err(|_| Failure::Connection)?;
        let answer = client.post(url).headers(headers).body(body).send().await;
        answer.map_err(|error| if error.is_timeout() { Failure::Timeout } else { Failure::Connection })
    }

    /// A client that goes nowhere but to these addresses, through nothing, and to no other place that it is told.
    fn client(&self, url: &Url, addresses: &[SocketAddr], https_only: bool) -> Result<Client, Arc<reqwest::Error>> {
        let host = url.host_str().unwrap_or_default().to_owned();
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

/// What an answer says. With its status the message is taken or not, whatever becomes of what follows.
async fn taken(mut answer: Response) -> Attempt {
    let status = answer.status();
    let rest = async {
        let mut read = 0;
        while read < ANSWER {
            let Ok(Some(chunk)) = answer.chunk().await else { break };
            read += chunk.len();
        }
    };
    let _ = tokio::time::timeout(ANSWERS_WITHIN, rest).await;
    attempt_of(status)
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
