//! Small random worlds: a few children, whoever is involved with them, and one reader. Dense on purpose, so that every
//! rule meets its exceptions.

mod claims;
mod moves;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::agency::ScopeMode;
use entity::appointment::Post;
use entity::conference_report::State;
use entity::id::{
    AgencyId, ChildId, ConferenceId, ConferenceReportId, HouseholdId, InvolvementId, LocalAuthorityId, PlanActionId,
    PlanId, PractitionerId, ReportRequestId, RestrictedItemId, StrategyMeetingId, TeamId,
};
use entity::involvement::Basis;
use entity::sealed::Sealed;
use quorate::policy::decision::{ChildFacts, ListEntry, Period, Relation};
use quorate::policy::roles::Role;
use quorate::policy::{Shut, Standing};
use quorate::store::Database;
use rand::seq::{IndexedRandom, IteratorRandom};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

pub struct Meeting<I> {
    pub id: I,
    /// Places in [`World::children`].
    pub children: Vec<usize>,
}

pub struct Report {
    pub id: ConferenceReportId,
    pub agency: AgencyId,
    pub author: PractitionerId,
    pub state: State,
    pub child: usize,
    /// Place in [`World::conferences`].
    pub conference: usize,
    pub circulated_to: Vec<AgencyId>,
    /// Sent, and taken back.
    pub withdrawn_from: Vec<AgencyId>,
}

pub struct Item {
    pub id: RestrictedItemId,
    pub kind: entity::restricted_item::Kind,
    pub agency: AgencyId,
    pub originator: PractitionerId,
    pub child: usize,
    /// Place in [`World::conferences`].
    pub conference: Option<usize>,
    pub readers: Vec<ListEntry>,
    pub withdrawn: bool,
}

pub use self::claims::Claim;
pub use self::moves::Move;

pub struct World {
    pub who: Standing,
    pub post: Post,
    pub kind: entity::agency::Kind,
    pub agencies: Vec<AgencyId>,
    pub people: Vec<PractitionerId>,
    pub teams: Vec<TeamId>,
    pub children: Vec<(ChildId, ChildFacts)>,
    pub households: Vec<Meeting<HouseholdId>>,
    pub conferences: Vec<Meeting<ConferenceId>>,
    pub meetings: Vec<Meeting<StrategyMeetingId>>,
    pub requests: Vec<(ReportRequestId, AgencyId, usize, usize)>,
    pub reports: Vec<Report>,
    /// Id, plan, owner, child.
    pub actions: Vec<(PlanActionId, PlanId, AgencyId, usize)>,
    pub items: Vec<Item>,
    pub allegations: Vec<Claim>,
    /// Shares between authorities.
    pub moves: Vec<Move>,
    /// Who leads each strategy meeting, and the place of the allegation it is about, in their order.
    pub about: Vec<(PractitionerId, Option<usize>)>,
    /// The ids of the relationships of each child, in their order.
    pub relations: Vec<Vec<InvolvementId>>,
    /// Relationships that locate their child: id, agency, child.
    pub locating: Vec<(InvolvementId, AgencyId, usize)>,
    /// The reader list of the address of each household, in their order.
    pub addresses: Vec<Vec<ListEntry>>,
}

/// The instant every world is decided at.
pub fn now() -> DateTime<Utc> {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

pub fn today() -> NaiveDate {
    now().date_naive()
}

pub fn id(rng: &mut ChaCha8Rng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Past, present, to come, and both edges.
pub fn period(rng: &mut ChaCha8Rng) -> Period {
    let day = Duration::days(1);
    let now = now();
    let (starts_at, ends_at) = match rng.random_range(0..9) {
        0 => (now - day * 9, Some(now - day)),
        1 => (now - day * 9, Some(now)),
        2 => (now, None),
        3 => (now + Duration::microseconds(1), None),
        4 => (now + day, Some(now + day * 2)),
        5 => (now - day, Some(now + Duration::microseconds(1))),
        6 => (now - day * 500, Some(now - day * 400)),
        _ => (now - day * 9, None),
    };
    Period { starts_at, ends_at }
}

pub fn pick<T: Copy>(rng: &mut ChaCha8Rng, from: &[T]) -> T {
    *from.choose(rng).unwrap()
}

pub fn maybe<T: Copy>(rng: &mut ChaCha8Rng, chance: f64, from: &[T]) -> Option<T> {
    rng.random_bool(chance).then(|| pick(rng, from))
}

const POSTS: [(Post, entity::agency::Kind); 14] = {
    use entity::agency::Kind::{Csc, EarlyHelp, Education, Health, Housing, Police};
    [
        (Post::SocialWorker, Csc),
        (Post::TeamManager, Csc),
        (Post::ServiceManager, Csc),
        (Post::Chair, Csc),
        (Post::MinuteTaker, Csc),
        (Post::SystemAdmin, Csc),
        (Post::Auditor, Csc),
        (Post::AgencySystem, Health),
        (Post::Practitioner, Police),
        (Post::Practitioner, Health),
        (Post::Practitioner, EarlyHelp),
        (Post::Practitioner, Housing),
        (Post::SafeguardingLead, Education),
        (Post::SafeguardingLead, Police),
    ]
};

const BASES: [Basis; 9] = [
    Basis::BreakGlass,
    Basis::AllocatedWorker,
    Basis::Agency,
    Basis::StrategyInvitation,
    Basis::ConferenceInvitation,
    Basis::Chair,
    Basis::MinuteTaker,
    Basis::CoreGroup,
    Basis::Referrer,
];

impl World {
    /// The `seed`th world.
    pub fn new(seed: u64, authority: LocalAuthorityId) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let agencies: Vec<_> = (0..3).map(|_| AgencyId(id(rng))).collect();
        let people: Vec<_> = (0..3).map(|_| PractitionerId(id(rng))).collect();
        let teams: Vec<_> = (0..2).map(|_| TeamId(id(rng))).collect();
        let (post, kind) = pick(rng, &POSTS);
        let who = Standing {
            practitioner: people[0],
            agency: agencies[0],
            authority,
            teams: teams.iter().copied().filter(|_| rng.random_bool(0.6)).collect(),
            role: Role::of(post, kind).unwrap(),
            scope_mode: if rng.random_bool(0.5) { ScopeMode::Named } else { ScopeMode::Agency },
            desk: post == Post::SafeguardingLead,
            designations: vec![],
            shut: Shut { conflicts: true, alleged: true },
            broad: false,
            beneath: None,
            at: now(),
        };
        let mut world = Self {
            who,
            post,
            kind,
            agencies,
            people,
            teams,
            children: (0..3).map(|_| (ChildId(id(rng)), ChildFacts::default())).collect(),
            households: vec![],
            conferences: vec![],
            meetings: vec![],
            requests: vec![],
            reports: vec![],
            actions: vec![],
            items: vec![],
            allegations: vec![],
            moves: vec![],
            about: vec![],
            relations: vec![],
            locating: vec![],
            addresses: vec![],
        };
        for _ in 0..2 {
            world.households.push(Meeting { id: HouseholdId(id(rng)), children: some(rng) });
            world.conferences.push(Meeting { id: ConferenceId(id(rng)), children: some(rng) });
            world.meetings.push(Meeting { id: StrategyMeetingId(id(rng)), children: some(rng) });
        }
        world.relate(rng);
        world.report(rng);
        for _ in 0..2 {
            let action = (PlanActionId(id(rng)), PlanId(id(rng)), pick(rng, &world.agencies), rng.random_range(0..3));
            world.actions.push(action);
        }
        world.restrict(rng);
        world.allege(rng);
        world.share(rng);
        world
    }

    fn relate(&mut self, rng: &mut ChaCha8Rng) {
        for _ in 0..rng.random_range(0..6) {
            // what a meeting gives, it gives for a child it is about
            let (child, conference, meeting) = match rng.random_range(0..3) {
                0 => {
                    let conference = self.conferences.choose(rng).unwrap();
                    (pick(rng, &conference.children), Some(conference.id), None)
                }
                1 => {
                    let meeting = self.meetings.choose(rng).unwrap();
                    (pick(rng, &meeting.children), None, Some(meeting.id))
                }
                _ => (rng.random_range(0..3), None, None),
            };
            let relation = Relation {
                agency: pick(rng, &self.agencies),
                practitioner: maybe(rng, 0.7, &self.people),
                team: maybe(rng, 0.4, &self.teams),
                basis: pick(rng, &BASES),
                conference,
                strategy_meeting: meeting,
                period: period(rng),
            };
            self.children[child].1.relations.push(relation);
        }
        self.relations = self
            .children
            .iter()
            .map(|(_, facts)| facts.relations.iter().map(|_| InvolvementId(id(rng))).collect())
            .collect();
        for _ in 0..rng.random_range(0..2) {
            let conflict = (pick(rng, &self.people), period(rng));
            self.children[rng.random_range(0..3)].1.conflicts.push(conflict);
        }
    }

    fn report(&mut self, rng: &mut ChaCha8Rng) {
        for conference in 0..self.conferences.len() {
            let child = pick(rng, &self.conferences[conference].children);
            let agency = pick(rng, &self.agencies);
            let request = ReportRequestId(id(rng));
            self.requests.push((request, agency, child, conference));
            let sent: Vec<_> = self.agencies.iter().copied().filter(|_| rng.random_bool(0.4)).collect();
            let (withdrawn_from, circulated_to) = sent.into_iter().partition(|_| rng.random_bool(0.2));
            let states = [State::Draft, State::Submitted, State::Released, State::Superseded, State::Withdrawn];
            self.reports.push(Report {
                id: ConferenceReportId(id(rng)),
                agency,
                author: pick(rng, &self.people),
                state: pick(rng, &states),
                child,
                conference,
                circulated_to,
                withdrawn_from,
            });
        }
    }

    fn restrict(&mut self, rng: &mut ChaCha8Rng) {
        use entity::restricted_item::Kind;
        self.addresses = (0..self.households.len()).map(|_| self.readers(rng)).collect();
        for _ in 0..2 {
            let conference = rng.random_bool(0.6).then(|| rng.random_range(0..self.conferences.len()));
            let child = match conference {
                Some(place) => pick(rng, &self.conferences[place].children),
                None => rng.random_range(0..3),
            };
            let kind = pick(rng, &[Kind::Restricted, Kind::PoliceIntelligence, Kind::School]);
            let (agency, originator) = (pick(rng, &self.agencies), pick(rng, &self.people));
            let id = RestrictedItemId(id(rng));
            let (readers, withdrawn) = (self.readers(rng), rng.random_bool(0.2));
            self.items.push(Item { id, kind, agency, originator, child, conference, readers, withdrawn });
            // one that tells where the child is; of an agency that nobody else is involved for
            let place = rng.random_range(0..3);
            let agency = pick(rng, &self.agencies);
            if self.children[place].1.relations.iter().all(|r| r.agency != agency) {
                self.locating.push((InvolvementId(entity::id::TypedId::uuid(id)), agency, place));
            }
        }
        self.locating.truncate(1);
    }

    fn readers(&self, rng: &mut ChaCha8Rng) -> Vec<ListEntry> {
        let n = rng.random_range(0..3);
        (0..n).map(|_| (pick(rng, &self.agencies), maybe(rng, 0.5, &self.people), period(rng))).collect()
    }

    /// Who may read the address of the household that a child lives in. A child of the world may live in two.
    pub fn address_readers(&self, child: usize) -> Vec<ListEntry> {
        let homes = self.households.iter().zip(&self.addresses).filter(|(home, _)| home.children.contains(&child));
        homes.flat_map(|(_, readers)| readers.iter().copied()).collect()
    }

    /// What bears on some children.
    pub fn facts(&self, children: &[usize]) -> Vec<&ChildFacts> {
        children.iter().map(|child| &self.children[*child].1).collect()
    }
}

/// One or two of three children.
fn some(rng: &mut ChaCha8Rng) -> Vec<usize> {
    let n = rng.random_range(1..=2);
    (0..3).choose_multiple(rng, n)
}

/// An authority that no world is of.
pub fn elsewhere() -> LocalAuthorityId {
    LocalAuthorityId(Uuid::from_u128(2))
}

/// The authority of all worlds, with the feed it needs.
pub async fn found(database: &Database) -> LocalAuthorityId {
    let id = LocalAuthorityId(Uuid::from_u128(1));
    let profile = entity::local_authority::Profile::Bristol;
    let row = entity::local_authority::Model { id, code: "801".into(), name: "Worlds".into(), profile };
    let (code, name) = ("802".to_owned(), "Other worlds".to_owned());
    let other = entity::local_authority::Model { id: elsewhere(), code, name, profile };
    let mut bulk = database.bulk(false).await.unwrap();
    bulk.insert::<entity::local_authority::Entity>(vec![row, other]).await.unwrap();
    bulk.insert::<entity::feed::Entity>(vec![entity::feed::Model {
        local_authority_id: id,
        position: 0,
        forgotten: 0,
    }])
    .await
    .unwrap();
    bulk.commit().await.unwrap();
    id
}

macro_rules! rows {
    ($($table:ident),+ $(,)?) => {
        /// The rows of worlds, table by table, in an order that foreign keys accept.
        #[derive(Default)]
        pub struct Rows { $($table: Vec<entity::$table::Model>),+ }

        impl Rows {
            /// Writes them.
            pub async fn write(self, database: &Database) {
                let mut bulk = database.bulk(false).await.unwrap();
                $(bulk.insert::<entity::$table::Entity>(self.$table).await.unwrap();)+
                bulk.commit().await.unwrap();
            }
        }
    };
}

rows! {
    agency, team, practitioner, appointment, designation, household, child, membership, conference, conference_child,
    allegation, strategy_meeting, strategy_meeting_child, involvement, conflict, invitation, report_request, conference_report,
    circulation, plan, plan_action, restricted_item, reader_listing, transfer_share,
}

impl Rows {
    /// Adds the rows of a world.
    pub fn add(&mut self, world: &World, rng: &mut ChaCha8Rng) {
        self.people(world, rng);
        self.children(world, rng);
        self.meetings(world, rng);
        self.reports(world, rng);
        self.lists(world, rng);
        self.claims(world, rng);
        self.moves(world);
    }

    fn lists(&mut self, world: &World, rng: &mut ChaCha8Rng) {
        let who = world.people[0];
        let mut list = |item: Option<RestrictedItemId>, household: Option<HouseholdId>, readers: &[ListEntry]| {
            for (agency, person, period) in readers {
                self.reader_listing.push(entity::reader_listing::Model {
                    id: entity::id::ReaderListingId(id(rng)),
                    restricted_item_id: item,
                    household_id: household,
                    allegation_id: None,
                    agency_id: *agency,
                    practitioner_id: *person,
                    starts_at: period.starts_at,
                    ends_at: period.ends_at,
                    listed_by: who,
                });
            }
        };
        for (household, readers) in world.households.iter().zip(&world.addresses) {
            list(None, Some(household.id), readers);
        }
        for item in &world.items {
            list(Some(item.id), None, &item.readers);
        }
        self.restricted_item.extend(world.items.iter().map(|item| entity::restricted_item::Model {
            id: item.id,
            child_id: world.children[item.child].0,
            conference_id: item.conference.map(|place| world.conferences[place].id),
            kind: item.kind,
            text: Sealed::new("A world".into()),
            third_party: false,
            originator_agency_id: item.agency,
            originator_id: item.originator,
            recorded_at: now(),
            conference_report_id: None,
            withdrawn_at: item.withdrawn.then(now),
            version: 1,
        }));
        self.involvement.extend(world.locating.iter().map(|(id, agency, child)| entity::involvement::Model {
            id: *id,
            child_id: world.children[*child].0,
            agency_id: *agency,
            practitioner_id: None,
            team_id: None,
            basis: Basis::Agency,
            conference_id: None,
            strategy_meeting_id: None,
            // it is to begin, so that it opens nothing itself
            starts_at: now() + Duration::days(3),
            ends_at: None,
            granted_by: None,
            reason: Sealed::new("A world".into()),
            locates: true,
        }));
    }

    fn people(&mut self, world: &World, rng: &mut ChaCha8Rng) {
        let who = &world.who;
        for (i, id) in world.agencies.iter().enumerate() {
            let own = i == 0;
            self.agency.push(entity::agency::Model {
                id: *id,
                local_authority_id: who.authority,
                name: id.0.to_string(),
                kind: if own { world.kind } else { entity::agency::Kind::Voluntary },
                scope_mode: if own { who.scope_mode } else { ScopeMode::Agency },
                safeguarding_email: "desk@agency.example".into(),
                active: true,
            });
        }
        let own = world.agencies[0];
        self.team.extend(world.teams.iter().map(|id| entity::team::Model {
            id: *id,
            agency_id: own,
            name: id.0.to_string(),
        }));
        for id in &world.people {
            let (full_name, designation) = ("Somebody".into(), "Somebody".into());
            self.practitioner.push(entity::practitioner::Model { id: *id, full_name, designation, active: true });
        }
        // several teams are several appointments to the one post
        let teams = if who.teams.is_empty() { vec![None] } else { who.teams.iter().copied().map(Some).collect() };
        self.appointment.extend(teams.into_iter().map(|team_id| entity::appointment::Model {
            id: entity::id::AppointmentId(id(rng)),
            practitioner_id: who.practitioner,
            agency_id: own,
            team_id,
            post: world.post,
            starts_at: now() - Duration::days(1),
            ends_at: None,
        }));
    }

    fn children(&mut self, world: &World, rng: &mut ChaCha8Rng) {
        for ((child, facts), ids) in world.children.iter().zip(&world.relations) {
            self.child.push(blank_child(*child, world.who.authority));
            for (r, id) in facts.relations.iter().zip(ids) {
                self.involvement.push(entity::involvement::Model {
                    id: *id,
                    child_id: *child,
                    agency_id: r.agency,
                    practitioner_id: r.practitioner,
                    team_id: r.team,
                    basis: r.basis,
                    conference_id: r.conference,
                    strategy_meeting_id: r.strategy_meeting,
                    starts_at: r.period.starts_at,
                    ends_at: r.period.ends_at,
                    granted_by: None,
                    reason: Sealed::new("A world".into()),
                    locates: false,
                });
            }
            for (person, period) in &facts.conflicts {
                self.conflict.push(entity::conflict::Model {
                    id: entity::id::ConflictId(id(rng)),
                    practitioner_id: *person,
                    child_id: *child,
                    kind: entity::conflict::Kind::Personal,
                    reason: Sealed::new("A world".into()),
                    starts_at: period.starts_at,
                    ends_at: period.ends_at,
                    recorded_by: *person,
                    recorded_at_agency_id: world.agencies[0],
                    allegation_id: None,
                });
            }
        }
        for household in &world.households {
            self.household.push(entity::household::Model {
                id: household.id,
                local_authority_id: world.who.authority,
                address: Sealed::new("1 Sample Street".into()),
                postcode: Sealed::new("ZZ1 1AA".into()),
                address_status: entity::household::AddressStatus::None,
            });
            self.membership.extend(household.children.iter().map(|child| entity::membership::Model {
                id: entity::id::MembershipId(id(rng)),
                household_id: household.id,
                child_id: Some(world.children[*child].0),
                person_id: None,
                relationship: Sealed::new(entity::membership::Relationship::Child),
                parental_responsibility: false,
                starts_on: today(),
                ends_on: None,
            }));
        }
    }

    fn meetings(&mut self, world: &World, rng: &mut ChaCha8Rng) {
        let (who, own) = (world.people[0], world.agencies[0]);
        for conference in &world.conferences {
            self.conference.push(entity::conference::Model {
                id: conference.id,
                local_authority_id: world.who.authority,
                agency_id: own,
                team_id: None,
                kind: entity::conference::Kind::Review,
                status: entity::conference::Status::Scheduled,
                scheduled_at: now(),
                venue: "Room 1".into(),
                chair_id: who,
                minute_taker_id: None,
                quorate: None,
                summary: Sealed::new(None),
                convened_at: now(),
                concluded_at: None,
                version: 1,
            });
            self.conference_child.extend(conference.children.iter().map(|child| entity::conference_child::Model {
                id: entity::id::ConferenceChildId(id(rng)),
                conference_id: conference.id,
                child_id: world.children[*child].0,
                outcome: Sealed::new(None),
                abuse_category: Sealed::new(None),
                participation: Sealed::new(None),
                decided_at: None,
            }));
        }
        for (meeting, (lead, about)) in world.meetings.iter().zip(&world.about) {
            self.strategy_meeting.push(entity::strategy_meeting::Model {
                id: meeting.id,
                local_authority_id: world.who.authority,
                agency_id: own,
                called_by: who,
                lead_id: *lead,
                reason: Sealed::new("A world".into()),
                status: entity::strategy_meeting::Status::Called,
                scheduled_at: now(),
                held_at: None,
                outcome_summary: Sealed::new(None),
                called_at: now(),
                allegation_id: about.map(|place| world.allegations[place].id),
                quorate: None,
                version: 1,
            });
            self.strategy_meeting_child.extend(meeting.children.iter().map(|child| {
                entity::strategy_meeting_child::Model {
                    id: entity::id::StrategyMeetingChildId(id(rng)),
                    strategy_meeting_id: meeting.id,
                    child_id: world.children[*child].0,
                    decision: Sealed::new(None),
                    discreet: about.is_some(),
                }
            }));
        }
    }

    fn reports(&mut self, world: &World, rng: &mut ChaCha8Rng) {
        for (request, report) in world.requests.iter().zip(&world.reports) {
            let conference_id = world.conferences[report.conference].id;
            let child_id = world.children[report.child].0;
            let invitation_id = entity::id::InvitationId(id(rng));
            self.invitation.push(blank_invitation(invitation_id, world, conference_id, report.agency));
            self.report_request.push(entity::report_request::Model {
                id: request.0,
                conference_id,
                child_id,
                agency_id: report.agency,
                invitation_id,
                asked_at: now(),
                due_at: now(),
                received_at: None,
                lapsed_at: None,
            });
            self.conference_report.push(blank_report(report, request.0, conference_id, child_id));
            for (agencies, withdrawn_at) in [(&report.circulated_to, None), (&report.withdrawn_from, Some(now()))] {
                self.circulation.extend(agencies.iter().map(|agency| entity::circulation::Model {
                    conference_report_id: report.id,
                    agency_id: *agency,
                    circulated_at: now(),
                    withdrawn_at,
                    opened_at: None,
                    opened_by: None,
                }));
            }
        }
        for (action, plan, owner, child) in &world.actions {
            let child_id = world.children[*child].0;
            self.plan.push(entity::plan::Model {
                id: *plan,
                child_id,
                kind: entity::plan::Kind::Cp,
                conference_id: None,
                category_initial: Sealed::new(None),
                category_latest: Sealed::new(None),
                danger_statement: Sealed::new(None),
                safety_statement: Sealed::new(None),
                visit_every_days: Sealed::new(14),
                starts_on: today() - Duration::days(9),
                // a child may be drawn twice, and has one open plan at the most
                ends_on: Some(today()),
                state: entity::plan::State::Ceased,
                version: 1,
            });
            self.plan_action.push(entity::plan_action::Model {
                id: *action,
                plan_id: *plan,
                child_id,
                description: Sealed::new("A world".into()),
                owner_agency_id: *owner,
                owner_id: None,
                due_on: today(),
                status: entity::plan_action::Status::NotStarted,
                done_on: None,
                plan_version: 1,
                version: 1,
            });
        }
    }
}

fn blank_child(id: ChildId, authority: LocalAuthorityId) -> entity::child::Model {
    entity::child::Model {
        id,
        local_authority_id: authority,
        local_reference: id.0.simple().to_string(),
        given_name: Sealed::new("Somebody".into()),
        family_name: Sealed::new("Somebody".into()),
        name_key: Sealed::new("somebody somebody".into()),
        born_on: Sealed::new(Some(today())),
        expected_on: Sealed::new(None),
        died_on: Sealed::new(None),
        sex: entity::child::Sex::F,
        ethnicity: Sealed::new(entity::child::Ethnicity::Nobt),
        first_language: Sealed::new(None),
        disabilities: Sealed::new("NONE".into()),
        communication_needs: Sealed::new(None),
        nhs_number: Sealed::new(None),
        upn: Sealed::new(None),
        legal_status: Sealed::new(None),
        created_at: now(),
    }
}

fn blank_invitation(
    id: entity::id::InvitationId,
    world: &World,
    conference: ConferenceId,
    agency_id: AgencyId,
) -> entity::invitation::Model {
    entity::invitation::Model {
        id,
        local_authority_id: world.who.authority,
        meeting: entity::invitation::Meeting::Conference,
        conference_id: Some(conference),
        strategy_meeting_id: None,
        core_group_meeting_id: None,
        agency_id,
        practitioner_id: None,
        scheduled_at: now(),
        invited_at: now(),
        notice_working_days: Sealed::new(0),
        reply: Sealed::new(entity::invitation::Reply::Awaited),
        replied_at: None,
        apologies_reason: Sealed::new(None),
        attendance: None,
        report_due_at: None,
        report_received_at: None,
        version: 1,
    }
}

fn blank_report(
    report: &Report,
    report_request_id: ReportRequestId,
    conference_id: ConferenceId,
    child_id: ChildId,
) -> entity::conference_report::Model {
    entity::conference_report::Model {
        id: report.id,
        report_request_id,
        conference_id,
        child_id,
        agency_id: report.agency,
        author_id: report.author,
        version: 1,
        state: report.state,
        involvement: Sealed::new("A world".into()),
        worries: Sealed::new("A world".into()),
        strengths: Sealed::new("A world".into()),
        child_voice: Sealed::new(None),
        family_views: Sealed::new(None),
        what_must_change: Sealed::new(None),
        safety_score: Sealed::new(None),
        recommendation: Sealed::new(None),
        shared_with_family_on: None,
        submitted_at: now(),
        released_at: None,
        receipt: String::new(),
        template: "GENERAL".to_owned(),
        template_version: 1,
        revision: 1,
        working_days_early: None,
        after_conference: false,
        due_at: None,
        agreed_by: None,
        agreed_on: None,
        signed_by: None,
        signed_at: None,
        reason: Sealed::new(None),
        withdrawn_at: None,
        withdrawn_by: None,
        withdrawn_because: Sealed::new(None),
    }
}
