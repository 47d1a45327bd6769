//! The chain: canonical bytes of a row, the hash over them, and appending at the head.

use entity::{audit, audit_head, audit_subject, notice};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{at_once, notices};

/// Rows in one statement at the most: their values stay below what SQLite binds.
pub(super) const MOST: usize = 1000;
/// Index entries in one statement at the most.
const MOST_SUBJECTS: usize = 10_000;

/// Where the chain stands.
#[derive(Clone, Debug)]
pub(in crate::store) struct Head {
    pub(super) sequence: i64,
    pub(super) hash: Vec<u8>,
}

/// The hash of a row that follows one with hash `before`. Every field goes in with its length, so that no two rows
/// share their bytes.
pub(super) fn hash(before: &[u8], row: &audit::Model) -> [u8; 32] {
    let mut sha = Sha256::new();
    let mut text = |bytes: &[u8]| {
        sha.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        sha.update(bytes);
    };
    text(b"quorate audit 1");
    text(before);
    text(&row.sequence.to_be_bytes());
    text(&row.at.timestamp_micros().to_be_bytes());
    text(row.practitioner_id.0.as_bytes());
    text(row.agency_id.0.as_bytes());
    text(row.request_id.as_bytes());
    text(row.role.as_bytes());
    // an absent text and an empty one are told apart by a field of one byte
    text(&[u8::from(row.purpose.is_some())]);
    text(row.purpose.map(audit::Purpose::word).unwrap_or_default().as_bytes());
    text(&[u8::from(row.reason.is_some())]);
    text(row.reason.as_deref().unwrap_or_default().as_bytes());
    for word in [&row.kind, &row.operation, &row.document, &row.resource, &row.categories] {
        text(word.as_bytes());
    }
    text(row.decision.word().as_bytes());
    text(row.rule.as_bytes());
    text(&row.touched.to_be_bytes());
    text(&row.subjects);
    sha.finalize().into()
}

/// The pseudonyms a row lists.
pub(super) fn subjects(list: &[u8]) -> impl Iterator<Item = Uuid> {
    list.chunks_exact(16).filter_map(|bytes| Uuid::from_slice(bytes).ok())
}

/// The head, which stays locked until the transaction ends: all who append meet at that one row, so sequences have no
/// gaps and their order is that of the commits.
pub(super) async fn lock(tx: &DatabaseTransaction) -> Result<Head, DbErr> {
    let head = audit_head::Entity::find_by_id(1).lock_exclusive().one(tx).await?;
    let head = head.ok_or_else(|| DbErr::Custom("the access record has no head".into()))?;
    Ok(Head { sequence: head.sequence, hash: head.hash })
}

/// Rows as they follow a head: the head they make, and they themselves.
pub(super) fn chained(mut head: Head, mut rows: Vec<audit::Model>) -> (Head, Vec<audit::Model>) {
    for row in &mut rows {
        row.sequence = head.sequence + 1;
        row.hash = hash(&head.hash, row).to_vec();
        head = Head { sequence: row.sequence, hash: row.hash.clone() };
    }
    (head, rows)
}

/// Appends rows at the head that was locked. Notices go in while the head is held, so that two who give the same one
/// never wait for each other.
pub(super) async fn append(
    tx: &DatabaseTransaction,
    head: Head,
    rows: Vec<audit::Model>,
    notices: Vec<notice::Model>,
) -> Result<Head, DbErr> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        let appended = at_once::append(tx, &head, rows, notices).await?;
        return appended.ok_or_else(|| DbErr::Custom("the head of the access record moved while it was locked".into()));
    }
    let (head, rows) = chained(head, rows);
    let entries = |row: &audit::Model| {
        let sequence = row.sequence;
        subjects(&row.subjects).map(move |subject| audit_subject::Model { subject, sequence }).collect::<Vec<_>>()
    };
    let index: Vec<_> = rows.iter().flat_map(entries).collect();
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).collect();
    for some in batches(rows, MOST) {
        audit::Entity::insert_many(some).exec_without_returning(tx).await?;
    }
    let index = index.into_iter().map(|entry| entry.into_active_model().reset_all()).collect();
    for some in batches(index, MOST_SUBJECTS) {
        audit_subject::Entity::insert_many(some).exec_without_returning(tx).await?;
    }
    notices::give(tx, notices).await?;
    audit_head::Entity::update_many()
        .col_expr(audit_head::Column::Sequence, Expr::val(head.sequence))
        .col_expr(audit_head::Column::Hash, Expr::val(head.hash.clone()))
        .filter(audit_head::Column::Id.eq(1))
        .exec(tx)
        .await?;
    Ok(head)
}

pub(super) fn batches<T>(rows: Vec<T>, most: usize) -> impl Iterator<Item = Vec<T>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || Some(rows.by_ref().take(most).collect::<Vec<_>>()).filter(|some| !some.is_empty()))
}
