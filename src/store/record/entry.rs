//! Entries: written once, superseded by others.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use entity::category::Category;
use entity::entry::{self, Audience, Column as C};
use entity::id::EntryId;
use entity::sealed::Sealed;
use sea_orm::sea_query::Order;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait, QueryFilter, QuerySelect};

use super::{Locked, OnARecord as _, RecordId, on};
use crate::error::{Error, Result};
use crate::policy::actions::RecordEntries;
pub use crate::practice::gaps::Subject;
use crate::practice::items::Item;
use crate::store::permit::Permit;
use crate::store::{Scoped, Tx};

/// An answer to an item, to be written.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Its id.
    pub id: EntryId,
    /// Which item.
    pub item: String,
    /// Who reads it.
    pub audience: Audience,
    /// About whom.
    pub subject: Subject,
    /// Which of several answers.
    pub line: i32,
    /// The word that was chosen.
    pub choice: Option<String>,
    /// The number.
    pub number: Option<i32>,
    /// The instant.
    pub at: Option<DateTime<Utc>>,
    /// Words.
    pub text: Option<String>,
    /// A time in words.
    pub timescale: Option<String>,
    /// Why not.
    pub reason_not: Option<String>,
}

/// What has one answer at a time.
pub type Place = (String, Subject, i32);

/// The last line of an item about somebody, of the places that are taken; 0 where there is none.
pub fn last_line<'p>(taken: impl IntoIterator<Item = &'p Place>, item: &str, about: Subject) -> i32 {
    let of = taken.into_iter().filter(|(code, subject, _)| code == item && *subject == about);
    of.map(|place| place.2).max().unwrap_or(0)
}

impl Scoped {
    /// The item of an entry: what is asked, and the rules that ask it.
    pub fn item_of(&self, row: &entry::Model) -> Option<&Item> {
        self.store.practice.standards.items().get(&row.item)
    }

    /// To which category what an entry says belongs.
    pub fn category_of(&self, row: &entry::Model) -> Category {
        // an item that is no more: the narrowest of those that entries belong to
        self.item_of(row).map_or(Category::Legal, |item| item.category)
    }
}

/// What one question reads of records at the most, for what is answered whole.
const WHOLE: u64 = 1000;

/// A record as it stood at an instant.
pub type Standing = (RecordId, DateTime<Utc>);

impl Scoped {
    /// What stood on records, each at its instant, in the order it was written, of what the reader sees.
    ///
    /// # Errors
    /// `BadInput` for records that hold more than is answered whole.
    pub async fn stood_on(&self, keys: &[Standing]) -> Result<HashMap<Standing, Vec<entry::Model>>> {
        let at =
            |(record, at): &Standing| Condition::all().add(on::<entry::Entity>(*record)).add(C::RecordedAt.lte(*at));
        let of = keys.iter().map(at).fold(Condition::any(), Condition::add);
        let mut found: HashMap<_, Vec<_>> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for row in self.whole(of).await? {
            let record = entry::Entity::record_of(&row);
            for (_, rows) in found.iter_mut().filter(|((of, at), _)| record == Some(*of) && stood(&row, *at)) {
                rows.push(row.clone());
            }
        }
        Ok(found)
    }

    /// What changed on a record between two instants: each answer that stands at the second and did not at the first, with the
    /// one it took the place of, and those that were taken back.
    pub async fn changes(
        &self,
        record: RecordId,
        from: Option<DateTime<Utc>>,
        until: DateTime<Utc>,
    ) -> Result<Vec<Change>> {
        let place = |row: &entry::Model| (row.item.clone(), (row.child_id, row.agency_id, row.person_id), row.line);
        let mut places: BTreeMap<_, Change> = BTreeMap::new();
        let until_then = Condition::all().add(on::<entry::Entity>(record)).add(C::RecordedAt.lte(until));
        for row in self.whole(until_then).await? {
            let (before, after) = (from.is_some_and(|from| stood(&row, from)), stood(&row, until));
            let change = places.entry(place(&row)).or_default();
            match (before, after) {
                (true, false) => change.before = Some(row),
                (false, true) => change.after = Some(row),
                (true, true) | (false, false) => {}
            }
        }
        Ok(places.into_values().filter(|change| change.before.is_some() || change.after.is_some()).collect())
    }

    async fn whole(&self, of: Condition) -> Result<Vec<entry::Model>> {
        let rows = self.rows::<entry::Entity>().filter(of);
        let rows = rows.order_by(C::RecordedAt, Order::Asc).order_by(C::Id, Order::Asc).limit(WHOLE + 1).all().await?;
        if rows.len() as u64 > WHOLE {
            let message = "These records hold more than is answered whole: read the history of each page by page.";
            return Err(Error::BadInput { argument: "at".into(), message });
        }
        Ok(rows)
    }
}

/// Whether an entry stood at an instant.
fn stood(row: &entry::Model, at: DateTime<Utc>) -> bool {
    row.recorded_at <= at && row.superseded_at.is_none_or(|until| until > at)
}

/// A change of a record.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What stood before; nothing where it is new.
    pub before: Option<entry::Model>,
    /// What stands now; nothing where it was taken back.
    pub after: Option<entry::Model>,
}

impl Tx {
    /// The answers that stand on a record: which is where.
    pub async fn standing_entries(&self, record: RecordId) -> Result<HashMap<Place, EntryId>> {
        // SECURITY: read past the row rule, ids and places only: two people do not answer one item without knowing of it
        let rows: Vec<(EntryId, String, i32, Option<_>, Option<_>, Option<_>)> = entry::Entity::find()
            .select_only()
            .columns([C::Id, C::Item, C::Line, C::ChildId, C::AgencyId, C::PersonId])
            .filter(on::<entry::Entity>(record))
            .filter(C::SupersededAt.is_null())
            .into_tuple()
            .all(&self.inner)
            .await?;
        let each = |(id, item, line, child, agency, person)| ((item, Subject { child, agency, person }, line), id);
        Ok(rows.into_iter().map(each).collect())
    }

    /// Writes entries on a record, and what they take the place of out of force.
    pub async fn record_entries(
        &self,
        permit: Permit<RecordEntries, Locked>,
        superseded: &[EntryId],
        new: Vec<NewEntry>,
    ) -> Result<()> {
        let record = permit.row().id;
        let mut items: Vec<_> = new.iter().map(|entry| entry.item.clone()).collect();
        self.supersede(superseded).await?;
        self.write_entries(record, new).await?;
        let RecordId::Plan(id) = record else { return Ok(()) };
        // SECURITY: read past the row rule, what the writer named and took the place of; only which items leaves this function.
        // What is taken back is a change as well
        let named = entry::Entity::find().filter(C::Id.is_in(superseded.iter().copied())).all(&self.inner).await?;
        items.extend(named.into_iter().map(|row| row.item));
        self.plan_written(id, &items).await
    }

    /// Writes an entry that a step makes itself, in the place of the one that stands there.
    pub async fn say(&self, record: RecordId, entry: NewEntry) -> Result<()> {
        let place = (entry.item.clone(), entry.subject, entry.line);
        let before = self.standing_entries(record).await?.get(&place).copied();
        self.supersede(before.as_slice()).await?;
        self.write_entries(record, vec![entry]).await
    }

    pub(super) async fn supersede(&self, entries: &[EntryId]) -> Result<()> {
        if !entries.is_empty() {
            entry::Entity::update_many()
                .set(entry::ActiveModel { superseded_at: Set(Some(self.who().at)), ..Default::default() })
                .filter(C::Id.is_in(entries.iter().copied()))
                .exec(&self.inner)
                .await?;
        }
        Ok(())
    }

    /// An entry that a step makes itself, with nothing said yet: about the record as a whole, for whom its item is for.
    pub fn blank_entry(&self, item: &str) -> NewEntry {
        let known = self.scope().store.practice.standards.items().get(item);
        NewEntry {
            id: EntryId(self.new_id()),
            item: item.to_owned(),
            audience: known.map_or(Audience::SocialCare, |item| item.audience),
            subject: Subject::default(),
            line: 1,
            choice: None,
            number: None,
            at: None,
            text: None,
            timescale: None,
            reason_not: None,
        }
    }

    /// Writes entries where none stand, in one statement.
    pub async fn write_entries(&self, record: RecordId, new: Vec<NewEntry>) -> Result<()> {
        let who = self.who();
        let rows = new.into_iter().map(|new| entry::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(who.authority),
            strategy_meeting_id: Set(record.strategy_meeting()),
            enquiry_id: Set(record.enquiry()),
            conference_id: Set(record.conference()),
            core_group_meeting_id: Set(record.core_group_meeting()),
            plan_id: Set(record.plan()),
            child_id: Set(new.subject.child),
            agency_id: Set(new.subject.agency),
            person_id: Set(new.subject.person),
            item: Set(new.item),
            line: Set(new.line),
            audience: Set(new.audience),
            choice: Set(Sealed::new(new.choice)),
            number: Set(Sealed::new(new.number)),
            at: Set(Sealed::new(new.at)),
            text: Set(Sealed::new(new.text)),
            timescale: Set(Sealed::new(new.timescale)),
            reason_not: Set(Sealed::new(new.reason_not)),
            recorded_at: Set(who.at),
            recorded_by: Set(who.practitioner),
            recorded_at_agency_id: Set(who.agency),
            superseded_at: Set(None),
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            entry::Entity::insert_many(rows).exec_without_returning(&self.inner).await?;
        }
        Ok(())
    }
}
