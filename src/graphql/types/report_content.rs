//! What a report says: its answers, its chronology, its receipt, and how versions differ.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};
use entity::id::{AgencyId, ChildId, ConferenceReportId};
use entity::{chronology_row, conference_report, report_answer, report_request};

use super::agency::{Agency, agency_about, withheld_about};
use super::codes::{ChronologyKind, DatePrecision, InformationCategory};
use super::report::{ConferenceReport, all, category_of};
use super::report_template::{ReportTemplateItemSummary, StatementKind};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::global;
use crate::graphql::scalars::Date;
use crate::store::Store;
use crate::store::audit::ledger::Opening;
use crate::store::loaders::about::HiddenPlace;
use crate::store::loaders::{AttachmentsOfReport, Below};
use crate::store::report::Asked;
use crate::store::report::receipt::{Timeliness, due_at};

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
    /// `agreedById`, `agreedOn`, nulls and empty lists, with `authorId`; in place of `template`, `template` (its code) and
    /// `templateVersion`; in place of `attachmentIds`, `attachments`, the `sha256` of each file, in order; each answer without
    /// `thirdParty` and `locates` where these are false.
    sha256: String,
    /// When it was submitted.
    submitted_at: DateTime<Utc>,
    /// When it was due, as it came.
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
            due_at: due_at(report, request),
            timeliness: timeliness.into(),
            working_days_early: report.working_days_early,
            says: Timeliness::in_words(report, request),
            token,
        })
    }
}

/// What the reader may open of a version: who reads a part of it reads the copy.
async fn of_version(ctx: &Context<'_>, id: ConferenceReportId, agency: AgencyId) -> Resolved<Opening> {
    let reader = reader(ctx)?;
    if let Some(report) = reader.load(id).await? {
        reader.scope().reads_report(&report);
    }
    Ok(reader.scope().disclosure(Some(agency)))
}

/// Whether it is hidden from the reader where a child is.
async fn is_hidden(ctx: &Context<'_>, child: ChildId) -> Resolved<bool> {
    Ok(reader(ctx)?.load(HiddenPlace(child)).await?.unwrap_or(true))
}

/// What a report says to an item of its template.
pub struct ReportAnswer(pub report_answer::Model);

impl ReportAnswer {
    async fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        of_version(ctx, self.0.conference_report_id, self.0.agency_id).await
    }

    async fn item(&self, ctx: &Context<'_>) -> Resolved<Option<Asked>> {
        let reader = reader(ctx)?;
        let Some(report) = reader.load(self.0.conference_report_id).await? else { return Ok(None) };
        let template = reader.scope().report_template(&report.template, Some(report.template_version));
        Ok(template.ok().and_then(|template| template.item(&self.0.item).cloned()))
    }

    /// What tells where the child is, is as closed as the address, where that is protected.
    async fn category(&self, ctx: &Context<'_>) -> Resolved<Category> {
        if self.0.locates && is_hidden(ctx, self.0.child_id).await? {
            return Ok(Category::ProtectedAddress);
        }
        match self.item(ctx).await?.and_then(|item| item.category) {
            Some(category) => Ok(category),
            None => category_of(ctx, self.0.agency_id).await,
        }
    }

    /// What it says, in words, as far as the reader may know.
    pub async fn told(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        let (open, category) = (self.disclosure(ctx).await?, self.category(ctx).await?);
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
        Ok(self.0.text.open_as(&self.disclosure(ctx).await?, self.category(ctx).await?).cloned().flatten())
    }

    /// The answer by a word. Null where it is another, or withheld.
    async fn choice(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.choice.open_as(&self.disclosure(ctx).await?, self.category(ctx).await?).cloned().flatten())
    }

    /// The answer by a number. Null where it is another, or withheld.
    async fn number(&self, ctx: &Context<'_>) -> Resolved<Option<i32>> {
        Ok(self.0.number.open_as(&self.disclosure(ctx).await?, self.category(ctx).await?).copied().flatten())
    }

    /// The answer by a day. Null where it is another, or withheld.
    async fn day(&self, ctx: &Context<'_>) -> Resolved<Option<Date>> {
        Ok(self.0.day.open_as(&self.disclosure(ctx).await?, self.category(ctx).await?).copied().flatten().map(Date))
    }

    /// True if it is about, or came from, a third party: it is in no copy for parents.
    async fn third_party(&self) -> bool {
        self.0.third_party
    }

    /// True if it tells where the child is: it is in no copy for parents.
    async fn locates(&self) -> bool {
        self.0.locates
    }

    /// Categories you may not read here: a null answer of these is withheld.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let closed = self.disclosure(ctx).await?.withheld(&[(self.category(ctx).await?, Depth::Full)]);
        Ok(closed.into_iter().map(Into::into).collect())
    }
}

/// Something that happened, as an agency knows it.
pub struct ChronologyRow(pub chronology_row::Model);

impl ChronologyRow {
    async fn disclosure(&self, ctx: &Context<'_>) -> Resolved<Opening> {
        of_version(ctx, self.0.conference_report_id, self.0.agency_id).await
    }

    /// What happened, as far as the reader may know.
    pub async fn told(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.text.open_as(&self.disclosure(ctx).await?, self.category(ctx).await?).cloned())
    }

    /// All of it that the reader may know, in one line.
    async fn in_words(&self, ctx: &Context<'_>, text: String) -> Resolved<String> {
        let row = &self.0;
        let open = self.disclosure(ctx).await?;
        let source = row.source.open_as(&open, self.category(ctx).await?).cloned();
        let until = row.ended_on.map(|day| format!("until {day}"));
        let marks = [(row.third_party, "third party"), (row.locates, "locates")];
        let marks = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark.to_owned());
        let parts = [Some(text), self.answered(ctx).await?, source, until, Some(row.kind.word())];
        let parts = parts.into_iter().flatten().chain(Some(row.precision.word())).chain(marks);
        Ok(parts.collect::<Vec<_>>().join(" | "))
    }

    /// What was done about it, as far as the reader may know.
    pub async fn answered(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.response.open_as(&self.disclosure(ctx).await?, self.category(ctx).await?).cloned().flatten())
    }

    /// What tells where the child is, is as closed as the address, where that is protected.
    async fn category(&self, ctx: &Context<'_>) -> Resolved<Category> {
        if self.0.locates && is_hidden(ctx, self.0.child_id).await? {
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
        Ok(self.0.source.open_as(&self.disclosure(ctx).await?, self.category(ctx).await?).cloned())
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
        let mut closed = self.disclosure(ctx).await?.withheld(&[(self.category(ctx).await?, Depth::Full)]);
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
    let written = reader.scope().written_fields(&report.0);
    let is_empty = |field: &String| written.as_ref().is_some_and(|written| !written.contains(field));
    let missing = template.items.iter().filter(|item| item.required);
    let missing = missing.filter(|item| match &item.field {
        Some(field) => is_empty(field),
        None => !answered.contains(&item.code),
    });
    Ok(missing.map(ReportTemplateItemSummary::from).collect())
}

/// What is otherwise in a version than in another.
#[derive(SimpleObject)]
pub struct ReportChangeSummary {
    /// The item of the template; `CHRONOLOGY` and the day; `SHARED_WITH_FAMILY_ON`, `AGREED_ON`, or `ATTACHMENTS` (their
    /// SHA-256).
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
    let mut days: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for row in report.all_rows(ctx).await?.into_iter().map(ChronologyRow) {
        if let Some(text) = row.told(ctx).await? {
            days.entry(row.0.occurred_on).or_default().push(row.in_words(ctx, text).await?);
        }
    }
    for (day, mut rows) in days {
        // in no order of their own: several things of one day are told one after the other
        rows.sort_unstable();
        said.insert(format!("CHRONOLOGY {day}"), rows.join("\n"));
    }
    let days = [("SHARED_WITH_FAMILY_ON", report.0.shared_with_family_on), ("AGREED_ON", report.0.agreed_on)];
    said.extend(days.into_iter().filter_map(|(item, day)| Some((item.to_owned(), day?.to_string()))));
    let files = reader(ctx)?.load(Below { list: AttachmentsOfReport, parent: report.0.id, args: all() }).await?;
    let mut files: Vec<_> =
        files.map(|page| page.rows).unwrap_or_default().into_iter().filter_map(|file| file.sha256).collect();
    files.sort_unstable();
    if !files.is_empty() {
        said.insert("ATTACHMENTS".to_owned(), files.join("\n"));
    }
    Ok(said)
}
