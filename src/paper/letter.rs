//! A letter about non-attendance as pages: from the very answer that its reader would have had as JSON.

use serde_json::Value;

use super::bundle::{instant, long_day};
use super::{Block, Paper};

/// The pages of an answer to `letter.graphql`; `None` if it is none.
pub fn pages(data: &Value) -> Option<Paper> {
    let letter = data.get("node").filter(|letter| letter.is_object())?;
    let text = |pointer: &str| letter.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let written = text("/writtenAt")?;
    let authority = text("/agency/localAuthority/name").unwrap_or_default();
    let of = text("/sentAt").unwrap_or_else(|| written.clone());
    let mut blocks = vec![Block::Note(format!("{authority}, {}", long_day(&of)))];
    if let Some(desk) = text("/agency/safeguardingEmail") {
        blocks.push(Block::Note(format!("For {desk}")));
    }
    blocks.extend(text("/text")?.lines().map(|line| Block::Paragraph(line.to_owned())));
    if let Some(by) = text("/writtenBy/fullName") {
        blocks.push(Block::Paragraph(format!("{by}, {}", text("/writtenBy/designation").unwrap_or_default())));
    }
    if let Some(due) = text("/replyDueAt") {
        blocks.push(Block::Note(format!("An answer is expected before {}.", long_day(&due))));
    }
    Some(Paper {
        title: "Absence from a child protection conference".to_owned(),
        foot: format!("{authority}. For {}", text("/agency/name").unwrap_or_default()),
        made: instant(&written)?,
        blocks,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_letter_stands_on_its_page_as_it_was_written() {
        let data = json!({"node": {"text": "To the lead\nPlease tell us why.", "writtenAt": "2026-12-15T12:05:00+00:00",
            "sentAt": null, "replyDueAt": "2027-01-05T00:00:00+00:00", "writtenBy": {"fullName": "Helen Marsh",
            "designation": "Conference chair"}, "agency": {"name": "A school", "safeguardingEmail": "lead@school.example",
            "localAuthority": {"name": "Birmingham"}}}});
        let paper = pages(&data).unwrap();
        assert_eq!(paper.foot, "Birmingham. For A school");
        assert!(paper.blocks.contains(&Block::Paragraph("Please tell us why.".to_owned())));
        assert!(paper.blocks.contains(&Block::Paragraph("Helen Marsh, Conference chair".to_owned())));
        assert!(super::super::render(&paper).unwrap().starts_with(b"%PDF-1.7"));
        assert!(pages(&json!({"node": null})).is_none());
    }
}
