//! Pages as a reader has them: their text, their structure and what is drawn on them, by the tools of poppler.

use std::ops::Range;
use std::path::Path;
use std::process::Command;

use quorate::clock::Clock;

use super::is_ci;

/// The sides of a page in points, and what is left free at them.
const WIDTH: usize = 595;
const HEIGHT: usize = 842;
const MARGIN: usize = 54;
/// Where the foot begins, above its first line.
const FOOT: usize = 790;
/// Nothing is drawn below the second line of the foot.
const END: usize = 820;

/// What a tool says of a file of pages; `None` where the tool is not there.
fn tool(name: &str, options: &[&str], pdf: &[u8], after: &[&str]) -> Option<Vec<u8>> {
    let file = std::env::temp_dir().join(format!("quorate-pages-{}.pdf", Clock::system().new_id().simple()));
    std::fs::write(&file, pdf).unwrap();
    let said = run(name, options, &file, after);
    std::fs::remove_file(&file).unwrap();
    said
}

fn run(name: &str, options: &[&str], file: &Path, after: &[&str]) -> Option<Vec<u8>> {
    let Ok(done) = Command::new(name).args(options).arg(file).args(after).output() else {
        assert!(!is_ci(), "CI looks at pages: {name} is missing, use ./scripts/test");
        eprintln!("the pages were NOT LOOKED AT: install the Debian package poppler-utils, or run ./scripts/test");
        return None;
    };
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    Some(done.stdout)
}

/// A text in one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands on the pages, in one line.
pub fn text_of(pdf: &[u8]) -> Option<String> {
    tool("pdftotext", &[], pdf, &["-"]).map(|text| flat(&String::from_utf8_lossy(&text)))
}

/// What a screen reader goes by: the elements, each on its line, with their texts.
pub fn structure_of(pdf: &[u8]) -> Option<String> {
    tool("pdfinfo", &["-struct-text"], pdf, &[]).map(|text| String::from_utf8_lossy(&text).into_owned())
}

/// Checks that pages say these texts, to the eye and to the ear.
pub fn say(pdf: &[u8], texts: &[&str]) {
    let (Some(plain), Some(structure)) = (text_of(pdf), structure_of(pdf)) else { return };
    let read = flat(&structure.replace('"', " "));
    for text in texts {
        assert!(plain.contains(text), "{text}: {plain}");
        assert!(read.contains(text), "{text}: {read}");
    }
    for element in ["H1", "H2", "H3", "Table", "TH", "TD"] {
        assert!(structure.lines().any(|line| line.trim_start().starts_with(element)), "{element}: {structure}");
    }
}

/// A page as it is drawn, a point of grey for each point of the page.
struct Drawn<'p> {
    width: usize,
    height: usize,
    points: &'p [u8],
}

impl Drawn<'_> {
    /// The first place within a part of the page on which something is drawn.
    fn ink(&self, x: &Range<usize>, y: Range<usize>) -> Option<(usize, usize)> {
        let is_dark = |x: usize, y: usize| self.points[y * self.width + x] < 200;
        y.flat_map(|y| x.clone().map(move |x| (x, y))).find(|(x, y)| is_dark(*x, *y))
    }
}

/// The next word of the head of a picture, and what follows the one white space after it.
fn word(bytes: &[u8]) -> (&str, &[u8]) {
    let end = bytes.iter().position(u8::is_ascii_whitespace).unwrap();
    (std::str::from_utf8(&bytes[..end]).unwrap(), &bytes[end + 1..])
}

/// The pages of what `pdftoppm` writes: pictures in grey, one after the other.
fn pages(mut bytes: &[u8]) -> Vec<Drawn<'_>> {
    let mut pages = Vec::new();
    while !bytes.is_empty() {
        let (kind, rest) = word(bytes);
        let (width, rest) = word(rest);
        let (height, rest) = word(rest);
        let (most, rest) = word(rest);
        assert_eq!((kind, most), ("P5", "255"));
        let (width, height) = (width.parse().unwrap(), height.parse().unwrap());
        let (points, rest) = rest.split_at(width * height);
        pages.push(Drawn { width, height, points });
        bytes = rest;
    }
    pages
}

/// Checks that something stands on each page and nothing in its margins; answers how many pages there are, `None` where nobody
/// could look.
pub fn are_well_drawn(pdf: &[u8]) -> Option<usize> {
    let drawn = tool("pdftoppm", &["-r", "72", "-gray"], pdf, &[])?;
    let pages = pages(&drawn);
    for (n, page) in pages.iter().enumerate() {
        assert_eq!((page.width, page.height), (WIDTH, HEIGHT), "page {n}");
        assert!(page.ink(&(MARGIN..WIDTH - MARGIN), MARGIN..FOOT).is_some(), "page {n} is blank");
        assert!(page.ink(&(MARGIN..WIDTH - MARGIN), FOOT..END).is_some(), "page {n} has no foot");
        // a letter may reach a point beyond where it stands
        let margins = [
            (0..MARGIN - 2, 0..HEIGHT),
            (WIDTH - MARGIN + 2..WIDTH, 0..HEIGHT),
            (0..WIDTH, 0..MARGIN - 2),
            (0..WIDTH, END..HEIGHT),
        ];
        for (x, y) in margins {
            assert_eq!(page.ink(&x, y.clone()), None, "page {n}: drawn in the margin {x:?} {y:?}");
        }
    }
    Some(pages.len())
}
