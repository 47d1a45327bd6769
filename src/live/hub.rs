//! One reader of what is new, for all who listen on this server.
//!
//! It reads each event once, finds whom it may concern, and wakes those listeners; all others are not asked about it. What a
//! listener then hears it reads itself, with its rights of that moment. Every other second it looks, for all of them
//! together, whether their posts and tokens still stand. Webhooks that rest have their places among the listeners: they are
//! woken like them.

use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use entity::id::LocalAuthorityId;
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::task::AbortHandle;

use super::figures::{self, Figures};
use crate::error::Result;
use crate::store::Store;
use crate::store::audience::{Audience, Listener};
use crate::store::feed::AHEAD;
use crate::store::outbox::Named;

/// How long a lost wake-up can delay an event.
const TICK: Duration = Duration::from_millis(500);
/// How long an end of rights that no event tells of can go unnoticed.
const RIGHTS: Duration = Duration::from_secs(2);
/// Events read at a time.
const BATCH: i64 = 100;
/// Feeds read at a time.
const FEEDS: usize = 4;
/// Listeners that read at a time: the others wait for their turn, and not for a connection of the pool.
const TURNS: usize = 8;
/// For so long nothing may have been read before listeners look for themselves.
const WELL: Duration = Duration::from_secs(10);
/// Calls to other servers come this far apart, at the least.
const APART: Duration = Duration::from_millis(5);

/// The shared reader of a server.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
    _tasks: Arc<Tasks>,
}

/// What goes on for as long as somebody holds the hub.
struct Tasks(Vec<AbortHandle>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

struct Shared {
    store: Store,
    feeds: Mutex<Feeds>,
    /// Somebody listens where nobody did, or another server called.
    called: Notify,
    /// Another server called: for who sends to webhooks.
    sends: Notify,
    turns: Semaphore,
    figures: Figures,
    /// When all feeds were last read without a fault.
    well: Mutex<Instant>,
}

#[derive(Default)]
struct Feeds {
    seats: u64,
    of: HashMap<LocalAuthorityId, Feed>,
}

/// The feed of an authority that somebody here listens to.
struct Feed {
    /// Up to here events were handed to those they concern.
    known: i64,
    seats: HashMap<u64, Arc<Seat>>,
}

/// The place of one listener.
struct Seat {
    listener: Mutex<Listener>,
    waiting: Mutex<Waiting>,
    wake: Notify,
}

impl Seat {
    /// True of who listens by a token, and not of a webhook that rests.
    fn has_token(&self) -> bool {
        held(&self.listener).principal().is_some()
    }
}

/// What there is for a listener to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waiting {
    /// The positions of the first and the last event that may concern it.
    pub events: Option<(i64, i64)>,
    /// What they name.
    pub named: Named,
    /// Since when the first of them was there, or a little longer.
    pub since: Option<Instant>,
    /// Whether its rights are to be read anew.
    pub rights: bool,
}

impl Waiting {
    fn is_nothing(&self) -> bool {
        self.events.is_none() && !self.rights
    }

    fn add(&mut self, (first, last): (i64, i64), named: Named, since: Instant) {
        self.named = self.named.or(named);
        let (first, last) = self.events.map_or((first, last), |(a, b)| (a.min(first), b.max(last)));
        self.events = Some((first, last));
        self.since = self.since.or(Some(since));
    }
}

fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A listener at the hub, until it is dropped.
pub struct Seated {
    hub: Hub,
    seat: Arc<Seat>,
    authority: LocalAuthorityId,
    number: u64,
}

impl Seated {
    /// What there is to read; it is handed out once.
    pub fn take(&self) -> Waiting {
        std::mem::take(&mut *held(&self.seat.waiting))
    }

    /// Waits until there is something.
    pub async fn woken(&self) {
        while held(&self.seat.waiting).is_nothing() {
            self.seat.wake.notified().await;
        }
    }

    /// The standing of the listener, as it was read now.
    pub fn stands(&self, listener: Listener) {
        *held(&self.seat.listener) = listener;
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        let mut feeds = held(&self.hub.shared.feeds);
        if let Some(feed) = feeds.of.get_mut(&self.authority) {
            feed.seats.remove(&self.number);
            if feed.seats.is_empty() {
                feeds.of.remove(&self.authority);
            }
        }
    }
}

impl Hub {
    /// Begins; needs the asynchronous runtime. Nothing is read while nobody listens.
    pub fn start(store: Store) -> Self {
        let shared = Arc::new(Shared {
            store,
            feeds: Mutex::default(),
            called: Notify::new(),
            sends: Notify::new(),
            turns: Semaphore::new(TURNS),
            figures: Figures::default(),
            well: Mutex::new(Instant::now()),
        });
        let (reads, hears, calls, rights) = (shared.clone(), shared.clone(), shared.clone(), shared.clone());
        let tasks = vec![
            tokio::spawn(async move { reads.read_on().await }).abort_handle(),
            tokio::spawn(async move { hears.hear().await }).abort_handle(),
            tokio::spawn(async move { calls.call_others().await }).abort_handle(),
            tokio::spawn(async move { rights.keep_rights().await }).abort_handle(),
        ];
        Self { shared, _tasks: Arc::new(Tasks(tasks)) }
    }

    /// The store it reads.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// What was delivered, and how fast.
    pub fn figures(&self) -> &Figures {
        &self.shared.figures
    }

    /// The figures as Prometheus reads them.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn text(&self) -> Result<String> {
        let kept = self.store().feed_spans().await?.values().map(|span| span.len()).sum();
        let seats = |feed: &Feed| feed.seats.values().filter(|seat| seat.has_token()).count();
        let listeners = held(&self.shared.feeds).of.values().map(seats).sum();
        let webhooks = self.store().webhooks_by_state().await?;
        Ok(self.shared.figures.text(listeners, kept) + &figures::of_webhooks(&webhooks))
    }

    /// Waits until another server calls.
    pub(super) async fn called_to_send(&self) {
        self.shared.sends.notified().await;
    }

    /// False where nothing was read for long: then whoever listens looks for itself.
    pub(super) fn is_well(&self) -> bool {
        held(&self.shared.well).elapsed() < WELL
    }

    /// Waits until it is the listener's turn to read.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.shared.turns.acquire().await.ok()
    }

    /// Takes a seat. Of what stands in the table by then the listener reads what it wants itself: `head` is a position
    /// that was read before.
    pub(super) fn join(&self, listener: Listener, head: i64) -> Seated {
        let authority = listener.authority();
        let seat = Arc::new(Seat { listener: Mutex::new(listener), waiting: Mutex::default(), wake: Notify::new() });
        let mut feeds = held(&self.shared.feeds);
        feeds.seats += 1;
        let number = feeds.seats;
        let feed = feeds.of.entry(authority).or_insert_with(|| Feed { known: head, seats: HashMap::new() });
        feed.seats.insert(number, seat.clone());
        drop(feeds);
        self.shared.called.notify_one();
        Seated { hub: self.clone(), seat, authority, number }
    }
}

impl Shared {
    /// Reads what is new until it is aborted.
    async fn read_on(&self) {
        let mut bell = self.store.bell();
        // before this nothing is known to have been missed
        let mut looked = Instant::now();
        let mut since = looked;
        loop {
            bell.mark_unchanged();
            let begun = Instant::now();
            match self.hand_on(since).await {
                Ok(()) => *held(&self.well) = Instant::now(),
                // tried again at the next tick, from where it stood
                Err(error) => tracing::warn!(%error, "the feed was not read"),
            }
            if bell.has_changed().unwrap_or(true) {
                // rung while it was read: some time after the reading began
                since = begun;
            } else {
                let rung = tokio::select! {
                    _ = bell.changed() => true,
                    () = self.called.notified() => true,
                    () = tokio::time::sleep(TICK) => false,
                };
                since = if rung { Instant::now() } else { looked };
            }
            looked = begun;
        }
    }

    /// Looks again and again whether posts and tokens still stand.
    async fn keep_rights(&self) {
        loop {
            tokio::time::sleep(RIGHTS).await;
            if let Err(error) = self.look_at_rights().await {
                tracing::warn!(%error, "the rights of listeners were not read");
            }
        }
    }

    async fn hear(&self) {
        let heard = || {
            self.called.notify_one();
            self.sends.notify_one();
        };
        self.store.hear_others(heard).await;
    }

    /// Calls the other servers after commits of this one.
    async fn call_others(&self) {
        let mut bell = self.store.bell();
        while bell.changed().await.is_ok() {
            if let Err(error) = self.store.wake_others().await {
                // they look by themselves, twice a second
                tracing::warn!(%error, "other servers were not called");
            }
            tokio::time::sleep(APART).await;
        }
    }

    async fn hand_on(&self, since: Instant) -> Result<()> {
        let known: Vec<_> = held(&self.feeds).of.iter().map(|(authority, feed)| (*authority, feed.known)).collect();
        if known.is_empty() {
            self.figures.depth.store(0, Relaxed);
            return Ok(());
        }
        let spans = self.store.feed_spans().await?;
        let head = |authority: &LocalAuthorityId| spans.get(authority).map_or(0, |span| span.head);
        self.figures
            .depth
            .store(known.iter().map(|(authority, known)| (head(authority) - known).max(0)).sum(), Relaxed);
        let of = |(authority, known)| self.hand_on_of(authority, (known, head(&authority)), since);
        let each: Vec<_> = known.into_iter().map(of).collect();
        // one that cannot be read, or waits for its time, keeps no other up
        let read: Vec<_> = stream::iter(each).buffer_unordered(FEEDS).collect().await;
        read.into_iter().collect()
    }

    async fn hand_on_of(
        &self,
        authority: LocalAuthorityId,
        (mut known, head): (i64, i64),
        since: Instant,
    ) -> Result<()> {
        while known < head {
            let up_to = head.min(known + BATCH);
            let audiences = self.store.audiences(authority, known, up_to).await?;
            if let Some(newest) = audiences.iter().map(|event| event.at).max() {
                self.wait_for(newest).await;
            }
            self.wake(authority, &audiences, up_to, since);
            self.figures.depth.fetch_sub(up_to - known, Relaxed);
            known = up_to;
        }
        Ok(())
    }

    async fn wait_for(&self, at: DateTime<Utc>) {
        let ahead = (at - self.store.clock().now()).to_std().unwrap_or_default();
        tokio::time::sleep(ahead.min(AHEAD)).await;
    }

    /// Wakes those whom some events may concern.
    fn wake(&self, authority: LocalAuthorityId, events: &[Audience], up_to: i64, since: Instant) {
        let mut feeds = held(&self.feeds);
        let Some(feed) = feeds.of.get_mut(&authority) else { return };
        feed.known = feed.known.max(up_to);
        for seat in feed.seats.values() {
            let listener = held(&seat.listener);
            let (mut span, mut named) = (None, Named::default());
            for event in events.iter().filter(|event| listener.may_hear(event)) {
                span = Some((span.map_or(event.position, |(first, _)| first), event.position));
                named = named.or(event.named);
            }
            drop(listener);
            let Some(span) = span else { continue };
            held(&seat.waiting).add(span, named, since);
            seat.wake.notify_one();
        }
    }

    /// Has those read their rights anew who may have lost them.
    async fn look_at_rights(&self) -> Result<()> {
        let seats: Vec<Arc<Seat>> = {
            let feeds = held(&self.feeds);
            let seats = feeds.of.values().flat_map(|feed| feed.seats.values());
            seats.filter(|seat| seat.has_token()).cloned().collect()
        };
        let listeners: Vec<Listener> = seats.iter().map(|seat| held(&seat.listener).clone()).collect();
        let now = self.store.clock().token_time();
        let changed = self.store.changed(&listeners.iter().collect::<Vec<_>>()).await?;
        for ((seat, listener), changed) in seats.iter().zip(&listeners).zip(changed) {
            let is_over = listener.principal().is_some_and(|principal| principal.expires_at() <= now);
            if changed || listener.wants_a_child() || is_over {
                held(&seat.waiting).rights = true;
                seat.wake.notify_one();
            }
        }
        Ok(())
    }
}
