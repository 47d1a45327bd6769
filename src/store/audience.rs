//! Whom an event may concern, and who listens: what spares all others a question.
//!
//! The row rule of events (`store/visible.rs`) lets an event through if everything it names is visible, and that follows
//! relationships to the children it is about, or comes with an agency that a row names. From these an audience is made,
//! once for each event and not for each listener. It is wider than the rule and never narrower: whether somebody in it is
//! told is decided by the rule, when the event is delivered.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::event;
use entity::id::{AgencyId, ChildId, LocalAuthorityId, PractitionerId, TeamId};
use sea_orm::sea_query::Value;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement};

use super::outbox::{Named, Wanted};
use super::{Scoped, Store};
use crate::auth::Principal;
use crate::error::Result;
use crate::policy::Standing;
use crate::policy::allegation::is_lado;
use crate::policy::visibility::{Visibility, visibility};

/// Whom an event may concern.
#[derive(Clone, Debug)]
pub struct Audience {
    /// Where in the feed.
    pub position: i64,
    /// When it happened, by the clock of who told it.
    pub at: DateTime<Utc>,
    /// What it names.
    pub named: Named,
    kind: event::Kind,
    /// The one agency it is told to.
    only: Option<AgencyId>,
    /// It is about no child: nothing narrows it.
    everybody: bool,
    /// Concerned whatever the post.
    whole: HashSet<AgencyId>,
    agencies: HashSet<AgencyId>,
    people: HashSet<PractitionerId>,
    teams: HashSet<TeamId>,
    children: HashSet<ChildId>,
}

impl Audience {
    fn of(row: &event::Model) -> Self {
        Self {
            position: row.position,
            at: row.occurred_at,
            named: Named::of(row),
            kind: row.kind,
            only: row.agency_id,
            everybody: !is_about_children(row),
            whole: HashSet::new(),
            agencies: HashSet::new(),
            people: HashSet::new(),
            teams: HashSet::new(),
            children: HashSet::new(),
        }
    }

    fn add(&mut self, key: &Key) {
        self.children.extend(key.child_id);
        if key.whole {
            self.whole.extend(key.agency_id);
        } else {
            self.agencies.extend(key.agency_id);
        }
        self.people.extend(key.practitioner_id);
        self.teams.extend(key.team_id);
    }

    /// False only if nobody with this standing sees the event.
    pub(super) fn may_concern(&self, who: &Standing) -> bool {
        if self.only.is_some_and(|agency| agency != who.agency) {
            return false;
        }
        if self.everybody || is_lado(who) || self.whole.contains(&who.agency) {
            return true;
        }
        match visibility(who) {
            Visibility::Named(person) | Visibility::Conferences(person) => self.people.contains(&person),
            Visibility::Team(teams) => teams.iter().any(|team| self.teams.contains(team)),
            Visibility::Agency(agency) => self.agencies.contains(&agency),
            Visibility::Nothing => false,
        }
    }
}

/// True if the event names something that is about children, each of which narrows who sees it.
fn is_about_children(row: &event::Model) -> bool {
    row.strategy_meeting_id.is_some()
        || row.conference_id.is_some()
        || row.invitation_id.is_some()
        || row.conference_report_id.is_some()
        || row.core_group_id.is_some()
        || row.involvement_id.is_some()
        || row.conflict_id.is_some()
        || row.restricted_item_id.is_some()
        || row.transfer_share_id.is_some()
        || row.deadline_id.is_some()
        || row.enquiry_id.is_some()
        || row.episode_id.is_some()
        || row.plan_id.is_some()
        || row.attachment_id.is_some()
        || row.child_id.is_some()
    // lists may be of allegations; duties, emergencies, exports, reviews of access and allegations are about no child here
}

/// Somebody who listens.
#[derive(Clone)]
pub struct Listener {
    /// Whose token it is; none of a webhook, whose rights are read when it is sent something.
    principal: Option<Principal>,
    who: Standing,
    wanted: Wanted,
}

impl Listener {
    /// The reader of a scope, who wants some of what it sees.
    pub fn new(principal: Principal, scope: &Scoped, wanted: Wanted) -> Self {
        Self { principal: Some(principal), who: scope.who().clone(), wanted }
    }

    /// The same, for a webhook: nobody's token has to stand for it.
    pub fn without_token(scope: &Scoped, wanted: Wanted) -> Self {
        Self { principal: None, who: scope.who().clone(), wanted }
    }

    /// The feed that is listened to.
    pub const fn authority(&self) -> LocalAuthorityId {
        self.who.authority
    }

    /// Whose token it is; `None` of a webhook.
    pub const fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// The standing as it was read last.
    pub(super) const fn who(&self) -> &Standing {
        &self.who
    }

    /// True for who listens to what is about one child: whether it is still to be heard of is asked of each by itself.
    pub const fn wants_a_child(&self) -> bool {
        self.wanted.child.is_some()
    }

    /// Whether an event may be for this listener.
    pub fn may_hear(&self, event: &Audience) -> bool {
        let wanted = &self.wanted;
        (wanted.kinds.is_empty() || wanted.kinds.contains(&event.kind))
            && wanted.child.is_none_or(|child| event.everybody || event.children.contains(&child))
            && event.may_concern(&self.who)
    }
}

/// One way from an event to somebody.
#[derive(FromQueryResult)]
struct Key {
    position: i64,
    child_id: Option<ChildId>,
    agency_id: Option<AgencyId>,
    practitioner_id: Option<PractitionerId>,
    team_id: Option<TeamId>,
    whole: bool,
}

/// The ways from some events, in one statement. The few events are made first and each is then followed by keys: a planner
/// that does not know that they are few would go through whole tables.
const WAYS: &str = "
WITH e AS MATERIALIZED (
  SELECT * FROM event WHERE local_authority_id = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT 200),
item AS (
  SELECT e.position, r.child_id, r.conference_id, r.originator_agency_id
    FROM e JOIN restricted_item r ON r.id = e.restricted_item_id
  UNION ALL SELECT e.position, r.child_id, r.conference_id, r.originator_agency_id
    FROM e JOIN reader_listing l ON l.id = e.reader_listing_id JOIN restricted_item r ON r.id = l.restricted_item_id),
meeting AS (
  SELECT position, strategy_meeting_id, conference_id FROM e
  UNION ALL SELECT e.position, i.strategy_meeting_id, i.conference_id FROM e JOIN invitation i ON i.id = e.invitation_id
  UNION ALL SELECT position, NULL, conference_id FROM item),
report AS (
  SELECT position, conference_report_id FROM e WHERE conference_report_id IS NOT NULL
  UNION ALL SELECT e.position, a.conference_report_id FROM e JOIN attachment a ON a.id = e.attachment_id
    WHERE a.conference_report_id IS NOT NULL),
about AS (
  SELECT m.position, c.child_id FROM meeting m JOIN conference_child c ON c.conference_id = m.conference_id
  UNION SELECT m.position, c.child_id
    FROM meeting m JOIN strategy_meeting_child c ON c.strategy_meeting_id = m.strategy_meeting_id
  UNION SELECT e.position, c.child_id FROM e JOIN invitation i ON i.id = e.invitation_id
    JOIN core_group_meeting c ON c.id = i.core_group_meeting_id
  UNION SELECT r.position, c.child_id FROM report r JOIN conference_report c ON c.id = r.conference_report_id
  UNION SELECT e.position, c.child_id FROM e JOIN core_group c ON c.id = e.core_group_id
  UNION SELECT e.position, c.child_id FROM e JOIN involvement c ON c.id = e.involvement_id
  UNION SELECT e.position, c.child_id FROM e JOIN conflict c ON c.id = e.conflict_id
  UNION SELECT position, child_id FROM item
  UNION SELECT e.position, m.child_id FROM e JOIN reader_listing l ON l.id = e.reader_listing_id
    JOIN membership m ON m.household_id = l.household_id WHERE m.child_id IS NOT NULL
  UNION SELECT e.position, c.child_id FROM e JOIN transfer_share c ON c.id = e.transfer_share_id
  UNION SELECT e.position, c.child_id FROM e JOIN deadline c ON c.id = e.deadline_id
  UNION SELECT e.position, c.child_id FROM e JOIN enquiry c ON c.id = e.enquiry_id
  UNION SELECT e.position, c.child_id FROM e JOIN episode c ON c.id = e.episode_id
  UNION SELECT e.position, c.child_id FROM e JOIN plan c ON c.id = e.plan_id
  UNION SELECT e.position, c.child_id FROM e JOIN attachment c ON c.id = e.attachment_id
  UNION SELECT position, child_id FROM e WHERE child_id IS NOT NULL),
named AS (
  SELECT r.position, c.agency_id FROM report r JOIN conference_report c ON c.id = r.conference_report_id
  UNION SELECT r.position, c.agency_id FROM report r JOIN circulation c
    ON c.conference_report_id = r.conference_report_id
  UNION SELECT e.position, c.agency_id FROM e JOIN attachment c ON c.id = e.attachment_id
  UNION SELECT e.position, c.agency_id FROM e JOIN invitation c ON c.id = e.invitation_id
  UNION SELECT position, originator_agency_id FROM item
  UNION SELECT e.position, c.agency_id FROM e JOIN reader_listing c ON c.id = e.reader_listing_id
  UNION SELECT e.position, c.from_agency_id FROM e JOIN transfer_share c ON c.id = e.transfer_share_id
  UNION SELECT e.position, c.to_agency_id FROM e JOIN transfer_share c ON c.id = e.transfer_share_id)
SELECT DISTINCT a.position, a.child_id, i.agency_id, i.practitioner_id, i.team_id, false AS whole
  FROM about a LEFT JOIN involvement i ON i.child_id = a.child_id
UNION ALL SELECT position, NULL, agency_id, NULL, NULL, true FROM named";

impl Store {
    /// Whom the events behind one position up to another may concern, in their order. Two hundred at the most are asked for.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn audiences(&self, authority: LocalAuthorityId, after: i64, up_to: i64) -> Result<Vec<Audience>> {
        use event::Column as E;
        let reads = &self.db.reads;
        // SECURITY: read past the row rule: nothing leaves but whom to ask about which position
        let events = event::Entity::find()
            .filter(E::LocalAuthorityId.eq(authority))
            .filter(E::Position.gt(after))
            .filter(E::Position.lte(up_to))
            .order_by_asc(E::Position)
            .all(reads)
            .await?;
        let values: [Value; 3] = [authority.into(), after.into(), up_to.into()];
        let ways = Statement::from_sql_and_values(reads.get_database_backend(), WAYS, values);
        let ways = Key::find_by_statement(ways).all(reads).await?;
        let mut audiences: Vec<_> = events.iter().map(Audience::of).collect();
        let places: HashMap<_, _> = audiences.iter().enumerate().map(|(place, a)| (a.position, place)).collect();
        for way in &ways {
            if let Some(audience) = places.get(&way.position).and_then(|place| audiences.get_mut(*place)) {
                audience.add(way);
            }
        }
        Ok(audiences)
    }
}
