//! What makes a contingency one: it says what is done, and not only that legal advice is sought (WAR-PL-04). Whether that is
//! realistic, people judge.

use super::smart::words;

/// Words that say who, how and that, and nothing of what.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "we", "well", "i", "they", "theyll", "he", "she", "it", "this", "that", "these", "there", "who", "will",
    "would", "shall", "should", "must", "can", "could", "may", "might", "to", "a", "an", "the", "and", "or", "also",
    "then", "if", "is", "be", "been", "are", "was", "were", "has", "have", "had", "do", "does", "not", "no", "in",
    "of", "at", "on", "for", "from", "with", "by", "into", "as", "about", "our", "their", "any", "all", "some",
    "further", "more", "necessary", "needed", "required", "appropriate", "possible", "practicable", "need", "needs",
    "want", "plan", "case", "matter", "social", "worker", "workers", "team", "manager", "managers", "head", "local",
    "authority", "la", "council", "department", "childrens", "service", "services", "operations",
];

/// Words of when.
#[rustfmt::skip]
const TIMES: &[&str] = &[
    "urgent", "urgently", "immediate", "immediately", "asap", "soon", "quickly", "promptly", "straight",
    "straightaway", "away", "now", "today", "tomorrow", "once", "again", "later", "after", "before", "until",
    "within", "during", "next", "same", "first", "time", "timely", "ongoing", "going", "hour", "hours", "day",
    "days", "week", "weeks", "month", "months", "working", "early", "earliest", "opportunity", "point", "stage",
];

/// Words for asking lawyers.
#[rustfmt::skip]
const SEEKING: &[&str] = &[
    "seek", "seeks", "seeking", "sought", "get", "getting", "obtain", "obtained", "take", "taken", "request",
    "requested", "requesting", "consider", "considers", "considered", "considering", "consideration", "ask",
    "asked", "refer", "referred", "referral", "call", "called", "hold", "held", "convene", "convened", "arrange",
    "arranged", "contact", "contacted", "discuss", "discussed", "discussion", "consult", "consulted",
    "consultation", "speak", "talk", "return", "back", "go", "goes", "initiate", "initiated", "start", "started",
    "begin", "commence", "commenced", "issue", "issued", "instruct", "instructed", "progress", "escalate",
    "escalated", "trigger", "pursue", "explore", "apply", "make", "made", "give", "given", "receive", "move",
    "step", "follow", "followed",
];

/// Words for law and its meetings.
#[rustfmt::skip]
const LEGAL: &[&str] = &[
    "legal", "legally", "advice", "advise", "guidance", "opinion", "counsel", "planning", "meeting", "meetings",
    "lpm", "lgm", "gateway", "panel", "threshold", "court", "courts", "solicitor", "solicitors", "lawyer",
    "lawyers", "barrister", "law", "plo", "public", "outline", "pre", "preproceedings", "proceedings", "proceeding",
    "care", "interim", "supervision", "emergency", "protection", "order", "orders", "epo", "ico", "application",
    "letter", "section", "action", "process", "route",
];

/// What opens a condition, and what the other part of the sentence begins with.
const CONDITIONS: &[&str] = &["if", "should", "unless", "when", "where", "whenever"];
const GOES_ON: &[&str] =
    &["then", "will", "shall", "we", "to", "seek", "consider", "refer", "request", "obtain", "take"];

/// Whether a contingency is more than «seek legal advice»: besides words of when, of lawyers and of asking them, and besides
/// the condition it is for, at least two words say what is done.
pub fn is_more_than_legal_advice(contingency: &str) -> bool {
    let parts = contingency.split([',', ';', '.', ':', '\n', '!', '?', '–', '—']);
    parts.flat_map(done).count() >= 2
}

/// The words of a part of a sentence that say what is done.
fn done(part: &str) -> Vec<String> {
    let words = words(part);
    let of = |words: &[String]| words.iter().filter(|word| says_something(word)).cloned().collect::<Vec<_>>();
    let Some(at) = words.iter().position(|word| CONDITIONS.contains(&word.as_str())) else { return of(&words) };
    let (before, condition) = words.split_at(at);
    // the condition goes on to where the sentence says what is done, or to the end of its part
    let goes_on = |word: &String| GOES_ON.contains(&word.as_str());
    let after = condition.iter().skip(1).position(goes_on).and_then(|place| condition.get(place + 1..));
    [of(before), after.map(of).unwrap_or_default()].concat()
}

fn says_something(word: &str) -> bool {
    let figure = word.starts_with(|c: char| c.is_ascii_digit());
    // single letters that stand together are read as one word
    let letters = word.chars().all(|c| matches!(c, 'a' | 'i'));
    !figure && !letters && word.len() > 1 && ![FILLERS, TIMES, SEEKING, LEGAL].iter().any(|list| list.contains(&word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_contingency_says_what_is_done() {
        for nothing in [
            "Seek legal advice",
            "seek legal advice.",
            "Legal planning meeting to be called",
            "Consider PLO",
            "",
            "Seek urgent legal advice",
            "Seek legal advice as soon as possible",
            "We'll seek legal advice",
            "We’ll seek legal advice",
            "Consider care proceedings",
            "Legal gateway meeting",
            "Refer to legal services",
            "The social worker and the team manager will seek legal advice within 24 hours.",
            "Pre-proceedings meeting; legal-advice",
            "If the mother does not engage, seek legal advice",
            "If the mother does not engage seek legal advice",
            "Seek legal advice if the parents do not work with us",
            "Should the risk increase we will consider an interim care order",
            "L.P.M.",
        ] {
            assert!(!is_more_than_legal_advice(nothing), "{nothing}");
        }
        for something in [
            "Maternal grandmother cares for Ella while legal advice is sought",
            "Seek legal advice; the father leaves the home the same day",
            "If the father returns, the mother rings the police and goes to her sister",
            "If the father returns the mother will ring the police",
            "The aunt takes the children in.",
            "Police protection and placement with the grandmother",
        ] {
            assert!(is_more_than_legal_advice(something), "{something}");
        }
    }

    fn empty() -> impl Strategy<Value = String> {
        let words = [FILLERS, TIMES, SEEKING, LEGAL].concat();
        prop::collection::vec(prop::sample::select(words), 0..12).prop_map(|words| words.join(" "))
    }

    proptest! {
        /// However many words say when and that lawyers are asked: they say nothing else.
        #[test]
        fn words_about_lawyers_are_nothing(text in empty(), one in "[b-z]{4,8}zq") {
            // one word is not what is done
            for text in [text.clone(), text.to_uppercase(), format!("{text}. {one}")] {
                prop_assert!(!is_more_than_legal_advice(&text), "{}", text);
            }
        }

        /// What is done counts wherever it stands beside them, and more of it takes nothing away.
        #[test]
        fn what_is_done_counts(text in empty(), more in "[a-z ]{0,30}") {
            let done = "Grandmother looks after Ella";
            for text in [format!("{text}; {done}"), format!("{done}, {text}. {more}")] {
                prop_assert!(is_more_than_legal_advice(&text), "{}", text);
            }
        }
    }
}
