//! One decision, many readings: the pure `decide()`, a second reading written without it in mind, the SQL, and what the
//! API answers agree about every row of random worlds.
//!
//! The pure readings are held to each other over 20,000 worlds, the SQL over 1,000 on each database and the API over
//! 100. `QUORATE_WORLDS=n` sets the first two to n, for a long run.

use std::collections::BTreeSet;

use async_graphql::ID;
use async_graphql::dataloader::Loader as _;
use entity::id::{EventId, LocalAuthorityId};
use entity::involvement::Basis;
use quorate::auth::Principal;
use quorate::event::Event;
use quorate::graphql::id::global;
use quorate::policy::Standing;
use quorate::policy::decision::{
    ChildFacts, InvolvementFacts, ItemFacts, ListEntry, MeetingFacts, Relation, ReportFacts, Resource, decide,
};
use quorate::policy::roles::Role;
use quorate::practice::retention::status_kept_since;
use quorate::store::audience::Listener;
use quorate::store::audit::AuditKey;
use quorate::store::loaders::allegation::WholeOf;
use quorate::store::outbox::Wanted;
use quorate::store::page::{Listing, PageArgs};
use quorate::store::{Scoped, Store};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;
use uuid::Uuid;

use crate::support::contents::connect;
use crate::support::worlds::{Rows, World, found, now};
use crate::support::{App, Engine, setting};

/// How many worlds, where nothing else is said.
pub fn worlds(short: u64) -> u64 {
    setting("QUORATE_WORLDS", short)
}

/// What a reader open_to of a world, by kind of row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub children: BTreeSet<Uuid>,
    pub households: BTreeSet<Uuid>,
    pub conferences: BTreeSet<Uuid>,
    pub meetings: BTreeSet<Uuid>,
    pub requests: BTreeSet<Uuid>,
    pub reports: BTreeSet<Uuid>,
    pub actions: BTreeSet<Uuid>,
    pub items: BTreeSet<Uuid>,
    pub involvements: BTreeSet<Uuid>,
    pub statuses: BTreeSet<Uuid>,
    pub moves: BTreeSet<Uuid>,
    pub allegations: BTreeSet<Uuid>,
    /// Those of them that are read in whole.
    pub whole: BTreeSet<Uuid>,
}

/// True if a relationship speaks of the reader, who reads for the whole agency, by name, or at the table.
fn speaks_of(r: &Relation, who: &Standing, (whole_agency, by_name, at_the_table): (bool, bool, bool)) -> bool {
    let named = r.practitioner == Some(who.practitioner) && r.agency == who.agency;
    (whole_agency && r.agency == who.agency)
        || (by_name && named)
        || (who.role == Role::TeamManager && r.team.is_some_and(|team| who.teams.contains(&team)))
        || (at_the_table && named && (r.basis == Basis::Chair || r.basis == Basis::MinuteTaker))
}

/// True if the status of a plan is known by a relationship, now or for a year from its end.
fn is_remembered(r: &Relation) -> bool {
    let year = now() - chrono::Duration::days(365);
    r.basis != Basis::BreakGlass && r.period.starts_at <= now() && r.period.ends_at.is_none_or(|end| end > year)
}

/// Decides about what a strategy meeting gives to be decided about.
fn of_meeting<T>(world: &World, place: usize, decide: impl FnOnce(&MeetingFacts<'_>) -> T) -> T {
    let (meeting, (lead, about)) = (&world.meetings[place], world.about[place]);
    let children: Vec<&ChildFacts> = world.facts(&meeting.children);
    let claim = about.map(|place| world.claim(place));
    decide(&MeetingFacts { id: meeting.id, children: &children, lead, allegation: claim.as_ref() })
}

impl Seen {
    /// By `decide()`.
    pub fn decided(world: &World) -> Self {
        let open_to = |resource: Resource<'_>| decide(&world.who, resource).allow;
        let mut seen = Self::default();
        for (id, facts) in &world.children {
            seen.children.extend(open_to(Resource::Child(facts)).then_some(id.0));
            let since = status_kept_since(now());
            seen.statuses.extend(open_to(Resource::PlanStatus(facts, since)).then_some(id.0));
        }
        for household in &world.households {
            seen.households
                .extend(open_to(Resource::Household(&world.facts(&household.children))).then_some(household.id.0));
        }
        for conference in &world.conferences {
            let children = world.facts(&conference.children);
            seen.conferences.extend(open_to(Resource::Conference(conference.id, &children)).then_some(conference.id.0));
        }
        for (place, meeting) in world.meetings.iter().enumerate() {
            let open = of_meeting(world, place, |facts| open_to(Resource::StrategyMeeting(facts)));
            seen.meetings.extend(open.then_some(meeting.id.0));
        }
        for (place, share) in world.moves.iter().enumerate() {
            seen.moves.extend(open_to(Resource::TransferShare(&world.moving(place))).then_some(share.id.0));
        }
        for (place, claim) in world.allegations.iter().enumerate() {
            let facts = world.claim(place);
            seen.allegations.extend(open_to(Resource::Allegation(&facts)).then_some(claim.id.0));
            seen.whole.extend(open_to(Resource::WholeAllegation(&facts)).then_some(claim.id.0));
        }
        for (id, agency, child, conference) in &world.requests {
            let conference = &world.conferences[*conference];
            let (child, children) = (&world.children[*child].1, world.facts(&conference.children));
            let request = Resource::ReportRequest(*agency, child, conference.id, &children);
            seen.requests.extend(open_to(request).then_some(id.0));
        }
        for report in &world.reports {
            let conference = &world.conferences[report.conference];
            let facts = ReportFacts {
                agency: report.agency,
                author: report.author,
                state: report.state,
                child: &world.children[report.child].1,
                conference: conference.id,
                children: &world.facts(&conference.children),
                circulated_to: &report.circulated_to,
            };
            seen.reports.extend(open_to(Resource::ConferenceReport(&facts)).then_some(report.id.0));
        }
        for (id, _, owner, child) in &world.actions {
            seen.actions.extend(open_to(Resource::PlanAction(*owner, &world.children[*child].1)).then_some(id.0));
        }
        for item in &world.items {
            let conference = item.conference.map(|place| &world.conferences[place]);
            let children = conference.map(|c| world.facts(&c.children)).unwrap_or_default();
            let facts = ItemFacts {
                category: item.kind.category(),
                agency: item.agency,
                originator: item.originator,
                child: &world.children[item.child].1,
                conference: conference.map(|c| (c.id, children.as_slice())),
                readers: &item.readers,
                withdrawn: item.withdrawn,
            };
            seen.items.extend(open_to(Resource::RestrictedItem(&facts)).then_some(item.id.0));
        }
        for (place, ids) in world.relations.iter().enumerate() {
            for (relation, id) in world.children[place].1.relations.iter().zip(ids) {
                let meeting = world.meetings.iter().position(|m| Some(m.id) == relation.strategy_meeting);
                let conference = world.conferences.iter().find(|c| Some(c.id) == relation.conference);
                let children = conference.map(|c| world.facts(&c.children)).unwrap_or_default();
                let row = InvolvementFacts {
                    agency: relation.agency,
                    basis: relation.basis,
                    child: &world.children[place].1,
                    strategy_meeting: None,
                    conference: conference.map(|c| (c.id, children.as_slice())),
                    locates: false,
                    address_readers: &[],
                };
                let told = |row: &InvolvementFacts<'_>| open_to(Resource::Involvement(row));
                let open = match meeting {
                    Some(place) => of_meeting(world, place, |facts| {
                        told(&InvolvementFacts { strategy_meeting: Some(facts), ..row })
                    }),
                    None => told(&row),
                };
                seen.involvements.extend(open.then_some(id.0));
            }
        }
        for (id, agency, child) in &world.locating {
            let row = InvolvementFacts {
                agency: *agency,
                basis: Basis::Agency,
                child: &world.children[*child].1,
                strategy_meeting: None,
                conference: None,
                locates: true,
                address_readers: &world.address_readers(*child),
            };
            seen.involvements.extend(open_to(Resource::Involvement(&row)).then_some(id.0));
        }
        seen
    }

    /// As a person would work it out with a pencil: first who of the world is the reader's, then one list after another.
    pub fn by_hand(world: &World) -> Self {
        let who = &world.who;
        let social_care = [Role::SocialWorker, Role::TeamManager, Role::ServiceManager, Role::Chair, Role::MinuteTaker];
        let partner = [Role::Police, Role::Health, Role::Education, Role::EarlyHelp, Role::OtherAgency];
        let at_the_table = [Role::Chair, Role::MinuteTaker].contains(&who.role);
        let whole_agency = who.role == Role::ServiceManager
            || partner.contains(&who.role) && (who.desk || who.scope_mode == entity::agency::ScopeMode::Agency);
        let by_name = who.role == Role::SocialWorker || partner.contains(&who.role) && !whole_agency;
        let is_mine = |r: &Relation| speaks_of(r, who, (whole_agency, by_name, at_the_table));
        // rows of the world that speak of the reader: (child, conference, meeting, begun, not over)
        let mut mine = Vec::new();
        let mut shut = BTreeSet::new();
        for (place, (_, facts)) in world.children.iter().enumerate() {
            for r in &facts.relations {
                let over = r.period.ends_at.is_some_and(|end| end <= now());
                if is_mine(r) && r.period.starts_at <= now() {
                    mine.push((place, r.conference, r.strategy_meeting, !over));
                }
            }
            for (person, period) in &facts.conflicts {
                let over = period.ends_at.is_some_and(|end| end <= now());
                if *person == who.practitioner && period.starts_at <= now() && !over {
                    shut.insert(place);
                }
            }
        }
        let open: BTreeSet<usize> =
            mine.iter().filter(|(.., lasts)| *lasts).map(|(c, ..)| *c).filter(|c| !shut.contains(c)).collect();
        let ever: BTreeSet<usize> = mine.iter().map(|(c, ..)| *c).filter(|c| !shut.contains(c)).collect();
        let any_shut = |children: &[usize]| children.iter().any(|c| shut.contains(c));
        let any_open = |children: &[usize]| children.iter().any(|c| open.contains(c));

        let known = |place: &usize| {
            let mut relations = world.children[*place].1.relations.iter().filter(|r| is_remembered(r));
            !shut.contains(place) && relations.any(is_mine)
        };
        let statuses: Vec<_> = (0..world.children.len()).filter(known).map(|c| world.children[c].0.0).collect();
        let mut seen = Self {
            children: open.iter().map(|c| world.children[*c].0.0).collect(),
            statuses: statuses.into_iter().collect(),
            ..Self::default()
        };
        moves(world, &open, &shut, &mut seen);
        for h in world.households.iter().filter(|h| any_open(&h.children) && !any_shut(&h.children)) {
            seen.households.insert(h.id.0);
        }
        for c in world.conferences.iter().filter(|c| !any_shut(&c.children)) {
            let assigned = mine.iter().any(|(_, at, ..)| *at == Some(c.id));
            if any_open(&c.children) && (assigned || !at_the_table) {
                seen.conferences.insert(c.id.0);
            }
        }
        let record = [Role::SocialWorker, Role::TeamManager, Role::ServiceManager].contains(&who.role);
        claims(world, &shut, &mut seen);
        for (place, m) in world.meetings.iter().enumerate().filter(|(_, m)| !any_shut(&m.children)) {
            let asked = mine.iter().any(|(_, _, to, _)| *to == Some(m.id));
            let ordinary = |told: bool| if record { any_open(&m.children) && told } else { asked && told };
            if about_a_professional(world, place, &seen.whole)
                .map_or_else(|| ordinary(true), |told| told.sees(ordinary))
            {
                seen.meetings.insert(m.id.0);
            }
        }
        for (id, agency, child, conference) in &world.requests {
            let about = &world.conferences[*conference];
            let conference = about.id.0;
            let open_to = match who.role {
                Role::AgencySystem => *agency == who.agency,
                role if social_care.contains(&role) => open.contains(child) && seen.conferences.contains(&conference),
                role if partner.contains(&role) => {
                    open.contains(child) && *agency == who.agency && !any_shut(&about.children)
                }
                _ => false,
            };
            seen.requests.extend(open_to.then_some(id.0));
        }
        for report in &world.reports {
            let own = report.agency == who.agency;
            let conference = world.conferences[report.conference].id.0;
            let sent = report.circulated_to.contains(&who.agency);
            let keeps = whole_agency || report.author == who.practitioner || ever.contains(&report.child);
            let open_to = match who.role {
                Role::AgencySystem => own,
                role if social_care.contains(&role) => {
                    open.contains(&report.child)
                        && seen.conferences.contains(&conference)
                        && (own || report.state != entity::conference_report::State::Draft)
                }
                role if partner.contains(&role) => {
                    let about = &world.conferences[report.conference];
                    !shut.contains(&report.child) && !any_shut(&about.children) && (own || sent) && keeps
                }
                _ => false,
            };
            seen.reports.extend(open_to.then_some(report.id.0));
        }
        for (id, _, owner, child) in &world.actions {
            if open.contains(child) && (who.role != Role::OtherAgency || *owner == who.agency) {
                seen.actions.insert(id.0);
            }
        }
        Pencil { world, whole_agency, open, ever, shut }.lists(&mut seen);
        seen
    }
}

/// The shares between authorities: of who manages the receiving social care or was named there, and of who has the child.
fn moves(world: &World, open: &BTreeSet<usize>, shut: &BTreeSet<usize>, seen: &mut Seen) {
    let who = &world.who;
    let manages = [Role::TeamManager, Role::ServiceManager].contains(&who.role);
    for share in world.moves.iter().filter(|share| !shut.contains(&share.child)) {
        let named = who.role == Role::SocialWorker && share.worker == Some(who.practitioner);
        let receives = share.to == who.agency && !share.withdrawn && (manages || named);
        let has = share.from == who.agency && open.contains(&share.child);
        if receives || (has && (manages || who.role == Role::SocialWorker)) {
            seen.moves.insert(share.id.0);
        }
    }
}

/// The allegations: the LADO's, the leading manager's, those with one's name on the list; a receipt for the referrer.
fn claims(world: &World, shut: &BTreeSet<usize>, seen: &mut Seen) {
    let who = &world.who;
    let me = who.practitioner;
    let social_care = [Role::SocialWorker, Role::TeamManager, Role::ServiceManager, Role::Chair, Role::MinuteTaker];
    for claim in &world.allegations {
        let shut_out = claim.subject == me || claim.child.is_some_and(|child| shut.contains(&child));
        if shut_out || [Role::SystemAdmin, Role::Auditor, Role::AgencySystem].contains(&who.role) {
            continue;
        }
        let lado = !who.designations.is_empty() && social_care.contains(&who.role);
        let leads = who.role == Role::ServiceManager && claim.lead == Some(me);
        let on_list = claim.readers.iter().any(|(agency, person, period)| {
            (*agency, *person) == (who.agency, Some(me))
                && period.starts_at <= now()
                && period.ends_at.is_none_or(|end| end > now())
        });
        if lado || leads || on_list {
            seen.whole.insert(claim.id.0);
        }
        if lado || leads || on_list || claim.referrer == (me, who.agency) {
            seen.allegations.insert(claim.id.0);
        }
    }
}

/// What a meeting about a professional is to a reader.
enum About {
    /// It is about the reader.
    Me,
    /// The reader is the LADO who reads the allegation.
    Mine,
    /// Anybody else's; whether the reader has to do with it.
    Other(bool),
}

impl About {
    /// Seen or not, where `ordinary` says who of those with the children, or who was asked, sees a meeting.
    fn sees(self, ordinary: impl FnOnce(bool) -> bool) -> bool {
        match self {
            Self::Me => false,
            Self::Mine => true,
            Self::Other(concerned) => ordinary(concerned),
        }
    }
}

fn about_a_professional(world: &World, place: usize, whole: &BTreeSet<Uuid>) -> Option<About> {
    let (who, (lead, about)) = (&world.who, world.about[place]);
    let claim = &world.allegations[about?];
    let reads = whole.contains(&claim.id.0);
    let at_csc = [Role::SocialWorker, Role::TeamManager, Role::ServiceManager, Role::Chair, Role::MinuteTaker];
    let named = world.children.iter().flat_map(|(_, facts)| &facts.relations).any(|r| {
        (r.strategy_meeting, r.practitioner, r.agency)
            == (Some(world.meetings[place].id), Some(who.practitioner), who.agency)
            && r.period.starts_at <= now()
    });
    Some(if claim.subject == who.practitioner {
        About::Me
    } else if reads && !who.designations.is_empty() && at_csc.contains(&who.role) {
        About::Mine
    } else {
        let record = [Role::SocialWorker, Role::TeamManager, Role::ServiceManager].contains(&who.role);
        let close = record || claim.subject_agency == who.agency;
        About::Other(!close || reads || lead == who.practitioner || named)
    })
}

/// What was worked out of a world already, for what comes after.
struct Pencil<'w> {
    world: &'w World,
    whole_agency: bool,
    open: BTreeSet<usize>,
    ever: BTreeSet<usize>,
    shut: BTreeSet<usize>,
}

impl Pencil<'_> {
    const REST_OF_SOCIAL_CARE: [Role; 4] =
        [Role::SocialWorker, Role::TeamManager, Role::ServiceManager, Role::MinuteTaker];

    fn lists(&self, seen: &mut Seen) {
        let (world, who) = (self.world, &self.world.who);
        let on = |list: &[ListEntry]| {
            list.iter().any(|(agency, person, period)| {
                let over = period.ends_at.is_some_and(|end| end <= now());
                *agency == who.agency
                    && (person.is_none() || *person == Some(who.practitioner))
                    && period.starts_at <= now()
                    && !over
            })
        };
        for item in world.items.iter().filter(|item| !self.shut.contains(&item.child)) {
            use entity::restricted_item::Kind;
            let reach = self.open.contains(&item.child);
            let from_me = item.agency == who.agency;
            let by_me = item.originator == who.practitioner;
            let kept = self.whole_agency || by_me || self.ever.contains(&item.child);
            let its_chair =
                item.conference.is_some_and(|place| seen.conferences.contains(&world.conferences[place].id.0));
            let open_to = match (item.kind, who.role) {
                (Kind::Restricted, Role::Chair) => its_chair || reach && (on(&item.readers) || from_me && by_me),
                (Kind::Restricted, Role::Police | Role::Health | Role::Education) => {
                    from_me && kept || reach && on(&item.readers)
                }
                (Kind::PoliceIntelligence, Role::Police) => from_me && kept,
                (Kind::School, Role::SocialWorker | Role::TeamManager) => reach,
                (Kind::Restricted, role) if Self::REST_OF_SOCIAL_CARE.contains(&role) => reach && on(&item.readers),
                (Kind::Restricted, Role::EarlyHelp | Role::OtherAgency) => reach && on(&item.readers),
                (
                    Kind::PoliceIntelligence,
                    Role::SocialWorker | Role::TeamManager | Role::ServiceManager | Role::Chair | Role::Health,
                )
                | (Kind::School, Role::ServiceManager | Role::Chair | Role::Police | Role::Health | Role::Education) => {
                    reach && on(&item.readers)
                }
                _ => false,
            };
            // what was taken back is left with who may write such a thing and did
            let left = from_me
                && match (item.kind, who.role) {
                    (Kind::Restricted, Role::Chair) | (Kind::School, Role::SocialWorker | Role::TeamManager) => {
                        reach && by_me
                    }
                    (Kind::Restricted, Role::Police | Role::Health | Role::Education)
                    | (Kind::PoliceIntelligence, Role::Police) => kept,
                    _ => false,
                };
            seen.items.extend((open_to && (left || !item.withdrawn)).then_some(item.id.0));
        }
        for (id, agency, child) in world.locating.iter().filter(|(_, _, child)| self.open.contains(child)) {
            let address = match who.role {
                Role::SocialWorker | Role::TeamManager => true,
                Role::ServiceManager | Role::Chair | Role::Police | Role::Health | Role::Education => {
                    on(&world.address_readers(*child))
                }
                _ => false,
            };
            seen.involvements.extend((address || *agency == who.agency).then_some(id.0));
        }
        for place in &self.open {
            for (r, id) in world.children[*place].1.relations.iter().zip(&world.relations[*place]) {
                let meeting = r.strategy_meeting.is_none_or(|id| seen.meetings.contains(&id.0));
                let conference = r.conference.is_none_or(|id| seen.conferences.contains(&id.0));
                let record = [Role::SocialWorker, Role::TeamManager, Role::ServiceManager].contains(&who.role);
                if meeting && conference && (record || r.basis != Basis::BreakGlass) {
                    seen.involvements.insert(id.0);
                }
            }
        }
    }
}

#[test]
fn two_readings_agree() {
    let authority = entity::id::LocalAuthorityId(Uuid::from_u128(1));
    let (mut rows, mut conflicts, mut restricted, mut whole, mut receipts) = (0, 0, 0, 0, 0);
    for seed in 0..worlds(20_000) {
        let world = World::new(seed, authority);
        let seen = Seen::decided(&world);
        assert_eq!(seen, Seen::by_hand(&world), "world {seed}, {:?}", world.who);
        rows += seen.children.len() + seen.meetings.len() + seen.reports.len();
        restricted += seen.items.len() + seen.involvements.len();
        whole += seen.whole.len();
        receipts += seen.allegations.len() - seen.whole.len();
        conflicts += usize::from(world.children.iter().any(|(_, f)| !f.conflicts.is_empty()));
    }
    // worlds in which nobody open_to anything would agree as well
    assert!(rows > 2000 && conflicts > 1000, "{rows} rows seen, {conflicts} worlds with conflicts");
    assert!(restricted > 1000, "{restricted} restricted rows seen");
    assert!(whole > 500 && receipts > 500, "{whole} allegations read, {receipts} receipts");
}

/// Writes worlds into a database with nothing else in it.
async fn settle(app: &App, count: u64) -> Vec<World> {
    let authority = found(&app.database).await;
    let mut all = Vec::new();
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    // in batches, so that a long run needs no more memory than a short one for its rows
    for first in (0..count).step_by(2000) {
        let mut rows = Rows::default();
        for seed in first..(first + 2000).min(count) {
            let world = World::new(seed, authority);
            rows.add(&world, &mut rng);
            all.push(world);
        }
        rows.write(&app.database).await;
    }
    all
}

/// What the store's statements let through.
async fn read(scope: &Scoped, world: &World) -> Seen {
    let args = PageArgs { first: 100, after: None };
    let mut seen = Seen::default();
    macro_rules! list {
        ($($into:ident: $table:ident),+ $(,)?) => { $(
            let page = scope.page(Listing::<entity::$table::Entity>::whole(), &args).await.unwrap();
            seen.$into.extend(page.rows.iter().map(|row| row.id.0));
        )+ };
    }
    list! {
        children: child, conferences: conference, requests: report_request,
        reports: conference_report, actions: plan_action, items: restricted_item,
    }
    for id in world.relations.iter().flatten().chain(world.locating.iter().map(|(id, ..)| id)) {
        let found = scope.by_id::<entity::involvement::Entity>(*id).await;
        seen.involvements.extend(found.is_ok().then_some(id.0));
    }
    // by id: the LADO's are those of the authority, in which all worlds are
    for meeting in &world.meetings {
        let found = scope.by_id::<entity::strategy_meeting::Entity>(meeting.id).await;
        seen.meetings.extend(found.is_ok().then_some(meeting.id.0));
    }
    for share in &world.moves {
        let found = scope.by_id::<entity::transfer_share::Entity>(share.id).await;
        seen.moves.extend(found.is_ok().then_some(share.id.0));
    }
    for claim in &world.allegations {
        let found = scope.by_id::<entity::allegation::Entity>(claim.id).await;
        seen.allegations.extend(found.is_ok().then_some(claim.id.0));
        let whole = scope.load(&[WholeOf(claim.id)]).await.unwrap();
        seen.whole.extend(whole[&WholeOf(claim.id)].then_some(claim.id.0));
    }
    for household in &world.households {
        let found = scope.by_id::<entity::household::Entity>(household.id).await;
        seen.households.extend(found.is_ok().then_some(household.id.0));
    }
    for (child, _) in &world.children {
        seen.statuses.extend(scope.plan_status(*child).await.is_ok().then_some(child.0));
    }
    seen
}

/// Which list of what is seen a row belongs to.
type List = fn(&mut Seen) -> &mut BTreeSet<Uuid>;

/// What the API hands out, asked for every row of the world by its global id.
async fn asked(app: &App, token: &str, world: &World) -> Seen {
    let mut seen = Seen::default();
    let mut rows: Vec<(ID, Uuid, List)> = Vec::new();
    rows.extend(world.children.iter().map(|(id, _)| (global(*id), id.0, (|s: &mut Seen| &mut s.children) as List)));
    rows.extend(world.households.iter().map(|h| (global(h.id), h.id.0, (|s: &mut Seen| &mut s.households) as List)));
    rows.extend(world.conferences.iter().map(|c| (global(c.id), c.id.0, (|s: &mut Seen| &mut s.conferences) as List)));
    rows.extend(world.meetings.iter().map(|m| (global(m.id), m.id.0, (|s: &mut Seen| &mut s.meetings) as List)));
    rows.extend(world.requests.iter().map(|(id, ..)| (global(*id), id.0, (|s: &mut Seen| &mut s.requests) as List)));
    rows.extend(world.reports.iter().map(|r| (global(r.id), r.id.0, (|s: &mut Seen| &mut s.reports) as List)));
    rows.extend(world.actions.iter().map(|(id, ..)| (global(*id), id.0, (|s: &mut Seen| &mut s.actions) as List)));
    rows.extend(world.items.iter().map(|i| (global(i.id), i.id.0, (|s: &mut Seen| &mut s.items) as List)));
    rows.extend(world.moves.iter().map(|m| (global(m.id), m.id.0, (|s: &mut Seen| &mut s.moves) as List)));
    rows.extend(world.allegations.iter().map(|a| (global(a.id), a.id.0, (|s: &mut Seen| &mut s.allegations) as List)));
    let relations = world.relations.iter().flatten().chain(world.locating.iter().map(|(id, ..)| id));
    rows.extend(relations.map(|id| (global(*id), id.0, (|s: &mut Seen| &mut s.involvements) as List)));
    let mut nodes = Vec::new();
    for rows in rows.chunks(20) {
        let ids: Vec<_> = rows.iter().map(|(id, ..)| id.as_str()).collect();
        let body = json!({"query": "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Allegation { version } } }", "variables": {"ids": ids}});
        let (_, body) = app.post(token, body.to_string()).await;
        nodes.extend(body["data"]["nodes"].as_array().unwrap_or_else(|| panic!("{body}")).clone());
    }
    for ((id, bare, list), node) in rows.into_iter().zip(nodes) {
        assert!(node.is_null() || node["id"] == id.as_str());
        if node.is_object() {
            list(&mut seen).insert(bare);
            seen.whole.extend(node["version"].is_i64().then_some(bare));
        }
    }
    for (child, _) in &world.children {
        let query = "query($id: ID!) { planStatus(childId: $id) { startsOn } }";
        let body = json!({"query": query, "variables": {"id": global(*child)}}).to_string();
        let (_, body) = app.post(token, body).await;
        seen.statuses.extend(body["data"]["planStatus"].is_object().then_some(child.0));
    }
    seen
}

/// Of so many worlds one has events.
const TOLD: usize = 10;

/// Has something happen with everything of a world; the places of that in the feed.
async fn tell(app: &App, world: &World, authority: LocalAuthorityId, from: i64) -> i64 {
    let mut events: Vec<Event> = world.children.iter().map(|(id, _)| Event::DeathRecorded(*id)).collect();
    events.extend(world.relations.iter().flatten().map(|id| Event::InvolvementGranted(*id)));
    events.extend(world.locating.iter().map(|(id, ..)| Event::InvolvementMarked(*id)));
    events.extend(world.conferences.iter().map(|c| Event::ConferenceScheduled(c.id)));
    events.extend(world.meetings.iter().map(|m| Event::StrategyMeetingCalled(m.id)));
    events.extend(world.reports.iter().map(|r| Event::ConferenceReportSubmitted(r.id)));
    events.extend(world.items.iter().map(|i| Event::RestrictedItemRecorded(i.id)));
    events.extend(world.moves.iter().map(|m| Event::TransferShared(m.id)));
    events.extend(world.allegations.iter().map(|a| Event::AllegationReferred(a.id)));
    let at = app.clock.now();
    let rows = (from + 1..).zip(&events).map(|(position, event)| {
        event.row(authority, position, EventId(app.clock.new_id()), at).into_active_model().reset_all()
    });
    let db = connect(&app.url).await;
    entity::event::Entity::insert_many(rows).exec_without_returning(&db).await.unwrap();
    from + i64::try_from(events.len()).unwrap()
}

/// Whoever sees an event is asked about it when it happens.
async fn nobody_is_passed_over(principal: &Principal, scope: &Scoped, (from, to): (i64, i64)) -> (usize, usize, usize) {
    let audiences = scope.store().audiences(scope.who().authority, from, to).await.unwrap();
    let listener = Listener::new(principal.clone(), scope, Wanted::default());
    let asked: Vec<_> = audiences.iter().filter(|event| listener.may_hear(event)).map(|event| event.position).collect();
    let seen = scope.events_between(from, to, &Wanted::default(), 1000).await.unwrap();
    for event in &seen {
        assert!(asked.contains(&event.position), "{:?} sees {event:?} and is not asked about it", scope.who());
    }
    (seen.len(), asked.len(), audiences.len())
}

async fn statements_and_answers_agree(engine: Engine) {
    let Some(app) = App::over(engine, false).await else { return };
    let all = settle(&app, worlds(1000)).await;
    let key = AuditKey::load_or_create(&app.audit.key_file).unwrap();
    let store = Store::new(app.database.clone(), app.clock.clone(), key, &app.audit).unwrap();
    let verifier = app.verifier();
    let (mut place, mut counts) = (0, (0, 0, 0));
    for (n, world) in all.iter().enumerate() {
        let who = &world.who;
        let token = app.sign(&app.claims_of(who.practitioner, who.agency, world.post, "read"));
        let principal = verifier.verify(&token).await.unwrap();
        let scope = store.scoped(&principal, Uuid::nil()).await.unwrap();
        let decided = Seen::decided(world);
        assert_eq!(read(&scope, world).await, decided, "the statements of world {n}, {who:?}");
        if n % TOLD == 0 {
            let from = place;
            place = tell(&app, world, who.authority, from).await;
            let (seen, asked, all) = nobody_is_passed_over(&principal, &scope, (from, place)).await;
            counts = (counts.0 + seen, counts.1 + asked, counts.2 + all);
        }
        if n % 10 == 0 {
            assert_eq!(asked(&app, &token, world).await, decided, "the answers of world {n}, {who:?}");
        }
    }
    let (seen, asked, all) = counts;
    eprintln!("of {all} events {seen} are seen, and {asked} are asked about");
    assert!(seen > 0 && asked < all, "some are seen, and not all are asked about");
}

#[actix_web::test]
async fn statements_and_answers_agree_on_sqlite() {
    statements_and_answers_agree(Engine::Sqlite).await;
}

#[actix_web::test]
async fn statements_and_answers_agree_on_postgres() {
    statements_and_answers_agree(Engine::Postgres).await;
}
