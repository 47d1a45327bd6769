//! PNG: what draws the picture. Texts, times, places and whatever programs leave in chunks of their own go.

use flate2::Crc;

use super::Refusal::Broken;
use super::{PNG, Refusal, big};

/// The chunks that draw.
const DRAW: [&[u8; 4]; 11] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"];

/// The picture alone; what stands after its end goes as well.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = PNG.to_vec();
    let (mut at, mut data) = (PNG.len(), false);
    loop {
        let length = big::<4>(bytes, at).ok_or(Broken)?;
        let end = at.checked_add(length).and_then(|end| end.checked_add(12)).ok_or(Broken)?;
        let chunk = bytes.get(at..end).ok_or(Broken)?;
        let (named, sum) = (chunk.get(4..length + 8).ok_or(Broken)?, big::<4>(chunk, length + 8).ok_or(Broken)?);
        let mut crc = Crc::new();
        crc.update(named);
        let name = named.get(..4).ok_or(Broken)?;
        let first = at == PNG.len();
        if usize::try_from(crc.sum()).ok() != Some(sum) || first != (name == b"IHDR") || (first && length != 13) {
            return Err(Broken);
        }
        if DRAW.iter().any(|drawn| *drawn == name) {
            out.extend_from_slice(chunk);
        } else if name.first().is_some_and(u8::is_ascii_uppercase) {
            // without it the picture could not be drawn
            return Err(Broken);
        }
        data |= name == b"IDAT";
        if name == b"IEND" {
            return if data { Ok(out) } else { Err(Broken) };
        }
        at = end;
    }
}
