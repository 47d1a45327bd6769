//! The states of the records of the process, and what may happen in each: one table. Actions ask it before something
//! happens to a record; the store writes the state it names. How the papers of a record are finished one after the other
//! is in [`super::steps`].

pub mod of_attendance_trouble;
pub mod of_core_group;
pub mod of_follow_up;
pub mod of_plan;
pub mod of_plan_action;
pub mod of_report;

use entity::{allegation, conference, enquiry, episode, escalation, non_attendance_letter as letter, strategy_meeting};

/// Something that happens to a record: in which states, and the state it leads to; `()` where it leaves the state.
#[derive(Clone, Copy, Debug)]
pub struct Act<S: 'static, T = S> {
    /// What happens, as the beginning of a sentence.
    pub what: &'static str,
    /// The states in which it may.
    pub from: &'static [S],
    /// The state after it.
    pub to: T,
}

/// A state with a word.
pub trait State: Copy + PartialEq + 'static {
    /// States that nothing leads out of.
    const LAST: &'static [Self];
    /// As it stands in the API.
    fn word(self) -> String;
}

/// Why something may not happen to a record.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The record is in a state that nothing leads out of.
    pub over: bool,
    /// What may happen when, and the state that stands.
    pub message: String,
}

impl<S: State, T> Act<S, T> {
    /// Why it may not happen in a state; names the states.
    pub fn refusal(&self, state: S) -> Option<Refusal> {
        let from: Vec<_> = self.from.iter().map(|each| each.word()).collect();
        (!self.from.contains(&state)).then(|| Refusal {
            over: S::LAST.contains(&state),
            message: format!("{} {}; it is {}.", self.what, from.join(" or "), state.word()),
        })
    }
}

macro_rules! states {
    ($($noun:ident ends in $($last:ident)|+;)+) => { $(
        impl State for $noun::Status {
            const LAST: &'static [Self] = &[$(Self::$last),+];
            fn word(self) -> String { self.word() }
        }
    )+ };
}

states! {
    strategy_meeting ends in Held | Cancelled;
    enquiry ends in OutcomeAgreed;
    episode ends in NoFurtherAction | Closed;
    conference ends in Concluded | Cancelled;
    allegation ends in Closed;
}

/// What happens to a strategy meeting.
pub mod of_strategy_meeting {
    use super::{Act, strategy_meeting::Status};

    /// The state it begins in.
    pub const CALLED: Status = Status::Called;
    /// Its first day is put off.
    pub const PUT_OFF: Act<Status, ()> =
        Act { what: "A strategy meeting is put off while it is", from: &[Status::Called], to: () };
    /// It was held, and decided.
    pub const HOLD: Act<Status> =
        Act { what: "A strategy meeting's outcome is recorded while it is", from: &[Status::Called], to: Status::Held };
    /// It is called off.
    pub const CANCEL: Act<Status> =
        Act { what: "A strategy meeting is cancelled while it is", from: &[Status::Called], to: Status::Cancelled };
}

/// What happens to a section 47 enquiry.
pub mod of_enquiry {
    use super::{Act, enquiry::Status};

    /// The state it begins in.
    pub const BEGUN: Status = Status::Enquiring;
    /// Everybody was seen and asked.
    pub const COMPLETE: Act<Status> =
        Act { what: "An enquiry is completed while it is", from: &[Status::Enquiring], to: Status::Complete };
    /// Another worker leads it from now on.
    pub const LEAD: Act<Status, ()> =
        Act { what: "Who leads an enquiry is named while it is", from: &[Status::Enquiring, Status::Complete], to: () };
    /// The manager agreed its outcome.
    pub const AGREE: Act<Status> = Act {
        what: "An enquiry's outcome is agreed while it is",
        from: &[Status::Complete],
        to: Status::OutcomeAgreed,
    };
}

/// What happens to an episode of need.
pub mod of_episode {
    use super::{Act, episode::Status};

    /// The state it begins in, where something is done on the referral.
    pub const REFERRED: Status = Status::Open;
    /// The child is assessed.
    pub const ASSESS: Act<Status, ()> =
        Act { what: "A child is assessed while the case is", from: &[Status::Open], to: () };
    /// The case is closed.
    pub const CLOSE: Act<Status> =
        Act { what: "A case is closed while it is", from: &[Status::Open], to: Status::Closed };
}

/// What happens to a conference.
pub mod of_conference {
    use super::{Act, conference::Status};

    const OPEN: &[Status] = &[Status::Scheduled, Status::Held];

    /// The state it begins in.
    pub const CALLED: Status = Status::Scheduled;
    /// An agency reports to it, in time to be heard.
    pub const REPORT: Act<Status, ()> = Act { what: "A report is heard while the conference is", from: OPEN, to: () };
    /// An agency reports to it, if only for the record.
    pub const LATE_REPORT: Act<Status, ()> = Act {
        what: "A report is submitted while the conference is",
        from: &[Status::Scheduled, Status::Held, Status::Concluded],
        to: (),
    };
    /// Somebody else chairs it for a while.
    pub const DELEGATE: Act<Status, ()> =
        Act { what: "The chair is delegated while the conference is", from: OPEN, to: () };
    /// It came together: who took part is recorded, and put right.
    pub const HOLD: Act<Status> =
        Act { what: "Attendance is recorded while the conference is", from: OPEN, to: Status::Held };
    /// It goes on at another time.
    pub const ADJOURN: Act<Status> =
        Act { what: "A conference is adjourned while it is", from: OPEN, to: Status::Scheduled };
    /// It is at another time, before it began.
    pub const MOVE: Act<Status, ()> =
        Act { what: "A conference is moved while it is", from: &[Status::Scheduled], to: () };
    /// It is called off. One that came together is adjourned or decides.
    pub const CANCEL: Act<Status> =
        Act { what: "A conference is cancelled while it is", from: &[Status::Scheduled], to: Status::Cancelled };
    /// It decided, for every child.
    pub const CONCLUDE: Act<Status> = Act {
        what: "An outcome is recorded after who took part, while the conference is",
        from: &[Status::Held],
        to: Status::Concluded,
    };
}

/// What happens to an allegation against a professional.
pub mod of_allegation {
    use super::{Act, allegation::Status};

    /// The state it begins in.
    pub const REFERRED: Status = Status::Open;
    /// Somebody is named to lead on it.
    pub const LEAD: Act<Status, ()> =
        Act { what: "A lead is named while the allegation is", from: &[Status::Open], to: () };
    /// A meeting about the professional is called.
    pub const MEET: Act<Status, ()> =
        Act { what: "A meeting about it is called while the allegation is", from: &[Status::Open], to: () };
    /// Its outcome is recorded.
    pub const CLOSE: Act<Status> =
        Act { what: "An allegation is closed while it is", from: &[Status::Open], to: Status::Closed };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::steps;
    use entity::finished_step::Step;

    #[test]
    fn every_state_is_reached_and_left() {
        fn walk<S: State + std::fmt::Debug>(begin: S, acts: &[Act<S>], all: &[S], unreachable: &[S]) {
            let mut reached = vec![begin];
            for _ in acts {
                let next = acts.iter().filter(|act| act.from.iter().any(|from| reached.contains(from)));
                reached.extend(next.map(|act| act.to).collect::<Vec<_>>());
            }
            for state in all {
                assert_ne!(reached.contains(state), unreachable.contains(state), "{state:?}");
                let is_left = acts.iter().any(|act| act.from.contains(state));
                assert_ne!(is_left, S::LAST.contains(state), "{state:?}");
            }
        }
        use {conference::Status as C, enquiry::Status as E, episode::Status as N, strategy_meeting::Status as M};
        let acts = [of_strategy_meeting::HOLD, of_strategy_meeting::CANCEL];
        walk(of_strategy_meeting::CALLED, &acts, &[M::Called, M::Held, M::Cancelled], &[]);
        walk(
            of_enquiry::BEGUN,
            &[of_enquiry::COMPLETE, of_enquiry::AGREE],
            &[E::Enquiring, E::Complete, E::OutcomeAgreed],
            &[],
        );
        // a referral on which nothing is done begins and ends in one
        walk(
            of_episode::REFERRED,
            &[of_episode::CLOSE],
            &[N::Open, N::Closed, N::NoFurtherAction],
            &[N::NoFurtherAction],
        );
        let acts = [of_conference::HOLD, of_conference::ADJOURN, of_conference::CONCLUDE, of_conference::CANCEL];
        walk(of_conference::CALLED, &acts, &[C::Scheduled, C::Held, C::Concluded, C::Cancelled], &[]);
    }

    #[test]
    fn a_refusal_names_the_states() {
        let said = of_conference::CONCLUDE.refusal(conference::Status::Scheduled).unwrap();
        let message = "An outcome is recorded after who took part, while the conference is HELD; it is SCHEDULED.";
        assert_eq!(said, Refusal { over: false, message: message.to_owned() });
        assert!(of_conference::ADJOURN.refusal(conference::Status::Cancelled).unwrap().over);
        let came_together = of_conference::CANCEL.refusal(conference::Status::Held).unwrap();
        assert_eq!(came_together.message, "A conference is cancelled while it is SCHEDULED; it is HELD.");
        assert!(!came_together.over, "it is adjourned, or decides");
        assert_eq!(of_conference::ADJOURN.refusal(conference::Status::Held), None);
        let agreed = of_enquiry::LEAD.refusal(enquiry::Status::OutcomeAgreed).unwrap();
        assert!(agreed.over, "{}", agreed.message);
        assert_eq!(
            agreed.message,
            "Who leads an enquiry is named while it is ENQUIRING or COMPLETE; it is OUTCOME_AGREED."
        );
    }

    #[test]
    fn the_steps_of_an_enquiry_are_taken_in_the_states_that_lead_on() {
        for (step, act) in [(Step::Enquiries, of_enquiry::COMPLETE), (Step::EnquiryOutcome, of_enquiry::AGREE)] {
            let from: Vec<_> = act.from.iter().map(|state| state.word()).collect();
            assert_eq!(steps::needs(step).states, from);
        }
    }
}
