//! The access record: who did what to whose record, in a chain of hashes. Append-only; no names, no content.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::{AgencyId, PractitionerId};

codes! {
    /// Why a caller says it reads.
    pub enum Purpose { CpDuty, ConferencePrep, Strategy, Audit, Sar, Emergency }
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::CpDuty, Self::ConferencePrep, Self::Strategy, Self::Audit, Self::Sar, Self::Emergency];

    /// The purpose of a word as clients write it.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }
}

codes! {
    /// What became of it.
    pub enum Decision { Allowed, NotFound, Ambiguous, Denied }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// From 1, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    pub at: DateTimeUtc,
    pub practitioner_id: PractitionerId,
    pub agency_id: AgencyId,
    pub request_id: Uuid,
    /// The role decided with.
    pub role: String,
    pub purpose: Option<Purpose>,
    /// What the caller gave as its reason. Nowhere else.
    pub reason: Option<String>,
    /// Query, mutation or subscription.
    pub kind: String,
    /// Name of the operation; empty where it has none.
    pub operation: String,
    /// Hash of the document.
    pub document: String,
    /// The noun of what was touched.
    pub resource: String,
    /// Categories opened, separated by spaces.
    pub categories: String,
    pub decision: Decision,
    /// The rule that decided.
    pub rule: String,
    /// Rows handed out or written.
    pub touched: i64,
    /// Pseudonyms of whom it was about, 16 bytes each, in order.
    pub subjects: Vec<u8>,
    /// SHA-256 over the hash of the row before and this row.
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
