//! Emergency access: finding a child past the row rules by an exact locator, the uses, their reviews, and what they show.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use entity::appointment::Post;
use entity::child::Sex;
use entity::emergency_access::{Outcome, Reason};
use entity::id::{AgencyId, ChildId, EmergencyAccessId, LocalAuthorityId, PractitionerId};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use entity::{appointment, child, emergency_access, involvement, plan, practitioner};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::audit::notices;
use super::child::name_key;
use super::permit::Permit;
use super::visible::{conflicted, has_officer};
use super::{Scoped, Tx, in_force};
use crate::clock::london_day;
use crate::error::{Error, Result};
use crate::policy::actions::{OpenEmergencyAccess, ReviewEmergencyAccess};
use crate::policy::emergency::{AccessFacts, Staff, may_break_glass};

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
            .filter(child::Column::Id.not_in_subquery(conflicted(self.who())))
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
            team_id: Set(who.team),
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

/// What emergency access shows of a child. No address, no household, nothing of police, health or law.
#[derive(Clone, Debug)]
pub struct EmergencyRecord {
    /// The child itself.
    pub child: child::Model,
    /// The plan that is open now.
    pub plan: Option<plan::Model>,
    /// Whom to call.
    pub contacts: Vec<Contact>,
}

/// What somebody is to a child whom one calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContactKind {
    /// The allocated social worker.
    AllocatedWorker,
    /// The manager of the worker's team.
    TeamManager,
    /// The chair of its conferences.
    Chair,
}

/// Somebody to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// What they are to the child.
    pub kind: ContactKind,
    /// Who.
    pub practitioner: PractitionerId,
    /// Where.
    pub agency: AgencyId,
}

/// What a use of emergency access shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordOf(pub EmergencyAccessId);

impl Scoped {
    /// What the caller's own uses show, as far as they last: a fixed number of statements for any number of uses.
    pub(super) async fn emergency_records(&self, keys: &[RecordOf]) -> Result<HashMap<RecordOf, EmergencyRecord>> {
        let open = self.open_accesses(keys).await?;
        let ids: BTreeSet<ChildId> = open.values().copied().collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        // SECURITY: widened scope: past the row rules, for the children the caller's own uses found and no others
        let pool = &self.store.db.pool;
        let children = child::Entity::find().filter(child::Column::Id.is_in(ids.iter().copied())).all(pool).await?;
        let today = london_day(self.who.at);
        let plans = plan::Entity::find()
            .filter(plan::Column::ChildId.is_in(ids.iter().copied()))
            .filter(in_force(plan::Column::StartsOn, plan::Column::EndsOn, today))
            .all(pool)
            .await?;
        let mut contacts = self.contacts(&ids).await?;
        self.who.showed_in_emergency(&ids.into_iter().collect::<Vec<_>>());
        let mut plans: HashMap<ChildId, plan::Model> = plans.into_iter().map(|plan| (plan.child_id, plan)).collect();
        let records: HashMap<ChildId, EmergencyRecord> = children
            .into_iter()
            .map(|child| {
                let (plan, contacts) = (plans.remove(&child.id), contacts.remove(&child.id).unwrap_or_default());
                (child.id, EmergencyRecord { child, plan, contacts: contacts.into_iter().collect() })
            })
            .collect();
        Ok(open.into_iter().filter_map(|(key, child)| Some((key, records.get(&child)?.clone()))).collect())
    }

    /// The children of those uses that are the caller's own and last still, and that no conflict of interest closes.
    async fn open_accesses(&self, keys: &[RecordOf]) -> Result<HashMap<RecordOf, ChildId>> {
        use emergency_access::Column as C;
        if !may_break_glass(self.who.role) {
            return Ok(HashMap::new());
        }
        let rows: Vec<(EmergencyAccessId, ChildId)> = emergency_access::Entity::find()
            .select_only()
            .columns([C::Id, C::ChildId])
            .filter(C::Id.is_in(keys.iter().map(|key| key.0)))
            .filter(C::PractitionerId.eq(self.who.practitioner))
            .filter(C::AgencyId.eq(self.who.agency))
            .filter(C::OpenedAt.lte(self.who.at))
            .filter(C::ExpiresAt.gt(self.who.at))
            .filter(C::ChildId.is_not_null())
            .filter(C::ChildId.not_in_subquery(conflicted(&self.who)))
            .into_tuple()
            .all(&self.store.db.pool)
            .await?;
        Ok(rows.into_iter().map(|(id, child)| (RecordOf(id), child)).collect())
    }

    /// Whom to call about each child: allocated workers, the managers of their teams, the latest chair.
    async fn contacts(&self, children: &BTreeSet<ChildId>) -> Result<HashMap<ChildId, BTreeSet<Contact>>> {
        use involvement::Column as C;
        let pool = &self.store.db.pool;
        let rows = involvement::Entity::find()
            .filter(C::ChildId.is_in(children.iter().copied()))
            .filter(C::Basis.is_in([Basis::AllocatedWorker, Basis::Chair]))
            .filter(C::PractitionerId.is_not_null())
            .filter(in_force(C::StartsAt, C::EndsAt, self.who.at))
            .order_by_asc(C::StartsAt)
            .order_by_asc(C::Id)
            .all(pool)
            .await?;
        let teams: BTreeSet<_> = rows.iter().filter_map(|row| row.team_id).collect();
        let managers = appointment::Entity::find()
            .filter(appointment::Column::TeamId.is_in(teams))
            .filter(appointment::Column::Post.eq(Post::TeamManager))
            .filter(in_force(appointment::Column::StartsAt, appointment::Column::EndsAt, self.who.at))
            .all(pool)
            .await?;
        let mut all: HashMap<ChildId, BTreeSet<Contact>> = HashMap::new();
        for row in &rows {
            let Some(practitioner) = row.practitioner_id else { continue };
            let of_child = all.entry(row.child_id).or_default();
            let kind = if row.basis == Basis::Chair { ContactKind::Chair } else { ContactKind::AllocatedWorker };
            if kind == ContactKind::Chair {
                of_child.retain(|contact| contact.kind != kind);
            }
            of_child.insert(Contact { kind, practitioner, agency: row.agency_id });
            let of_team = managers.iter().filter(|post| post.team_id.is_some() && post.team_id == row.team_id);
            of_child.extend(of_team.map(|post| Contact {
                kind: ContactKind::TeamManager,
                practitioner: post.practitioner_id,
                agency: post.agency_id,
            }));
        }
        Ok(all)
    }
}
