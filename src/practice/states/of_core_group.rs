//! How far a core group is, and its next meeting: both follow from what is recorded. A group is formed in its conference, and waits for
//! its first meeting (WAR-CG-01) until it has met; its next meeting is due, is set for a day, has its papers out (WAR-CG-07), or
//! is late (WAR-CG-02).

use chrono::NaiveDate;

/// How far a core group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// It was formed, and has not met.
    FirstMeetingDue,
    /// It meets.
    Active,
    /// The plan it carries out has ended.
    Ended,
}

impl Group {
    /// By whether it has ended and whether it has met.
    pub const fn of(has_ended: bool, has_met: bool) -> Self {
        match (has_ended, has_met) {
            (true, _) => Self::Ended,
            (false, true) => Self::Active,
            (false, false) => Self::FirstMeetingDue,
        }
    }
}

/// How far the next meeting of a core group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// No day is set.
    Due,
    /// A day is set.
    Scheduled,
    /// The papers are out to everybody who needs them.
    PapersSent,
    /// It has not been held in time.
    Overdue,
}

/// What is known of a next meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToCome {
    /// The day that is set.
    pub on: Option<NaiveDate>,
    /// Whether it should have been held by now.
    pub late: bool,
    /// Whether everybody has the papers.
    pub papers_out: bool,
}

impl Next {
    /// How far it is. One that is late is, whatever else is ready.
    pub const fn of(meeting: ToCome) -> Self {
        match meeting {
            ToCome { late: true, .. } => Self::Overdue,
            ToCome { on: None, .. } => Self::Due,
            ToCome { papers_out: true, .. } => Self::PapersSent,
            ToCome { .. } => Self::Scheduled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_active_from_its_first_meeting_until_its_plan_ends() {
        assert_eq!(Group::of(false, false), Group::FirstMeetingDue);
        assert_eq!(Group::of(false, true), Group::Active);
        assert_eq!((Group::of(true, true), Group::of(true, false)), (Group::Ended, Group::Ended));
    }

    #[test]
    fn a_next_meeting_is_set_prepared_or_late() {
        let on = NaiveDate::from_ymd_opt(2026, 11, 24);
        for (on, late, papers_out, state) in [
            (None, false, false, Next::Due),
            (None, false, true, Next::Due),
            (on, false, false, Next::Scheduled),
            (on, false, true, Next::PapersSent),
            (on, true, true, Next::Overdue),
            (None, true, false, Next::Overdue),
        ] {
            let meeting = ToCome { on, late, papers_out };
            assert_eq!(Next::of(meeting), state, "{meeting:?}");
        }
    }
}
