//! Patterns of non-attendance that are taken up with an agency: evidence that does not change any more, what the agency says to
//! it, the meeting and the outcome.

mod frozen;

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use entity::escalation::{self, Outcome, Status};
use entity::id::{AgencyId, EscalationEntryId, EscalationId};
use entity::invitation::{self, Column as I};
use entity::sealed::{Disclose, Sealed};
use entity::{agency, escalation_entry};
use sea_orm::sea_query::{ExprTrait, Order};
use sea_orm::{
    ActiveEnum as _, ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel,
    QueryFilter,
};
use sha2::{Digest as _, Sha256};

pub use self::frozen::CountedBy;
use super::non_attendance::{Counts, Question, Unit};
use super::page::Listing;
use super::permit::Permit;
use super::visible::counted;
use super::{Scoped, Tx};
use crate::error::Result;
use crate::policy::actions::{
    AgreeEscalationMeeting, AnswerEscalation, CloseEscalation, ContestEscalationEntry, RaiseEscalation,
};
use crate::practice::states::of_follow_up::of_escalation;

/// Missed invitations in the evidence of one escalation at the most.
pub const MOST_ENTRIES: u64 = 200;

/// An escalation to be raised.
#[derive(Clone, Debug)]
pub struct NewEscalation {
    /// Its id.
    pub id: EscalationId,
    /// First day of the time it is about.
    pub from: NaiveDate,
    /// First day after it.
    pub until: NaiveDate,
    /// Why it is raised.
    pub reason: String,
    /// The figures as they stand, in words.
    pub figures: String,
}

impl Scoped {
    /// The escalations that stand so, or all, newest first; of one agency or all.
    pub fn escalations(&self, status: Option<Status>, agency: Option<AgencyId>) -> Listing<escalation::Entity> {
        use escalation::Column as C;
        Listing::that(
            Condition::all()
                .add_option(status.map(|status| C::Status.eq(status)))
                .add_option(agency.map(|agency| C::AgencyId.eq(agency))),
        )
    }
}

/// The counts of one agency. Those of others, and what they make of these, are not in it: the agency reads it as well.
fn in_words(counts: &Counts) -> String {
    if counts.invitations == 0 {
        return "No invitation in this time.".to_owned();
    }
    let percent = |rate: f64| format!("{:.1} %", rate * 100.0);
    let (all, adjusted) = (counts.all(), counts.adjusted());
    let mut text = format!(
        "{} invitations, {} of them with proper notice. Missed {} of {} whose attendance is recorded; of those with proper \
         notice {} of {}",
        counts.invitations, counts.proper_notice, all.some, all.of, adjusted.some, adjusted.of,
    );
    if let (Some(rate), Some((low, high))) = (adjusted.rate(), adjusted.interval()) {
        let _ = write!(text, ", {} (95 % interval {} to {})", percent(rate), percent(low), percent(high));
    }
    let _ = write!(text, ". Reports that were due and did not come: {}.", counts.reports_missing);
    text
}

impl Tx {
    /// The figures of one agency over a time, in words.
    ///
    /// # Errors
    /// `Denied` for roles that do not count all of an authority.
    pub async fn figures_in_words(&self, agency: AgencyId, from: NaiveDate, until: NaiveDate) -> Result<String> {
        let question = Question {
            from,
            until,
            meeting: None,
            agency_kind: None,
            agency: Some(agency),
            chair: None,
            team: None,
            stage: None,
            unit: Unit::Invitation,
            by: Vec::new(),
            before: false,
        };
        Ok(in_words(&self.scope().sum_of(&question, &self.inner).await?))
    }

    /// True if a pattern of an agency in a time that overlaps this one is taken up and not closed, whoever sees it.
    pub async fn is_taken_up(&self, agency: AgencyId, from: NaiveDate, until: NaiveDate) -> Result<bool> {
        use escalation::Column as C;
        // SECURITY: read past the row rule: nothing leaves but that there is one, to who may raise it
        let open = escalation::Entity::find()
            .filter(C::AgencyId.eq(agency))
            .filter(C::LocalAuthorityId.eq(self.who().authority))
            .filter(C::Status.ne(Status::Closed))
            .filter(C::FromOn.lt(until))
            .filter(C::UntilOn.gt(from));
        Ok(open.one(&self.inner).await?.is_some())
    }

    /// The missed invitations of an agency within a time, as far as the writer may see them, oldest first: one more than
    /// evidence may have.
    pub async fn missed_by(
        &self,
        agency: AgencyId,
        from: NaiveDate,
        until: NaiveDate,
    ) -> Result<Vec<invitation::Model>> {
        let at = |day: NaiveDate| super::non_attendance::start_of(day);
        let silent = I::ReportReceivedAt.is_null().and(I::ReportDueAt.lt(self.who().at));
        self.rows::<invitation::Entity>()
            // what the figures count: nothing about a professional among it
            .filter(counted(self.who()))
            .filter(I::AgencyId.eq(agency))
            .filter(I::Attendance.is_not_null())
            .filter(I::ScheduledAt.gte(at(from)))
            .filter(I::ScheduledAt.lt(Ord::min(at(until), self.who().at)))
            .filter(Condition::any().add(super::non_attendance::missed()).add(silent))
            .order_by(I::ScheduledAt, Order::Asc)
            .order_by(I::Id, Order::Asc)
            .limit(MOST_ENTRIES + 1)
            .all()
            .await
    }

    /// Writes an escalation with its evidence as it stands.
    pub async fn raise_escalation(
        &self,
        permit: Permit<RaiseEscalation, agency::Model>,
        new: NewEscalation,
        evidence: Vec<invitation::Model>,
    ) -> Result<()> {
        let (who, about) = (self.who(), permit.row.id);
        let opening = self.scope().disclosure(Some(about));
        escalation::ActiveModel {
            id: Set(new.id),
            local_authority_id: Set(permit.row.local_authority_id),
            agency_id: Set(about),
            status: Set(of_escalation::RAISED),
            from_on: Set(new.from),
            until_on: Set(new.until),
            reason: Set(Sealed::new(new.reason)),
            sha256: Set(fingerprint(&new.figures, &evidence, &opening)),
            figures: Set(Sealed::new(new.figures)),
            raised_by: Set(who.practitioner),
            raised_at: Set(who.at),
            answer: Set(Sealed::new(None)),
            answered_by: Set(None),
            answered_at: Set(None),
            meeting_at: Set(None),
            outcome: Set(Sealed::new(None)),
            outcome_text: Set(Sealed::new(None)),
            closed_by: Set(None),
            closed_at: Set(None),
            version: Set(1),
        }
        .insert(&self.inner)
        .await?;
        let entry = |row: invitation::Model| escalation_entry::ActiveModel {
            id: Set(EscalationEntryId(self.new_id())),
            escalation_id: Set(new.id),
            agency_id: Set(about),
            invitation_id: Set(row.id),
            meeting: Set(row.meeting),
            scheduled_at: Set(row.scheduled_at),
            invited_at: Set(row.invited_at),
            notice_working_days: Set(row.notice_working_days),
            attendance: Set(row.attendance),
            report_due_at: Set(row.report_due_at),
            report_received_at: Set(row.report_received_at),
            contested_because: Set(Sealed::new(None)),
            contested_by: Set(None),
            contested_at: Set(None),
        };
        let entries: Vec<_> = evidence.into_iter().map(entry).collect();
        escalation_entry::Entity::insert_many(entries).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// Writes that an agency contests an entry.
    pub async fn contest_entry(
        &self,
        permit: Permit<ContestEscalationEntry, escalation_entry::Model>,
        because: String,
    ) -> Result<()> {
        let mut row = permit.row.into_active_model();
        row.contested_because = Set(Sealed::new(Some(because)));
        row.contested_by = Set(Some(self.who().practitioner));
        row.contested_at = Set(Some(self.who().at));
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes what the agency answers.
    pub async fn answer_escalation(
        &self,
        permit: Permit<AnswerEscalation, escalation::Model>,
        answer: String,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.answer = Set(Sealed::new(Some(answer)));
        row.answered_by = Set(Some(self.who().practitioner));
        row.answered_at = Set(Some(self.who().at));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Writes when the safeguarding lead is met.
    pub async fn agree_meeting(
        &self,
        permit: Permit<AgreeEscalationMeeting, escalation::Model>,
        meeting_at: DateTime<Utc>,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.status = Set(of_escalation::MEET.to);
        row.meeting_at = Set(Some(meeting_at));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }

    /// Closes an escalation.
    pub async fn close_escalation(
        &self,
        permit: Permit<CloseEscalation, escalation::Model>,
        outcome: Outcome,
        text: Option<String>,
    ) -> Result<()> {
        let version = permit.row.version;
        let mut row = permit.row.into_active_model();
        row.status = Set(of_escalation::CLOSE.to);
        row.outcome = Set(Sealed::new(Some(outcome)));
        row.outcome_text = Set(Sealed::new(text));
        row.closed_by = Set(Some(self.who().practitioner));
        row.closed_at = Set(Some(self.who().at));
        row.version = Set(version + 1);
        row.update(&self.inner).await?;
        Ok(())
    }
}

/// A hash over the evidence: who has it can show that it is still what was written. Over the figures and, each behind a line
/// break and sorted, a line for each entry, of what the API tells of it in the words of the API; so that a reader counts it
/// again without this program.
fn fingerprint(figures: &str, evidence: &[invitation::Model], opening: &impl Disclose) -> String {
    let line = |row: &invitation::Model| {
        let notice = row.notice_working_days.open(opening).map_or_else(|| "-".to_owned(), ToString::to_string);
        format!(
            "{} {} {} {notice} {} {}",
            row.scheduled_at.to_rfc3339(),
            row.meeting.to_value(),
            row.invited_at.to_rfc3339(),
            row.attendance.map_or_else(|| "-".to_owned(), |attendance| attendance.to_value()),
            row.report_due_at.is_some() && row.report_received_at.is_none(),
        )
    };
    let mut lines: Vec<_> = evidence.iter().map(line).collect();
    lines.sort_unstable();
    let mut hash = Sha256::new_with_prefix(figures);
    for line in lines {
        hash.update(format!("\n{line}"));
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
