//! One chronology from those of many agencies: nothing is left out of it; what two of them tell alike is marked as such, and
//! what they tell differently is shown.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Months, NaiveDate};
use entity::chronology_row::Precision;
use entity::id::AgencyId;

/// A row as it is compared.
#[derive(Clone, Debug)]
pub struct Told {
    /// Whose it is.
    pub agency: AgencyId,
    /// The day, or the first of the month or year.
    pub on: NaiveDate,
    /// How exactly it is known.
    pub precision: Precision,
    /// The last day of what lasted.
    pub until: Option<NaiveDate>,
    /// What is told; empty where the reader may not read it, and then it is compared with nothing.
    pub text: String,
}

/// What is to be said of a row beside the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The place of an earlier row that tells the same.
    pub duplicate_of: Option<usize>,
    /// The places of rows that tell it with another day or other figures.
    pub conflicts_with: Vec<usize>,
}

/// Two days that lie further apart are about two things.
const APART: Days = Days::new(31);

/// Words that tell nothing of what happened.
const EMPTY: [&str; 24] = [
    "the", "and", "was", "were", "with", "that", "this", "from", "for", "not", "had", "has", "have", "his", "her",
    "she", "they", "their", "who", "him", "been", "about", "into", "after",
];

struct Compared {
    first: NaiveDate,
    last: NaiveDate,
    words: BTreeSet<String>,
    figures: BTreeSet<String>,
}

impl Compared {
    fn of(row: &Told) -> Self {
        let until = match row.precision {
            Precision::Day => row.on,
            Precision::Month => row.on + Months::new(1) - Days::new(1),
            Precision::Year => NaiveDate::from_ymd_opt(row.on.year(), 12, 31).unwrap_or(row.on),
        };
        let text = row.text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let (figures, words): (Vec<_>, Vec<_>) = words.partition(|word| word.chars().all(|c| c.is_ascii_digit()));
        Self {
            first: row.on,
            last: row.until.unwrap_or(until).max(until),
            words: words.into_iter().filter(|word| word.len() > 2 && !EMPTY.contains(word)).map(stem).collect(),
            figures: figures.into_iter().map(str::to_owned).collect(),
        }
    }

    /// More than half of the words of both are in both.
    fn tells_of_the_same(&self, other: &Self) -> bool {
        let both = self.words.intersection(&other.words).count();
        let all = self.words.union(&other.words).count();
        both >= 2 && both * 2 > all
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    fn is_near(&self, other: &Self) -> bool {
        self.first <= other.last + APART && other.first <= self.last + APART
    }
}

/// The word without the commonest endings: «visited» and «visits» are one.
fn stem(word: &str) -> String {
    ["ing", "ed", "es", "s"]
        .iter()
        .find_map(|end| word.strip_suffix(end).filter(|stem| stem.len() > 3))
        .unwrap_or(word)
        .to_owned()
}

/// The marks of rows that stand in the order of their days. Rows of one agency are never compared: it may tell of the same
/// thing as often as it happened.
pub fn marks(rows: &[Told]) -> Vec<Mark> {
    let compared: Vec<_> = rows.iter().map(Compared::of).collect();
    let mut marks = vec![Mark::default(); rows.len()];
    for (n, (row, this)) in rows.iter().zip(&compared).enumerate() {
        for (m, (before, other)) in rows.iter().zip(&compared).enumerate().take(n).rev() {
            let is_far = other.first + APART < this.first && !this.is_near(other);
            if is_far || before.agency == row.agency || !this.tells_of_the_same(other) {
                continue;
            }
            let is_same = this.overlaps(other) && this.figures == other.figures;
            let Some(mark) = marks.get_mut(n) else { continue };
            if is_same {
                mark.duplicate_of = Some(m);
            } else {
                mark.conflicts_with.push(m);
                if let Some(mark) = marks.get_mut(m) {
                    mark.conflicts_with.push(n);
                }
            }
        }
    }
    for mark in &mut marks {
        mark.conflicts_with.sort_unstable();
    }
    marks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn told(agency: u128, on: &str, text: &str) -> Told {
        Told {
            agency: AgencyId(Uuid::from_u128(agency)),
            on: on.parse().unwrap(),
            precision: Precision::Day,
            until: None,
            text: text.to_owned(),
        }
    }

    #[test]
    fn what_two_tell_alike_is_marked_and_stays() {
        let rows = [
            told(1, "2026-03-02", "Police called to the address: father drunk, mother had a cut lip."),
            told(2, "2026-03-02", "Police were called to address, father drunk, mother with a cut lip"),
            told(3, "2026-03-02", "Weight checked at clinic."),
        ];
        let marks = marks(&rows);
        assert_eq!(marks[1].duplicate_of, Some(0));
        assert_eq!(marks[0], Mark::default());
        assert_eq!(marks[2], Mark::default());
    }

    #[test]
    fn another_day_or_other_figures_are_a_conflict() {
        let rows = [
            told(1, "2026-03-02", "Found alone at home for 3 hours."),
            told(2, "2026-03-02", "Found alone at home for 8 hours."),
            told(3, "2026-03-05", "Found alone at home for 3 hours."),
            told(4, "2026-06-05", "Found alone at home for 3 hours."),
        ];
        let marks = marks(&rows);
        assert_eq!(marks[0].conflicts_with, [1, 2]);
        assert_eq!(marks[1].conflicts_with, [0, 2]);
        assert_eq!(marks[2].conflicts_with, [0, 1]);
        assert_eq!(marks[3], Mark::default(), "three months later it is another time");
    }

    #[test]
    fn a_month_holds_its_days() {
        let month = Told { precision: Precision::Month, ..told(1, "2026-03-01", "Neighbour rang about screaming.") };
        let rows = [month, told(2, "2026-03-20", "A neighbour rang about the screaming")];
        assert_eq!(marks(&rows)[1].duplicate_of, Some(0));
    }

    #[test]
    fn one_agency_and_what_is_withheld_are_compared_with_nothing() {
        let rows = [told(1, "2026-03-02", "Did not come to clinic."), told(1, "2026-03-02", "Did not come to clinic.")];
        assert_eq!(marks(&rows), vec![Mark::default(); 2]);
        let rows = [told(1, "2026-03-02", ""), told(2, "2026-03-02", "")];
        assert_eq!(marks(&rows), vec![Mark::default(); 2]);
    }

    proptest! {
        #[test]
        fn marks_point_to_other_agencies_and_both_ways(
            picks in proptest::collection::vec((0_u128..4, 0_u64..60, 0_usize..4), 0..30)
        ) {
            let texts = ["Police called to address", "Called police to address 2 times", "Weight checked at clinic", ""];
            let mut rows: Vec<_> = picks.into_iter().map(|(agency, day, text)| {
                let on = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(day);
                told(agency, &on.to_string(), texts[text])
            }).collect();
            rows.sort_by_key(|row| row.on);
            let marks = marks(&rows);
            prop_assert_eq!(marks.len(), rows.len());
            for (n, mark) in marks.iter().enumerate() {
                if let Some(m) = mark.duplicate_of {
                    prop_assert!(m < n && rows[m].agency != rows[n].agency);
                }
                for m in &mark.conflicts_with {
                    prop_assert!(marks[*m].conflicts_with.contains(&n) && rows[*m].agency != rows[n].agency);
                }
            }
        }
    }
}
