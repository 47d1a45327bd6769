//! Mutations of reports.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::ConferenceReportId;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::codes::{ReportRecommendation, UserErrorCode};
use super::report::ConferenceReport;
use super::report_input::{
    ChronologyInput, ReportAnswerInput, ReportRestrictedItemInput, ReportTemplateInput, passages,
};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::actions::report::{Amend, Submit, SubmitDraft, Withdraw, Written as Report};
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::{typed, typed_list, typed_opt};
use crate::graphql::scalars::Date;
use crate::store::report::ReportContent;

/// Reports of one batch.
const BATCH: usize = 100;

/// What an agency reports. `reportTemplate` says what is asked, in which field.
#[derive(InputObject, Clone)]
pub struct ConferenceReportContentInput {
    /// By which template; by the common core, `GENERAL`, if left out.
    template: Option<ReportTemplateInput>,
    /// Who wrote it: a person with a post at your agency. Needed where a system submits; you, if left out.
    author_id: Option<ID>,
    /// Who agreed it at your agency, a line manager mostly, as you say: that one signs by `signConferenceReport`.
    agreed_by_id: Option<ID>,
    /// The day it was agreed; given with `agreedById`. Not later than today.
    agreed_on: Option<Date>,
    /// The agency's involvement with the family; 20,000 characters at most, as each section. A draft may leave it out.
    #[graphql(secret)]
    involvement: Option<String>,
    /// Worries: what has happened that harmed the child or could have. A draft may leave it out.
    #[graphql(secret)]
    worries: Option<String>,
    /// Strengths and safety. A draft may leave it out.
    #[graphql(secret)]
    strengths: Option<String>,
    /// The child's voice.
    #[graphql(secret)]
    child_voice: Option<String>,
    /// The family's views.
    #[graphql(secret)]
    family_views: Option<String>,
    /// What must change.
    #[graphql(secret)]
    what_must_change: Option<String>,
    /// Safety, a whole number from 0 (most worried) to 10.
    safety_score: Option<i32>,
    /// What the conference should decide.
    recommendation: Option<ReportRecommendation>,
    /// The day it was shared with the family; not later than today.
    shared_with_family_on: Option<Date>,
    /// Answers to the other items of the template; 60 at most.
    #[graphql(default)]
    answers: Vec<ReportAnswerInput>,
    /// What happened when; 500 rows at most.
    #[graphql(default)]
    chronology: Vec<ChronologyInput>,
    /// The files that belong to it, of those that came for this request; 20 at most.
    #[graphql(default)]
    attachment_ids: Vec<ID>,
}

impl ConferenceReportContentInput {
    fn report(self, restricted: Vec<ReportRestrictedItemInput>, path: &str) -> Resolved<Report> {
        let agreed_by = typed_opt(self.agreed_by_id.as_ref(), &format!("{path}.agreedById"))?;
        Ok(Report {
            author: typed_opt(self.author_id.as_ref(), &format!("{path}.authorId"))?,
            template: self.template.map(Into::into),
            agreed: actions::report::Agreed { by: agreed_by, on: self.agreed_on.map(|day| day.0) },
            content: ReportContent {
                involvement: self.involvement.unwrap_or_default(),
                worries: self.worries.unwrap_or_default(),
                strengths: self.strengths.unwrap_or_default(),
                child_voice: self.child_voice,
                family_views: self.family_views,
                what_must_change: self.what_must_change,
                safety_score: self.safety_score,
                recommendation: self.recommendation.map(Into::into),
                shared_with_family_on: self.shared_with_family_on.map(|day| day.0),
                answers: self.answers.into_iter().map(Into::into).collect(),
                chronology: self.chronology.into_iter().map(Into::into).collect(),
                attachments: typed_list(&self.attachment_ids, &format!("{path}.attachmentIds"))?,
                restricted: passages(restricted, path)?,
            },
        })
    }
}

/// A conference report.
#[derive(InputObject, Clone)]
pub struct SubmitConferenceReportInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The request it answers.
    report_request_id: ID,
    /// What it says.
    #[graphql(flatten)]
    content: ConferenceReportContentInput,
    /// Passages that only your agency and a list of readers may read; 10 at most. A draft holds none: give them as you submit.
    #[graphql(default)]
    restricted_items: Vec<ReportRestrictedItemInput>,
}

/// The submitted report.
#[derive(SimpleObject)]
pub struct SubmitConferenceReportPayload {
    /// The report with its receipt; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// One report of a batch.
#[derive(InputObject, Clone)]
pub struct ReportOfBatchInput {
    /// The request it answers; each once.
    report_request_id: ID,
    /// What it says.
    #[graphql(flatten)]
    content: ConferenceReportContentInput,
    /// Passages that only your agency and a list of readers may read; 10 at most. A draft holds none: give them as you submit.
    #[graphql(default)]
    restricted_items: Vec<ReportRestrictedItemInput>,
}

/// Reports of one batch.
#[derive(InputObject)]
pub struct SubmitConferenceReportsInput {
    /// A fresh UUID for this batch; send the same again to retry. What was done of it is answered again, what was not is done.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The reports; 1 to 100.
    reports: Vec<ReportOfBatchInput>,
}

/// What became of one report of a batch.
#[derive(SimpleObject)]
pub struct SubmittedReportResult {
    /// Its place in the batch, from 0.
    place: usize,
    /// The report with its receipt; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
    /// Why it was refused as a whole, as the code of an error would say it; null where it was not. STORAGE_UNAVAILABLE and
    /// IDEMPOTENCY_IN_FLIGHT may be tried again with the same key.
    refused: Option<String>,
}

/// What became of the reports of a batch.
#[derive(SimpleObject)]
pub struct SubmitConferenceReportsPayload {
    /// One for each report, in the order they were sent.
    results: Vec<SubmittedReportResult>,
    /// What stands against the batch as a whole; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A draft of a report.
#[derive(InputObject)]
pub struct SaveConferenceReportDraftInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The request it is to answer.
    report_request_id: ID,
    /// The `revision` of the draft you read; left out for the first. CONFLICT if it is another by now.
    expected_revision: Option<i64>,
    /// What it says so far, in place of all it said before.
    #[graphql(flatten)]
    content: ConferenceReportContentInput,
}

/// The draft.
#[derive(SimpleObject)]
pub struct SaveConferenceReportDraftPayload {
    /// The draft as it stands; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A draft to be submitted.
#[derive(InputObject)]
pub struct SubmitConferenceReportDraftInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The draft.
    conference_report_id: ID,
    /// The `revision` you read.
    expected_revision: i64,
    /// Who wrote it: a person with a post at your agency. Needed where a system submits; you, if left out.
    author_id: Option<ID>,
    /// Who agreed it at your agency, a line manager mostly.
    agreed_by_id: Option<ID>,
    /// The day it was agreed; given with `agreedById`. Not later than today.
    agreed_on: Option<Date>,
    /// Passages that only your agency and a list of readers may read; 10 at most. A draft holds none: give them as you submit.
    #[graphql(default)]
    restricted_items: Vec<ReportRestrictedItemInput>,
}

/// The submitted draft.
#[derive(SimpleObject)]
pub struct SubmitConferenceReportDraftPayload {
    /// The report with its receipt; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A report that is put right.
#[derive(InputObject)]
pub struct AmendConferenceReportInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The version that stands.
    conference_report_id: ID,
    /// Why it is put right; 4,000 characters at most.
    #[graphql(secret)]
    reason: String,
    /// All that it says now.
    #[graphql(flatten)]
    content: ConferenceReportContentInput,
    /// Passages that only your agency and a list of readers may read, beside those of the versions before; 10 at most.
    #[graphql(default)]
    restricted_items: Vec<ReportRestrictedItemInput>,
}

/// The new version.
#[derive(SimpleObject)]
pub struct AmendConferenceReportPayload {
    /// The new version with its receipt; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A report that is taken back.
#[derive(InputObject)]
pub struct WithdrawConferenceReportInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The version that stands.
    conference_report_id: ID,
    /// Why it is taken back; 4,000 characters at most.
    #[graphql(secret)]
    reason: String,
    /// Who takes it back: a person with a post at your agency who may give this report. Needed where a system does; you, if
    /// left out.
    author_id: Option<ID>,
}

/// The version that was taken back.
#[derive(SimpleObject)]
pub struct WithdrawConferenceReportPayload {
    /// The version as it stands; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A report to be released.
#[derive(InputObject)]
pub struct ReleaseConferenceReportInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The submitted version.
    conference_report_id: ID,
}

/// The released report.
#[derive(SimpleObject)]
pub struct ReleaseConferenceReportPayload {
    /// The report as it stands; null on a dry run or a refusal.
    conference_report: Option<ConferenceReport>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Submits one report; `path` is where it stands among the arguments.
async fn submit_one(
    ctx: &Context<'_>,
    input: SubmitConferenceReportInput,
    path: &str,
) -> Resolved<SubmitConferenceReportPayload> {
    let write = write(&input, input.idempotency_key, input.dry_run);
    let submit = Submit {
        request: typed(&input.report_request_id, &format!("{path}.reportRequestId"))?,
        report: input.content.report(input.restricted_items, path)?,
    };
    let reader = reader(ctx)?;
    let done = Box::pin(actions::report::submit(reader.scope(), &write, submit)).await;
    let Written { row, user_errors } = finish(&reader, done, ConferenceReportId).await?;
    Ok(SubmitConferenceReportPayload { conference_report: row.map(ConferenceReport), user_errors })
}

/// The key of one report of a batch.
fn key_within(batch: Uuid, request: &ID) -> Uuid {
    let digest = Sha256::digest([batch.as_bytes(), request.as_bytes()].concat());
    digest.first_chunk().map_or(batch, |bytes| Uuid::from_bytes(*bytes))
}

/// Mutations of reports.
#[derive(Default)]
pub struct ReportMutation;

/// Mutations of reports.
#[Object]
impl ReportMutation {
    /// Submit the report that was asked of your agency.
    async fn submit_conference_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report.")] input: SubmitConferenceReportInput,
    ) -> Resolved<SubmitConferenceReportPayload> {
        Box::pin(submit_one(ctx, input, "input")).await
    }

    /// Submit up to 100 reports, each for itself: what is refused of one stands against that one alone.
    async fn submit_conference_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reports.")] input: SubmitConferenceReportsInput,
    ) -> Resolved<SubmitConferenceReportsPayload> {
        if input.reports.is_empty() || input.reports.len() > BATCH {
            let error = UserError::new("reports", UserErrorCode::TooMany, format!("1 to {BATCH} reports."));
            return Ok(SubmitConferenceReportsPayload { results: Vec::new(), user_errors: vec![error] });
        }
        let mut results = Vec::new();
        for (place, report) in input.reports.into_iter().enumerate() {
            let one = SubmitConferenceReportInput {
                idempotency_key: key_within(input.idempotency_key, &report.report_request_id),
                dry_run: input.dry_run,
                report_request_id: report.report_request_id,
                content: report.content,
                restricted_items: report.restricted_items,
            };
            // on the heap: a submission is a large thing to hold on the stack of a worker
            let path = format!("input.reports.{place}");
            results.push(match Box::pin(submit_one(ctx, one, &path)).await {
                Ok(SubmitConferenceReportPayload { conference_report, user_errors }) => {
                    SubmittedReportResult { place, conference_report, user_errors, refused: None }
                }
                Err(fault) => SubmittedReportResult {
                    place,
                    conference_report: None,
                    user_errors: Vec::new(),
                    refused: Some(fault.code().as_str().to_owned()),
                },
            });
        }
        Ok(SubmitConferenceReportsPayload { results, user_errors: Vec::new() })
    }

    /// Write a draft of the report that was asked of your agency: your agency alone reads it.
    async fn save_conference_report_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft.")] input: SaveConferenceReportDraftInput,
    ) -> Resolved<SaveConferenceReportDraftPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let submit = Submit {
            request: typed(&input.report_request_id, "input.reportRequestId")?,
            report: input.content.report(Vec::new(), "input")?,
        };
        let reader = reader(ctx)?;
        let done = Box::pin(actions::report::save_draft(reader.scope(), &write, submit, input.expected_revision)).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceReportId).await?;
        Ok(SaveConferenceReportDraftPayload { conference_report: row.map(ConferenceReport), user_errors })
    }

    /// Submit a draft as it stands.
    async fn submit_conference_report_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft.")] input: SubmitConferenceReportDraftInput,
    ) -> Resolved<SubmitConferenceReportDraftPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let by = typed_opt(input.agreed_by_id.as_ref(), "input.agreedById")?;
        let submit = SubmitDraft {
            id: typed(&input.conference_report_id, "input.conferenceReportId")?,
            expected: input.expected_revision,
            author: typed_opt(input.author_id.as_ref(), "input.authorId")?,
            agreed: actions::report::Agreed { by, on: input.agreed_on.map(|day| day.0) },
            restricted: passages(input.restricted_items, "input")?,
        };
        let reader = reader(ctx)?;
        let done = Box::pin(actions::report::submit_draft(reader.scope(), &write, submit)).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceReportId).await?;
        Ok(SubmitConferenceReportDraftPayload { conference_report: row.map(ConferenceReport), user_errors })
    }

    /// Put a submitted report right: a new version takes the place of the one that stands, which stays to be read.
    async fn amend_conference_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new version.")] input: AmendConferenceReportInput,
    ) -> Resolved<AmendConferenceReportPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let amend = Amend {
            id: typed(&input.conference_report_id, "input.conferenceReportId")?,
            reason: input.reason,
            report: input.content.report(input.restricted_items, "input")?,
        };
        let reader = reader(ctx)?;
        let done = Box::pin(actions::report::amend(reader.scope(), &write, amend)).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceReportId).await?;
        Ok(AmendConferenceReportPayload { conference_report: row.map(ConferenceReport), user_errors })
    }

    /// Take a submitted report back. It stays to be read by those who had it, marked so; what was asked is open again.
    async fn withdraw_conference_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report.")] input: WithdrawConferenceReportInput,
    ) -> Resolved<WithdrawConferenceReportPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let withdraw = Withdraw {
            id: typed(&input.conference_report_id, "input.conferenceReportId")?,
            author: typed_opt(input.author_id.as_ref(), "input.authorId")?,
            because: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::report::withdraw(reader.scope(), &write, withdraw).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceReportId).await?;
        Ok(WithdrawConferenceReportPayload { conference_report: row.map(ConferenceReport), user_errors })
    }

    /// Release a submitted report: each agency invited to the conference is sent this version and keeps it.
    async fn release_conference_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report.")] input: ReleaseConferenceReportInput,
    ) -> Resolved<ReleaseConferenceReportPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.conference_report_id, "input.conferenceReportId")?;
        let reader = reader(ctx)?;
        let done = actions::report_sending::release(reader.scope(), &write, id).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceReportId).await?;
        Ok(ReleaseConferenceReportPayload { conference_report: row.map(ConferenceReport), user_errors })
    }
}
