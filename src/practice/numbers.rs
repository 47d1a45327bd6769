//! Numbers that hold a check of their own: a slip of the finger is told before anybody is looked for.

/// The letters of a pupil number, by their value: I, O and S are left out.
pub const UPN_LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// The check digit of a nine-digit stem of an NHS number, by the modulus-11 rule; `None` where there is none.
pub fn nhs_check(stem: u64) -> Option<u64> {
    let sum: u64 = format!("{stem:09}").bytes().zip((2..=10).rev()).map(|(d, w)| u64::from(d - b'0') * w).sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        digit => Some(digit),
    }
}

/// True of ten digits of which the last is the check of the others.
pub fn is_nhs_number(text: &str) -> bool {
    let digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u64>().ok().filter(|_| digits);
    number.is_some_and(|number| nhs_check(number / 10) == Some(number % 10))
}

/// The check letter of the twelve characters that follow it: digits, in a temporary number with a letter at the end.
pub fn upn_letter(rest: &str) -> Option<char> {
    if rest.len() != 12 {
        return None;
    }
    let value = |(place, byte): (usize, u8)| match byte {
        b'0'..=b'9' => Some(usize::from(byte - b'0')),
        // only the last may be a letter
        _ if place == 11 => UPN_LETTERS.iter().position(|letter| *letter == byte),
        _ => None,
    };
    let values: Option<Vec<usize>> = rest.bytes().enumerate().map(value).collect();
    let sum: usize = values?.into_iter().zip(2..).map(|(value, weight)| value * weight).sum();
    UPN_LETTERS.get(sum % 23).copied().map(char::from)
}

/// True of a unique pupil number whose first letter is the check of the others.
pub fn is_upn(text: &str) -> bool {
    let mut rest = text.chars();
    rest.next().is_some_and(|letter| upn_letter(rest.as_str()) == Some(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_nhs_number_checks_itself() {
        // the example of the data dictionary, and its neighbours
        for (text, holds) in [
            ("9434765919", true),
            ("9434765918", false),
            ("9434756919", false),
            ("943476591", false),
            ("94347659190", false),
            ("943476591X", false),
            ("９434765919", false),
            ("", false),
        ] {
            assert_eq!(is_nhs_number(text), holds, "{text}");
        }
        // a stem that leaves a check of ten has no number
        let without = (990_000_000..990_000_100).filter(|stem| nhs_check(*stem).is_none()).count();
        assert!(without > 0);
    }

    #[test]
    fn a_pupil_number_checks_itself() {
        // the example of the guide, and its neighbours
        for (text, holds) in [
            ("H801200001001", true),
            ("A801200001001", false),
            ("H801200001010", false),
            ("H80120000100", false),
            ("H8012000010010", false),
            ("h801200001001", false),
            ("", false),
        ] {
            assert_eq!(is_upn(text), holds, "{text}");
        }
        // a temporary one ends with a letter, which counts as well
        let temporary = format!("{}80120000100B", upn_letter("80120000100B").unwrap());
        assert!(is_upn(&temporary));
        assert!(!is_upn(&format!("{}C", &temporary[..12])));
        assert_eq!(upn_letter("8012000B1001"), None);
    }
}
