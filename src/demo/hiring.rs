//! Fills the authorities with agencies and professionals: those every demo has, and more for more children.

use chrono::{DateTime, Utc};
use entity::agency::{Kind, ScopeMode};
use entity::appointment::Post;
use entity::id::{AgencyId, AppointmentId, DesignationId, LocalAuthorityId, PractitionerId, TeamId};
use entity::local_authority::Profile;
use entity::{agency, appointment, designation, local_authority, practitioner, team};

use super::ids::fixed;
use super::names;
use super::rows::Rows;
use super::staff::{
    AGENCIES, HOSPITALS, LADO, LEADS, OFFICER, PRIVACY_OFFICER, Partner, Place, SOCIAL_CARE, SYSTEM, agency_id,
    agency_name, habits, lead_id, social_care_id,
};

/// Members of a social work team.
const TEAM_SIZE: usize = 8;

/// The agencies a demo of `children` an authority has beyond the listed ones.
fn more(children: usize) -> Vec<(Kind, String)> {
    const SCHOOLS: [&str; 6] = ["Primary School", "Academy", "High School", "Nursery", "Infants", "Junior School"];
    let several: [(Kind, usize, &[&str]); 6] = [
        (Kind::Education, (children / 8).min(60).max(children / 40), &SCHOOLS),
        (Kind::Health, (children / 25).min(20).max(children / 200), &["Medical Centre", "Surgery", "Health Visiting"]),
        (Kind::EarlyHelp, children / 600, &["Family Hub"]),
        (Kind::Housing, children / 900, &["Housing Trust", "Homes"]),
        (Kind::Voluntary, children / 500, &["Youth Project", "Women's Aid", "Young Carers"]),
        (Kind::Probation, children / 4000, &["Probation Office"]),
    ];
    several.iter().flat_map(|(kind, n, words)| (0..*n).map(|i| (*kind, names::place(i, words)))).collect()
}

/// Makes the rows of people and places.
pub struct Hiring {
    rows: Rows,
    since: DateTime<Utc>,
    /// How many beyond the listed ones.
    hired: u32,
}

impl Hiring {
    /// Nobody yet; all posts begin at `since`.
    pub fn since(since: DateTime<Utc>) -> Self {
        Self { rows: Rows::default(), since, hired: 0 }
    }

    /// What was made.
    pub fn into_rows(self) -> Rows {
        self.rows
    }

    /// The people and places of one authority of about `each` children.
    pub fn authority(&mut self, (code, name, profile): (&'static str, &str, Profile), n: u32, each: usize) -> Place {
        let authority = LocalAuthorityId(fixed(1, n));
        self.rows.authorities.push(local_authority::Model {
            id: authority,
            code: code.into(),
            name: name.into(),
            profile,
        });
        let mut place = Place {
            authority,
            profile,
            code,
            agencies: vec![],
            workers: vec![],
            managers: vec![],
            chairs: vec![],
            minute_takers: vec![],
            by_kind: vec![],
        };
        for ((kind, _), i) in AGENCIES.iter().zip(0_u32..) {
            self.agency(&mut place, n, agency_id(n, i), *kind, agency_name(n, i), LEADS.get(i as usize).copied());
        }
        for (kind, called) in more(each) {
            let id = AgencyId(fixed(8, n << 20 | u32::try_from(place.agencies.len()).unwrap_or(0)));
            self.agency(&mut place, n, id, kind, format!("{name} {called}"), None);
        }
        self.grow(&mut place, each);
        self.social_care(&mut place, n, each);
        let system = PractitionerId(fixed(4, SYSTEM + n));
        self.person(system, "Community Health Record", "Record system", agency_id(n, 2), None, Post::AgencySystem);
        let (post, name, designation) = PRIVACY_OFFICER;
        self.person(PractitionerId(fixed(4, OFFICER + n)), name, designation, agency_id(n, 1), None, post);
        self.duties(n);
        for (i, partner) in place.agencies.iter().enumerate() {
            match place.by_kind.iter_mut().find(|(kind, _)| *kind == partner.kind) {
                Some((_, list)) => list.push(i),
                None => place.by_kind.push((partner.kind, vec![i])),
            }
        }
        place
    }

    /// The duties beside the posts. The service manager is the privacy officer of all agencies but the police, who have
    /// their own.
    fn duties(&mut self, n: u32) {
        use entity::designation::Kind;
        let duties = [
            (Kind::PrivacyOfficer, social_care_id(n, 2), 0),
            (Kind::Lado, social_care_id(n, LADO), 0),
            (Kind::PrivacyOfficer, PractitionerId(fixed(4, OFFICER + n)), 1),
            (Kind::CaldicottGuardian, lead_id(n, 7), 7),
            (Kind::LegalAdviser, lead_id(n, 14), 14),
        ];
        for ((kind, practitioner_id, agency), i) in duties.into_iter().zip(0..) {
            self.rows.designations.push(designation::Model {
                id: DesignationId(fixed(10, n * 100 + i)),
                practitioner_id,
                agency_id: agency_id(n, agency),
                kind,
                starts_at: self.since,
                ends_at: None,
            });
        }
    }

    fn agency(&mut self, place: &mut Place, n: u32, id: AgencyId, kind: Kind, name: String, lead: Option<&str>) {
        let i = place.agencies.len();
        let named = (n == 3 && i == 1) || i == 11;
        self.rows.agencies.push(agency::Model {
            id,
            local_authority_id: place.authority,
            name,
            kind,
            scope_mode: if named { ScopeMode::Named } else { ScopeMode::Agency },
            safeguarding_email: format!("safeguarding.{n}.{i}@agency.example"),
            active: true,
        });
        let mut people = Vec::new();
        let post = if kind == Kind::Education { Post::SafeguardingLead } else { Post::Practitioner };
        match lead {
            Some("") => {}
            Some(lead) => {
                let who = lead_id(n, u32::try_from(i).unwrap_or(0));
                self.person(who, lead, "Safeguarding lead", id, None, post);
                people.push(who);
            }
            None => people.push(self.hire(id, "Safeguarding lead", None, post)),
        }
        place.agencies.push(Partner { id, kind, people, habits: habits(n as usize, i, kind) });
    }

    /// Professionals beyond the lead, for the agencies that every family meets.
    fn grow(&mut self, place: &mut Place, each: usize) {
        for (i, a_head) in [(1, 60), (2, 40), (4, 150), (HOSPITALS, 120), (11, 200)] {
            let Some(partner) = place.agencies.get_mut(i) else { continue };
            let designation = match partner.kind {
                Kind::Police => "Detective constable",
                Kind::Health => "Health visitor",
                _ => "Family worker",
            };
            for _ in 0..each / a_head {
                let who = self.hire(partner.id, designation, None, Post::Practitioner);
                partner.people.push(who);
            }
        }
    }

    /// Social care: the listed people, and about one social worker for twenty children.
    fn social_care(&mut self, place: &mut Place, n: u32, each: usize) {
        let csc = agency_id(n, 0);
        let workers = (each / 20).max(3);
        let teams: Vec<TeamId> = (0..workers.div_ceil(TEAM_SIZE)).map(|t| self.team(csc, n, t)).collect();
        let Some(first) = teams.first().copied() else { return };
        for ((post, name, designation), i) in SOCIAL_CARE.iter().zip(0_u32..) {
            let who = social_care_id(n, i);
            let team = matches!(post, Post::SocialWorker | Post::TeamManager).then_some(first);
            self.person(who, name, designation, csc, team, *post);
            match post {
                Post::SocialWorker => place.workers.push((who, first)),
                Post::TeamManager => place.managers.push(who),
                Post::Chair => place.chairs.push(who),
                Post::MinuteTaker => place.minute_takers.push(who),
                _ => {}
            }
        }
        for i in place.workers.len()..workers {
            let team = teams.get(i / TEAM_SIZE).copied().unwrap_or(first);
            place.workers.push((self.hire(csc, "Social worker", Some(team), Post::SocialWorker), team));
        }
        for team in teams.iter().skip(1) {
            place.managers.push(self.hire(csc, "Team manager", Some(*team), Post::TeamManager));
        }
        for _ in 2..each / 70 {
            place.chairs.push(self.hire(csc, "Conference chair", None, Post::Chair));
        }
        for _ in 1..each / 150 {
            place.minute_takers.push(self.hire(csc, "Minute taker", None, Post::MinuteTaker));
        }
    }

    fn team(&mut self, csc: AgencyId, place: u32, n: usize) -> TeamId {
        let id = TeamId(if n == 0 { fixed(5, place) } else { fixed(9, place << 20 | u32::try_from(n).unwrap_or(0)) });
        let name = if n == 0 {
            "Safeguarding team".into()
        } else {
            format!("{} team", names::place(n - 1, &["safeguarding"]))
        };
        self.rows.teams.push(team::Model { id, agency_id: csc, name });
        id
    }

    fn hire(&mut self, agency: AgencyId, designation: &str, team: Option<TeamId>, post: Post) -> PractitionerId {
        let id = PractitionerId(fixed(7, self.hired));
        let name = names::professional(self.hired as usize, post == Post::SafeguardingLead);
        self.hired += 1;
        self.person(id, &name, designation, agency, team, post);
        id
    }

    fn person(
        &mut self,
        id: PractitionerId,
        name: &str,
        designation: &str,
        agency_id: AgencyId,
        team_id: Option<TeamId>,
        post: Post,
    ) {
        self.rows.practitioners.push(practitioner::Model {
            id,
            full_name: name.into(),
            designation: designation.into(),
            active: true,
        });
        self.rows.appointments.push(appointment::Model {
            id: AppointmentId(fixed(6, u32::try_from(self.rows.appointments.len()).unwrap_or(0))),
            practitioner_id: id,
            agency_id,
            team_id,
            post,
            starts_at: self.since,
            ends_at: None,
        });
    }
}
