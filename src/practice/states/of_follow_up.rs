//! What happens to a letter about non-attendance (BIR-NA-01), and to a pattern that is taken up with an agency (BIR-NA-02). That
//! a letter was not answered in time is no state of it: the agency may still answer.

use super::{Act, State, escalation, letter};

impl State for letter::Status {
    const LAST: &'static [Self] = &[Self::Replied];
    fn word(self) -> String {
        self.word()
    }
}

impl State for escalation::Status {
    const LAST: &'static [Self] = &[Self::Closed];
    fn word(self) -> String {
        self.word()
    }
}

/// What happens to a letter.
pub mod of_letter {
    use super::{Act, letter::Status};

    /// The state it begins in.
    pub const WRITTEN: Status = Status::Written;
    /// It is written anew, from what is recorded now.
    pub const REWRITE: Act<Status, ()> =
        Act { what: "A letter is written anew while it is", from: &[Status::Written], to: () };
    /// It is sent.
    pub const SEND: Act<Status> =
        Act { what: "A letter is sent while it is", from: &[Status::Written], to: Status::Sent };
    /// The agency answers, late as well as in time.
    pub const REPLY: Act<Status> =
        Act { what: "A letter is answered while it is", from: &[Status::Sent], to: Status::Replied };
}

/// What happens to an escalation.
pub mod of_escalation {
    use super::{Act, escalation::Status};

    const OPEN: &[Status] = &[Status::Open, Status::MeetingAgreed];

    /// The state it begins in.
    pub const RAISED: Status = Status::Open;
    /// The agency contests an entry of the evidence.
    pub const CONTEST: Act<Status, ()> =
        Act { what: "Evidence is contested while the escalation is", from: OPEN, to: () };
    /// The agency answers.
    pub const ANSWER: Act<Status, ()> = Act { what: "An escalation is answered while it is", from: OPEN, to: () };
    /// The safeguarding lead is met, or at another time than was agreed.
    pub const MEET: Act<Status> =
        Act { what: "A meeting is agreed while the escalation is", from: OPEN, to: Status::MeetingAgreed };
    /// It is closed with its outcome.
    pub const CLOSE: Act<Status> = Act { what: "An escalation is closed while it is", from: OPEN, to: Status::Closed };
}

#[cfg(test)]
mod tests {
    use super::of_escalation::{CLOSE, MEET};
    use super::of_letter::{REPLY, SEND};
    use super::{escalation::Status as E, letter::Status as L};

    #[test]
    fn a_letter_is_written_sent_and_answered() {
        assert_eq!((SEND.refusal(L::Written), REPLY.refusal(L::Sent)), (None, None));
        assert_eq!(REPLY.refusal(L::Written).unwrap().message, "A letter is answered while it is SENT; it is WRITTEN.");
        assert!(REPLY.refusal(L::Replied).unwrap().over && !SEND.refusal(L::Sent).unwrap().over);
    }

    #[test]
    fn what_is_taken_up_may_be_closed_at_once_and_only_once() {
        for open in [E::Open, E::MeetingAgreed] {
            assert_eq!((MEET.refusal(open), CLOSE.refusal(open)), (None, None));
        }
        let closed = CLOSE.refusal(E::Closed).unwrap();
        assert!(closed.over);
        assert_eq!(closed.message, "An escalation is closed while it is OPEN or MEETING_AGREED; it is CLOSED.");
    }
}
