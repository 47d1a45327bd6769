//! Records as practice sees them: what is missing of each and how its children were scored, for many records in a fixed
//! number of statements. What is read for it is in `facts.rs`.
//!
//! SECURITY: computed from what is read past the row rules, because what is missing is missing whoever asks. Nothing leaves
//! but which items have no answer, about whom the reader sees, and those only to the posts of social care.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::entry::Record;
use entity::id::{ChildId, PersonId};
use sea_orm::{ConnectionTrait, Iterable as _};
use uuid::Uuid;

use super::RecordId;
use super::facts::{Bare, Families, bare, families, said};
use crate::error::Result;
use crate::policy::Standing;
use crate::policy::records::audiences;
pub use crate::practice::gaps::{Gap, Subject};
use crate::practice::gaps::{Said, Sheet};
pub use crate::practice::scoring::Scores;
use crate::store::loaders::RowKey;
use crate::store::{Scoped, Tx};

/// Records that a statement is made for at the most.
pub const MOST: usize = 100;

impl Scoped {
    /// What the reader's authority asks for on records and is not there. Records come in any kind; each that is named is
    /// answered.
    pub(in crate::store) async fn missing_on(&self, records: &[RecordId]) -> Result<HashMap<RecordId, Vec<Gap>>> {
        let sheets = sheets(&self.store.db.reads, records).await?;
        let children = sheets.values().flat_map(|sheet| sheet.household.iter().copied()).collect();
        let children = self.all_in_scope::<ChildId>(children).await?;
        let persons = self.all_in_scope::<PersonId>(sheets.values().flat_map(Sheet::adults).collect()).await?;
        // an agency that would tell where a child of the record is, is no more told here than in a list of invitations
        let about: HashSet<ChildId> = sheets.values().flat_map(Sheet::child_ids).collect();
        let apart = self.locating(&about.into_iter().collect::<Vec<_>>()).await?;
        let locates = |sheet: &Sheet, gap: &Gap| {
            let agency = gap.subject.agency;
            agency.is_some_and(|agency| sheet.child_ids().into_iter().any(|child| apart.contains(&(child, agency))))
        };
        let told = |gap: &Gap| {
            gap.subject.child.is_none_or(|child| children.contains(&child))
                && gap.subject.person.is_none_or(|person| persons.contains(&person))
        };
        let profile = self.profile().await?;
        let (practice, who) = (&self.store.practice, &self.who);
        let book = practice.standards.book(profile);
        let gaps = sheets.into_iter().map(|(id, sheet)| {
            let gaps = sheet.missing(practice.standards.items(), book, None).into_iter();
            (id, gaps.filter(|gap| may_know(who, gap) && told(gap) && !locates(&sheet, gap)).collect())
        });
        Ok(gaps.collect())
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
}

/// Whether a reader may know that something is missing.
fn may_know(who: &Standing, gap: &Gap) -> bool {
    who.role.holds_a_social_care_post() && audiences(who.role).contains(&gap.audience)
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
            said,
            stepped_down: self.stepped_down,
            visits: self.visits,
        }
    }
}
