//! From the outbox to those who listen. The table is the truth; what wakes a listener says only that there may be something.

mod figures;
mod halt;
mod hub;
mod webhooks;

use std::sync::Arc;
use std::time::{Duration, Instant};

use entity::event;
use futures_util::Stream;
use uuid::Uuid;

pub use self::figures::Figures;
pub use self::halt::Halt;
pub use self::hub::Hub;
use self::hub::{Seated, Waiting};
pub use self::webhooks::{Courier, Passed};
use crate::auth::Principal;
use crate::error::Error;
use crate::store::Scoped;
use crate::store::audience::Listener;
use crate::store::audit::Asked;
use crate::store::outbox::{Named, WINDOW, Wanted};

/// How old the rights may be under which an event is handed out: a listener that stalls is read for anew.
const FRESH: Duration = Duration::from_secs(1);
/// How long until a listener that hears nothing asks whether the hub is well.
const LOOK_ANYWAY: Duration = Duration::from_secs(10);
/// Events read at a time.
const BATCH: u64 = 100;

/// What a listener follows.
#[derive(Clone)]
pub struct Follow {
    /// Where it listens.
    pub hub: Hub,
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
    /// What to do if something behind the position is not kept any more.
    pub missing: Missing,
}

/// What a listener does about events that cannot be replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It ends.
    Ends,
    /// It is told, and goes on from now.
    IsTold,
}

/// How a listener came to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// There was nothing it had missed.
    NothingMissed,
    /// So many events it had missed were handed out before this.
    Replayed(u64),
    /// What it had missed is not kept any more.
    CannotReplay,
}

/// What a listener is told.
#[derive(Debug)]
pub enum Told {
    /// Something happened; since when it was there to be told, unless it had been missed.
    Event(Box<event::Model>, Option<Instant>),
    /// All that was there at the beginning is told, up to this position: what follows is new. Said once.
    Resumed(Resumed, i64),
}

/// An event on its way out.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    since: Option<Instant>,
}

impl Delivery {
    /// Of one that was there to be told since an instant, unless it had been missed.
    pub const fn of(since: Option<Instant>) -> Self {
        Self { since }
    }

    /// How long it waited.
    pub fn waited(self) -> Option<Duration> {
        self.since.map(|since| since.elapsed())
    }
}

/// Why a listener hears nothing more.
#[derive(Debug)]
pub enum Ended {
    /// The post or the token came to its end.
    Rights,
    /// The child it is about is not visible any more: the relationship ended, or a conflict of interest closes it.
    Child,
    /// It could not be read, or what it missed is not kept.
    Failed(Error),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Events as they come, in order, each with the scope it was read through. Rights are those at delivery: the standing is
/// read anew for every batch, and where it may have changed; the stream ends with the post, the token, or the last
/// relationship to the child it is about.
pub fn follow(follow: Follow) -> impl Stream<Item = Result<(Told, Scoped), Ended>> + Send {
    let start = State {
        follow,
        seat: None,
        position: 0,
        up_to: 0,
        since: None,
        resuming: None,
        ready: vec![],
        scope: None,
        read_at: Instant::now(),
        handed_out: false,
        looks_itself: false,
        named: Named::ALL,
        over: false,
    };
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
    /// Taken with the first reading.
    seat: Option<Seated>,
    /// Up to here it was read.
    position: i64,
    /// Up to here there may be something for this listener.
    up_to: i64,
    since: Option<Instant>,
    /// What will be said of how it came to now, until it is said.
    resuming: Option<Resumed>,
    /// Events read and not yet handed out, newest first.
    ready: Vec<event::Model>,
    scope: Option<Scoped>,
    /// When `ready` and `scope` were read.
    read_at: Instant,
    /// Whether something was handed out of that: the first is, however long the reading took.
    handed_out: bool,
    /// The hub says nothing, or was asked on behalf of another standing: it looks what there is.
    looks_itself: bool,
    /// What the events name that are read next.
    named: Named,
    over: bool,
}

impl State {
    async fn next(&mut self) -> Result<Option<(Told, Scoped)>, Ended> {
        if self.over {
            return Ok(None);
        }
        loop {
            let is_old = self.handed_out && self.read_at.elapsed() > FRESH;
            if let (Some(next), true) = (self.ready.last(), is_old) {
                self.position = next.position - 1;
                self.ready.clear();
            }
            if let Some(told) = self.told() {
                return Ok(Some(told));
            }
            let has_all = self.position >= self.up_to && !self.looks_itself;
            if let Some(seat) = self.seat.as_ref().filter(|_| has_all) {
                let woken = tokio::time::timeout(LOOK_ANYWAY, seat.woken()).await;
                if woken.is_err() && self.follow.hub.is_well() {
                    continue;
                }
                self.looks_itself = woken.is_err();
            }
            self.read().await?;
        }
    }

    /// What can be handed out of what was read.
    fn told(&mut self) -> Option<(Told, Scoped)> {
        let scope = self.scope.clone()?;
        if let Some(event) = self.ready.pop() {
            self.handed_out = true;
            let missed = match &mut self.resuming {
                Some(Resumed::Replayed(many)) => {
                    *many += 1;
                    true
                }
                Some(other) => {
                    *other = Resumed::Replayed(1);
                    true
                }
                None => false,
            };
            return Some((Told::Event(Box::new(event), self.since.filter(|_| !missed)), scope));
        }
        let resumed = self.resuming.take_if(|_| self.position >= self.up_to)?;
        Some((Told::Resumed(resumed, self.position), scope))
    }

    /// Reads rights, and the next batch if there may be one.
    async fn read(&mut self) -> Result<(), Ended> {
        let hub = self.follow.hub.clone();
        let _turn = hub.turn().await;
        (self.read_at, self.handed_out) = (Instant::now(), false);
        // taken before the rights are read: what is handed on meanwhile may have come with rights of its own
        let waiting = self.seat.as_ref().filter(|_| self.resuming.is_none()).map(Seated::take);
        let mut scope = self.rights().await?;
        // nobody was asked on behalf of a standing that is new, or by a hub that is not well
        self.looks_itself |= self.scope.as_ref().is_some_and(|before| !before.who().hears_like(scope.who()));
        let listener = Listener::new(self.follow.principal.clone(), &scope, self.follow.wanted.clone());
        match &self.seat {
            None => {
                self.begin(listener, &scope).await?;
                scope = self.in_time(scope).await?;
            }
            Some(seat) => seat.stands(listener),
        }
        if let Some(waiting) = waiting {
            let looks_itself = std::mem::take(&mut self.looks_itself);
            self.look_for_new(waiting, looks_itself);
            if looks_itself {
                self.named = Named::ALL;
                self.up_to = self.up_to.max(scope.feed_span().await?.head);
                scope = self.in_time(scope).await?;
            }
        }
        if self.position < self.up_to {
            // a window at a time, however long it was away: others have their turn between two of them
            let until = self.up_to.min(self.position.saturating_add(WINDOW));
            let mut events =
                scope.events_that_name(self.named, (self.position, until), &self.follow.wanted, BATCH).await?;
            if self.resuming.is_some() && scope.feed_span().await?.goes_on(self.position).is_err() {
                self.miss()?;
                events.clear();
            }
            self.position = match events.last() {
                Some(last) if events.len() as u64 == BATCH => last.position,
                _ => self.position.max(until),
            };
            events.reverse();
            self.ready = events;
        }
        self.scope = Some(scope);
        Ok(())
    }

    /// The reader as it stands now.
    async fn rights(&self) -> Result<Scoped, Ended> {
        let Follow { hub, principal, request, asked, wanted, .. } = &self.follow;
        if principal.expires_at() <= hub.store().clock().token_time() {
            return Err(Ended::Rights);
        }
        let scope = match hub.store().scoped(principal, *request).await {
            Ok(scope) => scope.asking(asked.clone()),
            Err(Error::NotFound | Error::Denied(_)) => return Err(Ended::Rights),
            Err(error) => return Err(error.into()),
        };
        if scope.may_hear(wanted).await? { Ok(scope) } else { Err(Ended::Child) }
    }

    /// The rights of a moment that is before nothing of what is to be read: some of it may have come with rights. They are read
    /// when it is known what there is, and not before the latest of it, by whosever clock.
    async fn in_time(&mut self, before: Scoped) -> Result<Scoped, Ended> {
        if self.position >= self.up_to {
            return Ok(before);
        }
        let mut scope = self.rights().await?;
        let ahead = scope.ahead((self.position, self.up_to)).await?;
        if !ahead.is_zero() {
            tokio::time::sleep(ahead).await;
            scope = self.rights().await?;
        }
        if let Some(seat) = self.seat.as_ref().filter(|_| !before.who().hears_like(scope.who())) {
            seat.stands(Listener::new(self.follow.principal.clone(), &scope, self.follow.wanted.clone()));
            // what came meanwhile was asked about on behalf of the one before
            self.looks_itself = true;
        }
        Ok(scope)
    }

    /// Takes a seat, and then looks how much is there already: nothing falls between the two.
    async fn begin(&mut self, listener: Listener, scope: &Scoped) -> Result<(), Ended> {
        let before = scope.feed_span().await?;
        self.seat = Some(self.follow.hub.join(listener, before.head));
        let span = scope.feed_span().await?;
        self.up_to = span.head;
        self.position = self.follow.after.unwrap_or(span.head);
        self.resuming = Some(Resumed::NothingMissed);
        if span.goes_on(self.position).is_err() {
            self.miss()?;
        }
        Ok(())
    }

    /// Passes over what cannot be replayed.
    fn miss(&mut self) -> Result<(), Ended> {
        if self.follow.missing == Missing::Ends {
            return Err(Error::ResyncRequired.into());
        }
        self.position = self.up_to;
        self.resuming = Some(Resumed::CannotReplay);
        Ok(())
    }

    /// Takes up what the hub found, once what was there before is told.
    fn look_for_new(&mut self, waiting: Waiting, looks_itself: bool) {
        let Some((first, last)) = waiting.events else { return };
        let is_behind = self.position < self.up_to;
        self.named = if is_behind { self.named.or(waiting.named) } else { waiting.named };
        if !is_behind {
            // what lies between concerned nobody with this standing
            if !looks_itself {
                self.position = self.position.max(first - 1);
            }
            self.since = waiting.since;
        }
        self.up_to = self.up_to.max(last);
    }
}
