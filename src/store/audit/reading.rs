//! How many children: counted in the transaction that records the reading, and refused before anything is answered.
//!
//! Whoever records holds the head of the record, so counts are exact for all servers together. A child that was counted
//! for its reader in the window is remembered by the process, so that reading it again costs nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use entity::access_count::{Column, Kind};
use entity::audit::{self, Decision};
use entity::id::{AccessAlertId, AgencyId, ChildId, PractitionerId, TypedId};
use entity::{access_alert, access_count, access_reading};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::key::Pseudonyms;
use super::ledger::{EMERGENCY, Noted, Subject};
use crate::clock::{id_at, london_day};
use crate::error::Error;
use crate::policy::Standing;
use crate::policy::limits::AccessLimits;
use crate::policy::roles::Role;
use crate::practice::calendar::end_of;
use crate::store::limits::{hour_of, limited};

/// Keys in one statement at the most: what SQLite binds.
const MOST: usize = 10_000;
/// Children that a process remembers as counted.
const REMEMBERED: u64 = 200_000;

/// What the process knows to be counted.
pub(super) type Counted = moka::sync::Cache<Uuid, ()>;

/// A memory of what is counted.
pub(super) fn memory() -> Counted {
    Counted::new(REMEMBERED)
}

/// A window of time in which children are counted for somebody.
#[derive(Clone, Debug)]
struct Window {
    reader: Uuid,
    kind: Kind,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    most: i64,
    /// The children an answer shows, as keys of this window.
    keys: Vec<Uuid>,
}

impl Window {
    fn id(&self) -> (Uuid, Kind, DateTime<Utc>) {
        (self.reader, self.kind, self.from)
    }

    /// Keys the hash of reader, window and child, of which nothing can be read back.
    fn fill(&mut self, children: &[Uuid], counted: &Counted) {
        let key = |child: &Uuid| {
            let mut sha = Sha256::new();
            sha.update(self.reader.as_bytes());
            sha.update(self.from.timestamp().to_be_bytes());
            sha.update(child.as_bytes());
            Uuid::from_slice(sha.finalize().get(..16).unwrap_or_default()).unwrap_or_default()
        };
        self.keys = children.iter().map(key).filter(|key| !counted.contains_key(key)).collect();
    }
}

/// The children an answer shows that were not known to be counted, with whom they are counted for.
#[derive(Clone, Debug)]
pub(super) struct Showing {
    person: PractitionerId,
    agency: AgencyId,
    at: DateTime<Utc>,
    windows: [Window; 2],
    limits: Arc<AccessLimits>,
}

impl Showing {
    /// What is shown of children in `noted`; `None` where nothing is left to count. Systems submit and are not counted.
    pub(super) fn of(
        who: &Standing,
        noted: &[Noted],
        pseudonyms: &mut Pseudonyms<'_>,
        limits: &Arc<AccessLimits>,
        counted: &Counted,
    ) -> Option<Self> {
        if who.role == Role::AgencySystem {
            return None;
        }
        // emergency access has limits of its own, and a hit costs what a miss costs
        let shown = noted.iter().filter(|each| each.decision == Decision::Allowed && each.rule != EMERGENCY);
        let children: HashSet<Subject> =
            shown.flat_map(|each| &each.subjects).copied().filter(|(noun, _)| *noun == ChildId::NOUN).collect();
        let children: Vec<_> = children.into_iter().map(|child| pseudonyms.of(child)).collect();
        let hour = hour_of(who.at);
        let today = london_day(who.at);
        let (day, night) = (today.pred_opt().map_or(who.at, end_of), end_of(today));
        let window = |reader, kind, from, until, most| {
            let mut window = Window { reader, kind, from, until, most, keys: Vec::new() };
            window.fill(&children, counted);
            window
        };
        let windows = [
            window(who.practitioner.0, Kind::Children, hour, hour + Duration::hours(1), limits.children_per_hour),
            window(who.agency.0, Kind::ChildrenOfAgency, day, night, limits.children_per_day_of_agency),
        ];
        if windows.iter().all(|window| window.keys.is_empty()) {
            return None;
        }
        let (person, agency) = (who.practitioner, who.agency);
        Some(Self { person, agency, at: who.at, windows, limits: limits.clone() })
    }

    /// Remembers that these are counted now.
    pub(super) fn remember(&self, counted: &Counted) {
        for key in self.windows.iter().flat_map(|window| &window.keys) {
            counted.insert(*key, ());
        }
    }

    /// What the reader hears whose answer would show too many.
    pub(super) fn refusal(&self, kind: Kind) -> Error {
        let until = self.windows.iter().find(|window| window.kind == kind).map_or(self.at, |window| window.until);
        let what = match kind {
            Kind::ChildrenOfAgency => "Your agency has opened as many children's records as a day allows.",
            Kind::Children | Kind::Searches => "You have opened as many children's records as an hour allows.",
        };
        limited(what, self.at, until)
    }

    fn alert(&self, kind: access_alert::Kind, window_at: DateTime<Utc>, count: i64) -> access_alert::Model {
        access_alert::Model {
            id: AccessAlertId(id_at(self.at)),
            kind,
            practitioner_id: self.person,
            agency_id: self.agency,
            window_at,
            count,
            raised_at: self.at,
        }
    }
}

/// The rows that stand in the record of an answer that was refused: nothing of it was shown.
pub(super) fn refused(rows: &[audit::Model]) -> Vec<audit::Model> {
    let (shown, other): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(|row| row.decision == Decision::Allowed);
    let refused = shown.into_iter().next().map(|row| audit::Model {
        resource: "Child".to_owned(),
        categories: String::new(),
        decision: Decision::Denied,
        rule: "RATE_LIMITED".to_owned(),
        touched: 0,
        subjects: Vec::new(),
        ..row
    });
    other.into_iter().chain(refused).collect()
}

type WindowId = (Uuid, Kind, DateTime<Utc>);

#[derive(Default)]
struct Books {
    known: HashSet<Uuid>,
    counts: HashMap<WindowId, i64>,
    fresh: BTreeMap<Uuid, DateTime<Utc>>,
    changed: HashSet<WindowId>,
    alerts: Vec<access_alert::Model>,
}

/// Counts the children of each answer, one after the other, and says which would show too many: `Some` with the count
/// that stands against it. The transaction holds the head of the record.
pub(super) async fn admit(tx: &DatabaseTransaction, answers: &[Option<&Showing>]) -> Result<Vec<Option<Kind>>, DbErr> {
    let showings: Vec<&Showing> = answers.iter().copied().flatten().collect();
    if showings.is_empty() {
        return Ok(vec![None; answers.len()]);
    }
    let mut books = Books::open(tx, &showings).await?;
    let decided = answers.iter().map(|showing| showing.and_then(|showing| books.enter(showing))).collect();
    books.write(tx).await?;
    Ok(decided)
}

impl Books {
    async fn open(tx: &DatabaseTransaction, showings: &[&Showing]) -> Result<Self, DbErr> {
        let mut books = Self::default();
        let windows = || showings.iter().flat_map(|showing| &showing.windows).filter(|window| !window.keys.is_empty());
        let keys: HashSet<Uuid> = windows().flat_map(|window| &window.keys).copied().collect();
        let keys: Vec<_> = keys.into_iter().collect();
        for some in keys.chunks(MOST) {
            let rows = access_reading::Entity::find().filter(access_reading::Column::Key.is_in(some.iter().copied()));
            books.known.extend(rows.all(tx).await?.into_iter().map(|row| row.key));
        }
        let ids: HashSet<WindowId> = windows().map(Window::id).collect();
        let any = ids.iter().fold(Condition::any(), |any, (reader, kind, from)| {
            any.add(
                Condition::all()
                    .add(Column::Reader.eq(*reader))
                    .add(Column::Kind.eq(*kind))
                    .add(Column::WindowAt.eq(*from)),
            )
        });
        // as many windows as there are readers in a batch, twice
        let rows = access_count::Entity::find().filter(any).limit(ids.len() as u64).all(tx).await?;
        books.counts.extend(rows.into_iter().map(|row| ((row.reader, row.kind, row.window_at), row.count)));
        Ok(books)
    }

    /// Enters an answer, or says what stands against it and leaves the books as they are.
    fn enter(&mut self, showing: &Showing) -> Option<Kind> {
        let mut after = Vec::new();
        for window in &showing.windows {
            let new: Vec<_> = window.keys.iter().copied().filter(|key| !self.known.contains(key)).collect();
            let before = self.counts.get(&window.id()).copied().unwrap_or(0);
            let count = before + i64::try_from(new.len()).unwrap_or(i64::MAX);
            if !new.is_empty() && count > window.most {
                let kind = match window.kind {
                    Kind::ChildrenOfAgency => access_alert::Kind::AgencyStopped,
                    Kind::Children | Kind::Searches => access_alert::Kind::ChildrenStopped,
                };
                self.alerts.push(showing.alert(kind, window.from, before));
                return Some(window.kind);
            }
            after.push((window, new, before, count));
        }
        for (window, new, before, count) in after {
            if new.is_empty() {
                continue;
            }
            let soft = showing.limits.children_per_hour_alert;
            if window.kind == Kind::Children && before < soft && count >= soft {
                self.alerts.push(showing.alert(access_alert::Kind::ManyChildren, window.from, count));
            }
            self.known.extend(&new);
            self.fresh.extend(new.into_iter().map(|key| (key, window.until)));
            self.counts.insert(window.id(), count);
            self.changed.insert(window.id());
        }
        None
    }

    async fn write(self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        let fresh: Vec<_> =
            self.fresh.into_iter().map(|(key, ends_at)| access_reading::Model { key, ends_at }).collect();
        for some in fresh.chunks(MOST) {
            let rows = some.iter().map(|row| row.into_active_model().reset_all());
            access_reading::Entity::insert_many(rows).exec_without_returning(tx).await?;
        }
        let counts: Vec<_> = self
            .changed
            .iter()
            .filter_map(|id| Some((id, *self.counts.get(id)?)))
            .map(|((reader, kind, from), count)| access_count::ActiveModel {
                reader: Set(*reader),
                kind: Set(*kind),
                window_at: Set(*from),
                count: Set(count),
            })
            .collect();
        if !counts.is_empty() {
            let onwards = OnConflict::columns([Column::Reader, Column::Kind, Column::WindowAt])
                .update_column(Column::Count)
                .to_owned();
            access_count::Entity::insert_many(counts).on_conflict(onwards).exec_without_returning(tx).await?;
        }
        raise(tx, self.alerts).await
    }
}

/// Writes alerts down; one that was raised in the same window already stands.
pub(in crate::store) async fn raise(
    db: &impl sea_orm::ConnectionTrait,
    alerts: Vec<access_alert::Model>,
) -> Result<(), DbErr> {
    use access_alert::Column as C;
    if alerts.is_empty() {
        return Ok(());
    }
    let rows = alerts.into_iter().map(|alert| alert.into_active_model().reset_all());
    let once = [C::PractitionerId, C::AgencyId, C::WindowAt, C::Kind];
    access_alert::Entity::insert_many(rows).on_conflict_do_nothing_on(once).exec_without_returning(db).await?;
    Ok(())
}
