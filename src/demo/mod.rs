//! Synthetic data: four authorities, their agencies and families over two years and the sixty days to come.
//!
//! The same seed, size and day in England make the same rows, byte for byte, whatever the hour and the database.
//! NHS numbers are of the 999 range, which is never given to a person. All names are made up.

mod allegation;
mod course;
mod days;
mod deadlines;
mod episodes;
mod feed;
mod hiring;
mod household;
mod ids;
mod invitations;
mod involvement;
mod lists;
mod meetings;
mod names;
mod plans;
mod records;
mod references;
mod reports;
mod rows;
mod staff;
mod story;
#[cfg(test)]
mod tests;
mod texts;

use chrono::{DateTime, Utc};
use entity::appointment::Post;
use entity::id::{AgencyId, PractitionerId};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio::task::spawn_blocking;

use self::days::Days;
use self::feed::Feed;
use self::rows::Rows;
use self::staff::Staff;
use crate::error::{Error, Result};
use crate::store::Database;

/// How much, and which.
#[derive(Clone, Copy, Debug)]
pub struct DemoSettings {
    /// How many children, about.
    pub children: u32,
    /// The same seed makes the same data.
    pub seed: u64,
}

/// Somebody to try the API as.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Short name.
    pub key: &'static str,
    /// Full name.
    pub name: String,
    /// Name of the agency.
    pub agency: String,
    /// Who.
    pub practitioner: PractitionerId,
    /// Where.
    pub agency_id: AgencyId,
    /// The post.
    pub post: Post,
    /// The grants of the token.
    pub scope: &'static str,
    /// How the person signs in, as the token says it.
    pub acr: Option<&'static str>,
}

/// Three queries to begin with.
pub const QUERIES: &str = "  { viewer { practitioner { fullName } agency { name } posts } }
  { children(first: 5) { nodes { id givenName familyName nhsNumber currentPlan { kind startsOn } } } }
  { conferences(first: 5) { nodes { kind status scheduledAt invitations { nodes { agency { name } attendance reportStatus } } } } }";

/// The personas of every demo: they do not depend on seed or size.
pub fn personas() -> Vec<Persona> {
    staff::personas()
}

/// The NHS number of the oldest child of the first family: the one the personas work with.
pub fn first_nhs_number() -> String {
    ids::nhs_number(0)
}

/// A number that the second child of the first family had once.
pub fn former_nhs_number() -> String {
    references::former_nhs_number(1)
}

/// Children of a demo at the most: as many as a large country has on its registers.
const MOST_CHILDREN: u32 = 2_000_000;

const MARK: &str = "demo";

/// Fills an empty database; goes on with one that holds the same demo data; refuses any other.
///
/// # Errors
/// A sentence that says why.
pub async fn prepare(
    database: &Database,
    settings: &DemoSettings,
    now: DateTime<Utc>,
    progress: &(dyn Fn(&str) + Sync),
) -> std::result::Result<(), String> {
    let mark = format!("seed {} children {}", settings.seed, settings.children);
    let fail = |e: Error| format!("the demo data: {e}");
    match database.instance_value(MARK).await.map_err(fail)? {
        Some(held) if held == mark => {
            progress("The demo data is there already.");
            return Ok(());
        }
        Some(held) => return Err(format!("the database holds a demo with {held}; use another database")),
        None if !database.is_empty().await.map_err(fail)? => {
            return Err("the database holds data that is not a demo's; use another database".into());
        }
        None => {}
    }
    if settings.children > MOST_CHILDREN {
        return Err(format!("a demo has {MOST_CHILDREN} children at the most"));
    }
    fill(database, settings, now, &mark, progress).await.map_err(fail)
}

/// From so many children on, keys and indexes are laid aside while the rows are written.
const MANY: u32 = 4000;

async fn fill(
    database: &Database,
    settings: &DemoSettings,
    now: DateTime<Utc>,
    mark: &str,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<()> {
    let (making, places) = Making::begin(settings, now);
    // one transaction: a demo that was stopped half-way leaves nothing behind
    let mut bulk = database.bulk(settings.children >= MANY).await?;
    places.write(&mut bulk).await?;
    let mut next = spawn_blocking(move || making.step());
    let mut told = 0;
    loop {
        let (making, rows) = next.await.map_err(|e| Error::Internal(Box::new(e)))?;
        let Some(rows) = rows? else { break };
        let children = making.children.min(settings.children);
        // the next batch is made while this one is on its way to the database
        next = spawn_blocking(move || making.step());
        rows.write(&mut bulk).await?;
        // the last batches are the feed's and hold no more children
        if children > told {
            progress(&format!("{children} of {} children", settings.children));
            told = children;
        }
    }
    progress("Finishing …");
    let row = entity::instance::Model { key: MARK.into(), value: mark.into() };
    bulk.insert::<entity::instance::Entity>(vec![row]).await?;
    bulk.commit().await
}

/// What the steps of a family's story write to.
struct Maker<'a> {
    rng: &'a mut ChaCha8Rng,
    staff: &'a Staff,
    days: Days,
    rows: Rows,
    feed: &'a mut Feed,
}

/// The demo in the making: batch after batch, so that its size does not matter to memory.
struct Making {
    rng: ChaCha8Rng,
    staff: Staff,
    days: Days,
    feed: Feed,
    most: u32,
    families: u32,
    children: u32,
    /// How much of the feed was given, once its giving has begun.
    told: Option<usize>,
}

impl Making {
    /// Begins, with the rows of the people and places.
    fn begin(settings: &DemoSettings, now: DateTime<Utc>) -> (Self, Rows) {
        let days = Days::of(now);
        let (staff, rows) = Staff::new(settings.children, days.start);
        let feed = Feed::new(staff.places.iter().map(|place| place.authority), days.start);
        let rng = ChaCha8Rng::seed_from_u64(settings.seed);
        (Self { rng, staff, days, feed, most: settings.children, families: 0, children: 0, told: None }, rows)
    }

    /// Makes the next rows; gives itself back, for the step after.
    fn step(mut self) -> (Self, Result<Option<Rows>>) {
        let rows = self.next();
        (self, rows)
    }

    /// The next rows: families, then the feed; `None` once all is made.
    fn next(&mut self) -> Result<Option<Rows>> {
        const CHILDREN_A_BATCH: u32 = 1000;
        if self.children >= self.most {
            let rows = self.feed_rows();
            return Ok(Some(rows).filter(|rows| rows.count() > 0));
        }
        let until = (self.children + CHILDREN_A_BATCH).min(self.most);
        let (rng, feed) = (&mut self.rng, &mut self.feed);
        let mut maker = Maker { rng, staff: &self.staff, days: self.days, rows: Rows::default(), feed };
        while self.children < until {
            let made = maker.family(self.families, self.children).map_err(|e| Error::Internal(Box::new(e)))?;
            self.children += made;
            self.families += 1;
        }
        Ok(Some(maker.rows))
    }

    fn feed_rows(&mut self) -> Rows {
        const EVENTS_A_BATCH: usize = 20_000;
        if self.told.is_none() {
            self.feed.sort();
        }
        let mut told = self.told.unwrap_or(0);
        let mut rows = self.feed.rows(&mut self.rng, &mut told, EVENTS_A_BATCH);
        if self.told.replace(told).is_none() {
            rows.feeds = self.feed.counters();
        }
        rows
    }
}
