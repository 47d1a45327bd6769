//! Where a report went: the copies of agencies, and what is for the family.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::FamilyCopyId;
use uuid::Uuid;

use super::agency::{Agency, Practitioner, agency_about, practitioner};
use super::codes::DatePrecision;
use super::household::Person;
use super::report::ConferenceReport;
use super::report_content::{ChronologyRow, ReportAnswer};
use super::report_template::{ReportSection, StatementKind};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::actions::report_sending::Share;
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::Resolved;
use crate::graphql::id::{global, typed, typed_opt};
use crate::graphql::scalars::{Date, Instant};
use crate::store::loaders::about::MarkedAs;
use crate::store::loaders::copies::CopiesOf;
use crate::store::report::Marked as _;

/// The copy of a report that an agency was sent.
#[derive(SimpleObject)]
pub struct ReportCopySummary {
    /// To which agency. Null where that would tell where a child with a protected address is.
    agency: Option<Agency>,
    /// When it was sent.
    circulated_at: DateTime<Utc>,
    /// When somebody there first read it. Null until then.
    opened_at: Option<DateTime<Utc>>,
    /// When the authority took it back.
    withdrawn_at: Option<DateTime<Utc>>,
}

/// The copies of a report, for its agency and those who hold the conference.
pub async fn copies(ctx: &Context<'_>, report: &ConferenceReport) -> Resolved<Vec<ReportCopySummary>> {
    let rows = reader(ctx)?.load(CopiesOf(report.0.id)).await?.unwrap_or_default();
    let mut copies = Vec::with_capacity(rows.len());
    for row in rows {
        copies.push(ReportCopySummary {
            agency: agency_about(ctx, report.0.child_id, row.agency_id).await,
            circulated_at: row.circulated_at,
            opened_at: row.opened_at,
            withdrawn_at: row.withdrawn_at,
        });
    }
    Ok(copies)
}

/// A copy that somebody of the family was given.
pub struct FamilyCopy(pub entity::family_copy::Model);

/// A copy that somebody of the family was given.
#[Object]
impl FamilyCopy {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Who was given it. Null where it was the child, or where the adult is not for you.
    async fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        loaded(ctx, self.0.person_id?, Person).await
    }

    /// True if the child was given it.
    async fn to_the_child(&self) -> bool {
        self.0.person_id.is_none()
    }

    /// When it was given.
    async fn shared_at(&self) -> DateTime<Utc> {
        self.0.shared_at
    }

    /// Who wrote that down.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.shared_by)).await
    }

    /// When it was written down.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// Answers and rows of the chronology that were left out of it.
    async fn left_out(&self) -> i32 {
        self.0.left_out
    }
}

/// What a report says to an item, as the family is given it.
#[derive(SimpleObject)]
pub struct FamilyCopyLineSummary {
    /// In which part it stands.
    section: ReportSection,
    /// What was asked.
    asks: String,
    /// What kind of statement it is.
    says: StatementKind,
    /// What is said.
    text: String,
}

/// Something that happened, as the family is given it.
#[derive(SimpleObject)]
pub struct FamilyCopyRowSummary {
    /// The day, or the first of the month or year.
    occurred_on: Date,
    /// How exactly it is known.
    precision: DatePrecision,
    /// What happened.
    text: String,
    /// What was done about it.
    response: Option<String>,
}

/// A report as the family is given it: without restricted items, without what is about or from third parties, and without what
/// tells where the child is.
#[derive(SimpleObject)]
pub struct FamilyCopySummary {
    /// Whose report it is. Null where that agency is marked as telling where the child is: then it stays out of the copy as
    /// well, whoever makes it.
    agency: Option<Agency>,
    /// When the report was submitted.
    submitted_at: DateTime<Utc>,
    /// What it says, in the order of its template.
    lines: Vec<FamilyCopyLineSummary>,
    /// What happened when.
    chronology: Vec<FamilyCopyRowSummary>,
    /// Answers and rows of the chronology that are left out, because they are about or from third parties or tell where the
    /// child is.
    left_out: i32,
}

/// The report as the family is given it, of what the reader may read; `None` for readers who give it to nobody.
pub async fn family_copy(ctx: &Context<'_>, report: &ConferenceReport) -> Resolved<Option<FamilyCopySummary>> {
    let reader = reader(ctx)?;
    let scope = reader.scope();
    let shares = scope.who().agency == report.0.agency_id || scope.who().role.holds_a_social_care_post();
    let template = scope.report_template(&report.0.template, Some(report.0.template_version));
    let (true, Ok(template)) = (shares, template) else { return Ok(None) };
    let mut said = report.sections(ctx).await?;
    let mut left_out = 0;
    for answer in report.all_answers(ctx).await?.into_iter().map(ReportAnswer) {
        if answer.0.is_left_out() {
            left_out += 1;
        } else if let Some(told) = answer.told(ctx).await? {
            said.insert(answer.0.item.clone(), told);
        }
    }
    let lines = template.items.iter().filter_map(|item| {
        let text = said.remove(&item.code).filter(|text| !text.trim().is_empty())?;
        Some(FamilyCopyLineSummary {
            section: item.section.into(),
            asks: item.asks.clone(),
            says: item.says.into(),
            text,
        })
    });
    let lines = lines.collect();
    let mut chronology = Vec::new();
    for row in report.all_rows(ctx).await?.into_iter().map(ChronologyRow) {
        if row.0.is_left_out() {
            left_out += 1;
        } else if let Some(text) = row.told(ctx).await? {
            chronology.push(FamilyCopyRowSummary {
                occurred_on: Date(row.0.occurred_on),
                precision: row.0.precision.into(),
                text,
                response: row.answered(ctx).await?,
            });
        }
    }
    let about = MarkedAs { child: report.0.child_id, agency: report.0.agency_id };
    let agency = match reader.load(about).await? {
        Some(()) => None,
        None => agency_about(ctx, report.0.child_id, report.0.agency_id).await,
    };
    Ok(Some(FamilyCopySummary { agency, submitted_at: report.0.submitted_at, lines, chronology, left_out }))
}

/// A copy that somebody of the family was given.
#[derive(InputObject)]
pub struct RecordFamilyCopyInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The version of the report.
    conference_report_id: ID,
    /// The adult who was given it; the child, if left out.
    person_id: Option<ID>,
    /// When it was given; not later than now.
    shared_at: Instant,
}

/// The copy as it was recorded.
#[derive(SimpleObject)]
pub struct RecordFamilyCopyPayload {
    /// The copy; null on a dry run or a refusal.
    family_copy: Option<FamilyCopy>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of copies of reports.
#[derive(Default)]
pub struct ReportCopyMutation;

/// Mutations of copies of reports.
#[Object]
impl ReportCopyMutation {
    /// Record that somebody of the family was given the copy of a report that is for them.
    async fn record_family_copy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The copy.")] input: RecordFamilyCopyInput,
    ) -> Resolved<RecordFamilyCopyPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let share = Share {
            report: typed(&input.conference_report_id, "input.conferenceReportId")?,
            person: typed_opt(input.person_id.as_ref(), "input.personId")?,
            shared_at: input.shared_at.0,
        };
        let reader = reader(ctx)?;
        let done = actions::report_sending::share(reader.scope(), &write, share).await;
        let Written { row, user_errors } = finish(&reader, done, FamilyCopyId).await?;
        Ok(RecordFamilyCopyPayload { family_copy: row.map(FamilyCopy), user_errors })
    }
}
