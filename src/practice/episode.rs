//! The episode of need, by the rules of the national return: what may be on record of a child when. One table; what stands
//! in the messages is the number of the department's rule.
//!
//! The rules bind against the episodes that are there. A child of whom none is recorded is not held to any.

use std::cmp::Ordering;

use chrono::NaiveDate;
use entity::episode::{Reason, Status};
use entity::{conference, plan};

/// An episode of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where the case stands.
    pub status: Status,
    /// The day of the referral.
    pub referred_on: NaiveDate,
    /// The day the case was closed.
    pub closed_on: Option<NaiveDate>,
}

impl Span {
    /// Whether the case was open on a day, its first and its last among them.
    fn holds(&self, day: NaiveDate) -> bool {
        self.was_acted_on() && self.referred_on <= day && self.closed_on.is_none_or(|closed| day <= closed)
    }

    fn was_acted_on(&self) -> bool {
        self.status != Status::NoFurtherAction
    }
}

/// What the record says of a child's episodes at an authority, and of its death.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The episodes, in no order.
    pub episodes: Vec<Span>,
    /// The day the child died.
    pub died_on: Option<NaiveDate>,
}

/// What is done about a child within an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// An assessment.
    Assessment,
    /// An enquiry under section 47.
    Enquiry,
    /// An initial conference, before birth or after a move as well.
    InitialConference,
    /// A child protection plan.
    ProtectionPlan,
    /// A child in need plan.
    InNeedPlan,
}

impl Doing {
    /// What a conference is; `None` for a review, which comes with its plan.
    pub const fn of_conference(kind: conference::Kind) -> Option<Self> {
        match kind {
            conference::Kind::Initial | conference::Kind::PreBirth | conference::Kind::TransferIn => {
                Some(Self::InitialConference)
            }
            conference::Kind::Review => None,
        }
    }

    /// What a plan is.
    pub const fn of_plan(kind: plan::Kind) -> Self {
        match kind {
            plan::Kind::Cp => Self::ProtectionPlan,
            plan::Kind::Cin => Self::InNeedPlan,
        }
    }

    const fn rules(self) -> Rules {
        let (what, before_referral, nothing_done, after_death) = match self {
            Self::Assessment => ("An assessment", "1103", "8831", None),
            Self::Enquiry => ("An enquiry", "2889", "8831", None),
            Self::InitialConference => ("An initial conference", "1104", "8831", None),
            Self::ProtectionPlan => ("A child protection plan", "1105", "8832", Some(of_plan("8915", "8920", "8840"))),
            Self::InNeedPlan => ("A child in need plan", "4015", "4000", Some(of_plan("4008", "4009Q", "4012Q"))),
        };
        Rules { what, before_referral, nothing_done, after_death }
    }
}

/// The rules about one kind of doing.
struct Rules {
    what: &'static str,
    before_referral: &'static str,
    nothing_done: &'static str,
    /// Of a plan, which ends with the child's death.
    after_death: Option<OfPlan>,
}

const fn of_plan(begun: &'static str, ended: &'static str, in_a_day: &'static str) -> OfPlan {
    OfPlan { begun, ended, in_a_day }
}

/// The rules about a plan and the child's death.
struct OfPlan {
    /// Begun after it.
    begun: &'static str,
    /// Ended after it.
    ended: &'static str,
    /// Begun and ended on one day.
    in_a_day: &'static str,
}

/// Something that was done about a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What.
    pub doing: Doing,
    /// The day it began.
    pub begun_on: NaiveDate,
    /// The day it was over; `None` while it runs.
    pub over_on: Option<NaiveDate>,
    /// By the authority that asks: a plan can have come with the child from another.
    pub here: bool,
}

/// What stands against something that begins on a day.
pub fn begins(history: &History, doing: Doing, day: NaiveDate) -> Vec<String> {
    let rules = doing.rules();
    let mut found = Vec::new();
    if let (Some(OfPlan { begun, in_a_day, .. }), Some(died_on)) = (rules.after_death, history.died_on) {
        let what = rules.what;
        match day.cmp(&died_on) {
            Ordering::Less => {}
            Ordering::Equal => {
                found.push(format!("{what} does not begin on the day of the child's death (rule {in_a_day})."));
            }
            Ordering::Greater => {
                found.push(format!("{what} does not begin after the child's death (rule {begun})."));
            }
        }
    }
    if history.episodes.is_empty() || history.episodes.iter().any(|span| span.holds(day)) {
        return found;
    }
    let last = history.episodes.iter().filter(|span| span.referred_on <= day).max_by_key(|span| span.referred_on);
    found.push(match last.map(|span| span.status) {
        None => format!("{} is not before the referral (rule {}).", rules.what, rules.before_referral),
        Some(Status::NoFurtherAction) => {
            format!("{} does not follow a referral with no further action (rule {}).", rules.what, rules.nothing_done)
        }
        Some(Status::Open | Status::Closed) => {
            format!("{} is not after the case was closed: record the new referral first (rule 8565).", rules.what)
        }
    });
    found
}

/// What stands against something that ends on a day.
pub fn ends(history: &History, doing: Doing, day: NaiveDate) -> Option<String> {
    let rules = doing.rules();
    let OfPlan { ended, .. } = rules.after_death?;
    let died_on = history.died_on?;
    (day > died_on).then(|| format!("{} does not end after the child's death (rule {ended}).", rules.what))
}

/// What stands against a referral on a day, on which something is done or nothing. What runs without an episode belongs to
/// the one that is recorded first: it does not begin after what it led to.
pub fn refers(history: &History, running: &[Deed], nothing_done: bool, day: NaiveDate) -> Vec<String> {
    let acted_on = || history.episodes.iter().filter(|span| span.was_acted_on());
    let covers = |span: &Span| span.referred_on <= day && span.closed_on.is_none_or(|closed| day < closed);
    let mut found = Vec::new();
    if !nothing_done && acted_on().any(|span| span.closed_on.is_none()) {
        found.push("The child has an open episode: close it first (rule 8815).".to_owned());
    } else if acted_on().any(covers) {
        found.push("The child had an open episode on that day: episodes do not overlap (rule 8820).".to_owned());
    } else if !nothing_done && acted_on().any(|span| span.referred_on > day) {
        found.push("A later episode is on record: an open one does not begin before it (rule 8820).".to_owned());
    }
    let early =
        running.iter().filter(|deed| !nothing_done && deed.here && deed.over_on.is_none() && deed.begun_on < day);
    found.extend(early.map(|deed| {
        let rules = deed.doing.rules();
        format!("{} that runs began before that day (rule {}).", rules.what, rules.before_referral)
    }));
    found
}

/// What stands against an assessment that begins on a day, beside the others of its episode.
pub fn assesses(span: &Span, others: &[(NaiveDate, Option<NaiveDate>)], day: NaiveDate) -> Vec<String> {
    let mut found = begins(&History { episodes: vec![*span], died_on: None }, Doing::Assessment, day);
    if others.iter().any(|(_, over_on)| over_on.is_none()) {
        found.push("The episode has an open assessment (rule 8896).".to_owned());
    } else if others.iter().any(|(_, over_on)| over_on.is_some_and(|over| day < over)) {
        found.push("Another assessment of the episode was going on then (rule 8863).".to_owned());
    }
    found
}

/// What stands against the closing of an episode: the field, and a sentence.
pub fn closes(
    span: &Span,
    deeds: &[Deed],
    day: Option<NaiveDate>,
    reason: Option<Reason>,
) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if day.is_none() {
        found.push(("closedOn", "A reason for closure needs the day of closure (rule 8805).".to_owned()));
    }
    if reason.is_none() {
        found.push(("reason", "A day of closure needs the reason for closure (rule 8810).".to_owned()));
    }
    for deed in deeds {
        let what = deed.doing.rules().what;
        match (deed.over_on, day) {
            (None, _) if deed.doing == Doing::Assessment => {
                found.push(("closedOn", format!("{what} is open: complete it first (rule 8867).")));
            }
            (None, _) => {
                found.push(("closedOn", format!("{what} runs still: it ends before the case is closed (rule 8565).")));
            }
            (Some(over), Some(day)) if over > day && deed.begun_on >= span.referred_on => {
                found.push(("closedOn", format!("{what} is on record after that day (rule 8565).")));
            }
            (Some(_), _) => {}
        }
    }
    if day.is_some_and(|day| day < span.referred_on) {
        found.push(("closedOn", "A case is not closed before the referral.".to_owned()));
    }
    let went_on = |deed: &&Deed| deed.doing != Doing::Assessment && deed.begun_on >= span.referred_on;
    if reason == Some(Reason::NoFurtherActionAfterAssessment) && deeds.iter().any(|deed| went_on(&deed)) {
        let message = "More was done in the episode than an assessment (rule 2990).";
        found.push(("reason", message.to_owned()));
    }
    found
}

/// What stands against the death of a child on a day. What ended with a death that was recorded before moves with it.
pub fn dies(before: Option<NaiveDate>, deeds: &[Deed], day: NaiveDate) -> Vec<String> {
    let mut found = Vec::new();
    for deed in deeds {
        let Rules { what, after_death: Some(OfPlan { begun, ended, in_a_day }), .. } = deed.doing.rules() else {
            continue;
        };
        let ends = ends_with_death(before, deed.over_on);
        if deed.begun_on > day {
            found.push(format!("{what} began after that day (rule {begun})."));
        } else if deed.begun_on == day && ends {
            found.push(format!("{what} began on that day, and would end on it (rule {in_a_day})."));
        } else if deed.over_on.is_some_and(|over| over > day && before != Some(over)) {
            found.push(format!("{what} ended after that day (rule {ended})."));
        }
    }
    found
}

/// Whether a plan ends with the child's death: one that runs, or that ended with the death as it was recorded before.
pub fn ends_with_death(before: Option<NaiveDate>, ends_on: Option<NaiveDate>) -> bool {
    ends_on.is_none() || (before.is_some() && ends_on == before)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Doing; 5] =
        [Doing::Assessment, Doing::Enquiry, Doing::InitialConference, Doing::ProtectionPlan, Doing::InNeedPlan];

    fn day(n: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Duration::days(n)
    }

    fn span(status: Status, from: i64, closed: Option<i64>) -> Span {
        Span { status, referred_on: day(from), closed_on: closed.map(day) }
    }

    fn open(from: i64) -> Span {
        span(Status::Open, from, None)
    }

    fn closed(from: i64, until: i64) -> Span {
        span(Status::Closed, from, Some(until))
    }

    fn nothing(on: i64) -> Span {
        span(Status::NoFurtherAction, on, None)
    }

    fn of(episodes: &[Span]) -> History {
        History { episodes: episodes.to_vec(), died_on: None }
    }

    /// The numbers of the rules that messages name.
    fn numbers(messages: impl IntoIterator<Item = String>) -> Vec<String> {
        let number = |text: String| {
            let (_, rest) = text.split_once("(rule ")?;
            Some(rest.split(')').next()?.to_owned())
        };
        messages.into_iter().map(|text| number(text).unwrap_or_default()).collect()
    }

    #[test]
    fn what_is_done_lies_in_an_episode() {
        use Doing::{Assessment, Enquiry, InNeedPlan, InitialConference, ProtectionPlan};
        let table = [
            (of(&[]), Enquiry, 5, ""),
            (of(&[open(3)]), Enquiry, 3, ""),
            (of(&[open(3)]), Enquiry, 2, "2889"),
            (of(&[open(3)]), InitialConference, 2, "1104"),
            (of(&[open(3)]), ProtectionPlan, 2, "1105"),
            (of(&[open(3)]), InNeedPlan, 2, "4015"),
            (of(&[open(3)]), Assessment, 2, "1103"),
            (of(&[closed(3, 9)]), ProtectionPlan, 9, ""),
            (of(&[closed(3, 9)]), ProtectionPlan, 10, "8565"),
            (of(&[closed(3, 9), open(12)]), Enquiry, 11, "8565"),
            (of(&[closed(3, 9), open(12)]), Enquiry, 12, ""),
            (of(&[nothing(3)]), Enquiry, 4, "8831"),
            (of(&[nothing(3)]), InitialConference, 4, "8831"),
            (of(&[nothing(3)]), ProtectionPlan, 4, "8832"),
            (of(&[nothing(3)]), InNeedPlan, 4, "4000"),
            (of(&[nothing(3)]), Assessment, 4, "8831"),
            (of(&[closed(0, 2), nothing(3)]), InNeedPlan, 4, "4000"),
            (of(&[nothing(3), open(4)]), Enquiry, 4, ""),
        ];
        for (history, doing, on, rule) in table {
            let found = numbers(begins(&history, doing, day(on)));
            let expected: Vec<_> = Some(rule.to_owned()).filter(|rule| !rule.is_empty()).into_iter().collect();
            assert_eq!(found, expected, "{doing:?} on {on}: {history:?}");
        }
    }

    #[test]
    fn plans_end_with_the_child() {
        let late = History { episodes: vec![], died_on: Some(day(5)) };
        for (doing, begun, ended, in_a_day) in
            [(Doing::ProtectionPlan, "8915", "8920", "8840"), (Doing::InNeedPlan, "4008", "4009Q", "4012Q")]
        {
            assert_eq!(numbers(begins(&late, doing, day(6))), [begun]);
            assert_eq!(numbers(begins(&late, doing, day(5))), [in_a_day]);
            assert!(begins(&late, doing, day(4)).is_empty());
            assert_eq!(numbers(ends(&late, doing, day(6))), [ended]);
            assert_eq!(ends(&late, doing, day(5)), None);
            let deed = |begun: i64, over: Option<i64>| Deed {
                doing,
                begun_on: day(begun),
                over_on: over.map(day),
                here: true,
            };
            assert_eq!(numbers(dies(None, &[deed(6, None)], day(5))), [begun]);
            assert_eq!(numbers(dies(None, &[deed(1, Some(6))], day(5))), [ended]);
            // a plan does not begin and end on one day
            assert_eq!(numbers(dies(None, &[deed(5, None)], day(5))), [in_a_day]);
            assert_eq!(numbers(dies(Some(day(6)), &[deed(5, Some(6))], day(5))), [in_a_day]);
            assert!(dies(None, &[deed(1, None), deed(0, Some(1))], day(5)).is_empty());
            // a death that was recorded wrong is put right, and what it ended with it
            assert!(dies(Some(day(6)), &[deed(1, Some(6))], day(5)).is_empty());
            assert!(ends_with_death(Some(day(6)), Some(day(6))) && ends_with_death(None, None));
            assert!(!ends_with_death(None, Some(day(6))));
        }
        // what is found out after a death is recorded
        assert!(begins(&late, Doing::Enquiry, day(9)).is_empty());
    }

    #[test]
    fn referrals_do_not_overlap() {
        let table = [
            (vec![], false, 5, vec![]),
            (vec![open(3)], false, 5, vec!["8815"]),
            (vec![open(3)], false, 1, vec!["8815"]),
            (vec![open(3)], true, 5, vec!["8820"]),
            (vec![open(3)], true, 2, vec![]),
            (vec![closed(3, 9)], false, 8, vec!["8820"]),
            (vec![closed(3, 9)], false, 9, vec![]),
            (vec![closed(3, 9)], false, 2, vec!["8820"]),
            (vec![closed(3, 9)], true, 2, vec![]),
            (vec![nothing(3)], false, 3, vec![]),
        ];
        for (episodes, none, on, rules) in table {
            assert_eq!(numbers(refers(&of(&episodes), &[], none, day(on))), rules, "{episodes:?} {none} {on}");
        }
        let plan = Deed { doing: Doing::ProtectionPlan, begun_on: day(4), over_on: None, here: true };
        assert_eq!(numbers(refers(&of(&[]), &[plan], false, day(5))), ["1105"]);
        assert!(refers(&of(&[]), &[plan], false, day(4)).is_empty());
        assert!(refers(&of(&[]), &[Deed { over_on: Some(day(5)), ..plan }], false, day(6)).is_empty());
        // what came with the child from another authority began before anybody referred it here
        assert!(refers(&of(&[]), &[Deed { here: false, ..plan }], false, day(6)).is_empty());
    }

    #[test]
    fn assessments_come_one_after_the_other() {
        let others = [(day(4), Some(day(8)))];
        assert_eq!(numbers(assesses(&open(3), &others, day(7))), ["8863"]);
        assert!(assesses(&open(3), &others, day(8)).is_empty());
        assert_eq!(numbers(assesses(&open(3), &[(day(4), None)], day(9))), ["8896"]);
        assert_eq!(numbers(assesses(&open(3), &[], day(2))), ["1103"]);
        assert_eq!(numbers(assesses(&nothing(3), &[], day(4))), ["8831"]);
    }

    #[test]
    fn a_closing_has_day_and_reason_and_nothing_after_it() {
        let close = |deeds: &[Deed], on: Option<i64>, reason| {
            let found = closes(&open(3), deeds, on.map(day), reason);
            let fields: Vec<_> = found.iter().map(|(field, _)| *field).collect();
            (fields, numbers(found.into_iter().map(|(_, text)| text)))
        };
        let why = Some(Reason::Other);
        let none: (Vec<&str>, Vec<String>) = (vec![], vec![]);
        assert_eq!(close(&[], Some(9), why), none);
        assert_eq!(close(&[], None, why), (vec!["closedOn"], vec!["8805".to_owned()]));
        assert_eq!(close(&[], Some(9), None), (vec!["reason"], vec!["8810".to_owned()]));
        let deed = |doing, over: Option<i64>| Deed { doing, begun_on: day(4), over_on: over.map(day), here: true };
        for doing in ALL {
            let open = if doing == Doing::Assessment { "8867" } else { "8565" };
            assert_eq!(close(&[deed(doing, None)], Some(9), why).1, [open]);
            assert_eq!(close(&[deed(doing, Some(10))], Some(9), why).1, ["8565"]);
            assert_eq!(close(&[deed(doing, Some(9))], Some(9), why), none);
            let nothing_more = close(&[deed(doing, Some(9))], Some(9), Some(Reason::NoFurtherActionAfterAssessment));
            assert_eq!(nothing_more.1.is_empty(), doing == Doing::Assessment);
        }
        assert_eq!(close(&[], Some(2), why).0, ["closedOn"]);
    }

    proptest! {
        /// Whatever follows on what: referrals and closings that nothing stands against leave one open episode at the most,
        /// and none that overlap.
        #[test]
        fn what_is_let_in_never_overlaps(steps in prop::collection::vec((0_i64..60, any::<bool>(), any::<bool>()), 0..24)) {
            let mut history = History::default();
            for (n, close, none) in steps {
                let on = day(n);
                match history.episodes.iter_mut().find(|span| span.status == Status::Open) {
                    Some(open) if close => {
                        if closes(open, &[], Some(on), Some(Reason::Other)).is_empty() {
                            (open.status, open.closed_on) = (Status::Closed, Some(on));
                        }
                    }
                    _ => {
                        if refers(&history, &[], none, on).is_empty() {
                            let status = if none { Status::NoFurtherAction } else { Status::Open };
                            history.episodes.push(Span { status, referred_on: on, closed_on: None });
                        }
                    }
                }
                let acted: Vec<_> = history.episodes.iter().filter(|span| span.was_acted_on()).collect();
                prop_assert!(acted.iter().filter(|span| span.closed_on.is_none()).count() <= 1);
                for (i, one) in acted.iter().enumerate() {
                    for other in acted.iter().skip(i + 1) {
                        let apart = |a: &Span, b: &Span| a.closed_on.is_some_and(|end| end <= b.referred_on);
                        prop_assert!(apart(one, other) || apart(other, one), "{one:?} {other:?}");
                    }
                }
            }
        }

        /// Without an episode and a death nothing stands against anything.
        #[test]
        fn without_an_episode_nothing_is_refused(n in 0_i64..5000) {
            for doing in ALL {
                prop_assert!(begins(&History::default(), doing, day(n)).is_empty());
                prop_assert_eq!(ends(&History::default(), doing, day(n)), None);
            }
        }
    }
}
