//! A document as far as its words and numbers go: headings, paragraphs, tables. What a report that was written elsewhere is read
//! into before anything is looked for in it.

use super::steps;

/// A document from beginning to end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// Its blocks in order.
    pub blocks: Vec<Block>,
}

/// A block of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph, whole, however its lines were broken.
    Paragraph(String),
    /// A table.
    Table(OutlineTable),
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutlineTable {
    /// The line above (or below) it that begins with 表 or 图; empty where there is none.
    pub caption: String,
    /// Its rows, all of them with as many cells.
    pub rows: Vec<Vec<OutlineCell>>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutlineCell {
    /// Its text.
    pub text: String,
    /// Whether it is the lower part of the cell above it, by the document's own word. Formats without merged cells never say so.
    pub merged_up: bool,
}

impl OutlineCell {
    /// Drops what of a text is too long for a cell.
    fn cut(&mut self) {
        if self.text.len() > MAX_CELL_CHARS
            && let Some((end, _)) = self.text.char_indices().nth(MAX_CELL_CHARS)
        {
            self.text.truncate(end);
        }
    }
}

impl From<&str> for OutlineCell {
    fn from(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            merged_up: false,
        }
    }
}

/// The most columns of a table, and the most rows: a report has a tenth as many. What is beyond is not looked at.
pub const MAX_COLUMNS: usize = 200;
const MAX_ROWS: usize = 5000;

/// The most characters of a cell that are looked at.
pub const MAX_CELL_CHARS: usize = 2000;

impl OutlineTable {
    /// Fills up short rows, so that every row has as many cells; cuts what is larger than any table of a report, so that the cells are
    /// no more than a text of their size has characters.
    pub fn square(&mut self) {
        self.rows.truncate(MAX_ROWS);
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0).min(MAX_COLUMNS);
        for row in &mut self.rows {
            steps::tick(row.len());
            row.resize(columns, OutlineCell::default());
            for cell in row {
                cell.cut();
            }
        }
    }

    /// Rows as columns and columns as rows; merged cells are taken apart.
    pub fn transposed(&self) -> Self {
        let columns = self.rows.first().map_or(0, Vec::len);
        let cell = |row: &Vec<OutlineCell>, at: usize| {
            let text = row.get(at).map(|cell| cell.text.clone()).unwrap_or_default();
            OutlineCell { text, merged_up: false }
        };
        Self {
            caption: self.caption.clone(),
            rows: (0..columns)
                .map(|at| self.rows.iter().map(|row| cell(row, at)).collect())
                .collect(),
        }
    }
}

impl Outline {
    /// Adds a line of its own: a heading, a paragraph, or the caption of the table that comes before or after it.
    ///
    /// A caption below its table is that of a table without one.
    pub fn caption_tables(&mut self) {
        let captions: Vec<Option<String>> = self.blocks.iter().map(caption).collect();
        for at in 0..self.blocks.len() {
            // A line of its own may give the unit: 单位：万元.
            let line = |back: usize| at.checked_sub(back).and_then(|above| self.blocks.get(above));
            let unit = line(1).and_then(unit_line).map(str::to_owned);
            let above = at
                .checked_sub(1 + usize::from(unit.is_some()))
                .and_then(|above| captions.get(above).cloned().flatten());
            let below = captions.get(at + 1).cloned().flatten();
            if let Some(Block::Table(table)) = self.blocks.get_mut(at)
                && table.caption.is_empty()
            {
                // 表 stands above its table, 图 below its picture and the numbers in it.
                let above = above.filter(|text| text.starts_with(['表', '附']));
                let caption = above
                    .or(below.filter(|text| text.starts_with('图')))
                    .unwrap_or_default();
                table.caption = match unit {
                    Some(unit) => format!("{caption}（{unit}）"),
                    None => caption,
                };
            }
        }
    }
}

/// The text of a block that is the caption of a table or a figure.
fn caption(block: &Block) -> Option<String> {
    match block {
        Block::Heading(text) | Block::Paragraph(text) if is_caption(text) => Some(text.clone()),
        _ => None,
    }
}

/// The most characters of a line that gives the unit of a table.
const MAX_UNIT_LINE: usize = 30;

/// The text of a block that gives the unit of the table below it and says nothing else.
fn unit_line(block: &Block) -> Option<&str> {
    let Block::Paragraph(text) = block else { return None };
    let bare = text.trim().trim_start_matches(['（', '(']);
    let is_unit = bare.starts_with("单位") || bare.starts_with("计量单位") || bare.starts_with("金额单位");
    let is_short = text.chars().nth(MAX_UNIT_LINE).is_none() && !text.contains('。');
    (is_unit && is_short && text.contains(['：', ':'])).then(|| text.trim())
}

/// Whether a line is a caption: 表 or 图, a number, and no sentence.
pub fn is_caption(text: &str) -> bool {
    let text = text.strip_prefix('附').unwrap_or(text);
    let rest = text.strip_prefix(['表', '图']).map(str::trim_start);
    rest.is_some_and(|rest| caption_digits(rest).is_some()) && !text.contains('。')
}

/// The number that `text`, what follows 表 or 图, begins with, in digits of either width (1, １) or in words (一): as written.
pub fn caption_digits(text: &str) -> Option<&str> {
    let is_digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let is_word = |c: char| "一二三四五六七八九十".contains(c);
    let end = |test: &dyn Fn(char) -> bool| text.find(|c| !test(c)).unwrap_or(text.len());
    let end = if text.starts_with(is_digit) {
        end(&is_digit)
    } else {
        end(&is_word)
    };
    text.get(..end).filter(|digits| !digits.is_empty())
}

/// The number that a heading begins with: its level and how places are named by it: (1, 一), (2, （一）), (3, 1).
pub fn heading_number(text: &str) -> Option<(u8, String)> {
    let is_numeral = |c: char| "一二三四五六七八九十".contains(c);
    let digits = |test: fn(char) -> bool| text.chars().take_while(|c| test(*c)).collect::<String>();
    let bracketed = text
        .strip_prefix(['（', '('])
        .and_then(|rest| rest.split_once(['）', ')']));
    if let Some((number, _)) = bracketed
        && !number.is_empty()
        && number.chars().all(is_numeral)
    {
        return Some((2, format!("（{number}）")));
    }
    let numerals = digits(|c| "一二三四五六七八九十".contains(c));
    if !numerals.is_empty() {
        return text.strip_prefix(&numerals)?.starts_with('、').then_some((1, numerals));
    }
    let arabic = digits(|c| c.is_ascii_digit());
    let rest = text.strip_prefix(&arabic).filter(|_| !arabic.is_empty())?;
    // 1.5 is a number and no heading.
    let rest = rest.strip_prefix(['.', '．', '、'])?;
    (arabic.len() <= 2 && !rest.starts_with(|c: char| c.is_ascii_digit())).then_some((3, arabic))
}
