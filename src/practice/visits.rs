//! The longest time between visits to a child under a plan, as the authority holds it.

use chrono::NaiveDate;
use entity::plan::Kind;

use super::standards::{Book, Hold};

/// The rules about it, by the kind of plan: the first that the authority holds counts.
const fn rules(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Cp => &["WAR-VI-03", "STA-VI-01"],
        Kind::Cin => &["WAR-CN-10"],
    }
}

/// The longest time between visits that an authority wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Longest {
    /// By which rule.
    pub rule: &'static str,
    /// How strictly.
    pub hold: Hold,
    /// In days of the calendar.
    pub days: i32,
}

/// What an authority wants on a day; `None` where it says nothing.
pub fn longest(book: &Book, kind: Kind, on: NaiveDate) -> Option<Longest> {
    rules(kind).iter().find_map(|rule| {
        let standard = book.standard(rule, on).filter(|standard| standard.hold != Hold::Off)?;
        let days = (standard.within?.last_day(on) - on).num_days();
        Some(Longest { rule, hold: standard.hold, days: i32::try_from(days).ok()? })
    })
}

impl Longest {
    /// What stands against so many days between visits: where the rule refuses it. Where it warns, the record asks why.
    pub fn refusal(&self, days: i32) -> Option<String> {
        let over = days > self.days && self.hold == Hold::Refuse;
        over.then(|| format!("Not more than {} days between visits ({}).", self.days, self.rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::standards::Standards;
    use entity::local_authority::Profile;

    #[test]
    fn every_authority_says_how_often_a_child_is_visited() {
        let standards = Standards::embedded().unwrap();
        let on = "2026-11-24".parse().unwrap();
        let of = |profile, kind| longest(standards.book(profile), kind, on);
        let local = Longest { rule: "WAR-VI-03", hold: Hold::Warn, days: 14 };
        assert_eq!(of(Profile::Warwickshire, Kind::Cp), Some(local.clone()));
        assert_eq!(local.refusal(20), None, "another frequency can be agreed in the conference (AMB-20)");
        for profile in [Profile::Birmingham, Profile::Bristol, Profile::Lancashire] {
            let base = Longest { rule: "STA-VI-01", hold: Hold::Offer, days: 14 };
            assert_eq!((of(profile, Kind::Cp), of(profile, Kind::Cin)), (Some(base), None), "{profile:?}");
        }
        let in_need = of(Profile::Warwickshire, Kind::Cin).unwrap();
        assert_eq!((in_need.days, in_need.refusal(21)), (21, None));
        assert_eq!(in_need.refusal(22).unwrap(), "Not more than 21 days between visits (WAR-CN-10).");
    }
}
