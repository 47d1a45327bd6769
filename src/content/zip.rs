//! ZIP, as far as a Word document needs it: read whole and written anew, so that nothing is left between its entries.

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::Refusal::{Broken, Hidden};
use super::{Refusal, little};

/// Entries at the most.
const ENTRIES: usize = 2000;
/// Bytes of all entries together at the most, unpacked.
const UNPACKED: usize = 128 * 1024 * 1024;

/// A file of the archive.
pub struct Entry {
    /// Its path.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
    /// How it lay in the archive, where it is to lie so again.
    packed: Option<(u16, Vec<u8>)>,
}

impl Entry {
    /// The same file with another content.
    pub fn holding(name: String, content: Vec<u8>) -> Self {
        Self { name, content, packed: None }
    }
}

/// A path that stays in its folder and is the same everywhere.
fn is_plain_path(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    !name.contains(['\\', ':', '\0']) && name.trim_end_matches('/').split('/').all(part)
}

/// All files of an archive.
///
/// # Errors
/// If it is not whole, holds the same path twice or one that leads out, is encrypted, or is too large unpacked.
pub fn read(bytes: &[u8]) -> Result<Vec<Entry>, Refusal> {
    // the last record, with no comment after it
    let last = bytes.len().checked_sub(22).ok_or(Broken)?;
    if bytes.get(last..last + 4) != Some(b"PK\x05\x06") || little::<2>(bytes, last + 20) != Some(0) {
        return Err(Broken);
    }
    let field = |at: usize| little::<2>(bytes, last + at).ok_or(Broken);
    if field(4)? != 0 || field(6)? != 0 || field(8)? != field(10)? || field(10)? > ENTRIES {
        return Err(Broken);
    }
    let mut at = little::<4>(bytes, last + 16).ok_or(Broken)?;
    let (mut entries, mut names, mut places, mut left) = (Vec::new(), BTreeSet::new(), Vec::new(), UNPACKED);
    for _ in 0..field(10)? {
        let (entry, place, next) = entry(bytes, at, left)?;
        left -= entry.content.len();
        if !names.insert(entry.name.to_lowercase()) {
            return Err(Broken);
        }
        places.push(place);
        entries.push(entry);
        at = next;
    }
    places.sort_unstable();
    let apart = places.windows(2).all(|two| matches!(two, [before, after] if before.1 <= after.0));
    // what lies twice in the same place would be unpacked again and again
    if at != last || !apart { Err(Broken) } else { Ok(entries) }
}

/// The entry of the directory at a place, where it lies, and where the next one is.
fn entry(bytes: &[u8], at: usize, most: usize) -> Result<(Entry, (usize, usize), usize), Refusal> {
    if bytes.get(at..at + 4) != Some(b"PK\x01\x02") {
        return Err(Broken);
    }
    let two = |field: usize| little::<2>(bytes, at + field).ok_or(Broken);
    let four = |field: usize| little::<4>(bytes, at + field).ok_or(Broken);
    let (flags, method, sum, packed, size) = (two(8)?, two(10)?, four(16)?, four(20)?, four(24)?);
    let (name, extra, comment, place) = (two(28)?, two(30)?, two(32)?, four(42)?);
    let text = bytes.get(at + 46..at + 46 + name).ok_or(Broken)?;
    let path = std::str::from_utf8(text).ok().filter(|path| is_plain_path(path)).ok_or(Broken)?;
    if flags & 1 != 0 || !matches!(method, 0 | 8) || size > most {
        return Err(Hidden);
    }
    // before the content the name stands again
    let begins = bytes.get(place..).filter(|rest| rest.starts_with(b"PK\x03\x04")).ok_or(Broken)?;
    let (named, skipped) = (little::<2>(begins, 26).ok_or(Broken)?, little::<2>(begins, 28).ok_or(Broken)?);
    if begins.get(30..30 + named) != Some(text) || little::<2>(begins, 8) != Some(method) {
        return Err(Broken);
    }
    let from = 30 + named + skipped;
    let raw = begins.get(from..from + packed).ok_or(Broken)?;
    let content = unpack(method, raw, size)?;
    let mut crc = Crc::new();
    crc.update(&content);
    if content.len() != size || usize::try_from(crc.sum()).ok() != Some(sum) {
        return Err(Broken);
    }
    let method = u16::try_from(method).map_err(|_| Broken)?;
    let entry = Entry { name: path.to_owned(), content, packed: Some((method, raw.to_vec())) };
    Ok((entry, (place, place + from + packed), at + 46 + name + extra + comment))
}

fn unpack(method: usize, raw: &[u8], size: usize) -> Result<Vec<u8>, Refusal> {
    if method == 0 {
        return Ok(raw.to_vec());
    }
    let mut content = Vec::new();
    let most = u64::try_from(size).unwrap_or(u64::MAX).saturating_add(1);
    DeflateDecoder::new(raw).take(most).read_to_end(&mut content).map_err(|_| Broken)?;
    Ok(content)
}

/// An archive of these files, without times, comments and whatever else programs leave in one.
pub fn write(entries: Vec<Entry>) -> Result<Vec<u8>, Refusal> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let many = u16::try_from(entries.len()).map_err(|_| Broken)?;
    let long = |number: usize| u32::try_from(number).map(u32::to_le_bytes).map_err(|_| Broken);
    for entry in entries {
        let mut crc = Crc::new();
        crc.update(&entry.content);
        let (method, raw) = entry.packed.unwrap_or_else(|| (0, entry.content.clone()));
        let name = u16::try_from(entry.name.len()).map_err(|_| Broken)?;
        // version 2.0, names in UTF-8, the first day there is
        let mut head = vec![20, 0, 0, 8];
        head.extend(method.to_le_bytes());
        head.extend([0, 0, 0x21, 0]);
        head.extend(crc.sum().to_le_bytes());
        head.extend(long(raw.len())?);
        head.extend(long(entry.content.len())?);
        head.extend(name.to_le_bytes());
        head.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(long(out.len())?);
        directory.extend(entry.name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(head);
        out.extend(entry.name.as_bytes());
        out.extend(raw);
    }
    let (at, length) = (long(out.len())?, long(directory.len())?);
    out.extend(directory);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend(many.to_le_bytes());
    out.extend(many.to_le_bytes());
    out.extend(length);
    out.extend(at);
    out.extend([0, 0]);
    Ok(out)
}
