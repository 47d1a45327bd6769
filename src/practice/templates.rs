//! What a report to a conference says: the templates of `templates.toml`, and what of a report does not fit its template.

use std::sync::Arc;

use entity::agency::Kind;
use entity::category::Category;
use serde::Deserialize;
use toml::Spanned;

use super::items::category_of;
use super::standards::line_of;

/// A part of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Section {
    /// How the agency is involved.
    Involvement,
    /// Harm, danger, and what makes it worse.
    Worries,
    /// What keeps the child safe.
    Strengths,
    /// The child.
    Child,
    /// Parents and family.
    Family,
    /// What has to change.
    Change,
    /// What the agency thinks.
    Judgement,
}

/// What kind of statement an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Says {
    /// Seen, done, counted.
    Fact,
    /// What somebody said, told as theirs.
    View,
    /// What the agency makes of it.
    Opinion,
}

/// How an item is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// In words.
    Text,
    /// By yes or no.
    YesNo,
    /// By a whole number between these.
    Number(i32, i32),
    /// By a day.
    Date,
    /// By one of these words.
    Choice(Vec<String>),
}

/// A template of reports, of one version.
#[derive(Clone, Debug)]
pub struct Template {
    /// What it is called.
    pub code: String,
    /// Its version, from 1.
    pub version: i32,
    /// Its name in words.
    pub name: String,
    /// Agencies of these kinds report by it.
    pub agencies: Vec<Kind>,
    /// What it asks, in order.
    pub items: Vec<Asked>,
}

/// An item of a template.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What it is called.
    pub code: String,
    /// In which part it stands.
    pub section: Section,
    /// What is asked.
    pub asks: String,
    /// What kind of statement it is.
    pub says: Says,
    /// The field of the report it is given in; `None`: it is given among the answers.
    pub field: Option<String>,
    /// How it is answered.
    pub form: Form,
    /// True if nothing is submitted without it.
    pub required: bool,
    /// The category it belongs to; `None`: that of the agency that reports.
    pub category: Option<Category>,
}

/// An answer to an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Which item.
    pub item: String,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// By a word of its own, `YES` and `NO` among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// By a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i32>,
    /// By a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<chrono::NaiveDate>,
    /// About, or from, a third party.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub third_party: bool,
    /// It tells where the child is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub locates: bool,
}

/// What stands against an answer: what is wrong with it, on which of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The template has no such item, or asks for it elsewhere.
    Unknown,
    /// It was answered before.
    Twice,
    /// It is not answered in this way, or by such a value.
    Wrong(&'static str),
    /// It says nothing.
    Empty(&'static str),
}

/// All templates, of all versions; shared, as each field of a report looks into its own.
#[derive(Clone, Debug, Default)]
pub struct Templates(Vec<Arc<Template>>);

/// The template of who names none: the common core.
pub const GENERAL: &str = "GENERAL";

/// The templates that come with the program.
const TEMPLATES: &str = include_str!("templates.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    template: Vec<Head>,
    item: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    code: String,
    version: i32,
    name: String,
    agencies: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    template: Option<Spanned<String>>,
    code: Spanned<String>,
    section: Section,
    asks: String,
    says: Says,
    field: Option<String>,
    answer: Option<Spanned<String>>,
    choices: Option<Vec<String>>,
    between: Option<[i32; 2]>,
    #[serde(default)]
    required: bool,
    category: Option<Spanned<String>>,
    /// The first version it is in.
    since: Option<i32>,
    /// The last version it is in.
    until: Option<i32>,
}

type Wrong = (usize, String);

fn at(word: &Spanned<String>, what: &str) -> Wrong {
    (word.span().start, format!("«{}»: {what}", word.get_ref()))
}

impl Templates {
    /// The templates that come with the program.
    ///
    /// # Errors
    /// What is wrong in them, with the line.
    pub fn embedded() -> Result<Self, String> {
        Self::of(TEMPLATES)
    }

    fn of(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| format!("templates.toml: {error}"))?;
        let wrong = |(at, what): Wrong| format!("templates.toml, line {}: {what}", line_of(text, at));
        for line in &file.item {
            let known = |of: &&Spanned<String>| file.template.iter().any(|head| &head.code == of.get_ref());
            if let Some(of) = line.template.as_ref().filter(|of| !known(of)) {
                return Err(wrong(at(of, "no template is called so")));
            }
        }
        let mut all = Vec::new();
        for head in &file.template {
            for version in 1..=head.version {
                all.push(Arc::new(head.template(version, &file.item).map_err(wrong)?));
            }
        }
        Ok(Self(all))
    }

    /// The newest version of each, in the order of the file.
    fn of_today(&self) -> impl Iterator<Item = &Arc<Template>> {
        let newest =
            |each: &&Arc<Template>| self.newest(&each.code).is_some_and(|newest| newest.version == each.version);
        self.0.iter().filter(newest)
    }

    /// The newest version of each, those that agencies of a kind report by first.
    pub fn for_agency(&self, kind: Kind) -> Vec<Arc<Template>> {
        let own = self.of_agency(kind);
        let others = self.of_today().filter(|each| !each.agencies.contains(&kind)).cloned();
        own.into_iter().chain(others).collect()
    }

    /// One of them.
    pub fn get(&self, code: &str, version: i32) -> Option<&Arc<Template>> {
        self.0.iter().find(|each| each.code == code && each.version == version)
    }

    /// Its newest version.
    pub fn newest(&self, code: &str) -> Option<&Arc<Template>> {
        self.0.iter().rev().find(|each| each.code == code)
    }

    /// The newest versions that agencies of a kind report by, the common core last.
    pub fn of_agency(&self, kind: Kind) -> Vec<Arc<Template>> {
        let mut fit: Vec<_> = self.of_today().filter(|each| each.agencies.contains(&kind)).cloned().collect();
        fit.sort_by_key(|each| each.code == GENERAL);
        fit
    }
}

impl Template {
    /// An item by its code.
    pub fn item(&self, code: &str) -> Option<&Asked> {
        self.items.iter().find(|item| item.code == code)
    }

    /// What stands against each of the answers, by its place.
    pub fn misfits(&self, answers: &[Answer]) -> Vec<(usize, Misfit)> {
        let mut found = Vec::new();
        for (n, answer) in answers.iter().enumerate() {
            match self.item(&answer.item).filter(|item| item.field.is_none()) {
                None => found.push((n, Misfit::Unknown)),
                Some(_) if answers.iter().take(n).any(|before| before.item == answer.item) => {
                    found.push((n, Misfit::Twice));
                }
                Some(item) => found.extend(item.form.misfit(answer).map(|misfit| (n, misfit))),
            }
        }
        found
    }

    /// What has to be answered and is not.
    pub fn unanswered<'t>(&'t self, answers: &'t [Answer]) -> impl Iterator<Item = &'t Asked> {
        let of_answers = self.items.iter().filter(|item| item.required && item.field.is_none());
        of_answers.filter(|item| !answers.iter().any(|answer| answer.item == item.code))
    }
}

impl Form {
    fn misfit(&self, answer: &Answer) -> Option<Misfit> {
        let given = [
            ("text", answer.text.is_some()),
            ("choice", answer.choice.is_some()),
            ("number", answer.number.is_some()),
            ("day", answer.day.is_some()),
        ];
        let field = self.field();
        if let Some((other, _)) = given.iter().find(|(name, is_given)| *is_given && *name != field) {
            return Some(Misfit::Wrong(other));
        }
        let says = match self {
            Self::Text => answer.text.as_ref().map(|text| !text.trim().is_empty()),
            Self::YesNo => answer.choice.as_ref().map(|word| ["YES", "NO"].contains(&word.as_str())),
            Self::Choice(words) => answer.choice.as_ref().map(|word| words.contains(word)),
            Self::Number(least, most) => answer.number.map(|number| (least..=most).contains(&&number)),
            Self::Date => answer.day.map(|_| true),
        };
        match (says, self) {
            (Some(true), _) => None,
            (None, _) | (Some(false), Self::Text) => Some(Misfit::Empty(field)),
            (Some(false), _) => Some(Misfit::Wrong(field)),
        }
    }

    /// The field of an answer that is filled.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::YesNo | Self::Choice(_) => "choice",
            Self::Number(..) => "number",
            Self::Date => "day",
        }
    }
}

impl Head {
    fn template(&self, version: i32, lines: &[Line]) -> Result<Template, Wrong> {
        let kind = |word: &Spanned<String>| Kind::of_word(word.get_ref()).ok_or_else(|| at(word, "no kind of agency"));
        let mut items: Vec<Asked> = Vec::new();
        for line in lines.iter().filter(|line| line.is_in(&self.code, version)) {
            let item = line.item()?;
            if items.iter().any(|before| before.code == item.code) {
                return Err(at(&line.code, "there are two of this name in a template"));
            }
            items.push(item);
        }
        // a form goes from part to part, and the common core begins each
        items.sort_by_key(|item| item.section as u8);
        Ok(Template {
            code: self.code.clone(),
            version,
            name: self.name.clone(),
            agencies: self.agencies.iter().map(kind).collect::<Result<_, _>>()?,
            items,
        })
    }
}

impl Line {
    fn is_in(&self, template: &str, version: i32) -> bool {
        self.template.as_ref().is_none_or(|of| of.get_ref() == template)
            && self.since.is_none_or(|since| since <= version)
            && self.until.is_none_or(|until| until >= version)
    }

    fn item(&self) -> Result<Asked, Wrong> {
        let word = self.answer.as_ref().map(|word| word.get_ref().as_str());
        let form = match (word, &self.choices, self.between) {
            (None, Some(words), None) => Form::Choice(words.clone()),
            (None | Some("TEXT"), None, None) => Form::Text,
            (Some("YES_NO"), None, None) => Form::YesNo,
            (Some("DATE"), None, None) => Form::Date,
            (Some("NUMBER"), None, Some([least, most])) if least <= most => Form::Number(least, most),
            _ => return Err(at(&self.code, "TEXT, YES_NO, DATE, NUMBER with between, or choices")),
        };
        let category = self.category.as_ref();
        let category =
            category.map(|word| category_of(word.get_ref()).ok_or_else(|| at(word, "no category of an item")));
        Ok(Asked {
            code: self.code.get_ref().clone(),
            section: self.section,
            asks: self.asks.clone(),
            says: self.says,
            field: self.field.clone(),
            form,
            required: self.required,
            category: category.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(item: &str) -> Answer {
        Answer { item: item.to_owned(), ..Answer::default() }
    }

    #[test]
    fn every_kind_of_agency_has_a_template_of_its_own_or_the_core() {
        let all = Templates::embedded().unwrap();
        let kinds = all.newest(GENERAL).unwrap().agencies.clone();
        assert_eq!(kinds.len(), 10, "all kinds of agency");
        for kind in kinds {
            assert_eq!(all.of_agency(kind).last().unwrap().code, GENERAL, "{kind:?}");
        }
        for (kind, first) in [(Kind::Police, "POLICE"), (Kind::Education, "SCHOOL"), (Kind::Csc, "SOCIAL_WORK")] {
            assert_eq!(all.of_agency(kind)[0].code, first);
        }
        assert_eq!(all.of_agency(Kind::Health).len(), 4);
    }

    #[test]
    fn every_wrong_answer_is_told_by_its_place() {
        let all = Templates::embedded().unwrap();
        for template in &all.0 {
            for item in template.items.iter().filter(|item| item.field.is_none()) {
                let right = match &item.form {
                    Form::Text => Answer { text: Some("Seen.".to_owned()), ..told(&item.code) },
                    Form::YesNo => Answer { choice: Some("NO".to_owned()), ..told(&item.code) },
                    Form::Choice(words) => Answer { choice: Some(words[0].clone()), ..told(&item.code) },
                    Form::Number(least, _) => Answer { number: Some(*least), ..told(&item.code) },
                    Form::Date => Answer { day: chrono::NaiveDate::from_ymd_opt(2026, 11, 24), ..told(&item.code) },
                };
                assert_eq!(template.misfits(std::slice::from_ref(&right)), [], "{}", item.code);
                assert_eq!(template.misfits(&[right.clone(), right.clone()]), [(1, Misfit::Twice)]);
                assert_eq!(template.misfits(&[told(&item.code)]), [(0, Misfit::Empty(item.form.field()))]);
                let wrong = Answer { text: Some("Words.".to_owned()), number: Some(1), ..right.clone() };
                let found = template.misfits(&[wrong]);
                assert!(matches!(found[..], [(0, Misfit::Wrong(_))]), "in two ways: {found:?}");
                let beyond = match &item.form {
                    Form::YesNo | Form::Choice(_) => Answer { choice: Some("PERHAPS".to_owned()), ..right },
                    Form::Number(_, most) => Answer { number: Some(most + 1), ..right },
                    Form::Text | Form::Date => continue,
                };
                assert_eq!(template.misfits(&[beyond]), [(0, Misfit::Wrong(item.form.field()))], "{}", item.code);
            }
            assert_eq!(template.misfits(&[told("HOROSCOPE")]), [(0, Misfit::Unknown)]);
            assert_eq!(template.misfits(&[told("PAST_HARM")]), [(0, Misfit::Unknown)], "it has a field of its own");
        }
    }

    #[test]
    fn what_is_required_is_named_together() {
        let all = Templates::embedded().unwrap();
        let police = all.newest("POLICE").unwrap();
        let missing: Vec<_> = police.unanswered(&[]).map(|item| item.code.as_str()).collect();
        assert_eq!(missing, ["INCIDENTS", "CRIMINAL_INVESTIGATION"]);
        assert_eq!(all.newest(GENERAL).unwrap().unanswered(&[]).count(), 0);
    }

    #[test]
    fn versions_keep_what_they_asked() {
        let text = r#"
            [[template]]
            code = "T"
            version = 2
            name = "Of two versions"
            agencies = ["POLICE"]
            [[item]]
            code = "OLD"
            section = "CHILD"
            asks = "?"
            says = "FACT"
            until = 1
            [[item]]
            code = "NEW"
            section = "CHILD"
            asks = "?"
            says = "FACT"
            since = 2
        "#;
        let all = Templates::of(text).unwrap();
        assert!(all.get("T", 1).unwrap().item("OLD").is_some() && all.get("T", 1).unwrap().item("NEW").is_none());
        assert!(all.newest("T").unwrap().item("NEW").is_some() && all.get("T", 3).is_none());
        assert!(Templates::of(&text.replace("POLICE", "CIRCUS")).unwrap_err().contains("line 6"));
    }
}
