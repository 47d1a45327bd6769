//! The key of the access record: pseudonyms of whom a row is about, and signatures of its heads.

use std::collections::HashMap;
use std::path::Path;

use aws_lc_rs::hmac;
use uuid::Uuid;

use super::ledger::Subject;

/// Bytes of a fresh key, and the least of one that is accepted.
const BYTES: usize = 32;

/// A key that is kept outside the database.
pub struct AuditKey(hmac::Key);

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditKey")
    }
}

impl AuditKey {
    /// The key of a file.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn load(path: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|e| format!("the audit key {}: {}", path.display(), e.kind()))?;
        if bytes.len() < BYTES {
            return Err(format!("the audit key {} is shorter than {BYTES} bytes", path.display()));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The key of a file; made there, readable by its owner only, where there is none.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn load_or_create(path: &Path) -> Result<Self, String> {
        if !path.exists() {
            let mut bytes = [0_u8; BYTES];
            aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "the machine gives no randomness".to_owned())?;
            create(path, &bytes).map_err(|e| format!("the audit key {}: {}", path.display(), e.kind()))?;
        }
        Self::load(path)
    }

    /// What stands for `id` in the record: HMAC-SHA256, cut to 128 bits. The noun is part of it, so that no id of
    /// another kind can be mistaken for it.
    pub fn pseudonym(&self, noun: &str, id: Uuid) -> Uuid {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"pseudonym\0");
        context.update(noun.as_bytes());
        context.update(b"\0");
        context.update(id.as_bytes());
        let tag = context.sign();
        let (first, _) = tag.as_ref().split_at_checked(16).unwrap_or_default();
        Uuid::from_slice(first).unwrap_or_default()
    }

    /// A key for something else, which tells nothing of this one.
    pub fn derive(&self, label: &str) -> [u8; BYTES] {
        let mut key = [0; BYTES];
        let tag = hmac::sign(&self.0, &[b"derive\0", label.as_bytes()].concat());
        key.copy_from_slice(tag.as_ref());
        key
    }

    /// The signature of a text, in hex.
    pub(super) fn sign(&self, text: &str) -> String {
        hex(hmac::sign(&self.0, text.as_bytes()).as_ref())
    }

    /// True if `signature` is that of `text`.
    pub(super) fn signed(&self, text: &str, signature: &str) -> bool {
        unhex(signature).is_some_and(|tag| hmac::verify(&self.0, text.as_bytes(), &tag).is_ok())
    }
}

/// The pseudonyms of one answer, each of which is made once.
pub(super) struct Pseudonyms<'k> {
    key: &'k AuditKey,
    made: HashMap<Subject, Uuid>,
}

impl<'k> Pseudonyms<'k> {
    pub(super) fn by(key: &'k AuditKey) -> Self {
        Self { key, made: HashMap::new() }
    }

    pub(super) fn of(&mut self, (noun, id): Subject) -> Uuid {
        *self.made.entry((noun, id)).or_insert_with(|| self.key.pseudonym(noun, id))
    }
}

fn create(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// Lower-case hex.
pub(in crate::store) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        hex.push(digit(byte >> 4));
        hex.push(digit(byte & 0xf));
    }
    hex
}

/// The bytes of a hex text.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}
