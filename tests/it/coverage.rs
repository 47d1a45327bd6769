//! Which rules of the practice sources are held: each either in the code and in a test, by its id, or in the list of
//! open ones with the reason. The table in README.md is the one that is counted here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use quorate::practice::standards::Standards;

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

/// The text of all files of a folder, but for the lists of rules; each as `part` leaves it.
fn text(folder: &str, part: impl Fn(&str) -> &str) -> String {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut all);
    let read = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        let kind = Path::new(name).extension().and_then(|e| e.to_str());
        let counts = matches!(kind, Some("rs" | "toml")) && !["rules.toml", "open.toml"].contains(&name);
        counts.then(|| part(&fs::read_to_string(path).unwrap()).to_owned())
    };
    all.iter().filter_map(read).collect::<Vec<_>>().join("\n")
}

/// What stands before the tests of a file: what only a test names is not held.
fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap()
}

/// The tests of a file.
fn its_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod tests").map_or("", |(_, tests)| tests)
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
    let code = text("src", before_tests);
    let tests = text("tests", |text| text) + &text("src", its_tests);
    let mut groups: BTreeMap<String, Row> = BTreeMap::new();
    let (mut untested, mut lost, mut both) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for rule in standards.rules() {
        let row = groups.entry(rule.group().to_owned()).or_default();
        row.rules += 1;
        let (held, open) = (code.contains(&rule.id), standards.why_open(&rule.id).is_some());
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
    assert!(lost.is_empty(), "neither held nor listed in open.toml: {lost:?}");
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
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains(&table), "README.md shows another table than this:\n{table}");
}
