//! Answering a review of access.

use entity::access_review_entry::Answer;
use entity::id::AccessReviewEntryId;

use super::{Done, Findings};
use crate::error::{ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::AnswerAccessReview;
use crate::policy::oversight::Reviewed;
use crate::store::{Begun, Scoped, Write};

/// Answers an entry: what it is about is kept, or ends now.
pub async fn answer(scope: &Scoped, write: &Write, id: AccessReviewEntryId, answer: Answer) -> Result<Done> {
    let tx = match scope.begin::<AnswerAccessReview>(write, id.0).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let entry = tx.lock::<entity::access_review_entry::Entity>(id).await?;
    let reviewed = Reviewed { kind: entry.kind, person: entry.practitioner_id, answer };
    let permit = tx.permit::<AnswerAccessReview, _>(entry, &reviewed)?;
    let entry = permit.row();
    let mut findings = Findings::default();
    if entry.answer.is_some() {
        findings.add("entryId", ProblemCode::AlreadyDone, "It was answered already.");
    }
    if entry.suspended_at.is_some() {
        findings.add("entryId", ProblemCode::WrongTime, "It has ended for want of an answer; grant it again.");
    }
    findings.into_result()?;
    let event = match (answer, entry.involvement_id, entry.conflict_id) {
        (Answer::End, Some(involvement), _) => Event::InvolvementEnded(involvement),
        (Answer::End, None, Some(conflict)) => Event::ConflictEnded(conflict),
        (Answer::End, None, None) | (Answer::Keep, ..) => Event::AccessReviewAnswered(entry.access_review_id),
    };
    tx.answer_access_review(permit, answer).await?;
    tx.commit::<AnswerAccessReview>(event).await
}
