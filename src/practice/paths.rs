//! How far something on a record has come that goes through several states, where each follows from what stands there: a nine-month
//! review (BRI-NM-02), a proposal to step down (LAN-SD-01), trouble with attendance (BIR-NA-03). Nobody sets such a state, and none
//! is refused for coming out of turn: what has happened is recorded. What was passed over is told instead.

use entity::entry::Record;

use super::gaps::{Said, Sheet, Subject};
use super::items::{Fact, Item, Items, Per};
use super::overruling;
use super::standards::{Book, Hold};
use super::states::of_attendance_trouble as trouble;

/// What goes such a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// What a nine-month review asks about a child before it (BRI-NM-02).
    NineMonthReview,
    /// A proposal that a child's plan ends (LAN-SD-01).
    StepDown,
    /// An agency that stays away from a core group (BIR-NA-03).
    AttendanceTrouble,
}

/// How far one has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// What.
    pub path: Path,
    /// About whom.
    pub subject: Subject,
    /// Where it stands.
    pub state: &'static str,
    /// The states before that one of which nothing is recorded.
    pub passed_over: Vec<&'static str>,
}

/// What leads to a state.
enum Led {
    /// An item has an answer, and not only why it has none.
    Answered(&'static str),
    /// An item has this answer.
    Says(&'static str, &'static str),
    /// This is so of the child.
    Is(Fact),
    /// This is so of the child, and an item has this answer.
    IsAndSays(Fact, &'static str, &'static str),
    /// The meeting came together.
    Met,
}

/// A state of a path, with what leads to it.
struct Stage {
    word: &'static str,
    led: Led,
    /// Only where this is so.
    only: Option<Led>,
}

struct Course {
    path: Path,
    record: Record,
    per: Per,
    /// The rule under which there is one; none where what is recorded makes it one everywhere.
    rule: Option<&'static str>,
    /// What makes it one.
    begins: Led,
    /// In order.
    stages: &'static [Stage],
    /// What comes behind all of them: the first that is led to.
    ends: &'static [Stage],
}

const fn stage(word: &'static str, led: Led) -> Stage {
    Stage { word, led, only: None }
}

const fn at_level_three(word: &'static str, led: Led) -> Stage {
    Stage { word, led, only: Some(Led::Says("SUPPORT_LEVEL", "3")) }
}

const fn of_trouble(word: &'static str) -> Stage {
    stage(word, Led::Says(trouble::ITEM, word))
}

const COURSES: &[Course] = &[
    Course {
        path: Path::NineMonthReview,
        record: Record::Conference,
        per: Per::Child,
        rule: Some("BRI-NM-03"),
        begins: Led::Is(Fact::NineMonth),
        stages: &[
            stage("OPEN", Led::Is(Fact::NineMonth)),
            stage("DISCUSSED", Led::Answered("SUPERVISION_RECORDED")),
            stage("CHAIR_TALKED", Led::Answered("NINE_MONTH_CONVERSATION")),
        ],
        ends: &[stage("DECIDED", Led::Is(Fact::CpPlan)), stage("DECIDED", Led::Is(Fact::PlanEnds))],
    },
    Course {
        path: Path::StepDown,
        record: Record::Conference,
        per: Per::Child,
        rule: None,
        begins: Led::Answered("STEP_DOWN_PROPOSED"),
        stages: &[
            stage("PROPOSED", Led::Answered("STEP_DOWN_PROPOSED")),
            stage("SUPPORT_PLANNED", Led::Answered("SUPPORT_AFTER_PLAN")),
            at_level_three("REFERRED", Led::Answered("SUPPORT_REFERRAL")),
            at_level_three("REFERRAL_OUTCOME_KNOWN", Led::Answered("SUPPORT_REFERRAL_OUTCOME")),
            stage("TO_CONFERENCE", Led::Met),
        ],
        ends: &[
            stage("AGREED", Led::Is(Fact::PlanEnds)),
            stage("OVERRULED", Led::IsAndSays(Fact::CpPlan, overruling::DECISION, overruling::ENDS)),
            stage("NOT_AGREED", Led::Is(Fact::CpPlan)),
        ],
    },
    Course {
        path: Path::AttendanceTrouble,
        record: Record::CoreGroupMeeting,
        per: Per::Agency,
        rule: None,
        begins: Led::Answered(trouble::ITEM),
        stages: &[of_trouble("NOTED"), of_trouble("WITH_TEAM_MANAGER"), of_trouble("AGENCY_CONTACTED")],
        ends: &[of_trouble("WRITTEN_ESCALATION"), of_trouble("RESOLVED")],
    },
];

/// How far everything on a record has come that goes such a path, under the rules of its authority. `before` is what stood on it
/// until something else was written in its place.
pub fn stands(sheet: &Sheet, before: &[Said], book: &Book) -> Vec<Stand> {
    let is_held = |rule| book.hold(rule, sheet.on) > Hold::Off;
    let of = COURSES.iter().filter(|course| course.record == sheet.record && course.rule.is_none_or(is_held));
    of.flat_map(|course| sheet.subjects(course.per).into_iter().filter_map(|of| course.stand(sheet, of, before)))
        .collect()
}

/// The items whose answers are asked for as they stood before: about an agency each.
pub const PASSED: &[&str] = &[trouble::ITEM];

/// The items that lead along a path: who does not read them all does not know how far it is.
pub fn items_of(path: Path, items: &Items) -> impl Iterator<Item = &Item> {
    let of = COURSES.iter().filter(move |course| course.path == path);
    let all = of.flat_map(Course::led).filter_map(Led::item);
    all.filter_map(|code| items.get(code))
}

impl Course {
    /// All that makes a difference to it.
    fn led(&self) -> impl Iterator<Item = &Led> {
        let stages = self.stages.iter().chain(self.ends);
        stages.flat_map(|stage| std::iter::once(&stage.led).chain(&stage.only)).chain([&self.begins])
    }

    fn stand(&self, sheet: &Sheet, subject: Subject, before: &[Said]) -> Option<Stand> {
        let now = |led: &Led| led.holds(sheet, subject, &[]);
        if !now(&self.begins) {
            return None;
        }
        let stages: Vec<_> = self.stages.iter().filter(|stage| stage.only.as_ref().is_none_or(now)).collect();
        let end = self.ends.iter().find(|end| now(&end.led));
        let (state, behind) = match (end, stages.iter().rposition(|stage| now(&stage.led))) {
            (Some(end), _) => (end.word, stages.len()),
            (None, Some(at)) => (stages.get(at)?.word, at),
            (None, None) => return None,
        };
        let passed = stages.iter().take(behind).filter(|stage| !stage.led.holds(sheet, subject, before));
        let passed_over = passed.map(|stage| stage.word).collect();
        Some(Stand { path: self.path, subject, state, passed_over })
    }
}

impl Led {
    fn item(&self) -> Option<&'static str> {
        match self {
            Self::Answered(item) | Self::Says(item, _) | Self::IsAndSays(_, item, _) => Some(item),
            Self::Is(_) | Self::Met => None,
        }
    }

    fn holds(&self, sheet: &Sheet, subject: Subject, before: &[Said]) -> bool {
        let about = |said: &&Said| {
            subject.child.is_none_or(|child| said.subject.child == Some(child))
                && subject.agency.is_none_or(|agency| said.subject.agency == Some(agency))
        };
        let all =
            |item: &'static str| sheet.said.iter().chain(before).filter(move |said| said.item == item).filter(about);
        let says = |item, word| all(item).any(|said| said.is(word));
        let is = |fact| subject.child.is_some_and(|child| sheet.is(fact, Some(child)));
        match self {
            Self::Answered(item) => all(item).any(Said::is_answer),
            Self::Says(item, word) => says(item, word),
            Self::Is(fact) => is(*fact),
            Self::IsAndSays(fact, item, word) => is(*fact) && says(item, word),
            Self::Met => sheet.met,
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::id::{AgencyId, ChildId};
    use entity::local_authority::Profile;
    use uuid::Uuid;

    use super::*;
    use crate::practice::items::Answer;
    use crate::practice::standards::Standards;

    const CHILD: ChildId = ChildId(Uuid::from_u128(1));
    const SCHOOL: AgencyId = AgencyId(Uuid::from_u128(2));

    fn conference(facts: &[Fact]) -> Sheet {
        let mut sheet = Sheet::blank(Record::Conference, "2026-11-24");
        sheet.children = vec![(CHILD, facts.iter().copied().collect())];
        sheet
    }

    fn say(sheet: &mut Sheet, item: &str, word: &str) {
        let subject = Subject { child: Some(CHILD), ..Subject::default() };
        let (choice, number) = word.parse().map_or((Some(word.to_owned()), None), |number| (None, Some(number)));
        sheet.said.push(Said { item: item.to_owned(), subject, choice, number, ..Said::default() });
    }

    fn stands_in(sheet: &Sheet, before: &[Said]) -> Vec<Stand> {
        let standards = Standards::embedded().unwrap();
        stands(sheet, before, standards.book(Profile::Bristol))
    }

    fn one(sheet: &Sheet) -> (&'static str, Vec<&'static str>) {
        let mut stands = stands_in(sheet, &[]);
        let stand = stands.pop().unwrap();
        assert_eq!(stands, [], "one path");
        (stand.state, stand.passed_over)
    }

    #[test]
    fn every_item_on_a_path_is_asked_on_its_record_and_knows_the_word() {
        let standards = Standards::embedded().unwrap();
        for course in COURSES {
            for led in course.led() {
                let Some(item) = led.item().map(|code| standards.items().get(code).unwrap()) else { continue };
                assert_eq!((item.record, item.per), (course.record, course.per), "{}", item.code);
                if let Led::Says(_, word) | Led::IsAndSays(_, _, word) = led {
                    let number = word.parse::<i32>().is_ok() && matches!(item.answer, Answer::Number(..));
                    assert!(number || item.allows(word), "{} {word}", item.code);
                }
            }
        }
        for item in PASSED {
            assert!(standards.items().get(item).is_some(), "{item}");
        }
    }

    #[test]
    fn a_nine_month_review_goes_from_supervision_to_the_chair_to_a_decision() {
        assert_eq!(stands_in(&conference(&[Fact::CpPlan]), &[]), [], "none that is not due");
        let mut sheet = conference(&[Fact::NineMonth]);
        let standards = Standards::embedded().unwrap();
        assert_eq!(stands(&sheet, &[], standards.book(Profile::Lancashire)), [], "none where it is not held");
        assert_eq!(one(&sheet), ("OPEN", vec![]));
        say(&mut sheet, "NINE_MONTH_CONVERSATION", "YES");
        assert_eq!(one(&sheet), ("CHAIR_TALKED", vec!["DISCUSSED"]), "out of turn, and told");
        say(&mut sheet, "SUPERVISION_RECORDED", "YES");
        assert_eq!(one(&sheet), ("CHAIR_TALKED", vec![]));
        sheet.children = vec![(CHILD, [Fact::NineMonth, Fact::PlanEnds].into())];
        assert_eq!(one(&sheet), ("DECIDED", vec![]));
    }

    #[test]
    fn a_step_down_is_agreed_or_not_or_overruled() {
        let mut sheet = conference(&[]);
        say(&mut sheet, "STEP_DOWN_PROPOSED", "KEY_WORKER");
        assert_eq!(one(&sheet), ("PROPOSED", vec![]));
        say(&mut sheet, "SUPPORT_AFTER_PLAN", "YES");
        assert_eq!(one(&sheet), ("SUPPORT_PLANNED", vec![]));
        sheet.met = true;
        assert_eq!(one(&sheet), ("TO_CONFERENCE", vec![]), "a level without a referral");
        say(&mut sheet, "SUPPORT_LEVEL", "3");
        let unknown = vec!["REFERRED", "REFERRAL_OUTCOME_KNOWN"];
        assert_eq!(one(&sheet), ("TO_CONFERENCE", unknown.clone()));
        let mut decided = |facts: &[Fact]| {
            sheet.children = vec![(CHILD, facts.iter().copied().collect())];
            one(&sheet)
        };
        assert_eq!(decided(&[Fact::PlanEnds]), ("AGREED", unknown.clone()));
        assert_eq!(decided(&[Fact::CpPlan]), ("NOT_AGREED", unknown.clone()));
        say(&mut sheet, overruling::DECISION, overruling::ENDS);
        assert_eq!(one(&sheet), ("OVERRULED", unknown));
    }

    #[test]
    fn trouble_with_attendance_tells_what_it_went_past() {
        let mut sheet = Sheet::blank(Record::CoreGroupMeeting, "2026-11-24");
        sheet.agencies = vec![SCHOOL];
        let subject = Subject { agency: Some(SCHOOL), ..Subject::default() };
        let said = |word: &str| Said {
            item: trouble::ITEM.to_owned(),
            subject,
            choice: Some(word.to_owned()),
            ..Said::default()
        };
        assert_eq!(stands_in(&sheet, &[]), []);
        sheet.said = vec![said("AGENCY_CONTACTED")];
        assert_eq!(one(&sheet), ("AGENCY_CONTACTED", vec!["NOTED", "WITH_TEAM_MANAGER"]));
        let stand = stands_in(&sheet, &[said("NOTED")]).pop().unwrap();
        assert_eq!((stand.state, stand.passed_over), ("AGENCY_CONTACTED", vec!["WITH_TEAM_MANAGER"]));
        sheet.said = vec![said("WRITTEN_ESCALATION")];
        let all = [said("NOTED"), said("WITH_TEAM_MANAGER"), said("AGENCY_CONTACTED")];
        let stand = stands_in(&sheet, &all).pop().unwrap();
        assert_eq!((stand.state, stand.passed_over), ("WRITTEN_ESCALATION", vec![]));
        sheet.said = vec![said("RESOLVED")];
        assert_eq!(one(&sheet).0, "RESOLVED", "written at once");
    }
}
