//! What happens to one thing that somebody does under a plan. It is recorded as it was, and put right where it was wrong; what
//! was withdrawn stays so.

use super::{Act, State};
use entity::plan_action::Status as S;

impl State for S {
    const LAST: &'static [Self] = &[Self::Withdrawn];
    fn word(self) -> String {
        self.word()
    }
}

/// It was not begun after all.
const PUT_BACK: Act<S> =
    Act { what: "An action is put back while it is", from: &[S::NotStarted, S::InProgress], to: S::NotStarted };
/// Somebody is at it, or it was not done after all.
const BEGIN: Act<S> =
    Act { what: "An action goes on while it is", from: &[S::NotStarted, S::InProgress, S::Done], to: S::InProgress };
/// It was done; the day is put right.
const FINISH: Act<S> =
    Act { what: "An action is done while it is", from: &[S::NotStarted, S::InProgress, S::Done], to: S::Done };
/// It is not needed any more.
const WITHDRAW: Act<S> =
    Act { what: "An action is withdrawn while it is", from: &[S::NotStarted, S::InProgress], to: S::Withdrawn };

/// What leads to a state.
pub const fn towards(state: S) -> Act<S> {
    match state {
        S::NotStarted => PUT_BACK,
        S::InProgress => BEGIN,
        S::Done => FINISH,
        S::Withdrawn => WITHDRAW,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_withdrawn_stays_withdrawn_and_what_was_done_is_not_withdrawn() {
        let all = [S::NotStarted, S::InProgress, S::Done, S::Withdrawn];
        for to in all {
            assert_eq!(towards(to).to, to);
            assert!(towards(to).refusal(S::Withdrawn).unwrap().over, "{to:?}");
        }
        let refused = towards(S::Withdrawn).refusal(S::Done).unwrap();
        assert_eq!(refused.message, "An action is withdrawn while it is NOT_STARTED or IN_PROGRESS; it is DONE.");
        assert!(!refused.over);
        let reached = |from| all.into_iter().filter(move |to| towards(*to).from.contains(&from)).count();
        assert_eq!(all.map(reached), [4, 4, 2, 0]);
    }
}
