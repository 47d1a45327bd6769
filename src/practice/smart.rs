//! What makes a time one that can be held to: it has an end (WAR-PL-01, WAR-CN-06, WAR-CN-07).
//!
//! A time is words, so this reads words. Without a word of no end in it, what is said is an event or a day, and people judge
//! it. A word of no end, or how often something is done, needs an end beside it: a date, or what stands after «until»,
//! «by», «within» or «before».

/// Words that name no end, in their spellings with blanks; each stands for the joined spelling as well.
#[rustfmt::skip]
const NO_END: &[&str] = &[
    "on going", "asap", "as soon as possible", "as soon as practicable", "soon", "shortly", "continuous",
    "continuously", "continual", "continually", "continuing", "continues", "rolling", "always", "forever",
    "for ever", "indefinitely", "indefinite", "permanent", "permanently", "perpetual", "endless", "unlimited",
    "life long", "long term", "medium term", "short term", "throughout", "all the time", "at all times",
    "regularly", "regular", "frequently", "frequent", "often", "periodically", "occasionally", "constant",
    "constantly", "immediate", "immediately", "urgent", "urgently", "promptly", "quickly", "straight away",
    "right away", "at once", "at the earliest", "earliest opportunity", "in due course", "in future",
    "in the future", "eventually", "later", "some time", "any time", "on demand", "as and when", "further notice",
    "no longer", "tbc", "tba", "tbd", "to be confirmed", "to be agreed", "to be arranged", "to be decided",
    "to be determined", "not known", "unknown", "under review", "open ended", "no end", "none", "nil", "na",
    "not applicable", "24 7", "hourly", "daily", "nightly", "weekly", "bi weekly", "fortnightly", "monthly",
    "bi monthly", "quarterly", "termly", "yearly", "annually", "annual", "everyday",
];

/// «As needed», «when appropriate», «if possible»: a word of the first list before one of the second.
const WHEN: &[&str] = &["as", "when", "whenever", "where", "if", "once", "while", "whilst", "until", "till", "unless"];
#[rustfmt::skip]
const NEEDED: &[&str] = &[
    "needed", "need", "needs", "required", "necessary", "appropriate", "possible", "practicable", "practical",
    "feasible", "able", "available", "convenient", "suitable", "ready", "requested", "asked",
];
/// What stands between the two, and nothing else.
const BETWEEN: &[&str] =
    &["is", "it", "its", "are", "they", "this", "and", "or", "when", "as", "if", "where", "deemed"];

#[rustfmt::skip]
const UNITS: &[&str] = &[
    "hour", "hours", "day", "days", "night", "nights", "morning", "mornings", "evening", "evenings", "week",
    "weeks", "weekend", "weekends", "fortnight", "fortnights", "month", "months", "term", "terms", "quarter",
    "year", "years",
];
const WEEKDAYS: &[&str] = &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
];
const NUMBERS: &[&str] =
    &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "a", "an", "another"];
/// How often: before «a week», «per week».
const TIMES: &[&str] = &["once", "twice", "thrice", "times", "time", "x", "several"];
/// Days and meetings that are there to be named.
#[rustfmt::skip]
const EVENTS: &[&str] = &[
    "today", "tomorrow", "tonight", "christmas", "easter", "end", "next", "review",
    "conference", "meeting", "hearing", "birth", "discharge", "rcpc", "icpc",
];
/// Before a day these say when something begins, and not when it ends.
const BEGINNING: &[&str] = &["from", "since", "starting", "commencing", "beginning", "started", "starts", "begins"];

/// Lower case words. Hyphens, strokes and underscores are blanks, stops of abbreviations are taken out: `A.S.A.P.` and
/// `a s a p` are `asap`, `on-going` and `on_going` are `on going`. Between figures a stop is a blank: `30.6.2027`.
pub(super) fn words(text: &str) -> Vec<String> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(char::is_ascii_digit);
    let mut plain = String::new();
    for (at, c) in text.iter().enumerate() {
        match c {
            '.' if digit(at.checked_sub(1)) && digit(Some(at + 1)) => plain.push(' '),
            '.' | '\'' | '’' | '\u{ad}' | '\u{200b}'..='\u{200d}' => {}
            c if c.is_alphanumeric() => plain.push(*c),
            _ => plain.push(' '),
        }
    }
    let mut words: Vec<String> = Vec::new();
    let mut letters = false;
    for part in plain.split_whitespace() {
        let single = part.chars().count() == 1 && part.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(last) if single && letters => last.push_str(part),
            _ => words.push(part.to_owned()),
        }
        letters = single;
    }
    words
}

/// Whether a time in words has an end: a day, a number of days, or an event, and not «ongoing», «ASAP», «every week» or
/// another spelling of no end. With an end beside it such a word does no harm: «weekly until 30 June».
pub fn has_an_end(timescale: &str) -> bool {
    let words = words(timescale);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    !words.is_empty() && (!is_vague(&words) || ends(&words))
}

fn is_vague(words: &[&str]) -> bool {
    let said = format!(" {} ", words.join(" "));
    let names = |vague: &&str| said.contains(&format!(" {vague} ")) || words.contains(&&*vague.replace(' ', ""));
    let joined =
        |word: &&str| WHEN.iter().filter_map(|when| word.strip_prefix(when)).any(|rest| NEEDED.contains(&rest));
    NO_END.iter().any(names) || words.iter().any(joined) || (0..words.len()).any(|at| is_vague_at(words, at))
}

/// Whether the words from a place on say how often, from when, or «when needed».
fn is_vague_at(words: &[&str], at: usize) -> bool {
    let Some(word) = words.get(at) else { return false };
    let rest = words.get(at + 1..).unwrap_or_default();
    let within = |n: usize, list: &[&[&str]]| {
        rest.iter().take(n).any(|next| list.iter().any(|list| list.contains(next) || list.contains(&singular(next))))
    };
    let often = || {
        let before = words.get(at.saturating_sub(3)..at).unwrap_or_default();
        before.iter().any(|word| is_number(word) || TIMES.contains(word)) && !before.iter().any(|word| binds(word))
    };
    match *word {
        "every" | "each" => within(3, &[UNITS, WEEKDAYS, MONTHS]),
        "per" => within(1, &[UNITS]),
        "a" | "an" => within(1, &[UNITS]) && often(),
        "onwards" | "onward" => true,
        word if BEGINNING.contains(&word) => rest.first().is_some_and(|next| *next == "now" || is_day(rest, 0)),
        word if WHEN.contains(&word) => {
            let needed = rest.iter().find(|next| !BETWEEN.contains(next));
            needed.is_some_and(|next| NEEDED.contains(next))
        }
        // «on Mondays»: a weekday that has many
        word => word.len() > 6 && word.ends_with('s') && WEEKDAYS.contains(&singular(word)),
    }
}

/// Whether an end stands among the words: a date that is no beginning, or what binds a word of no end.
fn ends(words: &[&str]) -> bool {
    (0..words.len()).any(|at| {
        let Some(word) = words.get(at) else { return false };
        let rest = words.get(at + 1..).unwrap_or_default();
        let begins = words.get(at.saturating_sub(2)..at).is_some_and(|before| {
            before.iter().any(|word| BEGINNING.contains(word)) && !before.iter().any(|word| binds(word))
        });
        match *word {
            _ if is_date(words, at) && !begins => true,
            "until" | "till" => says_until_when(rest),
            "by" | "within" | "before" | "than" => (0..4).any(|next| is_day(rest, next)),
            // so many weeks, and not so many hours a week
            "for" => {
                let frequent = rest.get(2).is_some_and(|next| ["a", "an", "per", "each", "every"].contains(next));
                rest.first().is_some_and(|number| is_number(number))
                    && rest.get(1).is_some_and(|unit| UNITS.contains(unit) && !unit.starts_with("hour"))
                    && !frequent
            }
            _ => false,
        }
    })
}

fn binds(word: &str) -> bool {
    ["until", "till", "by", "within", "before", "to", "in", "for", "than"].contains(&word)
}

/// After «until» stands a day, or an event in words of its own: not «until further notice», «until no longer needed».
fn says_until_when(rest: &[&str]) -> bool {
    const NOTHING: &[&str] = &[
        "further",
        "notice",
        "no",
        "not",
        "longer",
        "any",
        "more",
        "the",
        "then",
        "told",
        "advised",
        "otherwise",
        "such",
        "time",
        "as",
        "things",
        "situation",
        "circumstances",
        "change",
        "changes",
        "improve",
        "improves",
        "improved",
        "settled",
        "stable",
        "sorted",
        "resolved",
        "safe",
        "complete",
        "completed",
        "done",
        "finished",
        "ongoing",
        "going",
        "on",
    ];
    let fills = |word: &&&str| NOTHING.contains(*word) || NEEDED.contains(*word) || BETWEEN.contains(*word);
    let until: Vec<&str> = rest.iter().filter(|word| !fills(word)).copied().collect();
    !until.is_empty() && !is_vague(&until)
}

/// Whether the words from a place on name a day, a number of days, or an event to come.
fn is_day(words: &[&str], at: usize) -> bool {
    let Some(word) = words.get(at) else { return false };
    let unit = words.get(at + 1).is_some_and(|next| UNITS.contains(next) || *next == "working" || *next == "school");
    let figure = word.starts_with(|c: char| c.is_ascii_digit());
    is_date(words, at)
        || figure
        || (NUMBERS.contains(word) && unit)
        || WEEKDAYS.contains(word)
        || (MONTHS.contains(word) && *word != "may")
        || EVENTS.contains(word)
}

/// A date: «30 June», «June 2027», «30 6 2027», «2027 06 30».
fn is_date(words: &[&str], at: usize) -> bool {
    let number = |at: usize| words.get(at).and_then(|word| day_number(word));
    let month = |at: usize| words.get(at).is_some_and(|word| MONTHS.contains(word));
    let after_of = if words.get(at + 1) == Some(&"of") { at + 2 } else { at + 1 };
    let (first, second, third) = (number(at), number(at + 1), number(at + 2));
    let day = |n: u32| (1..=31).contains(&n);
    let in_words = first.is_some_and(day) && month(after_of);
    let from_month = month(at) && second.is_some_and(|n| day(n) || (2000..2100).contains(&n));
    let figures = match (first, second, third) {
        (Some(d), Some(m), Some(y)) if day(d) && (1..=12).contains(&m) => (20..100).contains(&y) || y >= 2000,
        (Some(y), Some(m), Some(d)) => (2000..2100).contains(&y) && (1..=12).contains(&m) && day(d),
        _ => false,
    };
    in_words || from_month || figures
}

/// A number, as a day is written: 30, 30th.
fn day_number(word: &str) -> Option<u32> {
    let plain = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    plain.parse().ok()
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) || NUMBERS.contains(&word)
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Joined and parted by hand, and by what people write between words.
    fn spellings(text: &str) -> Vec<String> {
        let mut all = vec![text.to_owned(), text.to_uppercase(), format!("  {text}. "), format!("({text})")];
        all.extend(["-", "_", "‐", " – ", "/"].map(|between| text.replace(' ', between)));
        all
    }

    #[test]
    fn what_has_no_end_is_told_in_all_its_spellings() {
        for vague in [
            "asap",
            "a s a p",
            "on going",
            "ongoing",
            "as soon as possible",
            "assoonaspossible",
            "tbc",
            "continuous",
            "until further notice",
            "weekly",
            "immediately and ongoing",
            "asap 24 7",
            "ongoing 2 visits a week",
            "every 2 weeks",
            "every week",
            "every second friday",
            "each term",
            "on mondays",
            "twice a week",
            "3 times a week",
            "once per month",
            "immediately",
            "permanently",
            "until no longer needed",
            "when appropriate",
            "as and when it is needed",
            "if possible",
            "from 1 june 2027",
            "from now on",
            "open ended",
            "openended",
            "asneeded",
            "ongoing by the health visitor",
            "weekly by phone",
            "ongoing from 3 december",
            "daily for 2 hours a week",
            "no end date",
        ] {
            for spelt in spellings(vague) {
                assert!(!has_an_end(&spelt), "{spelt}");
            }
        }
        for vague in
            ["a.s.a.p.", "A.S.A.P", "n/a", "", "  ", "ASAP (24/7)", "ongoing - 2 visits a week", "on\u{ad}going"]
        {
            assert!(!has_an_end(vague), "{vague}");
        }
    }

    #[test]
    fn a_day_a_number_of_days_and_an_event_are_an_end() {
        for end in [
            "weekly until 30 Jun 2027",
            "by 3 December",
            "3 December",
            "within 10 working days",
            "before the first core group",
            "ongoing until 30 June 2027",
            "at the next review conference",
            "end of term",
            "ASAP, by 3 December",
            "every 2 weeks until 30.6.2027",
            "weekly until the review conference",
            "monthly until 2027-06-30",
            "from 1 June to 30 June 2027",
            "no later than 4 December 2026",
            "urgently, within 24 hours",
            "daily for 6 weeks",
            "until the baby is born",
            "two weeks",
            "each child is seen by 4 December",
            "report from the GP by Friday",
        ] {
            assert!(has_an_end(end), "{end}");
        }
    }

    fn vague() -> impl Strategy<Value = &'static str> {
        prop::sample::select(NO_END.to_vec())
    }

    fn filler(words: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
        prop::collection::vec(prop::sample::select(words), 0..3)
    }

    proptest! {
        /// A figure beside a word of no end is no end.
        #[test]
        fn no_figure_saves_a_word_of_no_end(
            vague in vague(),
            before in filler(&["visits", "calls", "support", "please", "and"]),
            after in filler(&["visits", "2", "3", "hours", "please", "and"]),
        ) {
            let text = [before, vec![vague], after].concat().join(" ");
            prop_assert!(!has_an_end(&text), "{}", text);
        }

        /// A date does, however it is written, unless it says when something begins.
        #[test]
        fn a_date_is_an_end(vague in vague(), day in 1_u32..29, month in 1_u32..13, form in 0_usize..4) {
            let date = chrono::NaiveDate::from_ymd_opt(2027, month, day).unwrap();
            let date = date.format(["%-d %B %Y", "%Y-%m-%d", "%d/%m/%Y", "%-d.%-m.%Y"][form]).to_string();
            for (text, ends) in [
                (format!("{vague} until {date}"), true),
                (format!("{date}, {vague}"), true),
                (format!("{vague} from {date}"), false),
            ] {
                prop_assert_eq!(has_an_end(&text), ends, "{}", text);
            }
        }

        /// How it is written changes nothing.
        #[test]
        fn case_and_what_stands_between_change_nothing(text in "[a-z0-9]{1,9}( [a-z0-9]{1,9}){0,5}") {
            for spelt in spellings(&text) {
                prop_assert_eq!(has_an_end(&spelt), has_an_end(&text), "{}", spelt);
            }
        }
    }
}
