//! Authorities, agencies, teams and professionals of the demo.

use chrono::{DateTime, Duration, Utc};
use entity::agency::{Kind, ScopeMode};
use entity::appointment::Post;
use entity::id::{AgencyId, AppointmentId, LocalAuthorityId, PractitionerId, TeamId};
use entity::local_authority::Profile;
use entity::{agency, appointment, feed, local_authority, practitioner, team};

use super::Persona;
use super::ids::fixed;
use crate::error::Result;
use crate::store::bulk::Bulk;

const AUTHORITIES: [(&str, &str, Profile); 4] = [
    ("937", "Warwickshire", Profile::Warwickshire),
    ("330", "Birmingham", Profile::Birmingham),
    ("801", "Bristol", Profile::Bristol),
    ("888", "Lancashire", Profile::Lancashire),
];

/// The agencies of each authority; the first of a kind are those of the first family.
const AGENCIES: [(Kind, &str); 17] = [
    (Kind::Csc, "Children's Social Care"),
    (Kind::Police, "Police"),
    (Kind::Health, "Community Health Trust"),
    (Kind::Education, "Oakfield Primary School"),
    (Kind::EarlyHelp, "Early Help"),
    (Kind::Housing, "Homes Association"),
    (Kind::Police, "Transport Police"),
    (Kind::Health, "Hospitals Trust"),
    (Kind::Education, "Riverside Academy"),
    (Kind::Education, "St Anne's School"),
    (Kind::Education, "Hillside Infants"),
    (Kind::Health, "Mental Health Trust"),
    (Kind::Probation, "Probation Service"),
    (Kind::Voluntary, "Family Action Group"),
    (Kind::Legal, "Legal Services"),
    (Kind::OtherLa, "Neighbouring Authority"),
    (Kind::Education, "Larkrise Nursery"),
];

/// Posts at social care: the first holder of each in the first authority is a persona.
const SOCIAL_CARE: [(Post, &str, &str); 10] = [
    (Post::SocialWorker, "Priya Raman", "Social worker"),
    (Post::TeamManager, "Colin Ferris", "Team manager"),
    (Post::ServiceManager, "Ruth Adeyemi", "Service manager"),
    (Post::Chair, "Helen Marsh", "Conference chair"),
    (Post::MinuteTaker, "Tom Whitlock", "Minute taker"),
    (Post::SystemAdmin, "Sam Okafor", "System administrator"),
    (Post::Auditor, "Jane Pryce", "Auditor"),
    (Post::Chair, "David Ashworth", "Independent reviewing officer"),
    (Post::SocialWorker, "Leah Bennett", "Social worker"),
    (Post::SocialWorker, "Marcus Doyle", "Social worker"),
];

const LEADS: [&str; 17] = [
    "",
    "DS Karen Holt",
    "Nurse Amina Yusuf",
    "Mr Peter Lang",
    "Gail Stone",
    "Rob Finch",
    "PC Ian Moss",
    "Dr Lucy Grant",
    "Ms Farah Khan",
    "Mrs Joan Ellis",
    "Mr Owen Price",
    "Dr Neil Shah",
    "Dawn Pike",
    "Carl Dean",
    "Nina West",
    "Beth Cole",
    "Miss Amy Reed",
];

/// One authority's people and places.
pub struct Place {
    /// The authority.
    pub authority: LocalAuthorityId,
    /// Its agencies, in the order of [`AGENCIES`].
    pub agencies: Vec<(AgencyId, Kind)>,
    /// The lead professional of each agency.
    pub leads: Vec<PractitionerId>,
    /// The social work team.
    pub team: TeamId,
    /// The people of social care, in the order of [`SOCIAL_CARE`].
    pub social_care: Vec<(PractitionerId, Post)>,
}

impl Place {
    /// The people of social care in one post.
    pub fn people(&self, post: Post) -> Vec<PractitionerId> {
        self.social_care.iter().filter(|(_, p)| *p == post).map(|(who, _)| *who).collect()
    }

    /// The agencies of a kind.
    pub fn of(&self, kind: Kind) -> Vec<usize> {
        self.agencies.iter().enumerate().filter(|(_, (_, k))| *k == kind).map(|(i, _)| i).collect()
    }
}

/// Everybody.
pub struct Staff {
    /// The authorities.
    pub places: Vec<Place>,
    now: DateTime<Utc>,
}

fn agency_id(place: u32, n: u32) -> AgencyId {
    AgencyId(fixed(2, place * 100 + n))
}

fn social_care_id(place: u32, n: u32) -> PractitionerId {
    PractitionerId(fixed(3, place * 100 + n))
}

fn lead_id(place: u32, n: u32) -> PractitionerId {
    PractitionerId(fixed(4, place * 100 + n))
}

fn agency_name(place: u32, n: u32) -> String {
    let authority = AUTHORITIES.iter().zip(0_u32..).find(|(_, i)| *i == place).map_or("", |((_, name, _), _)| name);
    let agency = AGENCIES.iter().zip(0_u32..).find(|(_, i)| *i == n).map_or("", |((_, name), _)| name);
    format!("{authority} {agency}")
}

/// The system of the health trust.
const SYSTEM: u32 = 9000;

impl Staff {
    /// The people and places, as they are in every demo.
    pub fn new(now: DateTime<Utc>) -> Self {
        let places = (0..4).map(|place| Place {
            authority: LocalAuthorityId(fixed(1, place)),
            agencies: AGENCIES.iter().zip(0..).map(|((kind, _), n)| (agency_id(place, n), *kind)).collect(),
            leads: (0..17).map(|n| lead_id(place, n)).collect(),
            team: TeamId(fixed(5, place)),
            social_care: SOCIAL_CARE.iter().zip(0..).map(|((post, ..), n)| (social_care_id(place, n), *post)).collect(),
        });
        Self { places: places.collect(), now }
    }

    /// Writes them.
    pub async fn write(&mut self, bulk: &Bulk) -> Result<()> {
        let mut rows = Rows::default();
        for (place, n) in AUTHORITIES.iter().zip(0_u32..) {
            self.authority(*place, n, &mut rows);
        }
        bulk.insert::<local_authority::Entity>(rows.authorities).await?;
        bulk.insert::<feed::Entity>(rows.feeds).await?;
        bulk.insert::<agency::Entity>(rows.agencies).await?;
        bulk.insert::<team::Entity>(rows.teams).await?;
        bulk.insert::<practitioner::Entity>(rows.people).await?;
        bulk.insert::<appointment::Entity>(rows.posts).await
    }

    fn authority(&self, (code, name, profile): (&str, &str, Profile), place: u32, rows: &mut Rows) {
        let id = LocalAuthorityId(fixed(1, place));
        rows.authorities.push(local_authority::Model { id, code: code.into(), name: name.into(), profile });
        rows.feeds.push(feed::Model { local_authority_id: id, position: 0 });
        let team = TeamId(fixed(5, place));
        rows.teams.push(team::Model { id: team, agency_id: agency_id(place, 0), name: "Safeguarding team".into() });
        for ((kind, _), n) in AGENCIES.iter().zip(0_u32..) {
            let named = (*kind == Kind::Police && place == 3 && n == 1) || n == 11;
            rows.agencies.push(agency::Model {
                id: agency_id(place, n),
                local_authority_id: id,
                name: agency_name(place, n),
                kind: *kind,
                scope_mode: if named { ScopeMode::Named } else { ScopeMode::Agency },
                safeguarding_email: format!("safeguarding.{place}.{n}@agency.example"),
                active: true,
            });
            if let Some(lead) = LEADS.get(n as usize).filter(|name| !name.is_empty()) {
                let post = if *kind == Kind::Education { Post::SafeguardingLead } else { Post::Practitioner };
                self.person(rows, lead_id(place, n), lead, "Safeguarding lead", agency_id(place, n), None, post);
            }
        }
        for ((post, name, designation), n) in SOCIAL_CARE.iter().zip(0_u32..) {
            let team = matches!(post, Post::SocialWorker | Post::TeamManager).then_some(team);
            self.person(rows, social_care_id(place, n), name, designation, agency_id(place, 0), team, *post);
        }
        let system = PractitionerId(fixed(4, SYSTEM + place));
        let health = agency_id(place, 2);
        self.person(rows, system, "Community Health Record", "Record system", health, None, Post::AgencySystem);
    }

    #[expect(clippy::too_many_arguments, reason = "a row of a table, written once")]
    fn person(
        &self,
        rows: &mut Rows,
        id: PractitionerId,
        name: &str,
        designation: &str,
        agency_id: AgencyId,
        team_id: Option<TeamId>,
        post: Post,
    ) {
        rows.people.push(practitioner::Model {
            id,
            full_name: name.into(),
            designation: designation.into(),
            active: true,
        });
        rows.posts.push(appointment::Model {
            id: AppointmentId(fixed(6, u32::try_from(rows.posts.len()).unwrap_or(0))),
            practitioner_id: id,
            agency_id,
            team_id,
            post,
            starts_at: self.now - Duration::days(1000),
            ends_at: None,
        });
    }
}

#[derive(Default)]
struct Rows {
    authorities: Vec<local_authority::Model>,
    feeds: Vec<feed::Model>,
    agencies: Vec<agency::Model>,
    teams: Vec<team::Model>,
    people: Vec<practitioner::Model>,
    posts: Vec<appointment::Model>,
}

/// The personas, all of the first authority.
pub fn personas() -> Vec<Persona> {
    const ALL: &str = "read submit subscribe analytics";
    let social_care = [
        ("social_worker", 0, ALL),
        ("team_manager", 1, ALL),
        ("service_manager", 2, ALL),
        ("chair", 3, ALL),
        ("minute_taker", 4, ALL),
        ("system_admin", 5, "read subscribe"),
        ("auditor", 6, "read analytics audit"),
    ];
    let partners = [
        ("police", 1),
        ("health_visitor", 2),
        ("school_dsl", 3),
        ("early_help", 4),
        ("housing", 5),
        ("police_elsewhere", 6),
        ("health_elsewhere", 7),
        ("school_elsewhere", 8),
    ];
    let of_social_care = social_care.into_iter().filter_map(|(key, n, scope)| {
        let (post, name, _) = SOCIAL_CARE.get(n as usize)?;
        Some(persona(key, name, social_care_id(0, n), 0, *post, scope))
    });
    let of_partners = partners.into_iter().filter_map(|(key, n)| {
        let (kind, _) = AGENCIES.get(n as usize)?;
        let post = if *kind == Kind::Education { Post::SafeguardingLead } else { Post::Practitioner };
        Some(persona(key, LEADS.get(n as usize)?, lead_id(0, n), n, post, ALL))
    });
    let system = PractitionerId(fixed(4, SYSTEM));
    let machine = persona("agency_system", "Community Health Record", system, 2, Post::AgencySystem, "submit");
    of_social_care.chain(of_partners).chain([machine]).collect()
}

fn persona(key: &'static str, name: &str, who: PractitionerId, n: u32, post: Post, scope: &'static str) -> Persona {
    Persona {
        key,
        name: name.into(),
        agency: agency_name(0, n),
        practitioner: who,
        agency_id: agency_id(0, n),
        post,
        scope,
    }
}
