//! Canaries: a value of its own in every confidential cell of the database, so that wherever one comes out it is known
//! whose it is. Which columns are confidential is said by `entity::columns`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Days, NaiveDate};
use entity::columns::{Class, Column, all};
use sea_orm::sea_query::{ColumnType, StringLen};
use sea_orm::{ConnectionTrait as _, DatabaseBackend, TransactionTrait as _};
use serde_json::Value;
use uuid::Uuid;

use super::contents::{Beside, texts};

/// Where a canary sits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cage {
    pub table: &'static str,
    pub column: &'static str,
    pub id: Uuid,
}

/// All that was planted.
pub struct Canaries {
    /// Twelve digits that begin every text that was planted: digits survive every spelling.
    prefix: String,
    texts: Vec<Cage>,
    /// Where the words of inputs were written.
    inputs: Mutex<HashMap<usize, Cage>>,
    days: HashMap<NaiveDate, Cage>,
    numbers: HashMap<i64, Cage>,
}

/// Tables that are about professionals and the machine: nothing of a family stands there.
const ABOUT_NOBODY: [&str; 9] =
    ["local_authority", "agency", "team", "practitioner", "audit", "idempotency", "instance", "revocation", "webhook"];

/// Days nobody was born on and nothing happened on.
fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2100, 1, 1).unwrap()
}

const FIRST_NUMBER: i64 = 70_000_000;
/// Digits after the prefix.
const WIDTH: usize = 7;

/// What can be planted in a column; nothing in codes and marks, which are looked for by their place.
fn seed(column: &Column) -> Option<&'static str> {
    let confidential = matches!(column.class, Class::Sealed(_));
    match &column.holds {
        // a code of the list of items, by which it is known what the rest of the row is
        // names of what is asked, not what is said
        _ if [("entry", "item"), ("report_answer", "item"), ("conference_report", "template")]
            .contains(&(column.table, column.name)) =>
        {
            None
        }
        ColumnType::String(StringLen::None) if confidential || !ABOUT_NOBODY.contains(&column.table) => Some("text"),
        ColumnType::Date if confidential => Some("day"),
        ColumnType::Integer if confidential && column.name != "safety_score" => Some("number"),
        _ => None,
    }
}

impl Canaries {
    /// Plants one in every cell that can hold one.
    pub async fn plant(db: &Beside) -> Self {
        let prefix = format!("{:012}", rand::random_range(100_000_000_000_u64..999_999_999_999));
        let mut canaries =
            Self { prefix, texts: vec![], inputs: Mutex::default(), days: HashMap::new(), numbers: HashMap::new() };
        let mut tables: BTreeMap<&str, Vec<(Column, &str)>> = BTreeMap::new();
        for column in all() {
            if let Some(kind) = seed(&column) {
                tables.entry(column.table).or_default().push((column, kind));
            }
        }
        let mut statements = Vec::new();
        for (table, columns) in tables {
            for id in ids(db, table).await {
                let cells = columns.iter().map(|(column, kind)| canaries.cell(column, kind, id));
                let cells = cells.collect::<Vec<_>>().join(", ");
                let row = literal(db.get_database_backend(), id);
                statements.push(format!("UPDATE {table} SET {cells} WHERE id = {row}"));
            }
        }
        let change = db.begin().await.unwrap();
        for some in statements.chunks(100) {
            change.execute_unprepared(&some.join(";")).await.unwrap();
        }
        change.commit().await.unwrap();
        canaries
    }

    fn cell(&mut self, column: &Column, kind: &str, id: Uuid) -> String {
        let cage = Cage { table: column.table, column: column.name, id };
        let name = column.name;
        match kind {
            "text" => format!("{name} = '{}'", self.text(cage)),
            "day" => {
                let day = first_day() + Days::new(self.days.len() as u64);
                self.days.insert(day, cage);
                format!("{name} = '{day}'")
            }
            _ => {
                let number = FIRST_NUMBER + i64::try_from(self.numbers.len()).unwrap();
                self.numbers.insert(number, cage);
                format!("{name} = {number}")
            }
        }
    }

    fn text(&mut self, cage: Cage) -> String {
        let text = self.word(self.texts.len());
        self.texts.push(cage);
        text
    }

    fn word(&self, n: usize) -> String {
        format!("{}{n:0WIDTH$}", self.prefix)
    }

    /// The text planted in a cell.
    pub fn of(&self, table: &str, column: &str, id: Uuid) -> String {
        let place = self.texts.iter().position(|c| c.table == table && c.column == column && c.id == id);
        self.word(place.unwrap_or_else(|| panic!("nothing was planted in {table}.{column}")))
    }

    /// The day planted in a cell.
    pub fn day_of(&self, table: &str, column: &str, id: Uuid) -> NaiveDate {
        let found = self.days.iter().find(|(_, c)| c.table == table && c.column == column && c.id == id);
        *found.unwrap_or_else(|| panic!("nothing was planted in {table}.{column}")).0
    }

    /// The columns something was planted in.
    pub fn columns(&self) -> Vec<(&'static str, &'static str)> {
        let cages = self.texts.iter().chain(self.days.values()).chain(self.numbers.values());
        let mut all: Vec<_> = cages.map(|cage| (cage.table, cage.column)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The canaries in a text, plain or inside something written in base 64 or 16.
    pub fn in_text(&self, text: &str) -> Vec<Cage> {
        let mut found = self.plain(text);
        // a number of base 16 or 64 that tells something is long
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').filter(|w| w.len() > 20) {
            if let Ok(bytes) = URL_SAFE_NO_PAD.decode(word) {
                found.extend(self.plain(&String::from_utf8_lossy(&bytes)));
            }
            let pairs = word.as_bytes().chunks(2).map(|p| u8::from_str_radix(std::str::from_utf8(p).ok()?, 16).ok());
            if let Some(bytes) = pairs.collect::<Option<Vec<u8>>>() {
                found.extend(self.plain(&String::from_utf8_lossy(&bytes)));
            }
        }
        found
    }

    fn plain(&self, text: &str) -> Vec<Cage> {
        let mut found = Vec::new();
        for (at, _) in text.match_indices(&self.prefix) {
            let number = text.get(at + self.prefix.len()..at + self.prefix.len() + WIDTH);
            let number = number.and_then(|n| n.parse::<usize>().ok());
            let input = |n| self.inputs.lock().unwrap().get(&n).cloned();
            found.extend(number.map(|n| self.texts.get(n).cloned().or_else(|| input(n)).unwrap_or(NOWHERE)));
        }
        for start in text.match_indices('-').filter_map(|(dash, _)| dash.checked_sub(4)) {
            let day = text.get(start..start + 10).and_then(|day| day.parse::<NaiveDate>().ok());
            found.extend(day.and_then(|day| self.days.get(&day).cloned()));
        }
        found
    }

    /// The canaries in an answer, numbers as well.
    pub fn in_value(&self, value: &Value) -> Vec<Cage> {
        match value {
            Value::String(text) => self.in_text(text),
            Value::Number(number) => number.as_i64().and_then(|n| self.numbers.get(&n).cloned()).into_iter().collect(),
            Value::Array(list) => list.iter().flat_map(|each| self.in_value(each)).collect(),
            Value::Object(map) => {
                map.iter().flat_map(|(key, each)| [self.in_text(key), self.in_value(each)].concat()).collect()
            }
            Value::Null | Value::Bool(_) => vec![],
        }
    }

    /// A word for an input: it may be stored and read again, and must be nowhere else.
    pub fn word_for_input(&self, n: usize) -> String {
        self.word(FIRST_INPUT + n)
    }

    /// Finds out where the words of inputs were written.
    pub async fn find_inputs(&self, db: &Beside) {
        for column in all().into_iter().filter(|column| seed(column) == Some("text")) {
            let (table, name) = (column.table, column.name);
            let id = if db.get_database_backend() == DatabaseBackend::Sqlite { "hex(id)" } else { "id::text" };
            let sql = format!("SELECT {id} || ' ' || {name} FROM {table} WHERE {name} LIKE '{}9%'", self.prefix);
            for row in texts(db, &sql).await {
                let (id, word) = row.split_once(' ').unwrap();
                let number = word[self.prefix.len()..].parse().unwrap();
                self.inputs.lock().unwrap().insert(number, Cage { table, column: name, id: id.parse().unwrap() });
            }
        }
    }
}

/// The cage of a word that was written nowhere: it comes out of nowhere.
const NOWHERE: Cage = Cage { table: "", column: "", id: Uuid::nil() };
/// Words of inputs are numbered from here.
const FIRST_INPUT: usize = 9_000_000;

/// The ids of a table's rows.
pub async fn ids(db: &Beside, table: &str) -> Vec<Uuid> {
    let sql = match db.get_database_backend() {
        DatabaseBackend::Sqlite => format!("SELECT hex(id) FROM {table} ORDER BY id"),
        _ => format!("SELECT id::text FROM {table} ORDER BY id"),
    };
    texts(db, &sql).await.iter().map(|id| id.parse().unwrap()).collect()
}

/// An id as a statement writes it.
pub fn literal(backend: DatabaseBackend, id: Uuid) -> String {
    match backend {
        DatabaseBackend::Sqlite => format!("x'{}'", id.simple()),
        _ => format!("'{id}'"),
    }
}
