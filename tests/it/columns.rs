//! Guard: every column of the database says who may read it. `entity::columns` does not compile while a column of a
//! model has no class; here the migrated tables are held to it, so that no table is left out.

use std::collections::BTreeSet;

use entity::category::Seal;
use entity::columns::{Class, Column, all};
use sea_orm::DatabaseBackend;
use sea_orm::sea_query::{ColumnType, StringLen};

use crate::support::contents::{connect, texts};
use crate::support::sweep::{column_of, table_of};
use crate::support::walk::{Walk, is_part_of_a_list};
use crate::support::{Engine, database, open};

/// Tables without a model: the migrations' own, and what was recorded before there was a chain.
const WITHOUT_A_MODEL: [&str; 2] = ["seaql_migrations", "audit_before"];

async fn every_table_is_classified(engine: Engine) {
    let Some((url, file)) = database(engine).await else { return };
    open(&url).await.migrate().await.unwrap();
    let db = connect(&url).await;
    let stored = if sea_orm::ConnectionTrait::get_database_backend(&db) == DatabaseBackend::Sqlite {
        "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT (table_name || '.' || column_name)::text FROM information_schema.columns WHERE table_schema = 'public'"
    };
    let stored: BTreeSet<_> = texts(&db, stored).await.into_iter().collect();
    let of_no_model = |name: &String| WITHOUT_A_MODEL.iter().any(|table| name.starts_with(&format!("{table}.")));
    let stored: BTreeSet<_> = stored.into_iter().filter(|name| !of_no_model(name)).collect();
    let classified: BTreeSet<_> = all().iter().map(|column| format!("{}.{}", column.table, column.name)).collect();
    assert!(stored.len() > 200);
    assert_eq!(stored, classified, "name what they hold in entity/src/columns.rs");
    if let Some(file) = file {
        std::fs::remove_file(file).unwrap();
    }
}

#[actix_web::test]
async fn every_table_is_classified_on_sqlite() {
    every_table_is_classified(Engine::Sqlite).await;
}

#[actix_web::test]
async fn every_table_is_classified_on_postgres() {
    every_table_is_classified(Engine::Postgres).await;
}

/// Words that people wrote about a family are never plain: those that are, are named here one by one.
#[test]
fn words_about_a_family_are_sealed() {
    let about_nobody = [
        "local_authority",
        "agency",
        "team",
        "practitioner",
        "audit",
        "idempotency",
        "instance",
        "revocation",
        "webhook",
    ];
    let plain: BTreeSet<_> = all()
        .into_iter()
        .filter(|c| c.holds == ColumnType::String(StringLen::None) && matches!(c.class, Class::Plain(_)))
        .filter(|c| !about_nobody.contains(&c.table))
        .map(|c| format!("{}.{}", c.table, c.name))
        .collect();
    let known = [
        "attachment.sha256",
        "child.local_reference",
        "conference.venue",
        "conference_report.receipt",
        "conference_report.template",
        "deadline.rule",
        "deadline.skipped",
        "entry.item",
        "escalation.sha256",
        "export.categories",
        "export.role",
        "report_answer.item",
    ];
    assert_eq!(plain, known.map(str::to_owned).into());
    let sealed = |c: &&Column| matches!(c.class, Class::Sealed(Seal::Category(..) | Seal::ByRow));
    assert!(all().iter().filter(sealed).count() > 30);
}

/// What the API answers is either a column, which says who may read it, or stands in `derived_fields.txt`: a field that is
/// made of several things is looked at by somebody who asks what it gives away.
#[test]
fn every_field_is_a_column_or_is_named() {
    let walk = Walk::new();
    let mut derived = Vec::new();
    for (ty, _) in walk.objects() {
        let root = ["Query", "Mutation", "Subscription"].contains(&&*ty);
        if root || is_part_of_a_list(&ty) || ty.ends_with("Payload") || ty == "UserError" {
            continue;
        }
        let table = table_of(&ty);
        for leaf in walk.leaves(&ty) {
            if table.and_then(|table| column_of(table, &leaf)).is_none() {
                derived.push(format!("{ty}.{leaf}\n"));
            }
        }
    }
    let derived = derived.concat();
    let known = include_str!("derived_fields.txt");
    if derived != known {
        let new = std::env::temp_dir().join("quorate-derived-fields.txt");
        std::fs::write(&new, &derived).unwrap();
        let fresh: Vec<_> = derived.lines().filter(|line| !known.lines().any(|k| k == *line)).collect();
        panic!("say who may read these, then commit {} as tests/it/derived_fields.txt: {fresh:?}", new.display());
    }
}
