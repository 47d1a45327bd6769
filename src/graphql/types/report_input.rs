//! What a report is given as: the rows of its chronology, its answers, its template.

use async_graphql::InputObject;

use super::codes::{ChronologyKind, DatePrecision};
use super::restricted::{ReaderInput, RestrictedItemKind, invitees};
use crate::graphql::error::Resolved;
use crate::graphql::scalars::Date;
use crate::store::report::{Answer, ByTemplate, ChronologyLine, Passage};

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

impl From<ChronologyInput> for ChronologyLine {
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
    /// True if it is about, or came from, a third party: it goes into no copy for parents.
    #[graphql(default)]
    third_party: bool,
    /// True if it tells where the child is: it goes into no copy for parents, and where the address is protected it is read by
    /// those who may read that.
    #[graphql(default)]
    locates: bool,
}

impl From<ReportAnswerInput> for Answer {
    fn from(answer: ReportAnswerInput) -> Self {
        let ReportAnswerInput { item, text, choice, number, day, third_party, locates } = answer;
        Self { item, text, choice, number, day: day.map(|day| day.0), third_party, locates }
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

impl From<ReportTemplateInput> for ByTemplate {
    fn from(by: ReportTemplateInput) -> Self {
        Self { code: by.code, version: by.version }
    }
}

/// A passage that only your agency and a list of readers may read, in the restricted section of the conference: its chair
/// reads it as well, where it is none of your intelligence.
#[derive(InputObject, Clone)]
pub struct ReportRestrictedItemInput {
    /// What kind it is; one that the author's post may record.
    kind: RestrictedItemKind,
    /// What it says; 10,000 characters at most.
    #[graphql(secret)]
    text: String,
    /// True if it is about, or came from, a third party.
    #[graphql(default)]
    third_party: bool,
    /// Who may read it besides your agency; 40 at most.
    #[graphql(default)]
    readers: Vec<ReaderInput>,
}

/// The passages of a report, which stand at `path` among the arguments.
pub fn passages(given: Vec<ReportRestrictedItemInput>, path: &str) -> Resolved<Vec<Passage>> {
    let each = given.into_iter().enumerate().map(|(n, item)| {
        Ok(Passage {
            kind: item.kind.into(),
            readers: invitees(&item.readers, &format!("{path}.restrictedItems.{n}.readers"))?,
            text: item.text,
            third_party: item.third_party,
        })
    });
    each.collect()
}
