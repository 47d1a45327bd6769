//! Trouble with the attendance of an agency that holds a plan up (BIR-CG-13, BIR-NA-03 to 05): it goes to the team manager, the agency
//! is talked to, and it is resolved or goes to its management in writing. A step may be left out, and each may be written down
//! for the first time; what has come further does not go back: who wrote it in error takes it back.

use super::{Act, State};

/// The item that says how far it is.
pub const ITEM: &str = "ATTENDANCE_TROUBLE";

/// How far trouble with the attendance of an agency is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It holds the plan up.
    Noted,
    /// The team manager knows.
    WithTeamManager,
    /// The agency was talked to.
    AgencyContacted,
    /// Its management was written to.
    WrittenEscalation,
    /// It holds nothing up any more.
    Resolved,
}

use Trouble as T;

const ALL: [T; 5] = [T::Noted, T::WithTeamManager, T::AgencyContacted, T::WrittenEscalation, T::Resolved];

impl State for T {
    const LAST: &'static [Self] = &[Self::Resolved];
    fn word(self) -> String {
        let word = match self {
            Self::Noted => "NOTED",
            Self::WithTeamManager => "WITH_TEAM_MANAGER",
            Self::AgencyContacted => "AGENCY_CONTACTED",
            Self::WrittenEscalation => "WRITTEN_ESCALATION",
            Self::Resolved => "RESOLVED",
        };
        word.to_owned()
    }
}

impl T {
    /// The state of a word of the item.
    pub fn of_word(word: &str) -> Option<Self> {
        ALL.into_iter().find(|each| each.word() == word)
    }
}

const NOTE: Act<T> = Act { what: "Trouble with attendance is noted while it is", from: &[T::Noted], to: T::Noted };
const TAKE_TO_MANAGER: Act<T> = Act {
    what: "Trouble with attendance goes to the team manager while it is",
    from: &[T::Noted, T::WithTeamManager],
    to: T::WithTeamManager,
};
const CONTACT: Act<T> = Act {
    what: "An agency is talked to about its attendance while the trouble is",
    from: &[T::Noted, T::WithTeamManager, T::AgencyContacted],
    to: T::AgencyContacted,
};
const ESCALATE: Act<T> = Act {
    what: "Trouble with attendance is escalated in writing while it is",
    from: &[T::Noted, T::WithTeamManager, T::AgencyContacted, T::WrittenEscalation],
    to: T::WrittenEscalation,
};
const RESOLVE: Act<T> = Act {
    what: "Trouble with attendance is resolved while it is",
    from: &[T::Noted, T::WithTeamManager, T::AgencyContacted, T::WrittenEscalation, T::Resolved],
    to: T::Resolved,
};

/// What leads to a state; also from itself, where more is said of it.
pub const fn leading_to(next: T) -> Act<T> {
    match next {
        T::Noted => NOTE,
        T::WithTeamManager => TAKE_TO_MANAGER,
        T::AgencyContacted => CONTACT,
        T::WrittenEscalation => ESCALATE,
        T::Resolved => RESOLVE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(stands: T, next: T) -> Option<super::super::Refusal> {
        leading_to(next).refusal(stands)
    }

    #[test]
    fn trouble_goes_on_and_not_back() {
        for (i, stands) in ALL.into_iter().enumerate() {
            for (j, next) in ALL.into_iter().enumerate() {
                assert_eq!(refusal(stands, next).is_none(), i <= j, "{stands:?} {next:?}");
            }
            assert_eq!(T::of_word(&stands.word()), Some(stands));
        }
        let back = refusal(T::AgencyContacted, T::WithTeamManager).unwrap();
        assert_eq!(
            back.message,
            "Trouble with attendance goes to the team manager while it is NOTED or WITH_TEAM_MANAGER; it is AGENCY_CONTACTED."
        );
        assert!(!back.over && refusal(T::Resolved, T::Noted).unwrap().over);
    }

    #[test]
    fn the_item_has_these_words_and_no_others() {
        use crate::practice::items::Answer;
        let standards = crate::practice::standards::Standards::embedded().unwrap();
        let Answer::Choice(words) = &standards.items().get(ITEM).unwrap().answer else { panic!("no choice") };
        assert_eq!(*words, ALL.map(State::word));
    }
}
