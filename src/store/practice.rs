//! Which practice an authority goes by, and what that asks: published documents, read by everybody.

use std::time::Duration;

use chrono::NaiveDate;
use entity::agency;
use entity::deadline::Kind;
use entity::entry::Record;
use entity::id::LocalAuthorityId;
use entity::local_authority::{self, Profile};
use moka::sync::Cache;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::{Scoped, Tx};
use crate::clock::london_day;
use crate::error::{Error, Result};
pub use crate::practice::attendance::Reading;
pub use crate::practice::items::{Answer, Beside, Item, Per};
pub use crate::practice::standards::Hold;
use crate::practice::standards::Standard;

/// What an authority holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// Which practice.
    pub profile: Profile,
    /// What the authority is called.
    pub name: String,
    /// The document it goes by.
    pub document: String,
    /// How long before it is due a limit in days is said to approach.
    pub approaching: Option<String>,
    /// What it holds, in the order of its file; those of the base last.
    pub standards: Vec<HeldRule>,
}

/// A rule as an authority holds it.
#[derive(Clone, Debug)]
pub struct HeldRule {
    /// Its id in the register of practice.
    pub rule: String,
    /// What it asks, where it stands, and how strongly that words it.
    pub words: Option<(String, String, String)>,
    /// How it is held.
    pub hold: Hold,
    /// What it makes due.
    pub deadlines: Vec<Kind>,
    /// What it lets stretch.
    pub extends: Option<Kind>,
    /// In what time, or to what.
    pub within: Option<String>,
    /// How many, where it is about a number.
    pub least: Option<u16>,
    /// Which kinds of agency, where it is about these.
    pub agencies: Vec<agency::Kind>,
    /// How many in a row, where it is about a run.
    pub running: Option<u16>,
    /// Beyond how many standard errors, where it is about what is no chance any more.
    pub sigma: Option<u8>,
    /// How much of another figure at the least, in percent, where it is about a comparison.
    pub percent: Option<u16>,
    /// How its words are read, where they can be read in two ways.
    pub reading: Option<Reading>,
    /// From which day on.
    pub from: Option<NaiveDate>,
}

/// Profiles of authorities, for some minutes.
pub(super) fn profiles() -> Cache<LocalAuthorityId, Profile> {
    Cache::builder().max_capacity(1000).time_to_live(Duration::from_mins(10)).build()
}

impl Scoped {
    /// Which practice the reader's authority goes by.
    pub async fn profile(&self) -> Result<Profile> {
        self.profile_within(&self.store.db.reads).await
    }

    async fn profile_within(&self, db: &impl ConnectionTrait) -> Result<Profile> {
        let (store, authority) = (&self.store, self.who.authority);
        if let Some(known) = store.profiles.get(&authority) {
            return Ok(known);
        }
        let row = local_authority::Entity::find_by_id(authority).one(db).await?;
        let profile = row.ok_or_else(|| Error::internal("an authority without a row"))?.profile;
        store.profiles.insert(authority, profile);
        Ok(profile)
    }

    /// What an authority with this profile holds; the reader's, if none is named.
    pub async fn practice_of(&self, profile: Option<Profile>) -> Result<Held> {
        let profile = match profile {
            Some(profile) => profile,
            None => self.profile().await?,
        };
        let standards = &self.store.practice.standards;
        let book = standards.book(profile);
        let held = |standard: &Standard| HeldRule {
            rule: standard.rule.clone(),
            words: standards.rule(&standard.rule).map(|r| (r.says.clone(), r.about.clone(), r.force.clone())),
            hold: standard.hold,
            deadlines: standard.deadline.into_iter().chain(standard.also).collect(),
            extends: standard.extends,
            within: standard.within.map(|span| span.to_string()),
            least: standard.least,
            agencies: standard.agencies.clone(),
            running: standard.running,
            sigma: standard.sigma,
            percent: standard.percent,
            reading: standard.reading,
            from: standard.from,
        };
        let (name, document) = (book.name.clone(), book.document.clone());
        let approaching = book.approaching.map(|span| span.to_string());
        Ok(Held { profile, name, document, approaching, standards: book.standards().map(held).collect() })
    }
}

/// An item of practice as an authority holds it.
#[derive(Clone, Debug)]
pub struct HeldItem {
    /// The item.
    pub item: Item,
    /// How it is held today: as strictly as the strictest of its rules.
    pub hold: Hold,
}

impl Scoped {
    /// What belongs on a kind of record, and how the reader's authority holds it today.
    pub async fn items_of(&self, record: Record) -> Result<Vec<HeldItem>> {
        let standards = &self.store.practice.standards;
        let book = standards.book(self.profile().await?);
        let today = london_day(self.who.at);
        let held = |item: &Item| HeldItem {
            hold: item.rules.iter().map(|rule| book.hold(rule, today)).max().unwrap_or(Hold::Off),
            item: item.clone(),
        };
        Ok(standards.items().of_record(record).map(held).collect())
    }
}

impl Tx {
    /// Which practice the writer's authority goes by.
    pub async fn profile(&self) -> Result<Profile> {
        self.scope().profile_within(&self.inner).await
    }
}
