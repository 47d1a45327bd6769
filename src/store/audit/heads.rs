//! Signed heads outside the database: whoever cuts the record's tail or brings an old copy back cannot take back what
//! this file says the record had reached.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
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

    /// The newest head this process committed.
    pub(super) fn newest(&self) -> Option<Head> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).reached.clone()
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
    let mut file: File = OpenOptions::new().create(true).append(true).read(true).open(file)?;
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(-1)).is_ok() {
        file.read_exact(&mut last)?;
    }
    // a line that was being written when the machine stopped must not spoil the next one
    let line = if last == *b"\n" { line.to_owned() } else { format!("\n{line}") };
    file.write_all(line.as_bytes())?;
    file.sync_data()
}

/// The heads of a file, in its order.
///
/// # Errors
/// A sentence with the line that is not signed with this key.
pub(super) fn read(file: &Path, key: &AuditKey) -> Result<Vec<Head>, String> {
    let text =
        std::fs::read_to_string(file).map_err(|e| format!("the signed heads {}: {}", file.display(), e.kind()))?;
    let mut heads = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let words: Vec<_> = line.split(' ').collect();
        // a line that the machine stopped in has not all of its words; whoever can cut a line can take it out as well
        let [sequence, hash, _, signature] = words.as_slice() else { continue };
        if signature.len() < 64 {
            continue;
        }
        let text = line.rsplit_once(' ').map(|(text, _)| text).unwrap_or_default();
        let head = sequence.parse().ok().zip(unhex(hash)).map(|(sequence, hash)| Head { sequence, hash });
        match head.filter(|_| key.signed(&signed_text(text), signature)) {
            Some(head) => heads.push(head),
            None => return Err(format!("line {} of the signed heads is not signed with this key", i + 1)),
        }
    }
    Ok(heads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_passed_over_and_a_changed_one_is_not() {
        let name = format!("quorate_heads_{}", crate::clock::Clock::system().new_id().simple());
        let file = |ending: &str| std::env::temp_dir().join(format!("{name}.{ending}"));
        let settings = AuditSettings { head_every_rows: 1, ..AuditSettings::of(file("key"), file("heads")) };
        let key = Arc::new(AuditKey::load_or_create(&settings.key_file).unwrap());
        let heads = Heads::new(key.clone(), crate::clock::Clock::system(), &settings);
        let sign = |sequence| {
            heads.state.lock().unwrap().reached = Some(Head { sequence, hash: vec![7; 32] });
            heads.sign();
        };
        sign(1);
        sign(2);
        let whole = std::fs::read_to_string(&settings.heads_file).unwrap();
        std::fs::write(&settings.heads_file, &whole[..whole.len() - 9]).unwrap();
        sign(3);
        let sequences = |heads: Vec<Head>| heads.iter().map(|head| head.sequence).collect::<Vec<_>>();
        assert_eq!(sequences(read(&settings.heads_file, &key).unwrap()), [1, 3]);
        std::fs::write(&settings.heads_file, whole.replacen("2 07", "2 08", 1)).unwrap();
        assert_eq!(
            read(&settings.heads_file, &key).unwrap_err(),
            "line 2 of the signed heads is not signed with this key"
        );
        for path in [settings.key_file, settings.heads_file] {
            std::fs::remove_file(path).unwrap();
        }
    }
}
