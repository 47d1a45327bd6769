//! Authorities, agencies, teams and professionals of the demo.

use chrono::{DateTime, Duration, Utc};
use entity::agency::Kind;
use entity::appointment::Post;
use entity::id::{AgencyId, LocalAuthorityId, PractitionerId, TeamId};
use entity::local_authority::Profile;
use rand::Rng;

use super::Persona;
use super::hiring::Hiring;
use super::ids::fixed;
use super::rows::Rows;

pub(super) const AUTHORITIES: [(&str, &str, Profile); 4] = [
    ("937", "Warwickshire", Profile::Warwickshire),
    ("330", "Birmingham", Profile::Birmingham),
    ("801", "Bristol", Profile::Bristol),
    ("888", "Lancashire", Profile::Lancashire),
];

/// The agencies of each authority; the first of a kind are those of the first family.
pub(super) const AGENCIES: [(Kind, &str); 17] = [
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
pub(super) const SOCIAL_CARE: [(Post, &str, &str); 10] = [
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

/// The one of these who looks into allegations against professionals.
pub(super) const LADO: u32 = 7;

pub(super) const LEADS: [&str; 17] = [
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

/// How reliable an agency is: chances that an invitation, or a report asked, goes wrong.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// That nobody comes.
    pub absent: f64,
    /// That nobody writes either, where nobody comes.
    pub silent: f64,
    /// That no report arrives.
    pub unreported: f64,
    /// That a report that arrives is late.
    pub late: f64,
}

/// An agency, as families meet it.
#[derive(Clone, Debug)]
pub struct Partner {
    /// The agency.
    pub id: AgencyId,
    /// What it does.
    pub kind: Kind,
    /// Its professionals; the first is the lead.
    pub people: Vec<PractitionerId>,
    /// How reliable it is.
    pub habits: Habits,
}

/// One authority's people and places.
pub struct Place {
    /// The authority.
    pub authority: LocalAuthorityId,
    /// Which practice it goes by.
    pub profile: Profile,
    /// Its three digits.
    pub code: &'static str,
    /// Its agencies, social care first, then in the order of [`AGENCIES`], then the many of larger demos.
    pub agencies: Vec<Partner>,
    /// Social workers, with their team.
    pub workers: Vec<(PractitionerId, TeamId)>,
    /// The managers of the teams, in the order of the teams.
    pub managers: Vec<PractitionerId>,
    /// Conference chairs.
    pub chairs: Vec<PractitionerId>,
    /// Minute takers.
    pub minute_takers: Vec<PractitionerId>,
    /// Where the agencies of each kind stand in the list.
    pub by_kind: Vec<(Kind, Vec<usize>)>,
}

impl Place {
    /// Where the agencies of a kind stand in the list.
    pub fn of(&self, kind: Kind) -> &[usize] {
        self.by_kind.iter().find(|(k, _)| *k == kind).map_or(&[], |(_, list)| list)
    }

    /// One of the agencies of a kind; the two small ones of the list are met rarely.
    pub fn any(&self, rng: &mut impl Rng, kind: Kind) -> Option<usize> {
        let list = self.of(kind);
        let chosen = list.get(rng.random_range(0..list.len().max(1))).copied()?;
        let rare = matches!(chosen, TRANSPORT_POLICE | NURSERY) && !rng.random_bool(0.06);
        if rare { list.first().copied() } else { Some(chosen) }
    }
}

/// Everybody.
pub struct Staff {
    /// The authorities.
    pub places: Vec<Place>,
}

pub(super) fn agency_id(place: u32, n: u32) -> AgencyId {
    AgencyId(fixed(2, place * 100 + n))
}

pub(super) fn social_care_id(place: u32, n: u32) -> PractitionerId {
    PractitionerId(fixed(3, place * 100 + n))
}

pub(super) fn lead_id(place: u32, n: u32) -> PractitionerId {
    PractitionerId(fixed(4, place * 100 + n))
}

pub(super) fn agency_name(place: u32, n: u32) -> String {
    let authority = AUTHORITIES.iter().zip(0_u32..).find(|(_, i)| *i == place).map_or("", |((_, name, _), _)| name);
    let agency = AGENCIES.iter().zip(0_u32..).find(|(_, i)| *i == n).map_or("", |((_, name), _)| name);
    format!("{authority} {agency}")
}

/// Who answers for how the police use the record.
pub(super) const PRIVACY_OFFICER: (Post, &str, &str) = (Post::Practitioner, "Laura Keane", "Data protection officer");
pub(super) const OFFICER: u32 = 9100;

/// The system of the health trust.
pub(super) const SYSTEM: u32 = 9000;
pub(super) const HOSPITALS: usize = 7;
const TRANSPORT_POLICE: usize = 6;
const ACADEMY: usize = 8;
const FAMILY_ACTION: usize = 13;
const NURSERY: usize = 16;
/// Agencies with a real pattern of absence: a force, a trust, a school, a small charity, and one generated school in
/// nineteen. The nursery is met so rarely that no fair count can tell its absences from bad luck.
pub(super) fn habits(place: usize, n: usize, kind: Kind) -> Habits {
    let usual = Habits { absent: 0.09, silent: 0.4, unreported: 0.08, late: 0.14 };
    let pattern = Habits { absent: 0.42, silent: 0.7, unreported: 0.35, late: 0.3 };
    match (place, n, kind) {
        (_, 0, _) => Habits { absent: 0.01, silent: 0.2, unreported: 0.03, late: 0.12 },
        (1, 1, _) => Habits { absent: 0.28, silent: 0.3, unreported: 0.22, late: 0.2 },
        (_, HOSPITALS | ACADEMY | FAMILY_ACTION | NURSERY, _) => pattern,
        (_, 17.., Kind::Education) if n.is_multiple_of(19) => pattern,
        _ => usual,
    }
}

impl Staff {
    /// The people and places of a demo of about so many children, and their rows.
    pub fn new(children: u32, now: DateTime<Utc>) -> (Self, Rows) {
        let mut hiring = Hiring::since(now - Duration::days(1000));
        let each = children as usize / AUTHORITIES.len();
        let places = AUTHORITIES.iter().zip(0_u32..).map(|(place, n)| hiring.authority(*place, n, each)).collect();
        (Self { places }, hiring.into_rows())
    }
}

/// The personas, all of the first authority.
pub fn personas() -> Vec<Persona> {
    const ALL: &str = "read submit subscribe analytics";
    const DUTY: &str = "read submit subscribe analytics emergency";
    const ALLOCATED: &str = "read submit subscribe analytics export emergency";
    const CARE: &str = "read submit subscribe analytics export";
    let social_care = [
        ("social_worker", 0, ALLOCATED),
        ("team_manager", 1, CARE),
        ("service_manager", 2, CARE),
        ("chair", 3, CARE),
        ("minute_taker", 4, ALL),
        ("system_admin", 5, "read subscribe"),
        ("auditor", 6, "read analytics audit"),
    ];
    let partners = [
        ("police", 1, DUTY),
        ("health_visitor", 2, DUTY),
        ("school_dsl", 3, ALL),
        ("early_help", 4, ALL),
        ("housing", 5, ALL),
        ("police_elsewhere", 6, ALL),
        ("health_elsewhere", 7, ALL),
        ("school_elsewhere", 8, ALL),
    ];
    let of_social_care = social_care.into_iter().filter_map(|(key, n, scope)| {
        let (post, name, _) = SOCIAL_CARE.get(n as usize)?;
        Some(persona(key, name, social_care_id(0, n), 0, *post, scope))
    });
    let of_partners = partners.into_iter().filter_map(|(key, n, scope)| {
        let (kind, _) = AGENCIES.get(n as usize)?;
        let post = if *kind == Kind::Education { Post::SafeguardingLead } else { Post::Practitioner };
        Some(persona(key, LEADS.get(n as usize)?, lead_id(0, n), n, post, scope))
    });
    let system = PractitionerId(fixed(4, SYSTEM));
    let machine = persona("agency_system", "Community Health Record", system, 2, Post::AgencySystem, "submit");
    let (post, name, _) = PRIVACY_OFFICER;
    let officer = persona("privacy_officer", name, PractitionerId(fixed(4, OFFICER)), 1, post, ALL);
    let lado = SOCIAL_CARE
        .get(LADO as usize)
        .map(|(post, name, _)| persona("lado", name, social_care_id(0, LADO), 0, *post, CARE));
    of_social_care.chain(of_partners).chain([machine, officer]).chain(lado).collect()
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
        // whoever may use emergency access signs in with a second factor
        acr: scope.contains("emergency").then_some("mfa"),
    }
}
