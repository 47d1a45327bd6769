//! Ways that are more than an id, a list or a single row.

use std::collections::{HashMap, HashSet};

use entity::id::{AgencyId, ChildId};
use entity::{agency, child, conference, household, invitation, involvement, membership};
use sea_orm::ColumnTrait;
use sea_orm::IdenStatic as _;
use sea_orm::QueryTrait as _;
use sea_orm::sea_query::Order;

use super::sql::Cut;
use super::{Ahead, At};
use crate::clock::london_day;
use crate::store::in_force;
use crate::store::loaders::HouseholdOf;
use crate::store::loaders::about::{AgencyAbout, InvitedTo};
use crate::store::visible::{Visible, lists};

const ALL: Option<u64> = None;

impl Ahead<'_> {
    /// The household of each child: by the membership in force that began last.
    pub fn household(&mut self, from: At<child::Entity>) -> Option<At<household::Entity>> {
        use membership::Column as C;
        let rows = self.scope.rows::<membership::Entity>();
        let rows = rows.filter(in_force(C::StartsOn, C::EndsOn, london_day(self.scope.who.at))).into_select();
        let cut = Cut { order: vec![(C::StartsOn, Order::Asc), (C::Id, Order::Asc)], most: ALL };
        let take = move |taken: &mut super::Taken<'_>, rows: Vec<membership::Model>| {
            taken.scope.who.handed::<membership::Entity>(&rows);
            rows
        };
        let what = "household of child".to_owned();
        let members: At<membership::Entity> =
            self.lay_below(from, child::Column::Id, what, (C::ChildId, rows), (cut, None), take)?;

        let rows = self.scope.rows::<household::Entity>().into_select();
        let cut = Cut { order: vec![], most: Some(1) };
        let what = "household".to_owned();
        let own = (household::Column::Id, rows);
        self.lay_below(members, C::HouseholdId, what, own, (cut, None), move |taken, rows| {
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
        })
    }

    /// The agency that earlier rows name in what they say of a child, where it does not tell where the child is.
    pub fn agency_about<P: Visible>(
        &mut self,
        from: At<P>,
        (child, agency): (P::Column, P::Column),
        about: fn(&P::Model) -> (ChildId, AgencyId),
    ) -> Option<At<agency::Entity>> {
        // past the row rule, as in `Scoped::locating`: nothing leaves but what is not to be told
        let apart = match lists::apart(&self.scope.who) {
            None => None,
            Some(select) => {
                let own = (involvement::Column::ChildId, select.into_query());
                let cut = Cut { order: vec![], most: ALL };
                let what = format!("apart {}", child.as_str());
                Some(self.lay_below::<P, involvement::Entity>(from, child, what, own, (cut, None), |_, rows| rows)?)
            }
        };
        let own = (agency::Column::Id, self.scope.rows::<agency::Entity>().into_select());
        let cut = Cut { order: vec![], most: Some(1) };
        let what = format!("about {}", agency.as_str());
        self.lay_below(from, agency, what, own, (cut, None), move |taken, rows: Vec<agency::Model>| {
            let apart: HashSet<_> = match apart {
                Some(apart) => taken.rows(apart).iter().map(|row| (row.child_id, row.agency_id)).collect(),
                None => HashSet::new(),
            };
            let agencies: HashMap<_, _> = rows.iter().map(|row| (row.id, row)).collect();
            let pairs: Vec<_> = taken.rows(from).iter().map(about).collect();
            for (child, agency) in pairs {
                let told = agencies.get(&agency).filter(|_| !apart.contains(&(child, agency)));
                taken.found.put(AgencyAbout { child, agency }, told.map(|row| (*row).clone()));
            }
            rows
        })
    }

    /// Whether the reader's agency was invited to each conference.
    pub fn invited_to(&mut self, from: At<conference::Entity>) -> Option<At<invitation::Entity>> {
        use invitation::Column as C;
        let rows = self.scope.rows::<invitation::Entity>().filter(C::AgencyId.eq(self.scope.who.agency));
        let cut = Cut { order: vec![], most: ALL };
        let own = (C::ConferenceId, rows.into_select());
        let what = "invited to".to_owned();
        self.lay_below(from, conference::Column::Id, what, own, (cut, None), move |taken, rows| {
            taken.scope.who.handed::<invitation::Entity>(&rows);
            let invited: HashSet<_> = rows.iter().filter_map(|row| row.conference_id).collect();
            let conferences: Vec<_> = taken.rows(from).iter().map(|row| row.id).collect();
            for id in conferences {
                taken.found.put(InvitedTo(id), Some(invited.contains(&id)));
            }
            rows
        })
    }
}
