//! What belongs on the records of the process: the items of `items.toml`, and who writes and reads them.

use std::collections::BTreeMap;

use entity::category::Category;
use entity::deadline::Kind;
use entity::entry::{Audience, Record, Writer};
use entity::finished_step::Step;
use serde::Deserialize;
use toml::Spanned;

use super::standards::{Rule, line_of};

/// About whom of a record an item is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Per {
    /// The record as a whole.
    Record,
    /// Each child it is about.
    Child,
    /// Each child that lives with them.
    HouseholdChild,
    /// Each adult with parental responsibility for one of them.
    Parent,
    /// Each father of the household.
    Father,
    /// Each agency that was asked, or is a member.
    Agency,
    /// Each agency whose report was asked for and has not come.
    Unreported,
    /// Each child and each agency.
    ChildAndAgency,
}

/// How an item is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// In words.
    Text,
    /// By yes or no.
    YesNo,
    /// By a whole number between these.
    Number(i32, i32),
    /// By an instant.
    At,
    /// By one of these words.
    Choice(Vec<String>),
}

/// What may stand beside the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Words.
    Text,
    /// An instant.
    At,
    /// A time in words.
    Timescale,
}

/// What of a record has to be so for an item to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// A strategy meeting that is not about a professional.
    AboutAFamily,
    /// An enquiry was decided.
    Section47,
    /// An initial conference, pre-birth and transfer-in among them.
    Initial,
    /// A review conference.
    Review,
    /// The first review of a plan.
    FirstReview,
    /// A nine-month review.
    NineMonth,
    /// A plan was made or goes on.
    CpPlan,
    /// The plan ends.
    PlanEnds,
    /// An initial conference made no plan.
    NoPlan,
    /// There is no plan from now on: none was made, or it ends.
    WithoutPlan,
    /// More than half of the scores are zero.
    MostlyZero,
    /// More than half of the scores are above five.
    MajorityAboveFive,
    /// A conference went on without its quorum, a strategy meeting without its minimum, or nobody said who took part.
    Inquorate,
    /// A strategy meeting was led by somebody without line management of the case.
    LedByOther,
    /// The first meeting of a core group.
    FirstMeeting,
    /// A child protection plan.
    Cp,
    /// A child in need plan.
    Cin,
    /// A child in need plan that follows a child protection plan.
    FollowsCp,
    /// A child in need plan that ended sooner after a child protection plan than the authority wants.
    EndedEarly,
    /// Visits are further apart than the authority wants.
    SparserVisits,
}

/// A condition of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// This is so.
    Is(Fact),
    /// That item has an answer.
    Answered(String),
    /// That item has this answer.
    Says(String, String),
    /// That item has another answer than this, or none.
    SaysNot(String, String),
}

/// An item of practice.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what an item takes, as its file says it")]
pub struct Item {
    /// What it is called.
    pub code: String,
    /// On which kind of record.
    pub record: Record,
    /// What is asked.
    pub asks: String,
    /// By which rules, of whoever holds them.
    pub rules: Vec<String>,
    /// Which finishing step asks for it.
    pub step: Option<Step>,
    /// Which later step asks for it as well.
    pub again: Option<Step>,
    /// About whom.
    pub per: Per,
    /// How it is answered.
    pub answer: Answer,
    /// What may stand beside it.
    pub beside: Vec<Beside>,
    /// What has to be so.
    pub when: Vec<When>,
    /// Who writes it.
    pub by: Vec<Writer>,
    /// Who reads it.
    pub audience: Audience,
    /// To which category it belongs.
    pub category: Category,
    /// True if it has several answers.
    pub many: bool,
    /// One for every line of this item.
    pub line_of: Option<String>,
    /// The choices that are half an answer without words beside them: what was tried, and why.
    pub explain: Vec<String>,
    /// True if a reason why not is an answer.
    pub or_reason: bool,
    /// True if its instant lies before the meeting.
    pub before: bool,
    /// True if its instant may be to come: by when, and not when something was done.
    pub to_come: bool,
    /// What it meets.
    pub meets: Vec<Kind>,
}

/// All items, by code.
#[derive(Clone, Debug, Default)]
pub struct Items(BTreeMap<String, Item>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    item: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "what an item takes, as its file says it")]
struct Line {
    code: Spanned<String>,
    record: Spanned<String>,
    asks: String,
    #[serde(default)]
    rules: Vec<Spanned<String>>,
    step: Option<Spanned<String>>,
    again: Option<Spanned<String>>,
    per: Option<Spanned<String>>,
    answer: Option<Spanned<String>>,
    choices: Option<Vec<String>>,
    between: Option<[i32; 2]>,
    #[serde(default)]
    also: Vec<Spanned<String>>,
    #[serde(default)]
    when: Vec<Spanned<String>>,
    #[serde(default)]
    by: Vec<Spanned<String>>,
    audience: Option<Spanned<String>>,
    category: Option<Spanned<String>>,
    #[serde(default)]
    many: bool,
    #[serde(rename = "line_of")]
    of_item: Option<Spanned<String>>,
    #[serde(default)]
    explain: Vec<Spanned<String>>,
    #[serde(default)]
    or_reason: bool,
    #[serde(default)]
    before: bool,
    #[serde(default)]
    to_come: bool,
    #[serde(default)]
    meets: Vec<Spanned<String>>,
}

/// The items that come with the program.
const ITEMS: &str = include_str!("items.toml");

type Wrong = (usize, String);

impl Items {
    /// The items that come with the program.
    ///
    /// # Errors
    /// What is wrong in them, with the line.
    pub fn embedded(rules: &BTreeMap<String, Rule>) -> Result<Self, String> {
        Self::of(ITEMS, rules)
    }

    fn of(text: &str, rules: &BTreeMap<String, Rule>) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| format!("items.toml: {error}"))?;
        let wrong = |(at, what): Wrong| format!("items.toml, line {}: {what}", line_of(text, at));
        let mut items = BTreeMap::new();
        for line in &file.item {
            let item = line.item(rules).map_err(wrong)?;
            if items.insert(item.code.clone(), item).is_some() {
                return Err(wrong(at(&line.code, "there are two of this name")));
            }
        }
        for line in &file.item {
            let known = |word: &str| items.get(word).is_some_and(|other| line.record.get_ref() == &other.record.word());
            if let Some(of) = line.of_item.as_ref().filter(|of| !known(of.get_ref())) {
                return Err(wrong(at(of, "no item of this record has this name")));
            }
            for when in &line.when {
                let named = match when_of(when.get_ref()) {
                    When::Answered(item) | When::Says(item, _) | When::SaysNot(item, _) => item,
                    When::Is(_) => continue,
                };
                if !known(&named) {
                    return Err(wrong(at(when, "neither a word of a record nor an item of this one")));
                }
            }
        }
        Ok(Self(items))
    }

    /// An item by its code.
    pub fn get(&self, code: &str) -> Option<&Item> {
        self.0.get(code)
    }

    /// The codes of those whose answers belong to one of these categories.
    pub fn of_categories(&self, categories: &[Category]) -> Vec<&str> {
        let theirs = self.0.values().filter(|item| categories.contains(&item.category));
        theirs.map(|item| item.code.as_str()).collect()
    }

    /// Those of one kind of record.
    pub fn of_record(&self, record: Record) -> impl Iterator<Item = &Item> {
        self.0.values().filter(move |item| item.record == record)
    }
}

impl Item {
    /// True if a word is a right choice.
    pub fn allows(&self, choice: &str) -> bool {
        match &self.answer {
            Answer::YesNo => ["YES", "NO"].contains(&choice),
            Answer::Choice(words) => words.iter().any(|word| word == choice),
            Answer::Text | Answer::Number(..) | Answer::At => false,
        }
    }

    /// True if a choice is half an answer without words beside it.
    pub fn wants_words(&self, choice: Option<&str>) -> bool {
        choice.is_some_and(|choice| self.explain.iter().any(|word| word == choice))
    }

    /// True if its instant says when something was done.
    pub fn says_when_done(&self) -> bool {
        (self.answer == Answer::At || !self.meets.is_empty()) && !self.to_come
    }

    /// True if an answer may have words, an instant or a time in words.
    pub fn takes(&self, part: Beside) -> bool {
        match part {
            Beside::Text => self.answer == Answer::Text || self.beside.contains(&part),
            Beside::At => self.answer == Answer::At || self.beside.contains(&part),
            Beside::Timescale => self.beside.contains(&part),
        }
    }
}

impl Line {
    fn item(&self, rules: &BTreeMap<String, Rule>) -> Result<Item, Wrong> {
        let record = Record::of_word(self.record.get_ref()).ok_or_else(|| at(&self.record, "no kind of record"))?;
        for rule in &self.rules {
            if !rules.contains_key(rule.get_ref()) {
                return Err(at(rule, "no rule has this id"));
            }
        }
        let code = |words: &[Spanned<String>]| words.iter().map(|word| word.get_ref().clone()).collect::<Vec<_>>();
        let each = |word: &Spanned<String>| Beside::of(word.get_ref()).ok_or_else(|| at(word, "TEXT, AT or TIMESCALE"));
        let beside = self.also.iter().map(each).collect::<Result<_, _>>()?;
        let by = self.by.iter().map(|word| Writer::of_word(word.get_ref()).ok_or_else(|| at(word, "nobody writes so")));
        let by: Vec<_> = by.collect::<Result<_, _>>()?;
        let meets = self.meets.iter().map(|word| Kind::of_word(word.get_ref()).ok_or_else(|| at(word, "nothing due")));
        let audience = self.audience.as_ref().map_or(Ok(Audience::Meeting), |word| {
            Audience::of_word(word.get_ref()).ok_or_else(|| at(word, "MEETING, CHAIR or SOCIAL_CARE"))
        })?;
        let category = self.category.as_ref().map_or_else(
            || Ok(usual_category(record)),
            |word| category_of(word.get_ref()).ok_or_else(|| at(word, "no category of an item")),
        )?;
        let step = |word: &Spanned<String>| Step::of_word(word.get_ref()).ok_or_else(|| at(word, "no step"));
        Ok(Item {
            code: self.code.get_ref().clone(),
            record,
            asks: self.asks.clone(),
            rules: code(&self.rules),
            step: self.step.as_ref().map(step).transpose()?,
            again: self.again.as_ref().map(step).transpose()?,
            per: self.per.as_ref().map_or(Ok(Per::Record), |word| {
                Per::of(word.get_ref()).ok_or_else(|| at(word, "nobody of a record is called so"))
            })?,
            answer: self.answer()?,
            beside,
            when: self.when.iter().map(|word| when_of(word.get_ref())).collect(),
            by: if by.is_empty() { vec![Writer::SocialCare] } else { by },
            audience,
            category,
            many: self.many,
            line_of: self.of_item.as_ref().map(|word| word.get_ref().clone()),
            explain: self.explain()?,
            or_reason: self.or_reason,
            before: self.before,
            to_come: self.to_come,
            meets: meets.collect::<Result<_, _>>()?,
        })
    }

    /// The choices that are explained: of this item, which takes words.
    fn explain(&self) -> Result<Vec<String>, Wrong> {
        let takes_words = self.also.iter().any(|word| word.get_ref() == "TEXT");
        let is_choice = |word: &String| self.choices.as_ref().is_some_and(|choices| choices.contains(word));
        let each = |word: &Spanned<String>| {
            let known = takes_words && is_choice(word.get_ref());
            if known { Ok(word.get_ref().clone()) } else { Err(at(word, "no choice of an item that takes TEXT")) }
        };
        self.explain.iter().map(each).collect()
    }

    fn answer(&self) -> Result<Answer, Wrong> {
        let word = self.answer.as_ref().map(|word| word.get_ref().as_str());
        match (word, &self.choices, self.between) {
            (None, Some(words), None) => Ok(Answer::Choice(words.clone())),
            (None | Some("TEXT"), None, None) => Ok(Answer::Text),
            (Some("YES_NO"), None, None) => Ok(Answer::YesNo),
            (Some("AT"), None, None) => Ok(Answer::At),
            (Some("NUMBER"), None, Some([least, most])) if least <= most => Ok(Answer::Number(least, most)),
            _ => Err(at(&self.code, "TEXT, YES_NO, AT, NUMBER with between, or choices")),
        }
    }
}

fn at(word: &Spanned<String>, what: &str) -> Wrong {
    (word.span().start, format!("«{}»: {what}", word.get_ref()))
}

/// To which category what is said on a record belongs, where its item says nothing else.
const fn usual_category(record: Record) -> Category {
    match record {
        Record::StrategyMeeting | Record::Enquiry => Category::SocialCareAssessment,
        Record::Conference | Record::CoreGroupMeeting | Record::Plan => Category::Plan,
    }
}

pub(super) fn category_of(word: &str) -> Option<Category> {
    Some(match word {
        "HEALTH" => Category::Health,
        "LEGAL" => Category::Legal,
        "FAMILY_VIEWS" => Category::FamilyViews,
        "DANGER_STATEMENTS" => Category::DangerStatements,
        "SOCIAL_CARE_ASSESSMENT" => Category::SocialCareAssessment,
        "PLAN" => Category::Plan,
        _ => return None,
    })
}

fn when_of(text: &str) -> When {
    let two =
        |by| text.split_once(by).map(|(item, word): (&str, &str)| (item.trim().to_owned(), word.trim().to_owned()));
    if let Some((item, word)) = two("!=") {
        return When::SaysNot(item, word);
    }
    if let Some((item, word)) = two("=") {
        return When::Says(item, word);
    }
    Fact::of(text).map_or_else(|| When::Answered(text.to_owned()), When::Is)
}

impl Per {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "RECORD" => Self::Record,
            "CHILD" => Self::Child,
            "HOUSEHOLD_CHILD" => Self::HouseholdChild,
            "PARENT" => Self::Parent,
            "FATHER" => Self::Father,
            "AGENCY" => Self::Agency,
            "UNREPORTED" => Self::Unreported,
            "CHILD_AND_AGENCY" => Self::ChildAndAgency,
            _ => return None,
        })
    }
}

impl Beside {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "TEXT" => Self::Text,
            "AT" => Self::At,
            "TIMESCALE" => Self::Timescale,
            _ => return None,
        })
    }
}

impl Fact {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "ABOUT_A_FAMILY" => Self::AboutAFamily,
            "SECTION_47" => Self::Section47,
            "INITIAL" => Self::Initial,
            "REVIEW" => Self::Review,
            "FIRST_REVIEW" => Self::FirstReview,
            "NINE_MONTH" => Self::NineMonth,
            "CP_PLAN" => Self::CpPlan,
            "PLAN_ENDS" => Self::PlanEnds,
            "NO_PLAN" => Self::NoPlan,
            "WITHOUT_PLAN" => Self::WithoutPlan,
            "MOSTLY_ZERO" => Self::MostlyZero,
            "MAJORITY_ABOVE_FIVE" => Self::MajorityAboveFive,
            "INQUORATE" => Self::Inquorate,
            "LED_BY_OTHER" => Self::LedByOther,
            "FIRST_MEETING" => Self::FirstMeeting,
            "CP" => Self::Cp,
            "CIN" => Self::Cin,
            "FOLLOWS_CP" => Self::FollowsCp,
            "ENDED_EARLY" => Self::EndedEarly,
            "SPARSER_VISITS" => Self::SparserVisits,
            _ => return None,
        })
    }
}
