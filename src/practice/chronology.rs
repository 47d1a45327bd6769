//! One chronology from those of many agencies: nothing is left out of it; what two of them tell alike is marked as such, and
//! what they tell differently is shown.

use std::collections::BTreeMap;

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
    /// The places of rows that tell it with another day or other figures; [`CONFLICTS`] of them at the most.
    pub conflicts_with: Vec<usize>,
}

/// Rows that one row is said to conflict with, at the most: more than that nobody reads.
pub const CONFLICTS: usize = 20;

/// Two days that lie further apart are about two things.
const APART: Days = Days::new(31);

/// Words that tell nothing of what happened.
const EMPTY: [&str; 24] = [
    "the", "and", "was", "were", "with", "that", "this", "from", "for", "not", "had", "has", "have", "his", "her",
    "she", "they", "their", "who", "him", "been", "about", "into", "after",
];

/// Words by their numbers: two rows of 600 words are compared two million times.
#[derive(Default)]
struct Words(BTreeMap<String, u32>);

impl Words {
    /// The numbers of some words, each once, in order.
    fn numbers(&mut self, words: impl Iterator<Item = String>) -> Vec<u32> {
        let mut numbers = Vec::new();
        for word in words {
            let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
            numbers.push(*self.0.entry(word).or_insert(next));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

struct Compared {
    first: NaiveDate,
    last: NaiveDate,
    words: Vec<u32>,
    figures: Vec<u32>,
}

impl Compared {
    fn of(row: &Told, known: &mut Words) -> Self {
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
            words: known.numbers(words.into_iter().filter(|word| word.len() > 2 && !EMPTY.contains(word)).map(stem)),
            figures: known.numbers(figures.into_iter().map(str::to_owned)),
        }
    }

    /// More than half of the words of both are in both.
    fn tells_of_the_same(&self, other: &Self) -> bool {
        let (mine, others) = (self.words.len(), other.words.len());
        // of one that has more than twice the words of the other, most words are not in both
        if mine.max(others) >= 2 * mine.min(others) {
            return false;
        }
        let both = in_both(&self.words, &other.words);
        both >= 2 && both * 2 > mine + others - both
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    fn is_near(&self, other: &Self) -> bool {
        self.first <= other.last + APART && other.first <= self.last + APART
    }
}

/// How many are in both of two lists that are in order.
fn in_both(mut one: &[u32], mut other: &[u32]) -> usize {
    let mut both = 0;
    while let ([a, rest_of_one @ ..], [b, rest_of_other @ ..]) = (one, other) {
        both += usize::from(a == b);
        if a <= b {
            one = rest_of_one;
        }
        if b <= a {
            other = rest_of_other;
        }
    }
    both
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
/// thing as often as it happened. It takes time with the square of the rows that lie near each other: not for a thread that
/// others wait for.
pub fn marks(rows: &[Told]) -> Vec<Mark> {
    let mut known = Words::default();
    let compared: Vec<_> = rows.iter().map(|row| Compared::of(row, &mut known)).collect();
    let mut marks = vec![Mark::default(); rows.len()];
    for (n, (row, this)) in rows.iter().zip(&compared).enumerate() {
        for (m, (before, other)) in rows.iter().zip(&compared).enumerate().take(n).rev() {
            let is_far = other.first + APART < this.first && !this.is_near(other);
            if is_far || before.agency == row.agency || !this.tells_of_the_same(other) {
                continue;
            }
            let is_same = this.overlaps(other) && this.figures == other.figures;
            let Ok([first, mark]) = marks.get_disjoint_mut([m, n]) else { continue };
            if is_same {
                mark.duplicate_of = Some(m);
            } else {
                for (mark, other) in [(mark, m), (first, n)] {
                    if mark.conflicts_with.len() < CONFLICTS {
                        mark.conflicts_with.push(other);
                    }
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

    /// Four agencies give all rows that they may, each of as many words as fit, within one month.
    #[test]
    fn as_many_rows_as_there_may_be_are_compared_in_time() {
        let word = |n: usize| format!("w{:x}", n % 4_000);
        let text = |n: usize| (0..650).map(|at| word(n * 37 + at * 11)).collect::<Vec<_>>().join(" ");
        let rows: Vec<_> = (0..2_000).map(|n| told(n as u128 % 4, "2026-03-02", &text(n))).collect();
        let started = std::time::Instant::now();
        let marks = marks(&rows);
        assert!(marks.iter().all(|mark| mark.conflicts_with.len() <= CONFLICTS));
        // a debug build on a busy machine; the square of words and rows took minutes
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    }

    #[test]
    fn a_row_names_no_more_conflicts_than_anybody_reads() {
        let rows: Vec<_> =
            (0..100).map(|n| told(n, "2026-03-02", &format!("Found alone at home for {n} hours."))).collect();
        let marks = marks(&rows);
        assert!(marks.iter().all(|mark| (1..=CONFLICTS).contains(&mark.conflicts_with.len())));
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
                    let says = &marks[*m].conflicts_with;
                    prop_assert!((says.contains(&n) || says.len() == CONFLICTS) && rows[*m].agency != rows[n].agency);
                }
            }
        }
    }
}
