//! What emergency access shows, to whom and for how long.

use std::collections::{BTreeSet, HashMap};

use entity::appointment::Post;
use entity::id::{AgencyId, ChildId, EmergencyAccessId, PractitionerId};
use entity::involvement::Basis;
use entity::{appointment, child, emergency_access, involvement, plan};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::visible::unclosed;
use super::{Scoped, in_force};
use crate::clock::london_day;
use crate::error::Result;
use crate::policy::emergency::may_break_glass;

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
            .filter(unclosed(&self.who, C::ChildId, |closed| closed))
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
            // what tells where a child with a protected address is tells it in an emergency as well
            .filter(C::Locates.eq(false))
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
