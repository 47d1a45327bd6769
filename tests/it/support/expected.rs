//! Who may see what, as a person reads it in the access model: relationships first, then the cell of the role. Nothing
//! here asks `policy` or `store`: it is what the server's answers are held against.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use entity::agency::{Kind, ScopeMode};
use entity::category::Category;
use entity::conference_report::State;
use entity::entry::Audience;
use entity::household::AddressStatus;
use entity::id::{
    AgencyId, ChildId, ConferenceReportId, InvitationId, LocalAuthorityId, PractitionerId, StrategyMeetingId, TeamId,
};
use entity::involvement::Basis;
use quorate::practice::standards::Standards;
use quorate::practice::templates::Templates;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::App;
use super::contents::Beside;

/// The matrix of the document, row for row: social worker, team manager, service manager, chair, minute taker, police,
/// health, education, early help, other agency, administrator, auditor. Machine tokens submit and read nothing.
#[rustfmt::skip]
const MATRIX: [(&str, [&str; 12]); 11] = [
    ("identity",            ["W", "W", "F", "F", "F", "F", "F",   "F",   "F", "S", "–", "–"]),
    ("protected address",   ["W", "W", "L", "L", "–", "L", "L",   "L",   "–", "–", "–", "–"]),
    ("household",           ["W", "W", "F", "F", "F", "F", "F",   "S",   "S", "S", "–", "–"]),
    ("education",           ["F", "F", "F", "F", "R", "R", "R",   "O+R", "R", "–", "–", "–"]),
    ("health",              ["F", "F", "F", "F", "R", "R", "O+R", "S",   "S", "S", "–", "–"]),
    ("social care",         ["W", "W", "F", "F", "R", "R", "R",   "R",   "S", "S", "–", "–"]),
    ("family views",        ["W", "F", "F", "W", "R", "R", "R",   "R",   "R", "–", "–", "–"]),
    ("danger and safety",   ["W", "W", "F", "W", "F", "F", "F",   "F",   "F", "S", "–", "–"]),
    ("plan",                ["W", "W", "F", "W", "F", "F", "F",   "F",   "F", "O", "–", "–"]),
    ("legal",               ["F", "W", "W", "S", "–", "–", "–",   "–",   "–", "–", "–", "–"]),
    // the social worker's O is «own cases»: every case that is reached
    ("non-attendance",      ["F", "F", "F", "F", "S", "O", "O",   "O",   "O", "O", "–", "D"]),
];

/// What a column holds, by the document.
enum Holds {
    /// A category; true where the summary of it is enough.
    Cell(&'static str, bool),
    /// What the chair says of all the children: the plan, for other agencies that were invited.
    Summary,
    /// An address: protected or not, by its row.
    Address,
    /// A report: its category by who wrote it.
    Report,
    /// An answer to an item of practice: the category of its item.
    Item,
    /// What is read by who reads the row.
    Row,
    /// What of an allegation is not in the receipt of who referred it.
    Whole,
    /// What a report says to an item of its template: the item's category, else the report's.
    Answer,
    /// A row of a chronology: as the report, but for what tells where a child is whose address is protected.
    Told,
    /// What follows from non-attendance: full figures, or the own agency's.
    Followed,
    /// The same, frozen: of whom nothing is kept that it counts.
    Frozen,
    /// What never leaves.
    Nobody,
}

/// What the document says of a column.
fn holds(table: &str, column: &str) -> Holds {
    use Holds::{Address, Cell, Item, Nobody, Report, Row, Whole};
    match (table, column) {
        ("child", "given_name" | "family_name" | "born_on" | "expected_on" | "died_on") => Cell("identity", true),
        ("child", "name_key")
        | ("former_number", "number")
        | ("involvement" | "chair_delegation" | "transfer_share", "reason") => Nobody,
        ("child", "ethnicity" | "first_language" | "disabilities" | "communication_needs" | "nhs_number" | "upn")
        | ("transfer_share", "identity" | "contacts") => Cell("identity", false),
        ("child", "legal_status") => Cell("legal", false),
        ("conference", "summary") => Holds::Summary,
        // adults by name only where the cell is F
        ("person", "given_name" | "family_name" | "born_on") => Cell("household", false),
        ("membership", "relationship") => Cell("household", true),
        ("household", "address" | "postcode") => Address,
        ("invitation", "notice_working_days" | "reply" | "apologies_reason") => Cell("non-attendance", false),
        ("non_attendance_letter", "text" | "reason" | "reply")
        | ("escalation", "answer" | "outcome" | "outcome_text")
        | ("escalation_entry", "notice_working_days" | "contested_because") => Holds::Followed,
        ("escalation", "reason" | "figures" | "sha256") => Holds::Frozen,
        ("conference_report", "child_voice" | "family_views") => Cell("family views", false),
        (
            "conference_report",
            "involvement" | "worries" | "strengths" | "what_must_change" | "safety_score" | "recommendation" | "reason"
            | "withdrawn_because",
        )
        | ("attachment", "name") => Report,
        ("report_answer", "text" | "choice" | "number" | "day") => Holds::Answer,
        ("chronology_row", "text" | "source" | "response") => Holds::Told,
        ("plan" | "plan_version", "danger_statement" | "safety_statement") | ("transfer_share", "statements") => {
            Cell("danger and safety", false)
        }
        ("plan" | "plan_version", "category_initial" | "category_latest" | "visit_every_days")
        | ("core_group_meeting", "progress")
        | ("conference_child", "outcome" | "abuse_category" | "participation")
        | ("deadline", "lapsed_because")
        | ("transfer_share", "plan") => Cell("plan", false),
        ("plan_action", "description")
        | ("conference", "venue")
        | ("restricted_item" | "allegation", "text")
        | ("emergency_access", "explanation" | "review_note")
        | ("strategy_meeting", "reason" | "outcome_summary")
        | ("strategy_meeting_child", "decision")
        | ("conflict", "reason")
        | ("child", "local_reference")
        | ("agency_reference", "reference")
        | ("deadline", "rule" | "skipped")
        | ("conference_report", "receipt" | "template")
        | ("report_answer", "item")
        | ("attachment", "sha256") => Row,
        ("entry", "choice" | "number" | "at" | "text" | "timescale" | "reason_not") => Item,
        ("enquiry", "outcome") | ("episode", "source" | "need" | "closed_because") => Cell("social care", false),
        ("allegation", "outcome") => Whole,
        _ => panic!("{table}.{column} is confidential: say here what the access model says of it"),
    }
}

/// The category of an item, as the list of items says.
fn category_of(item: &str) -> Category {
    static STANDARDS: OnceLock<Standards> = OnceLock::new();
    let standards = STANDARDS.get_or_init(|| Standards::embedded().unwrap());
    standards.items().get(item).unwrap_or_else(|| panic!("{item} is no item")).category
}

/// The category of an item of a template of reports that has one of its own, as the list of templates says.
fn category_of_answer(item: &str) -> Option<&'static str> {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    let templates = TEMPLATES.get_or_init(|| Templates::embedded().unwrap());
    let codes = [
        "GENERAL",
        "POLICE",
        "HEALTH_VISITOR",
        "SCHOOL",
        "GP",
        "MENTAL_HEALTH",
        "HOUSING",
        "PROBATION",
        "EARLY_HELP",
        "SOCIAL_WORK",
    ];
    let asked = codes.iter().find_map(|code| templates.newest(code)?.item(item).cloned());
    match asked.unwrap_or_else(|| panic!("{item} is asked by no template")).category? {
        Category::Health => Some("health"),
        Category::FamilyViews => Some("family views"),
        Category::SocialCareAssessment => Some("social care"),
        other => panic!("{other:?} is no category of an answer: say here which"),
    }
}

macro_rules! facts {
    ($($table:ident),+ $(,)?) => {
        /// All rows that bear on access, read past the server.
        pub struct Facts { pub now: DateTime<Utc>, $(pub $table: Vec<entity::$table::Model>),+ }

        impl Facts {
            pub async fn read(db: &Beside, now: DateTime<Utc>) -> Self {
                Self { now, $($table: entity::$table::Entity::find().all(db).await.unwrap()),+ }
            }

            /// The table of every row, by id.
            pub fn tables(&self) -> HashMap<Uuid, &'static str> {
                let mut all = HashMap::new();
                $(all.extend(self.$table.iter().map(|row| (row.id.0, stringify!($table))));)+
                all
            }
        }
    };
}

facts! {
    local_authority, agency, practitioner, child, person, household, membership, involvement, conflict, strategy_meeting,
    strategy_meeting_child, conference, conference_child, invitation, report_request, conference_report, plan,
    plan_version, plan_action, core_group, core_group_member, core_group_meeting, event, restricted_item, reader_listing,
    designation, emergency_access, notice, chair_delegation, allegation,
    transfer_share, agency_reference, deadline, enquiry, episode, assessment, entry, finished_step, document_issue, document_copy,
    report_answer, chronology_row, family_copy, attachment, non_attendance_letter, escalation, escalation_entry,
}

/// Whose relationships count for somebody.
enum Reach {
    Name,
    Team(Option<TeamId>),
    Agency,
    Table,
    Nobody,
}

/// What one persona may see.
pub struct Eyes<'f> {
    pub(super) facts: &'f Facts,
    pub(super) who: PractitionerId,
    pub(super) agency: AgencyId,
    pub(super) authority: LocalAuthorityId,
    pub(super) team: Option<TeamId>,
    /// The place of the role in the matrix; none for a machine.
    pub(super) role: Option<usize>,
    reach: Reach,
    /// Children with whom a relationship is in force, and those with whom one ever was.
    pub(super) children: BTreeSet<ChildId>,
    pub(super) ever: BTreeSet<ChildId>,
    /// Children that a conflict of interest closes.
    pub(super) closed: BTreeSet<ChildId>,
    circulated: BTreeSet<Uuid>,
    seen: BTreeMap<&'static str, BTreeSet<Uuid>>,
}

const RECORD: [usize; 3] = [0, 1, 2];
const TABLE: [usize; 2] = [3, 4];
const PARTNERS: std::ops::Range<usize> = 5..10;

fn role(post: &str, kind: Kind) -> Option<usize> {
    Some(match (post, kind) {
        ("SOCIAL_WORKER", _) => 0,
        ("TEAM_MANAGER", _) => 1,
        ("SERVICE_MANAGER", _) => 2,
        ("CHAIR", _) => 3,
        ("MINUTE_TAKER", _) => 4,
        ("SYSTEM_ADMIN", _) => 10,
        ("AUDITOR", _) => 11,
        ("AGENCY_SYSTEM", _) => return None,
        (_, Kind::Police) => 5,
        (_, Kind::Health) => 6,
        (_, Kind::Education) => 7,
        (_, Kind::EarlyHelp) => 8,
        _ => 9,
    })
}

impl<'f> Eyes<'f> {
    /// The eyes of a persona.
    pub async fn of(app: &App, db: &Beside, facts: &'f Facts, persona: &str) -> Self {
        let claims = app.claims(persona);
        let (who, agency) = (PractitionerId(claims.sub), AgencyId(claims.agency_id));
        let place = facts.agency.iter().find(|a| a.id == agency).unwrap();
        let role = role(&claims.roles[0], place.kind);
        let posts = entity::appointment::Entity::find().all(db).await.unwrap();
        let team = posts.iter().find(|p| p.practitioner_id == who && p.agency_id == agency).unwrap().team_id;
        let desk = claims.roles[0] == "SAFEGUARDING_LEAD";
        let reach = match role {
            Some(0) => Reach::Name,
            Some(1) => Reach::Team(team),
            Some(3 | 4) => Reach::Table,
            Some(5..=9) if place.scope_mode == ScopeMode::Named && !desk => Reach::Name,
            Some(2 | 5..=9) => Reach::Agency,
            _ => Reach::Nobody,
        };
        let closed = facts.conflict.iter().filter(|c| c.practitioner_id == who);
        let closed = closed.filter(|c| c.starts_at <= facts.now && c.ends_at.is_none_or(|end| end > facts.now));
        let copies = entity::circulation::Entity::find().all(db).await.unwrap();
        let copies = copies.iter().filter(|c| c.agency_id == agency && c.withdrawn_at.is_none());
        let mut eyes = Self {
            facts,
            who,
            agency,
            authority: place.local_authority_id,
            team,
            role,
            reach,
            children: BTreeSet::new(),
            ever: BTreeSet::new(),
            closed: closed.map(|c| c.child_id).collect(),
            circulated: copies.map(|c| c.conference_report_id.0).collect(),
            seen: BTreeMap::new(),
        };
        eyes.relate();
        eyes.look();
        eyes
    }

    pub(super) fn mine(&self, r: &entity::involvement::Model) -> bool {
        match self.reach {
            Reach::Name => r.practitioner_id == Some(self.who) && r.agency_id == self.agency,
            Reach::Team(team) => team.is_some() && r.team_id == team,
            Reach::Agency => r.agency_id == self.agency,
            Reach::Table => {
                r.practitioner_id == Some(self.who)
                    && r.agency_id == self.agency
                    && matches!(r.basis, Basis::Chair | Basis::MinuteTaker)
            }
            Reach::Nobody => false,
        }
    }

    fn holds(&self, r: &entity::involvement::Model) -> bool {
        r.starts_at <= self.facts.now && r.ends_at.is_none_or(|end| end > self.facts.now)
    }

    fn relate(&mut self) {
        let begun = |r: &&entity::involvement::Model| {
            self.mine(r) && r.starts_at <= self.facts.now && !self.closed.contains(&r.child_id)
        };
        let mine: Vec<_> = self.facts.involvement.iter().filter(begun).collect();
        let ever = mine.iter().map(|r| r.child_id).collect();
        let children = mine.iter().filter(|r| self.holds(r)).map(|r| r.child_id).collect();
        (self.ever, self.children) = (ever, children);
    }

    pub(super) fn whole_agency(&self) -> bool {
        matches!(self.reach, Reach::Agency)
    }

    fn is(&self, roles: &[usize]) -> bool {
        self.role.is_some_and(|role| roles.contains(&role))
    }

    fn is_partner(&self) -> bool {
        self.role.is_some_and(|role| PARTNERS.contains(&role))
    }

    pub(super) fn set(&mut self, table: &'static str, rows: impl IntoIterator<Item = Uuid>) {
        self.seen.insert(table, rows.into_iter().collect());
    }

    /// True if the row may be seen.
    pub fn sees(&self, table: &str, id: Uuid) -> bool {
        self.seen.get(table).unwrap_or_else(|| panic!("{table} is not looked at")).contains(&id)
    }

    fn maybe(&self, table: &str, id: Option<Uuid>) -> bool {
        id.is_none_or(|id| self.sees(table, id))
    }

    /// The rows of all tables that may be seen, in an order in which one builds on another.
    fn look(&mut self) {
        let facts = self.facts;
        let reads = self.role.is_some();
        self.set("local_authority", facts.local_authority.iter().filter(|_| reads).map(|r| r.id.0));
        self.set("agency", facts.agency.iter().filter(|_| reads).map(|r| r.id.0));
        self.set("practitioner", facts.practitioner.iter().filter(|_| reads).map(|r| r.id.0));
        let children: Vec<_> = self.children.iter().map(|c| c.0).collect();
        self.set("child", children);
        self.look_at_meetings();
        self.look_at_home();
        self.look_at_reports();
        self.look_at_plans();
        self.look_at_invitations();
        let reaches = |c: ChildId| self.children.contains(&c);
        // a relationship that a meeting gave tells of the meeting
        let relations = facts.involvement.iter().filter(|r| {
            reaches(r.child_id)
                && self.maybe("conference", r.conference_id.map(|id| id.0))
                && self.maybe("strategy_meeting", r.strategy_meeting_id.map(|id| id.0))
                && (r.basis != Basis::BreakGlass || self.is(&RECORD))
                && !self.would_locate(r.agency_id, &[r.child_id])
        });
        let relations: Vec<_> = relations.map(|r| r.id.0).collect();
        self.set("involvement", relations);
        let conflicts = facts.conflict.iter().filter(|r| {
            let allegation = r.kind == entity::conflict::Kind::AllegationSubject;
            self.is(&RECORD)
                && self.children.contains(&r.child_id)
                && r.practitioner_id != self.who
                && (!allegation || self.is(&[2]) || r.recorded_by == self.who)
                && self.reads_of(r.allegation_id)
        });
        let conflicts: Vec<_> = conflicts.map(|r| r.id.0).collect();
        self.set("conflict", conflicts);
        let named = facts.agency_reference.iter();
        let named = named.filter(|r| r.agency_id == self.agency && self.children.contains(&r.child_id));
        let named: Vec<_> = named.map(|r| r.id.0).collect();
        self.set("agency_reference", named);
        let items = self.items();
        self.set("restricted_item", items);
        let allegations = self.allegations();
        self.set("allegation", allegations);
        let entries = self.entries();
        self.set("reader_listing", entries);
        self.set("designation", facts.designation.iter().filter(|_| reads).map(|r| r.id.0));
        let (uses, notices) = (self.uses(), self.notices());
        // emergency access is told to those who have a notice of it
        let told = facts.notice.iter().filter(|n| notices.contains(&n.id.0));
        let told: BTreeSet<_> = told.filter_map(|n| n.emergency_access_id).collect();
        self.set("emergency_access", uses);
        self.set("notice", notices);
        // with all that it is about
        let due = facts.deadline.iter().filter(|d| {
            self.children.contains(&d.child_id)
                && self.maybe("strategy_meeting", d.strategy_meeting_id.map(|id| id.0))
                && self.maybe("conference", d.conference_id.map(|id| id.0))
                && self.maybe("report_request", d.report_request_id.map(|id| id.0))
        });
        let due: Vec<_> = due.map(|d| d.id.0).collect();
        self.set("deadline", due);
        self.look_at_records();
        self.look_at_follow_up();
        let answered = |id: Option<InvitationId>| {
            let own = |i: &&entity::invitation::Model| Some(i.id) == id && i.agency_id == self.agency;
            id.is_none() || self.opens("non-attendance", false, false) || facts.invitation.iter().any(|i| own(&i))
        };
        let events = facts.event.iter().filter(|e| {
            e.local_authority_id == self.authority
                && reads
                && self.maybe("strategy_meeting", e.strategy_meeting_id.map(|id| id.0))
                && self.maybe("conference", e.conference_id.map(|id| id.0))
                && self.maybe("invitation", e.invitation_id.map(|id| id.0))
                && self.maybe("conference_report", e.conference_report_id.map(|id| id.0))
                && self.maybe("core_group", e.core_group_id.map(|id| id.0))
                && self.maybe("deadline", e.deadline_id.map(|id| id.0))
                && self.maybe("enquiry", e.enquiry_id.map(|id| id.0))
                && self.maybe("episode", e.episode_id.map(|id| id.0))
                && match e.audience {
                    None => true,
                    Some(Audience::Meeting) => self.is(&RECORD) || self.is(&TABLE) || self.is_partner(),
                    Some(Audience::Chair) => self.is(&RECORD) || self.is(&TABLE),
                    Some(Audience::SocialCare) => self.is(&RECORD),
                }
                && self.maybe("plan", e.plan_id.map(|id| id.0))
                && self.maybe("escalation", e.escalation_id.map(|id| id.0))
                && self.maybe("attachment", e.attachment_id.map(|id| id.0))
                && e.agency_id.is_none_or(|id| id == self.agency)
                && self.maybe("child", e.child_id.map(|id| id.0))
                && self.maybe("involvement", e.involvement_id.map(|id| id.0))
                && self.maybe("conflict", e.conflict_id.map(|id| id.0))
                && self.maybe("restricted_item", e.restricted_item_id.map(|id| id.0))
                && self.maybe("reader_listing", e.reader_listing_id.map(|id| id.0))
                && self.maybe("designation", e.designation_id.map(|id| id.0))
                && e.emergency_access_id.is_none_or(|id| told.contains(&id))
                && answered(e.invitation_id)
                && self.is_told_of(e)
        });
        let events: Vec<_> = events.map(|e| e.id.0).collect();
        self.set("event", events);
    }

    /// Whether a strategy meeting asked this reader about a child.
    fn asked_for(&self, meeting: StrategyMeetingId, child: ChildId) -> bool {
        self.facts.involvement.iter().any(|r| {
            r.strategy_meeting_id == Some(meeting)
                && self.mine(r)
                && r.starts_at <= self.facts.now
                && r.child_id == child
        })
    }

    /// What stands on records: with the record, for readers like them.
    fn look_at_records(&mut self) {
        let facts = self.facts;
        let enquiries = facts.enquiry.iter().filter(|e| {
            let meeting = facts.strategy_meeting.iter().find(|m| m.id == e.strategy_meeting_id);
            let of_family = meeting.is_none_or(|m| m.allegation_id.is_none());
            let seen = self.sees("strategy_meeting", e.strategy_meeting_id.0);
            self.children.contains(&e.child_id)
                && ((self.is(&RECORD) && seen)
                    || (self.is(&TABLE) && of_family)
                    || (self.is_partner() && seen && self.asked_for(e.strategy_meeting_id, e.child_id)))
        });
        let enquiries: Vec<_> = enquiries.map(|e| e.id.0).collect();
        self.set("enquiry", enquiries);
        // a case is social care's own
        let holds = self.is(&RECORD) || self.is(&TABLE);
        let episodes = facts.episode.iter().filter(|e| holds && self.children.contains(&e.child_id));
        let episodes: Vec<_> = episodes.map(|e| e.id.0).collect();
        self.set("episode", episodes);
        let assessments = facts.assessment.iter().filter(|a| self.sees("episode", a.episode_id.0));
        let assessments: Vec<_> = assessments.map(|a| a.id.0).collect();
        self.set("assessment", assessments);
        macro_rules! on_seen {
            ($row:ident) => {
                self.maybe("strategy_meeting", $row.strategy_meeting_id.map(|id| id.0))
                    && self.maybe("enquiry", $row.enquiry_id.map(|id| id.0))
                    && self.maybe("conference", $row.conference_id.map(|id| id.0))
                    && self.maybe("core_group_meeting", $row.core_group_meeting_id.map(|id| id.0))
                    && self.maybe("plan", $row.plan_id.map(|id| id.0))
            };
        }
        let entries = facts.entry.iter().filter(|e| {
            let audience = match e.audience {
                Audience::Meeting => self.is(&RECORD) || self.is(&TABLE) || self.is_partner(),
                Audience::Chair => self.is(&RECORD) || self.is(&TABLE),
                Audience::SocialCare => self.is(&RECORD),
            };
            let child = e.child_id.is_none_or(|child| {
                let told = e.strategy_meeting_id.is_none_or(|m| self.is(&RECORD) || self.asked_for(m, child));
                self.children.contains(&child) && told
            });
            let of_conference = facts.conference_child.iter().filter(|c| Some(c.conference_id) == e.conference_id);
            let of_meeting = facts.strategy_meeting_child.iter();
            let of_meeting = of_meeting.filter(|c| Some(c.strategy_meeting_id) == e.strategy_meeting_id);
            let of_group = facts.core_group_meeting.iter().filter(|m| Some(m.id) == e.core_group_meeting_id);
            let of_plan = facts.plan.iter().filter(|p| Some(p.id) == e.plan_id);
            let about: Vec<_> = of_conference
                .map(|c| c.child_id)
                .chain(of_meeting.map(|c| c.child_id))
                .chain(of_group.map(|m| m.child_id))
                .chain(of_plan.map(|p| p.child_id))
                .chain(e.child_id)
                .collect();
            let hidden = |agency| !self.is(&TABLE) && self.would_locate(agency, &about);
            audience
                && child
                && on_seen!(e)
                && self.maybe("person", e.person_id.map(|id| id.0))
                && !e.agency_id.is_some_and(hidden)
        });
        let entries: Vec<_> = entries.map(|e| e.id.0).collect();
        let steps: Vec<_> = facts.finished_step.iter().filter(|s| on_seen!(s)).map(|s| s.id.0).collect();
        let issues: Vec<_> = facts.document_issue.iter().filter(|d| on_seen!(d)).map(|d| d.id.0).collect();
        let copies = facts.document_copy.iter().filter(|c| {
            let sends = self.is(&TABLE) || self.is(&[0, 1]);
            issues.contains(&c.document_issue_id.0) && (sends || c.agency_id == Some(self.agency))
        });
        let copies: Vec<_> = copies.map(|c| c.id.0).collect();
        self.set("entry", entries);
        self.set("finished_step", steps);
        self.set("document_issue", issues);
        self.set("document_copy", copies);
    }

    /// Meetings close as a whole: what is said of one child is said of the others.
    fn look_at_meetings(&mut self) {
        let facts = self.facts;
        let mut meetings = Vec::new();
        let mut entries = Vec::new();
        for m in &facts.strategy_meeting {
            let about = facts.strategy_meeting_child.iter().filter(|c| c.strategy_meeting_id == m.id);
            let about: Vec<_> = about.collect();
            if about.iter().any(|c| self.closed.contains(&c.child_id)) || self.is_kept_from(m) {
                continue;
            }
            let asked = |child: Option<ChildId>| {
                facts.involvement.iter().any(|r| {
                    r.strategy_meeting_id == Some(m.id)
                        && self.mine(r)
                        && r.starts_at <= facts.now
                        && child.is_none_or(|child| r.child_id == child)
                })
            };
            let of_record = |child: ChildId| self.is(&RECORD) && self.children.contains(&child);
            let as_lado = self.is_lado() && m.allegation_id.is_some() && self.reads_of(m.allegation_id);
            if as_lado || about.iter().any(|c| of_record(c.child_id)) || (!self.is(&RECORD) && asked(None)) {
                meetings.push(m.id.0);
                let open = |c: ChildId| of_record(c) || (!self.is(&RECORD) && asked(Some(c)));
                entries.extend(about.iter().filter(|c| open(c.child_id)).map(|c| c.id.0));
            }
        }
        let mut conferences = Vec::new();
        let mut of_conferences = Vec::new();
        for c in &facts.conference {
            let about: Vec<_> = facts.conference_child.iter().filter(|e| e.conference_id == c.id).collect();
            if about.iter().any(|e| self.closed.contains(&e.child_id)) {
                continue;
            }
            // once assigned is assigned
            let begun = |r: &&entity::involvement::Model| r.conference_id == Some(c.id) && r.starts_at <= facts.now;
            let assigned = || facts.involvement.iter().filter(begun).any(|r| self.mine(r));
            let works = about.iter().any(|e| self.children.contains(&e.child_id));
            if works && (!self.is(&TABLE) || assigned()) {
                conferences.push(c.id.0);
                of_conferences.extend(about.iter().filter(|e| self.children.contains(&e.child_id)).map(|e| e.id.0));
            }
        }
        self.set("strategy_meeting", meetings);
        self.set("strategy_meeting_child", entries);
        self.set("conference", conferences);
        self.set("conference_child", of_conferences);
        let shares = facts.transfer_share.iter().filter(|s| {
            let receives = s.to_agency_id == self.agency && s.withdrawn_at.is_none();
            let receives = receives && (self.is(&[1, 2]) || (self.is(&[0]) && s.worker_id == Some(self.who)));
            let gives = s.from_agency_id == self.agency && self.is(&RECORD) && self.children.contains(&s.child_id);
            (receives || gives) && !self.closed.contains(&s.child_id)
        });
        let shares: Vec<_> = shares.map(|s| s.id.0).collect();
        self.set("transfer_share", shares);
        let delegations = facts.chair_delegation.iter().filter(|d| self.sees("conference", d.conference_id.0));
        let delegations: Vec<_> = delegations.map(|d| d.id.0).collect();
        self.set("chair_delegation", delegations);
    }

    /// Members in scope; adults where the household is read in full; nobody else.
    fn look_at_home(&mut self) {
        let facts = self.facts;
        let lived = |h: entity::id::HouseholdId| {
            facts.membership.iter().filter(move |m| m.household_id == h).filter_map(|m| m.child_id)
        };
        let homes = facts.household.iter().filter(|h| {
            lived(h.id).any(|c| self.children.contains(&c)) && !lived(h.id).any(|c| self.closed.contains(&c))
        });
        let homes: Vec<_> = homes.map(|h| h.id.0).collect();
        let in_full = self.cell("household").is_some_and(|cell| ["W", "F"].contains(&cell));
        let members = facts.membership.iter().filter(|m| {
            homes.contains(&m.household_id.0)
                && match m.child_id {
                    Some(child) => self.children.contains(&child),
                    None => in_full,
                }
        });
        let members: Vec<_> = members.collect();
        let people: Vec<_> = members.iter().filter_map(|m| m.person_id.map(|id| id.0)).collect();
        let members: Vec<_> = members.iter().map(|m| m.id.0).collect();
        self.set("household", homes);
        self.set("membership", members);
        self.set("person", people);
    }

    fn look_at_reports(&mut self) {
        let facts = self.facts;
        let at_work = self.is(&RECORD) || self.is(&TABLE);
        let closed = facts.conference_child.iter().filter(|c| self.closed.contains(&c.child_id));
        let closed: BTreeSet<_> = closed.map(|c| c.conference_id).collect();
        let asked = facts.report_request.iter().filter(|r| {
            let reached = self.children.contains(&r.child_id);
            (self.role.is_none() && r.agency_id == self.agency)
                || (at_work && reached && self.sees("conference", r.conference_id.0))
                || (self.is_partner() && reached && r.agency_id == self.agency && !closed.contains(&r.conference_id))
        });
        let asked: Vec<_> = asked.map(|r| r.id.0).collect();
        let reports = facts.conference_report.iter().filter(|r| {
            let own = r.agency_id == self.agency;
            let at_work = at_work
                && self.children.contains(&r.child_id)
                && self.sees("conference", r.conference_id.0)
                && (own || r.state != State::Draft);
            let keeps =
                matches!(self.reach, Reach::Agency) || r.author_id == self.who || self.ever.contains(&r.child_id);
            let about = facts.conference_child.iter().filter(|c| c.conference_id == r.conference_id);
            let kept = self.is_partner()
                && !about.map(|c| c.child_id).any(|c| self.closed.contains(&c))
                && keeps
                && !self.closed.contains(&r.child_id)
                && !closed.contains(&r.conference_id)
                && (own || self.circulated.contains(&r.id.0));
            at_work || kept || (self.role.is_none() && own)
        });
        let reports: Vec<_> = reports.map(|r| r.id.0).collect();
        self.set("report_request", asked);
        let of = |id: &ConferenceReportId| reports.contains(&id.0);
        let answers: Vec<_> =
            facts.report_answer.iter().filter(|a| of(&a.conference_report_id)).map(|a| a.id.0).collect();
        let lines: Vec<_> =
            facts.chronology_row.iter().filter(|c| of(&c.conference_report_id)).map(|c| c.id.0).collect();
        // to whom of the family it went is for its agency and for those at work
        let tells = |c: &&entity::family_copy::Model| at_work || (self.is_partner() && c.agency_id == self.agency);
        let copies = facts.family_copy.iter().filter(|c| of(&c.conference_report_id)).filter(tells);
        let copies: Vec<_> = copies.map(|c| c.id.0).collect();
        self.set("conference_report", reports);
        self.set("report_answer", answers);
        self.set("chronology_row", lines);
        self.set("family_copy", copies);
        // with the version it belongs to; before that for the agency that was asked
        let files = facts.attachment.iter().filter(|a| match a.conference_report_id {
            Some(report) => self.sees("conference_report", report.0),
            None => a.agency_id == self.agency && self.sees("report_request", a.report_request_id.0),
        });
        let files: Vec<_> = files.map(|a| a.id.0).collect();
        self.set("attachment", files);
    }

    /// Whether it is kept from the reader where a child lives.
    fn is_hidden(&self, child: ChildId) -> bool {
        let today = self.facts.now.date_naive();
        self.facts.membership.iter().any(|m| {
            let lives = m.starts_on <= today && m.ends_on.is_none_or(|end| end > today);
            let home = self.facts.household.iter().find(|h| h.id == m.household_id).unwrap();
            m.child_id == Some(child)
                && lives
                && home.address_status != AddressStatus::None
                && !self.reads_address(home.id)
        })
    }

    fn look_at_plans(&mut self) {
        let facts = self.facts;
        let reaches = |c: &ChildId| self.children.contains(c);
        let plans: Vec<_> = facts.plan.iter().filter(|p| reaches(&p.child_id)).map(|p| p.id.0).collect();
        let own = |a: &&entity::plan_action::Model| self.role != Some(9) || a.owner_agency_id == self.agency;
        let actions = facts.plan_action.iter().filter(|a| reaches(&a.child_id)).filter(own);
        let actions: Vec<_> = actions.map(|a| a.id.0).collect();
        let groups: Vec<_> = facts.core_group.iter().filter(|g| reaches(&g.child_id)).map(|g| g.id.0).collect();
        let of = |m: &entity::core_group_member::Model| {
            let group = facts.core_group.iter().find(|g| g.id == m.core_group_id).unwrap();
            self.would_locate(m.agency_id, &[group.child_id])
        };
        let members = facts.core_group_member.iter().filter(|m| groups.contains(&m.core_group_id.0)).filter(|m| !of(m));
        let members: Vec<_> = members.map(|m| m.id.0).collect();
        let met = facts.core_group_meeting.iter().filter(|m| reaches(&m.child_id));
        let met: Vec<_> = met.map(|m| m.id.0).collect();
        let versions: Vec<_> = facts.plan_version.iter().filter(|v| reaches(&v.child_id)).map(|v| v.id.0).collect();
        self.set("plan", plans);
        self.set("plan_version", versions);
        self.set("plan_action", actions);
        self.set("core_group", groups);
        self.set("core_group_member", members);
        self.set("core_group_meeting", met);
    }

    fn look_at_invitations(&mut self) {
        let facts = self.facts;
        let invited = facts.invitation.iter().filter(|i| {
            let asked = i.agency_id == self.agency && (matches!(self.reach, Reach::Agency) || self.role.is_none());
            let about = self.about(i);
            if !self.is(&TABLE) && self.would_locate(i.agency_id, &about) {
                return false;
            }
            (asked && !about.iter().any(|c| self.closed.contains(c)))
                || i.conference_id.is_some_and(|id| self.sees("conference", id.0))
                || i.strategy_meeting_id.is_some_and(|id| self.sees("strategy_meeting", id.0))
                || i.core_group_meeting_id.is_some_and(|id| self.sees("core_group_meeting", id.0))
        });
        let invited: Vec<_> = invited.map(|i| i.id.0).collect();
        self.set("invitation", invited);
    }

    fn cell(&self, category: &str) -> Option<&'static str> {
        let row = MATRIX.iter().find(|(name, _)| *name == category).unwrap_or_else(|| panic!("no row {category}"));
        Some(row.1[self.role?])
    }

    fn opens(&self, category: &str, summary: bool, own: bool) -> bool {
        match self.cell(category) {
            Some("W" | "F" | "R" | "O+R") => true,
            Some("S") => summary,
            Some("O") => own,
            // nobody is on a reader list yet, and counts have no rows
            Some("L" | "D" | "–") | None => false,
            Some(other) => panic!("{other} is no cell"),
        }
    }

    /// The rows that may not be seen and have no part in what may: a world without them is the same to these eyes.
    pub fn hidden(&self) -> Vec<(&'static str, Uuid)> {
        let all = self.facts.tables().into_iter().map(|(id, table)| (table, id));
        let mut hidden: Vec<_> = all.filter(|(table, id)| !self.sees(table, *id) && !self.bears(table, *id)).collect();
        hidden.sort_unstable();
        hidden
    }

    /// True for rows that are not shown and yet decide: what gave or closed something, and invitations that are counted.
    fn bears(&self, table: &str, id: Uuid) -> bool {
        let facts = self.facts;
        match table {
            "involvement" => facts.involvement.iter().any(|r| r.id.0 == id && self.mine(r)),
            "conflict" => facts.conflict.iter().any(|r| r.id.0 == id && r.practitioner_id == self.who),
            // what a meeting is, and about how many children, is in the figures of the authority
            "conference" => self.counts(|i| i.conference_id.is_some_and(|of| of.0 == id)),
            "strategy_meeting" => self.counts(|i| i.strategy_meeting_id.is_some_and(|of| of.0 == id)),
            "core_group_meeting" => self.counts(|i| i.core_group_meeting_id.is_some_and(|of| of.0 == id)),
            "conference_child" => {
                let of = facts.conference_child.iter().find(|c| c.id.0 == id).map(|c| c.conference_id);
                self.counts(|i| i.conference_id == of)
            }
            "strategy_meeting_child" => {
                let of = facts.strategy_meeting_child.iter().find(|c| c.id.0 == id).map(|c| c.strategy_meeting_id);
                self.counts(|i| i.strategy_meeting_id == of)
            }
            "invitation" => {
                let own = self.is_partner().then_some(self.agency);
                let open = |i: &entity::invitation::Model| !self.about(i).iter().any(|c| self.closed.contains(c));
                let of_own = facts.invitation.iter().any(|i| i.id.0 == id && Some(i.agency_id) == own && open(i));
                of_own || self.counts(|i| i.id.0 == id)
            }
            // that one is kept is said where the figures are withheld for it
            "escalation_entry" => {
                facts.escalation_entry.iter().any(|e| e.id.0 == id && self.sees("escalation", e.escalation_id.0))
            }
            _ => false,
        }
    }

    /// True if one of the invitations is in the figures of the authority, for who counts these: its own ones, to meetings that are
    /// not closed, and not about a professional.
    fn counts(&self, which: impl Fn(&entity::invitation::Model) -> bool) -> bool {
        // what closes a meeting also decides whether the frozen figures that count it are withheld
        if self.facts.invitation.iter().any(|i| which(i) && self.is_frozen(i.id.0)) {
            return true;
        }
        self.is(&[2, 3])
            && self.facts.invitation.iter().any(|i| {
                which(i)
                    && i.local_authority_id == self.authority
                    && !self.is_about_somebody(i)
                    && !self.about(i).iter().any(|c| self.closed.contains(c))
            })
    }

    /// True of an invitation to a strategy meeting about a professional.
    pub(super) fn is_about_somebody(&self, i: &entity::invitation::Model) -> bool {
        let meeting = self.facts.strategy_meeting.iter().find(|m| Some(m.id) == i.strategy_meeting_id);
        meeting.is_some_and(|m| m.allegation_id.is_some())
    }

    /// The children that what an invitation is to is about.
    pub(super) fn about(&self, i: &entity::invitation::Model) -> Vec<ChildId> {
        let facts = self.facts;
        let conference = facts.conference_child.iter().filter(|c| Some(c.conference_id) == i.conference_id);
        let strategy = facts.strategy_meeting_child.iter();
        let strategy = strategy.filter(|c| Some(c.strategy_meeting_id) == i.strategy_meeting_id);
        let group = facts.core_group_meeting.iter().filter(|m| Some(m.id) == i.core_group_meeting_id);
        let about = conference.map(|c| c.child_id).chain(strategy.map(|c| c.child_id));
        about.chain(group.map(|m| m.child_id)).collect()
    }

    /// True if what an agency reports may be read, where nothing else is said of it.
    fn reads_report(&self, author: AgencyId) -> bool {
        let author = self.facts.agency.iter().find(|a| a.id == author).unwrap();
        let category = match author.kind {
            Kind::Education => "education",
            Kind::Health => "health",
            _ => "social care",
        };
        let own = author.id == self.agency && self.role.is_some();
        own || self.opens(category, false, own)
    }

    /// True if this person is of an agency.
    pub fn is_of(&self, agency: AgencyId) -> bool {
        self.agency == agency
    }

    /// True if this person gives the family its copies of a report: of the own agency, or at work on the conference.
    pub fn gives_copies(&self, report: &entity::conference_report::Model) -> bool {
        // a system hears what became of what it sent, and reads no more
        let at_work = self.is(&RECORD) || self.is(&TABLE);
        let own = report.agency_id == self.agency && self.role.is_some();
        self.sees("conference_report", report.id.0) && (at_work || own)
    }

    /// True if a column of a row may be read.
    pub fn reads(&self, table: &str, column: &str, id: Uuid) -> bool {
        let facts = self.facts;
        if self.was_shared(table, column, id) {
            return true;
        }
        self.sees(table, id)
            && match holds(table, column) {
                Holds::Row => true,
                Holds::Nobody => false,
                Holds::Followed => self.opens("non-attendance", false, false) || self.is_followed(table, id),
                Holds::Frozen => {
                    let reads = self.opens("non-attendance", false, false) || self.is_followed(table, id);
                    reads && self.is_kept_nothing(id)
                }
                Holds::Whole => facts.allegation.iter().any(|a| a.id.0 == id && self.reads_allegation(a)),
                Holds::Cell(category, summary) => {
                    let invited = facts.invitation.iter().any(|i| i.id.0 == id && i.agency_id == self.agency);
                    let wrote = facts.conference_report.iter().any(|r| r.id.0 == id && r.agency_id == self.agency);
                    // what is its agency's own a person reads, whatever the cell
                    self.opens(category, summary, false) || ((invited || wrote) && self.role.is_some())
                }
                Holds::Summary => {
                    let invited = facts
                        .invitation
                        .iter()
                        .any(|i| i.conference_id.is_some_and(|c| c.0 == id) && i.agency_id == self.agency);
                    self.opens("plan", false, false) && (invited || !self.is_partner())
                }
                Holds::Address => {
                    let home = facts.household.iter().find(|h| h.id.0 == id).unwrap();
                    let open = home.address_status == AddressStatus::None;
                    if open { self.opens("household", false, false) } else { self.reads_address(home.id) }
                }
                Holds::Item => {
                    let entry = facts.entry.iter().find(|e| e.id.0 == id).unwrap();
                    let category = match category_of(&entry.item) {
                        Category::Health => "health",
                        Category::Legal => "legal",
                        Category::FamilyViews => "family views",
                        Category::DangerStatements => "danger and safety",
                        Category::SocialCareAssessment => "social care",
                        Category::Plan => "plan",
                        other => panic!("{other:?} is no category of an item"),
                    };
                    let own = entry.recorded_at_agency_id == self.agency && self.role.is_some();
                    own || self.opens(category, false, own)
                }
                Holds::Report => {
                    let report = facts.conference_report.iter().find(|r| r.id.0 == id).map(|r| r.agency_id);
                    let file = facts.attachment.iter().find(|a| a.id.0 == id).map(|a| a.agency_id);
                    self.reads_report(report.or(file).unwrap())
                }
                Holds::Answer => {
                    let answer = facts.report_answer.iter().find(|a| a.id.0 == id).unwrap();
                    let own = answer.agency_id == self.agency && self.role.is_some();
                    let hidden = answer.locates && self.is_hidden(answer.child_id);
                    let opens = match category_of_answer(&answer.item) {
                        Some(category) => self.opens(category, false, own),
                        None => self.reads_report(answer.agency_id),
                    };
                    own || (!hidden && opens)
                }
                Holds::Told => {
                    let row = facts.chronology_row.iter().find(|c| c.id.0 == id).unwrap();
                    let own = row.agency_id == self.agency && self.role.is_some();
                    let hidden = row.locates && self.is_hidden(row.child_id);
                    own || (!hidden && self.reads_report(row.agency_id))
                }
            }
    }
}
