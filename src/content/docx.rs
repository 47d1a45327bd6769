//! Word documents: an archive of texts. What it says of its author goes, macros and embedded things are refused, and so is
//! what was deleted or remarked and still stands in it.

use super::Refusal::{Active, Broken, Hidden, Metadata};
use super::zip::{self, Entry};
use super::{Refusal, jpeg, png};

const TYPES: &str = "[Content_Types].xml";
const DOCUMENT: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

/// Parts of a document: texts, relations, pictures, fonts. Anything else is something embedded.
const PARTS: [&str; 11] = [".xml", ".rels", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".emf", ".wmf", ".odttf"];

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
const TRACKED: [&str; 4] = ["<w:del ", "<w:ins ", "<w:moveFrom ", "<w:moveTo "];

/// The document without what it says of itself.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let entries = zip::read(bytes)?;
    let types = entries.iter().find(|entry| entry.name == TYPES).ok_or(Refusal::Kind)?;
    let types = std::str::from_utf8(&types.content).map_err(|_| Hidden)?;
    if !entries.iter().any(|entry| entry.name.starts_with("word/")) || !types.contains(DOCUMENT) {
        return Err(Refusal::Kind);
    }
    let kept = entries.into_iter().filter(|entry| !is_thumbnail(&entry.name)).map(part);
    zip::write(kept.collect::<Result<_, _>>()?)
}

fn is_thumbnail(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with("docprops/thumbnail")
}

/// A part as it is kept.
fn part(entry: Entry) -> Result<Entry, Refusal> {
    let name = entry.name.to_ascii_lowercase();
    if name.ends_with('/') {
        return Ok(entry);
    }
    let embedded = ["word/embeddings/", "word/activex/", "word/vba"].iter().any(|folder| name.starts_with(folder));
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

/// Nothing that runs stands in a text, and nothing that was taken out of it.
fn written(text: &str) -> Result<(), Refusal> {
    if text.contains("macroEnabled") || text.contains("vbaProject") {
        return Err(Active);
    }
    if TRACKED.iter().any(|mark| text.contains(mark)) {
        return Err(Metadata);
    }
    // a field may be cut into several pieces
    let whole = text.replace("instrText/>", "");
    let pieces = whole.split("instrText").skip(1).step_by(2).filter_map(|piece| piece.split_once('>'));
    let fields: String = pieces.map(|(_, piece)| piece.trim_end_matches("</w:")).collect();
    if fields.contains("&#") {
        return Err(Hidden);
    }
    let words = |c: char| !c.is_ascii_alphanumeric();
    if fields.split(words).any(|word| matches!(word.to_ascii_uppercase().as_str(), "DDE" | "DDEAUTO")) {
        return Err(Active);
    }
    Ok(())
}

/// Relations without that to a small picture of the first page. What lies outside is named for people to open, as a link;
/// nothing is fetched by itself.
fn relations(text: &str) -> Result<String, Refusal> {
    // written so that it cannot be read here
    if text.contains("&#") {
        return Err(Hidden);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("<Relationship ") {
        let (before, from) = rest.split_at(at);
        let end = from.find('>').ok_or(Broken)? + 1;
        let (relation, after) = from.split_at(end);
        let outside = relation.contains("\"External\"") || relation.contains("'External'");
        if outside && !(relation.contains("/hyperlink\"") || relation.contains("/hyperlink'")) {
            return Err(Active);
        }
        out.push_str(before);
        if !relation.contains("/metadata/thumbnail") {
            out.push_str(relation);
        }
        rest = after;
    }
    // of another name, so that it could not be looked at
    if rest.contains(":Relationship ") || out.contains(":Relationship ") {
        return Err(Hidden);
    }
    out.push_str(rest);
    Ok(out)
}
