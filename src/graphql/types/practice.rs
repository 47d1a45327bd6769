//! The standards of practice of an authority.

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::codes::{
    AgencyKind, DeadlineKind, EntryAudience, EntryWriter, InformationCategory, PracticeProfileName, RecordKind,
    RecordStep,
};
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::scalars::Date;
use crate::store::practice::{Answer, Beside, Held, HeldItem, HeldRule, Hold, Per, Reading};

/// How an authority holds a rule.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Hold")]
pub enum RuleHold {
    /// A finishing step is refused until it is met.
    Refuse,
    /// Told where it is not met.
    Warn,
    /// Shown; nobody is reminded.
    Offer,
    /// Not held here.
    Off,
}

/// How words that can be read in two ways are read: «did not attend or send a report».
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Reading")]
pub enum RuleReading {
    /// Who missed either is asked.
    Either,
    /// Who missed both is asked.
    Neither,
}

/// A rule as an authority holds it.
#[derive(SimpleObject)]
pub struct PracticeStandardSummary {
    /// Its id in the register of practice.
    rule: String,
    /// What it asks.
    says: Option<String>,
    /// Where it stands.
    source: Option<String>,
    /// How strongly its source words it: must, should, may, or states.
    force: Option<String>,
    /// How it is held.
    hold: RuleHold,
    /// What it makes due; null where it is about something else.
    deadline: Option<DeadlineKind>,
    /// All that it makes due, where that is more.
    deadlines: Vec<DeadlineKind>,
    /// What it lets stretch, to the time it names.
    extends: Option<DeadlineKind>,
    /// In what time, such as «10 working days».
    within: Option<String>,
    /// How many, where it is about a number.
    least: Option<i32>,
    /// Which kinds of agency, where it is about these.
    agencies: Vec<AgencyKind>,
    /// How many in a row, where it is about a run.
    running: Option<i32>,
    /// Beyond how many standard errors, where it is about what is no chance any more.
    sigma: Option<i32>,
    /// How much of another figure at the least, in percent, where it is about a comparison.
    percent: Option<i32>,
    /// How its words are read, where they can be read in two ways.
    reading: Option<RuleReading>,
    /// From which day on; null where it always applied. What was made due before keeps the standard of its day.
    applies_from: Option<Date>,
}

/// The standards of practice of an authority.
#[derive(SimpleObject)]
pub struct PracticeProfileSummary {
    /// Which.
    profile: PracticeProfileName,
    /// What the authority is called.
    name: String,
    /// The document it goes by.
    document: String,
    /// How long before it is due a limit in days is said to approach, such as «2 working days».
    approaching: Option<String>,
    /// What it holds, in the order of its file; those it shares with all authorities last.
    standards: Vec<PracticeStandardSummary>,
}

impl From<Held> for PracticeProfileSummary {
    fn from(held: Held) -> Self {
        let standards = held.standards.into_iter().map(Into::into).collect();
        let (profile, name, document) = (held.profile.into(), held.name, held.document);
        Self { profile, name, document, approaching: held.approaching, standards }
    }
}

impl From<HeldRule> for PracticeStandardSummary {
    fn from(held: HeldRule) -> Self {
        let (says, source, force) =
            held.words.map_or((None, None, None), |(says, source, force)| (Some(says), Some(source), Some(force)));
        Self {
            rule: held.rule,
            says,
            source,
            force,
            hold: held.hold.into(),
            deadline: held.deadlines.first().copied().map(Into::into),
            deadlines: held.deadlines.into_iter().map(Into::into).collect(),
            extends: held.extends.map(Into::into),
            within: held.within,
            least: held.least.map(i32::from),
            agencies: held.agencies.into_iter().map(Into::into).collect(),
            running: held.running.map(i32::from),
            sigma: held.sigma.map(i32::from),
            percent: held.percent.map(i32::from),
            reading: held.reading.map(Into::into),
            applies_from: held.from.map(Date),
        }
    }
}

/// About whom of a record an item is asked.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Per")]
pub enum ItemSubject {
    /// The record as a whole.
    Record,
    /// Each child it is about.
    Child,
    /// Each child that lives with them, and they.
    HouseholdChild,
    /// Each adult with parental responsibility.
    Parent,
    /// Each father.
    Father,
    /// Each agency that was asked, or is a member.
    Agency,
    /// Each agency whose report was asked for and has not come.
    Unreported,
    /// Each child and each agency.
    ChildAndAgency,
}

/// How an item is answered.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum ItemAnswer {
    /// By `text`.
    Text,
    /// By `choice`: YES or NO.
    YesNo,
    /// By `number`.
    Number,
    /// By `at`.
    At,
    /// By `choice`: one of `choices`.
    Choice,
}

/// Something that belongs on a record: from these a form can be drawn.
#[derive(SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "what an item takes, for whoever draws a form")]
pub struct RecordItemSummary {
    /// What it is called in `recordEntries`.
    code: String,
    /// What is asked.
    asks: String,
    /// About whom.
    about: ItemSubject,
    /// How it is answered.
    answer: ItemAnswer,
    /// The words of a choice.
    choices: Vec<String>,
    /// The smallest number.
    least: Option<i32>,
    /// The largest number.
    most: Option<i32>,
    /// Whether `text` may stand beside the answer.
    takes_text: bool,
    /// Whether `at` may.
    takes_at: bool,
    /// Whether `timescale` may.
    takes_timescale: bool,
    /// Whether `reasonNot` is an answer as well.
    takes_reason_not: bool,
    /// The choices that are half an answer without words beside them: a step that asks for the item waits for these, and
    /// where no step does, the words are REQUIRED.
    choices_to_explain: Vec<String>,
    /// Whether it has several answers, told apart by `line`.
    several: bool,
    /// The item whose lines it belongs to.
    line_of: Option<String>,
    /// The step that asks for it; null where nothing waits for it.
    step: Option<RecordStep>,
    /// Who writes it.
    written_by: Vec<EntryWriter>,
    /// Who reads it.
    audience: EntryAudience,
    /// The category of information it belongs to.
    category: InformationCategory,
    /// The rules that ask for it, by their ids in the register of practice, whoever holds them.
    rules: Vec<String>,
    /// How your authority holds it today.
    hold: RuleHold,
}

impl From<HeldItem> for RecordItemSummary {
    fn from(held: HeldItem) -> Self {
        let HeldItem { item, hold } = held;
        let (answer, choices, between) = match &item.answer {
            Answer::Text => (ItemAnswer::Text, Vec::new(), None),
            Answer::YesNo => (ItemAnswer::YesNo, Vec::new(), None),
            Answer::Number(least, most) => (ItemAnswer::Number, Vec::new(), Some((*least, *most))),
            Answer::At => (ItemAnswer::At, Vec::new(), None),
            Answer::Choice(words) => (ItemAnswer::Choice, words.clone(), None),
        };
        let (least, most) = between.unzip();
        Self {
            takes_text: item.takes(Beside::Text),
            takes_at: item.takes(Beside::At),
            takes_timescale: item.takes(Beside::Timescale),
            takes_reason_not: item.or_reason,
            choices_to_explain: item.explain.clone(),
            code: item.code,
            asks: item.asks,
            about: item.per.into(),
            answer,
            choices,
            least,
            most,
            several: item.many,
            line_of: item.line_of,
            step: item.step.map(Into::into),
            written_by: item.by.into_iter().map(Into::into).collect(),
            audience: item.audience.into(),
            category: item.category.into(),
            rules: item.rules,
            hold: hold.into(),
        }
    }
}

/// Root fields about practice.
#[derive(Default)]
pub struct PracticeQuery;

/// Root fields about practice.
#[Object]
impl PracticeQuery {
    /// The standards of practice of an authority: of yours if none is named. They are published documents.
    async fn practice_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose; yours if left out.")] profile: Option<PracticeProfileName>,
    ) -> Resolved<PracticeProfileSummary> {
        let held = reader(ctx)?.scope().practice_of(profile.map(Into::into)).await?;
        Ok(held.into())
    }

    /// What belongs on a kind of record, and how your authority holds it today. The same for everybody of an authority.
    async fn record_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which kind.")] record: RecordKind,
    ) -> Resolved<Vec<RecordItemSummary>> {
        let held = reader(ctx)?.scope().items_of(record.into()).await?;
        Ok(held.into_iter().map(Into::into).collect())
    }
}
