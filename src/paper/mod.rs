//! Pages for people: headings, paragraphs and tables, laid out on A4, with the structure that a screen reader goes by
//! (PDF/UA-1). Knows nothing of what is written on them.

pub mod bundle;
pub mod letter;

use std::num::NonZeroU16;

use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree};
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};

/// What stands on pages, in reading order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading of a level from 1.
    Heading(u16, String),
    /// A paragraph; its lines are kept.
    Paragraph(String),
    /// A paragraph of lesser weight: what a statement is, where it comes from.
    Note(String),
    /// A table with a heading to each column.
    Table {
        /// The headings.
        head: Vec<String>,
        /// How wide the columns are, in parts of the whole.
        widths: Vec<u16>,
        /// The rows, a text for each column.
        rows: Vec<Vec<String>>,
    },
}

/// A document.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Its title.
    pub title: String,
    /// What stands at the foot of each page: for whom it is, and of when.
    pub foot: String,
    /// When it was made: year, month, day, hour, minute, of the universal time.
    pub made: (u16, u8, u8, u8, u8),
    /// What stands on it.
    pub blocks: Vec<Block>,
}

/// Why no pages were made: a fault of the program.
#[derive(Debug)]
pub struct Unprintable(String);

impl std::fmt::Display for Unprintable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the pages cannot be written: {}", self.0)
    }
}

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 54.0;
/// Where the foot begins.
const FOOT: f32 = HEIGHT - 40.0;
const BOTTOM: f32 = HEIGHT - 62.0;
const TEXT: f32 = 10.0;
const SMALL: f32 = 8.5;
/// Between two columns.
const GUTTER: f32 = 8.0;

/// A font with the widths of its letters.
struct Face {
    font: Font,
    metrics: ttf_parser::Face<'static>,
}

impl Face {
    fn new(data: &'static [u8]) -> Result<Self, Unprintable> {
        let metrics = ttf_parser::Face::parse(data, 0).map_err(|error| Unprintable(error.to_string()))?;
        let font = Font::new(data.into(), 0).ok_or_else(|| Unprintable("no font".to_owned()))?;
        Ok(Self { font, metrics })
    }

    /// What the font can show: whatever it has no letter for is shown as such.
    fn shown(&self, text: &str) -> String {
        let known = |c: char| self.metrics.glyph_index(c).is_some();
        text.chars().map(|c| if c == '\t' { ' ' } else { c }).map(|c| if known(c) { c } else { '\u{fffd}' }).collect()
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        let advance =
            |c: char| self.metrics.glyph_index(c).and_then(|id| self.metrics.glyph_hor_advance(id)).unwrap_or(0);
        let units: f32 = text.chars().map(|c| f32::from(advance(c))).sum();
        units * size / f32::from(self.metrics.units_per_em())
    }

    /// The lines of a text in a column; a word that is wider than it is broken.
    fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.trim_end().split('\n') {
            let paragraph = self.shown(paragraph.trim_end_matches('\r'));
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width(&longer, size) <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                for c in word.chars() {
                    if !line.is_empty() && self.width(&format!("{line}{c}"), size) > width {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.push(c);
                }
            }
            lines.push(line);
        }
        lines
    }
}

/// A line on its place: what is drawn, and where in the structure it belongs.
struct Line {
    page: usize,
    x: f32,
    y: f32,
    size: f32,
    bold: bool,
    text: String,
    /// The place of its element among all that are read.
    leaf: usize,
}

/// An element of the structure.
enum Element {
    Heading(u16, String, usize, f32),
    Paragraph,
    /// Rows of cells; each cell is a leaf. The first row are the headings.
    Table(Vec<Vec<usize>>),
}

/// Lays blocks out, line by line.
struct Layout<'f> {
    plain: &'f Face,
    bold: &'f Face,
    page: usize,
    y: f32,
    lines: Vec<Line>,
    rules: Vec<(usize, f32)>,
    elements: Vec<(Element, usize)>,
    leaves: usize,
}

impl Layout<'_> {
    fn face(&self, bold: bool) -> &Face {
        if bold { self.bold } else { self.plain }
    }

    fn leaf(&mut self) -> usize {
        self.leaves += 1;
        self.leaves - 1
    }

    /// Makes room for a line, on the next page if there is none here.
    fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.page += 1;
            self.y = MARGIN;
        }
    }

    fn text(&mut self, text: &str, (size, bold): (f32, bool), leaf: usize) {
        let lines = self.face(bold).lines(text, size, WIDTH - 2.0 * MARGIN);
        for text in lines {
            self.room(size * 1.4);
            self.y += size * 1.4;
            self.lines.push(Line { page: self.page, x: MARGIN, y: self.y, size, bold, text, leaf });
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(level, text) => {
                let size = match level {
                    1 => 18.0,
                    2 => 14.0,
                    _ => 11.5,
                };
                self.y += size * 0.7;
                // a heading does not stand alone at the end of a page
                self.room(size * 1.4 + 3.0 * TEXT * 1.4);
                let leaf = self.leaf();
                self.elements.push((Element::Heading(*level, text.clone(), self.page, self.y), leaf));
                self.text(text, (size, true), leaf);
                self.y += 3.0;
            }
            Block::Paragraph(text) | Block::Note(text) => {
                let size = if matches!(block, Block::Note(_)) { SMALL } else { TEXT };
                let leaf = self.leaf();
                self.elements.push((Element::Paragraph, leaf));
                self.text(text, (size, false), leaf);
                self.y += 4.0;
            }
            Block::Table { head, widths, rows } => self.table(head, widths, rows),
        }
    }

    fn table(&mut self, head: &[String], widths: &[u16], rows: &[Vec<String>]) {
        let whole: f32 = widths.iter().map(|width| f32::from(*width)).sum::<f32>().max(1.0);
        let widths: Vec<f32> = widths.iter().map(|width| (WIDTH - 2.0 * MARGIN) * f32::from(*width) / whole).collect();
        let mut cells = Vec::new();
        self.y += 4.0;
        for (n, row) in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)).enumerate() {
            cells.push(self.row(row, &widths, n == 0));
        }
        self.y += 6.0;
        let first = cells.first().and_then(|row| row.first()).copied().unwrap_or_default();
        self.elements.push((Element::Table(cells), first));
    }

    /// A row, line by line: it may go on on the next page.
    fn row(&mut self, row: &[String], widths: &[f32], bold: bool) -> Vec<usize> {
        let (size, face) = (SMALL, self.face(bold));
        let columns: Vec<_> =
            row.iter().zip(widths).map(|(text, width)| face.lines(text, size, width - GUTTER)).collect();
        let leaves: Vec<_> = columns.iter().map(|_| self.leaf()).collect();
        let height = columns.iter().map(Vec::len).max().unwrap_or(0);
        for n in 0..height {
            self.room(size * 1.4);
            self.y += size * 1.4;
            let mut x = MARGIN;
            for ((column, width), leaf) in columns.iter().zip(widths).zip(&leaves) {
                if let Some(text) = column.get(n) {
                    let (page, y, text) = (self.page, self.y, text.clone());
                    self.lines.push(Line { page, x, y, size, bold, text, leaf: *leaf });
                }
                x += width;
            }
        }
        self.y += 3.0;
        self.rules.push((self.page, self.y));
        leaves
    }
}

/// Makes the pages.
///
/// # Errors
/// Where the pages would not be what they are to be; whatever their texts say.
pub fn render(paper: &Paper) -> Result<Vec<u8>, Unprintable> {
    let (plain, bold) = (Face::new(dejavu::sans_condensed::regular())?, Face::new(dejavu::sans_condensed::bold())?);
    let mut layout = Layout {
        plain: &plain,
        bold: &bold,
        page: 0,
        y: MARGIN,
        lines: Vec::new(),
        rules: Vec::new(),
        elements: Vec::new(),
        leaves: 0,
    };
    layout.block(&Block::Heading(1, paper.title.clone()));
    for block in &paper.blocks {
        layout.block(block);
    }
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| Unprintable(format!("{error:?}")))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let leaves = draw(&mut document, &layout, &paper.foot)?;
    document.set_tag_tree(structure(&layout.elements, leaves));
    document.set_outline(outline(&layout.elements));
    document.set_metadata(metadata(paper));
    document.finish().map_err(|error| Unprintable(format!("{error:?}")))
}

fn metadata(paper: &Paper) -> Metadata {
    let (year, month, day, hour, minute) = paper.made;
    let made = DateTime::new(year).month(month).day(day).hour(hour).minute(minute).second(0);
    let made = made.utc_offset_hour(0).utc_offset_minute(0);
    Metadata::new()
        .title(paper.title.clone())
        .language("en-GB".to_owned())
        .creator("Quorate".to_owned())
        .producer("Quorate".to_owned())
        .creation_date(made)
}

/// Draws all pages; answers what was drawn for each leaf of the structure.
fn draw(document: &mut Document, layout: &Layout<'_>, foot: &str) -> Result<Vec<Vec<Identifier>>, Unprintable> {
    let mut leaves: Vec<Vec<Identifier>> = vec![Vec::new(); layout.leaves];
    for n in 0..=layout.page {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| Unprintable("no page".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        surface.set_fill(Some(Fill::default()));
        for line in layout.lines.iter().filter(|line| line.page == n) {
            let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            write(&mut surface, layout.face(line.bold), line);
            surface.end_tagged();
            if let Some(leaf) = leaves.get_mut(line.leaf) {
                leaf.push(id);
            }
        }
        surface.start_tagged(ContentTag::Artifact(krilla::tagging::Artifact::with_kind(ArtifactType::Layout)));
        for (_, y) in layout.rules.iter().filter(|(page, _)| *page == n) {
            rule(&mut surface, *y);
        }
        surface.end_tagged();
        surface.start_tagged(ContentTag::Artifact(krilla::tagging::Artifact::with_kind(ArtifactType::Footer)));
        let text = layout.plain.shown(&format!("{foot} – page {} of {}", n + 1, layout.page + 1));
        let lines = layout.plain.lines(&text, SMALL, WIDTH - 2.0 * MARGIN);
        for (text, n) in lines.into_iter().zip(0_u8..2) {
            let y = FOOT + f32::from(n) * SMALL * 1.3;
            write(&mut surface, layout.plain, &Line { page: 0, x: MARGIN, y, size: SMALL, bold: false, text, leaf: 0 });
        }
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    Ok(leaves)
}

fn write(surface: &mut Surface<'_>, face: &Face, line: &Line) {
    let at = Point::from_xy(line.x, line.y);
    // a space at the end of a line keeps its last word apart from the first of the next
    surface.draw_text(at, face.font.clone(), line.size, &format!("{} ", line.text), false, TextDirection::Auto);
}

fn rule(surface: &mut Surface<'_>, y: f32) {
    let mut path = PathBuilder::new();
    path.move_to(MARGIN, y);
    path.line_to(WIDTH - MARGIN, y);
    if let Some(path) = path.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke { width: 0.4, ..Stroke::default() }));
        surface.draw_path(&path);
        surface.set_stroke(None);
        surface.set_fill(Some(Fill::default()));
    }
}

fn structure(elements: &[(Element, usize)], mut leaves: Vec<Vec<Identifier>>) -> TagTree {
    let mut take = |leaf: usize| -> Vec<Node> {
        leaves.get_mut(leaf).map(std::mem::take).unwrap_or_default().into_iter().map(Node::from).collect()
    };
    let mut tree = TagTree::new().with_lang(Some("en-GB".to_owned()));
    for (element, leaf) in elements {
        let group = match element {
            Element::Heading(level, text, ..) => {
                let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                TagGroup::with_children(Tag::Hn(level, Some(text.clone())), take(*leaf))
            }
            Element::Paragraph => TagGroup::with_children(Tag::P, take(*leaf)),
            Element::Table(rows) => {
                let mut table = TagGroup::new(Tag::Table);
                for (n, row) in rows.iter().enumerate() {
                    let mut of_row = TagGroup::new(Tag::TR);
                    for leaf in row {
                        let cell = take(*leaf);
                        of_row.push(if n == 0 {
                            TagGroup::with_children(Tag::TH(TableHeaderScope::Column), cell)
                        } else {
                            TagGroup::with_children(Tag::TD, cell)
                        });
                    }
                    table.push(of_row);
                }
                table
            }
        };
        tree.push(group);
    }
    tree
}

/// The headings, those of a level below the one before them that is above it.
fn outline(elements: &[(Element, usize)]) -> Outline {
    let headings = elements.iter().filter_map(|(element, _)| match element {
        Element::Heading(level, text, page, y) => Some((*level, text, *page, *y)),
        Element::Paragraph | Element::Table(_) => None,
    });
    let mut outline = Outline::new();
    let mut open: Vec<(u16, OutlineNode)> = Vec::new();
    for (level, text, page, y) in headings {
        while open.last().is_some_and(|(above, _)| *above >= level) {
            close(&mut outline, &mut open);
        }
        let to = XyzDestination::new(page, Point::from_xy(0.0, y));
        open.push((level, OutlineNode::new(text.clone(), to)));
    }
    while !open.is_empty() {
        close(&mut outline, &mut open);
    }
    outline
}

/// Hangs the last open heading under the one above it.
fn close(outline: &mut Outline, open: &mut Vec<(u16, OutlineNode)>) {
    if let Some((_, node)) = open.pop() {
        match open.last_mut() {
            Some((_, above)) => above.push_child(node),
            None => outline.push_child(node),
        }
    }
}
