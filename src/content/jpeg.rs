//! JPEG: the picture and nothing beside it. Where and with what a photograph was taken, who is in it and what it showed
//! before it was cropped stand in its application segments and comments, which go.

use super::Refusal::Broken;
use super::{Refusal, big};

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const JFIF: u8 = 0xe0;
const ADOBE: u8 = 0xee;
const COMMENT: u8 = 0xfe;

/// A marker with its place, and what follows it where it has a length.
struct Segment<'b> {
    marker: u8,
    /// Where what follows its length begins.
    at: usize,
    body: &'b [u8],
    next: usize,
}

/// The segment whose marker begins at a place.
fn segment(bytes: &[u8], mut at: usize) -> Option<Segment<'_>> {
    if bytes.get(at) != Some(&0xff) {
        return None;
    }
    // any number of these may stand before the marker
    while bytes.get(at) == Some(&0xff) {
        at += 1;
    }
    let (marker, at) = (*bytes.get(at)?, at + 1);
    match marker {
        0x00 => None,
        0x01 | 0xd0..=END => Some(Segment { marker, at, body: &[], next: at }),
        _ => {
            let next = at.checked_add(big::<2>(bytes, at)?)?;
            Some(Segment { marker, at: at + 2, body: bytes.get(at + 2..next)?, next })
        }
    }
}

/// What is kept of a segment; `None` for what goes.
fn kept(segment: &Segment<'_>) -> Option<Vec<u8>> {
    let framed = |body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
        [&[0xff, segment.marker], &length, body].concat()
    };
    match segment.marker {
        // without the small picture that may stand in it
        JFIF if segment.body.starts_with(b"JFIF\0") => Some(framed(&[segment.body.get(..12)?, &[0, 0]].concat())),
        // how the colours are meant
        ADOBE if segment.body.starts_with(b"Adobe") => Some(framed(segment.body.get(..12)?)),
        JFIF..=0xef | COMMENT => None,
        0x01 | 0xd0..=END => Some(vec![0xff, segment.marker]),
        _ => Some(framed(segment.body)),
    }
}

/// Where the next marker stands after compressed data.
fn after_scan(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)?) {
            (0xff, 0x00 | 0xd0..=0xd7) => at += 2,
            // one more of these before the marker
            (0xff, 0xff) => at += 1,
            (0xff, _) => return Some(at),
            _ => at += 1,
        }
    }
}

/// The picture alone; what stands after its end goes as well.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut frames, mut scans) = (0, 0, 0);
    loop {
        let segment = segment(bytes, at).ok_or(Broken)?;
        if (segment.marker == START) != (at == 0) {
            return Err(Broken);
        }
        out.extend(kept(&segment).unwrap_or_default());
        at = segment.next;
        match segment.marker {
            END if frames > 0 && scans > 0 => return Ok(out),
            END => return Err(Broken),
            SCAN => {
                scans += 1;
                let next = after_scan(bytes, at).ok_or(Broken)?;
                out.extend_from_slice(bytes.get(at..next).ok_or(Broken)?);
                at = next;
            }
            // frames, but tables and reserved markers between them
            0xc0..=0xcf if !matches!(segment.marker, 0xc4 | 0xc8 | 0xcc) => frames += 1,
            _ => {}
        }
    }
}

/// Overwrites what would go, where nothing may change its place: of a picture within a document. Answers how far it looked.
pub fn blank(bytes: &mut [u8]) -> usize {
    let (mut at, mut blanks) = (0, Vec::new());
    while let Some(segment) = segment(bytes, at) {
        let colours = segment.marker == ADOBE && segment.body.starts_with(b"Adobe");
        if matches!(segment.marker, 0xe1..=0xef | COMMENT) && !colours {
            blanks.push(segment.at..segment.next);
        }
        if matches!(segment.marker, SCAN | END) {
            break;
        }
        at = segment.next;
    }
    for blank in blanks {
        bytes.get_mut(blank).unwrap_or_default().fill(0);
    }
    at
}
