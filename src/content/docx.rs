//! Word documents: an archive of texts. What it says of its author goes, macros and embedded things are refused, and so is
//! what was deleted or remarked and still stands in it.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Refusal::{Active, Broken, Hidden, Metadata};
use super::zip::{self, Entry};
use super::{Refusal, jpeg, png};

const TYPES: &str = "[Content_Types].xml";
const DOCUMENT: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

/// Parts of a document: texts, relations, pictures, fonts. Anything else is something embedded.
const PARTS: [&str; 7] = [".xml", ".rels", ".png", ".jpg", ".jpeg", ".bmp", ".odttf"];

/// Pictures that hold remarks and the names of files and programs, and are not looked through here.
const TELLING: [&str; 3] = [".gif", ".emf", ".wmf"];

/// Parts that are there for what is no content, with what stands in them instead.
const PROPERTIES: [(&str, &str); 3] = [
    (
        "docprops/core.xml",
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\"/>",
    ),
    (
        "docprops/app.xml",
        "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"/>",
    ),
    (
        "docprops/custom.xml",
        "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties\"/>",
    ),
];

/// Marks of what was changed and is still to be accepted.
const TRACKED: [&[u8]; 4] = [b"del", b"ins", b"moveFrom", b"moveTo"];

/// The document without what it says of itself.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let entries = zip::read(bytes)?;
    let types = entries.iter().find(|entry| entry.name == TYPES).ok_or(Refusal::Kind)?;
    let types = std::str::from_utf8(&types.content).map_err(|_| Hidden)?;
    if !entries.iter().any(|entry| entry.name.starts_with("word/")) || !types.contains(DOCUMENT) {
        return Err(Refusal::Kind);
    }
    let kept = entries.into_iter().filter(|entry| !is_left_out(&entry.name)).map(part);
    zip::write(kept.collect::<Result<_, _>>()?)
}

/// A small picture of the first page, and what other programs keep of a document beside it: its author, its department.
fn is_left_out(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["docprops/thumbnail", "customxml/"].iter().any(|begins| name.starts_with(begins))
}

/// A part as it is kept.
fn part(entry: Entry) -> Result<Entry, Refusal> {
    let name = entry.name.to_ascii_lowercase();
    if name.ends_with('/') {
        return Ok(entry);
    }
    let embedded = ["word/embeddings/", "word/activex/", "word/vba"].iter().any(|folder| name.starts_with(folder));
    if !embedded && TELLING.iter().any(|ending| name.ends_with(ending)) {
        return Err(Metadata);
    }
    if embedded || !PARTS.iter().any(|ending| name.ends_with(ending)) {
        return Err(Active);
    }
    if name.starts_with("word/comments") || name == "word/people.xml" {
        return Err(Metadata);
    }
    if let Some((_, empty)) = PROPERTIES.iter().find(|(part, _)| *part == name) {
        let empty = format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>{empty}");
        return Ok(Entry::holding(entry.name, empty.into_bytes()));
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".jpg", ".jpeg"]) {
        return Ok(Entry::holding(entry.name, jpeg::clean(&entry.content)?));
    }
    if ends(&[".png"]) {
        return Ok(Entry::holding(entry.name, png::clean(&entry.content)?));
    }
    if ends(&[".rels"]) {
        let relations = relations(text(&entry)?)?;
        return Ok(Entry::holding(entry.name, relations.into_bytes()));
    }
    if ends(&[".xml"]) {
        written(text(&entry)?)?;
    }
    Ok(entry)
}

/// A part as text that can be looked through.
fn text(entry: &Entry) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(&entry.content).map_err(|_| Hidden)?;
    if text.contains("<!DOCTYPE") || text.contains("<!ENTITY") { Err(Hidden) } else { Ok(text) }
}

/// What stands in a text, piece by piece, each with where it ends.
fn pieces(text: &str) -> impl Iterator<Item = Result<(Event<'_>, usize), Refusal>> {
    let mut reader = Reader::from_str(text);
    std::iter::from_fn(move || match reader.read_event() {
        Ok(Event::Eof) => None,
        // texts of ten megabytes are the largest
        Ok(event) => Some(Ok((event, usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)))),
        Err(_) => Some(Err(Broken)),
    })
}

/// What an attribute of an element says, whatever its prefix.
fn says(element: &BytesStart<'_>, attribute: &[u8]) -> Result<String, Refusal> {
    for each in element.attributes() {
        let each = each.map_err(|_| Broken)?;
        if each.key.local_name().as_ref() == attribute {
            return String::from_utf8(each.value.into_owned()).map_err(|_| Hidden);
        }
    }
    Ok(String::new())
}

/// Nothing that runs stands in a text, and nothing that was taken out of it.
fn written(text: &str) -> Result<(), Refusal> {
    if text.contains("macroEnabled") || text.contains("vbaProject") {
        return Err(Active);
    }
    // a field may be cut into several pieces
    let (mut fields, mut is_field) = (String::new(), false);
    for piece in pieces(text) {
        match piece?.0 {
            Event::Start(element) | Event::Empty(element) if TRACKED.contains(&element.local_name().as_ref()) => {
                return Err(Metadata);
            }
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == b"fldSimple" => {
                fields.extend([" ", &says(&element, b"instr")?, " "]);
            }
            Event::Start(element) => is_field = element.local_name().as_ref() == b"instrText",
            Event::End(_) => is_field = false,
            Event::Text(said) if is_field => fields.push_str(str::from_utf8(&said).map_err(|_| Hidden)?),
            Event::CData(said) if is_field => fields.push_str(str::from_utf8(&said).map_err(|_| Hidden)?),
            Event::GeneralRef(said) if is_field && said.starts_with(b"#") => return Err(Hidden),
            _ => {}
        }
    }
    if fields.contains("&#") {
        return Err(Hidden);
    }
    let words = |c: char| !c.is_ascii_alphanumeric();
    if fields.split(words).any(|word| matches!(word.to_ascii_uppercase().as_str(), "DDE" | "DDEAUTO")) {
        return Err(Active);
    }
    Ok(())
}

/// Relations without those to what is left out. What lies outside is named for people to open, as a link;
/// nothing is fetched by itself.
fn relations(text: &str) -> Result<String, Refusal> {
    // written so that it cannot be read here
    if text.contains("&#") {
        return Err(Hidden);
    }
    let text = text.trim_start_matches('\u{feff}');
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for piece in pieces(text) {
        let (piece, to) = piece?;
        let mut is_kept = true;
        if let Event::Start(element) | Event::Empty(element) = &piece
            && element.local_name().as_ref() == b"Relationship"
        {
            // of another name, by which the programs that read it may not know it
            if element.name().prefix().is_some() {
                return Err(Hidden);
            }
            let (mode, kind) = (says(element, b"TargetMode")?, says(element, b"Type")?);
            if mode.trim().eq_ignore_ascii_case("External") && !kind.trim().ends_with("/hyperlink") {
                return Err(Active);
            }
            let is_left_out = kind.contains("/metadata/thumbnail") || kind.trim().ends_with("/customXml");
            is_kept = !(is_left_out && matches!(piece, Event::Empty(_)));
        }
        if is_kept {
            out.push_str(text.get(from..to).ok_or(Broken)?);
        }
        from = to;
    }
    Ok(out)
}
