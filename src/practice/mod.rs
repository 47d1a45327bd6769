//! What the practice sources say, as pure functions: no database, no clock of their own.

pub mod attendance;
pub mod calendar;
pub mod chronology;
pub mod circulation;
pub mod contingency;
pub mod deadlines;
pub mod episode;
pub mod following;
pub mod gaps;
pub mod items;
pub mod letters;
pub mod numbers;
pub mod outcomes;
pub mod overruling;
pub mod paths;
pub mod patterns;
pub mod quorum;
pub mod reckoning;
pub mod retention;
pub mod scoring;
pub mod smart;
pub mod standards;
pub mod states;
pub mod steps;
pub mod suppression;
pub mod templates;
pub mod visits;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use serde::Deserialize;

use self::calendar::Calendar;
use self::standards::Standards;
use self::templates::Templates;

/// Where calendar and profiles are read from; what comes with the program where nothing is said.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PracticeSettings {
    /// A table of bank holidays in the form the government publishes, in place of the one that comes with the program.
    pub bank_holidays_file: Option<PathBuf>,
    /// Further bank holidays. A year counts once it has its eight.
    #[serde(default)]
    pub more_bank_holidays: Vec<NaiveDate>,
    /// Days on which nobody works besides.
    #[serde(default)]
    pub closed_days: Vec<NaiveDate>,
    /// A folder with profiles, in place of those that come with the program.
    pub profiles_folder: Option<PathBuf>,
}

/// The calendar and the standards that deadlines are made by.
#[derive(Clone, Debug)]
pub struct Practice {
    /// Working days.
    pub calendar: Calendar,
    /// What each authority holds.
    pub standards: Standards,
    /// What reports are written by.
    pub templates: Templates,
}

impl Practice {
    /// Reads what the settings name.
    ///
    /// # Errors
    /// What cannot be read or meant, with file and line.
    pub fn read(settings: &PracticeSettings) -> Result<Self, String> {
        let calendar = match &settings.bank_holidays_file {
            None => Calendar::embedded().clone(),
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {}", file.display(), e.kind()))?;
                Calendar::from_json(&text).map_err(|error| format!("{}: {error}", file.display()))?
            }
        };
        let calendar = calendar.with(settings.more_bank_holidays.iter().copied(), settings.closed_days.iter().copied());
        let standards = match &settings.profiles_folder {
            None => Standards::embedded()?,
            Some(folder) => Standards::read(folder)?,
        };
        Ok(Self { calendar, standards, templates: Templates::embedded()? })
    }

    /// What comes with the program.
    pub fn embedded() -> Arc<Self> {
        static EMBEDDED: OnceLock<Arc<Practice>> = OnceLock::new();
        let make = || {
            // files that a test reads: without them nothing would be due
            let standards = Standards::embedded().unwrap_or_default();
            let templates = Templates::embedded().unwrap_or_default();
            Arc::new(Self { calendar: Calendar::embedded().clone(), standards, templates })
        };
        EMBEDDED.get_or_init(make).clone()
    }
}
