//! Writing on the records of meetings, enquiries and plans, and finishing their steps.
//!
//! What has happened can be written whatever a rule says; what a rule holds up is a finishing step, which names everything
//! that is missing at once.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::enquiry::Outcome;
use entity::entry::Audience;
use entity::finished_step::Step;
use entity::id::{AgencyId, ChildId, EnquiryId, EntryId, FinishedStepId, PersonId};

use super::{Done, Findings, due, expect_version};
use crate::error::{Error, ProblemCode, Result};
use crate::event::Event;
use crate::policy::actions::{FinishStep, RecordEntries};
use crate::policy::records::{Finishing, Writing, Written};
use crate::practice::contingency::is_more_than_legal_advice;
use crate::practice::gaps::{Sheet, Subject};
use crate::practice::items::{Answer, Beside, Item, Per};
use crate::practice::overruling;
use crate::practice::smart::has_an_end;
use crate::practice::standards::{Book, Hold};
use crate::practice::states::of_attendance_trouble::{self as trouble, Trouble};
use crate::practice::steps::{leads_to, refusal};
use crate::store::record::entry::{NewEntry, Place, last_line};
use crate::store::record::{Locked, RecordId};
use crate::store::{Begun, Scoped, Tx, Write};

/// An answer to an item.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The item, by its code.
    pub item: String,
    /// About which child.
    pub child: Option<ChildId>,
    /// About which agency.
    pub agency: Option<AgencyId>,
    /// About which adult of the family.
    pub person: Option<PersonId>,
    /// Which of several answers; the next, where none is named.
    pub line: Option<i32>,
    /// `YES`, `NO`, or a word of the item.
    pub choice: Option<String>,
    /// A number.
    pub number: Option<i32>,
    /// An instant.
    pub at: Option<DateTime<Utc>>,
    /// Words.
    pub text: Option<String>,
    /// A time in words.
    pub timescale: Option<String>,
    /// Why not.
    pub reason_not: Option<String>,
    /// The entry it takes the place of.
    pub replaces: Option<EntryId>,
    /// True to take that entry back and write none.
    pub withdraw: bool,
}

/// Input of [`record_entries`].
#[derive(Clone, Debug)]
pub struct RecordInput {
    /// On which record.
    pub record: RecordId,
    /// What.
    pub entries: Vec<Entry>,
}

/// An item that holds bottom lines: they change in a conference, and not after it (BIR-CF-11).
const BOTTOM_LINE: &str = "BOTTOM_LINE";
/// The chair's power to overrule a decision to end a plan: where the authority has given it (LAN-DE-02).
const OVERRULING: (&[&str], &str) = (&[overruling::DECISION, "OVERRULED_BECAUSE"], overruling::RULE);
/// An item whose words have to be more than legal advice, by this rule.
const CONTINGENCY: (&str, &str) = ("CONTINGENCY", "WAR-PL-04");
/// The rules that refuse a time without an end.
const TIMED: [&str; 2] = ["WAR-PL-01", "WAR-CN-07"];

/// Writes answers on a record.
pub async fn record_entries(scope: &Scoped, write: &Write, input: RecordInput) -> Result<Done> {
    let mut findings = Findings::default();
    if input.entries.is_empty() {
        findings.add("entries", ProblemCode::Required, "Name at least one.");
    }
    if input.entries.len() > 100 {
        findings.add("entries", ProblemCode::TooMany, "At most 100.");
    }
    let tx = match scope.begin::<RecordEntries>(write, input.record.uuid()).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let locked = tx.lock_record(input.record).await?;
    findings.into_result()?;
    let mut findings = Findings::default();
    let practice = scope.store().practice().clone();
    let items = practice.standards.items();
    let mut known: Vec<(usize, &Entry, &Item)> = Vec::new();
    for (i, entry) in input.entries.iter().enumerate() {
        if let Some(item) = items.get(&entry.item).filter(|item| item.record == input.record.kind()) {
            known.push((i, entry, item));
        } else {
            let field = format!("entries.{i}.item");
            findings.add(field, ProblemCode::UnknownReference, "No item of this record has this code.");
        }
    }
    let each = known.iter().map(|(_, entry, item)| Written { by: item.by.clone(), agency: entry.agency });
    let writing = Writing { entries: each.collect(), at_the_table: locked.at_the_table(&tx) };
    let permit = tx.permit::<RecordEntries, _>(locked, &writing)?;
    let sheet = tx.sheet(input.record).await?;
    let book = practice.standards.book(tx.profile().await?);
    let strangers = check_subjects(&tx, &sheet, &known, &mut findings).await?;
    for (i, entry, item) in &known {
        check_answer(&format!("entries.{i}"), entry, item, &mut findings);
        check_done(&format!("entries.{i}"), entry, (item, tx.who().at), &mut findings);
        check_rules(&format!("entries.{i}"), entry, (item, book, &sheet), &mut findings);
    }
    // of whom the writer may not know, nothing else is told either: what stands about them, or that anything does
    known.retain(|(i, ..)| !strangers.contains(i));
    for (i, entry, _) in &known {
        check_trouble(&format!("entries.{i}"), entry, &sheet, &mut findings)?;
    }
    check_bottom_lines(&tx, permit.row(), &known, &mut findings).await?;
    let standing = tx.standing_entries(input.record).await?;
    let (superseded, new) = placed(&tx, &standing, &known, &mut findings)?;
    findings.into_result()?;
    let (on, told) = (permit.row().on, told_to(&known));
    tx.record_entries(permit, &superseded, new).await?;
    due::entries_recorded(&tx, input.record, &sheet, &known).await?;
    let overruled = overruled_by(&sheet, input.record, &known);
    tx.commit_with::<RecordEntries>(Event::EntryRecorded(on, told), overruled).await
}

/// That the chair overruled a conference is told once the plan goes on by its outcome.
fn overruled_by(sheet: &Sheet, record: RecordId, known: &[(usize, &Entry, &Item)]) -> Option<Event> {
    let overrules =
        |entry: &Entry| !entry.withdraw && entry.child.is_some_and(|child| overruling::is_overruled(sheet, child));
    let any = known.iter().any(|(_, entry, item)| item.code == overruling::DECISION && overrules(entry));
    record.conference().filter(|_| any).map(Event::ConferenceDecisionOverruled)
}

/// Who is told of a write: those who read the widest read of its entries.
fn told_to(known: &[(usize, &Entry, &Item)]) -> Audience {
    let is = |audience| known.iter().any(|(_, _, item)| item.audience == audience);
    match (is(Audience::Meeting), is(Audience::Chair)) {
        (true, _) => Audience::Meeting,
        (false, true) => Audience::Chair,
        (false, false) => Audience::SocialCare,
    }
}

/// Whom entries are about: somebody of the record, and somebody the writer sees. Answers which are about somebody else.
async fn check_subjects(
    tx: &Tx,
    sheet: &Sheet,
    known: &[(usize, &Entry, &Item)],
    findings: &mut Findings,
) -> Result<BTreeSet<usize>> {
    let children: BTreeSet<_> = known.iter().filter_map(|(_, entry, _)| entry.child).collect();
    let children: Vec<_> = children.into_iter().collect();
    let seen: Vec<_> = tx.children(&children).await?.into_iter().map(|child| child.id).collect();
    let persons: BTreeSet<_> = known.iter().filter_map(|(_, entry, _)| entry.person).collect();
    let persons = tx.persons(&persons.into_iter().collect::<Vec<_>>()).await?;
    let names_any = known.iter().any(|(_, entry, _)| entry.agency.is_some());
    let agencies = if names_any { tx.agencies_known(sheet).await? } else { BTreeSet::new() };
    let mut strangers = BTreeSet::new();
    for (i, entry, item) in known {
        // whether a report came is a fact that changes; why it did not can be written all the same
        let per = if item.per == Per::Unreported { Per::Agency } else { item.per };
        let (field, message) = match item.per {
            Per::Record => ("item", "This is asked of the record as a whole: name nobody."),
            Per::Child | Per::HouseholdChild => ("childId", "This is asked about a child of the record."),
            Per::Parent => ("personId", "This is asked about an adult with parental responsibility."),
            Per::Father => ("personId", "This is asked about a father."),
            Per::Agency | Per::Unreported => ("agencyId", "This is asked about an agency of the record."),
            Per::ChildAndAgency => ("childId", "This is asked about a child and an agency of the record."),
        };
        let in_sight = entry.child.is_none_or(|child| seen.contains(&child))
            && entry.person.is_none_or(|person| persons.contains(&person))
            && entry.agency.is_none_or(|agency| agencies.contains(&agency));
        if !in_sight || !sheet.has(per, subject(entry)) {
            findings.add(format!("entries.{i}.{field}"), ProblemCode::UnknownReference, message);
            strangers.insert(*i);
        }
    }
    Ok(strangers)
}

const fn subject(entry: &Entry) -> Subject {
    Subject { child: entry.child, agency: entry.agency, person: entry.person }
}

/// An answer of the form that its item has.
fn check_answer(field: &str, entry: &Entry, item: &Item, findings: &mut Findings) {
    findings.text_opt(&format!("{field}.text"), entry.text.as_deref(), 10_000);
    findings.text_opt(&format!("{field}.timescale"), entry.timescale.as_deref(), 200);
    findings.text_opt(&format!("{field}.reasonNot"), entry.reason_not.as_deref(), 2000);
    let says = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let (has_text, has_reason) = (says(&entry.text), says(&entry.reason_not));
    if entry.withdraw {
        let empty = entry.choice.is_none()
            && entry.number.is_none()
            && entry.at.is_none()
            && entry.text.is_none()
            && entry.timescale.is_none()
            && entry.reason_not.is_none();
        if !empty || entry.replaces.is_none() {
            let message = "What is taken back is named in replacesId, with no answer beside it.";
            findings.add(format!("{field}.withdraw"), ProblemCode::Invalid, message);
        }
        return;
    }
    let mut takes = |name: &str, given: bool, takes: bool| {
        if given && !takes {
            findings.add(format!("{field}.{name}"), ProblemCode::Invalid, "This item takes none.");
        }
    };
    takes("text", entry.text.is_some(), item.takes(Beside::Text));
    takes("at", entry.at.is_some(), item.takes(Beside::At));
    takes("timescale", entry.timescale.is_some(), item.takes(Beside::Timescale));
    takes("reasonNot", entry.reason_not.is_some(), item.or_reason);
    takes("choice", entry.choice.is_some(), entry.choice.as_deref().is_none_or(|choice| item.allows(choice)));
    takes("number", entry.number.is_some(), matches!(item.answer, Answer::Number(..)));
    let answered = match &item.answer {
        Answer::Text => has_text,
        Answer::YesNo | Answer::Choice(_) => entry.choice.is_some(),
        Answer::At => entry.at.is_some(),
        Answer::Number(least, most) => {
            if entry.number.is_some_and(|number| number < *least || number > *most) {
                let message = format!("Between {least} and {most}.");
                findings.add(format!("{field}.number"), ProblemCode::Invalid, message);
            }
            entry.number.is_some()
        }
    };
    let excused = item.or_reason && has_reason;
    if !(answered || excused) {
        let name = match &item.answer {
            Answer::Text => "text",
            Answer::YesNo | Answer::Choice(_) => "choice",
            Answer::At => "at",
            Answer::Number(..) => "number",
        };
        findings.add(format!("{field}.{name}"), ProblemCode::Required, "The item is answered by this.");
    }
    // where a step waits for it, it stays missing there until it is whole
    if item.step.is_none() && !has_text && item.wants_words(entry.choice.as_deref()) {
        findings.add(format!("{field}.text"), ProblemCode::Required, "Say why.");
    }
    let lined = item.many || item.line_of.is_some();
    if entry.line.is_some_and(|line| !(1..=500).contains(&line) || (line != 1 && !lined)) {
        findings.add(
            format!("{field}.line"),
            ProblemCode::Invalid,
            "Between 1 and 500, where an item has several answers.",
        );
    }
    if item.line_of.is_some() && entry.line.is_none() {
        findings.add(format!("{field}.line"), ProblemCode::Required, "Name the line it belongs to.");
    }
}

/// What an item says was done has been done: not in a time to come.
fn check_done(field: &str, entry: &Entry, (item, now): (&Item, DateTime<Utc>), findings: &mut Findings) {
    if item.says_when_done() && entry.at.is_some_and(|at| at > now) {
        findings.add(format!("{field}.at"), ProblemCode::WrongTime, "It is recorded once it was done.");
    }
}

/// What an authority refuses to have written: powers it has not given, times without an end, and a contingency that is none.
fn check_rules(field: &str, entry: &Entry, (item, book, sheet): (&Item, &Book, &Sheet), findings: &mut Findings) {
    let (powers, rule) = OVERRULING;
    if powers.contains(&item.code.as_str()) && book.hold(rule, sheet.on) == Hold::Off {
        let message = format!("This authority's chairs overrule no conference ({rule}).");
        findings.add(format!("{field}.item"), ProblemCode::RuleRefused, message);
    } else if item.code == overruling::DECISION
        && !entry.withdraw
        && entry.child.is_some_and(|child| overruling::contradicts(sheet, child))
    {
        let message = format!("Overruled is a decision to end a plan: it goes on, and here it does not ({rule}).");
        findings.add(format!("{field}.choice"), ProblemCode::RuleRefused, message);
    }
    let refuses = |rule: &&&str| book.hold(rule, sheet.on) == Hold::Refuse;
    if item.takes(Beside::Timescale) && !entry.withdraw {
        // a day beside «ongoing» does not make it one that ends
        let said = entry.timescale.as_deref().filter(|said| !said.trim().is_empty());
        let timed = said.map_or(entry.at.is_some(), has_an_end);
        if let Some(rule) = TIMED.iter().find(refuses).filter(|_| !timed) {
            let message = format!("Say by when it is done: a time with an end ({rule}).");
            findings.add(format!("{field}.timescale"), ProblemCode::RuleRefused, message);
        }
    }
    let (contingency, rule) = CONTINGENCY;
    let empty = entry.text.as_deref().is_some_and(|text| !is_more_than_legal_advice(text));
    if item.code == contingency && empty && refuses(&&rule) {
        let message = format!("Say what is done besides legal advice ({rule}).");
        findings.add(format!("{field}.text"), ProblemCode::RuleRefused, message);
    }
}

/// Trouble with attendance goes on and not back: what is written over what stands comes after it.
fn check_trouble(field: &str, entry: &Entry, sheet: &Sheet, findings: &mut Findings) -> Result<()> {
    let word = |choice: &Option<String>| choice.as_deref().and_then(Trouble::of_word);
    let (true, Some(next)) = (entry.item == trouble::ITEM && entry.replaces.is_some(), word(&entry.choice)) else {
        return Ok(());
    };
    let stands = sheet.said.iter().find(|said| said.item == entry.item && said.subject == subject(entry));
    match stands.and_then(|said| word(&said.choice)) {
        Some(stands) => findings.may(&format!("{field}.choice"), &trouble::leading_to(next), stands),
        None => Ok(()),
    }
}

async fn check_bottom_lines(
    tx: &Tx,
    locked: &Locked,
    known: &[(usize, &Entry, &Item)],
    findings: &mut Findings,
) -> Result<()> {
    let named = known.iter().filter(|(_, _, item)| item.code == BOTTOM_LINE);
    let named: Vec<_> = named.map(|(i, ..)| *i).collect();
    if named.is_empty() || !tx.finished_steps(locked.id).await?.contains(&Step::Minutes) {
        return Ok(());
    }
    for i in named {
        let message = "Bottom lines change in the next conference (BIR-CF-11): the minutes of this one are finished.";
        findings.add(format!("entries.{i}.item"), ProblemCode::RuleRefused, message);
    }
    Ok(())
}

/// Where each entry stands, and what it takes the place of. Who writes over an answer names it: nobody writes over one
/// that they have not read.
fn placed(
    tx: &Tx,
    standing: &HashMap<Place, EntryId>,
    known: &[(usize, &Entry, &Item)],
    findings: &mut Findings,
) -> Result<(Vec<EntryId>, Vec<NewEntry>)> {
    let (mut superseded, mut new) = (Vec::new(), Vec::new());
    let mut taken: BTreeSet<Place> = BTreeSet::new();
    // those of one write stand in the order they were sent: lists go by the instant, then by the id
    let mut ids: Vec<EntryId> = known.iter().map(|_| EntryId(tx.new_id())).collect();
    ids.sort_unstable();
    for ((i, entry, item), id) in known.iter().zip(ids) {
        let replaced = |id: EntryId| standing.iter().find(|(_, other)| **other == id).map(|(place, _)| place.2);
        let line = match (entry.line, entry.replaces) {
            (Some(line), _) => line,
            (None, Some(id)) => replaced(id).unwrap_or(1),
            (None, None) if item.many => last_line(standing.keys().chain(&taken), &entry.item, subject(entry)) + 1,
            (None, None) => 1,
        };
        let place = (entry.item.clone(), subject(entry), line);
        match (standing.get(&place), entry.replaces) {
            (Some(stands), Some(named)) if *stands == named => superseded.push(named),
            (None, None) => {}
            (Some(_), None) => {
                let message = "There is an answer already: name the one you have read.";
                findings.add(format!("entries.{i}.replacesId"), ProblemCode::AlreadyDone, message);
            }
            (_, Some(_)) => return Err(Error::Stale),
        }
        if !taken.insert(place) {
            findings.add(format!("entries.{i}"), ProblemCode::Duplicate, "Answered twice.");
        }
        if !entry.withdraw {
            new.push(NewEntry {
                id,
                item: entry.item.clone(),
                audience: item.audience,
                subject: subject(entry),
                line,
                choice: entry.choice.clone(),
                number: entry.number,
                at: entry.at,
                text: entry.text.clone(),
                timescale: entry.timescale.clone(),
                reason_not: entry.reason_not.clone(),
            });
        }
    }
    Ok((superseded, new))
}

/// Input of [`finish_step`].
#[derive(Clone, Debug)]
pub struct Finish {
    /// Of which record.
    pub record: RecordId,
    /// Which step.
    pub step: Step,
    /// The version the caller read, where the record has one.
    pub expected_version: Option<i64>,
    /// What was agreed, for the outcome of an enquiry.
    pub outcome: Option<Outcome>,
}

/// Finishes a step of a record; refused, with everything that is missing, where its authority holds it so.
pub async fn finish_step(scope: &Scoped, write: &Write, input: Finish) -> Result<Done> {
    let mut findings = Findings::default();
    let tx = match scope.begin::<FinishStep>(write, input.record.uuid()).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replayed(id) => return Ok(Some(id)),
    };
    let locked = tx.lock_record(input.record).await?;
    let finishing = Finishing { step: input.step, chairs: locked.chairs(&tx) };
    let permit = tx.permit::<FinishStep, _>(locked, &finishing)?;
    if let (Some(expected), Some(stands)) = (input.expected_version, permit.row().version) {
        expect_version(expected, stands)?;
    }
    let behind = tx.finished_steps(input.record).await?;
    if let Some(why) = refusal(input.step, input.record.kind(), &permit.row().state, &behind) {
        findings.add("step", ProblemCode::WrongState, why);
        return findings.into_result().map(|()| None);
    }
    if input.outcome.is_some() != (input.step == Step::EnquiryOutcome) {
        let code = if input.outcome.is_some() { ProblemCode::Invalid } else { ProblemCode::Required };
        findings.add("outcome", code, "The outcome of an enquiry is given with its last step, and with no other.");
    }
    let sheet = tx.sheet(input.record).await?;
    let practice = scope.store().practice().clone();
    let book = practice.standards.book(tx.profile().await?);
    for gap in sheet.missing(practice.standards.items(), book, Some(input.step)) {
        if gap.hold == Hold::Refuse {
            let message = format!("{} ({})", gap.asks, gap.rules.join(", "));
            findings.add(format!("missing.{}", gap.item), ProblemCode::Missing, message);
        }
    }
    findings.into_result()?;
    let (on, version) = (permit.row().on, permit.row().version.unwrap_or_default());
    tx.finish_step(permit, FinishedStepId(tx.new_id()), input.step).await?;
    due::step_finished(&tx, input.record, input.step, &sheet).await?;
    match (input.record, leads_to(input.step)) {
        (RecordId::Enquiry(enquiry), _) => advance(&tx, enquiry, version, &sheet, input.outcome).await?,
        (RecordId::Plan(plan), Some(state)) => tx.advance_plan(plan, state).await?,
        _ => {}
    }
    tx.commit::<FinishStep>(Event::StepFinished(on)).await
}

async fn advance(tx: &Tx, id: EnquiryId, version: i64, sheet: &Sheet, outcome: Option<Outcome>) -> Result<()> {
    tx.advance_enquiry(id, version, outcome).await?;
    match outcome {
        // an enquiry that leads to no conference ends its clock
        Some(outcome) if outcome != Outcome::Conference => {
            due::enquiry_without_conference(tx, &sheet.child_ids()).await
        }
        Some(_) | None => Ok(()),
    }
}
