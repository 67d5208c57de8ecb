//! Merged blocks: a block shows one value for several cells, and only its first cell holds it. Down a column, that value is every
//! row's; across columns it is nobody's, as a name is no code.

use quick_xml::events::Event;

use super::{Part, damaged, text::attribute};
use crate::intake::{
    cell::{Cell, Covered},
    error::IntakeError,
    headers::MAX_COLUMNS,
};

/// The most merged blocks of a sheet.
const MAX_BLOCKS: usize = 200_000;

/// A merged block; rows and columns from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    rows: (u32, u32),
    columns: (usize, usize),
    /// As the spreadsheet names it: `B2:B4`.
    name: String,
}

/// The row and column (from 0) of a cell that is named so: `AB12`.
pub fn place(name: &str) -> Option<(u32, usize)> {
    let name = name.trim().trim_start_matches('$');
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    if !(1..=3).contains(&letters) {
        return None;
    }
    let (letters, digits) = name.split_at_checked(letters)?;
    let column = letters.bytes().fold(0_usize, |sum, b| {
        sum * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1
    });
    let digits = digits.trim_start_matches('$');
    if digits.is_empty() || digits.len() > 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse::<u32>().ok()?.checked_sub(1)?, column - 1))
}

impl Block {
    fn parse(name: &str) -> Option<Self> {
        let (first, last) = name.split_once(':')?;
        let (first, last) = (place(first)?, place(last)?);
        Some(Self {
            rows: (first.0.min(last.0), first.0.max(last.0)),
            columns: (first.1.min(last.1), first.1.max(last.1)),
            name: name.to_owned(),
        })
    }
}

/// The merged blocks of a sheet, which stand behind its cells.
///
/// # Errors
/// Damaged, or more than can be meant.
pub fn blocks(mut part: Part<'_>) -> Result<Vec<Block>, IntakeError> {
    let mut blocks = Vec::new();
    let (mut buffer, mut skipped) = (Vec::new(), Vec::new());
    loop {
        buffer.clear();
        match part.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) if element.local_name().as_ref() == b"sheetData" => {
                let end = element.to_end().into_owned();
                // What is damaged there is told with its place when the cells are read.
                if part.read_to_end_into(end.name(), &mut skipped).is_err() {
                    return Ok(blocks);
                }
            }
            Ok(Event::Start(element) | Event::Empty(element)) if element.local_name().as_ref() == b"mergeCell" => {
                let block = attribute(&element, b"ref").and_then(|name| Block::parse(&name));
                blocks.extend(block.filter(|b| b.columns.0 < MAX_COLUMNS));
                if blocks.len() > MAX_BLOCKS {
                    return Err(IntakeError::TooLarge(format!("合并区域超过 {MAX_BLOCKS} 个")));
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    blocks.sort_by_key(|b| (b.rows.0, b.columns.0));
    Ok(blocks)
}

/// A block that rows are in.
struct Open {
    block: usize,
    value: Cell<'static>,
}

/// What merged blocks say, row by row.
pub struct Merged {
    blocks: Vec<Block>,
    /// The first block that no row has reached.
    next: usize,
    /// By column; what one row costs does not grow with the blocks.
    open: Vec<Option<Open>>,
    /// Blocks that begin above this row (from 0) are headings.
    first_row: u32,
}

impl Merged {
    /// Of the blocks of a sheet, by their first row.
    pub fn new(blocks: Vec<Block>) -> Self {
        Self {
            blocks,
            next: 0,
            open: std::iter::repeat_with(|| None).take(MAX_COLUMNS).collect(),
            first_row: 0,
        }
    }

    /// Rows from `row` (from 0) on hold data; what is merged above says nothing of them.
    pub fn begin_at(&mut self, row: u32) {
        self.first_row = row;
        for open in &mut self.open {
            *open = None;
        }
    }

    /// Fills in what the row `at` has from blocks that began above it; answers the cells that a block covers. A row without anything
    /// of its own stays so.
    ///
    /// # Errors
    /// Blocks that overlap.
    pub fn fill(&mut self, at: u32, cells: &mut Vec<Cell<'_>>) -> Result<Vec<Covered>, IntakeError> {
        self.advance(at, cells)?;
        let own = cells
            .iter()
            .enumerate()
            .any(|(column, cell)| !cell.is_empty() && self.at(column, at).is_none());
        let mut covered = Vec::new();
        for column in 0..MAX_COLUMNS {
            let Some((block, value)) = self.at(column, at) else {
                continue;
            };
            let is_first_column = block.columns.0 == column;
            if is_first_column && block.rows.0 == at {
                if block.rows.1 > at {
                    covered.push(Covered::down(column, &block.name));
                }
                continue;
            }
            if cells.get(column).is_some_and(|cell| !cell.is_empty()) {
                // It is there and nobody sees it.
                covered.push(Covered::sideways(column, &block.name));
                continue;
            }
            if !own && block.rows.0 != at {
                continue;
            }
            if !is_first_column {
                covered.push(Covered::sideways(column, &block.name));
                continue;
            }
            covered.push(Covered::below(column, &block.name));
            let value = value.clone();
            if !value.is_empty() {
                if cells.len() <= column {
                    cells.resize(column + 1, Cell::Empty);
                }
                if let Some(cell) = cells.get_mut(column) {
                    *cell = value;
                }
            }
        }
        Ok(covered)
    }

    /// The row (from 0) down to which the row `at` is merged as a whole: every cell with something in it is the first of a block of one
    /// column that ends there, so that the rows below it have nothing of their own.
    pub fn whole(&self, at: u32, cells: &[Cell<'_>]) -> Option<u32> {
        let mut end = None;
        for (column, _) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let (block, _) = self.at(column, at)?;
            let is_own = block.rows.0 == at && block.rows.1 > at && block.columns == (column, column);
            if !is_own || end.is_some_and(|end| end != block.rows.1) {
                return None;
            }
            end = Some(block.rows.1);
        }
        end
    }

    /// The block that a cell is in, and its value.
    fn at(&self, column: usize, row: u32) -> Option<(&Block, &Cell<'static>)> {
        let open = self.open.get(column)?.as_ref()?;
        let block = self.blocks.get(open.block)?;
        (block.rows.0 <= row && row <= block.rows.1).then_some((block, &open.value))
    }

    /// Opens the blocks that begin at or above the row.
    fn advance(&mut self, at: u32, cells: &[Cell<'_>]) -> Result<(), IntakeError> {
        while let Some(block) = self.blocks.get(self.next).filter(|b| b.rows.0 <= at) {
            let index = self.next;
            self.next += 1;
            if block.rows.0 < self.first_row || block.rows.1 < at {
                continue;
            }
            // A block that begins in a row that the file does not have shows nothing.
            let value = match cells.get(block.columns.0) {
                Some(cell) if block.rows.0 == at => cell.clone().into_owned(),
                _ => Cell::Empty,
            };
            for column in block.columns.0..=block.columns.1.min(MAX_COLUMNS - 1) {
                if self.at(column, at).is_some() {
                    return Err(damaged(&format!("合并区域 {} 与其他合并区域重叠", block.name)));
                }
                if let Some(open) = self.open.get_mut(column) {
                    *open = Some(Open {
                        block: index,
                        value: value.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn text(text: &'static str) -> Cell<'static> {
        Cell::text(Cow::Borrowed(text))
    }

    fn merged(names: &[&str]) -> Merged {
        let mut blocks: Vec<Block> = names.iter().map(|name| Block::parse(name).unwrap()).collect();
        blocks.sort_by_key(|b| (b.rows.0, b.columns.0));
        Merged::new(blocks)
    }

    #[test]
    fn places_are_read_as_spreadsheets_name_them() {
        for (name, at) in [
            ("A1", (0, 0)),
            ("AL2", (1, 37)),
            ("$B$10", (9, 1)),
            ("xfd1048576", (1_048_575, 16_383)),
        ] {
            assert_eq!(place(name), Some(at), "{name}");
        }
        for name in ["", "1", "A", "A0", "ABCD1", "A12345678", "A1B"] {
            assert_eq!(place(name), None, "{name}");
        }
    }

    #[test]
    fn a_block_gives_its_value_down_and_not_across() {
        let mut merged = merged(&["B2:B4", "C2:D3"]);
        let mut row = vec![text("1"), text("甲"), text("乙")];
        assert_eq!(merged.fill(1, &mut row).unwrap().len(), 3);
        let mut row = vec![text("2")];
        let covered = merged.fill(2, &mut row).unwrap();
        assert_eq!(row, [text("2"), text("甲"), text("乙")]);
        assert_eq!(
            covered
                .iter()
                .filter(|c| c.sideways)
                .map(|c| c.place)
                .collect::<Vec<_>>(),
            [3]
        );
        // Row 4 has nothing of its own: no row.
        let mut row = Vec::new();
        assert_eq!(merged.fill(3, &mut row).unwrap(), []);
        assert_eq!(row, []);
        let mut row = vec![text("5")];
        assert_eq!(merged.fill(4, &mut row).unwrap(), []);
    }

    #[test]
    fn headings_say_nothing_of_the_rows_below_and_overlaps_are_told() {
        let mut heading = merged(&["A1:A2", "B1:C1"]);
        heading.fill(0, &mut vec![text("编号"), text("名称")]).unwrap();
        heading.begin_at(1);
        let mut row = vec![Cell::Empty, text("x")];
        assert_eq!(heading.fill(1, &mut row).unwrap(), []);
        assert_eq!(row, [Cell::Empty, text("x")]);
        let mut overlapping = merged(&["A2:A9", "A5:B6"]);
        overlapping.fill(1, &mut vec![text("x")]).unwrap();
        assert!(
            overlapping
                .fill(4, &mut vec![Cell::Empty, Cell::Empty, text("y")])
                .is_err()
        );
    }
}
