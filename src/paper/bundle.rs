//! The bundle of a conference as pages: from the very answer that its reader would have had as JSON, so that nothing stands on
//! paper that the reader may not read.

use std::collections::HashMap;

use serde_json::Value;

use super::{Block, Paper};

/// What a value has at the end of a path; null where it has nothing there.
macro_rules! at {
    ($value:expr, $($name:literal)/+) => { $value.pointer(concat!($("/", $name),+)).unwrap_or(&Value::Null) };
}

/// A part of a report, with its heading.
const SECTIONS: [(&str, &str); 8] = [
    ("involvement", "Involvement (fact)"),
    ("worries", "Worries: what has happened (fact)"),
    ("strengths", "Strengths and safety (fact)"),
    ("childVoice", "The child's voice (as said)"),
    ("familyViews", "The family's views (as said)"),
    ("whatMustChange", "What must change (opinion)"),
    ("safetyScore", "Safety, from 0, most worried, to 10 (opinion)"),
    ("recommendation", "Recommendation (opinion)"),
];

/// The pages of an answer to `bundle.graphql`; `None` if it is none.
pub fn pages(data: &Value) -> Option<Paper> {
    let conference = data.get("conference")?;
    let bundle = conference.get("bundle").filter(|bundle| bundle.is_object())?;
    let child = name_of(at!(bundle, "child"));
    let held = day(at!(conference, "scheduledAt"));
    let made = text(at!(bundle, "assembledAt"))?;
    let mut blocks = vec![Block::Note(format!(
        "Made for {}, {}, on {} at {} UTC. It holds what this reader may read, and says what is withheld.",
        text(at!(data, "viewer" / "practitioner" / "fullName")).unwrap_or_default(),
        text(at!(data, "viewer" / "agency" / "name")).unwrap_or_default(),
        day(at!(bundle, "assembledAt")),
        made.get(11..16).unwrap_or_default(),
    ))];
    if let Some(born) = text(at!(bundle, "child" / "bornOn")) {
        blocks.push(Block::Paragraph(format!("Born on {}.", long_day(&born))));
    }
    missing(at!(bundle, "missing" / "nodes"), &mut blocks);
    if at!(bundle, "reports" / "pageInfo" / "hasNextPage") == true {
        blocks.push(Block::Note("There are more reports than are printed here.".to_owned()));
    }
    for report in list(at!(bundle, "reports" / "nodes")) {
        one_report(report, &mut blocks);
    }
    restricted(bundle, &mut blocks);
    chronology(bundle, &mut blocks);
    Some(Paper {
        title: format!("{} conference on {held}: {child}", in_words(at!(conference, "kind"))),
        foot: format!(
            "For {}, {}. Do not pass on",
            text(at!(data, "viewer" / "agency" / "name")).unwrap_or_default(),
            day(at!(bundle, "assembledAt"))
        ),
        made: instant(&made)?,
        blocks,
    })
}

fn missing(missing: &Value, blocks: &mut Vec<Block>) {
    if list(missing).is_empty() {
        return;
    }
    blocks.push(Block::Heading(2, "Reports that have not come".to_owned()));
    let row = |each: &Value| vec![agency(each), day(at!(each, "dueAt")), in_words(at!(each, "status"))];
    blocks.push(Block::Table {
        head: ["Agency", "Due", "Stands"].map(str::to_owned).to_vec(),
        widths: vec![60, 20, 20],
        rows: list(missing).iter().map(row).collect(),
    });
}

fn one_report(report: &Value, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(2, format!("Report: {}", agency(report))));
    let mut note = format!(
        "{}, version {}, submitted on {}",
        in_words(at!(report, "state")),
        at!(report, "version"),
        day(at!(report, "submittedAt"))
    );
    if let Some(author) = text(at!(report, "author" / "fullName")) {
        note = format!("By {author}. {note}");
    }
    if let Some(says) = text(at!(report, "receipt" / "says")) {
        note = format!("{note}, {says}");
    }
    if let Some(shared) = text(at!(report, "sharedWithFamilyOn")) {
        note = format!("{note}. Shared with the family on {}", long_day(&shared));
    }
    blocks.push(Block::Note(format!("{note}.")));
    blocks.extend(agreed(report).map(Block::Note));
    if let Some(reason) = text(at!(report, "reason")) {
        blocks.push(Block::Note(format!("Takes the place of the version before: {reason}")));
    }
    withheld(at!(report, "withheld"), blocks);
    for (field, heading) in SECTIONS {
        let value = report.get(field).unwrap_or(&Value::Null);
        let said = if field == "recommendation" { word(value) } else { said(value) };
        if let Some(said) = said {
            blocks.push(Block::Heading(3, heading.to_owned()));
            blocks.push(Block::Paragraph(said));
        }
    }
    for answer in list(at!(report, "answers" / "nodes")) {
        let told = said(at!(answer, "text"))
            .or_else(|| word(at!(answer, "choice")))
            .or_else(|| said(at!(answer, "number")))
            .or_else(|| text(at!(answer, "day")).map(|day| long_day(&day)));
        let asks = text(at!(answer, "asks")).unwrap_or_else(|| in_words(at!(answer, "item")));
        blocks.push(Block::Heading(3, format!("{asks} ({})", in_words(at!(answer, "says")).to_lowercase())));
        match told {
            Some(told) => blocks.push(Block::Paragraph(told)),
            None => blocks.push(Block::Note("Withheld.".to_owned())),
        }
        if at!(answer, "thirdParty") == true {
            blocks.push(Block::Note("About, or from, a third party.".to_owned()));
        }
        if at!(answer, "locates") == true {
            blocks.push(Block::Note("Tells where the child is: not to be spoken of before the family.".to_owned()));
        }
    }
    files(at!(report, "attachments" / "nodes"), blocks);
}

/// Who of the agency agreed the report, and when.
fn agreed(report: &Value) -> Option<String> {
    let on = text(at!(report, "agreedOn"))?;
    let by = text(at!(report, "agreedBy" / "fullName")).map_or_else(String::new, |by| format!(" by {by}"));
    Some(format!("Agreed{by} on {}.", long_day(&on)))
}

/// The files of a report: what each is called, where it stands, and the hash that shows whether a file at hand is that one.
fn files(files: &Value, blocks: &mut Vec<Block>) {
    if list(files).is_empty() {
        return;
    }
    blocks.push(Block::Heading(3, "Files".to_owned()));
    let row = |each: &Value| {
        let name = text(at!(each, "name")).unwrap_or_else(|| "Withheld.".to_owned());
        vec![name, in_words(at!(each, "state")), text(at!(each, "sha256")).unwrap_or_default()]
    };
    blocks.push(Block::Table {
        head: ["File", "Stands", "SHA-256"].map(str::to_owned).to_vec(),
        // the hash fits in one line, so that it can be copied
        widths: vec![22, 12, 66],
        rows: list(files).iter().map(row).collect(),
    });
}

/// The restricted section, of which others may not even know that it is there.
fn restricted(bundle: &Value, blocks: &mut Vec<Block>) {
    let items = list(at!(bundle, "restrictedItems" / "nodes"));
    if items.is_empty() {
        return;
    }
    blocks.push(Block::Heading(2, "Restricted: for this reader, not to be spoken of before others".to_owned()));
    if at!(bundle, "restrictedItems" / "pageInfo" / "hasNextPage") == true {
        blocks.push(Block::Note("There are more passages than are printed here.".to_owned()));
    }
    for item in items {
        let from = text(at!(item, "originatorAgency" / "name")).unwrap_or_default();
        let recorded = day(at!(item, "recordedAt"));
        blocks.push(Block::Heading(3, format!("{}: {from}, {recorded}", in_words(at!(item, "kind")))));
        if at!(item, "thirdParty") == true {
            blocks.push(Block::Note("About, or from, a third party.".to_owned()));
        }
        blocks.push(match text(at!(item, "text")) {
            Some(said) => Block::Paragraph(said),
            None => Block::Note("Printed for who says why it is needed (X-Access-Reason).".to_owned()),
        });
    }
}

fn chronology(bundle: &Value, blocks: &mut Vec<Block>) {
    let rows = list(at!(bundle, "chronology"));
    if rows.is_empty() {
        return;
    }
    blocks.push(Block::Heading(2, "Chronology".to_owned()));
    blocks.push(Block::Note(
        "The chronologies of all these reports as one. Rows that two agencies tell alike are marked «also told in row»; where \
         they differ, «differs from row»."
            .to_owned(),
    ));
    if at!(bundle, "chronologyComplete") == false {
        blocks.push(Block::Note("There are more rows than are printed here.".to_owned()));
    }
    let place: HashMap<&str, usize> =
        rows.iter().enumerate().filter_map(|(n, each)| Some((at!(each, "row" / "id").as_str()?, n + 1))).collect();
    let number = |id: &Value| id.as_str().and_then(|id| place.get(id)).map_or_else(String::new, usize::to_string);
    let line = |(n, each): (usize, &Value)| {
        let row = at!(each, "row");
        let mut told = said(at!(row, "text")).unwrap_or_else(|| "Withheld.".to_owned());
        if let Some(response) = said(at!(row, "response")) {
            told = format!("{told}\nDone: {response}");
        }
        if at!(row, "thirdParty") == true {
            told = format!("{told}\n(about, or from, a third party)");
        }
        if at!(row, "locates") == true {
            told = format!("{told}\n(tells where the child is: not to be spoken of before the family)");
        }
        if !each["duplicateOfId"].is_null() {
            told = format!("{told}\n(also told in row {})", number(at!(each, "duplicateOfId")));
        }
        let differs: Vec<_> = list(at!(each, "conflictsWithIds")).iter().map(number).collect();
        if !differs.is_empty() {
            told = format!("{told}\n(differs from row {})", differs.join(", "));
        }
        vec![
            (n + 1).to_string(),
            days(row),
            told,
            format!("{}\n{}", agency(row), said(at!(row, "source")).unwrap_or_default()),
        ]
    };
    blocks.push(Block::Table {
        head: ["Row", "When", "What happened", "Source"].map(str::to_owned).to_vec(),
        widths: vec![7, 18, 47, 28],
        rows: rows.iter().enumerate().map(line).collect(),
    });
}

fn withheld(categories: &Value, blocks: &mut Vec<Block>) {
    let named: Vec<_> = list(categories).iter().map(|each| in_words(each).to_lowercase()).collect();
    if !named.is_empty() {
        blocks.push(Block::Note(format!("Withheld from this reader: {}.", named.join(", "))));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// What somebody wrote, as it was written, or a number: capitals are theirs, «CPOMS» is no code.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        other => text(other),
    }
}

/// A word of a code of the API, as it is read.
fn word(value: &Value) -> Option<String> {
    text(value).map(|_| in_words(value))
}

fn agency(value: &Value) -> String {
    text(at!(value, "agency" / "name")).unwrap_or_else(|| "An agency that is withheld".to_owned())
}

fn name_of(child: &Value) -> String {
    let parts = ["givenName", "familyName"].iter().filter_map(|name| text(child.get(name).unwrap_or(&Value::Null)));
    let name = parts.collect::<Vec<_>>().join(" ");
    if name.is_empty() { text(at!(child, "localReference")).unwrap_or_default() } else { name }
}

/// A word of a code: `CP_PLAN` is «CP plan».
fn in_words(value: &Value) -> String {
    let word = |(n, word): (usize, &str)| match word {
        // abbreviations of the field
        "CP" | "CIN" | "GP" => word.to_owned(),
        _ if n == 0 => word.chars().take(1).chain(word.to_lowercase().chars().skip(1)).collect(),
        _ => word.to_lowercase(),
    };
    value.as_str().unwrap_or_default().split('_').enumerate().map(word).collect::<Vec<_>>().join(" ")
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day of an instant or day that is written `2026-11-24…`.
fn day(value: &Value) -> String {
    value.as_str().map(long_day).unwrap_or_default()
}

pub(super) fn long_day(text: &str) -> String {
    let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<usize>().ok());
    let month = part(5, 7).and_then(|month| MONTHS.get(month.checked_sub(1)?));
    match (part(0, 4), month, part(8, 10)) {
        (Some(year), Some(month), Some(day)) => format!("{day} {month} {year}"),
        _ => text.to_owned(),
    }
}

/// When a row was, as exactly as it is known.
fn days(row: &Value) -> String {
    let on = day(at!(row, "occurredOn"));
    let known = match at!(row, "precision").as_str() {
        Some("MONTH") => on.split_once(' ').map_or(on.clone(), |(_, month)| month.to_owned()),
        Some("YEAR") => on.rsplit(' ').next().unwrap_or_default().to_owned(),
        _ => on,
    };
    text(at!(row, "endedOn")).map_or(known.clone(), |until| format!("{known} to {}", long_day(&until)))
}

pub(super) fn instant(text: &str) -> Option<(u16, u8, u8, u8, u8)> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    Some((text.get(0..4)?.parse().ok()?, part(5, 7)?, part(8, 10)?, part(11, 13)?, part(14, 16)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_withheld_is_said_and_nothing_else_stands_in_its_place() {
        let data = json!({
            "viewer": {"practitioner": {"fullName": "Asha Rao"}, "agency": {"name": "A school"}},
            "conference": {"kind": "REVIEW", "scheduledAt": "2026-12-08T10:00:00+00:00", "bundle": {
                "assembledAt": "2026-11-24T09:05:00+00:00", "chronologyComplete": true,
                "child": {"givenName": "Amelia", "familyName": "Cartwright", "bornOn": "2014-06-24"},
                "restrictedItems": {"nodes": [{"kind": "RESTRICTED", "recordedAt": "2026-11-20T09:00:00+00:00", "thirdParty": true,
                    "originatorAgency": {"name": "A school"}, "text": "Not in front of him."},
                    {"kind": "CONTACT", "recordedAt": "2026-11-20T09:00:00+00:00", "thirdParty": false,
                    "originatorAgency": {"name": "A school"}}]},
                "missing": {"nodes": [{"dueAt": "2026-12-03T00:00:00+00:00", "status": "OPEN", "agency": null}]},
                "reports": {"nodes": [{"state": "RELEASED", "version": 2, "submittedAt": "2026-11-20T09:00:00+00:00",
                    "agency": {"name": "Warwickshire Police"}, "author": null, "withheld": ["FAMILY_VIEWS"],
                    "agreedOn": "2026-11-19", "agreedBy": {"fullName": "Neil Boyd"},
                    "worries": "CPOMS", "strengths": "NFA_2", "childVoice": null, "recommendation": "CP_PLAN", "safetyScore": 3,
                    "attachments": {"nodes": [{"name": "MARAC.PDF", "state": "CLEAN", "sha256": "0f"},
                        {"name": null, "state": "QUARANTINED", "sha256": "1f"}]},
                    "answers": {"nodes": [{"item": "INCIDENTS", "asks": "Incidents", "says": "FACT", "text": null},
                        {"item": "LOG", "asks": "Log", "says": "FACT", "text": "PNC", "thirdParty": true, "locates": true},
                        {"item": "ARMED", "asks": "Armed", "says": "FACT", "choice": "NOT_KNOWN"},
                        {"item": "LAST", "asks": "Last call", "says": "FACT", "day": "2026-11-02"}]}}]},
                "chronology": [
                    {"duplicateOfId": null, "conflictsWithIds": [], "row": {"id": "a", "occurredOn": "2026-03-01",
                        "precision": "MONTH", "text": null, "agency": null}},
                    {"duplicateOfId": "a", "conflictsWithIds": ["a"], "row": {"id": "b", "occurredOn": "2026-03-02",
                        "precision": "DAY", "text": "CPOMS", "source": "CPOMS", "response": "MASH", "thirdParty": true, "locates": true,
                        "agency": {"name": "A school"}}}]}}});
        let paper = pages(&data).unwrap();
        assert_eq!(paper.title, "Review conference on 8 December 2026: Amelia Cartwright");
        assert_eq!(paper.made, (2026, 11, 24, 9, 5));
        let has = |block: &Block| assert!(paper.blocks.contains(block), "{block:?} in {:#?}", paper.blocks);
        has(&Block::Note("Withheld from this reader: family views.".to_owned()));
        has(&Block::Paragraph("CP plan".to_owned()));
        has(&Block::Paragraph("Not known".to_owned()));
        has(&Block::Paragraph("2 November 2026".to_owned()));
        // what people wrote stands as they wrote it, in capitals as well
        for written in ["CPOMS", "NFA_2", "PNC"] {
            has(&Block::Paragraph(written.to_owned()));
        }
        has(&Block::Note("About, or from, a third party.".to_owned()));
        has(&Block::Note("Tells where the child is: not to be spoken of before the family.".to_owned()));
        has(&Block::Note("Agreed by Neil Boyd on 19 November 2026.".to_owned()));
        has(&Block::Table {
            head: ["File", "Stands", "SHA-256"].map(str::to_owned).to_vec(),
            widths: vec![22, 12, 66],
            rows: vec![
                ["MARAC.PDF", "Clean", "0f"].map(str::to_owned).to_vec(),
                ["Withheld.", "Quarantined", "1f"].map(str::to_owned).to_vec(),
            ],
        });
        has(&Block::Paragraph("3".to_owned()));
        has(&Block::Heading(3, "Restricted: A school, 20 November 2026".to_owned()));
        has(&Block::Paragraph("Not in front of him.".to_owned()));
        has(&Block::Note("Printed for who says why it is needed (X-Access-Reason).".to_owned()));
        has(&Block::Note("Withheld.".to_owned()));
        let Some(Block::Table { rows, .. }) = paper.blocks.last() else { panic!("a chronology") };
        assert_eq!(rows[0], ["1", "March 2026", "Withheld.", "An agency that is withheld\n"]);
        assert_eq!(
            rows[1][2],
            "CPOMS\nDone: MASH\n(about, or from, a third party)\n(tells where the child is: not to be spoken of before the \
             family)\n(also told in row 1)\n(differs from row 1)"
        );
        assert_eq!(rows[1][3], "A school\nCPOMS");
        assert!(super::super::render(&paper).unwrap().starts_with(b"%PDF-1.7"));
    }
}
