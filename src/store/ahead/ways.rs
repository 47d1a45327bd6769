//! Ways that are more than an id, a list or a single row.

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;

use entity::id::{AgencyId, ChildId};
use entity::{agency, child, conference, household, invitation, involvement, membership};
use sea_orm::sea_query::{Order, SelectStatement};
use sea_orm::{ColumnTrait, IdenStatic as _, QueryTrait};

use super::sql::Cut;
use super::{Ahead, At, Taken, named, select};
use crate::clock::london_day;
use crate::policy::Standing;
use crate::store::in_force;
use crate::store::loaders::HouseholdOf;
use crate::store::loaders::about::{AgencyAbout, InvitedTo};
use crate::store::visible::{Visible, lists};

const ALL: Option<u64> = None;

impl Ahead<'_> {
    /// The household of each child: by the membership in force that began last.
    pub fn household(&mut self, from: At<child::Entity>) -> Option<At<household::Entity>> {
        use membership::Column as C;
        let rows = |who: &Standing| {
            let mut rows = select::<membership::Entity>(who);
            rows.cond_where(in_force(C::StartsOn, C::EndsOn, london_day(who.at)));
            rows
        };
        let cut = Cut { order: vec![(C::StartsOn, Order::Desc), (C::Id, Order::Desc)], most: Some(1) };
        let take = move |taken: &mut Taken<'_>, rows: Vec<membership::Model>| {
            taken.scope.who.handed::<membership::Entity>(&rows);
            rows
        };
        let what = "household of child".to_owned();
        let members: At<membership::Entity> =
            self.lay(from, (child::Column::Id, C::ChildId), what, (rows, cut), (None, take))?;

        let take = move |taken: &mut Taken<'_>, rows: Vec<household::Model>| {
            taken.scope.who.handed::<household::Entity>(&rows);
            let households: HashMap<_, _> = rows.iter().map(|row| (row.id, row)).collect();
            let mut of: HashMap<ChildId, household::Model> = HashMap::new();
            for member in taken.rows(members) {
                if let (Some(child), Some(household)) = (member.child_id, households.get(&member.household_id)) {
                    of.insert(child, (*household).clone());
                }
            }
            let children: Vec<_> = taken.rows(from).iter().map(|row| row.id).collect();
            for child in children {
                taken.found.put(HouseholdOf(child), of.remove(&child));
            }
            rows
        };
        let (keys, cut) = ((C::HouseholdId, household::Column::Id), Cut { order: vec![], most: Some(1) });
        let rows = |who: &Standing| named::<membership::Entity, household::Entity>(C::HouseholdId, who);
        self.lay(members, keys, "household".to_owned(), (rows, cut), (None, take))
    }

    /// The agency that earlier rows name in what they say of a child, where it does not tell where the child is.
    pub fn agency_about<P: Visible>(
        &mut self,
        from: At<P>,
        (child, agency): (P::Column, P::Column),
        about: fn(&P::Model) -> (ChildId, AgencyId),
    ) -> Option<At<agency::Entity>> {
        // past the row rule, as in `Scoped::locating`: nothing leaves but what is not to be told
        let apart = if lists::apart(&self.scope.who).is_some() {
            let rows = |who: &Standing| lists::apart(who).map_or_else(SelectStatement::new, QueryTrait::into_query);
            let cut = Cut { order: vec![], most: ALL };
            let what = format!("apart {}", child.as_str());
            let keys = (child, involvement::Column::ChildId);
            let take = |_: &mut Taken<'_>, rows: Vec<involvement::Model>| rows;
            // by its number alone: nothing may be laid beneath rows that were read past their rule
            Some(self.lay::<P, involvement::Entity>(from, keys, what, (rows, cut), (None, take))?.0)
        } else {
            None
        };
        let take = move |taken: &mut Taken<'_>, rows: Vec<agency::Model>| {
            let apart: HashSet<_> = match apart {
                Some(apart) => taken
                    .rows::<involvement::Entity>(At(apart, PhantomData))
                    .iter()
                    .map(|row| (row.child_id, row.agency_id))
                    .collect(),
                None => HashSet::new(),
            };
            let agencies: HashMap<_, _> = rows.iter().map(|row| (row.id, row)).collect();
            let pairs: Vec<_> = taken.rows(from).iter().map(about).collect();
            for (child, agency) in pairs {
                let told = agencies.get(&agency).filter(|_| !apart.contains(&(child, agency)));
                taken.found.put(AgencyAbout { child, agency }, told.map(|row| (*row).clone()));
            }
            rows
        };
        let what = format!("about {}", agency.as_str());
        let cut = Cut { order: vec![], most: Some(1) };
        self.lay(from, (agency, agency::Column::Id), what, (select::<agency::Entity>, cut), (None, take))
    }

    /// Whether the reader's agency was invited to each conference.
    pub fn invited_to(&mut self, from: At<conference::Entity>) -> Option<At<invitation::Entity>> {
        use invitation::Column as C;
        let rows = |who: &Standing| {
            let mut rows = select::<invitation::Entity>(who);
            rows.and_where(C::AgencyId.eq(who.agency));
            rows
        };
        let take = move |taken: &mut Taken<'_>, rows: Vec<invitation::Model>| {
            taken.scope.who.handed::<invitation::Entity>(&rows);
            let invited: HashSet<_> = rows.iter().filter_map(|row| row.conference_id).collect();
            let conferences: Vec<_> = taken.rows(from).iter().map(|row| row.id).collect();
            for id in conferences {
                taken.found.put(InvitedTo(id), Some(invited.contains(&id)));
            }
            rows
        };
        let (keys, cut) = ((conference::Column::Id, C::ConferenceId), Cut { order: vec![], most: ALL });
        self.lay(from, keys, "invited to".to_owned(), (rows, cut), (None, take))
    }
}
