//! What happens to a version of a conference report. A draft is submitted and becomes a version; the chair releases it to those at
//! the conference; another version takes its place, or it is taken back. What was submitted stays, whatever becomes of it.

use super::{Act, State};
use entity::conference_report::State as S;

impl State for S {
    const LAST: &'static [Self] = &[Self::Superseded, Self::Withdrawn];
    fn word(self) -> String {
        self.word()
    }
}

/// The states of the version that stands.
const STANDS: &[S] = &[S::Submitted, S::Released];

/// The state it begins in, until it is submitted.
pub const DRAFTED: S = S::Draft;
/// It is submitted.
pub const SUBMIT: Act<S> = Act { what: "A report is submitted while it is", from: &[S::Draft], to: S::Submitted };
/// A manager of its author signs it (WAR-PR-05).
pub const SIGN: Act<S, ()> =
    Act { what: "A report is signed while it is", from: &[S::Draft, S::Submitted, S::Released], to: () };
/// It is released to the agencies at its conference.
pub const RELEASE: Act<S> = Act { what: "A report is released while it is", from: &[S::Submitted], to: S::Released };
/// Another version takes its place.
pub const AMEND: Act<S> = Act { what: "A report is amended while it is", from: STANDS, to: S::Superseded };
/// It is taken back.
pub const WITHDRAW: Act<S> = Act { what: "A report is withdrawn while it is", from: STANDS, to: S::Withdrawn };
/// It was given to somebody of the family: what was given is recorded, whatever has become of it since.
pub const SHARE: Act<S, ()> = Act {
    what: "A report is given to the family while it is",
    from: &[S::Submitted, S::Released, S::Superseded, S::Withdrawn],
    to: (),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_goes_one_way() {
        let acts = [SUBMIT, RELEASE, AMEND, WITHDRAW];
        for state in [S::Draft, S::Submitted, S::Released, S::Superseded, S::Withdrawn] {
            let leads = acts.iter().filter(|act| act.refusal(state).is_none()).map(|act| act.to).collect::<Vec<_>>();
            let expected: &[S] = match state {
                S::Draft => &[S::Submitted],
                S::Submitted => &[S::Released, S::Superseded, S::Withdrawn],
                S::Released => &[S::Superseded, S::Withdrawn],
                S::Superseded | S::Withdrawn => &[],
            };
            assert_eq!(leads, expected, "{state:?}");
        }
        assert!(SIGN.refusal(S::Withdrawn).unwrap().over);
        assert_eq!(
            SHARE.refusal(S::Draft).unwrap().message,
            "A report is given to the family while it is SUBMITTED or RELEASED or SUPERSEDED or WITHDRAWN; it is DRAFT."
        );
    }
}
