//! A report as text: headings by `#` or by their number, tables of cells between tabs or bars, paragraphs whose lines may be broken
//! anywhere, even in the middle of a word, as text taken from pages is.

use crate::domain::{
    outline::{Block, MAX_COLUMNS, Outline, OutlineCell, OutlineTable, heading_number, is_caption},
    steps,
};

/// The longest line that may be a numbered heading, in characters.
const MAX_HEADING_CHARS: usize = 40;

/// Reads a text.
pub(super) fn read(text: &str) -> Outline {
    let mut builder = Builder::default();
    for line in text.lines() {
        builder.line(line);
    }
    builder.finish()
}

/// Makes blocks of lines and rows.
#[derive(Default)]
pub(super) struct Builder {
    outline: Outline,
    table: OutlineTable,
}

impl Builder {
    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        if trimmed.starts_with('|') {
            let inner = trimmed.trim_start_matches('|');
            let cells: Vec<OutlineCell> = split_bars(inner.strip_suffix('|').unwrap_or(inner));
            // The line between head and body is no row.
            let is_rule =
                |cell: &OutlineCell| !cell.text.is_empty() && cell.text.chars().all(|c| matches!(c, '-' | ':'));
            if !cells.iter().all(is_rule) {
                self.table.rows.push(cells);
            }
        } else if line.trim_matches(' ').contains('\t') && !trimmed.is_empty() {
            let cells = line
                .split('\t')
                .take(MAX_COLUMNS)
                .map(|cell| OutlineCell::from(cell.trim()));
            self.table.rows.push(cells.collect());
        } else if !trimmed.is_empty() {
            self.paragraph(trimmed);
        } else if self.table.rows.len() > 1 {
            self.end_table();
        }
    }

    /// A line, or a paragraph, of words.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.end_table();
        steps::tick(text.len());
        let plain = text.replace("**", "");
        let plain = plain.trim();
        if let Some(heading) = plain.strip_prefix('#') {
            self.heading(heading.trim_start_matches('#').trim());
            return;
        }
        if is_numbered_heading(plain) {
            self.heading(plain);
            return;
        }
        match self.outline.blocks.last_mut() {
            // A sentence that has not ended goes on, unless what comes is a line of its own kind.
            Some(Block::Paragraph(before)) if goes_on(before) && !is_caption(plain) => {
                // Words of another script keep their distance; Chinese has none.
                if before.ends_with(|c: char| c.is_ascii_alphanumeric())
                    && plain.starts_with(|c: char| c.is_ascii_alphanumeric())
                {
                    before.push(' ');
                }
                before.push_str(plain);
            }
            _ => self.outline.blocks.push(Block::Paragraph(plain.to_owned())),
        }
    }

    /// A heading.
    pub(super) fn heading(&mut self, text: &str) {
        self.end_table();
        self.outline.blocks.push(Block::Heading(text.to_owned()));
    }

    /// A whole table.
    pub(super) fn table(&mut self, table: OutlineTable) {
        self.end_table();
        self.table = table;
        self.end_table();
    }

    fn end_table(&mut self) {
        if !self.table.rows.is_empty() {
            let mut table = std::mem::take(&mut self.table);
            table.square();
            self.outline.blocks.push(Block::Table(table));
        }
    }

    pub(super) fn finish(mut self) -> Outline {
        self.end_table();
        self.outline
    }
}

/// Cells between bars; a bar behind a backslash is one of the text.
fn split_bars(line: &str) -> Vec<OutlineCell> {
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in line.chars() {
        steps::tick(1);
        if cells.len() > MAX_COLUMNS {
            break;
        }
        match (c, cells.last_mut()) {
            ('\\', _) if !escaped => {
                escaped = true;
                continue;
            }
            ('|', _) if !escaped => cells.push(String::new()),
            (c, Some(cell)) => cell.push(c),
            (_, None) => {}
        }
        escaped = false;
    }
    let tidy = |cell: String| OutlineCell::from(cell.replace("**", "").trim());
    cells.into_iter().map(tidy).collect()
}

/// Whether a paragraph stops in the middle of a sentence.
fn goes_on(text: &str) -> bool {
    !is_caption(text) && !text.ends_with(['。', '！', '？', '：', '；', '”', '!', '?'])
}

/// Whether a line is a heading by its number (一、 （一） 1. 1、) and its brevity.
fn is_numbered_heading(text: &str) -> bool {
    let short = text.chars().count() <= MAX_HEADING_CHARS && !text.contains(['。', '，', '；']);
    short && heading_number(text).is_some()
}
