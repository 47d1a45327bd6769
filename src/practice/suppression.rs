//! What of the figures is told to those from whom small counts are kept. The figures are cut into fixed cells, each is told
//! or kept by itself, and whatever is asked is made of the cells that are told: no two answers tell more than the cells do.

use super::patterns::Counts;

/// True of a count that is kept back.
pub const fn is_small(n: i64) -> bool {
    n >= 1 && n <= 5
}

/// What is told of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Everything.
    All(Counts),
    /// How many invitations, and not what became of them.
    Invitations(i64),
    /// Nothing.
    Nothing,
}

/// What is told of a cell of the finest cut. A small number of invitations is not; of a larger one what became of them only
/// where no part of it is small, since a small part follows from the others.
pub fn of_cell(counts: &Counts) -> Told {
    if is_small(counts.invitations) {
        return Told::Nothing;
    }
    if counts.parts().into_iter().any(is_small) {
        return Told::Invitations(counts.invitations);
    }
    Told::All(*counts)
}

impl Told {
    /// Nothing yet: what cells are added to.
    pub const NONE: Self = Self::All(Counts {
        invitations: 0,
        proper_notice: 0,
        attended: 0,
        apologies: 0,
        no_word: 0,
        unrecorded: 0,
        attended_proper: 0,
        missed_proper: 0,
        reports_on_time: 0,
        reports_late: 0,
        reports_missing: 0,
    });

    /// Both together: as much as is told of the one of which less is told.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::All(one), Self::All(two)) => Self::All(one.and(&two)),
            (Self::All(Counts { invitations: one, .. }) | Self::Invitations(one), Self::Invitations(two))
            | (Self::Invitations(one), Self::All(Counts { invitations: two, .. })) => Self::Invitations(one + two),
        }
    }

    /// How many invitations.
    pub const fn invitations(&self) -> Option<i64> {
        match self {
            Self::All(counts) => Some(counts.invitations),
            Self::Invitations(n) => Some(*n),
            Self::Nothing => None,
        }
    }

    /// All counts.
    pub const fn counts(&self) -> Option<&Counts> {
        match self {
            Self::All(counts) => Some(counts),
            Self::Invitations(_) | Self::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::Relaxed;

    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    use super::*;

    fn counts([attended, apologies, no_word, unrecorded, proper]: [i64; 5]) -> Counts {
        let invitations = attended + apologies + no_word + unrecorded;
        let attended_proper = attended.min(proper);
        let missed_proper = (apologies + no_word).min(proper - attended_proper);
        Counts {
            invitations,
            proper_notice: proper,
            attended,
            apologies,
            no_word,
            unrecorded,
            attended_proper,
            missed_proper,
            ..Counts::default()
        }
    }

    #[test]
    fn what_is_kept_back_does_not_follow_from_the_rest() {
        for (cell, told) in [
            // eight, six of them there: not two
            ([6, 2, 0, 0, 8], Told::Invitations(8)),
            ([8, 0, 0, 0, 6], Told::Invitations(8)),
            ([3, 0, 0, 0, 0], Told::Nothing),
            ([20, 9, 7, 0, 36], Told::All(counts([20, 9, 7, 0, 36]))),
            ([0, 0, 0, 0, 0], Told::NONE),
        ] {
            assert_eq!(of_cell(&counts(cell)), told, "{cell:?}");
        }
    }

    /// One invitation of a small world.
    #[derive(Clone, Copy, Debug)]
    struct Invited {
        quarter: u8,
        kind: u8,
        /// Came, apologies, no word, not recorded.
        became: u8,
        proper: bool,
        /// Not asked, in time, late, missing.
        report: u8,
    }

    impl Invited {
        const fn missed(self) -> bool {
            self.became == 1 || self.became == 2
        }

        const fn recorded(self) -> bool {
            self.became != 3
        }
    }

    /// Which rows each field of an answer counts.
    const FIELDS: [fn(&Invited) -> bool; 14] = [
        |_| true,
        |r| r.proper,
        |r| r.became == 0,
        |r| r.became == 1,
        |r| r.became == 2,
        |r| !r.recorded(),
        |r| r.missed(),
        |r| r.recorded(),
        |r| r.missed() && r.proper,
        |r| r.recorded() && r.proper,
        |r| r.became == 0 && r.proper,
        |r| r.report == 1,
        |r| r.report == 2,
        |r| r.report == 3,
    ];

    fn shown(told: &Told) -> [Option<i64>; 14] {
        let of = |field: fn(&Counts) -> i64| told.counts().map(field);
        [
            told.invitations(),
            of(|c| c.proper_notice),
            of(|c| c.attended),
            of(|c| c.apologies),
            of(|c| c.no_word),
            of(|c| c.unrecorded),
            of(Counts::missed),
            of(|c| c.all().of),
            of(|c| c.adjusted().some),
            of(|c| c.adjusted().of),
            of(|c| c.attended_proper),
            of(|c| c.reports_on_time),
            of(|c| c.reports_late),
            of(|c| c.reports_missing),
        ]
    }

    fn counted(rows: &[&Invited]) -> Counts {
        let n = |field: usize| i64::try_from(rows.iter().filter(|row| FIELDS[field](row)).count()).unwrap();
        Counts {
            invitations: n(0),
            proper_notice: n(1),
            attended: n(2),
            apologies: n(3),
            no_word: n(4),
            unrecorded: n(5),
            missed_proper: n(8),
            attended_proper: n(10),
            reports_on_time: n(11),
            reports_late: n(12),
            reports_missing: n(13),
        }
    }

    /// How many of a sort a cell has: mostly none or enough to be told, and now and then too few.
    fn part() -> impl Strategy<Value = u8> {
        prop_oneof![16 => Just(0), 8 => 6_u8..=12, 1 => 1_u8..=5]
    }

    /// A small world: three quarters and two kinds of meeting, of which each cell has so many of each sort.
    fn world() -> impl Strategy<Value = Vec<Invited>> {
        let sort = (part(), 0_u8..4);
        prop::collection::vec(prop::collection::vec(sort, 8), 6).prop_map(|cells| {
            let mut rows = Vec::new();
            for (cell, sorts) in (0_u8..).zip(cells) {
                for (sort, (n, report)) in (0_u8..).zip(sorts) {
                    let (quarter, kind) = (cell / 2, cell % 2);
                    let one = Invited { quarter, kind, became: sort / 2, proper: sort % 2 == 0, report };
                    rows.extend(std::iter::repeat_n(one, usize::from(n)));
                }
            }
            rows
        })
    }

    /// The rows that a number counts, as the bits of a set.
    type Rows = Vec<u64>;

    fn set(rows: &[Invited], which: impl Fn(&Invited) -> bool) -> (Rows, i64) {
        let (mut bits, mut n) = (vec![0_u64; rows.len().div_ceil(64)], 0);
        for (i, _) in rows.iter().enumerate().filter(|(_, row)| which(row)) {
            bits[i / 64] |= 1 << (i % 64);
            n += 1;
        }
        (bits, n)
    }

    /// What is told and what is kept of everything that may be asked of a world: every run of quarters, one kind of meeting or
    /// both. Beside them how many cells tell what became of their invitations.
    fn asked(rows: &[Invited]) -> (BTreeSet<Rows>, BTreeSet<Rows>, usize) {
        let cell = |quarter: u8, kind: u8| {
            let there: Vec<_> = rows.iter().filter(|r| r.quarter == quarter && r.kind == kind).collect();
            of_cell(&counted(&there))
        };
        let (mut open, mut small) = (BTreeSet::new(), BTreeSet::new());
        let runs = (0..3_u8).flat_map(|from| (from + 1..=3).map(move |until| from..until));
        for run in runs {
            for kinds in [0..1_u8, 1..2, 0..2] {
                let cells = run.clone().flat_map(|q| kinds.clone().map(move |k| (q, k)));
                let told = cells.fold(Told::NONE, |told, (q, k)| told.and(cell(q, k)));
                for (field, number) in FIELDS.iter().zip(shown(&told)) {
                    let (those, n) = set(rows, |r| run.contains(&r.quarter) && kinds.contains(&r.kind) && field(r));
                    if let Some(number) = number {
                        assert_eq!(number, n);
                        open.insert(those);
                    } else if is_small(n) {
                        small.insert(those);
                    }
                }
            }
        }
        let cells = (0..3).flat_map(|q| [(q, 0), (q, 1)]);
        let whole = cells.filter(|(q, k)| cell(*q, *k).counts().is_some_and(|counts| counts.invitations > 0)).count();
        (open, small, whole)
    }

    /// Of every pair of numbers that are told neither one nor the difference is a small count that is kept, nor small at all where
    /// it is told by itself.
    #[test]
    fn no_pair_of_answers_tells_a_small_count() {
        let told = AtomicUsize::new(0);
        let kept = AtomicUsize::new(0);
        let mut runner = TestRunner::new(ProptestConfig::with_cases(48));
        let held = runner.run(&world(), |rows| {
            let (open, small, whole) = asked(&rows);
            told.fetch_add(whole, Relaxed);
            kept.fetch_add(small.len(), Relaxed);
            for one in &open {
                let n: u32 = one.iter().map(|word| word.count_ones()).sum();
                prop_assert!(!is_small(n.into()) && !small.contains(one), "told as it is");
                for two in open.iter().filter(|two| one.iter().zip(*two).all(|(a, b)| a & b == *b)) {
                    let rest: Rows = one.iter().zip(two).map(|(a, b)| a & !b).collect();
                    prop_assert!(!small.contains(&rest), "{one:?} less {two:?}");
                }
            }
            Ok(())
        });
        held.unwrap();
        // worlds in which all is kept, or nothing, prove nothing
        let (told, kept) = (told.into_inner(), kept.into_inner());
        assert!(told >= 48 && kept >= 48, "{told} cells told, {kept} counts kept");
    }
}
