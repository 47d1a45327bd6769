//! Which rules each authority holds, and how: read from files that are changed without a word of Rust.
//!
//! `rules.toml` lists the rules; a profile says which of them an authority holds, how strictly, and with which figures.
//! What cannot be meant stops the program at its start, with file and line.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use chrono::NaiveDate;
use entity::agency;
use entity::deadline::Kind;
use entity::local_authority::Profile;
use serde::Deserialize;
use toml::Spanned;

use super::attendance::Reading;
use super::items::Items;
use super::reckoning::{NotCounted, Span};

/// How an authority holds a rule. What happened in the world is recorded whatever a rule says; what is refused is a
/// finishing step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// Not held here.
    Off,
    /// Shown; nobody is reminded.
    Offer,
    /// Told where it is not met.
    Warn,
    /// A finishing step is refused until it is met.
    Refuse,
}

impl Hold {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "off" => Self::Off,
            "offer" => Self::Offer,
            "warn" => Self::Warn,
            "refuse" => Self::Refuse,
            _ => return None,
        })
    }
}

/// A rule of the practice sources.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id in the register of practice.
    pub id: String,
    /// What kinds of rule it is.
    pub kind: Vec<String>,
    /// How strongly its source words it: must, should, may, or states.
    pub force: String,
    /// What it asks.
    pub says: String,
    /// Where it stands.
    pub about: String,
}

impl Rule {
    /// True of what nobody but a person can hold: an attitude, a judgement.
    pub fn is_guidance(&self) -> bool {
        self.kind.iter().any(|kind| kind == "guidance_only")
    }

    /// The group of the register it is in, such as `CG`.
    pub fn group(&self) -> &str {
        self.id.split('-').nth(1).unwrap_or_default()
    }
}

/// A rule as an authority holds it from a day on.
#[derive(Clone, Debug)]
pub struct Standard {
    /// The id of the rule.
    pub rule: String,
    /// How it is held.
    pub hold: Hold,
    /// What it makes due.
    pub deadline: Option<Kind>,
    /// What it makes due beside that, in the same time.
    pub also: Option<Kind>,
    /// What it lets stretch, to the time it names.
    pub extends: Option<Kind>,
    /// In what time.
    pub within: Option<Span>,
    /// How many, where it is about a number.
    pub least: Option<u16>,
    /// Which kinds of agency, where it is about these.
    pub agencies: Vec<agency::Kind>,
    /// How many in a row, where it is about a run.
    pub running: Option<u16>,
    /// Beyond how many standard errors, where it is about what is no chance any more: 1 to 4.
    pub sigma: Option<u8>,
    /// How much of another figure at the least, in percent, where it is about a comparison.
    pub percent: Option<u16>,
    /// How its words are read, where they can be read in two ways.
    pub reading: Option<Reading>,
    /// From which day on; from ever where none is said.
    pub from: Option<NaiveDate>,
}

/// What one authority holds.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// What the authority is called.
    pub name: String,
    /// The document it goes by.
    pub document: String,
    /// How long before it is due a limit in days is said to approach.
    pub approaching: Option<Span>,
    standards: Vec<Standard>,
    /// Those of the base that it does not say otherwise from the beginning of time.
    base: Vec<Standard>,
}

/// All rules, and what each authority holds of them.
#[derive(Clone, Debug, Default)]
pub struct Standards {
    rules: BTreeMap<String, Rule>,
    /// Rules that are not held yet, with the reason.
    open: BTreeMap<String, String>,
    books: HashMap<Profile, Book>,
    items: Items,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenFile {
    open: Vec<Open>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    why: String,
    rules: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    name: String,
    document: String,
    follows: Option<Spanned<String>>,
    approaching: Option<Spanned<String>>,
    #[serde(default)]
    standard: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    rule: Spanned<String>,
    hold: Spanned<String>,
    deadline: Option<Spanned<String>>,
    also: Option<Spanned<String>>,
    extends: Option<Spanned<String>>,
    within: Option<Spanned<String>>,
    least: Option<u16>,
    #[serde(default)]
    agencies: Vec<Spanned<String>>,
    running: Option<u16>,
    percent: Option<u16>,
    sigma: Option<Spanned<u8>>,
    reading: Option<Spanned<String>>,
    from: Option<Spanned<toml::value::Datetime>>,
}

/// The rules that come with the program.
const RULES: &str = include_str!("rules.toml");
/// Those that are not held yet.
const OPEN: &str = include_str!("open.toml");
/// The base that a profile may follow.
const BASE: &str = "statutory";
/// The profiles that come with the program, by the name of their file.
const PROFILES: [(&str, Option<Profile>, &str); 5] = [
    (BASE, None, include_str!("profiles/statutory.toml")),
    ("warwickshire", Some(Profile::Warwickshire), include_str!("profiles/warwickshire.toml")),
    ("birmingham", Some(Profile::Birmingham), include_str!("profiles/birmingham.toml")),
    ("bristol", Some(Profile::Bristol), include_str!("profiles/bristol.toml")),
    ("lancashire", Some(Profile::Lancashire), include_str!("profiles/lancashire.toml")),
];

impl Standards {
    /// The rules and profiles that come with the program.
    ///
    /// # Errors
    /// What is wrong in them; a test reads them.
    pub fn embedded() -> Result<Self, String> {
        Self::of(|_, text| Ok(text.to_owned()))
    }

    /// The profiles of a folder, in files of the same names as those that come with the program: all of them, and no other.
    ///
    /// # Errors
    /// What is wrong in them, with file and line; the folder or the file that is not there, and the one that has another name.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let unread = |path: &Path, error: &std::io::Error| format!("{}: {}", path.display(), error.kind());
        let entries = std::fs::read_dir(folder).map_err(|error| unread(folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| unread(folder, &error))?.path();
            let name = path.file_stem().and_then(std::ffi::OsStr::to_str);
            let is_profile = path.extension().is_some_and(|ending| ending == "toml");
            if is_profile && !PROFILES.iter().any(|(known, ..)| Some(*known) == name) {
                let known = PROFILES.map(|(known, ..)| known).join(", ");
                return Err(format!("{}: no profile has this name; there are {known}", path.display()));
            }
        }
        Self::of(|name, _| {
            let file = folder.join(format!("{name}.toml"));
            std::fs::read_to_string(&file).map_err(|error| unread(&file, &error))
        })
    }

    fn of(text: impl Fn(&str, &'static str) -> Result<String, String>) -> Result<Self, String> {
        let file: RuleFile = toml::from_str(RULES).map_err(|error| format!("rules.toml: {error}"))?;
        let rules: BTreeMap<_, _> = file.rule.into_iter().map(|rule| (rule.id.clone(), rule)).collect();
        let file: OpenFile = toml::from_str(OPEN).map_err(|error| format!("open.toml: {error}"))?;
        let of_each = |open: Open| open.rules.into_iter().map(move |rule| (rule, open.why.clone()));
        let open: BTreeMap<_, _> = file.open.into_iter().flat_map(of_each).collect();
        if let Some(unknown) = open.keys().find(|id| !rules.contains_key(*id)) {
            return Err(format!("open.toml: no rule has the id {unknown}"));
        }
        let (mut base, mut books) = (Book::default(), HashMap::new());
        for (name, profile, embedded) in PROFILES {
            let book = Book::read(name, &text(name, embedded)?, (&rules, &open), &base)?;
            match profile {
                Some(profile) => {
                    books.insert(profile, book);
                }
                None => base = book,
            }
        }
        let items = Items::embedded(&rules)?;
        Ok(Self { rules, open, books, items })
    }

    /// What an authority with this profile holds.
    pub fn book(&self, profile: Profile) -> &Book {
        static NOTHING: Book = Book {
            name: String::new(),
            document: String::new(),
            approaching: None,
            standards: Vec::new(),
            base: Vec::new(),
        };
        self.books.get(&profile).unwrap_or(&NOTHING)
    }

    /// How many profiles there are, and how many standards in all of them.
    pub fn count(&self) -> (usize, usize) {
        (self.books.len(), self.books.values().map(|book| book.standards().count()).sum())
    }

    /// What belongs on the records of the process.
    pub const fn items(&self) -> &Items {
        &self.items
    }

    /// A rule by its id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id)
    }

    /// Why a rule is not held yet; `None` of one that is.
    pub fn why_open(&self, id: &str) -> Option<&str> {
        self.open.get(id).map(String::as_str)
    }

    /// All rules, by id.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }
}

impl Book {
    fn read(name: &str, text: &str, known: Known<'_>, base: &Self) -> Result<Self, String> {
        let file: ProfileFile = toml::from_str(text).map_err(|error| format!("{name}.toml: {error}"))?;
        let wrong = |at: usize, what: String| format!("{name}.toml, line {}: {what}", line_of(text, at));
        let mut standards = Vec::new();
        for line in &file.standard {
            let standard = line.standard(known).map_err(|(at, what)| wrong(at, what))?;
            let same = |other: &Standard| other.rule == standard.rule && other.from == standard.from;
            if standards.iter().any(same) {
                return Err(wrong(line.rule.span().start, format!("{} is said twice for one day", standard.rule)));
            }
            standards.push(standard);
        }
        let mut inherited = Vec::new();
        if let Some(follows) = &file.follows {
            if follows.get_ref() != BASE || name == BASE {
                let what = format!("«{}» is no base: a profile follows «{BASE}» or nothing", follows.get_ref());
                return Err(wrong(follows.span().start, what));
            }
            // what it says itself from a day on does not take away what holds until then
            let said = |of: &Standard| {
                let same =
                    |own: &Standard| own.rule == of.rule || (of.deadline.is_some() && own.deadline == of.deadline);
                standards.iter().any(|own| same(own) && own.from.is_none())
            };
            inherited = base.standards.iter().filter(|of| !said(of)).cloned().collect();
        }
        let approaching = match &file.approaching {
            Some(span) => Some(span.get_ref().parse().map_err(|e| wrong(span.span().start, format!("{e}")))?),
            None => base.approaching,
        };
        Ok(Self { name: file.name, document: file.document, approaching, standards, base: inherited })
    }

    /// All standards, as they stand in the file, those of the base last.
    pub fn standards(&self) -> impl Iterator<Item = &Standard> {
        self.standards.iter().chain(&self.base)
    }

    /// How a rule is held on a day; not at all where nothing is said of it.
    pub fn hold(&self, rule: &str, on: NaiveDate) -> Hold {
        self.standard(rule, on).map_or(Hold::Off, |standard| standard.hold)
    }

    /// A rule as it is held on a day.
    pub fn standard(&self, rule: &str, on: NaiveDate) -> Option<&Standard> {
        self.newest(on, |standard| standard.rule == rule)
    }

    /// By which standard something is due that is triggered on a day; `None` where no time is set for it.
    pub fn due(&self, kind: Kind, on: NaiveDate) -> Option<(&Standard, Span)> {
        let standard = self.newest(on, |standard| standard.deadline == Some(kind) || standard.also == Some(kind))?;
        (standard.hold != Hold::Off).then_some(())?;
        Some((standard, standard.within?))
    }

    /// To what the time of something that is triggered on a day can be stretched, and by which standard.
    pub fn extension(&self, kind: Kind, on: NaiveDate) -> Option<(&Standard, Span)> {
        let standard = self.newest(on, |standard| standard.extends == Some(kind))?;
        (standard.hold != Hold::Off).then_some(())?;
        Some((standard, standard.within?))
    }

    fn newest(&self, on: NaiveDate, which: impl Fn(&Standard) -> bool) -> Option<&Standard> {
        let begun = |standard: &&Standard| which(standard) && standard.from.is_none_or(|from| from <= on);
        // of two that begin on one day the one that is said later; the base where nothing of its own has begun
        let own = self.standards.iter().filter(begun).max_by_key(|standard| standard.from);
        own.or_else(|| self.base.iter().filter(begun).max_by_key(|standard| standard.from))
    }
}

type Wrong = (usize, String);

/// All rules, and those of them that are not held yet.
type Known<'k> = (&'k BTreeMap<String, Rule>, &'k BTreeMap<String, String>);

impl Line {
    fn standard(&self, (rules, open): Known<'_>) -> Result<Standard, Wrong> {
        let rule = rules.get(self.rule.get_ref()).ok_or_else(|| at(&self.rule, "no rule has this id"))?;
        if rule.is_guidance() {
            return Err(at(&self.rule, "guidance for people: no program can hold it"));
        }
        if open.contains_key(&rule.id) {
            return Err(at(&self.rule, "not held by this program yet"));
        }
        let hold = Hold::of(self.hold.get_ref()).ok_or_else(|| at(&self.hold, "say refuse, warn, offer or off"))?;
        let due = |word: &Spanned<String>| {
            let kind = Kind::of_word(word.get_ref());
            kind.ok_or_else(|| at(word, "nothing that can be due has this name"))
        };
        let deadline = self.deadline.as_ref().map(due);
        let also = self.also.as_ref().map(due).transpose()?;
        let extends = self.extends.as_ref().map(due).transpose()?;
        let within =
            self.within.as_ref().map(|span| span.get_ref().parse().map_err(|error: NotCounted| at(span, &error)));
        let (deadline, within) = (deadline.transpose()?, within.transpose()?);
        if (deadline.is_some() || extends.is_some()) && within.is_none() {
            return Err(at(&self.rule, "what is due and within what time are said together"));
        }
        if deadline.is_some() && hold == Hold::Refuse {
            return Err(at(&self.hold, "what is late is recorded all the same: say warn, offer or off"));
        }
        let counts = self.least.is_some() || !self.agencies.is_empty();
        if rule.kind.iter().any(|kind| kind == "quorum") && hold != Hold::Off && !counts {
            return Err(at(&self.rule, "a quorum says how many, or which kinds of agency"));
        }
        let reading = self.reading.as_ref().map(|word| match word.get_ref().as_str() {
            "either" => Ok(Reading::Either),
            "neither" => Ok(Reading::Neither),
            _ => Err(at(word, "say either or neither")),
        });
        let sigma = self.sigma.as_ref().map(|sigma| match *sigma.get_ref() {
            known @ 1..=4 => Ok(known),
            _ => Err(at(sigma, "say 1, 2, 3 or 4")),
        });
        let agencies = self.agencies.iter().map(|word| {
            agency::Kind::of_word(word.get_ref()).ok_or_else(|| at(word, "no kind of agency has this name"))
        });
        Ok(Standard {
            rule: rule.id.clone(),
            hold,
            deadline,
            also,
            extends,
            within,
            least: self.least,
            agencies: agencies.collect::<Result<_, _>>()?,
            running: self.running,
            percent: self.percent,
            sigma: sigma.transpose()?,
            reading: reading.transpose()?,
            from: self.from.as_ref().map(day_of).transpose()?,
        })
    }
}

fn at<T>(word: &Spanned<T>, what: &(impl ToString + ?Sized)) -> Wrong {
    (word.span().start, what.to_string())
}

fn day_of(from: &Spanned<toml::value::Datetime>) -> Result<NaiveDate, Wrong> {
    let date = from.get_ref().date.filter(|_| from.get_ref().time.is_none());
    let day = date.and_then(|d| NaiveDate::from_ymd_opt(i32::from(d.year), u32::from(d.month), u32::from(d.day)));
    day.ok_or_else(|| at(from, "say a day, as 2026-04-01"))
}

pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).map_or(0, |before| before.matches('\n').count()) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The profiles that come with the program, with Bristol's in other words.
    fn with_bristol(text: &str) -> Result<Standards, String> {
        Standards::of(|name, embedded| Ok(if name == "bristol" { text.to_owned() } else { embedded.to_owned() }))
    }

    const HEAD: &str = "name = \"Bristol\"\ndocument = \"A paper\"\n";

    #[test]
    fn what_comes_with_the_program_can_be_meant() {
        let standards = Standards::embedded().unwrap();
        let today = day("2026-11-26");
        let due = |profile, kind| {
            standards.book(profile).due(kind, today).map(|(s, span)| (s.rule.clone(), span.to_string()))
        };
        let said = |rule: &str, span: &str| Some((rule.to_owned(), span.to_owned()));
        assert_eq!(due(Profile::Warwickshire, Kind::FirstCoreGroup), said("WAR-CG-01", "10 working days"));
        // no authority is held to what another says of itself: the base is what is common
        assert_eq!(due(Profile::Birmingham, Kind::FirstCoreGroup), said("STA-CG-01", "10 working days"));
        assert_eq!(due(Profile::Birmingham, Kind::MinutesCirculated), None);
        assert_eq!(due(Profile::Lancashire, Kind::FamilyMetByChair), None);
        assert_eq!(due(Profile::Birmingham, Kind::FamilyMetByChair), said("BIR-PR-07", "the same day"));
        assert_eq!(standards.book(Profile::Birmingham).hold("WAR-CG-02", today), Hold::Off);
        let refusing =
            |profile| standards.book(profile).standards().any(|s| s.rule.starts_with("BIR") && s.hold == Hold::Refuse);
        assert!(!refusing(Profile::Birmingham), "Birmingham sets no hard and fast rules (BIR-QA-01)");
    }

    /// What is named and is not there stops the program, and is not passed over for what comes with it.
    #[test]
    fn a_folder_of_profiles_is_read_whole_or_refused() {
        let folder = std::env::temp_dir().join(format!("quorate-folder-{}", std::process::id()));
        let error = |folder: &Path| Standards::read(folder).err().unwrap_or_default();
        assert!(error(&folder).contains(&format!("{}: entity not found", folder.display())), "{}", error(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, _, text) in PROFILES {
            std::fs::write(folder.join(format!("{name}.toml")), text).unwrap();
        }
        std::fs::write(folder.join("README"), "Ours.").unwrap();
        assert_eq!(error(&folder), "");
        std::fs::rename(folder.join("bristol.toml"), folder.join("bristle.toml")).unwrap();
        assert!(error(&folder).contains("bristle.toml: no profile has this name"), "{}", error(&folder));
        std::fs::remove_file(folder.join("bristle.toml")).unwrap();
        assert!(error(&folder).contains("bristol.toml: entity not found"), "{}", error(&folder));
        std::fs::remove_dir_all(&folder).unwrap();
        let file = std::env::temp_dir().join(format!("quorate-folder-{}.toml", std::process::id()));
        std::fs::write(&file, "").unwrap();
        assert!(error(&file).contains("not a directory"), "{}", error(&file));
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_standard_applies_from_its_day() {
        let line = |from: &str, within: &str| {
            format!(
                "[[standard]]\nrule = \"BRI-NM-03\"\nhold = \"warn\"\ndeadline = \"NINE_MONTH_SUPERVISION\"\nwithin = \"{within}\"\n{from}\n"
            )
        };
        let text = format!(
            "{HEAD}{}{}",
            line("from = 2027-04-01", "5 working days"),
            line("from = 2022-06-01", "the same day")
        );
        let standards = with_bristol(&text).unwrap();
        let on = |text| {
            standards
                .book(Profile::Bristol)
                .due(Kind::NineMonthSupervision, day(text))
                .map(|(_, span)| span.to_string())
        };
        assert_eq!(on("2022-05-31"), None);
        assert_eq!(on("2022-06-01"), Some("the same day".to_owned()));
        assert_eq!(on("2027-03-31"), Some("the same day".to_owned()));
        assert_eq!(on("2027-04-01"), Some("5 working days".to_owned()));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_line() {
        let standard = |rest: &str| format!("{HEAD}\n[[standard]]\n{rest}");
        let table = [
            (standard("rule = \"BRI-NM-99\"\nhold = \"warn\""), "bristol.toml, line 5: no rule has this id"),
            (standard("rule = \"BIR-NA-02\"\nhold = \"warn\"\nsigma = 5"), "bristol.toml, line 7: say 1, 2, 3 or 4"),
            (standard("rule = \"BRI-NM-15\"\nhold = \"warn\""), "bristol.toml, line 5: guidance"),
            (standard("rule = \"BRI-NM-03\"\nhold = \"maybe\""), "bristol.toml, line 6: say refuse"),
            (
                standard("rule = \"BRI-NM-03\"\nhold = \"warn\"\ndeadline = \"SUPPER\"\nwithin = \"1 day\""),
                "line 7: nothing that",
            ),
            (
                standard("rule = \"BRI-NM-03\"\nhold = \"warn\"\ndeadline = \"FIRST_REVIEW\"\nwithin = \"3 moons\""),
                "line 8: «3 moons» cannot be counted",
            ),
            (standard("rule = \"BRI-NM-03\"\nhold = \"warn\"\ndeadline = \"FIRST_REVIEW\""), "line 5: what is due"),
            (
                standard("rule = \"BRI-NM-03\"\nhold = \"refuse\"\ndeadline = \"FIRST_REVIEW\"\nwithin = \"1 day\""),
                "line 6: what is late is recorded",
            ),
            (standard("rule = \"BRI-NM-03\"\nhold = \"warn\"\ncolour = \"red\""), "unknown field `colour`"),
            (standard("rule = \"BRI-NM-03\"\nhold = \"warn\"\nagencies = [\"NAVY\"]"), "line 7: no kind of agency"),
            (standard("rule = \"BRI-NM-03\"\nhold = \"warn\"\nfrom = 2026-04-01T10:00:00"), "line 7: say a day"),
            (standard("rule = \"STA-CF-01\"\nhold = \"refuse\""), "line 5: a quorum says how many"),
            (
                standard("rule = \"BRI-NM-03\"\nhold = \"warn\"\n[[standard]]\nrule = \"BRI-NM-03\"\nhold = \"off\""),
                "line 8: BRI-NM-03 is said twice",
            ),
            (format!("{HEAD}follows = \"warwickshire\""), "line 3: «warwickshire» is no base"),
            (format!("{HEAD}approaching = \"soon\""), "line 3: «soon» cannot be counted"),
            ("name = ".to_owned(), "bristol.toml: TOML parse error at line 1"),
        ];
        for (text, expected) in table {
            let error = with_bristol(&text).err().unwrap_or_default();
            assert!(error.contains(expected), "{text}\n-> {error}\nand not {expected}");
        }
    }

    #[test]
    fn what_an_authority_says_itself_stands_before_the_base() {
        let own = "follows = \"statutory\"\n[[standard]]\nrule = \"BRI-NM-03\"\nhold = \"offer\"\ndeadline = \"FIRST_REVIEW\"\nwithin = \"8 weeks\"\n";
        let off = "[[standard]]\nrule = \"STA-CG-01\"\nhold = \"off\"\ndeadline = \"FIRST_CORE_GROUP\"\nwithin = \"10 working days\"\n";
        let standards = with_bristol(&format!("{HEAD}{own}{off}")).unwrap();
        let book = standards.book(Profile::Bristol);
        let today = day("2026-11-26");
        assert_eq!(book.due(Kind::FirstReview, today).unwrap().1.to_string(), "8 weeks");
        assert!(book.due(Kind::FirstCoreGroup, today).is_none());
        assert!(book.due(Kind::NextReview, today).is_some(), "the rest is as the base says");
        // until what it says itself begins, the base stands
        let later = own.replace("hold = ", "from = 2027-01-01\nhold = ");
        let standards = with_bristol(&format!("{HEAD}{later}")).unwrap();
        let span = |on| standards.book(Profile::Bristol).due(Kind::FirstReview, day(on)).unwrap().1.to_string();
        assert_eq!((span("2026-12-31").as_str(), span("2027-01-01").as_str()), ("3 months", "8 weeks"));
    }
}
