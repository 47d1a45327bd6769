//! Ids and numbers of the synthetic people.

use chrono::{DateTime, Utc};
use rand::Rng;
use uuid::{Builder, Uuid};

use crate::practice::numbers::{nhs_check, upn_letter};

/// An id of version 7 whose random part comes from the demo's own source.
pub fn mint(rng: &mut impl Rng, at: DateTime<Utc>) -> Uuid {
    let bytes: [u8; 10] = rng.random();
    Builder::from_unix_timestamp_millis(u64::try_from(at.timestamp_millis()).unwrap_or(0), &bytes).into_uuid()
}

/// The `n`th fixed id of a kind: authorities, agencies and people keep theirs across seeds.
pub fn fixed(kind: u8, n: u32) -> Uuid {
    let mut bytes = [0_u8; 10];
    let number = n.to_be_bytes();
    for (to, from) in bytes.iter_mut().zip([kind].iter().chain(number.iter())) {
        *to = *from;
    }
    Builder::from_unix_timestamp_millis(1_700_000_000_000, &bytes).into_uuid()
}

/// How many children have an NHS number: the synthetic range has no more. Those after them are not registered yet.
pub const NUMBERED: u32 = 499_999;

/// The `n`th valid NHS number of the synthetic range.
pub fn nhs_number(n: u32) -> String {
    // two neighbouring stems never both lack a check digit, so each number has a pair of stems of its own
    let stem = 999_000_000 + 2 * u64::from(n % NUMBERED);
    let (stem, check) = nhs_check(stem).map_or_else(|| (stem + 1, nhs_check(stem + 1)), |check| (stem, Some(check)));
    format!("{stem}{}", check.unwrap_or(0))
}

/// The `n`th valid unique pupil number, given by an authority with a three-digit code.
pub fn upn(authority: &str, n: u32) -> String {
    let digits = format!("{authority}{n:09}");
    let letter = upn_letter(&digits).unwrap_or('A');
    format!("{letter}{digits}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::practice::numbers::{is_nhs_number, is_upn};

    #[test]
    fn numbers_are_valid_and_used_once() {
        let numbers: HashSet<_> = (0..20_000).map(nhs_number).collect();
        assert_eq!(numbers.len(), 20_000);
        for number in &numbers {
            assert!(number.len() == 10 && number.starts_with("999"));
            assert!(is_nhs_number(number));
        }
        assert!((0..1000).all(|n| is_upn(&upn("937", n))));
        assert_eq!((0..1000).map(|n| upn("937", n)).collect::<HashSet<_>>().len(), 1000);
    }
}
