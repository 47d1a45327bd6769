//! Whether enough agencies are at the table.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::agency::Kind;
use entity::id::AgencyId;
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

    /// Who of those at a table is counted, and what is missing. The family is not asked here and never counts (AMB-28).
    pub fn counts(&self, seats: &[Seat]) -> Count {
        let mut count = Count::default();
        let mut kinds: BTreeSet<Kind> = BTreeSet::new();
        for seat in seats {
            let why = match seat.attendance {
                Attendance::Apologies => Uncounted::Apologies,
                Attendance::NoWord => Uncounted::NoWord,
                Attendance::InPerson | Attendance::Remote | Attendance::Deputy => {
                    if kinds.insert(seat.kind) {
                        count.counted.push(*seat);
                        continue;
                    }
                    Uncounted::SameKind
                }
            };
            count.not_counted.push((*seat, why));
        }
        count.missing = self.0.agencies.iter().copied().filter(|kind| !kinds.contains(kind)).collect();
        let there = kinds.len() + count.missing.len();
        count.further = usize::from(self.0.least.unwrap_or(0)).saturating_sub(there);
        let could = |(seat, _): &(Seat, Uncounted)| (!kinds.contains(&seat.kind)).then_some(seat.kind);
        let could: BTreeSet<Kind> = count.not_counted.iter().filter_map(could).collect();
        count.could_be = could.into_iter().collect();
        count
    }

    /// What a count comes to, in a sentence.
    pub fn explained(&self, count: &Count) -> String {
        let words = |kinds: &mut dyn Iterator<Item = Kind>| {
            let words: Vec<_> = kinds.map(Kind::word).collect();
            if words.is_empty() { "none".to_owned() } else { words.join(", ") }
        };
        let needed = words(&mut self.0.agencies.iter().copied());
        let asks = match self.0.least {
            Some(least) => format!("{least} kinds of agency are needed, {needed} among them"),
            None => format!("{needed} are needed"),
        };
        let counted = words(&mut count.counted.iter().map(|seat| seat.kind));
        let short = match (count.missing.as_slice(), count.further) {
            ([], 0) => "That is enough".to_owned(),
            ([], further) => format!("Short of it by {further}"),
            (missing, 0) => format!("Missing: {}", words(&mut missing.iter().copied())),
            (missing, further) => {
                format!("Missing: {}, and {further} of other kinds", words(&mut missing.iter().copied()))
            }
        };
        format!("{asks} ({}). Counted: {counted}. {short}.", self.rule())
    }
}

/// Somebody who was asked to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The agency.
    pub agency: AgencyId,
    /// What kind of agency.
    pub kind: Kind,
    /// Whether it took part, or is expected to.
    pub attendance: Attendance,
}

/// Why somebody who was asked is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncounted {
    /// It sent apologies.
    Apologies,
    /// Nothing was heard of it.
    NoWord,
    /// Another agency of its kind is counted.
    SameKind,
}

/// Who is counted at a table, and what is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Who is counted, the first of each kind.
    pub counted: Vec<Seat>,
    /// Who is not, and why.
    pub not_counted: Vec<(Seat, Uncounted)>,
    /// Kinds of agency that are needed and not there.
    pub missing: Vec<Kind>,
    /// How many further kinds are needed besides.
    pub further: usize,
    /// Kinds that were asked and would add to it.
    pub could_be: Vec<Kind>,
}

impl Count {
    /// Whether nothing is missing.
    pub const fn is_met(&self) -> bool {
        self.missing.is_empty() && self.further == 0
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

    fn seats(attendance: &[(Kind, Attendance)]) -> Vec<Seat> {
        let seat = |(n, (kind, attendance)): (u128, &(Kind, Attendance))| Seat {
            agency: AgencyId(uuid::Uuid::from_u128(n)),
            kind: *kind,
            attendance: *attendance,
        };
        (0..).zip(attendance).map(seat).collect()
    }

    #[test]
    fn a_count_says_what_it_is_short_of() {
        use Attendance::{Apologies, InPerson, NoWord, Remote};
        use Kind::{Csc, Education, Health, Police};
        let practice = Practice::embedded();
        let quorum = practice.conference_quorum(Profile::Bristol, today()).unwrap();
        let count = |there: &[(Kind, Attendance)]| {
            let count = quorum.counts(&seats(there));
            let why: Vec<_> = count.not_counted.iter().map(|(seat, why)| (seat.kind, *why)).collect();
            (why, count.missing.clone(), count.further, count.could_be.clone(), quorum.explained(&count))
        };
        let (why, missing, further, could_be, said) =
            count(&[(Csc, InPerson), (Health, Remote), (Health, Remote), (Police, Apologies), (Education, NoWord)]);
        assert_eq!(
            why,
            [(Health, Uncounted::SameKind), (Police, Uncounted::Apologies), (Education, Uncounted::NoWord)]
        );
        assert_eq!((missing, further, could_be.len()), (vec![], 1, 2));
        assert_eq!(
            said,
            "3 kinds of agency are needed, CSC among them (STA-CF-01). Counted: CSC, HEALTH. Short of it by 1."
        );
        let (_, missing, further, _, said) = count(&[(Csc, NoWord), (Health, Remote)]);
        assert_eq!((missing, further), (vec![Csc], 1), "two further kinds, social care one of them");
        assert!(said.ends_with("Missing: CSC, and 1 of other kinds."), "{said}");
        let strategy = practice.strategy_quorum(Profile::Warwickshire, today()).unwrap();
        let count = strategy.counts(&seats(&[(Csc, InPerson), (Police, Remote), (Health, Apologies)]));
        assert_eq!((count.is_met(), count.missing.as_slice()), (false, [Health].as_slice()));
        let said = strategy.explained(&count);
        assert_eq!(said, "CSC, POLICE, HEALTH are needed (WAR-SM-08). Counted: CSC, POLICE. Missing: HEALTH.");
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
                assert_eq!(quorum.counts(&seats(attendance)).is_met(), *quorate, "{profile:?} {attendance:?}");
            }
        }
    }

    #[test]
    fn a_strategy_meeting_names_who_is_missing() {
        let practice = Practice::embedded();
        // WAR-SM-08 in Warwickshire, STA-SM-01 elsewhere: the same three; Birmingham's practice refuses nothing (AMB-61)
        for (profile, rule, refuses) in [
            (Profile::Warwickshire, "WAR-SM-08", true),
            (Profile::Bristol, "STA-SM-01", true),
            (Profile::Lancashire, "STA-SM-01", true),
            (Profile::Birmingham, "STA-SM-01", false),
        ] {
            let quorum = practice.strategy_quorum(profile, today()).unwrap();
            assert_eq!((quorum.rule(), quorum.refuses()), (rule, refuses), "{profile:?}");
            assert_eq!(quorum.missing([Kind::Police]), [Kind::Health]);
            assert!(quorum.missing([Kind::Police, Kind::Health, Kind::Education]).is_empty());
        }
        // Birmingham asks for a quorum of conferences, by its own rule
        let quorum = practice.conference_quorum(Profile::Birmingham, today()).unwrap();
        assert_eq!((quorum.rule(), quorum.refuses()), ("BIR-CF-12", false));
    }
}
