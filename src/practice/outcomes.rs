//! What a conference may decide for a child, by the rules of the national return.

use chrono::{Datelike, NaiveDate, Weekday};
use entity::conference::Kind;
use entity::conference_child::{AbuseCategory, Outcome};
use entity::strategy_meeting_child;

/// A decision about one child, with what the record says of the child at that moment.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// Kind of the conference.
    pub kind: Kind,
    /// Day of the conference in England.
    pub held_on: NaiveDate,
    /// What is decided.
    pub outcome: Outcome,
    /// Category of abuse, where one is given.
    pub category: Option<AbuseCategory>,
    /// Start of the open child protection plan, where there is one.
    pub cp_plan_since: Option<NaiveDate>,
    /// Start of the open child in need plan, where there is one: a child protection plan ends it.
    pub cin_plan_since: Option<NaiveDate>,
    /// When the child protection plan before it ended, where there was one.
    pub cp_plan_ended: Option<NaiveDate>,
    /// When the last child in need plan ended, where there was one.
    pub cin_plan_ended: Option<NaiveDate>,
    /// When the last enquiry began, where there was one.
    pub enquiry_since: Option<NaiveDate>,
}

/// A rule that refuses a decision: the field it is about, and a fixed sentence.
pub type Finding = (&'static str, &'static str);

/// Whether a conference is an initial one, before birth or after a move as well: not a review.
const fn is_initial(kind: Kind) -> bool {
    match kind {
        Kind::Initial | Kind::PreBirth | Kind::TransferIn => true,
        Kind::Review => false,
    }
}

/// What stands against an outcome at a conference of this kind, of a child with an open child protection plan or without.
const fn misplaced(kind: Kind, outcome: Outcome, has_plan: bool) -> Option<&'static str> {
    match (kind, outcome, has_plan) {
        (_, Outcome::CpPlan, true) => Some("The child has an open child protection plan already (rule 8935)."),
        (Kind::Review, Outcome::CpPlan, false) => Some(
            "A review makes no plan: one begins on the day of an initial conference, and each has its own (rules 2885, 2883).",
        ),
        (Kind::Initial | Kind::PreBirth, Outcome::CpPlanContinues | Outcome::CpPlanEnds, _) => Some(
            "An initial conference begins a plan (rule 2885): whether one goes on or ends is for its review (rule 8841).",
        ),
        (Kind::Review | Kind::TransferIn, Outcome::CpPlanContinues | Outcome::CpPlanEnds, false) => {
            Some("The child has no open child protection plan.")
        }
        (
            Kind::Review | Kind::TransferIn,
            Outcome::ProvisionOfServices
            | Outcome::SingleAssessment
            | Outcome::ReferralToOtherAgency
            | Outcome::NoFurtherAction
            | Outcome::Other,
            true,
        ) => Some("The child has an open child protection plan: say whether it continues or ends."),
        // what else an initial conference decides leaves a plan that runs to its review
        (Kind::Initial | Kind::PreBirth | Kind::TransferIn, Outcome::CpPlan, false)
        | (Kind::Review | Kind::TransferIn, Outcome::CpPlanContinues | Outcome::CpPlanEnds, true)
        | (
            _,
            Outcome::ProvisionOfServices
            | Outcome::SingleAssessment
            | Outcome::ReferralToOtherAgency
            | Outcome::NoFurtherAction
            | Outcome::Other,
            _,
        ) => None,
    }
}

/// The rules a decision breaks.
pub fn findings(decision: &Decision) -> Vec<Finding> {
    let mut found = Vec::new();
    let (kind, held_on, open) = (decision.kind, decision.held_on, decision.cp_plan_since);
    if is_initial(kind) && decision.enquiry_since.is_some_and(|since| since > held_on) {
        found.push(("outcome", "The initial conference is not before its enquiry began (rule 8615)."));
    }
    if kind == Kind::Review && open.is_none() && decision.cin_plan_since.is_some() {
        found.push(("outcome", "A child with an open child in need plan has no review conference (rule 4003)."));
    }
    found.extend(misplaced(kind, decision.outcome, open.is_some()).map(|why| ("outcome", why)));
    match decision.outcome {
        Outcome::CpPlan => found.extend(begins(decision)),
        Outcome::CpPlanContinues if open.is_some_and(|since| held_on <= since) => {
            found.push(("outcome", "A review is held after the day the plan started (rule 8841)."));
        }
        Outcome::CpPlanEnds if open.is_some_and(|since| held_on < since) => {
            found.push(("outcome", "A plan does not end before it started (rules 8925, 8841)."));
        }
        Outcome::CpPlanEnds if open == Some(held_on) => {
            found.push(("outcome", "A plan does not end on the day it started (rules 8840, 8841)."));
        }
        Outcome::CpPlanContinues
        | Outcome::CpPlanEnds
        | Outcome::ProvisionOfServices
        | Outcome::SingleAssessment
        | Outcome::ReferralToOtherAgency
        | Outcome::NoFurtherAction
        | Outcome::Other => {}
    }
    found
}

/// What stands against a child protection plan that begins on the day of its conference, beside the plans before it.
fn begins(decision: &Decision) -> Vec<Finding> {
    let mut found = Vec::new();
    let on = decision.held_on;
    if decision.cp_plan_ended.is_some_and(|ended| ended > on) {
        found.push(("outcome", "The plan before it ended later: plans do not overlap (rule 8940)."));
    }
    if decision.category.is_none() {
        found.push(("abuseCategory", "A child protection plan needs a category of abuse."));
    }
    if decision.cin_plan_since.is_some_and(|since| on <= since) {
        found.push((
            "outcome",
            "The child's child in need plan began on the day of the conference or later: the two are never together (rule 4016).",
        ));
    }
    if decision.cin_plan_ended.is_some_and(|ended| ended > on) {
        found.push((
            "outcome",
            "The child's child in need plan ended after the conference: the two are never together (rules 4016, 4017).",
        ));
    }
    found
}

/// Whether a decision of a strategy meeting begins an enquiry.
pub const fn begins_enquiry(decision: strategy_meeting_child::Decision) -> bool {
    use strategy_meeting_child::Decision as D;
    matches!(decision, D::Section47Joint | D::Section47SingleAgency)
}

/// Whether a conference of this kind may be held on this day: an initial conference, before birth or after a move as well, is
/// not on a weekend (rule 8875).
pub fn may_be_held_on(kind: Kind, day: NaiveDate) -> bool {
    !is_initial(kind) || !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, held_on: NaiveDate) -> Decision {
        Decision {
            kind,
            held_on,
            outcome: Outcome::CpPlan,
            category: Some(AbuseCategory::Emo),
            cp_plan_since: None,
            cin_plan_since: None,
            cp_plan_ended: None,
            cin_plan_ended: None,
            enquiry_since: None,
        }
    }

    const KINDS: [Kind; 4] = [Kind::Initial, Kind::PreBirth, Kind::TransferIn, Kind::Review];

    /// Every outcome at every kind of conference, of a child without an open plan and with one since the day before.
    #[test]
    fn outcomes_fit_the_conference_and_the_open_plan() {
        use Outcome::{CpPlan, CpPlanContinues, CpPlanEnds};
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        let others = [
            Outcome::ProvisionOfServices,
            Outcome::SingleAssessment,
            Outcome::ReferralToOtherAgency,
            Outcome::NoFurtherAction,
            Outcome::Other,
        ];
        let allowed = |kind, outcome, has_plan| match (kind, has_plan) {
            (Kind::Initial | Kind::PreBirth | Kind::TransferIn, false) => {
                outcome == CpPlan || others.contains(&outcome)
            }
            (Kind::Initial | Kind::PreBirth, true) | (Kind::Review, false) => others.contains(&outcome),
            (Kind::TransferIn | Kind::Review, true) => [CpPlanContinues, CpPlanEnds].contains(&outcome),
        };
        for kind in KINDS {
            for outcome in [CpPlan, CpPlanContinues, CpPlanEnds].into_iter().chain(others) {
                for has_plan in [false, true] {
                    let cp_plan_since = has_plan.then(|| day.pred_opt().unwrap());
                    let found = findings(&Decision { outcome, cp_plan_since, ..of(kind, day) });
                    let expected = allowed(kind, outcome, has_plan);
                    assert_eq!(found.is_empty(), expected, "{kind:?} {outcome:?} {has_plan}: {found:?}");
                }
            }
        }
        let uncategorised = Decision { category: None, ..of(Kind::Initial, day) };
        assert_eq!(findings(&uncategorised)[0].0, "abuseCategory");
    }

    #[test]
    fn a_child_in_need_plan_ends_after_the_day_it_began() {
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        for (cin_plan_since, expected) in [(None, 0), (day.pred_opt(), 0), (Some(day), 1), (day.succ_opt(), 1)] {
            let decision = Decision { cin_plan_since, ..of(Kind::Initial, day) };
            assert_eq!(findings(&decision).len(), expected, "{decision:?}");
        }
    }

    #[test]
    fn the_rules_of_the_return_are_named() {
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        let named = |decision: Decision, rule: &str| findings(&decision).iter().any(|(_, why)| why.contains(rule));
        let initial = of(Kind::Initial, day);
        assert!(named(Decision { cp_plan_since: Some(day), ..initial }, "8935"));
        assert!(named(Decision { cp_plan_ended: day.succ_opt(), ..initial }, "8940"));
        assert!(!named(Decision { cp_plan_ended: Some(day), ..initial }, "8940"));
        for kind in [Kind::Initial, Kind::PreBirth, Kind::TransferIn] {
            assert!(named(Decision { enquiry_since: day.succ_opt(), ..of(kind, day) }, "8615"), "{kind:?}");
        }
        assert!(!named(Decision { enquiry_since: Some(day), ..initial }, "8615"));
        let review = Decision { outcome: Outcome::CpPlanContinues, category: None, ..of(Kind::Review, day) };
        assert!(named(Decision { cp_plan_since: Some(day), ..review }, "8841"));
        assert!(named(Decision { cin_plan_since: day.pred_opt(), ..review }, "4003"));
        assert!(!named(Decision { cp_plan_since: day.pred_opt(), ..review }, "4003"));
        // a review makes no plan
        for rule in ["2883", "2885"] {
            assert!(named(of(Kind::Review, day), rule), "{rule}");
        }
        // nor does an initial conference end one
        let ends = Decision { outcome: Outcome::CpPlanEnds, category: None, ..of(Kind::Initial, day) };
        assert!(named(Decision { cp_plan_since: day.pred_opt(), ..ends }, "2885"));
        let at_review = Decision { kind: Kind::Review, ..ends };
        for (since, rule) in [(Some(day), "8840"), (day.succ_opt(), "8925"), (Some(day), "8841")] {
            assert!(named(Decision { cp_plan_since: since, ..at_review }, rule), "{rule}");
        }
        // a child in need plan beside it, though it has ended since
        for rule in ["4016", "4017"] {
            assert!(named(Decision { cin_plan_ended: day.succ_opt(), ..initial }, rule), "{rule}");
            assert!(!named(Decision { cin_plan_ended: Some(day), ..initial }, rule), "ended on its day: {rule}");
        }
        assert!(named(Decision { cin_plan_since: Some(day), ..initial }, "4016"));
    }

    #[test]
    fn initial_conferences_are_not_on_weekends() {
        for kind in KINDS {
            assert_eq!(may_be_held_on(kind, "2026-11-22".parse().unwrap()), kind == Kind::Review, "{kind:?}");
            assert!(may_be_held_on(kind, "2026-11-24".parse().unwrap()));
        }
    }
}
