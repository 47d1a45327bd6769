//! What a report says: the templates it is written by, its answers, its chronology, its receipt, and how versions differ.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};
use entity::id::ConferenceReportId;
use entity::{chronology_row, conference_report, report_answer, report_request};

use super::agency::{Agency, agency_about, withheld_about};
use super::codes::{AgencyKind, ChronologyKind, DatePrecision, InformationCategory};
use super::report::{ConferenceReport, category_of};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::global;
use crate::graphql::scalars::Date;
use crate::store::Store;
use crate::store::audit::ledger::Opening;
use crate::store::loaders::about::HiddenPlace;
use crate::store::report::receipt::Timeliness;
use crate::store::report::{Asked, Form, Says, Section, Template};

/// Which template, of which version.
#[derive(SimpleObject)]
pub struct ReportTemplateNameSummary {
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: i32,
}

/// What kind of statement it is: fact and opinion are told apart.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Says")]
pub enum StatementKind {
    /// Seen, done or counted.
    Fact,
    /// What somebody said, told as theirs.
    View,
    /// What the agency makes of it.
    Opinion,
}

/// A part of a report.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Section")]
pub enum ReportSection {
    /// How the agency is involved.
    Involvement,
    /// Harm, danger, and what makes it worse.
    Worries,
    /// What keeps the child safe.
    Strengths,
    /// The child.
    Child,
    /// Parents and family.
    Family,
    /// What has to change.
    Change,
    /// What the agency thinks.
    Judgement,
}

/// How an item of a template is answered.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum ReportAnswerForm {
    /// By `text`.
    Text,
    /// By `choice`: YES or NO.
    YesNo,
    /// By `number`.
    Number,
    /// By `day`.
    Date,
    /// By `choice`: one of `choices`.
    Choice,
}

/// A template of reports: what is asked, in order. A form can be drawn from it.
pub struct ReportTemplateSummary(pub Arc<Template>);

/// A template of reports: what is asked, in order. A form can be drawn from it.
#[Object]
impl ReportTemplateSummary {
    /// What it is called in `template.code`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Its version. What a version asks never changes.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Its name in words.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Agencies of these kinds report by it.
    async fn agencies(&self) -> Vec<AgencyKind> {
        self.0.agencies.iter().map(|kind| (*kind).into()).collect()
    }

    /// What it asks.
    async fn items(&self) -> Vec<ReportTemplateItemSummary> {
        self.0.items.iter().map(ReportTemplateItemSummary::from).collect()
    }
}

/// Something a template asks.
#[derive(SimpleObject)]
pub struct ReportTemplateItemSummary {
    /// What it is called among the answers.
    code: String,
    /// In which part it stands.
    section: ReportSection,
    /// What is asked.
    asks: String,
    /// What kind of statement it is.
    says: StatementKind,
    /// The field of the input it is given in; null where it is given among `answers`.
    field: Option<String>,
    /// How it is answered.
    answer: ReportAnswerForm,
    /// The words of a choice.
    choices: Vec<String>,
    /// The smallest number.
    least: Option<i32>,
    /// The largest number.
    most: Option<i32>,
    /// True if no report is submitted without it.
    required: bool,
    /// The category of information it belongs to; null where it is that of the agency.
    category: Option<InformationCategory>,
}

impl From<&Asked> for ReportTemplateItemSummary {
    fn from(item: &Asked) -> Self {
        let (answer, choices, between) = match &item.form {
            Form::Text => (ReportAnswerForm::Text, Vec::new(), None),
            Form::YesNo => (ReportAnswerForm::YesNo, vec!["YES".to_owned(), "NO".to_owned()], None),
            Form::Number(least, most) => (ReportAnswerForm::Number, Vec::new(), Some((*least, *most))),
            Form::Date => (ReportAnswerForm::Date, Vec::new(), None),
            Form::Choice(words) => (ReportAnswerForm::Choice, words.clone(), None),
        };
        Self {
            code: item.code.clone(),
            section: item.section.into(),
            asks: item.asks.clone(),
            says: item.says.into(),
            field: item.field.clone(),
            answer,
            choices,
            least: between.map(|(least, _)| least),
            most: between.map(|(_, most)| most),
            required: item.required,
            category: item.category.map(Into::into),
        }
    }
}

/// How a report came, measured against what was asked.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "Timeliness")]
pub enum ReportTimeliness {
    /// Not later than it was due.
    InTime,
    /// Later.
    Late,
    /// When the conference was over.
    AfterConference,
}

/// What proves which text came when, and how that stood to the day it was due.
#[derive(SimpleObject)]
pub struct ReportReceiptSummary {
    /// SHA-256, in lower-case hex, over the canonical JSON (RFC 8785) of the input without `idempotencyKey`, `dryRun`,
    /// `agreedById`, `agreedOn`, nulls and empty lists, with `authorId` and, in place of `template`, `template` (its code) and
    /// `templateVersion`.
    sha256: String,
    /// When it was submitted.
    submitted_at: DateTime<Utc>,
    /// When it was due.
    due_at: DateTime<Utc>,
    /// How it came.
    timeliness: ReportTimeliness,
    /// Whole working days before the day it was due; below zero, after it. Null beyond the calendar.
    working_days_early: Option<i32>,
    /// The same in words: «3 working days early», «1 working day late».
    says: String,
    /// All of this signed: a compact JSON web signature (EdDSA), to be checked with the keys at `/receipts/keys`.
    token: String,
}

impl ReportReceiptSummary {
    /// The receipt of a version; `None` of a draft.
    pub fn of(store: &Store, report: &conference_report::Model, request: &report_request::Model) -> Option<Self> {
        let token = store.receipt(report, request)?;
        let timeliness = Timeliness::of(report, request);
        Some(Self {
            sha256: report.receipt.clone(),
            submitted_at: report.submitted_at,
            due_at: request.due_at,
            timeliness: timeliness.into(),
            working_days_early: report.working_days_early,
            says: timeliness.says(report.working_days_early),
            token,
        })
    }
}

/// What a report says to an item of its template.
pub struct ReportAnswer(pub report_answer::Model);

impl ReportAnswer {
    fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        Ok(reader(ctx)?.scope().disclosure(Some(self.0.agency_id)))
    }

    async fn item(&self, ctx: &Context<'_>) -> Resolved<Option<Asked>> {
        let reader = reader(ctx)?;
        let Some(report) = reader.load(self.0.conference_report_id).await? else { return Ok(None) };
        let template = reader.scope().report_template(&report.template, Some(report.template_version));
        Ok(template.ok().and_then(|template| template.item(&self.0.item).cloned()))
    }

    async fn category(&self, ctx: &Context<'_>) -> Resolved<Category> {
        match self.item(ctx).await?.and_then(|item| item.category) {
            Some(category) => Ok(category),
            None => category_of(ctx, self.0.agency_id).await,
        }
    }

    /// What it says, in words, as far as the reader may know.
    pub async fn told(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        let (open, category) = (self.disclosure(ctx)?, self.category(ctx).await?);
        let number = self.0.number.open_as(&open, category).copied().flatten().map(|number| number.to_string());
        let day = self.0.day.open_as(&open, category).copied().flatten().map(|day| day.to_string());
        let text = self.0.text.open_as(&open, category).cloned().flatten();
        let choice = self.0.choice.open_as(&open, category).cloned().flatten();
        Ok(text.or(choice).or(number).or(day))
    }
}

/// What a report says to an item of its template.
#[Object]
impl ReportAnswer {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Which item of the template.
    #[graphql(name = "item")]
    async fn code(&self) -> &str {
        &self.0.item
    }

    /// What was asked. Null where the report is not for you any more.
    async fn asks(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.item(ctx).await?.map(|item| item.asks))
    }

    /// What kind of statement it is.
    async fn says(&self, ctx: &Context<'_>) -> Resolved<Option<StatementKind>> {
        Ok(self.item(ctx).await?.map(|item| item.says.into()))
    }

    /// The answer in words. Null where it is another, or withheld.
    async fn text(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.text.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned().flatten())
    }

    /// The answer by a word. Null where it is another, or withheld.
    async fn choice(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.choice.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned().flatten())
    }

    /// The answer by a number. Null where it is another, or withheld.
    async fn number(&self, ctx: &Context<'_>) -> Resolved<Option<i32>> {
        Ok(self.0.number.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).copied().flatten())
    }

    /// The answer by a day. Null where it is another, or withheld.
    async fn day(&self, ctx: &Context<'_>) -> Resolved<Option<Date>> {
        Ok(self.0.day.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).copied().flatten().map(Date))
    }

    /// Categories you may not read here: a null answer of these is withheld.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = self.disclosure(ctx)?.withheld(&[(self.category(ctx).await?, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }
}

/// Something that happened, as an agency knows it.
pub struct ChronologyRow(pub chronology_row::Model);

impl ChronologyRow {
    fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        Ok(reader(ctx)?.scope().disclosure(Some(self.0.agency_id)))
    }

    /// What happened, as far as the reader may know.
    pub async fn told(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.text.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned())
    }

    /// What was done about it, as far as the reader may know.
    pub async fn answered(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.response.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned().flatten())
    }

    /// What tells where the child is, is as closed as the address, where that is protected.
    async fn category(&self, ctx: &Context<'_>) -> Resolved<Category> {
        if self.0.locates && reader(ctx)?.load(HiddenPlace(self.0.child_id)).await?.unwrap_or(true) {
            return Ok(Category::ProtectedAddress);
        }
        category_of(ctx, self.0.agency_id).await
    }
}

/// Something that happened, as an agency knows it.
#[Object]
impl ChronologyRow {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The day, or the first of the month or year.
    async fn occurred_on(&self) -> Date {
        Date(self.0.occurred_on)
    }

    /// How exactly the day is known.
    async fn precision(&self) -> DatePrecision {
        self.0.precision.into()
    }

    /// The last day of what lasted.
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date)
    }

    /// What kind of thing it was.
    async fn kind(&self) -> ChronologyKind {
        self.0.kind.into()
    }

    /// What happened. Null where withheld.
    async fn text(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        self.told(ctx).await
    }

    /// How the agency knows. Null where withheld.
    async fn source(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.source.open_as(&self.disclosure(ctx)?, self.category(ctx).await?).cloned())
    }

    /// What was done about it. Null where nothing was or withheld.
    async fn response(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        self.answered(ctx).await
    }

    /// True if it is about, or came from, a third party: it is in no copy for parents.
    async fn third_party(&self) -> bool {
        self.0.third_party
    }

    /// True if it tells where the child is: it is in no copy for parents.
    async fn locates(&self) -> bool {
        self.0.locates
    }

    /// Whose report it is in. Null where that would tell where a child with a protected address is.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency_about(ctx, self.0.child_id, self.0.agency_id).await
    }

    /// The version of the report it is in.
    async fn conference_report(&self, ctx: &Context<'_>) -> Option<ConferenceReport> {
        loaded(ctx, self.0.conference_report_id, ConferenceReport).await
    }

    /// Categories you may not read here: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let mut closed = self.disclosure(ctx)?.withheld(&[(self.category(ctx).await?, Depth::Full)]);
        closed.extend(withheld_about(ctx, self.0.child_id, self.0.agency_id).await?);
        Ok(closed.into_iter().map(Into::into).collect())
    }
}

/// What the template of a version requires and the version does not say. What is withheld from the reader counts as said.
pub async fn missing(ctx: &Context<'_>, report: &ConferenceReport) -> Resolved<Vec<ReportTemplateItemSummary>> {
    let reader = reader(ctx)?;
    let template = reader.scope().report_template(&report.0.template, Some(report.0.template_version));
    let Ok(template) = template else { return Ok(Vec::new()) };
    let answered: BTreeSet<_> = report.all_answers(ctx).await?.into_iter().map(|row| row.item).collect();
    let sections = report.sections(ctx).await?;
    let is_empty = |code: &str| sections.get(code).is_some_and(String::is_empty);
    let missing = template.items.iter().filter(|item| item.required);
    let missing = missing.filter(|item| match item.field {
        Some(_) => is_empty(&item.code),
        None => !answered.contains(&item.code),
    });
    Ok(missing.map(ReportTemplateItemSummary::from).collect())
}

/// What is otherwise in a version than in another.
#[derive(SimpleObject)]
pub struct ReportChangeSummary {
    /// The item of the template, or `CHRONOLOGY` and the day.
    item: String,
    /// What the other version says. Null where nothing, or withheld.
    before: Option<String>,
    /// What this version says. Null where nothing, or withheld.
    after: Option<String>,
}

/// What two versions that answer one request say differently.
pub async fn changes(
    ctx: &Context<'_>,
    version: &ConferenceReport,
    since: Resolved<Option<ConferenceReportId>>,
) -> Resolved<Vec<ReportChangeSummary>> {
    let other = match since? {
        Some(id) => reader(ctx)?.load(id).await?.ok_or_else(Fault::not_found)?,
        None => match version.before(ctx).await? {
            Some(before) => before,
            None => return Ok(Vec::new()),
        },
    };
    let other = ConferenceReport(other);
    if other.0.report_request_id != version.0.report_request_id {
        return Err(Fault::argument("sinceId", "This is a version of another report."));
    }
    let (mut before, mut after) = (said(ctx, &other).await?, said(ctx, version).await?);
    let items: BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
    let changes = items.into_iter().filter_map(|item| {
        let (before, after) = (before.remove(&item), after.remove(&item));
        (before != after).then_some(ReportChangeSummary { item, before, after })
    });
    Ok(changes.collect())
}

/// All that a version says to the reader, by item.
async fn said(ctx: &Context<'_>, report: &ConferenceReport) -> Resolved<BTreeMap<String, String>> {
    let mut said = report.sections(ctx).await?;
    for answer in report.all_answers(ctx).await?.into_iter().map(ReportAnswer) {
        if let Some(told) = answer.told(ctx).await? {
            said.insert(answer.0.item.clone(), told);
        }
    }
    for row in report.all_rows(ctx).await?.into_iter().map(ChronologyRow) {
        if let Some(text) = row.told(ctx).await? {
            // several things of one day are told one after the other
            let of_day: &mut String = said.entry(format!("CHRONOLOGY {}", row.0.occurred_on)).or_default();
            if !of_day.is_empty() {
                of_day.push('\n');
            }
            of_day.push_str(&text);
        }
    }
    Ok(said)
}

/// A row of a chronology.
#[derive(InputObject, Clone)]
pub struct ChronologyInput {
    /// The day, or the first of the month or year; not later than today.
    occurred_on: Date,
    /// How exactly it is known.
    #[graphql(default_with = "DatePrecision::Day")]
    precision: DatePrecision,
    /// The last day of what lasted.
    ended_on: Option<Date>,
    /// What kind of thing it was.
    kind: ChronologyKind,
    /// What happened; 4,000 characters at most.
    #[graphql(secret)]
    text: String,
    /// How you know: the record it is taken from, or who said so; 500 characters at most.
    #[graphql(secret)]
    source: String,
    /// What was done about it.
    #[graphql(secret)]
    response: Option<String>,
    /// True if it is about, or came from, a third party: it goes into no copy for parents.
    #[graphql(default)]
    third_party: bool,
    /// True if it tells where the child is: it goes into no copy for parents, and where the address is protected it is read by
    /// those who may read that.
    #[graphql(default)]
    locates: bool,
}

impl From<ChronologyInput> for crate::store::report::ChronologyLine {
    fn from(line: ChronologyInput) -> Self {
        Self {
            occurred_on: line.occurred_on.0,
            precision: line.precision.into(),
            ended_on: line.ended_on.map(|day| day.0),
            kind: line.kind.into(),
            text: line.text,
            source: line.source,
            response: line.response,
            third_party: line.third_party,
            locates: line.locates,
        }
    }
}

/// An answer to an item of a template: in the one way that the item is answered.
#[derive(InputObject, Clone)]
pub struct ReportAnswerInput {
    /// Which item.
    item: String,
    /// In words; 20,000 characters at most.
    #[graphql(secret)]
    text: Option<String>,
    /// By a word of the item; YES or NO.
    choice: Option<String>,
    /// By a whole number.
    number: Option<i32>,
    /// By a day.
    day: Option<Date>,
}

impl From<ReportAnswerInput> for crate::store::report::Answer {
    fn from(answer: ReportAnswerInput) -> Self {
        let ReportAnswerInput { item, text, choice, number, day } = answer;
        Self { item, text, choice, number, day: day.map(|day| day.0) }
    }
}

/// Which template, of which version.
#[derive(InputObject, Clone)]
pub struct ReportTemplateInput {
    /// Its code.
    code: String,
    /// Its version.
    version: i32,
}

impl From<ReportTemplateInput> for crate::store::report::ByTemplate {
    fn from(by: ReportTemplateInput) -> Self {
        Self { code: by.code, version: by.version }
    }
}
