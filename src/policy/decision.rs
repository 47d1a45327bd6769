//! The decision about one row, as a pure function of the facts about it.
//!
//! `store::visible` renders the same rules as SQL. Neither is derived from the other: a test over random worlds holds
//! them to each other, to a third reading written without either in mind, and to what the API answers.

use chrono::{DateTime, Utc};
use entity::category::Category;
use entity::conference_report::State;
use entity::id::{AgencyId, ConferenceId, PractitionerId, StrategyMeetingId, TeamId};
use entity::involvement::Basis;

use super::Standing;
use super::allegation::{self, AllegationFacts};
use super::disclosure::{Cell, cell};
use super::emergency::{self, AccessFacts, NoticeFacts};
use super::roles::Role;
use super::transfer::{self, ShareFacts};
use super::visibility::{Visibility, visibility};

/// A half-open period; without an end while it lasts.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// Since this instant.
    pub starts_at: DateTime<Utc>,
    /// Until before this instant.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Period {
    /// True if the period holds `at`.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.starts_at <= at && self.ends_at.is_none_or(|ends| ends > at)
    }
}

/// A relationship to a child: one involvement row.
#[derive(Clone, Copy, Debug)]
pub struct Relation {
    /// The agency.
    pub agency: AgencyId,
    /// The professional, where one is named.
    pub practitioner: Option<PractitionerId>,
    /// The team, where it is one's.
    pub team: Option<TeamId>,
    /// On what ground.
    pub basis: Basis,
    /// The conference that gave it.
    pub conference: Option<ConferenceId>,
    /// The strategy meeting that gave it.
    pub strategy_meeting: Option<StrategyMeetingId>,
    /// When it holds.
    pub period: Period,
}

/// What bears on one child.
#[derive(Clone, Debug, Default)]
pub struct ChildFacts {
    /// The relationships to it.
    pub relations: Vec<Relation>,
    /// The people it is closed to by a conflict of interest, and when.
    pub conflicts: Vec<(PractitionerId, Period)>,
}

/// A row to be decided about, with what bears on it.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'f> {
    /// A child, or a row that is one child's alone: an involvement, a plan, a core group.
    Child(&'f ChildFacts),
    /// A household, by the children who ever lived in it.
    Household(&'f [&'f ChildFacts]),
    /// A strategy meeting.
    StrategyMeeting(&'f MeetingFacts<'f>),
    /// A conference, by the children it is about.
    Conference(ConferenceId, &'f [&'f ChildFacts]),
    /// A share between authorities.
    TransferShare(&'f ShareFacts<'f>),
    /// The status of a child's plan, which stays known when an involvement has ended: with the instant since when an end
    /// is not too long ago.
    PlanStatus(&'f ChildFacts, DateTime<Utc>),
    /// A report asked of an agency about a child, for a conference about `children`.
    ReportRequest(AgencyId, &'f ChildFacts, ConferenceId, &'f [&'f ChildFacts]),
    /// A version of a report.
    ConferenceReport(&'f ReportFacts<'f>),
    /// An action of a plan, by the agency that owns it.
    PlanAction(AgencyId, &'f ChildFacts),
    /// A use of emergency access.
    EmergencyAccess(&'f AccessFacts<'f>),
    /// A notice.
    Notice(&'f NoticeFacts<'f>),
    /// A restricted item.
    RestrictedItem(&'f ItemFacts<'f>),
    /// An allegation against a professional.
    Allegation(&'f AllegationFacts<'f>),
    /// The whole of an allegation: what who referred it does not read.
    WholeAllegation(&'f AllegationFacts<'f>),
    /// A relationship to a child.
    Involvement(&'f InvolvementFacts<'f>),
}

/// An entry of a reader list: the agency, the one professional if it is one's, and when.
pub type ListEntry = (AgencyId, Option<PractitionerId>, Period);

/// What bears on a strategy meeting.
#[derive(Clone, Copy, Debug)]
pub struct MeetingFacts<'f> {
    /// Which.
    pub id: StrategyMeetingId,
    /// The children it is about.
    pub children: &'f [&'f ChildFacts],
    /// Who leads it.
    pub lead: PractitionerId,
    /// The allegation it is about, where it is about a professional.
    pub allegation: Option<&'f AllegationFacts<'f>>,
}

/// What bears on a relationship to a child, as something that is told.
#[derive(Clone, Copy, Debug)]
pub struct InvolvementFacts<'f> {
    /// The agency.
    pub agency: AgencyId,
    /// On what ground.
    pub basis: Basis,
    /// The child.
    pub child: &'f ChildFacts,
    /// The strategy meeting that gave it.
    pub strategy_meeting: Option<&'f MeetingFacts<'f>>,
    /// The conference that gave it, with the children of that.
    pub conference: Option<(ConferenceId, &'f [&'f ChildFacts])>,
    /// Whether the agency tells where the child is.
    pub locates: bool,
    /// Who may read the child's address.
    pub address_readers: &'f [ListEntry],
}

/// What bears on a restricted item.
#[derive(Clone, Copy, Debug)]
pub struct ItemFacts<'f> {
    /// The category it belongs to.
    pub category: Category,
    /// The agency it comes from.
    pub agency: AgencyId,
    /// Who recorded it.
    pub originator: PractitionerId,
    /// The child it is about.
    pub child: &'f ChildFacts,
    /// The conference whose restricted section it is in, with the children of that.
    pub conference: Option<(ConferenceId, &'f [&'f ChildFacts])>,
    /// Its reader list.
    pub readers: &'f [ListEntry],
    /// It was taken back with the report that it came with.
    pub withdrawn: bool,
}

/// What bears on a version of a report.
#[derive(Clone, Copy, Debug)]
pub struct ReportFacts<'f> {
    /// The agency that reports.
    pub agency: AgencyId,
    /// Who wrote it.
    pub author: PractitionerId,
    /// Where the version stands.
    pub state: State,
    /// The child it is about.
    pub child: &'f ChildFacts,
    /// The conference it is for.
    pub conference: ConferenceId,
    /// The children of that conference.
    pub children: &'f [&'f ChildFacts],
    /// The agencies that were sent it and have it still.
    pub circulated_to: &'f [AgencyId],
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// A conflict of interest forbids; nothing permits against it.
    Conflict,
    /// A relationship in force permits.
    Relationship,
    /// An invitation to the very meeting, or a post at it, permits.
    Meeting,
    /// It is the agency's own.
    Own,
    /// The agency was sent it.
    Circulated,
    /// The reader is on its list.
    Listed,
    /// A duty beside the post, or the management of the person, permits.
    Duty,
    /// Nothing permits.
    None,
}

/// Whether a row may be seen, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// True if it may.
    pub allow: bool,
    /// What decided.
    pub ground: Ground,
}

impl Decision {
    pub(super) const DENIED: Self = Self { allow: false, ground: Ground::None };
    const FORBIDDEN: Self = Self { allow: false, ground: Ground::Conflict };

    const fn by(ground: Ground) -> Self {
        Self { allow: true, ground }
    }

    pub(super) fn when(permits: bool, ground: Ground) -> Self {
        if permits { Self::by(ground) } else { Self::DENIED }
    }
}

/// Decides whether `who` sees a row. First what forbids, then what permits, else no.
pub fn decide(who: &Standing, resource: Resource<'_>) -> Decision {
    if closed(who, resource) {
        return Decision::FORBIDDEN;
    }
    match resource {
        Resource::Child(child) => Decision::when(reaches(who, child), Ground::Relationship),
        Resource::Household(children) => Decision::when(reaches_any(who, children), Ground::Relationship),
        Resource::StrategyMeeting(meeting) => strategy_meeting(who, meeting),
        Resource::Conference(id, children) => conference(who, id, children),
        Resource::TransferShare(share) => transfer::share(who, share),
        Resource::PlanStatus(child, since) => plan_status(who, child, since),
        Resource::ReportRequest(agency, child, id, children) => match who.role {
            Role::AgencySystem => Decision::when(agency == who.agency, Ground::Own),
            role if role.holds_a_social_care_post() => {
                let sees = reaches(who, child) && decide(who, Resource::Conference(id, children)).allow;
                Decision::when(sees, Ground::Relationship)
            }
            _ => Decision::when(agency == who.agency && reaches(who, child), Ground::Own),
        },
        Resource::ConferenceReport(report) => conference_report(who, report),
        Resource::PlanAction(owner, child) => {
            let theirs = who.role != Role::OtherAgency || owner == who.agency;
            Decision::when(theirs && reaches(who, child), Ground::Relationship)
        }
        Resource::EmergencyAccess(access) => emergency::access(who, access),
        Resource::Notice(notice) => emergency::notice(who, notice),
        Resource::RestrictedItem(item) => restricted_item(who, item),
        Resource::Allegation(it) => allegation::seen(who, it),
        Resource::WholeAllegation(it) => allegation::read_in_whole(who, it),
        Resource::Involvement(row) => involvement(who, row),
    }
}

/// A meeting or household is closed as a whole: what is said of one child is said of the others. A system submits for
/// its agency and is nobody's relative.
fn closed(who: &Standing, resource: Resource<'_>) -> bool {
    let one = |child: &ChildFacts| {
        child.conflicts.iter().any(|(person, period)| *person == who.practitioner && period.holds(who.at))
    };
    match resource {
        Resource::Child(child) | Resource::PlanAction(_, child) | Resource::PlanStatus(child, _) => one(child),
        Resource::Involvement(row) => one(row.child),
        Resource::TransferShare(share) => one(share.child),
        Resource::RestrictedItem(item) => one(item.child),
        Resource::Household(children) | Resource::Conference(_, children) => children.iter().any(|child| one(child)),
        Resource::StrategyMeeting(meeting) => {
            meeting.children.iter().any(|child| one(child))
                || meeting.allegation.is_some_and(|it| it.subject == who.practitioner)
        }
        // the duty to look into it, the lead and the list open nothing to whom it is about
        Resource::Allegation(it) | Resource::WholeAllegation(it) => {
            it.subject == who.practitioner || it.child.is_some_and(one)
        }
        Resource::ReportRequest(_, child, _, children) => {
            who.role != Role::AgencySystem && (one(child) || children.iter().any(|child| one(child)))
        }
        Resource::ConferenceReport(report) => {
            who.role != Role::AgencySystem && (one(report.child) || report.children.iter().any(|child| one(child)))
        }
        // the person sees their own use, from which the child is gone
        Resource::EmergencyAccess(access) => {
            access.staff.practitioner != who.practitioner && access.child.is_some_and(one)
        }
        Resource::Notice(notice) => notice.child.is_some_and(one),
    }
}

fn strategy_meeting(who: &Standing, meeting: &MeetingFacts<'_>) -> Decision {
    let (id, children) = (meeting.id, meeting.children);
    let relations = || children.iter().flat_map(|child| &child.relations);
    // the LADO, in whatever post
    if allegation::is_lado(who) && meeting.allegation.is_some_and(|it| decide(who, Resource::WholeAllegation(it)).allow)
    {
        return Decision::by(Ground::Duty);
    }
    // one about a professional is, among those who hold the record and at the agency of that person, for who reads the
    // allegation, leads the meeting, or was asked by name
    let told = |it: &AllegationFacts<'_>| {
        let by_name = |relation: &Relation| {
            relation.strategy_meeting == Some(id)
                && relation.practitioner == Some(who.practitioner)
                && relation.agency == who.agency
                && relation.period.starts_at <= who.at
        };
        meeting.lead == who.practitioner || decide(who, Resource::WholeAllegation(it)).allow || relations().any(by_name)
    };
    if who.role.holds_the_record() {
        let told = meeting.allegation.is_none_or(told);
        return Decision::when(reaches_any(who, children) && told, Ground::Relationship);
    }
    if meeting.allegation.is_some_and(|it| it.subject_agency == who.agency && !told(it)) {
        return Decision::DENIED;
    }
    // the record of a meeting stays with those who were asked to it; the child's does not
    let asked = |relation: &Relation| {
        relation.strategy_meeting == Some(id) && is_theirs(who, relation) && relation.period.starts_at <= who.at
    };
    Decision::when(relations().any(asked), Ground::Meeting)
}

/// Those at the table read the conferences that are or were assigned to them, while they have a child of it: who chairs
/// the review has chaired what it reviews.
fn conference(who: &Standing, id: ConferenceId, children: &[&ChildFacts]) -> Decision {
    let reached = reaches_any(who, children);
    if matches!(visibility(who), Visibility::Conferences(_)) {
        let assigned = |relation: &Relation| relation.conference == Some(id) && has_begun_for(who, relation);
        let assigned = children.iter().flat_map(|child| &child.relations).any(assigned);
        return Decision::when(assigned && reached, Ground::Meeting);
    }
    Decision::when(reached, Ground::Relationship)
}

fn conference_report(who: &Standing, report: &ReportFacts<'_>) -> Decision {
    let own = report.agency == who.agency;
    if who.role == Role::AgencySystem {
        return Decision::when(own, Ground::Own);
    }
    if who.role.holds_a_social_care_post() {
        let conference = Resource::Conference(report.conference, report.children);
        let sees = reaches(who, report.child) && decide(who, conference).allow;
        return Decision::when(sees && (own || report.state != State::Draft), Ground::Relationship);
    }
    let kept = match visibility(who) {
        Visibility::Agency(_) => true,
        Visibility::Named(person) => report.author == person || ever_reached(who, report.child),
        Visibility::Team(_) | Visibility::Conferences(_) | Visibility::Nothing => false,
    };
    let sent = report.circulated_to.contains(&who.agency);
    Decision::when(kept && (own || sent), if own { Ground::Own } else { Ground::Circulated })
}

fn involvement(who: &Standing, row: &InvolvementFacts<'_>) -> Decision {
    let meeting = row.strategy_meeting.is_none_or(|of| decide(who, Resource::StrategyMeeting(of)).allow);
    let conference = row.conference.is_none_or(|(id, of)| decide(who, Resource::Conference(id, of)).allow);
    let emergency = row.basis != Basis::BreakGlass || who.role.holds_the_record();
    let address = match cell(who.role, Category::ProtectedAddress) {
        Cell::Write => true,
        Cell::Listed => is_listed(who, row.address_readers),
        _ => false,
    };
    let told = !row.locates || row.agency == who.agency || address;
    Decision::when(reaches(who, row.child) && meeting && conference && emergency && told, Ground::Relationship)
}

fn restricted_item(who: &Standing, item: &ItemFacts<'_>) -> Decision {
    let cell = cell(who.role, item.category);
    let own = if who.role.holds_a_social_care_post() {
        item.originator == who.practitioner && reaches(who, item.child)
    } else {
        match visibility(who) {
            Visibility::Agency(_) => true,
            Visibility::Named(person) => item.originator == person || ever_reached(who, item.child),
            Visibility::Team(_) | Visibility::Conferences(_) | Visibility::Nothing => false,
        }
    };
    if cell.writes() && item.agency == who.agency && own {
        return Decision::by(Ground::Own);
    }
    if item.withdrawn {
        return Decision::when(false, Ground::Relationship);
    }
    let held = match who.role {
        Role::Chair => {
            item.conference.is_some_and(|(id, children)| decide(who, Resource::Conference(id, children)).allow)
        }
        role => role.holds_the_record() && reaches(who, item.child),
    };
    if cell == Cell::Write && held {
        return Decision::by(Ground::Relationship);
    }
    let listed = cell.listable() && reaches(who, item.child) && is_listed(who, item.readers);
    Decision::when(listed, Ground::Listed)
}

pub(super) fn is_listed(who: &Standing, readers: &[ListEntry]) -> bool {
    readers.iter().any(|(agency, person, period)| {
        *agency == who.agency && person.is_none_or(|person| person == who.practitioner) && period.holds(who.at)
    })
}

/// True if the relationship is one of those that reach `who`, in force or not.
fn is_theirs(who: &Standing, relation: &Relation) -> bool {
    match visibility(who) {
        // the relationship is the agency's: it does not follow the person to another
        Visibility::Named(person) => relation.practitioner == Some(person) && relation.agency == who.agency,
        Visibility::Team(_) => who.is_in(relation.team),
        Visibility::Agency(agency) => relation.agency == agency,
        Visibility::Conferences(person) => {
            relation.practitioner == Some(person)
                && relation.agency == who.agency
                && matches!(relation.basis, Basis::Chair | Basis::MinuteTaker)
        }
        Visibility::Nothing => false,
    }
}

fn holds_for(who: &Standing, relation: &Relation) -> bool {
    is_theirs(who, relation) && relation.period.holds(who.at)
}

pub(super) fn reaches(who: &Standing, child: &ChildFacts) -> bool {
    child.relations.iter().any(|relation| holds_for(who, relation))
}

fn reaches_any(who: &Standing, children: &[&ChildFacts]) -> bool {
    children.iter().any(|child| reaches(who, child))
}

fn ever_reached(who: &Standing, child: &ChildFacts) -> bool {
    child.relations.iter().any(|relation| has_begun_for(who, relation))
}

/// By an involvement that lasts or ended not long ago; by no emergency access.
fn plan_status(who: &Standing, child: &ChildFacts, since: DateTime<Utc>) -> Decision {
    let known = |relation: &Relation| {
        has_begun_for(who, relation)
            && relation.basis != Basis::BreakGlass
            && relation.period.ends_at.is_none_or(|ends| ends > since)
    };
    Decision::when(child.relations.iter().any(known), Ground::Relationship)
}

fn has_begun_for(who: &Standing, relation: &Relation) -> bool {
    is_theirs(who, relation) && relation.period.starts_at <= who.at
}
