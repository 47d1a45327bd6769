//! Using emergency access, and reviewing its use.

use chrono::Duration;
use entity::emergency_access::{Outcome, Reason};
use entity::id::EmergencyAccessId;

use super::{Done, Findings};
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{OpenEmergencyAccess, ReviewEmergencyAccess};
use crate::policy::emergency::{Assurance, EmergencyLimits};
use crate::practice::deadlines::emergency_review_due;
use crate::store::emergency::{Locator, NewAccess};
use crate::store::{Begun, Scoped, Write};

/// Input of [`open`].
#[derive(Clone, Debug)]
pub struct Open {
    /// The child.
    pub by: Locator,
    /// What makes it an emergency.
    pub reason: Reason,
    /// In the caller's words.
    pub explanation: String,
    /// What the token says.
    pub token: Assurance,
}

/// Opens the essentials of a child to the caller for a while. Whether there is such a child makes no difference to what
/// is answered, written or told; only who reads the use afterwards finds a record or none.
pub async fn open(scope: &Scoped, write: &Write, input: Open) -> Result<Done> {
    let limits = scope.store().emergency().clone();
    let findings = check(&input, &limits);
    let id = EmergencyAccessId(scope.store().clock().new_id());
    let tx = match scope.begin::<OpenEmergencyAccess>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let permit = tx.permit::<OpenEmergencyAccess, _>(tx.lock_person().await?, &input.token)?;
    findings.into_result()?;
    let at = tx.who().at;
    if tx.emergency_uses(at - Duration::hours(i64::from(limits.within_hours))).await? >= u64::from(limits.uses) {
        tx.emergency_refused();
        let message =
            format!("At most {} in {} hours; call the child's social care.", limits.uses, limits.within_hours);
        return Err(Error::problem("by", ProblemCode::LimitExceeded, message));
    }
    let found = tx.locate(&input.by).await?;
    let new = NewAccess {
        id,
        reason: input.reason,
        explanation: input.explanation,
        expires_at: at + Duration::minutes(i64::from(limits.minutes)),
        review_due_at: emergency_review_due(tx.calendar(), at, limits.review_working_days),
    };
    tx.open_emergency_access(permit, new, found).await?;
    let authorities = tx.authorities_told(found);
    tx.commit_to::<OpenEmergencyAccess>(Event::EmergencyAccessOpened(id), authorities).await
}

fn check(input: &Open, limits: &EmergencyLimits) -> Findings {
    let mut findings = Findings::default();
    let least = usize::try_from(limits.reason_characters).unwrap_or(usize::MAX);
    if input.explanation.trim().chars().count() < least {
        findings.add("explanation", ProblemCode::Required, format!("At least {least} characters."));
    }
    findings.length("explanation", &input.explanation, 1000);
    match &input.by {
        Locator::NhsNumber(number, _) => {
            if number.len() != 10 || !number.bytes().all(|b| b.is_ascii_digit()) {
                findings.add("by.nhsNumber.nhsNumber", ProblemCode::Invalid, "Ten digits.");
            }
        }
        Locator::Name { given, family, .. } => {
            findings.text("by.name.givenName", given, 200);
            findings.text("by.name.familyName", family, 200);
        }
    }
    findings
}

/// Input of [`review`].
#[derive(Clone, Debug)]
pub struct Review {
    /// The use.
    pub id: EmergencyAccessId,
    /// What the review found.
    pub outcome: Outcome,
    /// Why.
    pub note: String,
}

/// Reviews a use of emergency access: the privacy officer, or at social care the manager; nobody their own.
pub async fn review(scope: &Scoped, write: &Write, input: Review) -> Result<Done> {
    let mut findings = Findings::default();
    findings.text("note", &input.note, 2000);
    let tx = match scope.begin::<ReviewEmergencyAccess>(write, input.id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let row = tx.lock::<entity::emergency_access::Entity>(input.id).await?;
    let facts = tx.facts_of_access(&row).await?;
    let permit = tx.permit::<ReviewEmergencyAccess, _>(row, &facts)?;
    if facts.reviewed {
        findings.add("emergencyAccessId", ProblemCode::AlreadyDone, "It was reviewed already.");
    }
    findings.into_result()?;
    let authorities = tx.authorities_of_access(permit.row()).await?;
    tx.review_emergency_access(permit, input.outcome, input.note).await?;
    tx.commit_to::<ReviewEmergencyAccess>(Event::EmergencyAccessReviewed(input.id), authorities).await
}
