//! Who sees a use of emergency access and who has a notice: `decide()`, a reading written without it in mind and the
//! statements of both databases agree over random worlds.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use entity::appointment::Post;
use entity::designation::Kind as Duty;
use entity::emergency_access::{Outcome, Reason};
use entity::id::{
    AgencyId, AppointmentId, DesignationId, EmergencyAccessId, LocalAuthorityId, NoticeId, PractitionerId, TeamId,
};
use entity::involvement::Basis;
use entity::notice::Kind;
use entity::sealed::Sealed;
use quorate::policy::decision::{Period, Resource, decide};
use quorate::policy::emergency::{AccessFacts, NoticeFacts, Staff};
use quorate::store::Store;
use quorate::store::audit::AuditKey;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use crate::decisions::worlds;
use crate::support::worlds::{Rows, World, elsewhere, found, id, maybe, now, period, pick};
use crate::support::{App, Engine};

/// Somebody's deed.
#[derive(Clone, Copy)]
struct Deed {
    person: PractitionerId,
    agency: AgencyId,
    authority: LocalAuthorityId,
    team: Option<TeamId>,
    /// Place in [`World::children`].
    child: Option<usize>,
}

struct Access {
    id: EmergencyAccessId,
    deed: Deed,
    due: DateTime<Utc>,
    reviewed: bool,
}

struct Notice {
    id: NoticeId,
    deed: Deed,
    kind: Kind,
    at: DateTime<Utc>,
    access: Option<EmergencyAccessId>,
}

/// A world with duties, uses of emergency access and notices in it.
struct Watched {
    world: World,
    posts: Vec<(PractitionerId, AgencyId, Post, Period)>,
    duties: Vec<(PractitionerId, AgencyId, Duty, Period)>,
    accesses: Vec<Access>,
    notices: Vec<Notice>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    accesses: BTreeSet<Uuid>,
    notices: BTreeSet<Uuid>,
}

impl Watched {
    fn new(seed: u64, authority: LocalAuthorityId) -> Self {
        let mut world = World::new(seed, authority);
        let rng = &mut ChaCha8Rng::seed_from_u64(!seed);
        let lasts = Period { starts_at: now() - Duration::days(1), ends_at: None };
        let mut posts = vec![(world.people[0], world.agencies[0], world.post, lasts)];
        let mut duties = Vec::new();
        for person in &world.people[1..] {
            let post = pick(rng, &[Post::Practitioner, Post::SafeguardingLead, Post::Auditor]);
            posts.push((*person, pick(rng, &world.agencies), post, period(rng)));
        }
        for _ in 0..3 {
            let kind = if rng.random_bool(0.8) { Duty::PrivacyOfficer } else { Duty::Lado };
            let agency = if rng.random_bool(0.5) { world.agencies[0] } else { pick(rng, &world.agencies) };
            duties.push((pick(rng, &world.people), agency, kind, period(rng)));
        }
        let own =
            |(person, agency, ..): &&(_, _, _, Period)| *person == world.people[0] && *agency == world.agencies[0];
        let held = duties.iter().filter(own).filter(|(.., period)| period.holds(now()));
        world.who.designations = held.map(|(_, _, kind, _)| *kind).collect();
        let mut watched = Self { world, posts, duties, accesses: vec![], notices: vec![] };
        for _ in 0..4 {
            watched.deeds(rng);
        }
        watched
    }

    fn deeds(&mut self, rng: &mut ChaCha8Rng) {
        let world = &self.world;
        let deed = Deed {
            person: pick(rng, &world.people),
            agency: pick(rng, &world.agencies),
            authority: if rng.random_bool(0.8) { world.who.authority } else { elsewhere() },
            team: maybe(rng, 0.7, &world.teams),
            child: maybe(rng, 0.6, &[0, 1, 2]),
        };
        let (due, reviewed) = (now() + Duration::microseconds(rng.random_range(-1..=1)), rng.random_bool(0.3));
        let access = Access { id: EmergencyAccessId(id(rng)), deed, due, reviewed };
        let edge = now() - Duration::days(28);
        let kind = pick(rng, &[Kind::EmergencyAccess, Kind::RecordOpened, Kind::UnusualLookups]);
        let child = match kind {
            Kind::EmergencyAccess => deed.child,
            Kind::RecordOpened => Some(deed.child.unwrap_or(0)),
            Kind::UnusualLookups => None,
        };
        self.notices.push(Notice {
            id: NoticeId(id(rng)),
            deed: Deed { child, ..deed },
            kind,
            at: pick(rng, &[now(), edge, edge - Duration::microseconds(1)]),
            access: (kind == Kind::EmergencyAccess).then_some(access.id),
        });
        self.accesses.push(access);
    }

    /// The privacy officers in a post that can have the duty, with their agencies.
    fn officers(&self) -> BTreeSet<(PractitionerId, AgencyId)> {
        let duties =
            self.duties.iter().filter(|(_, _, kind, period)| *kind == Duty::PrivacyOfficer && period.holds(now()));
        let fits = |post: Post| ![Post::SystemAdmin, Post::Auditor, Post::AgencySystem].contains(&post);
        let posted = |person: PractitionerId, agency: AgencyId| {
            self.posts
                .iter()
                .any(|(p, a, post, period)| (*p, *a) == (person, agency) && fits(*post) && period.holds(now()))
        };
        duties.map(|(person, agency, ..)| (*person, *agency)).filter(|(p, a)| posted(*p, *a)).collect()
    }

    fn staff(&self, deed: Deed) -> Staff {
        let has_officer =
            self.officers().iter().any(|(person, agency)| *agency == deed.agency && *person != deed.person);
        Staff { practitioner: deed.person, agency: deed.agency, authority: deed.authority, has_officer }
    }

    fn decided(&self) -> Seen {
        let who = &self.world.who;
        let mut seen = Seen::default();
        for access in &self.accesses {
            let facts = AccessFacts {
                staff: self.staff(access.deed),
                team: access.deed.team,
                child: access.deed.child.map(|child| &self.world.children[child].1),
                review_due_at: access.due,
                reviewed: access.reviewed,
            };
            seen.accesses.extend(decide(who, Resource::EmergencyAccess(&facts)).allow.then_some(access.id.0));
        }
        for notice in &self.notices {
            let facts = NoticeFacts {
                kind: notice.kind,
                at: notice.at,
                staff: self.staff(notice.deed),
                team: notice.deed.team,
                child: notice.deed.child.map(|child| &self.world.children[child].1),
            };
            seen.notices.extend(decide(who, Resource::Notice(&facts)).allow.then_some(notice.id.0));
        }
        seen
    }

    /// As a person would work it out with a pencil.
    fn by_hand(&self) -> Seen {
        use entity::agency::Kind::{Csc, Health, Police};
        let (world, officers) = (&self.world, self.officers());
        let (me, home, post) = (world.people[0], world.agencies[0], world.post);
        let social_care = world.kind == Csc && post != Post::SystemAdmin && post != Post::Auditor;
        let an_officer = officers.contains(&(me, home));
        let mine_to_answer_for = |deed: &Deed| {
            let orphan = !officers.iter().any(|(person, agency)| *agency == deed.agency && *person != deed.person);
            an_officer && (deed.agency == home || social_care && orphan && deed.authority == world.who.authority)
        };
        let my_people = |deed: &Deed| {
            deed.agency == home
                && (post == Post::ServiceManager
                    || post == Post::TeamManager && deed.team.is_some_and(|team| world.who.teams.contains(&team)))
        };
        let shut = |child: usize| {
            world.children[child].1.conflicts.iter().any(|(person, period)| *person == me && period.holds(now()))
        };
        let my_case = |child: usize| {
            world.children[child].1.relations.iter().any(|r| {
                r.basis == Basis::AllocatedWorker
                    && r.agency == home
                    && r.period.holds(now())
                    && (post == Post::SocialWorker && r.practitioner == Some(me)
                        || post == Post::TeamManager && r.team.is_some_and(|team| world.who.teams.contains(&team)))
            })
        };
        let mut seen = Seen::default();
        for access in &self.accesses {
            let deed = &access.deed;
            let there = if deed.person == me {
                let duty = [Post::SocialWorker, Post::TeamManager].contains(&post)
                    || [Police, Health].contains(&world.kind)
                        && [Post::Practitioner, Post::SafeguardingLead].contains(&post);
                duty && deed.agency == home
            } else {
                let late = !access.reviewed && access.due <= now();
                let told_late = late && post == Post::ServiceManager && deed.authority == world.who.authority;
                !deed.child.is_some_and(shut) && (mine_to_answer_for(deed) || my_people(deed) || told_late)
            };
            seen.accesses.extend(there.then_some(access.id.0));
        }
        for notice in &self.notices {
            let deed = &notice.deed;
            let emergency = notice.kind == Kind::EmergencyAccess;
            let there = match deed.child {
                Some(child) => !shut(child) && my_case(child) && (emergency || deed.agency != home),
                None => mine_to_answer_for(deed) || emergency && my_people(deed),
            };
            let fresh = now() - notice.at <= Duration::days(28);
            seen.notices.extend((there && fresh && deed.person != me).then_some(notice.id.0));
        }
        seen
    }
}

#[test]
fn two_readings_agree() {
    let (mut accesses, mut notices, mut hidden) = (0, 0, 0);
    for seed in 0..worlds(20_000) {
        let watched = Watched::new(seed, LocalAuthorityId(Uuid::from_u128(1)));
        let seen = watched.decided();
        assert_eq!(seen, watched.by_hand(), "world {seed}, {:?}", watched.world.who);
        accesses += seen.accesses.len();
        notices += seen.notices.len();
        hidden += watched.accesses.len() - seen.accesses.len();
    }
    assert!(accesses > 200 && notices > 100 && hidden > 1000, "{accesses} {notices} {hidden}");
}

/// Writes what the worlds have beyond those of other tests.
async fn write(app: &App, all: &[Watched], rng: &mut ChaCha8Rng) {
    let mut bulk = app.database.bulk(false).await.unwrap();
    let posts =
        all.iter().flat_map(|w| &w.posts[1..]).map(|(person, agency, post, period)| entity::appointment::Model {
            id: AppointmentId(id(rng)),
            practitioner_id: *person,
            agency_id: *agency,
            team_id: None,
            post: *post,
            starts_at: period.starts_at,
            ends_at: period.ends_at,
        });
    bulk.insert::<entity::appointment::Entity>(posts.collect()).await.unwrap();
    let duties = all.iter().flat_map(|w| &w.duties).map(|(person, agency, kind, period)| entity::designation::Model {
        id: DesignationId(id(rng)),
        practitioner_id: *person,
        agency_id: *agency,
        kind: *kind,
        starts_at: period.starts_at,
        ends_at: period.ends_at,
    });
    bulk.insert::<entity::designation::Entity>(duties.collect()).await.unwrap();
    let accesses = all.iter().flat_map(|w| w.accesses.iter().map(|access| row_of(w, access)));
    bulk.insert::<entity::emergency_access::Entity>(accesses.collect()).await.unwrap();
    let notices = all.iter().flat_map(|w| {
        w.notices.iter().map(|notice| entity::notice::Model {
            id: notice.id,
            kind: notice.kind,
            at: notice.at,
            practitioner_id: notice.deed.person,
            agency_id: notice.deed.agency,
            local_authority_id: notice.deed.authority,
            child_id: notice.deed.child.map(|child| w.world.children[child].0),
            emergency_access_id: notice.access,
        })
    });
    bulk.insert::<entity::notice::Entity>(notices.collect()).await.unwrap();
    bulk.commit().await.unwrap();
}

fn row_of(watched: &Watched, access: &Access) -> entity::emergency_access::Model {
    let deed = access.deed;
    let reviewer = watched.world.people.iter().copied().find(|person| *person != deed.person);
    entity::emergency_access::Model {
        id: access.id,
        practitioner_id: deed.person,
        agency_id: deed.agency,
        team_id: deed.team,
        local_authority_id: deed.authority,
        child_id: deed.child.map(|child| watched.world.children[child].0),
        reason: Reason::Other,
        explanation: Sealed::new("A world".into()),
        opened_at: now() - Duration::minutes(5),
        expires_at: now() + Duration::minutes(55),
        review_due_at: access.due,
        reviewed_at: access.reviewed.then(now),
        reviewed_by: reviewer.filter(|_| access.reviewed),
        outcome: access.reviewed.then_some(Outcome::Justified),
        review_note: Sealed::new(None),
    }
}

async fn statements_agree(engine: Engine) {
    let Some(app) = App::over(engine, false).await else { return };
    let authority = found(&app.database).await;
    let rng = &mut ChaCha8Rng::seed_from_u64(0);
    let all: Vec<_> = (0..worlds(1000).min(20_000)).map(|seed| Watched::new(seed, authority)).collect();
    let mut rows = Rows::default();
    for watched in &all {
        rows.add(&watched.world, rng);
    }
    rows.write(&app.database).await;
    write(&app, &all, rng).await;
    let key = AuditKey::load_or_create(&app.audit.key_file).unwrap();
    let store = Store::new(app.database.clone(), app.clock.clone(), key, &app.audit).unwrap();
    let verifier = app.verifier();
    for (n, watched) in all.iter().enumerate() {
        let who = &watched.world.who;
        let token = app.sign(&app.claims_of(who.practitioner, who.agency, watched.world.post, "read"));
        let scope = store.scoped(&verifier.verify(&token).await.unwrap(), Uuid::nil()).await.unwrap();
        let duties: BTreeSet<_> = scope.who().duties().collect();
        assert_eq!(duties, who.duties().collect(), "the duties of world {n}");
        // by its id: an authority's privacy officer sees what happened in other worlds as well
        let mut seen = Seen::default();
        for access in &watched.accesses {
            let found = scope.by_id::<entity::emergency_access::Entity>(access.id).await;
            seen.accesses.extend(found.is_ok().then_some(access.id.0));
        }
        for notice in &watched.notices {
            let found = scope.by_id::<entity::notice::Entity>(notice.id).await;
            seen.notices.extend(found.is_ok().then_some(notice.id.0));
        }
        assert_eq!(seen, watched.decided(), "the statements of world {n}, {who:?}");
    }
}

#[actix_web::test]
async fn statements_agree_on_sqlite() {
    statements_agree(Engine::Sqlite).await;
}

#[actix_web::test]
async fn statements_agree_on_postgres() {
    statements_agree(Engine::Postgres).await;
}
