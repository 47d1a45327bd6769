//! How a record goes from step to step: which steps it has, and what has to have come before each. What has happened is
//! recorded whatever stands here; a step says that the record of it is whole.

use entity::document_issue::Document;
use entity::entry::Record;
use entity::finished_step::Step;

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
        Step::DetailedPlan => (Record::Plan, &["CP_OPEN"], None),
        Step::PlanSignOff => (Record::Plan, &["CP_OPEN"], Some(Step::DetailedPlan)),
        Step::CinPlan => (Record::Plan, &["CIN_OPEN"], None),
    };
    Needs { record, states, after }
}

/// Why a step cannot be finished on a record that is in a state and has these steps behind it; names the states.
pub fn refusal(step: Step, record: Record, state: &str, behind: &[Step]) -> Option<String> {
    let needs = needs(step);
    if needs.record != record {
        return Some(format!("{} is no step of this record.", step.word()));
    }
    if behind.contains(&step) {
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

/// On which record a document is, and the step that finishes it: of a plan its signature, by the kind of plan.
pub fn of_document(document: Document, state: &str) -> (Record, Option<Step>) {
    match document {
        Document::StrategyOutcome => (Record::StrategyMeeting, None),
        Document::StrategyRecord => (Record::StrategyMeeting, Some(Step::StrategyRecord)),
        Document::SocialWorkReport => (Record::Conference, Some(Step::SocialWorkReport)),
        Document::Decisions => (Record::Conference, None),
        Document::Minutes => (Record::Conference, Some(Step::Minutes)),
        Document::CoreGroupPapers => (Record::CoreGroupMeeting, Some(Step::CoreGroupMinutes)),
        Document::Plan if state.starts_with("CIN") => (Record::Plan, Some(Step::CinPlan)),
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
        assert_eq!(
            said(Step::PlanSignOff, Record::Plan, "CP_OPEN", &[]),
            "PLAN_SIGN_OFF comes after DETAILED_PLAN, which is not finished."
        );
        assert_eq!(said(Step::PlanSignOff, Record::Plan, "CP_OPEN", &[Step::DetailedPlan]), "");
        assert_eq!(said(Step::Minutes, Record::Plan, "CP_OPEN", &[]), "MINUTES is no step of this record.");
        let twice = [Step::Minutes];
        assert_eq!(said(Step::Minutes, Record::Conference, "CONCLUDED", &twice), "MINUTES was finished already.");
    }
}
