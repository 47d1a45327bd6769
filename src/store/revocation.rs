//! Taking back a token, a session, or all that a person was issued before an instant. Read in `standing.rs`.

use chrono::{DateTime, Utc};
use entity::{practitioner, revocation};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Database;
use crate::error::{Error, Result};

/// What is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// One token, by its `jti`.
    Token(String),
    /// All tokens of a session, by their `sid`.
    Session(String),
    /// All tokens of a person that were issued before an instant.
    Person(Uuid, DateTime<Utc>),
}

impl Database {
    /// Takes back. Again does no harm; of two instants for a person the later one stands.
    ///
    /// # Errors
    /// `NotFound` if there is no such person: a mistyped id would otherwise look like a revocation.
    pub async fn revoke(&self, what: &Revoked, at: DateTime<Utc>) -> Result<()> {
        let (kind, subject, before) = match what {
            Revoked::Token(id) => (revocation::Kind::Token, id.clone(), None),
            Revoked::Session(id) => (revocation::Kind::Session, id.clone(), None),
            Revoked::Person(id, before) => {
                let known = practitioner::Entity::find_by_id(entity::id::PractitionerId(*id)).one(&self.pool).await?;
                known.ok_or(Error::NotFound)?;
                (revocation::Kind::Person, id.to_string(), Some(*before))
            }
        };
        let row = revocation::ActiveModel {
            kind: Set(kind),
            subject: Set(subject.clone()),
            issued_before: Set(before),
            revoked_at: Set(at),
        };
        revocation::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(&self.pool).await?;
        if let Some(before) = before {
            revocation::Entity::update_many()
                .set(revocation::ActiveModel {
                    issued_before: Set(Some(before)),
                    revoked_at: Set(at),
                    ..Default::default()
                })
                .filter(revocation::Column::Kind.eq(kind))
                .filter(revocation::Column::Subject.eq(subject))
                .filter(revocation::Column::IssuedBefore.lt(before))
                .exec(&self.pool)
                .await?;
        }
        Ok(())
    }
}
