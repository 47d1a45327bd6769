//! The decision about one row, as a pure function of the facts about it.
//!
//! `store::visible` renders the same rules as SQL. Neither is derived from the other: a test over random worlds holds
//! them to each other, to a third reading written without either in mind, and to what the API answers.

use chrono::{DateTime, Utc};
use entity::conference_report::State;
use entity::id::{AgencyId, ConferenceId, PractitionerId, StrategyMeetingId, TeamId};
use entity::involvement::Basis;

use super::Standing;
use super::roles::Role;
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

/// A meeting that gave a relationship, and the children it is about.
pub type Given<'f, I> = (I, &'f [&'f ChildFacts]);

/// A row to be decided about, with what bears on it.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'f> {
    /// A child, or a row that is one child's alone: a plan, a core group.
    Child(&'f ChildFacts),
    /// A relationship to a child, with the strategy meeting and the conference that gave it.
    Involvement(&'f ChildFacts, Option<Given<'f, StrategyMeetingId>>, Option<Given<'f, ConferenceId>>),
    /// A household, by the children who ever lived in it.
    Household(&'f [&'f ChildFacts]),
    /// A strategy meeting, by the children it is about.
    StrategyMeeting(StrategyMeetingId, &'f [&'f ChildFacts]),
    /// A conference, by the children it is about.
    Conference(ConferenceId, &'f [&'f ChildFacts]),
    /// A report asked of an agency about a child, for a conference about `children`.
    ReportRequest(AgencyId, &'f ChildFacts, ConferenceId, &'f [&'f ChildFacts]),
    /// A version of a report.
    ConferenceReport(&'f ReportFacts<'f>),
    /// An action of a plan, by the agency that owns it.
    PlanAction(AgencyId, &'f ChildFacts),
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
    const DENIED: Self = Self { allow: false, ground: Ground::None };
    const FORBIDDEN: Self = Self { allow: false, ground: Ground::Conflict };

    const fn by(ground: Ground) -> Self {
        Self { allow: true, ground }
    }

    fn when(permits: bool, ground: Ground) -> Self {
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
        Resource::Involvement(child, meeting, conference) => {
            // a relationship that a meeting gave tells of the meeting: seen by who sees the meeting
            let meeting = meeting.is_none_or(|(id, about)| decide(who, Resource::StrategyMeeting(id, about)).allow);
            let conference = conference.is_none_or(|(id, about)| decide(who, Resource::Conference(id, about)).allow);
            Decision::when(meeting && conference && reaches(who, child), Ground::Relationship)
        }
        Resource::Household(children) => Decision::when(reaches_any(who, children), Ground::Relationship),
        Resource::StrategyMeeting(id, children) => strategy_meeting(who, id, children),
        Resource::Conference(id, children) => conference(who, id, children),
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
    }
}

/// A meeting, with the reports to it, or a household is closed as a whole: what is said of one child is said of the
/// others. A system submits for
/// its agency and is nobody's relative.
fn closed(who: &Standing, resource: Resource<'_>) -> bool {
    let one = |child: &ChildFacts| {
        child.conflicts.iter().any(|(person, period)| *person == who.practitioner && period.holds(who.at))
    };
    match resource {
        Resource::Child(child) | Resource::Involvement(child, ..) | Resource::PlanAction(_, child) => one(child),
        Resource::Household(children) | Resource::StrategyMeeting(_, children) | Resource::Conference(_, children) => {
            children.iter().any(|child| one(child))
        }
        Resource::ReportRequest(_, child, _, children) => {
            who.role != Role::AgencySystem && (one(child) || children.iter().any(|child| one(child)))
        }
        Resource::ConferenceReport(report) => {
            who.role != Role::AgencySystem && (one(report.child) || report.children.iter().any(|child| one(child)))
        }
    }
}

fn strategy_meeting(who: &Standing, id: StrategyMeetingId, children: &[&ChildFacts]) -> Decision {
    if who.role.holds_the_record() {
        return Decision::when(reaches_any(who, children), Ground::Relationship);
    }
    // the record of a meeting stays with those who were asked to it; the child's does not
    let asked = |relation: &Relation| {
        relation.strategy_meeting == Some(id) && is_theirs(who, relation) && relation.period.starts_at <= who.at
    };
    Decision::when(children.iter().flat_map(|child| &child.relations).any(asked), Ground::Meeting)
}

fn conference(who: &Standing, id: ConferenceId, children: &[&ChildFacts]) -> Decision {
    if matches!(visibility(who), Visibility::Conferences(_)) {
        let assigned = |relation: &Relation| relation.conference == Some(id) && holds_for(who, relation);
        return Decision::when(children.iter().flat_map(|child| &child.relations).any(assigned), Ground::Meeting);
    }
    Decision::when(reaches_any(who, children), Ground::Relationship)
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

/// True if the relationship is one of those that reach `who`, in force or not.
fn is_theirs(who: &Standing, relation: &Relation) -> bool {
    match visibility(who) {
        Visibility::Named(person) => relation.practitioner == Some(person),
        Visibility::Team(team) => relation.team == Some(team),
        Visibility::Agency(agency) => relation.agency == agency,
        Visibility::Conferences(person) => {
            relation.practitioner == Some(person) && matches!(relation.basis, Basis::Chair | Basis::MinuteTaker)
        }
        Visibility::Nothing => false,
    }
}

fn holds_for(who: &Standing, relation: &Relation) -> bool {
    is_theirs(who, relation) && relation.period.holds(who.at)
}

fn reaches(who: &Standing, child: &ChildFacts) -> bool {
    child.relations.iter().any(|relation| holds_for(who, relation))
}

fn reaches_any(who: &Standing, children: &[&ChildFacts]) -> bool {
    children.iter().any(|child| reaches(who, child))
}

fn ever_reached(who: &Standing, child: &ChildFacts) -> bool {
    child.relations.iter().any(|relation| is_theirs(who, relation) && relation.period.starts_at <= who.at)
}
