//! What a file is by its content, and what of it is taken: bytes in, bytes out. Nothing is believed that its sender says.
//!
//! Five kinds are taken. Of pictures and documents that goes which tells of people and places beside what they show; what
//! would run, and what cannot be looked through, is refused. This is the first of three doors: a scanner comes after it, and
//! what is served is served so that no browser runs it.

mod docx;
mod jpeg;
mod pdf;
mod png;
mod zip;

pub use entity::attachment::MediaType;

/// Why a content is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is of no kind that is taken.
    Kind,
    /// It is not whole, or not as its kind has it.
    Broken,
    /// It holds something that would run, open or send something.
    Active,
    /// It cannot be looked through: it is encrypted, or packed in a way that hides what is in it.
    Hidden,
    /// It tells something beside what it shows, where that cannot be taken out.
    Metadata,
}

impl Refusal {
    /// A sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Kind => "Send a PDF, a PNG, a JPEG, plain text in UTF-8 or a Word document (.docx).",
            Self::Broken => "The file is not whole.",
            Self::Active => {
                "The file holds a script, a form that sends, an embedded file or a link that opens by itself: save it without."
            }
            Self::Hidden => "The file is encrypted, or packed so that it cannot be looked through: save it plainly.",
            Self::Metadata => {
                "The file keeps comments, tracked changes or properties that cannot be taken out: save it without."
            }
        }
    }
}

/// A content as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// What it is.
    pub media: MediaType,
    /// What of it is kept.
    pub bytes: Vec<u8>,
}

const PDF: &[u8] = b"%PDF-";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";
const ZIP: &[u8] = b"PK\x03\x04";

/// Bytes from which it can be said what a content is not.
pub const HEAD: usize = 512;

/// What a content that begins so may be.
fn kind(head: &[u8]) -> Option<MediaType> {
    if head.starts_with(PDF) {
        Some(MediaType::Pdf)
    } else if head.starts_with(PNG) {
        Some(MediaType::Png)
    } else if head.starts_with(JPEG) {
        Some(MediaType::Jpeg)
    } else if head.starts_with(ZIP) {
        Some(MediaType::Docx)
    } else {
        let whole = match std::str::from_utf8(head) {
            Ok(text) => text,
            // the head may end within a character
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(head.get(..error.valid_up_to())?).unwrap_or_default()
            }
            Err(_) => return None,
        };
        is_plain(whole).then_some(MediaType::Text)
    }
}

/// Whether a content that begins so can be one that is taken.
pub fn may_be_taken(head: &[u8]) -> bool {
    kind(head).is_some()
}

/// Text as people write it: no control characters but those of a page.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

/// Says what a content is, and gives what of it is kept.
///
/// # Errors
/// Why it is not taken.
pub fn clean(bytes: Vec<u8>) -> Result<Cleaned, Refusal> {
    let media = kind(bytes.get(..HEAD).unwrap_or(&bytes)).ok_or(Refusal::Kind)?;
    let bytes = match media {
        MediaType::Pdf => pdf::clean(bytes)?,
        MediaType::Png => png::clean(&bytes)?,
        MediaType::Jpeg => jpeg::clean(&bytes)?,
        MediaType::Docx => docx::clean(&bytes)?,
        MediaType::Text => match std::str::from_utf8(&bytes) {
            Ok(text) if is_plain(text) => bytes,
            Ok(_) | Err(_) => return Err(Refusal::Kind),
        },
    };
    Ok(Cleaned { media, bytes })
}

/// The endings that a name of such a file may have, the usual one first, so that no program opens it as something else.
pub const fn endings(media: MediaType) -> &'static [&'static str] {
    match media {
        MediaType::Pdf => &[".pdf"],
        MediaType::Png => &[".png"],
        MediaType::Jpeg => &[".jpg", ".jpeg"],
        MediaType::Text => &[".txt"],
        MediaType::Docx => &[".docx"],
    }
}

/// A big-endian number of two or four bytes at a place.
fn big<const N: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let part = bytes.get(at..at.checked_add(N)?)?;
    Some(part.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// A little-endian number of two or four bytes at a place.
fn little<const N: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let part = bytes.get(at..at.checked_add(N)?)?;
    Some(part.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// Where `what` begins in `bytes`, from a place on.
fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(what.len()).position(|window| window == what).map(|at| from + at)
}

#[cfg(test)]
mod tests;
