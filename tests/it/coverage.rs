//! Which rules of the practice sources are held: each by something that asks for it, and in a test, by its id; or in the list
//! of open ones with the reason. That an id is written down in a profile or a comment holds nothing. The table in README.md is
//! the one that is counted here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use entity::entry::Record;
use entity::local_authority::Profile;
use quorate::practice::items::Item;
use quorate::practice::standards::{Hold, Standard, Standards};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The text of all sources of a folder, each as `part` leaves it.
fn text(folder: &str, part: impl Fn(&str) -> String) -> String {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut all);
    let is_source = |path: &&PathBuf| path.extension().is_some_and(|e| e == "rs");
    all.iter().filter(is_source).map(|path| part(&fs::read_to_string(path).unwrap())).collect::<Vec<_>>().join("\n")
}

/// What runs of a file: its lines before its tests, without comments.
fn code(text: &str) -> String {
    let before = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let plain = |line: &str| if line.trim_start().starts_with("//") { String::new() } else { line.to_owned() };
    before.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// The tests of a file.
fn its_tests(text: &str) -> String {
    text.split_once("#[cfg(test)]\nmod tests").map_or(String::new(), |(_, tests)| tests.to_owned())
}

/// Rules that are held by the shape of the code, without their id in it: where, by what, and which test drives it.
const BY_SHAPE: [(&str, &str, &str, &str); 8] = [
    ("WAR-SM-04", "src/practice/deadlines.rs", "pub fn lado_referral_due", "tests/it/allegation.rs"),
    ("WAR-SM-15", "src/actions/strategy_meeting.rs", "findings.text(\"reason\"", "tests/it/deadlines.rs"),
    ("WAR-SM-17", "src/actions/strategy_meeting.rs", "every_child(", "tests/it/strategy_meeting.rs"),
    ("WAR-PL-03", "src/policy/records.rs", "Step::PlanSignOff", "tests/it/profiles.rs"),
    ("WAR-PL-05", "src/practice/items.toml", "by = [\"OPERATIONS\"]", "tests/it/following.rs"),
    ("WAR-RV-03", "src/actions/due.rs", "&[Kind::FirstReview, Kind::NextReview]", "tests/it/deadlines.rs"),
    ("BRI-NM-02", "src/practice/deadlines.rs", "pub fn is_nine_month_review", "src/practice/deadlines.rs"),
    ("WAR-S47-12", "src/practice/items.toml", "code = \"OTHER_HOUSEHOLD\"", "tests/it/asked.rs"),
];

fn by_shape(rule: &str) -> bool {
    BY_SHAPE.iter().filter(|(id, ..)| *id == rule).any(|(_, place, what, test)| {
        let text = read(place);
        let runs = if Path::new(place).extension().is_some_and(|e| e == "toml") { text } else { code(&text) };
        runs.contains(what) && read(test).contains(rule)
    })
}

/// What an authority holds of a rule makes something due, or stretches it.
fn makes_due(standard: &Standard) -> bool {
    standard.hold != Hold::Off && (standard.deadline.is_some() || standard.extends.is_some())
}

const PROFILES: [Profile; 4] = [Profile::Warwickshire, Profile::Birmingham, Profile::Bristol, Profile::Lancashire];

/// All items of all records.
fn items(standards: &Standards) -> Vec<&Item> {
    let records =
        [Record::StrategyMeeting, Record::Enquiry, Record::Conference, Record::CoreGroupMeeting, Record::Plan];
    records.into_iter().flat_map(|record| standards.items().of_record(record)).collect()
}

/// Whether something of the program asks for a rule that an authority holds: a time, a step that waits for an item or tells
/// that it is missing, or a check that names it.
fn is_asked(rule: &str, standards: &Standards, code: &str) -> bool {
    let held = || PROFILES.iter().flat_map(|p| standards.book(*p).standards()).filter(|of| of.rule == rule);
    let due = held().any(makes_due);
    let item = items(standards).iter().any(|item| item.step.is_some() && item.rules.iter().any(|id| id == rule));
    let step = item && held().any(|standard| standard.hold != Hold::Off);
    // in a string: between quotes, in words of a message or alone
    let named = code.lines().any(|line| line.split('"').skip(1).step_by(2).any(|string| string.contains(rule)));
    due || step || named || by_shape(rule)
}

#[derive(Default)]
struct Row {
    rules: usize,
    held: usize,
    open: usize,
    guidance: usize,
}

#[test]
fn every_rule_is_held_or_open_with_a_reason() {
    let standards = Standards::embedded().unwrap();
    let code = text("src", code);
    let tests = text("tests", str::to_owned) + &text("src", its_tests);
    let mut groups: BTreeMap<String, Row> = BTreeMap::new();
    let (mut untested, mut lost, mut both) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for rule in standards.rules() {
        let row = groups.entry(rule.group().to_owned()).or_default();
        row.rules += 1;
        let (held, open) = (is_asked(&rule.id, &standards, &code), standards.why_open(&rule.id).is_some());
        match (rule.is_guidance(), held, open) {
            (true, ..) => row.guidance += 1,
            (false, true, true) => drop(both.insert(&rule.id)),
            (false, true, false) => {
                row.held += 1;
                if !tests.contains(&rule.id) {
                    untested.insert(&rule.id);
                }
            }
            (false, false, true) => row.open += 1,
            (false, false, false) => drop(lost.insert(&rule.id)),
        }
    }
    assert!(both.is_empty(), "held and open at once: {both:?}");
    assert!(lost.is_empty(), "nothing asks for these, and they are not listed in open.toml: {lost:?}");
    assert!(untested.is_empty(), "held, and in no test: {untested:?}");
    let mut table = String::from("| Group | Rules | Held | Open | For people |\n|---|---|---|---|---|\n");
    let mut sum = Row::default();
    for (group, row) in &groups {
        writeln!(table, "| {group} | {} | {} | {} | {} |", row.rules, row.held, row.open, row.guidance).unwrap();
        sum = Row {
            rules: sum.rules + row.rules,
            held: sum.held + row.held,
            open: sum.open + row.open,
            guidance: sum.guidance + row.guidance,
        };
    }
    writeln!(table, "| all | {} | {} | {} | {} |", sum.rules, sum.held, sum.open, sum.guidance).unwrap();
    println!("{table}");
    assert!(read("README.md").contains(&table), "README.md shows another table than this:\n{table}");
}

/// What holds nothing is not counted: an id in a comment, in a profile, or in a test.
#[test]
fn an_id_alone_holds_nothing() {
    let standards = Standards::embedded().unwrap();
    assert!(!is_asked("BIR-NA-03", &standards, &code("// BIR-NA-03\n/// BIR-NA-03\nfn a() {}\n")));
    assert!(is_asked("BIR-NA-03", &standards, &code("const ID: &str = \"BIR-NA-03\";\n")));
    assert!(!is_asked("BIR-NA-03", &standards, &code("#[cfg(test)]\nmod tests { const A: &str = \"BIR-NA-03\"; }\n")));
    for (rule, place, what, test) in BY_SHAPE {
        assert!(by_shape(rule), "{rule}: {what} in {place}, and its id in {test}");
    }
}
