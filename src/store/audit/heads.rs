//! Signed heads outside the database: whoever cuts the record's tail or brings an old copy back cannot take back what
//! this file says the record had reached.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::SecondsFormat;

use super::AuditSettings;
use super::chain::Head;
use super::key::{AuditKey, hex, unhex};
use crate::clock::Clock;

/// Keeps the file of signed heads.
pub(super) struct Heads {
    key: Arc<AuditKey>,
    clock: Clock,
    file: PathBuf,
    every: Duration,
    rows: i64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The newest head this process committed.
    reached: Option<Head>,
    /// The sequence signed last; none yet since the start.
    signed: Option<i64>,
}

impl Heads {
    pub(super) fn new(key: Arc<AuditKey>, clock: Clock, settings: &AuditSettings) -> Self {
        Self {
            key,
            clock,
            file: settings.heads_file.clone(),
            every: Duration::from_secs(settings.head_every_seconds.max(1)),
            rows: settings.head_every_rows.max(1),
            state: Mutex::default(),
        }
    }

    pub(super) const fn every(&self) -> Duration {
        self.every
    }

    /// Takes note of a head that was committed, and signs it in the background if enough rows have come.
    pub(in crate::store) fn reached(self: &Arc<Self>, head: Head) {
        let due = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.reached.as_ref().is_none_or(|before| before.sequence < head.sequence) {
                state.reached = Some(head);
            }
            let reached = state.reached.as_ref().map_or(0, |head| head.sequence);
            state.signed.is_none_or(|signed| reached - signed >= self.rows)
        };
        if due {
            let heads = self.clone();
            // a disk that is slow to confirm must not keep the next batch waiting
            tokio::task::spawn_blocking(move || heads.sign());
        }
    }

    /// Signs the newest head, if it is not signed yet. A failure is told and tried again the next time: the rows
    /// themselves are safe.
    pub(super) fn sign(&self) {
        let Some(head) = self.claim() else { return };
        let at = self.clock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
        let text = format!("{} {} {at}", head.sequence, hex(&head.hash));
        let line = format!("{text} {}\n", self.key.sign(&signed_text(&text)));
        if let Err(error) = append(&self.file, &line) {
            tracing::error!(kind = %error.kind(), "the head of the access record cannot be signed");
            self.state.lock().unwrap_or_else(PoisonError::into_inner).signed = None;
        }
    }

    /// The newest head, if nobody has signed it or is about to.
    fn claim(&self) -> Option<Head> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let head = state.reached.clone().filter(|head| state.signed != Some(head.sequence))?;
        state.signed = Some(head.sequence);
        Some(head)
    }
}

fn signed_text(text: &str) -> String {
    format!("quorate audit head 1\n{text}")
}

fn append(file: &Path, line: &str) -> std::io::Result<()> {
    let mut file: File = OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(line.as_bytes())?;
    file.sync_data()
}

/// The heads of a file, oldest first.
///
/// # Errors
/// A sentence with the line that is not signed with this key.
pub(super) fn read(file: &Path, key: &AuditKey) -> Result<Vec<Head>, String> {
    let text =
        std::fs::read_to_string(file).map_err(|e| format!("the signed heads {}: {}", file.display(), e.kind()))?;
    let mut heads = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let head = line.rsplit_once(' ').and_then(|(text, signature)| {
            if !key.signed(&signed_text(text), signature) {
                return None;
            }
            let mut words = text.split(' ');
            Some(Head { sequence: words.next()?.parse().ok()?, hash: unhex(words.next()?)? })
        });
        // a line that was being written when the machine stopped has no end
        let torn = i + 1 == text.lines().count() && !text.ends_with('\n');
        match head {
            Some(head) => heads.push(head),
            None if torn => {}
            None => return Err(format!("line {} of the signed heads is not signed with this key", i + 1)),
        }
    }
    Ok(heads)
}
