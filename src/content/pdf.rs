//! PDF: looked through for what runs, opens or sends something, and for what is embedded in it. Its properties are
//! overwritten where they stand, so that nothing changes its place.
//!
//! This is no reader of PDF, and what is broken on purpose may hide something from it: it looks for names wherever they
//! stand, in packed lists of objects as well, and refuses what it cannot unpack.

use std::collections::{BTreeSet, HashMap};
use std::io::Read as _;
use std::ops::Range;

use flate2::read::ZlibDecoder;

use super::Refusal::{Active, Broken, Hidden, Metadata};
use super::{Refusal, find, jpeg};

/// Names of what is not taken.
const ACTIVE: [&[u8]; 11] = [
    b"JavaScript",
    b"Launch",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"RichMedia",
    b"Rendition",
    b"XFA",
    b"ImportData",
    b"SubmitForm",
    b"GoToE",
    b"Filespec",
];
/// What readers write on a page beside what it says: each remark names who made it, and when.
const REMARKS: [&[u8]; 19] = [
    b"Text",
    b"FreeText",
    b"Popup",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Line",
    b"Square",
    b"Circle",
    b"Polygon",
    b"PolyLine",
    b"Stamp",
    b"Caret",
    b"Ink",
    b"FileAttachment",
    b"Sound",
    b"Redact",
    b"Projection",
];
/// Ways of packing that are not unpacked here.
const PACKED: [&[u8]; 9] =
    [b"LZWDecode", b"LZW", b"ASCIIHexDecode", b"AHx", b"ASCII85Decode", b"A85", b"RunLengthDecode", b"RL", b"Crypt"];
/// Objects that a document names as its properties at the most: one for each time it was saved.
const PROPERTIES: usize = 100;
/// Bytes that are unpacked at the most.
const UNPACKED: usize = 64 * 1024 * 1024;

const fn is_white(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0xc | b'\r' | b' ')
}

const fn ends_name(byte: u8) -> bool {
    is_white(byte) || matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The names in a text, each with where it ends; written with escapes or without.
fn names(bytes: &[u8]) -> impl Iterator<Item = (Vec<u8>, usize)> {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| {
        let (mut name, mut at) = (Vec::new(), at + 1);
        while let Some(byte) = bytes.get(at).copied().filter(|byte| !ends_name(*byte) && name.len() < 32) {
            let escaped = match (byte, bytes.get(at + 1), bytes.get(at + 2)) {
                (b'#', Some(high), Some(low)) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
                _ => None,
            };
            name.push(escaped.unwrap_or(byte));
            at += if escaped.is_some() { 3 } else { 1 };
        }
        (name, at)
    })
}

/// The document with its properties overwritten.
pub fn clean(mut bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let tail = bytes.len().saturating_sub(1024);
    find(&bytes, b"%%EOF", tail).ok_or(Broken)?;
    let mut found = BTreeSet::new();
    let mut properties = BTreeSet::new();
    if has_remarks(&bytes) {
        return Err(Metadata);
    }
    for (name, end) in names(&bytes) {
        if name == b"Info" {
            properties.extend(reference(&bytes, end));
        }
        found.insert(name);
    }
    if properties.len() > PROPERTIES {
        return Err(Metadata);
    }
    let has = |name: &[u8]| found.contains(name);
    if ACTIVE.iter().any(|name| has(name)) {
        return Err(Active);
    }
    if has(b"Encrypt") || ((has(b"XRef") || has(b"ObjStm")) && PACKED.iter().any(|name| has(name))) {
        return Err(Hidden);
    }
    streams(&mut bytes)?;
    overwrite_properties(&mut bytes, properties)?;
    overwrite_between(&mut bytes, b"<?xpacket begin", b"<?xpacket end");
    overwrite_between(&mut bytes, b"<x:xmpmeta", b"</x:xmpmeta");
    Ok(bytes)
}

/// True if readers wrote on a page, beside links and the fields of a form.
fn has_remarks(bytes: &[u8]) -> bool {
    let mut is_kind = false;
    names(bytes).any(|(name, _)| {
        let is_remark = is_kind && REMARKS.contains(&name.as_slice());
        is_kind = name == b"Subtype";
        is_remark
    })
}

/// Looks into each packed list of objects, and takes what photographs tell beside what they show.
fn streams(bytes: &mut [u8]) -> Result<(), Refusal> {
    // pictures do not lie within each other; where they seem to, what is looked at again and again would have no end
    let (mut at, mut left, mut pictures) = (0, UNPACKED, 2 * bytes.len());
    while let Some(word) = find(bytes, b"stream", at) {
        at = word + 6;
        let white = bytes.get(at..).unwrap_or_default().iter().take_while(|byte| is_white(**byte)).count();
        let Some(stream) = bytes.get_mut(at + white.min(4)..) else { break };
        if stream.starts_with(super::JPEG) {
            pictures = pictures.checked_sub(jpeg::blank(stream)).ok_or(Hidden)?;
        } else {
            left = left.checked_sub(look_into(stream, left)?).ok_or(Hidden)?;
        }
    }
    Ok(())
}

/// Looks at what a stream begins with, and, where that is a list of objects or an account of the document, at all of it.
/// Answers how much was unpacked.
fn look_into(stream: &[u8], most: usize) -> Result<usize, Refusal> {
    let unpack = |most: usize| {
        let mut plain = Vec::new();
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        // what breaks off was unpacked until there
        let _ = ZlibDecoder::new(stream).take(most).read_to_end(&mut plain);
        plain
    };
    let head = unpack(64);
    // a list begins with the numbers of its objects and where they stand
    let list = head.starts_with(b"%") || number(&head, 0).is_some_and(|(_, at)| number(&head, at).is_some());
    let account = [&b"<?xpacket"[..], b"<x:xmpmeta", b"<rdf:RDF", b"\xef\xbb\xbf<?xpacket"];
    if account.iter().any(|begins| head.starts_with(begins)) {
        return Err(Metadata);
    }
    if head.is_empty() || !list {
        return Ok(head.len());
    }
    let plain = unpack(most + 1);
    if plain.len() > most {
        return Err(Hidden);
    }
    if names(&plain).any(|(name, _)| ACTIVE.contains(&name.as_slice())) {
        return Err(Active);
    }
    if has_remarks(&plain) { Err(Metadata) } else { Ok(plain.len()) }
}

fn number(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let rest = bytes.get(at..)?;
    let white = rest.iter().take_while(|byte| is_white(**byte)).count();
    let digits = rest.get(white..)?.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
    let text = std::str::from_utf8(rest.get(white..white + digits)?).ok()?;
    Some((text.parse().ok()?, at + white + digits))
}

/// The object that is referred to at a place.
fn reference(bytes: &[u8], at: usize) -> Option<u32> {
    let (object, at) = number(bytes, at)?;
    let (_, at) = number(bytes, at)?;
    let rest = bytes.get(at..)?;
    let white = rest.iter().take_while(|byte| is_white(**byte)).count();
    (white > 0 && rest.get(white) == Some(&b'R')).then_some(object)
}

/// Where objects stand, by their numbers: each up to its end, or to where the next begins.
fn objects(bytes: &[u8]) -> HashMap<u32, Vec<Range<usize>>> {
    let (mut at, mut begun) = (0, Vec::new());
    while let Some(word) = find(bytes, b"obj", at) {
        at = word + 3;
        let before = bytes.get(word.saturating_sub(24)..word).unwrap_or_default();
        let mut words = before.rsplit(|byte| !byte.is_ascii_digit()).filter(|word| !word.is_empty());
        let number = words.nth(1).and_then(|word| std::str::from_utf8(word).ok()?.parse().ok());
        if let Some(number) = number.filter(|_| before.last().copied().is_some_and(is_white)) {
            begun.push((number, at));
        }
    }
    let mut out: HashMap<u32, Vec<Range<usize>>> = HashMap::new();
    for (n, (number, at)) in begun.iter().enumerate() {
        let next = begun.get(n + 1).map_or(bytes.len(), |(_, next)| *next);
        let within = bytes.get(..next).unwrap_or_default();
        out.entry(*number).or_default().push(*at..find(within, b"endobj", *at).unwrap_or(next));
    }
    out
}

/// Overwrites the texts of the objects that tell who wrote a document, with what and when, and of those they refer to.
fn overwrite_properties(bytes: &mut [u8], properties: BTreeSet<u32>) -> Result<(), Refusal> {
    let mut open: Vec<_> = properties.into_iter().map(|object| (object, true)).collect();
    let (mut done, objects) = (BTreeSet::new(), objects(bytes));
    while let Some((object, named)) = open.pop() {
        if !done.insert(object) {
            continue;
        }
        let places = objects.get(&object).cloned().unwrap_or_default();
        // it lies in a packed list, where nothing can be overwritten
        if places.is_empty() && named {
            return Err(Metadata);
        }
        for place in places {
            let part = bytes.get_mut(place).unwrap_or_default();
            let inner: Vec<_> = names(part).filter_map(|(_, end)| reference(part, end)).collect();
            // a property is a text; what else is referred to stays as it is
            if named {
                open.extend(inner.into_iter().map(|object| (object, false)));
            }
            if named || part.iter().find(|byte| !is_white(**byte)).is_some_and(|byte| matches!(byte, b'(' | b'<')) {
                overwrite_texts(part);
            }
        }
    }
    Ok(())
}

/// Overwrites every text in brackets, plain or in hex digits, by as many spaces.
fn overwrite_texts(part: &mut [u8]) {
    let (mut depth, mut escaped, mut digits, mut before) = (0_u32, false, None, 0);
    for byte in part.iter_mut() {
        let now = *byte;
        match (depth, digits) {
            (0, None) if now == b'(' => depth = 1,
            (0, None) if now == b'<' && before != b'<' => digits = Some(false),
            (0, Some(_)) if now == b'<' || now == b'>' => digits = None,
            (0, Some(second)) if now.is_ascii_hexdigit() => {
                *byte = if second { b'0' } else { b'2' };
                digits = Some(!second);
            }
            (0, _) => {}
            (_, _) => {
                match now {
                    _ if escaped => {}
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ => {}
                }
                escaped = now == b'\\' && !escaped;
                if depth > 0 {
                    *byte = b' ';
                }
            }
        }
        before = now;
    }
}

/// Overwrites what stands between two marks.
fn overwrite_between(bytes: &mut [u8], begins: &[u8], ends: &[u8]) {
    let mut at = 0;
    while let Some(from) = find(bytes, begins, at) {
        let to = find(bytes, ends, from).unwrap_or(bytes.len());
        let from = from + begins.len();
        bytes.get_mut(from..to).unwrap_or_default().fill(b' ');
        at = to.max(from);
    }
}
