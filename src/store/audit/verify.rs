//! Finding what does not fit: every row is hashed again, the index held against the rows, and the end held against the
//! heads that were signed and kept elsewhere.

use std::collections::BTreeMap;
use std::path::Path;

use entity::{audit, audit_head};
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryResult, Statement, StreamTrait, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::chain::{self, Head};
use super::heads;
use super::key::AuditKey;
use crate::error::{Error, Result};
use crate::store::Database;

/// Rows read by one statement: a statement has its time, and the whole record may take longer.
const CHUNK: i64 = 100_000;

const LAST: &str = "SELECT coalesce(max(sequence), 0) FROM audit";

const COLUMNS: &str = "sequence, at, practitioner_id, agency_id, request_id, role, purpose, reason, kind, operation, \
    document, resource, categories, decision, rule, touched, subjects, hash";

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything fits.
    Whole {
        /// Rows read.
        rows: i64,
        /// Signed heads they were held against.
        heads: usize,
    },
    /// Something does not.
    Broken {
        /// Sequence of the first row that is not as it was written.
        sequence: i64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The signed heads cannot be trusted.
    Heads(String),
}

/// How far a verification has come.
struct Walk {
    reached: Head,
    /// Sum over all index entries there should be; the order does not matter.
    index: u128,
    heads: Vec<Head>,
    /// Heads that were held against their row.
    held: usize,
}

impl Database {
    /// Reads the whole access record again. `signed` is the file of signed heads with the key that signed them.
    pub async fn verify_audit(&self, signed: Option<(&Path, &AuditKey)>) -> Result<Verdict> {
        // heads first, then the end of the rows, then the head: what is appended meanwhile cannot look like a fault
        let signed = match signed {
            // where nothing was ever recorded, nothing was signed either
            Some((file, _)) if !file.exists() && self.number(LAST).await? == 0 => None,
            other => other,
        };
        let mut heads = match signed.map(|(file, key)| heads::read(file, key)).transpose() {
            Ok(heads) => heads.unwrap_or_default(),
            Err(why) => return Ok(Verdict::Heads(why)),
        };
        heads.sort_by_key(|head| head.sequence);
        let last = self.number(LAST).await?;
        let head = audit_head::Entity::find_by_id(1).one(&self.pool).await?;
        let Some(head) = head else { return Ok(broken(1, "the record has no head")) };
        let start = Head { sequence: 0, hash: vec![0; 32] };
        let mut walk = Walk { reached: start, index: 0, heads, held: 0 };
        // side by side: two connections read, and most of the time goes into reading
        let (found, index) =
            futures_util::future::try_join(self.rows_of(&mut walk, head.sequence), self.index_sum(head.sequence))
                .await?;
        if let Some(verdict) = found {
            return Ok(verdict);
        }
        if walk.reached.hash != head.hash {
            return Ok(broken(head.sequence, "it is not the row the head of the record names"));
        }
        if last > head.sequence {
            return Ok(broken(head.sequence + 1, "it was put in past the head of the record"));
        }
        if walk.held < walk.heads.len() {
            return Ok(broken(head.sequence + 1, "it is gone: a head beyond it was signed"));
        }
        if walk.index != index {
            return self.wrong_index(head.sequence).await;
        }
        Ok(Verdict::Whole { rows: head.sequence, heads: walk.held })
    }

    /// Walks over all rows; what is wrong, if anything is.
    async fn rows_of(&self, walk: &mut Walk, until: i64) -> Result<Option<Verdict>> {
        while walk.reached.sequence < until {
            let found = self.chunk(walk, until).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Walks over the next rows; what is wrong, if anything is.
    async fn chunk(&self, walk: &mut Walk, until: i64) -> Result<Option<Verdict>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM audit WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT {CHUNK}"
        );
        let values: [Value; 2] = [walk.reached.sequence.into(), until.into()];
        let statement = Statement::from_sql_and_values(self.pool.get_database_backend(), sql, values);
        let mut rows = self.pool.stream_raw(statement).await?;
        let from = walk.reached.sequence;
        while let Some(row) = rows.try_next().await? {
            let Ok(row) = read(&row) else {
                return Ok(Some(broken(walk.reached.sequence + 1, "it cannot be read")));
            };
            if let Some(verdict) = walk.step(&row) {
                return Ok(Some(verdict));
            }
        }
        if walk.reached.sequence == from {
            return Ok(Some(broken(from + 1, "it is gone")));
        }
        Ok(None)
    }

    async fn number(&self, sql: &str) -> Result<i64> {
        let statement = Statement::from_string(self.pool.get_database_backend(), sql);
        let row = self.pool.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| Error::internal("the access record does not answer"))?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Calls `each` with every entry of the index up to a sequence.
    async fn index(&self, until: i64, mut each: impl FnMut(Uuid, i64)) -> Result<()> {
        let (mut subject, mut sequence) = (Uuid::nil(), 0_i64);
        loop {
            let sql = format!(
                "SELECT subject, sequence FROM audit_subject WHERE (subject, sequence) > ($1, $2) \
                 ORDER BY subject, sequence LIMIT {CHUNK}"
            );
            let values: [Value; 2] = [subject.into(), sequence.into()];
            let statement = Statement::from_sql_and_values(self.pool.get_database_backend(), sql, values);
            let mut rows = self.pool.stream_raw(statement).await?;
            let mut count = 0;
            while let Some(row) = rows.try_next().await? {
                (subject, sequence) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                count += 1;
                if sequence <= until {
                    each(subject, sequence);
                }
            }
            if count < CHUNK {
                return Ok(());
            }
        }
    }

    async fn index_sum(&self, until: i64) -> Result<u128> {
        let mut sum = 0_u128;
        self.index(until, |subject, sequence| sum = sum.wrapping_add(entry(subject, sequence))).await?;
        Ok(sum)
    }

    /// The first row whose entries in the index are not those it lists.
    async fn wrong_index(&self, until: i64) -> Result<Verdict> {
        let mut left: BTreeMap<i64, u128> = BTreeMap::new();
        self.index(until, |subject, sequence| {
            let sum = left.entry(sequence).or_default();
            *sum = sum.wrapping_add(entry(subject, sequence));
        })
        .await?;
        let mut from = 0;
        while from < until {
            let sql = "SELECT sequence, subjects FROM audit WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence";
            let values: [Value; 2] = [from.into(), until.min(from + CHUNK).into()];
            let statement = Statement::from_sql_and_values(self.pool.get_database_backend(), sql, values);
            let mut rows = self.pool.stream_raw(statement).await?;
            while let Some(row) = rows.try_next().await? {
                let (sequence, list): (i64, Vec<u8>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                let sum = left.entry(sequence).or_default();
                *sum = chain::subjects(&list).fold(*sum, |sum, subject| sum.wrapping_sub(entry(subject, sequence)));
            }
            from += CHUNK;
        }
        let first = left.into_iter().find(|(_, sum)| *sum != 0).map_or(until, |(sequence, _)| sequence);
        Ok(broken(first, "its entries in the index are not those it lists"))
    }
}

impl Walk {
    fn step(&mut self, row: &audit::Model) -> Option<Verdict> {
        let expected = self.reached.sequence + 1;
        if row.sequence != expected {
            return Some(broken(expected, "it is gone"));
        }
        let hash = chain::hash(&self.reached.hash, row);
        if hash.as_slice() != row.hash {
            return Some(broken(expected, "it is not as it was written, or does not follow the row before it"));
        }
        while let Some(head) = self.heads.get(self.held).filter(|head| head.sequence <= expected) {
            if head.sequence == expected && head.hash != hash {
                return Some(broken(expected, "another row was signed as the head here"));
            }
            self.held += 1;
        }
        self.index = chain::subjects(&row.subjects).fold(self.index, |sum, s| sum.wrapping_add(entry(s, expected)));
        self.reached = Head { sequence: expected, hash: hash.to_vec() };
        None
    }
}

const fn broken(sequence: i64, why: &'static str) -> Verdict {
    Verdict::Broken { sequence, why }
}

fn entry(subject: Uuid, sequence: i64) -> u128 {
    let digest: [u8; 32] = Sha256::new().chain_update(subject).chain_update(sequence.to_be_bytes()).finalize().into();
    digest.iter().take(16).fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
}

fn read(row: &QueryResult) -> std::result::Result<audit::Model, DbErr> {
    Ok(audit::Model {
        sequence: row.try_get_by_index(0)?,
        at: row.try_get_by_index(1)?,
        practitioner_id: row.try_get_by_index(2)?,
        agency_id: row.try_get_by_index(3)?,
        request_id: row.try_get_by_index(4)?,
        role: row.try_get_by_index(5)?,
        purpose: row.try_get_by_index(6)?,
        reason: row.try_get_by_index(7)?,
        kind: row.try_get_by_index(8)?,
        operation: row.try_get_by_index(9)?,
        document: row.try_get_by_index(10)?,
        resource: row.try_get_by_index(11)?,
        categories: row.try_get_by_index(12)?,
        decision: row.try_get_by_index(13)?,
        rule: row.try_get_by_index(14)?,
        touched: row.try_get_by_index(15)?,
        subjects: row.try_get_by_index(16)?,
        hash: row.try_get_by_index(17)?,
    })
}
