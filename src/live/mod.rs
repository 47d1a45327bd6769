//! From the outbox to those who listen. The table is the truth; the bell only wakes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use entity::event;
use futures_util::Stream;
use uuid::Uuid;

use crate::auth::Principal;
use crate::error::Error;
use crate::store::audit::Asked;
use crate::store::outbox::Wanted;
use crate::store::{Scoped, Store};

/// How long a lost wake-up can delay an event; also how fast another replica's commits are seen.
const TICK: Duration = Duration::from_millis(500);
/// How old the rights may be under which an event is handed out: a listener that stalls is read for anew.
const FRESH: Duration = Duration::from_secs(1);
/// Events read at a time.
const BATCH: u64 = 100;

/// What a listener follows.
#[derive(Clone)]
pub struct Follow {
    /// The store.
    pub store: Store,
    /// Who listens.
    pub principal: Principal,
    /// What the subscription says of itself for the access record.
    pub asked: Arc<Asked>,
    /// The request the subscription came in.
    pub request: Uuid,
    /// After this position; from now on where none is given.
    pub after: Option<i64>,
    /// Which events. A child that was not visible at the start ends it at once.
    pub wanted: Wanted,
}

/// Why a listener hears nothing more.
#[derive(Debug)]
pub enum Ended {
    /// The post or the token came to its end.
    Rights,
    /// The child it is about is not visible any more: the relationship ended, or a conflict of interest closes it.
    Child,
    /// It could not be read.
    Failed(Error),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Events as they come, in order, each with the scope it was read through. Rights are those at delivery: the
/// standing is read anew for every batch and at least every half second, and the stream ends with the post, the token,
/// or the last relationship to the child it is about.
pub fn follow(follow: Follow) -> impl Stream<Item = Result<(event::Model, Scoped), Ended>> + Send {
    let bell = follow.store.bell();
    let read_at = Instant::now();
    let start = State { position: follow.after, follow, bell, ready: vec![], scope: None, read_at, over: false };
    futures_util::stream::unfold(start, |mut state| async move {
        match state.next().await {
            Ok(Some(item)) => Some((Ok(item), state)),
            Ok(None) => None,
            Err(error) => {
                state.over = true;
                Some((Err(error), state))
            }
        }
    })
}

struct State {
    follow: Follow,
    position: Option<i64>,
    bell: tokio::sync::watch::Receiver<u64>,
    /// Events read and not yet handed out, newest first.
    ready: Vec<event::Model>,
    scope: Option<Scoped>,
    /// When `ready` and `scope` were read.
    read_at: Instant,
    over: bool,
}

impl State {
    async fn next(&mut self) -> Result<Option<(event::Model, Scoped)>, Ended> {
        if self.over {
            return Ok(None);
        }
        loop {
            if let (Some(next), true) = (self.ready.last(), self.read_at.elapsed() > FRESH) {
                self.position = Some(next.position - 1);
                self.ready.clear();
            }
            if let (Some(event), Some(scope)) = (self.ready.pop(), &self.scope) {
                return Ok(Some((event, scope.clone())));
            }
            self.bell.mark_unchanged();
            if !self.read().await? {
                // either way the table is read again
                let _ = tokio::time::timeout(TICK, self.bell.changed()).await;
            }
        }
    }

    /// Reads the next batch; true if it holds anything.
    async fn read(&mut self) -> Result<bool, Ended> {
        self.read_at = Instant::now();
        if self.follow.principal.expires_at() <= self.follow.store.clock().token_time() {
            return Err(Ended::Rights);
        }
        let scope = match self.follow.store.scoped(&self.follow.principal, self.follow.request).await {
            Ok(scope) => scope.asking(self.follow.asked.clone()),
            Err(Error::NotFound | Error::Denied(_)) => return Err(Ended::Rights),
            Err(error) => return Err(error.into()),
        };
        if !scope.may_hear(&self.follow.wanted).await? {
            return Err(Ended::Child);
        }
        let head = scope.feed_position().await?;
        let position = *self.position.get_or_insert(head);
        if head > position {
            let mut events = scope.events_after(position, &self.follow.wanted, BATCH).await?;
            // past everything read; past everything there is when the batch was not full
            self.position = match events.last() {
                Some(last) if events.len() as u64 == BATCH => Some(last.position),
                _ => Some(head.max(events.last().map_or(0, |last| last.position))),
            };
            events.reverse();
            self.ready = events;
        }
        self.scope = Some(scope);
        Ok(!self.ready.is_empty())
    }
}
