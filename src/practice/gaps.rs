//! What is missing on a record: the items that its authority asks for at a step and that have no answer.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::entry::{Audience, Record};
use entity::finished_step::Step;
use entity::id::{AgencyId, ChildId, PersonId};
use entity::plan;

use super::items::{Answer, Fact, Item, Items, Per, When};
use super::scoring::Scores;
use super::standards::{Book, Hold};
use super::visits::longest;

/// The item that scores are given under.
pub const SCORE: &str = "SCORE";

/// Whom of a record something is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// A child.
    pub child: Option<ChildId>,
    /// An agency.
    pub agency: Option<AgencyId>,
    /// An adult of the family.
    pub person: Option<PersonId>,
}

/// What stands on a record under an item, without its words.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Which item.
    pub item: String,
    /// About whom.
    pub subject: Subject,
    /// Which of several answers.
    pub line: i32,
    /// The word that was chosen.
    pub choice: Option<String>,
    /// The number.
    pub number: Option<i32>,
    /// The instant.
    pub at: Option<DateTime<Utc>>,
    /// Whether there are words.
    pub has_text: bool,
    /// Whether a reason why not is given.
    pub has_reason: bool,
}

/// A record as practice sees it: what it is about, and what stands on it.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Which kind.
    pub record: Record,
    /// The day by which the rules of its authority hold.
    pub on: NaiveDate,
    /// When the meeting was, or is to be.
    pub meeting_at: Option<DateTime<Utc>>,
    /// What is so of the record as a whole.
    pub facts: BTreeSet<Fact>,
    /// The children it is about, with what is so of each.
    pub children: Vec<(ChildId, BTreeSet<Fact>)>,
    /// The children who live with them, and they.
    pub household: Vec<ChildId>,
    /// The adults with parental responsibility.
    pub parents: Vec<PersonId>,
    /// The fathers.
    pub fathers: Vec<PersonId>,
    /// The agencies that were asked, or are members.
    pub agencies: Vec<AgencyId>,
    /// Those whose report has not come.
    pub unreported: Vec<AgencyId>,
    /// Whether the meeting came together.
    pub met: bool,
    /// What stands on it.
    pub said: Vec<Said>,
    /// Of a child in need plan that has ended: the day on which the child protection plan before it ended, and its own last.
    pub stepped_down: Option<(NaiveDate, NaiveDate)>,
    /// Days between visits at the most: of a plan, and of the plans that a conference made or changed.
    pub visits: Vec<(ChildId, i32)>,
}

/// The rule for how long a child who comes off a child protection plan has a child in need plan.
const KEPT_FOR: &str = "BIR-SD-01";

/// Something that is asked for and missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The item.
    pub item: String,
    /// What it asks.
    pub asks: String,
    /// The step that waits for it.
    pub step: Step,
    /// About whom.
    pub subject: Subject,
    /// For which line of another item.
    pub line: Option<i32>,
    /// The rules that ask for it here.
    pub rules: Vec<String>,
    /// How strictly.
    pub hold: Hold,
    /// Who may know that it is missing.
    pub audience: Audience,
}

#[cfg(test)]
impl Sheet {
    /// One of which nothing is known, and on which nothing stands: for tests of what makes a difference.
    pub(super) fn blank(record: Record, on: &str) -> Self {
        Self {
            record,
            on: on.parse().unwrap(),
            meeting_at: None,
            facts: BTreeSet::new(),
            children: Vec::new(),
            household: Vec::new(),
            parents: Vec::new(),
            fathers: Vec::new(),
            agencies: Vec::new(),
            unreported: Vec::new(),
            met: false,
            said: Vec::new(),
            stepped_down: None,
            visits: Vec::new(),
        }
    }
}

impl Sheet {
    /// Whether a subject is one that an item may be about on this record.
    pub fn has(&self, per: Per, subject: Subject) -> bool {
        self.subjects(per).contains(&subject)
    }

    /// Everybody that an item is asked of on this record.
    pub fn subjects(&self, per: Per) -> Vec<Subject> {
        let child = |id: &ChildId| Subject { child: Some(*id), ..Subject::default() };
        let agency = |id: &AgencyId| Subject { agency: Some(*id), ..Subject::default() };
        let person = |id: &PersonId| Subject { person: Some(*id), ..Subject::default() };
        match per {
            Per::Record => vec![Subject::default()],
            Per::Child => self.children.iter().map(|(id, _)| child(id)).collect(),
            Per::HouseholdChild => self.household.iter().map(child).collect(),
            Per::Parent => self.parents.iter().map(person).collect(),
            Per::Father => self.fathers.iter().map(person).collect(),
            Per::Agency => self.agencies.iter().map(agency).collect(),
            Per::Unreported => self.unreported.iter().map(agency).collect(),
            Per::ChildAndAgency => {
                let each = |(id, _): &(ChildId, _)| {
                    self.agencies.iter().map(move |a| Subject { agency: Some(*a), ..child(id) }).collect::<Vec<_>>()
                };
                self.children.iter().flat_map(each).collect()
            }
        }
    }

    /// The adults of the family that a document can be sent to.
    pub fn adults(&self) -> BTreeSet<PersonId> {
        self.parents.iter().chain(&self.fathers).copied().collect()
    }

    /// The children it is about.
    pub fn child_ids(&self) -> Vec<ChildId> {
        self.children.iter().map(|(child, _)| *child).collect()
    }

    /// The scores of a child together.
    pub fn scores(&self, child: ChildId) -> Option<Scores> {
        let of = self.said.iter().filter(|said| said.item == SCORE && said.subject.child == Some(child));
        Scores::of(of.filter_map(|said| said.number))
    }

    /// What an authority asks for and is not there: at one step, or at all of them.
    pub fn missing(&self, items: &Items, book: &Book, step: Option<Step>) -> Vec<Gap> {
        let asked = items.of_record(self.record).filter_map(|item| Some((item, item.step?)));
        let asks = |item: &Item, of: Step| step.is_none_or(|step| step == of || item.again == Some(step));
        let asked = asked.filter(|(item, of)| asks(item, *of));
        asked.flat_map(|(item, of)| self.missing_of(item, of, book)).collect()
    }

    fn missing_of(&self, item: &Item, step: Step, book: &Book) -> Vec<Gap> {
        let is_asked_for = |rule: &&String| book.hold(rule, self.on) > Hold::Offer;
        let rules: Vec<String> = item.rules.iter().filter(is_asked_for).cloned().collect();
        let Some(hold) = rules.iter().map(|rule| book.hold(rule, self.on)).max() else { return Vec::new() };
        let gap = |subject, line| Gap {
            item: item.code.clone(),
            asks: item.asks.clone(),
            step,
            subject,
            line,
            rules: rules.clone(),
            hold,
            audience: item.audience,
        };
        let asked = self.subjects(item.per).into_iter().filter(|subject| self.is_asked(item, *subject, book));
        match &item.line_of {
            None => asked.filter(|subject| !self.is_answered(item, *subject, None)).map(|s| gap(s, None)).collect(),
            Some(of) => {
                let lines: BTreeSet<i32> = self.said.iter().filter(|s| s.item == *of).map(|s| s.line).collect();
                let each = |subject: Subject| lines.iter().map(move |line| (subject, *line));
                let open = |(subject, line): &(Subject, i32)| !self.is_answered(item, *subject, Some(*line));
                asked.flat_map(each).filter(open).map(|(subject, line)| gap(subject, Some(line))).collect()
            }
        }
    }

    fn is_answered(&self, item: &Item, subject: Subject, line: Option<i32>) -> bool {
        let of = self.said.iter().filter(|s| s.item == item.code && s.subject == subject);
        of.filter(|s| line.is_none_or(|line| line == s.line)).any(|said| {
            let answer = match &item.answer {
                Answer::Text => said.has_text,
                Answer::YesNo | Answer::Choice(_) => said.choice.is_some(),
                Answer::Number(..) => said.number.is_some(),
                Answer::At => said.at.is_some(),
            };
            let in_time = !item.before || self.meeting_at.is_none_or(|met| said.at.is_none_or(|at| at < met));
            // «no» stands only with a reason where a reason is asked for it
            let reasoned = item.answer != Answer::YesNo
                || !item.or_reason
                || said.choice.as_deref() != Some("NO")
                || said.has_reason;
            // nor is «tried» one without what was tried
            let explained = said.has_text || !item.wants_words(said.choice.as_deref());
            (answer && in_time && reasoned && explained) || (item.or_reason && said.has_reason)
        })
    }

    fn is_asked(&self, item: &Item, subject: Subject, book: &Book) -> bool {
        item.when.iter().all(|when| match when {
            When::Is(Fact::EndedEarly) => self.ended_early(book),
            When::Is(Fact::SparserVisits) => self.is_visited_less(subject.child, book),
            When::Is(fact) => self.is(*fact, subject.child),
            When::Answered(other) => self.says(other, subject.child).next().is_some(),
            When::Says(other, word) => self.says(other, subject.child).any(|said| said.is(word)),
            When::SaysNot(other, word) => !self.says(other, subject.child).any(|said| said.is(word)),
        })
    }

    /// Whether a child in need plan that followed a child protection plan ended sooner than the authority wants.
    fn ended_early(&self, book: &Book) -> bool {
        let within = book.standard(KEPT_FOR, self.on).and_then(|standard| standard.within);
        let (Some(within), Some((before, ended))) = (within, self.stepped_down) else { return false };
        ended < within.last_day(before)
    }

    /// Whether a child is visited less often than the authority wants.
    fn is_visited_less(&self, child: Option<ChildId>, book: &Book) -> bool {
        let kind = if self.facts.contains(&Fact::Cin) { plan::Kind::Cin } else { plan::Kind::Cp };
        let Some(longest) = longest(book, kind, self.on) else { return false };
        self.visits.iter().any(|(of, days)| child.is_none_or(|child| child == *of) && *days > longest.days)
    }

    /// Whether something is so of a child; of any of them, where no child is named.
    pub(super) fn is(&self, fact: Fact, child: Option<ChildId>) -> bool {
        let of = self.children.iter().filter(|(id, _)| child.is_none_or(|child| child == *id));
        let scored = |which: fn(Scores) -> bool| of.clone().any(|(id, _)| self.scores(*id).is_some_and(which));
        match fact {
            Fact::MostlyZero => scored(Scores::mostly_zero),
            Fact::MajorityAboveFive => scored(Scores::majority_above_five),
            fact => self.facts.contains(&fact) || of.clone().any(|(_, facts)| facts.contains(&fact)),
        }
    }

    /// What stands under an item about a child or about the record; about anybody, where no child is named.
    fn says<'s>(&'s self, item: &'s str, child: Option<ChildId>) -> impl Iterator<Item = &'s Said> {
        self.said.iter().filter(move |said| {
            said.item == item && (child.is_none() || said.subject.child.is_none() || said.subject.child == child)
        })
    }
}

impl Said {
    /// Whether it is an answer, and not only why there is none.
    pub(super) const fn is_answer(&self) -> bool {
        self.choice.is_some() || self.number.is_some() || self.at.is_some() || self.has_text
    }

    /// Whether this is what was said.
    pub(super) fn is(&self, word: &str) -> bool {
        self.choice.as_deref() == Some(word) || self.number.is_some_and(|number| number.to_string() == word)
    }
}
