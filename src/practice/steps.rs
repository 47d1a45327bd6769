//! How a record goes from step to step: which steps it has, and what has to have come before each. What has happened is
//! recorded whatever stands here; a step says that the record of it is whole.

use entity::document_issue::Document;
use entity::entry::Record;
use entity::finished_step::Step;
use entity::plan;

use super::states::of_plan;

/// What has to be so for a step to be finished.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// On which kind of record.
    pub record: Record,
    /// In which states of it.
    pub states: &'static [&'static str],
    /// After which step.
    pub after: Option<Step>,
}

/// What a step needs.
pub const fn needs(step: Step) -> Needs {
    let (record, states, after): (_, &[&str], _) = match step {
        Step::StrategyRecord => (Record::StrategyMeeting, &["HELD"], None),
        Step::Enquiries => (Record::Enquiry, &["ENQUIRING"], None),
        Step::EnquiryOutcome => (Record::Enquiry, &["COMPLETE"], Some(Step::Enquiries)),
        Step::Preparation => (Record::Conference, &["SCHEDULED", "HELD"], None),
        Step::SocialWorkReport => (Record::Conference, &["SCHEDULED", "HELD", "CONCLUDED"], None),
        Step::Minutes => (Record::Conference, &["CONCLUDED"], None),
        Step::CoreGroupMinutes => (Record::CoreGroupMeeting, &["HELD"], None),
        Step::DetailedPlan => (Record::Plan, &["OUTLINE", "REVISED"], None),
        Step::PlanSignOff => (Record::Plan, &["DETAILED", "REVISED"], Some(Step::DetailedPlan)),
        Step::CinPlan => (Record::Plan, &["AWAITING_SIGNATURES", "AMENDED"], None),
    };
    Needs { record, states, after }
}

/// The state of a plan after a step of it.
pub const fn leads_to(step: Step) -> Option<plan::State> {
    match step {
        Step::DetailedPlan => Some(of_plan::DETAIL.to),
        Step::PlanSignOff => Some(of_plan::SIGN.to),
        Step::CinPlan => Some(of_plan::COMPLETE.to),
        Step::StrategyRecord
        | Step::Enquiries
        | Step::EnquiryOutcome
        | Step::Preparation
        | Step::SocialWorkReport
        | Step::Minutes
        | Step::CoreGroupMinutes => None,
    }
}

/// Why a step cannot be finished on a record that is in a state and has these steps behind it; names the states.
pub fn refusal(step: Step, record: Record, state: &str, behind: &[Step]) -> Option<String> {
    let needs = needs(step);
    if needs.record != record {
        return Some(format!("{} is no step of this record.", step.word()));
    }
    // a plan is detailed and signed anew after each change: its state says when
    if behind.contains(&step) && leads_to(step).is_none() {
        return Some(format!("{} was finished already.", step.word()));
    }
    if !needs.states.contains(&state) {
        return Some(format!(
            "{} is finished when the record is {}; it is {state}.",
            step.word(),
            needs.states.join(" or ")
        ));
    }
    let before = needs.after.filter(|before| !behind.contains(before))?;
    Some(format!("{} comes after {}, which is not finished.", step.word(), before.word()))
}

fn is_in_need(state: &str) -> bool {
    plan::State::of_word(state).is_some_and(|state| of_plan::kind_of(state) == plan::Kind::Cin)
}

/// Whether a document that is sent of a record in a state goes out before the step that finishes it: a plan also where it was
/// changed since it was signed.
pub fn goes_out_unfinished(document: Document, state: &str, behind: &[Step]) -> bool {
    let (_, step) = of_document(document, state);
    let changed = document == Document::Plan && plan::State::of_word(state).is_some_and(of_plan::awaits_signature);
    changed || step.is_some_and(|step| !behind.contains(&step))
}

/// On which record a document is, and the step that finishes it: of a plan its signature, by the kind of plan.
pub fn of_document(document: Document, state: &str) -> (Record, Option<Step>) {
    match document {
        Document::StrategyOutcome => (Record::StrategyMeeting, None),
        Document::StrategyRecord => (Record::StrategyMeeting, Some(Step::StrategyRecord)),
        Document::SocialWorkReport => (Record::Conference, Some(Step::SocialWorkReport)),
        Document::Decisions => (Record::Conference, None),
        Document::Minutes => (Record::Conference, Some(Step::Minutes)),
        Document::CoreGroupPapers => (Record::CoreGroupMeeting, Some(Step::CoreGroupMinutes)),
        Document::Plan if is_in_need(state) => (Record::Plan, Some(Step::CinPlan)),
        Document::Plan => (Record::Plan, Some(Step::PlanSignOff)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_order_is_told_with_its_states() {
        let said = |step, record, state, behind: &[Step]| refusal(step, record, state, behind).unwrap_or_default();
        assert_eq!(said(Step::Minutes, Record::Conference, "CONCLUDED", &[]), "");
        assert_eq!(
            said(Step::Minutes, Record::Conference, "SCHEDULED", &[]),
            "MINUTES is finished when the record is CONCLUDED; it is SCHEDULED."
        );
        let unsigned = "PLAN_SIGN_OFF is finished when the record is DETAILED or REVISED; it is OUTLINE.";
        assert_eq!(said(Step::PlanSignOff, Record::Plan, "OUTLINE", &[]), unsigned);
        assert_eq!(
            said(Step::PlanSignOff, Record::Plan, "REVISED", &[]),
            "PLAN_SIGN_OFF comes after DETAILED_PLAN, which is not finished.",
            "a review that changed an outline"
        );
        let before = [Step::DetailedPlan, Step::PlanSignOff];
        assert_eq!(said(Step::PlanSignOff, Record::Plan, "DETAILED", &before), "", "anew, after a change");
        assert_eq!(
            said(Step::DetailedPlan, Record::Plan, "CEASED", &before),
            "DETAILED_PLAN is finished when the record is OUTLINE or REVISED; it is CEASED."
        );
        assert_eq!(said(Step::Minutes, Record::Plan, "OUTLINE", &[]), "MINUTES is no step of this record.");
        let twice = [Step::Minutes];
        assert_eq!(said(Step::Minutes, Record::Conference, "CONCLUDED", &twice), "MINUTES was finished already.");
    }

    #[test]
    fn what_waits_for_a_signature_goes_out_marked_so() {
        let (signed, done) = ([Step::DetailedPlan, Step::PlanSignOff], [Step::CinPlan]);
        for (state, behind, unfinished) in [
            ("OUTLINE", &[][..], true),
            ("FINAL", &signed, false),
            ("UNDER_REVIEW", &signed, false),
            ("REVISED", &signed, true),
            ("CEASED", &signed, false),
            ("CEASED", &[], true),
            ("AWAITING_SIGNATURES", &[], true),
            ("COMPLETE", &done, false),
            ("AMENDED", &done, true),
        ] {
            assert_eq!(goes_out_unfinished(Document::Plan, state, behind), unfinished, "{state} {behind:?}");
        }
        assert!(goes_out_unfinished(Document::Minutes, "CONCLUDED", &[]));
        assert!(!goes_out_unfinished(Document::Decisions, "CONCLUDED", &[]));
    }
}
