//! Patterns of non-attendance that are taken up with an agency.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::category::{Category, Depth};

use super::agency::{Agency, Practitioner, agency, practitioner};
use super::codes::{Attendance, EscalationOutcome, EscalationStatus, InformationCategory, MeetingKind};
use super::invitation::Invitation;
use crate::graphql::connection::{Connection, below, connect, page_args};
use crate::graphql::context::{loaded, reader};
use crate::graphql::error::{Fault, Resolved};
use crate::graphql::id::{global, typed_opt};
use crate::graphql::scalars::Date;
use crate::store::audit::ledger::Opening;
use crate::store::escalation::CountedBy;
use crate::store::loaders::EntriesOfEscalation;

/// A pattern of non-attendance that is taken up with an agency (BIR-NA-02).
pub struct Escalation(pub entity::escalation::Model);

fn disclosure(ctx: &Context<'_>, agency: entity::id::AgencyId) -> Resolved<Opening> {
    Ok(reader(ctx)?.scope().disclosure(Some(agency)))
}

impl Escalation {
    /// True if what was frozen is told: nothing that it counts is kept from the reader.
    async fn is_told(&self, ctx: &Context<'_>) -> Resolved<bool> {
        let row = &self.0;
        let key = CountedBy { id: row.id, agency: row.agency_id, from: row.from_on, until: row.until_on };
        Ok(reader(ctx)?.load(key).await?.unwrap_or(false))
    }
}

/// A pattern of non-attendance that is taken up with the safeguarding lead of an agency (BIR-NA-02). Chairs and service managers
/// read those of their authority, an agency those about itself: all read the same evidence, but
/// for meetings that are kept from them. Reason, figures and hash are withheld from a reader from whom one of these is kept.
#[Object]
impl Escalation {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// Where it stands.
    async fn status(&self) -> EscalationStatus {
        self.0.status.into()
    }

    /// First day of the time it is about.
    async fn from_on(&self) -> Date {
        Date(self.0.from_on)
    }

    /// First day after it.
    async fn until_on(&self) -> Date {
        Date(self.0.until_on)
    }

    /// Why it was raised. Null where withheld.
    async fn reason(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        if !self.is_told(ctx).await? {
            return Ok(None);
        }
        Ok(self.0.reason.open(&disclosure(ctx, self.0.agency_id)?).cloned())
    }

    /// The figures as they stood when it was raised, in words. They do not change any more. Null where withheld.
    async fn figures(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        if !self.is_told(ctx).await? {
            return Ok(None);
        }
        Ok(self.0.figures.open(&disclosure(ctx, self.0.agency_id)?).cloned())
    }

    /// SHA-256, in hexadecimal, over `figures` and, sorted and each behind a line break, a line for every entry: `scheduledAt`,
    /// `meetingKind`, `invitedAt`, `noticeWorkingDays`, `attendance` and `reportMissing` as the API writes them, with a blank
    /// between, and a hyphen for null. Whoever reads the evidence can count it again. Null where withheld.
    async fn sha256(&self, ctx: &Context<'_>) -> Resolved<Option<&str>> {
        Ok(self.is_told(ctx).await?.then_some(&self.0.sha256))
    }

    /// The missed meetings it rests on, as they stood when it was raised.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<EscalationEntry>> {
        below(ctx, (EntriesOfEscalation, self.0.id), first, after.as_deref(), EscalationEntry).await
    }

    /// When it was raised.
    async fn raised_at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }

    /// By whom.
    async fn raised_by(&self, ctx: &Context<'_>) -> Option<Practitioner> {
        practitioner(ctx, Some(self.0.raised_by)).await
    }

    /// What the agency answers. Null until it does.
    async fn answer(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.answer.open(&disclosure(ctx, self.0.agency_id)?).cloned().flatten())
    }

    /// When it answered.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// When its safeguarding lead is met, or was.
    async fn meeting_at(&self) -> Option<DateTime<Utc>> {
        self.0.meeting_at
    }

    /// What became of it. Null until it is closed.
    async fn outcome(&self, ctx: &Context<'_>) -> Resolved<Option<EscalationOutcome>> {
        Ok(self.0.outcome.open(&disclosure(ctx, self.0.agency_id)?).copied().flatten().map(Into::into))
    }

    /// The same in words.
    async fn outcome_text(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.outcome_text.open(&disclosure(ctx, self.0.agency_id)?).cloned().flatten())
    }

    /// When it was closed.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// The agency, with the address of its safeguarding lead's desk.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        agency(ctx, self.0.agency_id).await
    }

    /// Categories you may not read here, or not in whole: a null field of these is withheld, not empty.
    async fn withheld(&self, ctx: &Context<'_>) -> Resolved<Vec<InformationCategory>> {
        let mut closed = disclosure(ctx, self.0.agency_id)?.withheld(&[(Category::NonAttendance, Depth::Full)]);
        if closed.is_empty() && !self.is_told(ctx).await? {
            closed.push(Category::NonAttendance);
        }
        Ok(closed.into_iter().map(Into::into).collect())
    }

    /// Give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// A missed meeting in the evidence of an escalation.
pub struct EscalationEntry(pub entity::escalation_entry::Model);

/// A missed meeting in the evidence of an escalation, as it stood when that was raised.
#[Object]
impl EscalationEntry {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The kind of meeting.
    async fn meeting_kind(&self) -> MeetingKind {
        self.0.meeting.into()
    }

    /// When it was.
    async fn scheduled_at(&self) -> DateTime<Utc> {
        self.0.scheduled_at
    }

    /// When the agency was invited.
    async fn invited_at(&self) -> DateTime<Utc> {
        self.0.invited_at
    }

    /// Working days of notice it had. Null where withheld.
    async fn notice_working_days(&self, ctx: &Context<'_>) -> Resolved<Option<i32>> {
        Ok(self.0.notice_working_days.open(&disclosure(ctx, self.0.agency_id)?).copied())
    }

    /// What was recorded of it.
    async fn attendance(&self) -> Option<Attendance> {
        self.0.attendance.map(Into::into)
    }

    /// True if a report was asked of it and had not come.
    async fn report_missing(&self) -> bool {
        self.0.report_due_at.is_some() && self.0.report_received_at.is_none()
    }

    /// Why the agency contests it: «we were invited the day before». Null where it does not, or where withheld.
    async fn contested_because(&self, ctx: &Context<'_>) -> Resolved<Option<String>> {
        Ok(self.0.contested_because.open(&disclosure(ctx, self.0.agency_id)?).cloned().flatten())
    }

    /// When it was contested.
    async fn contested_at(&self) -> Option<DateTime<Utc>> {
        self.0.contested_at
    }

    /// The invitation, where you see it.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<Invitation> {
        loaded(ctx, self.0.invitation_id, Invitation).await
    }
}

/// Root fields about escalations.
#[derive(Default)]
pub struct EscalationQuery;

/// Root fields about escalations.
#[Object]
impl EscalationQuery {
    /// The escalations you may read, newest first.
    async fn escalations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only escalations that stand so.")] status: Option<EscalationStatus>,
        #[graphql(desc = "Only those about this agency.")] agency_id: Option<ID>,
        #[graphql(desc = "Entries on the page, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Go on after this cursor.")] after: Option<String>,
    ) -> Resolved<Connection<Escalation>> {
        let args = page_args(first, after.as_deref())?;
        let reader = reader(ctx)?;
        let agency = typed_opt(agency_id.as_ref(), "agencyId")?;
        let listing = reader.scope().escalations(status.map(Into::into), agency);
        let page = reader.scope().page(listing, &args).await.map_err(Fault::from)?;
        Ok(connect::<entity::escalation::Entity, _>(Some(page), &args, Escalation))
    }
}
