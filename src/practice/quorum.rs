//! Whether enough agencies are at the table.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::agency::Kind;
use entity::invitation::Attendance;
use entity::local_authority::Profile;

use super::Practice;
use super::standards::{Hold, Standard};

/// The rules about who is at a strategy meeting; the authority's own before the common one.
const STRATEGY: [&str; 2] = ["WAR-SM-08", "STA-SM-01"];
/// The rules about who is at a conference. BIR-CF-12 asks for a quorum and names no number: the default reading counts
/// (AMB-28).
const CONFERENCE: [&str; 2] = ["BIR-CF-12", "STA-CF-01"];

/// How many are needed at a table, and who.
#[derive(Clone, Copy, Debug)]
pub struct Quorum<'s>(&'s Standard);

impl Practice {
    /// The quorum of a strategy meeting; `None` where the authority sets none.
    pub fn strategy_quorum(&self, profile: Profile, on: NaiveDate) -> Option<Quorum<'_>> {
        self.quorum(profile, &STRATEGY, on)
    }

    /// The quorum of a conference; `None` where the authority sets none.
    pub fn conference_quorum(&self, profile: Profile, on: NaiveDate) -> Option<Quorum<'_>> {
        self.quorum(profile, &CONFERENCE, on)
    }

    fn quorum(&self, profile: Profile, rules: &[&str], on: NaiveDate) -> Option<Quorum<'_>> {
        let book = self.standards.book(profile);
        let held = rules.iter().filter_map(|rule| book.standard(rule, on));
        held.filter(|standard| standard.hold != Hold::Off).map(Quorum).next()
    }
}

impl Quorum<'_> {
    /// The rule, by its id.
    pub fn rule(&self) -> &str {
        &self.0.rule
    }

    /// How many kinds of agency.
    pub const fn least(&self) -> Option<u16> {
        self.0.least
    }

    /// Which kinds among them.
    pub fn kinds(&self) -> &[Kind] {
        &self.0.agencies
    }

    /// Whether a meeting is not called without it.
    pub fn refuses(&self) -> bool {
        self.0.hold == Hold::Refuse
    }

    /// The kinds of agency that are needed and not there. The social care agency that calls is there.
    pub fn missing(&self, there: impl IntoIterator<Item = Kind>) -> Vec<Kind> {
        let mut there: BTreeSet<Kind> = there.into_iter().collect();
        there.insert(Kind::Csc);
        self.0.agencies.iter().copied().filter(|kind| !there.contains(kind)).collect()
    }

    /// Whether enough kinds of agency took part, in person, remotely or by a deputy, and those that are needed among them.
    pub fn is_met(&self, attendance: impl IntoIterator<Item = (Kind, Attendance)>) -> bool {
        let there: BTreeSet<Kind> =
            attendance.into_iter().filter(|(_, a)| took_part(*a)).map(|(kind, _)| kind).collect();
        there.len() >= usize::from(self.0.least.unwrap_or(0)) && self.0.agencies.iter().all(|kind| there.contains(kind))
    }
}

/// Whether an entry means that somebody of the agency was there.
pub const fn took_part(attendance: Attendance) -> bool {
    match attendance {
        Attendance::InPerson | Attendance::Remote | Attendance::Deputy => true,
        Attendance::Apologies | Attendance::NoWord => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        "2026-11-26".parse().unwrap()
    }

    /// STA-CF-01, which gives BIR-CF-12 its number.
    #[test]
    fn two_agencies_of_one_kind_count_once() {
        use Attendance::{Apologies, Deputy, InPerson, NoWord, Remote};
        use Kind::{Csc, Education, Health, Police};
        let table = [
            (vec![(Csc, InPerson), (Health, Remote)], false),
            (vec![(Csc, InPerson), (Health, Remote), (Health, InPerson)], false),
            (vec![(Csc, InPerson), (Health, Remote), (Education, Deputy)], true),
            (vec![(Police, InPerson), (Health, Remote), (Education, Deputy)], false),
            (vec![(Csc, InPerson), (Health, Apologies), (Education, NoWord), (Police, InPerson)], false),
        ];
        let practice = Practice::embedded();
        for profile in [Profile::Warwickshire, Profile::Birmingham] {
            let quorum = practice.conference_quorum(profile, today()).unwrap();
            for (attendance, quorate) in &table {
                assert_eq!(quorum.is_met(attendance.iter().copied()), *quorate, "{profile:?} {attendance:?}");
            }
        }
    }

    #[test]
    fn a_strategy_meeting_names_who_is_missing() {
        let practice = Practice::embedded();
        // WAR-SM-08 in Warwickshire, STA-SM-01 elsewhere: the same three
        for (profile, rule) in [(Profile::Warwickshire, "WAR-SM-08"), (Profile::Bristol, "STA-SM-01")] {
            let quorum = practice.strategy_quorum(profile, today()).unwrap();
            assert_eq!((quorum.rule(), quorum.refuses()), (rule, true));
            assert_eq!(quorum.missing([Kind::Police]), [Kind::Health]);
            assert!(quorum.missing([Kind::Police, Kind::Health, Kind::Education]).is_empty());
        }
        // Birmingham asks for a quorum of conferences, by its own rule
        let quorum = practice.conference_quorum(Profile::Birmingham, today()).unwrap();
        assert_eq!((quorum.rule(), quorum.refuses()), ("BIR-CF-12", false));
    }
}
