//! Notices that the access record gives rise to, written with it: a first opening of the day is one more row in the
//! statement of its batch, and what this process gave already is not given again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Timelike, Utc};
use entity::agency;
use entity::audit::{self, Decision};
use entity::id::{AgencyId, ChildId, EmergencyAccessId, LocalAuthorityId, NoticeId, PractitionerId, TypedId};
use entity::notice::{self, Kind};
use moka::sync::Cache;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::chain::{MOST, batches};
use super::ledger::{BY_NAME, EMERGENCY, Noted};
use crate::clock::london_day;
use crate::policy::Standing;
use crate::policy::roles::Role;

/// Notices remembered as given, at the most.
const REMEMBERED: u64 = 200_000;

/// The notices this process has given. What is forgotten is given once more, and the database passes over it.
#[derive(Clone)]
pub(super) struct Given(Arc<Cache<Uuid, ()>>);

impl Default for Given {
    fn default() -> Self {
        let day = Duration::from_hours(24);
        Self(Arc::new(Cache::builder().max_capacity(REMEMBERED).time_to_live(day).build()))
    }
}

impl Given {
    /// Those that were not given yet, each once.
    pub(super) fn ungiven(&self, notices: Vec<notice::Model>) -> Vec<notice::Model> {
        let mut seen = BTreeSet::new();
        notices.into_iter().filter(|n| !self.0.contains_key(&n.id.0) && seen.insert(n.id)).collect()
    }

    /// These are committed.
    pub(super) fn remember(&self, notices: &[notice::Model]) {
        for each in notices {
            self.0.insert(each.id.0, ());
        }
    }
}

/// Writes notices; one that is there already stays as it is.
pub(in crate::store) async fn give(tx: &DatabaseTransaction, notices: Vec<notice::Model>) -> Result<(), DbErr> {
    let rows = notices.into_iter().map(|each| each.into_active_model().reset_all()).collect();
    for some in batches(rows, MOST) {
        notice::Entity::insert_many(some).on_conflict_do_nothing().exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The id of a notice: made of its kind and of what it tells, so that no second one can be told of the same.
fn id(kind: Kind, parts: &[&[u8]]) -> NoticeId {
    let mut sha = Sha256::new();
    sha.update(kind.word());
    for part in parts {
        sha.update([0]);
        sha.update(part);
    }
    let bytes = sha.finalize().first_chunk::<16>().copied().unwrap_or_default();
    NoticeId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Emergency access: to the privacy officer, without a word of a child, and to those who lead the case of `found`.
pub(in crate::store) fn of_emergency(
    who: &Standing,
    access: EmergencyAccessId,
    found: Option<ChildId>,
) -> Vec<notice::Model> {
    let one = |child: Option<ChildId>| {
        let about = child.map(|child| child.0).unwrap_or_default();
        let id = id(Kind::EmergencyAccess, &[access.0.as_bytes(), about.as_bytes()]);
        let access = Some(access);
        notice::Model { emergency_access_id: access, ..row(id, Kind::EmergencyAccess, who, child) }
    };
    std::iter::once(None).chain(found.map(Some)).map(one).collect()
}

/// The openings of records of children by people of the agencies around social care, one a child, person and day in
/// England. What emergency access opened has a notice of its own.
pub(super) fn of_openings(who: &Standing, noted: &[Noted]) -> Vec<notice::Model> {
    if !matches!(who.role, Role::Police | Role::Health | Role::Education | Role::EarlyHelp | Role::OtherAgency) {
        return Vec::new();
    }
    let day = london_day(who.at).to_string();
    let opened =
        noted.iter().filter(|line| line.decision == Decision::Allowed && line.touched > 0 && line.rule != EMERGENCY);
    let children: BTreeSet<Uuid> =
        opened.flat_map(|line| &line.subjects).filter(|(noun, _)| *noun == ChildId::NOUN).map(|(_, id)| *id).collect();
    let one = |child: Uuid| {
        let parts: [&[u8]; 4] =
            [child.as_bytes(), who.practitioner.0.as_bytes(), who.agency.0.as_bytes(), day.as_bytes()];
        row(id(Kind::RecordOpened, &parts), Kind::RecordOpened, who, Some(ChildId(child)))
    };
    children.into_iter().map(one).collect()
}

fn row(id: NoticeId, kind: Kind, who: &Standing, child_id: Option<ChildId>) -> notice::Model {
    notice::Model {
        id,
        kind,
        at: who.at,
        practitioner_id: who.practitioner,
        agency_id: who.agency,
        local_authority_id: who.authority,
        child_id,
        emergency_access_id: None,
    }
}

/// Who searched by name without finding anybody, and when last.
pub(super) fn searches_by_name(rows: &[audit::Model]) -> BTreeMap<(PractitionerId, AgencyId), DateTime<Utc>> {
    let mut people = BTreeMap::new();
    for row in rows.iter().filter(|row| row.rule == BY_NAME) {
        let last = people.entry((row.practitioner_id, row.agency_id)).or_insert(row.at);
        *last = row.at.max(*last);
    }
    people
}

/// Tells of those among `people` who ended nowhere so often within the hour, once an hour of the clock. Costs nothing
/// where nobody searched by name in vain.
pub(super) async fn of_searches(
    tx: &DatabaseTransaction,
    people: &BTreeMap<(PractitionerId, AgencyId), DateTime<Utc>>,
    most: i64,
) -> Result<(), DbErr> {
    use audit::Column as C;
    if people.is_empty() {
        return Ok(());
    }
    let mut of = Condition::any();
    for ((person, agency), last) in people {
        of = of.add(
            Condition::all()
                .add(C::PractitionerId.eq(*person))
                .add(C::AgencyId.eq(*agency))
                .add(C::At.gt(*last - chrono::Duration::hours(1)))
                .add(C::At.lte(*last)),
        );
    }
    let counts: Vec<(PractitionerId, AgencyId, i64)> = audit::Entity::find()
        .select_only()
        .columns([C::PractitionerId, C::AgencyId])
        .column_as(Expr::cust("CAST(SUM(touched) AS BIGINT)"), "times")
        // written out: a bound value would not be recognised as that of the partial index
        .filter(Expr::cust("rule = 'NAME'"))
        .filter(of)
        .group_by(C::PractitionerId)
        .group_by(C::AgencyId)
        .into_tuple()
        .all(tx)
        .await?;
    let many: Vec<_> = counts.into_iter().filter(|(.., times)| *times >= most).collect();
    if many.is_empty() {
        return Ok(());
    }
    let authorities = authorities_of(tx, many.iter().map(|(_, agency, _)| *agency)).await?;
    let told = many.iter().filter_map(|(person, agency, _)| {
        let at = *people.get(&(*person, *agency))?;
        let hour = at.with_minute(0)?.with_second(0)?.with_nanosecond(0)?.timestamp();
        let parts: [&[u8]; 3] = [person.0.as_bytes(), agency.0.as_bytes(), &hour.to_be_bytes()];
        Some(notice::Model {
            id: id(Kind::UnusualLookups, &parts),
            kind: Kind::UnusualLookups,
            at,
            practitioner_id: *person,
            agency_id: *agency,
            local_authority_id: *authorities.get(agency)?,
            child_id: None,
            emergency_access_id: None,
        })
    });
    give(tx, told.collect()).await
}

async fn authorities_of(
    tx: &DatabaseTransaction,
    agencies: impl Iterator<Item = AgencyId>,
) -> Result<BTreeMap<AgencyId, LocalAuthorityId>, DbErr> {
    let rows = agency::Entity::find().filter(agency::Column::Id.is_in(agencies)).all(tx).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.local_authority_id)).collect())
}
