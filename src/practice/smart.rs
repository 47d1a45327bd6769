//! What makes a plan one that can be held to: a time with an end, a contingency that is more than legal advice.

/// Words that name no end.
const NO_END: &[&str] = &[
    "ongoing",
    "on going",
    "asap",
    "as soon as possible",
    "as soon as practicable",
    "soon",
    "continuous",
    "continuously",
    "continual",
    "continually",
    "continuing",
    "always",
    "indefinitely",
    "indefinite",
    "permanent",
    "regularly",
    "regular",
    "as needed",
    "as required",
    "when needed",
    "when required",
    "when possible",
    "when able",
    "as and when",
    "in due course",
    "until further notice",
    "further notice",
    "tbc",
    "tba",
    "to be confirmed",
    "to be agreed",
    "to be arranged",
    "to be decided",
    "open ended",
    "openended",
    "no end date",
    "none",
    "n a",
    "na",
    "later",
    "immediately and ongoing",
    "constant",
    "constantly",
    "daily",
    "weekly",
    "fortnightly",
    "monthly",
];

/// Lower case words, hyphens, stops and spaces of abbreviations taken out: `A.S.A.P.`, `a s a p` and `on-going` are
/// `asap`, `asap` and `ongoing`.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['.', '-', '‐', '–', '\'', '’'], "");
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let mut words: Vec<String> = Vec::new();
    let mut letters = false;
    for part in parts {
        let single = part.chars().count() == 1 && part.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(last) if single && letters => last.push_str(part),
            _ => words.push(part.to_owned()),
        }
        letters = single;
    }
    words
}

/// Whether a time in words has an end (WAR-PL-01): a day, a number, or an event, and not «ongoing», «ASAP» or another
/// spelling of no end. With a day or a number beside it such a word does no harm: «weekly until 30 June».
pub fn has_an_end(timescale: &str) -> bool {
    let words = words(timescale);
    if words.is_empty() {
        return false;
    }
    if words.iter().any(|word| word.chars().any(|c| c.is_ascii_digit())) {
        return true;
    }
    let said = format!(" {} ", words.join(" "));
    !NO_END.iter().any(|vague| said.contains(&format!(" {vague} ")))
}

/// Words that say nothing but that legal advice is sought.
const LEGAL_ADVICE: &[&str] = &[
    "we",
    "will",
    "would",
    "shall",
    "to",
    "a",
    "an",
    "the",
    "and",
    "or",
    "then",
    "if",
    "necessary",
    "needed",
    "required",
    "seek",
    "seeking",
    "called",
    "held",
    "convened",
    "requested",
    "get",
    "obtain",
    "take",
    "request",
    "consider",
    "considering",
    "ask",
    "for",
    "legal",
    "advice",
    "guidance",
    "counsel",
    "planning",
    "meeting",
    "lpm",
    "hold",
    "call",
    "convene",
    "return",
    "back",
    "go",
    "court",
    "solicitor",
    "solicitors",
    "team",
    "department",
    "from",
    "with",
    "speak",
    "consult",
    "plo",
    "social",
    "care",
    "worker",
    "case",
    "may",
    "is",
    "be",
    "it",
    "this",
    "in",
    "of",
    "at",
    "sought",
    "immediately",
    "urgently",
];

/// Whether a contingency is more than «seek legal advice» (WAR-PL-04): something of it says what else is done. Whether
/// that is realistic, people judge.
pub fn is_more_than_legal_advice(contingency: &str) -> bool {
    words(contingency).iter().any(|word| !LEGAL_ADVICE.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_told_in_all_its_spellings() {
        for vague in [
            "ASAP",
            "a.s.a.p.",
            "A S A P",
            "Ongoing",
            "on-going",
            "On going",
            "ongoing.",
            "As soon as possible",
            "TBC",
            "n/a",
            "",
            "  ",
            "Continuous",
            "until further notice",
            "weekly",
            "Immediately and ongoing",
            "on‐going",
        ] {
            assert!(!has_an_end(vague), "{vague}");
        }
        for end in [
            "weekly until 30 Jun 2027",
            "by 3 December",
            "within 10 working days",
            "before the first core group",
            "ongoing until 30 June 2027",
            "at the next review conference",
            "end of term",
        ] {
            assert!(has_an_end(end), "{end}");
        }
    }

    #[test]
    fn a_contingency_says_what_is_done() {
        for nothing in
            ["Seek legal advice", "seek legal advice.", "Legal planning meeting to be called", "Consider PLO", ""]
        {
            assert!(!is_more_than_legal_advice(nothing), "{nothing}");
        }
        for something in [
            "Maternal grandmother cares for Ella while legal advice is sought",
            "Seek legal advice; the father leaves the home the same day",
        ] {
            assert!(is_more_than_legal_advice(something), "{something}");
        }
    }
}
