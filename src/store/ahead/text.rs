//! The text of a statement that reads ahead, kept by its shape. Building it anew, some twenty kilobytes, cost more than
//! all that the rest of the program does for a request.
//!
//! Kept is how the steps below the first are asked for by readers of one kind, with a slot wherever something of the
//! reader stands. It is made for a stand-in: a reader of the same kind whose ids and instant stand nowhere else, so that
//! each slot is known by its value. What a slot holds comes from the present reader, always; a text with a value that is
//! neither a slot nor a constant is not kept.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::id::{AgencyId, LocalAuthorityId, PractitionerId, TeamId};
use moka::sync::Cache;
use sea_orm::sea_query::Value;
use sea_orm::{DatabaseBackend, Statement, StatementBuilder};
use uuid::Uuid;

use super::sql::{self, Part};
use crate::clock::london_day;
use crate::policy::Standing;

/// Bytes of text that are kept at the most.
const KEPT: u64 = 32 * 1024 * 1024;

/// Texts by their shape; none where it is not to be kept.
#[derive(Clone)]
pub(in crate::store) struct Texts(Cache<String, Option<Arc<Text>>>);

impl Default for Texts {
    fn default() -> Self {
        let weigh = |key: &String, text: &Option<Arc<Text>>| {
            let text = text.as_ref().map_or(0, |text| text.pieces.iter().map(String::len).sum());
            u32::try_from(key.len() + text).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(KEPT).weigher(weigh).build())
    }
}

/// A text in pieces, each but the last followed by a slot, which is named by its place. The first step stands at the end of
/// `before`. What stands in several places is given once.
struct Text {
    before: String,
    pieces: Vec<String>,
    places: Vec<usize>,
    slots: Vec<Slot>,
}

/// What stands where a text has a parameter.
#[derive(PartialEq)]
enum Slot {
    Constant(Value),
    Practitioner,
    Agency,
    Authority,
    Team(usize),
    At,
    Today,
}

/// What makes the text of rules for one reader other than that for another, but for the values in it. A new field of a
/// standing is decided here, or this does not compile.
fn kind_of(who: &Standing) -> String {
    let Standing {
        practitioner: _,
        agency: _,
        authority: _,
        teams,
        role,
        scope_mode,
        desk,
        designations,
        shut,
        broad,
        // each part of a shape has its own
        beneath: _,
        at: _,
    } = who;
    format!("{role:?} {scope_mode:?} {desk} {designations:?} {shut:?} {broad} {}", teams.len())
}

const STAND_IN: u128 = 0x7374_616e_645f_696e_0000_0000_0000_0000;

fn stand_in_at() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(5_681_059_567_000_008).unwrap_or_default()
}

/// A reader of the same kind whose ids and instant stand nowhere else.
fn stand_in(who: &Standing) -> Standing {
    let id = |n: usize| Uuid::from_u128(STAND_IN + n as u128);
    Standing {
        practitioner: PractitionerId(id(1)),
        agency: AgencyId(id(2)),
        authority: LocalAuthorityId(id(3)),
        teams: (0..who.teams.len()).map(|n| TeamId(id(4 + n))).collect(),
        at: stand_in_at(),
        ..who.clone()
    }
}

impl Slot {
    /// What a value of the stand-in's text stands for; `None` for one that may be the reader's in some other way.
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Uuid(Some(id)) => match id.as_u128().checked_sub(STAND_IN)? {
                1 => Some(Self::Practitioner),
                2 => Some(Self::Agency),
                3 => Some(Self::Authority),
                n => Some(Self::Team(usize::try_from(n).ok()?.checked_sub(4)?)),
            },
            Value::ChronoDateTimeUtc(Some(at)) => (at == stand_in_at()).then_some(Self::At),
            Value::ChronoDate(Some(day)) => (day == london_day(stand_in_at())).then_some(Self::Today),
            Value::String(_) | Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::BigUnsigned(_) => {
                Some(Self::Constant(value))
            }
            _ => None,
        }
    }

    fn value(&self, who: &Standing) -> Option<Value> {
        Some(match self {
            Self::Constant(value) => value.clone(),
            Self::Practitioner => who.practitioner.0.into(),
            Self::Agency => who.agency.0.into(),
            Self::Authority => who.authority.0.into(),
            Self::Team(n) => who.teams.get(*n)?.0.into(),
            Self::At => who.at.into(),
            Self::Today => london_day(who.at).into(),
        })
    }
}

impl Texts {
    /// The statement of `root` and the steps that `build` makes for a reader below it, in the shape `shape`.
    pub(super) fn statement(
        &self,
        backend: DatabaseBackend,
        who: &Standing,
        root: Part,
        shape: &str,
        build: impl Fn(&Standing, Part) -> Option<Vec<Part>>,
    ) -> Option<Statement> {
        let key = format!("{} {shape}", kind_of(who));
        let make = || Text::of(backend, build(&stand_in(who), root.beside())?).map(Arc::new);
        let text = self.0.get_with(key, make);
        let filled = text.and_then(|text| text.filled(backend, who, &root));
        match filled {
            Some(statement) => Some(statement),
            None => Some(backend.build(&sql::whole(backend, build(who, root)?))),
        }
    }
}

/// What a parameter begins with.
fn mark(backend: DatabaseBackend) -> char {
    if backend == DatabaseBackend::Sqlite { '?' } else { '$' }
}

impl Text {
    fn of(backend: DatabaseBackend, parts: Vec<Part>) -> Option<Self> {
        let statement = StatementBuilder::build(&sql::whole(backend, parts), &backend);
        let (before, below) = statement.sql.split_once(sql::MARK)?;
        let mut pieces = below.split(mark(backend));
        let first = pieces.next()?.to_owned();
        // the number of a parameter goes with its mark
        let rest: Vec<_> =
            pieces.map(|piece| piece.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned()).collect();
        let values = statement.values.map_or_else(Vec::new, |values| values.0);
        if values.len() != rest.len() {
            return None;
        }
        let mut text = Self { before: before.to_owned(), pieces: vec![first], places: vec![], slots: vec![] };
        for (value, piece) in values.into_iter().zip(rest) {
            text.give(Slot::of(value)?, piece);
        }
        Some(text)
    }

    fn give(&mut self, slot: Slot, piece: String) {
        let place = self.slots.iter().position(|other| *other == slot).unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        });
        self.places.push(place);
        self.pieces.push(piece);
    }

    /// The text with its first step, and the reader in the slots.
    fn filled(&self, backend: DatabaseBackend, who: &Standing, root: &Part) -> Option<Statement> {
        let first = backend.build(&root.rows);
        let mut values = first.values.map_or_else(Vec::new, |values| values.0);
        let length = self.before.len() + first.sql.len() + self.pieces.iter().map(|p| p.len() + 4).sum::<usize>();
        let mut sql = String::with_capacity(length);
        sql.push_str(&self.before);
        sql.push_str(&first.sql);
        let mark = mark(backend);
        let given = values.len() + 1;
        for (n, piece) in self.pieces.iter().enumerate() {
            if let Some(place) = n.checked_sub(1).and_then(|n| self.places.get(n)) {
                use std::fmt::Write as _;
                let _ = write!(sql, "{mark}{}", given + place);
            }
            sql.push_str(piece);
        }
        for slot in &self.slots {
            values.push(slot.value(who)?);
        }
        Some(Statement::from_sql_and_values(backend, sql, values))
    }
}
