//! Emergency access: finding a child past the row rules by an exact locator, the uses and their reviews.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::child::Sex;
use entity::emergency_access::{Outcome, Reason};
use entity::id::{ChildId, EmergencyAccessId, LocalAuthorityId};
use entity::sealed::Sealed;
use entity::{child, emergency_access, practitioner};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect,
};

use super::Tx;
use super::audit::notices;
use super::child::name_key;
use super::permit::Permit;
use super::visible::{has_officer, unclosed};
use crate::error::{Error, Result};
use crate::policy::actions::{OpenEmergencyAccess, ReviewEmergencyAccess};
use crate::policy::emergency::{AccessFacts, Staff};

/// The exact ways to name a child in an emergency: two marks at the least, no part of one.
#[derive(Clone, Debug)]
pub enum Locator {
    /// NHS number, ten digits, and date of birth.
    NhsNumber(String, NaiveDate),
    /// Full name, date of birth and sex.
    Name {
        /// Given name.
        given: String,
        /// Family name.
        family: String,
        /// Date of birth.
        born_on: NaiveDate,
        /// Sex.
        sex: Sex,
    },
}

impl Locator {
    fn condition(&self) -> Condition {
        use child::Column as C;
        match self {
            Self::NhsNumber(number, born_on) => {
                Condition::all().add(C::NhsNumber.eq(number.as_str())).add(C::BornOn.eq(*born_on))
            }
            Self::Name { given, family, born_on, sex } => Condition::all()
                .add(C::NameKey.eq(name_key(given, family)))
                .add(C::BornOn.eq(*born_on))
                .add(C::Sex.eq(*sex)),
        }
    }
}

/// A use of emergency access to be written.
#[derive(Clone, Debug)]
pub struct NewAccess {
    /// Its id.
    pub id: EmergencyAccessId,
    /// What made it an emergency.
    pub reason: Reason,
    /// In the caller's words.
    pub explanation: String,
    /// Until when what was found can be read.
    pub expires_at: DateTime<Utc>,
    /// When its review is due.
    pub review_due_at: DateTime<Utc>,
}

/// Whom a locator found: the child and the authority whose child it is.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The child.
    pub child: ChildId,
    /// Its authority.
    pub authority: LocalAuthorityId,
}

impl Tx {
    /// The caller's own row, held against a second use at the same time.
    pub async fn lock_person(&self) -> Result<practitioner::Model> {
        // not for an update: rows that name the person can be written meanwhile, so that nobody waits in a circle
        let select = practitioner::Entity::find_by_id(self.who().practitioner).lock(LockType::NoKeyUpdate);
        select.one(&self.inner).await?.ok_or(Error::NotFound)
    }

    /// How often the caller used emergency access since an instant, whatever it found.
    pub async fn emergency_uses(&self, since: DateTime<Utc>) -> Result<u64> {
        use emergency_access::Column as C;
        let uses = emergency_access::Entity::find()
            .filter(C::PractitionerId.eq(self.who().practitioner))
            .filter(C::OpenedAt.gt(since));
        Ok(uses.count(&self.inner).await?)
    }

    /// Notes that the limit of uses was reached.
    pub fn emergency_refused(&self) {
        self.scope().who.ledger().refused("Operation", "EMERGENCY_LIMIT");
    }

    /// The one child a locator names, of whichever authority. None where there is none, where there is more than one, and
    /// where a conflict of interest closes the child to the caller: the three are one.
    pub async fn locate(&self, by: &Locator) -> Result<Option<Found>> {
        // SECURITY: widened scope; whether there is such a child stays in the row of the use, which tells it to nobody
        // but the caller
        let rows: Vec<(ChildId, LocalAuthorityId)> = child::Entity::find()
            .select_only()
            .columns([child::Column::Id, child::Column::LocalAuthorityId])
            .filter(by.condition())
            .filter(unclosed(self.who(), child::Column::Id, |closed| closed))
            .limit(2)
            .into_tuple()
            .all(&self.inner)
            .await?;
        let found = match rows.as_slice() {
            [(child, authority)] => Some(Found { child: *child, authority: *authority }),
            _ => None,
        };
        self.scope().who.searched_in_emergency(found.map(|found| found.child));
        Ok(found)
    }

    /// Writes a use with its notices. What found nobody is written by the same statements.
    pub async fn open_emergency_access(
        &self,
        permit: Permit<OpenEmergencyAccess, practitioner::Model>,
        new: NewAccess,
        found: Option<Found>,
    ) -> Result<()> {
        let who = self.who();
        let child = found.map(|found| found.child);
        emergency_access::ActiveModel {
            id: Set(new.id),
            practitioner_id: Set(permit.row.id),
            agency_id: Set(who.agency),
            team_id: Set(who.teams.first().copied()),
            local_authority_id: Set(who.authority),
            child_id: Set(child),
            reason: Set(new.reason),
            explanation: Set(Sealed::new(new.explanation)),
            opened_at: Set(who.at),
            expires_at: Set(new.expires_at),
            review_due_at: Set(new.review_due_at),
            reviewed_at: Set(None),
            reviewed_by: Set(None),
            outcome: Set(None),
            review_note: Set(Sealed::new(None)),
        }
        .insert(&self.inner)
        .await?;
        notices::give(&self.inner, notices::of_emergency(who, new.id, child)).await?;
        Ok(())
    }

    /// What bears on the review of a use.
    pub async fn facts_of_access(&self, row: &emergency_access::Model) -> Result<AccessFacts<'static>> {
        // SECURITY: widened scope; one bit leaves this statement
        let has_officer = emergency_access::Entity::find_by_id(row.id)
            .filter(has_officer(self.who()))
            .one(&self.inner)
            .await?
            .is_some();
        let staff = Staff {
            practitioner: row.practitioner_id,
            agency: row.agency_id,
            authority: row.local_authority_id,
            has_officer,
        };
        let reviewed = row.reviewed_at.is_some();
        Ok(AccessFacts { staff, team: row.team_id, child: None, review_due_at: row.review_due_at, reviewed })
    }

    /// Writes what the review of a use found.
    pub async fn review_emergency_access(
        &self,
        permit: Permit<ReviewEmergencyAccess, emergency_access::Model>,
        outcome: Outcome,
        note: String,
    ) -> Result<()> {
        let who = self.who();
        let mut row = permit.row.into_active_model();
        row.reviewed_at = Set(Some(who.at));
        row.reviewed_by = Set(Some(who.practitioner));
        row.outcome = Set(Some(outcome));
        row.review_note = Set(Sealed::new(Some(note)));
        row.update(&self.inner).await?;
        Ok(())
    }

    /// The authorities in whose feeds a use is told: the caller's, and that of the child.
    pub fn authorities_told(&self, found: Option<Found>) -> BTreeSet<LocalAuthorityId> {
        std::iter::once(self.who().authority).chain(found.map(|found| found.authority)).collect()
    }
}

impl Tx {
    /// The same for a use that was written before.
    pub async fn authorities_of_access(&self, row: &emergency_access::Model) -> Result<BTreeSet<LocalAuthorityId>> {
        // SECURITY: widened scope; the authority goes to the feed and to nobody else
        let found = match row.child_id {
            Some(id) => child::Entity::find_by_id(id).one(&self.inner).await?,
            None => None,
        };
        Ok(std::iter::once(row.local_authority_id).chain(found.map(|child| child.local_authority_id)).collect())
    }
}
