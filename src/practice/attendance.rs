//! Who is asked why they did not come or sent no report (BIR-NA-01), and how long that has been so.

use chrono::NaiveDate;
use entity::invitation::Attendance;
use entity::local_authority::Profile;

use super::Practice;
use super::quorum::took_part;
use super::standards::Hold;

/// The rule that asks for the letters.
pub const LETTERS: &str = "BIR-NA-01";

/// From how many missed in a row, for the same child, it is a pattern: the project's own default (AMB-31).
pub const PATTERN: usize = 2;

/// How «did not attend or send a report» is read (AMB-30).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Who missed either is asked.
    Either,
    /// Only who missed both.
    Neither,
}

/// What somebody is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stayed {
    /// Did not come; a report came, or none was asked for.
    DidNotAttend,
    /// Came; the report did not.
    NoReport,
    /// Neither came nor reported.
    Neither,
}

/// What is recorded of an invited agency.
#[derive(Clone, Copy, Debug)]
pub struct Followed {
    /// Somebody of it took part.
    pub came: bool,
    /// It was asked for a report.
    pub report_asked: bool,
    /// All reports it was asked for came.
    pub report_came: bool,
}

impl Followed {
    /// What it is asked about; `None` where it is not asked.
    pub fn asked_why(self, reading: Reading) -> Option<Stayed> {
        let stayed = match (self.came, self.report_asked && !self.report_came) {
            (true, false) => return None,
            (true, true) => Stayed::NoReport,
            (false, true) => Stayed::Neither,
            (false, false) => Stayed::DidNotAttend,
        };
        (reading == Reading::Either || stayed == Stayed::Neither).then_some(stayed)
    }
}

/// How many in a row were missed, of what was recorded, newest first.
pub fn missed_running(newest_first: impl IntoIterator<Item = Attendance>) -> usize {
    newest_first.into_iter().take_while(|attendance| !took_part(*attendance)).count()
}

impl Practice {
    /// How an authority reads whom it asks why; `None` where it does not ask.
    pub fn follow_up(&self, profile: Profile, on: NaiveDate) -> Option<Reading> {
        let standard = self.standards.book(profile).standard(LETTERS, on)?;
        (standard.hold > Hold::Off).then_some(standard.reading.unwrap_or(Reading::Either))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the sources, SCN-24, under both readings.
    #[test]
    fn who_is_asked_why() {
        let of = |came, report_asked, report_came| Followed { came, report_asked, report_came };
        let table = [
            ("police", of(true, true, false), Some(Stayed::NoReport), None),
            ("school", of(false, true, true), Some(Stayed::DidNotAttend), None),
            ("health visitor", of(false, true, false), Some(Stayed::Neither), Some(Stayed::Neither)),
            ("GP", of(false, true, true), Some(Stayed::DidNotAttend), None),
            ("housing", of(true, true, true), None, None),
            ("not asked to report", of(false, false, false), Some(Stayed::DidNotAttend), None),
        ];
        for (who, followed, either, neither) in table {
            assert_eq!(followed.asked_why(Reading::Either), either, "{who}");
            assert_eq!(followed.asked_why(Reading::Neither), neither, "{who}");
        }
    }

    #[test]
    fn a_run_ends_with_who_came() {
        use Attendance::{Apologies, Deputy, InPerson, NoWord};
        assert_eq!(missed_running([NoWord, Apologies, InPerson, NoWord]), 2);
        assert_eq!(missed_running([Deputy, NoWord]), 0);
        assert_eq!(missed_running([]), 0);
    }
}
