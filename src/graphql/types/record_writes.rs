//! Writing on records: entries, finished steps, documents, receipts.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::{
    ConferenceId, CoreGroupMeetingId, DocumentCopyId, DocumentIssueId, EnquiryId, PlanId, StrategyMeetingId,
    TypedId as _,
};
use uuid::Uuid;

use super::codes::{EnquiryOutcome, RecordDocument, RecordStep};
use super::document::{DocumentCopy, DocumentIssue};
use super::record::RecordSummary;
use super::write::{UserError, Written, finish, refused, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::{split, typed, typed_list, typed_opt};
use crate::graphql::scalars::Instant;
use crate::store::record::RecordId;

fn record_id(id: &ID, argument: &str) -> Resolved<RecordId> {
    let known = split(id).and_then(|(noun, key)| {
        Some(match noun.as_str() {
            StrategyMeetingId::NOUN => RecordId::StrategyMeeting(StrategyMeetingId(key)),
            EnquiryId::NOUN => RecordId::Enquiry(EnquiryId(key)),
            ConferenceId::NOUN => RecordId::Conference(ConferenceId(key)),
            CoreGroupMeetingId::NOUN => RecordId::CoreGroupMeeting(CoreGroupMeetingId(key)),
            PlanId::NOUN => RecordId::Plan(PlanId(key)),
            _ => return None,
        })
    });
    known.ok_or_else(|| Fault::argument(argument, "This is not an id of the expected kind."))
}

/// Answers to items, on one record.
#[derive(InputObject)]
pub struct RecordEntriesInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The strategy meeting, enquiry, conference, core group meeting or plan.
    record_id: ID,
    /// What is written; 100 at most, all of them or none.
    entries: Vec<EntryInput>,
}

/// An answer to an item.
#[derive(InputObject)]
pub struct EntryInput {
    /// The item, by its code (`recordItems`).
    item: String,
    /// The child it is about, where the item asks about children.
    child_id: Option<ID>,
    /// The agency it is about, where the item asks about agencies.
    agency_id: Option<ID>,
    /// The adult of the family it is about, where the item asks about them.
    person_id: Option<ID>,
    /// Which of several answers; the next, if left out.
    line: Option<i32>,
    /// YES, NO, or a word of the item.
    #[graphql(secret)]
    choice: Option<String>,
    /// A number.
    #[graphql(secret)]
    number: Option<i32>,
    /// When it was, or is to be.
    at: Option<Instant>,
    /// Words; 10,000 characters at most.
    #[graphql(secret)]
    text: Option<String>,
    /// By when, in words, where it is no single day; 200 characters at most.
    #[graphql(secret)]
    timescale: Option<String>,
    /// Why it was not done or cannot be answered; 2,000 characters at most.
    #[graphql(secret)]
    reason_not: Option<String>,
    /// The entry whose place it takes: the one you have read. Needed where there is one (else ALREADY_DONE), CONFLICT if
    /// another stands there by now.
    replaces_id: Option<ID>,
    /// True to take that entry back and write none.
    #[graphql(default)]
    withdraw: bool,
}

/// The record as it stands.
#[derive(SimpleObject)]
pub struct RecordEntriesPayload {
    /// The record; null on a dry run or a refusal.
    record: Option<RecordSummary>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A step to be finished.
#[derive(InputObject)]
pub struct FinishStepInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The strategy meeting, enquiry, conference, core group meeting or plan.
    record_id: ID,
    /// The step.
    step: RecordStep,
    /// The version you read, of an enquiry, a conference, a plan or a strategy meeting; not checked if left out.
    expected_version: Option<i64>,
    /// What was agreed: with ENQUIRY_OUTCOME, and with no other step.
    outcome: Option<EnquiryOutcome>,
}

/// The record as it stands.
#[derive(SimpleObject)]
pub struct FinishStepPayload {
    /// The record; null on a dry run or a refusal.
    record: Option<RecordSummary>,
    /// What stands against it: MISSING for everything that holds the step up, at once; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A document that was sent.
#[derive(InputObject)]
pub struct IssueDocumentInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The strategy meeting, conference, core group meeting or plan.
    record_id: ID,
    /// Which document.
    document: RecordDocument,
    /// When it was sent; now if left out.
    issued_at: Option<Instant>,
    /// To which agencies; to all that were asked if left out, attending or not.
    agency_ids: Option<Vec<ID>>,
    /// To which adults of the family with parental responsibility.
    #[graphql(default)]
    person_ids: Vec<ID>,
}

/// The document that was sent.
#[derive(SimpleObject)]
pub struct IssueDocumentPayload {
    /// The document; null on a dry run or a refusal.
    document: Option<DocumentIssue>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A receipt.
#[derive(InputObject)]
pub struct AcknowledgeDocumentInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// Your agency's copy.
    document_copy_id: ID,
}

/// The copy with its receipt.
#[derive(SimpleObject)]
pub struct AcknowledgeDocumentPayload {
    /// The copy; null on a dry run or a refusal.
    copy: Option<DocumentCopy>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of records.
#[derive(Default)]
pub struct RecordMutation;

/// Mutations of records.
#[Object]
impl RecordMutation {
    /// Write on the record of a meeting, an enquiry or a plan. What has happened can be written at any time, whoever asks for
    /// it; who writes what, `recordItems` says.
    async fn record_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, on which record.")] input: RecordEntriesInput,
    ) -> Resolved<RecordEntriesPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let record = record_id(&input.record_id, "input.recordId")?;
        let entries = input.entries.into_iter().enumerate().map(|(i, entry)| entry.read(&format!("input.entries.{i}")));
        let input = actions::record::RecordInput { record, entries: entries.collect::<Resolved<_>>()? };
        let reader = reader(ctx)?;
        let done = actions::record::record_entries(reader.scope(), &write, input).await;
        let (done, user_errors) = refused(done)?;
        Ok(RecordEntriesPayload { record: done.map(|_| RecordSummary(record)), user_errors })
    }

    /// Finish a step of a record. Refused where something is missing that your authority does not do without: all of it is
    /// named at once.
    async fn finish_step(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which step of which record.")] input: FinishStepInput,
    ) -> Resolved<FinishStepPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let record = record_id(&input.record_id, "input.recordId")?;
        let finish = actions::record::Finish {
            record,
            step: input.step.into(),
            expected_version: input.expected_version,
            outcome: input.outcome.map(Into::into),
        };
        let reader = reader(ctx)?;
        let (done, user_errors) = refused(actions::record::finish_step(reader.scope(), &write, finish).await)?;
        Ok(FinishStepPayload { record: done.map(|_| RecordSummary(record)), user_errors })
    }

    /// Record that a document was sent, and to whom. What was due by it is met once everybody has it whom the rule names, the
    /// family among them; by what is `unfinished` not where the rule asks for it signed or whole (WAR-PR-06, WAR-MI-04).
    async fn issue_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which document of which record.")] input: IssueDocumentInput,
    ) -> Resolved<IssueDocumentPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let issue = actions::document::Issue {
            record: record_id(&input.record_id, "input.recordId")?,
            document: input.document.into(),
            issued_at: input.issued_at.map(|at| at.0),
            agencies: input.agency_ids.map(|ids| typed_list(&ids, "input.agencyIds")).transpose()?,
            persons: typed_list(&input.person_ids, "input.personIds")?,
        };
        let reader = reader(ctx)?;
        let done = actions::document::issue(reader.scope(), &write, issue).await;
        let Written { row, user_errors } = finish(&reader, done, DocumentIssueId).await?;
        Ok(IssueDocumentPayload { document: row.map(DocumentIssue), user_errors })
    }

    /// Say that your agency has its copy of a document.
    async fn acknowledge_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which copy.")] input: AcknowledgeDocumentInput,
    ) -> Resolved<AcknowledgeDocumentPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.document_copy_id, "input.documentCopyId")?;
        let reader = reader(ctx)?;
        let done = actions::document::acknowledge(reader.scope(), &write, id).await;
        let Written { row, user_errors } = finish(&reader, done, DocumentCopyId).await?;
        Ok(AcknowledgeDocumentPayload { copy: row.map(DocumentCopy), user_errors })
    }
}

impl EntryInput {
    fn read(self, path: &str) -> Resolved<actions::record::Entry> {
        Ok(actions::record::Entry {
            child: typed_opt(self.child_id.as_ref(), &format!("{path}.childId"))?,
            agency: typed_opt(self.agency_id.as_ref(), &format!("{path}.agencyId"))?,
            person: typed_opt(self.person_id.as_ref(), &format!("{path}.personId"))?,
            replaces: typed_opt(self.replaces_id.as_ref(), &format!("{path}.replacesId"))?,
            item: self.item,
            line: self.line,
            choice: self.choice,
            number: self.number,
            at: self.at.map(|at| at.0),
            text: self.text,
            timescale: self.timescale,
            reason_not: self.reason_not,
            withdraw: self.withdraw,
        })
    }
}
