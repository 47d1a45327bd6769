//! The few shapes that all tables are made of: text codes with a named CHECK, ids made by the application,
//! instants without a database default (the two engines write them differently), named foreign keys.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DatabaseBackend, Statement};

/// A table under construction, with its indexes.
pub struct Shape {
    name: &'static str,
    table: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
}

impl Shape {
    /// A table whose key is one id column named `id`.
    pub fn with_id(name: &'static str) -> Self {
        let mut shape = Self::bare(name);
        shape.table.col(ColumnDef::new("id").uuid().not_null().primary_key());
        shape
    }

    /// A table without a key yet.
    pub fn bare(name: &'static str) -> Self {
        Self { name, table: Table::create().table(name).to_owned(), indexes: vec![] }
    }

    /// The columns of the primary key.
    pub fn key(mut self, columns: &[&'static str]) -> Self {
        let mut key = Index::create().name(format!("pk_{}", self.name)).to_owned();
        for column in columns {
            key.col(*column);
        }
        self.table.primary_key(&mut key);
        self
    }

    fn push(mut self, mut column: ColumnDef, required: bool) -> Self {
        if required {
            column.not_null();
        }
        self.table.col(column);
        self
    }

    /// A required text column.
    pub fn text(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).text().to_owned(), true)
    }

    /// A text column that may be empty of value.
    pub fn text_opt(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).text().to_owned(), false)
    }

    /// A required column of whole numbers.
    pub fn int(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).integer().to_owned(), true)
    }

    /// An optional column of whole numbers.
    pub fn int_opt(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).integer().to_owned(), false)
    }

    /// A required column of long whole numbers: versions and positions.
    pub fn long(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).big_integer().to_owned(), true)
    }

    /// A required column of bytes.
    pub fn bytes(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).binary().to_owned(), true)
    }

    /// A required truth value.
    pub fn flag(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).boolean().to_owned(), true)
    }

    /// An optional truth value.
    pub fn flag_opt(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).boolean().to_owned(), false)
    }

    /// A required instant.
    pub fn at(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).timestamp_with_time_zone().to_owned(), true)
    }

    /// An optional instant.
    pub fn at_opt(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).timestamp_with_time_zone().to_owned(), false)
    }

    /// A required day.
    pub fn on(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).date().to_owned(), true)
    }

    /// An optional day.
    pub fn on_opt(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).date().to_owned(), false)
    }

    /// A required id that no foreign key holds.
    pub fn uuid(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).uuid().to_owned(), true)
    }

    /// An id that no foreign key holds, or none.
    pub fn uuid_opt(self, name: &'static str) -> Self {
        self.push(ColumnDef::new(name).uuid().to_owned(), false)
    }

    /// A required reference to the `id` of another table.
    pub fn refers(self, name: &'static str, target: &'static str) -> Self {
        self.reference(name, target, true)
    }

    /// An optional reference to the `id` of another table.
    pub fn refers_opt(self, name: &'static str, target: &'static str) -> Self {
        self.reference(name, target, false)
    }

    fn reference(self, name: &'static str, target: &'static str, required: bool) -> Self {
        let mut shape = self.push(ColumnDef::new(name).uuid().to_owned(), required);
        let key = format!("fk_{}_{name}", shape.name);
        shape.table.foreign_key(ForeignKey::create().name(key).from(shape.name, name).to(target, "id"));
        shape
    }

    /// A required code: one of `words`.
    pub fn code(self, name: &'static str, words: &[&'static str]) -> Self {
        self.coded(name, words, true)
    }

    /// An optional code: one of `words`.
    pub fn code_opt(self, name: &'static str, words: &[&'static str]) -> Self {
        self.coded(name, words, false)
    }

    fn coded(self, name: &'static str, words: &[&'static str], required: bool) -> Self {
        let mut shape = self.push(ColumnDef::new(name).string_len(40).to_owned(), required);
        let check = Expr::col(name).is_in(words.iter().copied());
        shape.table.check((format!("ck_{}_{name}", shape.name), check));
        shape
    }

    /// A named rule over the row.
    pub fn check(mut self, name: &str, rule: Expr) -> Self {
        self.table.check((format!("ck_{}_{name}", self.name), rule));
        self
    }

    /// An index that serves reads.
    pub fn index(self, columns: &[&'static str]) -> Self {
        self.indexed("ix", columns, false)
    }

    /// An index that also refuses a second row.
    pub fn unique(self, columns: &[&'static str]) -> Self {
        self.indexed("uq", columns, true)
    }

    fn indexed(mut self, prefix: &str, columns: &[&'static str], unique: bool) -> Self {
        let name = format!("{prefix}_{}_{}", self.name, columns.join("_"));
        let mut index = Index::create().name(name).table(self.name).to_owned();
        for column in columns {
            index.col(*column);
        }
        if unique {
            index.unique();
        }
        self.indexes.push(index);
        self
    }

    /// Makes the table and its indexes.
    pub async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        manager.create_table(self.table).await?;
        for index in self.indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Drops tables, last made first.
pub async fn drop_all(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables.iter().rev() {
        manager.drop_table(Table::drop().table(*table).to_owned()).await?;
    }
    Ok(())
}

/// Lets a coded column have further words, after the one that was the last. PostgreSQL looks over the rows without
/// keeping writers out; of SQLite the text of the rule is changed, which is how its makers say that a CHECK is changed
/// without copying the table.
pub async fn more_words(
    m: &SchemaManager<'_>,
    (table, column): (&str, &str),
    last: &str,
    more: &[&str],
) -> Result<(), DbErr> {
    let db = m.get_connection();
    let quoted = more.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
    if m.get_database_backend() == DatabaseBackend::Postgres {
        let name = format!("ck_{table}_{column}");
        let sql = format!(
            "SELECT pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE conname = '{name}' AND contype = 'c'"
        );
        let row = db.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, sql)).await?;
        let rule: String = row.ok_or_else(|| DbErr::Custom(format!("no rule {name}")))?.try_get("", "def")?;
        let cast = rule.split(&format!("'{last}'")).nth(1).and_then(|rest| rest.split([',', ']', ')']).next());
        let cast = cast.unwrap_or_default();
        let words = more.iter().map(|word| format!("'{word}'{cast}")).collect::<Vec<_>>().join(", ");
        let wider = rule.replace(&format!("'{last}'{cast}"), &format!("'{last}'{cast}, {words}"));
        db.execute_unprepared(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await?;
        db.execute_unprepared(&format!("ALTER TABLE {table} ADD CONSTRAINT {name} {wider} NOT VALID")).await?;
        db.execute_unprepared(&format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")).await?;
        return Ok(());
    }
    let from = format!("''{last}''");
    let to = format!("''{last}'', {}", quoted.replace('\'', "''"));
    let row = db.query_one_raw(Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA schema_version")).await?;
    let version: i64 = row.ok_or_else(|| DbErr::Custom("no schema version".into()))?.try_get("", "schema_version")?;
    db.execute_unprepared("PRAGMA writable_schema = ON").await?;
    db.execute_unprepared(&format!(
        "UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}') WHERE type = 'table' AND name = '{table}'"
    ))
    .await?;
    db.execute_unprepared(&format!("PRAGMA schema_version = {}", version + 1)).await?;
    db.execute_unprepared("PRAGMA writable_schema = OFF").await?;
    Ok(())
}
