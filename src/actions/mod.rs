//! The mutations of the API, one noun a file: load in scope, permit, ask practice, write, tell.
//!
//! Each answers the id of what was written; `None` on a dry run that found nothing wrong. A retry with the same key
//! and input answers the same id and writes nothing.

pub mod agency_reference;
pub mod allegation;
pub mod attachment;
pub mod cancelling;
mod checks;
pub mod cin_plan;
pub mod conference;
pub mod conflict;
pub mod core_group;
pub mod deadline;
pub mod delegation;
pub mod designation;
pub mod document;
mod due;
pub mod emergency;
pub mod episode;
pub mod escalation;
pub mod export;
mod following;
pub mod invitation;
pub mod involvement;
pub mod leading;
pub mod letter;
pub mod plan_action;
pub mod putting_off;
pub mod record;
pub mod report;
mod report_checks;
pub mod report_sending;
pub mod report_signing;
pub mod restricted;
pub mod review;
pub mod strategy_meeting;
pub mod transfer;
pub mod webhook;

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::clock::london_day;
use crate::error::{Error, Problem, ProblemCode, Result};
use crate::practice::calendar::Calendar;
use crate::practice::states::{Act, State};
use crate::store::Tx;

/// What a write answers: the id of what was written, or `None` on a dry run.
pub type Done = Option<uuid::Uuid>;

/// Collects findings about an input, so that a caller hears all of them at once.
#[derive(Debug, Default)]
struct Findings(Vec<Problem>);

impl Findings {
    fn add(&mut self, field: impl Into<String>, code: ProblemCode, message: impl Into<String>) {
        self.0.push(Problem::new(field, code, message));
    }

    /// True if something stands against a field already.
    fn names(&self, field: &str) -> bool {
        self.0.iter().any(|problem| problem.field == field)
    }

    /// A text that must say something and keep within `max` characters.
    fn text(&mut self, field: &str, value: &str, max: usize) {
        if value.trim().is_empty() {
            self.add(field, ProblemCode::Required, "Say something here.");
        }
        self.length(field, value, max);
    }

    /// A text that may be left out.
    fn text_opt(&mut self, field: &str, value: Option<&str>, max: usize) {
        if let Some(value) = value {
            self.length(field, value, max);
        }
    }

    fn length(&mut self, field: &str, value: &str, max: usize) {
        if value.chars().count() > max {
            self.add(field, ProblemCode::TooLong, format!("At most {max} characters."));
        }
        // PostgreSQL keeps none, SQLite cuts some readings there
        if value.contains('\0') {
            self.add(field, ProblemCode::Invalid, "A text holds no zero character.");
        }
    }

    /// A list with at least one and at most `max` entries, none twice.
    fn list<T: PartialEq>(&mut self, field: &str, values: &[T], max: usize) {
        if values.is_empty() {
            self.add(field, ProblemCode::Required, "Name at least one.");
        }
        if values.len() > max {
            self.add(field, ProblemCode::TooMany, format!("At most {max}."));
            return;
        }
        for (i, value) in values.iter().enumerate() {
            if values.iter().take(i).any(|before| before == value) {
                self.add(format!("{field}.{i}"), ProblemCode::Duplicate, "Named twice.");
            }
        }
    }

    /// That something may happen to a record in its state. Of a record that is over nothing more is asked.
    fn may<S: State, T>(&mut self, field: &str, act: &Act<S, T>, state: S) -> Result<()> {
        let Some(refusal) = act.refusal(state) else { return Ok(()) };
        let code = if refusal.over { ProblemCode::AlreadyConcluded } else { ProblemCode::WrongState };
        self.add(field, code, refusal.message);
        if refusal.over { std::mem::take(self).into_result() } else { Ok(()) }
    }

    /// The same of what happens once: it is done already where the record is in the state that it leads to.
    fn once<S: State>(&mut self, field: &str, act: &Act<S>, state: S) -> Result<()> {
        let Some(refusal) = act.refusal(state).filter(|_| state == act.to) else { return self.may(field, act, state) };
        self.add(field, ProblemCode::AlreadyDone, refusal.message);
        std::mem::take(self).into_result()
    }

    fn into_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

/// The expected version against the one that stands.
fn expect_version(expected: i64, stands: i64) -> Result<()> {
    if expected == stands { Ok(()) } else { Err(Error::Stale) }
}

/// Working days of notice between being told and a meeting.
fn notice(calendar: &Calendar, field: &str, told: DateTime<Utc>, at: DateTime<Utc>) -> Result<i32> {
    calendar.notice(london_day(told), london_day(at)).map_err(|e| beyond_calendar(field, e))
}

/// The calendar that is counted with from an instant. What has happened is recorded though its table ends before: it is
/// counted as if a year that is not listed had no holidays. What is to come is not set there.
fn counting(tx: &Tx, at: DateTime<Utc>) -> Cow<'_, Calendar> {
    if at <= tx.who().at { Cow::Owned(tx.calendar().guessing()) } else { Cow::Borrowed(tx.calendar()) }
}

fn beyond_calendar(field: &str, year: crate::practice::calendar::YearNotListed) -> Error {
    Error::problem(field, ProblemCode::WrongTime, format!("The bank holidays of {} are not listed yet.", year.0))
}
