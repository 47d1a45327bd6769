//! The templates that reports are written by.

use std::sync::Arc;

use async_graphql::{Enum, Object, SimpleObject};

use super::codes::{AgencyKind, InformationCategory};
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
