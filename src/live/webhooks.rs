//! Sending to webhooks: for agencies that cannot hold a connection.
//!
//! Every server sends. What is due it claims in the database, a few webhooks at a time, and sends to each of them one message
//! after the other, in the order of the feed; the next only when the one before was taken or given up. A message is thin: what
//! happened and ids, nothing of a person. Where it goes is looked at again before every message (`address`).
//!
//! A webhook for which nothing was of what happened rests for a moment; what is for it meanwhile it hears of at the hub, like
//! everybody who listens. Once the server is to stop nothing more is begun, and what is under way is sent and written down.

mod address;
mod message;
mod post;

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tokio::task::{JoinError, JoinSet};

use self::post::Post;
use super::halt::Halt;
use super::hub::Hub;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::webhook::courier::{Claimed, Due, Next, Rest};
use crate::store::webhook::outcome::Became;

/// How long a lost call can delay a message, and how exactly a time to try again is kept.
const TICK: Duration = Duration::from_secs(1);
/// Claims come this far apart, at the least.
const APART: Duration = Duration::from_millis(20);
/// Webhooks that are sent to at a time.
const IN_FLIGHT: usize = 16;
/// For so long one webhook is sent to at a stretch, before others have their turn.
const TURN: Duration = Duration::from_secs(20);
/// How long a webhook rests whose next message could not be made.
const REST: chrono::Duration = chrono::Duration::seconds(5);
/// How long one that rests listens: until it is looked at again anyway.
const LISTENS: Duration = Duration::from_secs(2);

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
    post: Post,
    halt: Halt,
}

impl Courier {
    /// One that sends what the hub's store has, until it is told to begin nothing more.
    pub fn new(hub: Hub, halt: Halt) -> Self {
        Self { hub, post: Post::new(), halt }
    }

    fn store(&self) -> &Store {
        self.hub.store()
    }

    /// Sends until it is told to begin nothing more; then it ends with what is under way.
    pub async fn run(self) {
        let _going = self.halt.begin();
        let mut bell = self.store().bell();
        let (mut flights, mut rests) = (JoinSet::new(), JoinSet::new());
        while !self.halt.is_said() {
            bell.mark_unchanged();
            match self.claim(IN_FLIGHT - flights.len()).await {
                Ok(claimed) => {
                    for each in claimed {
                        let courier = self.clone();
                        flights.spawn(async move { courier.carry(each).await.1 });
                    }
                }
                Err(error) => tracing::warn!(%error, "webhooks were not claimed"),
            }
            tokio::time::sleep(APART).await;
            tokio::select! {
                _ = bell.changed() => {}
                Some(ended) = flights.join_next() => self.landed(ended, &mut rests),
                Some(_) = rests.join_next() => {}
                () = self.hub.called_to_send() => {}
                () = self.halt.said() => {}
                () = tokio::time::sleep(TICK) => {}
            }
            while let Some(ended) = flights.try_join_next() {
                self.landed(ended, &mut rests);
            }
        }
        while flights.join_next().await.is_some() {}
    }

    /// Has a webhook listen that was let go because nothing was for it.
    fn landed(&self, ended: std::result::Result<Option<Rest>, JoinError>, rests: &mut JoinSet<()>) {
        match ended {
            Ok(Some(rest)) => {
                let courier = self.clone();
                rests.spawn(async move { courier.listen(rest).await });
            }
            Ok(None) => {}
            // its lease comes to an end
            Err(error) => tracing::error!(%error, "a webhook was dropped"),
        }
    }

    /// Ends the rest of a webhook once something happens that may be for it.
    async fn listen(&self, rest: Rest) {
        // seated first: nothing falls between what is looked for and what is told
        let seat = self.hub.join(rest.listener.clone(), rest.position);
        let roused = async {
            if !self.store().missed_meanwhile(&rest).await?
                && tokio::time::timeout(LISTENS, seat.woken()).await.is_err()
            {
                return Ok(());
            }
            self.store().rouse(&rest).await
        };
        if let Err(error) = roused.await {
            // its rest comes to an end
            tracing::warn!(%error, "a webhook that rests was not woken");
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
            for (each, _) in passed {
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

    /// Sends to one webhook for as long as there is something and it is taken; and how it rests where nothing was for it.
    async fn carry(&self, mut claimed: Claimed) -> (Passed, Option<Rest>) {
        let (begun, mut passed) = (Instant::now(), Passed::default());
        let wait = loop {
            if begun.elapsed() > TURN {
                break chrono::Duration::zero();
            }
            match self.one(&mut claimed).await {
                Ok(One::Sent(became)) => {
                    self.count(&mut passed, became);
                    if became != Became::Delivered {
                        return (passed, None);
                    }
                }
                Ok(One::LetGo(rest)) => return (passed, rest.map(|rest| *rest)),
                Ok(One::NotNow) => break chrono::Duration::zero(),
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
        (passed, None)
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

    /// The next message of a webhook, and what became of it.
    async fn one(&self, claimed: &mut Claimed) -> Result<One> {
        if self.halt.is_said() {
            return Ok(One::NotNow);
        }
        let due = match self.store().next_for(claimed).await? {
            Next::Message(due) => due,
            Next::Nothing => return Ok(One::LetGo(None)),
            Next::Rests(rest) => return Ok(One::LetGo(Some(rest.into()))),
        };
        // what was read stands in the record before anything leaves
        due.scope.settle().await?;
        let body = message::body(&due, self.store().clock().now())?;
        let headers = self.headers(claimed, &due, &body)?;
        // nothing is begun that another server might begin as well before it is over, or that a stop would not wait for
        if self.halt.is_said() || !claimed.may_begin() {
            return Ok(One::NotNow);
        }
        let attempt = self.post.send(self.store().webhooks(), claimed.url(), (headers, body)).await;
        self.store().sent(claimed, &due, attempt).await.map(One::Sent)
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
}

/// How a step of sending to a webhook ended.
enum One {
    /// A message was sent.
    Sent(Became),
    /// Nothing was to be sent, and it was let go; how it rests, if it does.
    LetGo(Option<Box<Rest>>),
    /// Nothing is begun at this moment; it is still to be let go.
    NotNow,
}
