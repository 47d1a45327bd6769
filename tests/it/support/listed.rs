//! What the access model says of reader lists: items, protected addresses, and agencies that locate a child.

use entity::id::{AgencyId, ChildId, HouseholdId, PractitionerId};
use entity::reader_listing;
use entity::restricted_item::Kind;
use uuid::Uuid;

use super::expected::Eyes;

/// Rows of the document: restricted section, police intelligence, protected address.
#[rustfmt::skip]
const LISTS: [[&str; 12]; 3] = [
    ["L", "L", "L", "W", "L", "L,OW", "L,OW", "L,OW", "L", "L", "–", "–"],
    ["L", "L", "L", "L", "–", "OW",   "L",    "–",    "–", "–", "–", "–"],
    ["W", "W", "L", "L", "–", "L",    "L",    "L",    "–", "–", "–", "–"],
];

impl Eyes<'_> {
    fn list_cell(&self, kind: Kind) -> &'static str {
        let row = match kind {
            Kind::Restricted => 0,
            Kind::PoliceIntelligence => 1,
            _ => 2,
        };
        self.role.map_or("–", |role| LISTS[row][role])
    }

    pub(super) fn on(&self, listing: &reader_listing::Model) -> bool {
        let now = self.facts.now;
        listing.agency_id == self.agency
            && listing.practitioner_id.is_none_or(|person| person == self.who)
            && listing.starts_at <= now
            && listing.ends_at.is_none_or(|end| end > now)
    }

    /// The items that may be seen, by id.
    pub fn items(&self) -> Vec<Uuid> {
        let all = self.facts.restricted_item.iter().filter(|item| {
            let cell = self.list_cell(item.kind);
            let reached = self.children.contains(&item.child_id);
            let listed = self.facts.reader_listing.iter().filter(|l| l.restricted_item_id == Some(item.id));
            let by_list = cell.contains('L') && reached && listed.clone().any(|l| self.on(l));
            // a chair writes, so a chair can be put on a list as well
            let by_list = by_list || (cell == "W" && reached && listed.clone().any(|l| self.on(l)));
            let from_me = item.originator_agency_id == self.agency;
            let own = cell.contains("OW") && from_me && self.keeps(item.child_id, item.originator_id);
            // in social care an item is the person's who wrote it, while it works with the child
            let wrote = cell == "W" && from_me && reached && item.originator_id == self.who;
            let own = own || (wrote && matches!(self.role, Some(0 | 1 | 3)));
            let held = match self.role {
                Some(0 | 1) => cell == "W" && reached,
                Some(3) => {
                    let at_my_table = item.conference_id.is_some_and(|id| self.sees("conference", id.0));
                    cell == "W" && at_my_table
                }
                _ => false,
            };
            let stands = item.withdrawn_at.is_none();
            // what was taken back is left with where it comes from
            !self.closed.contains(&item.child_id) && (own || (stands && (by_list || held)))
        });
        all.map(|item| item.id.0).collect()
    }

    /// The entries of lists that may be seen, by id: the own ones, and all of a list that the reader may change.
    pub fn entries(&self) -> Vec<Uuid> {
        let all = self.facts.reader_listing.iter().filter(|entry| {
            let (seen, changes) = match (entry.restricted_item_id, entry.household_id, entry.allegation_id) {
                (Some(id), ..) => {
                    let item = self.facts.restricted_item.iter().find(|item| item.id == id).unwrap();
                    let seen = self.items().contains(&id.0);
                    (seen, seen && (item.originator_agency_id == self.agency || self.list_cell(item.kind) == "W"))
                }
                (None, Some(home), _) => {
                    (self.sees("household", home.0), self.sees("household", home.0) && matches!(self.role, Some(0 | 1)))
                }
                (None, None, Some(id)) => {
                    let reads = self.reads_of(Some(id));
                    (reads, reads && self.is_lado())
                }
                (None, None, None) => panic!("an entry of no list"),
            };
            changes || (seen && self.on(entry))
        });
        all.map(|entry| entry.id.0).collect()
    }

    fn keeps(&self, child: ChildId, author: PractitionerId) -> bool {
        self.whole_agency() || author == self.who || self.ever.contains(&child)
    }

    /// True if the protected address of a household may be read.
    pub fn reads_address(&self, home: HouseholdId) -> bool {
        match self.list_cell(Kind::OtherLocator) {
            "W" => true,
            "L" => self.facts.reader_listing.iter().any(|l| l.household_id == Some(home) && self.on(l)),
            _ => false,
        }
    }

    /// True if naming this agency would tell the reader where one of these children is.
    pub fn would_locate(&self, agency: AgencyId, children: &[ChildId]) -> bool {
        let today = self.facts.now.date_naive();
        let lives = |child: ChildId| {
            self.facts.membership.iter().filter(move |m| {
                m.child_id == Some(child) && m.starts_on <= today && m.ends_on.is_none_or(|end| end > today)
            })
        };
        let apart = |child: ChildId| match self.role {
            Some(0 | 1) => !self.children.contains(&child),
            _ => !self.children.contains(&child) || !lives(child).any(|m| self.reads_address(m.household_id)),
        };
        agency != self.agency
            && self.facts.involvement.iter().any(|r| {
                r.locates
                    && r.agency_id == agency
                    && children.contains(&r.child_id)
                    && r.ends_at.is_none_or(|end| end > self.facts.now)
                    && apart(r.child_id)
            })
    }
}
