//! Records as practice sees them: what is missing of each and how its children were scored, for many records in a fixed
//! number of statements. What is read for it is in `facts.rs`.
//!
//! SECURITY: computed from what is read past the row rules, because what is missing is missing whoever asks. Nothing leaves
//! but which items have no answer, about whom the reader sees, and how far what they lead to has come; and those only to the
//! posts of social care.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::category::Depth;
use entity::entry::{Audience, Record};
use entity::id::{AgencyId, ChildId, PersonId};
use sea_orm::{ConnectionTrait, Iterable as _};
use uuid::Uuid;

use super::RecordId;
use super::facts::{Bare, Families, bare, families, said, words_before};
use crate::error::Result;
use crate::policy::Standing;
use crate::policy::records::audiences;
pub use crate::practice::gaps::{Gap, Subject};
use crate::practice::gaps::{Said, Sheet};
use crate::practice::paths;
pub use crate::practice::paths::{Path, Stand};
pub use crate::practice::scoring::Scores;
use crate::store::loaders::RowKey;
use crate::store::read::locating;
use crate::store::{Scoped, Tx};

/// Records that a statement is made for at the most.
pub const MOST: usize = 100;

impl Scoped {
    /// What the reader's authority asks for on records and is not there. Records come in any kind; each that is named is
    /// answered.
    pub(in crate::store) async fn missing_on(&self, records: &[RecordId]) -> Result<HashMap<RecordId, Vec<Gap>>> {
        let sheets = sheets(&self.store.db.reads, records).await?;
        let seen = self.seen(&sheets).await?;
        let profile = self.profile().await?;
        let (practice, who) = (&self.store.practice, &self.who);
        let book = practice.standards.book(profile);
        let gaps = sheets.into_iter().map(|(id, sheet)| {
            let gaps = sheet.missing(practice.standards.items(), book, None).into_iter();
            (id, gaps.filter(|gap| may_know(who, gap.audience) && seen.tells(&sheet, gap.subject)).collect())
        });
        Ok(gaps.collect())
    }

    /// How far what is on records has come that goes through several states, where the reader reads all that leads to them.
    pub(in crate::store) async fn paths_on(&self, records: &[RecordId]) -> Result<HashMap<RecordId, Vec<Stand>>> {
        let db = &self.store.db.reads;
        let sheets = sheets(db, records).await?;
        let seen = self.seen(&sheets).await?;
        let of_meetings: Vec<Uuid> =
            records.iter().filter_map(|record| record.core_group_meeting()).map(|id| id.0).collect();
        let mut before = HashMap::new();
        for ids in of_meetings.chunks(MOST) {
            before.extend(words_before(db, (Record::CoreGroupMeeting, ids), paths::PASSED).await?);
        }
        let standards = &self.store.practice.standards;
        let (items, book) = (standards.items(), standards.book(self.profile().await?));
        let own = self.disclosure(None);
        let open = |path| {
            let mut all = paths::items_of(path, items);
            all.all(|item| {
                may_know(&self.who, item.audience) && own.withheld(&[(item.category, Depth::Full)]).is_empty()
            })
        };
        let stands = sheets.iter().map(|(id, sheet)| {
            let before = before.get(&id.uuid()).map_or(&[][..], Vec::as_slice);
            let stands = paths::stands(sheet, before, book).into_iter();
            (*id, stands.filter(|stand| open(stand.path) && seen.tells(sheet, stand.subject)).collect())
        });
        Ok(stands.collect())
    }

    /// Whom the reader sees of those that records are about.
    async fn seen(&self, sheets: &HashMap<RecordId, Sheet>) -> Result<Seen> {
        let children = sheets.values().flat_map(|sheet| sheet.household.iter().copied()).collect();
        let about: HashSet<ChildId> = sheets.values().flat_map(Sheet::child_ids).collect();
        Ok(Seen {
            children: self.all_in_scope::<ChildId>(children).await?,
            persons: self.all_in_scope::<PersonId>(sheets.values().flat_map(Sheet::adults).collect()).await?,
            apart: self.locating(&about.into_iter().collect::<Vec<_>>()).await?,
        })
    }

    /// The scores on records, of the children in scope.
    pub(in crate::store) async fn scores_on(
        &self,
        records: &[RecordId],
    ) -> Result<HashMap<RecordId, Vec<(ChildId, Scores)>>> {
        let sheets = sheets(&self.store.db.reads, records).await?;
        let children = self.all_in_scope::<ChildId>(sheets.values().flat_map(Sheet::child_ids).collect()).await?;
        let each = |sheet: &Sheet| {
            let seen = sheet.child_ids().into_iter().filter(|child| children.contains(child));
            seen.filter_map(|child| Some((child, sheet.scores(child)?))).collect()
        };
        Ok(sheets.iter().map(|(id, sheet)| (*id, each(sheet))).collect())
    }

    async fn all_in_scope<K>(&self, ids: HashSet<K>) -> Result<HashSet<K>>
    where
        K: RowKey,
    {
        let ids: Vec<K> = ids.into_iter().collect();
        self.rows::<K::Table>().reached(&ids).await
    }
}

impl Tx {
    /// A record as practice sees it.
    pub async fn sheet(&self, record: RecordId) -> Result<Sheet> {
        let sheet = sheets(&self.inner, &[record]).await?.remove(&record);
        sheet.ok_or(crate::error::Error::NotFound)
    }

    /// The agencies of a record that the writer may know of. One that would tell where a child of it is counts like one that nobody
    /// asked: who names one agency after the other finds neither.
    pub async fn agencies_known(&self, sheet: &Sheet) -> Result<BTreeSet<AgencyId>> {
        let apart = locating(&self.inner, self.who(), &sheet.child_ids()).await?;
        let apart: HashSet<AgencyId> = apart.into_iter().map(|(_, agency)| agency).collect();
        Ok(sheet.agencies.iter().copied().filter(|agency| !apart.contains(agency)).collect())
    }
}

/// Whether a reader may know whether there is an answer that is for an audience.
fn may_know(who: &Standing, audience: Audience) -> bool {
    who.role.holds_a_social_care_post() && audiences(who.role).contains(&audience)
}

/// Whom a reader sees of those that records are about.
struct Seen {
    children: HashSet<ChildId>,
    persons: HashSet<PersonId>,
    /// Agencies that would tell where a child is: no more told here than in a list of invitations.
    apart: HashSet<(ChildId, AgencyId)>,
}

impl Seen {
    fn tells(&self, sheet: &Sheet, about: Subject) -> bool {
        let locates = |agency| sheet.child_ids().into_iter().any(|child| self.apart.contains(&(child, agency)));
        about.child.is_none_or(|child| self.children.contains(&child))
            && about.person.is_none_or(|person| self.persons.contains(&person))
            && !about.agency.is_some_and(locates)
    }
}

async fn sheets<C: ConnectionTrait>(db: &C, records: &[RecordId]) -> Result<HashMap<RecordId, Sheet>> {
    let mut all = HashMap::new();
    for kind in Record::iter() {
        let ids: Vec<Uuid> =
            records.iter().filter(|record| record.kind() == kind).map(|record| record.uuid()).collect();
        for ids in ids.chunks(MOST) {
            let bare = bare(db, kind, ids).await?;
            let said = said(db, kind, ids).await?;
            let families = families(db, &bare).await?;
            all.extend(bare.into_iter().map(|(id, sheet)| {
                let record = RecordId::of(kind, id);
                (record, sheet.whole(&families, said.get(&id).cloned().unwrap_or_default()))
            }));
        }
    }
    Ok(all)
}

impl Bare {
    fn whole(self, families: &Families, said: Vec<Said>) -> Sheet {
        let mut household = BTreeSet::new();
        let (mut parents, mut fathers) = (BTreeSet::new(), BTreeSet::new());
        for child in self.children.keys() {
            household.insert(*child);
            let with = families.of.get(child).into_iter().flatten();
            for member in with.filter_map(|home| families.members.get(home)).flatten() {
                household.extend(member.child);
                if let Some(person) = member.person {
                    if member.parental {
                        parents.insert(person);
                    }
                    if member.father {
                        fathers.insert(person);
                    }
                }
            }
        }
        Sheet {
            record: self.kind.unwrap_or(Record::Conference),
            on: self.on,
            meeting_at: self.meeting_at,
            facts: self.facts,
            children: self.children.into_iter().collect(),
            household: household.into_iter().collect(),
            parents: parents.into_iter().collect(),
            fathers: fathers.into_iter().collect(),
            agencies: self.agencies.into_iter().collect(),
            unreported: self.unreported.into_iter().collect(),
            met: self.met,
            said,
            stepped_down: self.stepped_down,
            visits: self.visits,
        }
    }
}
