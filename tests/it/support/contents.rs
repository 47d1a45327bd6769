//! All that a database holds, read through a connection of the test's own.

#![expect(clippy::disallowed_types, reason = "the one place where tests name a connection past the store")]

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseConnection, Statement};

/// A connection beside the server's.
pub type Beside = DatabaseConnection;

/// Opens one.
pub async fn connect(url: &str) -> Beside {
    #[expect(clippy::disallowed_methods, reason = "the test looks past the program")]
    sea_orm::Database::connect(url).await.unwrap()
}

/// One text of one column of each row.
pub async fn texts(db: &Beside, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

/// One number.
pub async fn number(db: &Beside, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

/// Every row of every table, as text. Not the access record and the notices it gives rise to: a refusal is an access too,
/// and is recorded.
pub async fn contents(db: &Beside) -> BTreeMap<String, Vec<String>> {
    let sqlite = db.get_database_backend() == DatabaseBackend::Sqlite;
    let tables = if sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'"
    };
    let mut all = BTreeMap::new();
    for table in texts(db, tables)
        .await
        .into_iter()
        .filter(|table| !table.starts_with("audit") && !table.starts_with("access_") && table != "notice")
    {
        let rows = rows_of(db, &table).await;
        all.insert(table, rows);
    }
    assert!(all.len() > 25 && all["child"].len() > 10, "the tables were read");
    all
}

/// Every row of a table, as text.
pub async fn rows_of(db: &DatabaseConnection, table: &str) -> Vec<String> {
    let rows = if db.get_database_backend() == DatabaseBackend::Sqlite {
        let columns = texts(db, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
        let columns: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        format!("SELECT {} FROM \"{table}\" ORDER BY 1", columns.join(" || '|' || "))
    } else {
        format!("SELECT t::text FROM \"{table}\" t ORDER BY 1")
    };
    texts(db, &rows).await
}

/// Watches that nothing is written.
pub struct Watch {
    pub db: Beside,
    pub before: BTreeMap<String, Vec<String>>,
}

impl Watch {
    pub async fn over(app: &super::App) -> Self {
        let db = connect(&app.url).await;
        Self { before: contents(&db).await, db }
    }

    pub async fn unchanged(&self, after: &str) {
        let now = contents(&self.db).await;
        for (table, rows) in &self.before {
            assert!(now.get(table) == Some(rows), "{after}: {table} has changed");
        }
    }
}

/// An answer without what is new in every answer: the id of the request, the beats of a silent stream, and which copies were
/// read before, which asking changes.
pub fn settled(answer: &str) -> String {
    let mut out = String::new();
    for line in answer.lines().filter(|line| !line.starts_with(':') && !line.is_empty()) {
        let mut rest = line;
        while let Some(at) = rest.find("\"requestId\":\"") {
            let (before, id) = rest.split_at(at + 13);
            out.push_str(before);
            rest = &id[36..];
        }
        out.push_str(rest);
        out.push('\n');
    }
    unopened(&out)
}

/// The same with copies of reports that nobody has opened.
fn unopened(answer: &str) -> String {
    let mut parts = answer.split("\"circulatedAt\":");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("\"circulatedAt\":");
        let opened = part.split_once("\"openedAt\":").filter(|(before, _)| !before.contains('}'));
        let Some((before, after)) = opened else {
            out.push_str(part);
            continue;
        };
        let end = after.find([',', '}']).unwrap_or(0);
        out.push_str(before);
        out.push_str(&after[end..]);
    }
    out
}
