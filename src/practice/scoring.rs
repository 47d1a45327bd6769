//! Scores of how safe a child is: 0 as unsafe as can be, 10 safe. Everybody who scored counts, family included; who did not
//! score counts nowhere.

/// The scores for one child, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scores {
    /// How many scored.
    pub given: usize,
    /// The lowest.
    pub lowest: i32,
    /// The highest.
    pub highest: i32,
    /// How many are zero.
    pub zeros: usize,
    /// How many are above five.
    pub above_five: usize,
}

impl Scores {
    /// The scores together; `None` where nobody scored.
    pub fn of(scores: impl IntoIterator<Item = i32>) -> Option<Self> {
        scores.into_iter().fold(None, |all: Option<Self>, score| {
            let all = all.unwrap_or(Self { given: 0, lowest: score, highest: score, zeros: 0, above_five: 0 });
            Some(Self {
                given: all.given + 1,
                lowest: all.lowest.min(score),
                highest: all.highest.max(score),
                zeros: all.zeros + usize::from(score == 0),
                above_five: all.above_five + usize::from(score > 5),
            })
        })
    }

    /// More than half are zero: the chair tells the managers of social work (BIR-SC-02) and asks why (BIR-SC-03).
    pub const fn mostly_zero(self) -> bool {
        self.zeros * 2 > self.given
    }

    /// More than half are above five: the chair asks whether a child in need plan would do (BIR-SC-04).
    pub const fn majority_above_five(self) -> bool {
        self.above_five * 2 > self.given
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_is_no_majority_and_five_is_not_above_five() {
        let of =
            |scores: &[i32]| Scores::of(scores.iter().copied()).map(|s| (s.mostly_zero(), s.majority_above_five()));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[0]), Some((true, false)));
        assert_eq!(of(&[0, 0, 3, 4]), Some((false, false)));
        assert_eq!(of(&[0, 0, 0, 10]), Some((true, false)));
        assert_eq!(of(&[5, 5, 5]), Some((false, false)));
        assert_eq!(of(&[6, 6, 5]), Some((false, true)));
    }

    proptest! {
        #[test]
        fn never_both(scores in proptest::collection::vec(0..=10, 1..30)) {
            let all = Scores::of(scores.iter().copied()).unwrap();
            prop_assert!(!(all.mostly_zero() && all.majority_above_five()));
            prop_assert_eq!(all.given, scores.len());
        }
    }
}
