//! Synthetic data: four authorities, their agencies and families, the same for the same seed and day.
//!
//! NHS numbers are of the 999 range, which is never given to a person. All names are made up.

mod families;
mod ids;
mod staff;

use chrono::{DateTime, Utc};
use entity::appointment::Post;
use entity::id::{AgencyId, PractitionerId};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use self::families::Batch;
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
    fill(database, settings, now, &mark, progress).await.map_err(fail)
}

async fn fill(
    database: &Database,
    settings: &DemoSettings,
    now: DateTime<Utc>,
    mark: &str,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<()> {
    const CHILDREN_A_BATCH: u32 = 2000;
    let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
    let mut staff = Staff::new(now);
    // one transaction: a demo that was stopped half-way leaves nothing behind
    let bulk = database.bulk().await?;
    staff.write(&bulk).await?;
    let (mut family, mut children) = (0, 0);
    while children < settings.children {
        let mut batch = Batch::new(&mut rng, &staff, now);
        let until = (children + CHILDREN_A_BATCH).min(settings.children);
        while children < until {
            children += batch.family(family, children);
            family += 1;
        }
        batch.write(&bulk).await?;
        progress(&format!("{children} of {} children", settings.children));
    }
    let row = entity::instance::Model { key: MARK.into(), value: mark.into() };
    bulk.insert::<entity::instance::Entity>(vec![row]).await?;
    bulk.commit().await
}
