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

    use proptest::prelude::*;

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

    /// One invitation of a small world: which quarter, which kind of meeting, what became of it, whether with proper notice.
    type Invited = (u8, u8, u8, bool);

    fn counted(rows: &[&Invited]) -> Counts {
        let n = |which: &dyn Fn(&Invited) -> bool| i64::try_from(rows.iter().filter(|row| which(row)).count()).unwrap();
        Counts {
            invitations: n(&|_| true),
            proper_notice: n(&|r| r.3),
            attended: n(&|r| r.2 == 0),
            apologies: n(&|r| r.2 == 1),
            no_word: n(&|r| r.2 == 2),
            unrecorded: n(&|r| r.2 == 3),
            attended_proper: n(&|r| r.2 == 0 && r.3),
            missed_proper: n(&|r| (r.2 == 1 || r.2 == 2) && r.3),
            ..Counts::default()
        }
    }

    /// Which rows each field of an answer counts.
    const FIELDS: [fn(&Invited) -> bool; 9] = [
        |_| true,
        |r| r.3,
        |r| r.2 == 0,
        |r| r.2 == 1,
        |r| r.2 == 2,
        |r| r.2 == 3,
        |r| r.2 == 0 && r.3,
        |r| (r.2 == 1 || r.2 == 2) && r.3,
        |r| r.2 == 1 || r.2 == 2,
    ];

    fn shown(told: &Told) -> [Option<i64>; 9] {
        let of = |field: fn(&Counts) -> i64| told.counts().map(field);
        [
            told.invitations(),
            of(|c| c.proper_notice),
            of(|c| c.attended),
            of(|c| c.apologies),
            of(|c| c.no_word),
            of(|c| c.unrecorded),
            of(|c| c.attended_proper),
            of(|c| c.missed_proper),
            of(Counts::missed),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// Everything that may be asked of a small world: every run of quarters, one kind of meeting or all, in buckets by any
        /// of both. Of every pair of numbers that are told neither the sum nor the difference is a small count of just those
        /// rows.
        #[test]
        fn no_pair_of_answers_tells_a_small_count(
            rows in prop::collection::vec((0_u8..3, 0_u8..2, 0_u8..4, any::<bool>()), 0..70)
        ) {
            let cell = |quarter: u8, kind: u8| {
                let there: Vec<_> = rows.iter().filter(|r| r.0 == quarter && r.1 == kind).collect();
                of_cell(&counted(&there))
            };
            let mut open: BTreeSet<Vec<usize>> = BTreeSet::new();
            let mut small: BTreeSet<Vec<usize>> = BTreeSet::new();
            for from in 0..3_u8 {
                for until in from + 1..=3 {
                    for kinds in [vec![0], vec![1], vec![0, 1]] {
                        let told = (from..until).flat_map(|q| kinds.iter().map(move |k| (q, *k)))
                            .fold(Told::NONE, |told, (q, k)| told.and(cell(q, k)));
                        let of_bucket = |r: &Invited| (from..until).contains(&r.0) && kinds.contains(&r.1);
                        for (field, number) in FIELDS.iter().zip(shown(&told)) {
                            let those: Vec<usize> = rows.iter().enumerate()
                                .filter(|(_, r)| of_bucket(r) && field(r)).map(|(i, _)| i).collect();
                            match number {
                                Some(n) => {
                                    prop_assert_eq!(n, i64::try_from(those.len()).unwrap());
                                    prop_assert!(!is_small(n));
                                    open.insert(those);
                                }
                                None if is_small(i64::try_from(those.len()).unwrap()) => { small.insert(those); }
                                None => {}
                            }
                        }
                    }
                }
            }
            for one in &open {
                prop_assert!(!small.contains(one), "told as it is");
                for two in &open {
                    let rest: Vec<usize> = one.iter().filter(|i| !two.contains(i)).copied().collect();
                    let within = two.iter().all(|i| one.contains(i));
                    prop_assert!(!(within && small.contains(&rest)), "{:?} less {:?}", one, two);
                }
            }
        }
    }
}
