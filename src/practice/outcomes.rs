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
    /// When the last enquiry began, where there was one.
    pub enquiry_since: Option<NaiveDate>,
}

/// A rule that refuses a decision: the field it is about, and a fixed sentence.
pub type Finding = (&'static str, &'static str);

/// The rules a decision breaks.
pub fn findings(decision: &Decision) -> Vec<Finding> {
    let mut found = Vec::new();
    let open = decision.cp_plan_since;
    if decision.kind == Kind::Initial && decision.enquiry_since.is_some_and(|since| since > decision.held_on) {
        found.push(("outcome", "The initial conference is not before its enquiry began (rule 8615)."));
    }
    if decision.kind == Kind::Review && open.is_none() && decision.cin_plan_since.is_some() {
        found.push(("outcome", "A child with an open child in need plan has no review conference (rule 4003)."));
    }
    match decision.outcome {
        Outcome::CpPlan => {
            if open.is_some() {
                found.push(("outcome", "The child has an open child protection plan already (rule 8935)."));
            }
            if decision.cp_plan_ended.is_some_and(|ended| ended > decision.held_on) {
                found.push(("outcome", "The plan before it ended later: plans do not overlap (rule 8940)."));
            }
            if decision.category.is_none() {
                found.push(("abuseCategory", "A child protection plan needs a category of abuse."));
            }
            if decision.cin_plan_since.is_some_and(|since| decision.held_on <= since) {
                found.push((
                    "outcome",
                    "The child's child in need plan began on the day of the conference or later and cannot end on it.",
                ));
            }
        }
        Outcome::CpPlanContinues | Outcome::CpPlanEnds => match open {
            None => found.push(("outcome", "The child has no open child protection plan.")),
            Some(since) if decision.held_on <= since => {
                found.push(("outcome", "A review is held after the day the plan started (rule 8841)."));
            }
            Some(_) => {}
        },
        Outcome::ProvisionOfServices
        | Outcome::SingleAssessment
        | Outcome::ReferralToOtherAgency
        | Outcome::NoFurtherAction
        | Outcome::Other => {
            if open.is_some() {
                found.push((
                    "outcome",
                    "The child has an open child protection plan: say whether it continues or ends.",
                ));
            }
        }
    }
    found
}

/// Whether a decision of a strategy meeting begins an enquiry.
pub const fn begins_enquiry(decision: strategy_meeting_child::Decision) -> bool {
    use strategy_meeting_child::Decision as D;
    matches!(decision, D::Section47Joint | D::Section47SingleAgency)
}

/// Whether a conference of this kind may be held on this day: an initial conference is not on a weekend (rule 8875).
pub fn may_be_held_on(kind: Kind, day: NaiveDate) -> bool {
    kind != Kind::Initial || !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
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
            enquiry_since: None,
        }
    }

    #[test]
    fn decisions_fit_the_open_plan() {
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        let table = [
            (Outcome::CpPlan, None, Some(AbuseCategory::Neg), 0),
            (Outcome::CpPlan, None, None, 1),
            (Outcome::CpPlan, Some(day), Some(AbuseCategory::Neg), 1),
            (Outcome::CpPlanContinues, None, None, 1),
            (Outcome::CpPlanContinues, Some(day), None, 1),
            (Outcome::CpPlanEnds, day.pred_opt(), None, 0),
            (Outcome::NoFurtherAction, day.pred_opt(), None, 1),
            (Outcome::NoFurtherAction, None, None, 0),
        ];
        for (outcome, cp_plan_since, category, expected) in table {
            let decision = Decision { outcome, category, cp_plan_since, ..of(Kind::Review, day) };
            assert_eq!(findings(&decision).len(), expected, "{decision:?}");
        }
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
        assert!(named(Decision { enquiry_since: day.succ_opt(), ..initial }, "8615"));
        assert!(!named(Decision { enquiry_since: Some(day), ..initial }, "8615"));
        let review = Decision { outcome: Outcome::CpPlanContinues, category: None, ..of(Kind::Review, day) };
        assert!(named(Decision { cp_plan_since: Some(day), ..review }, "8841"));
        assert!(named(Decision { cin_plan_since: day.pred_opt(), ..review }, "4003"));
        assert!(!named(Decision { cp_plan_since: day.pred_opt(), ..review }, "4003"));
    }

    #[test]
    fn initial_conferences_are_not_on_weekends() {
        assert!(!may_be_held_on(Kind::Initial, "2026-11-22".parse().unwrap()));
        assert!(may_be_held_on(Kind::Review, "2026-11-22".parse().unwrap()));
        assert!(may_be_held_on(Kind::Initial, "2026-11-24".parse().unwrap()));
    }
}
