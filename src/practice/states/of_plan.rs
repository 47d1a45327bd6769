//! What happens to a plan. A child protection plan is the outline that its conference made until its core group has detailed
//! it (WAR-CG-03, BIR-CG-01), and final once the manager has signed it (WAR-PL-03). What a review or the core group
//! changes of a final plan makes it a revised one, until it is detailed or signed anew. A child in need plan is made by its
//! meeting, waits for its signatures (WAR-CN-15) and is whole with them.

use super::{Act, State};
use entity::plan::{Kind, State as S};

impl State for S {
    const LAST: &'static [Self] = &[Self::Ceased, Self::Closed];
    fn word(self) -> String {
        self.word()
    }
}

/// The states of a child protection plan that has not ended.
const OPEN: &[S] = &[S::Outline, S::Detailed, S::Final, S::UnderReview, S::Revised];

/// The state that a plan begins in: the outline of its conference (WAR-MI-06), the plan of its meeting.
pub const fn begun(kind: Kind) -> S {
    match kind {
        Kind::Cp => S::Outline,
        Kind::Cin => S::AwaitingSignatures,
    }
}

/// Its core group has detailed it.
pub const DETAIL: Act<S> =
    Act { what: "A plan is detailed while it is", from: &[S::Outline, S::Revised], to: S::Detailed };
/// The manager signed it.
pub const SIGN: Act<S> = Act { what: "A plan is signed while it is", from: &[S::Detailed, S::Revised], to: S::Final };
/// A review has come together over it. What no manager has signed stays what it is.
pub const REVIEW: Act<S> = Act { what: "A plan comes under review while it is", from: &[S::Final], to: S::UnderReview };
/// Something of it was changed that the manager had signed.
pub const CHANGE: Act<S> = Act { what: "A signed plan is changed while it is", from: &[S::Final], to: S::Revised };
/// A review has it go on.
pub const CONTINUE: Act<S> = Act { what: "A plan is continued while it is", from: OPEN, to: S::Revised };
/// It is over.
pub const CEASE: Act<S> = Act { what: "A protection plan ends while it is", from: OPEN, to: S::Ceased };

/// Everybody has signed a child in need plan, or said why not.
pub const COMPLETE: Act<S> = Act {
    what: "A child in need plan is completed while it is",
    from: &[S::AwaitingSignatures, S::Amended],
    to: S::Complete,
};
/// Something of a complete child in need plan was changed.
pub const AMEND: Act<S> = Act { what: "A complete plan is amended while it is", from: &[S::Complete], to: S::Amended };
/// A child in need plan is over.
pub const CLOSE: Act<S> = Act {
    what: "A child in need plan is ended while it is",
    from: &[S::AwaitingSignatures, S::Complete, S::Amended],
    to: S::Closed,
};

/// How a plan of a kind ends.
pub const fn end(kind: Kind) -> Act<S> {
    match kind {
        Kind::Cp => CEASE,
        Kind::Cin => CLOSE,
    }
}

/// The kind of a plan, by its state.
pub const fn kind_of(state: S) -> Kind {
    match state {
        S::Outline | S::Detailed | S::Final | S::UnderReview | S::Revised | S::Ceased => Kind::Cp,
        S::AwaitingSignatures | S::Complete | S::Amended | S::Closed => Kind::Cin,
    }
}

/// Whether a plan waits for a signature: what goes out of it is marked so.
pub const fn awaits_signature(state: S) -> bool {
    match state {
        S::Outline | S::Detailed | S::Revised | S::AwaitingSignatures | S::Amended => true,
        S::Final | S::UnderReview | S::Ceased | S::Complete | S::Closed => false,
    }
}

/// The items that are the plan itself, and not something said about it.
const CONTENT: [&str; 10] = [
    "OUTCOME",
    "OUTCOME_ACTION",
    "NON_COOPERATION",
    "CONTINGENCY",
    "CONTACT",
    "FAMILY_ROLE",
    "MEMBER_ROLE",
    "REVIEW_POINT",
    "RECOMMENDATIONS_USED",
    "ACTION_TIMED",
];

/// Whether an item is part of the plan itself.
pub fn is_content(item: &str) -> bool {
    CONTENT.contains(&item)
}

/// The state of a plan after these items of its record were written anew.
pub fn written(state: S, items: &[String]) -> S {
    let changed = items.iter().any(|item| is_content(item));
    let act = [CHANGE, AMEND].into_iter().find(|act| changed && act.from.contains(&state));
    act.map_or(state, |act| act.to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::standards::Standards;
    use crate::practice::steps;
    use entity::entry::Record;
    use entity::finished_step::Step;

    #[test]
    fn a_plan_goes_from_outline_to_final_and_again_after_each_review() {
        let may = |act: Act<S>, state| act.refusal(state).is_none();
        assert!(may(DETAIL, S::Outline) && !may(SIGN, S::Outline));
        assert!(may(SIGN, S::Detailed) && may(SIGN, S::Revised));
        assert!(!may(DETAIL, S::Final) && !may(SIGN, S::Final), "signed once");
        for open in OPEN {
            assert!(may(CONTINUE, *open) && may(CEASE, *open), "{open:?}: what a review decides is recorded");
        }
        for (act, state) in [(CONTINUE, S::Ceased), (CEASE, S::Ceased), (CLOSE, S::Closed), (AMEND, S::Closed)] {
            assert!(act.refusal(state).unwrap().over);
        }
        assert_eq!(
            SIGN.refusal(S::Outline).unwrap().message,
            "A plan is signed while it is DETAILED or REVISED; it is OUTLINE."
        );
    }

    #[test]
    fn no_act_leads_from_one_kind_of_plan_to_the_other() {
        for act in [DETAIL, SIGN, REVIEW, CHANGE, CONTINUE, CEASE, COMPLETE, AMEND, CLOSE] {
            assert!(act.from.iter().all(|from| kind_of(*from) == kind_of(act.to)), "{}", act.what);
        }
        for kind in [Kind::Cp, Kind::Cin] {
            assert_eq!((kind_of(begun(kind)), kind_of(end(kind).to)), (kind, kind));
        }
    }

    #[test]
    fn what_is_signed_and_then_changed_is_signed_anew() {
        let wrote = |state, item: &str| written(state, &[item.to_owned()]);
        assert_eq!(wrote(S::Final, "OUTCOME"), S::Revised);
        assert_eq!(wrote(S::Complete, "ACTION_TIMED"), S::Amended);
        assert_eq!(wrote(S::Final, "ENDORSEMENT"), S::Final, "said of it");
        assert_eq!(wrote(S::Complete, "SIGNED"), S::Complete);
        for state in [S::Outline, S::Detailed, S::UnderReview, S::Revised, S::Ceased] {
            assert_eq!(wrote(state, "OUTCOME"), state);
        }
        let standards = Standards::embedded().unwrap();
        for item in CONTENT {
            assert_eq!(standards.items().get(item).unwrap().record, Record::Plan, "{item}");
        }
    }

    #[test]
    fn the_steps_of_a_plan_are_taken_in_the_states_that_lead_on() {
        for (step, act) in [(Step::DetailedPlan, DETAIL), (Step::PlanSignOff, SIGN), (Step::CinPlan, COMPLETE)] {
            let from: Vec<_> = act.from.iter().map(|state| state.word()).collect();
            assert_eq!(steps::needs(step).states, from);
        }
    }
}
