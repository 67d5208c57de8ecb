//! What every renderer of a report's tables needs: the head with its merged cells, and how much room the columns ask for.

use crate::report::{Cell, Table};

/// A cell of a table's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeadCell {
    /// What it says; may be empty.
    pub text: String,
    /// Row from the top, 0 the first.
    pub row: usize,
    /// Column from the left, 0 the first.
    pub column: usize,
    /// Rows that it fills.
    pub rows: usize,
    /// Columns that it fills.
    pub columns: usize,
}

impl HeadCell {
    /// Whether it names one column, and not several together.
    pub fn is_lowest(&self, depth: usize) -> bool {
        self.row + self.rows == depth
    }
}

/// Rows of a table's head, at least one.
pub(super) fn head_depth(table: &Table) -> usize {
    table
        .columns
        .iter()
        .map(|column| column.head.len())
        .max()
        .unwrap_or_default()
        .max(1)
}

/// The cells of the head, row by row. Neighbours with equal upper parts share them; the lowest part of a column, which is its own,
/// reaches down to the body.
pub(super) fn head_cells(table: &Table) -> Vec<HeadCell> {
    let depth = head_depth(table);
    let mut cells = Vec::new();
    for row in 0..depth {
        let mut column = 0;
        while let Some(this) = table.columns.get(column) {
            let parts = this.head.len().max(1);
            if row >= parts {
                column += 1;
                continue;
            }
            let is_lowest = row + 1 == parts;
            let alike = |other: &crate::report::Column| {
                !is_lowest && other.head.len() > row + 1 && other.head[..=row] == this.head[..=row]
            };
            let more = table.columns[column + 1..].iter().take_while(|c| alike(c)).count();
            cells.push(HeadCell {
                text: this.head.get(row).cloned().unwrap_or_default(),
                row,
                column,
                rows: if is_lowest { depth - row } else { 1 },
                columns: 1 + more,
            });
            column += 1 + more;
        }
    }
    cells
}

/// Width of a text in halves of a Chinese character.
pub(super) fn text_width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() || c == '–' { 1 } else { 2 }).sum()
}

/// What a cell says.
pub(super) fn cell_text(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) => text,
        Cell::Figure(number) => &number.text,
    }
}

/// Characters that a head may take in a line before it is broken.
const HEAD_LINE: usize = 12;
/// Characters that words in the body may take in a line before they are broken.
const BODY_LINE: usize = 26;

/// The room that each column asks for, in halves of a Chinese character: its longest number on one line, its words on few.
pub(super) fn column_widths(table: &Table) -> Vec<usize> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let lowest = column.head.last().map_or(0, |head| text_width(head));
            let head = if lowest > HEAD_LINE {
                lowest.div_ceil(2).max(HEAD_LINE)
            } else {
                lowest
            };
            let body = table.rows.iter().filter_map(|row| row.cells.get(index));
            let body = body.map(|cell| match cell {
                Cell::Figure(number) => text_width(&number.text),
                Cell::Text(text) => text_width(text).min(BODY_LINE),
            });
            body.max().unwrap_or_default().max(head).max(4)
        })
        .collect()
}

/// 单位：万元, whether or not the table's unit already says 单位.
pub(super) fn unit_line(table: &Table) -> Option<String> {
    let unit = table.unit.as_ref()?;
    Some(if unit.starts_with("单位") {
        unit.clone()
    } else {
        format!("单位：{unit}")
    })
}

/// Notes, the first marked as such: 注：….
pub(super) fn note_lines(table: &Table) -> Vec<String> {
    let several = table.notes.len() > 1;
    let line = |(index, note): (usize, &String)| match (index, several) {
        (0, false) if !note.starts_with('注') => format!("注：{note}"),
        (0, true) if !note.starts_with('注') => format!("注：1. {note}"),
        (index, true) => format!("{}. {note}", index + 1),
        _ => note.clone(),
    };
    table.notes.iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Align, Column};

    fn table(heads: &[&[&str]]) -> Table {
        let column = |head: &&[&str]| Column {
            head: head.iter().map(|part| (*part).to_owned()).collect(),
            align: Align::Right,
        };
        Table {
            id: "t".into(),
            caption: "表".into(),
            unit: None,
            columns: heads.iter().map(column).collect(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn equal_upper_parts_are_merged_and_lowest_parts_never() {
        let cells = |heads: &[&[&str]]| -> Vec<(String, usize, usize, usize, usize)> {
            let cells = head_cells(&table(heads));
            cells
                .into_iter()
                .map(|c| (c.text, c.row, c.column, c.rows, c.columns))
                .collect()
        };
        let cell = |text: &str, row, column, rows, columns| (text.to_owned(), row, column, rows, columns);
        assert_eq!(
            cells(&[
                &["单位"],
                &["成交额", "2024"],
                &["成交额", "2025"],
                &["占比"],
                &["占比"]
            ]),
            [
                cell("单位", 0, 0, 2, 1),
                cell("成交额", 0, 1, 1, 2),
                cell("占比", 0, 3, 2, 1),
                cell("占比", 0, 4, 2, 1),
                cell("2024", 1, 1, 1, 1),
                cell("2025", 1, 2, 1, 1),
            ]
        );
        // Equal middle parts below different upper ones stay apart; a column without a head has an empty one.
        assert_eq!(
            cells(&[&["甲", "同", "1"], &["乙", "同", "2"], &[]]),
            [
                cell("甲", 0, 0, 1, 1),
                cell("乙", 0, 1, 1, 1),
                cell("", 0, 2, 3, 1),
                cell("同", 1, 0, 1, 1),
                cell("同", 1, 1, 1, 1),
                cell("1", 2, 0, 1, 1),
                cell("2", 2, 1, 1, 1),
            ]
        );
    }

    #[test]
    fn notes_are_numbered_where_there_are_several() {
        let mut table = table(&[&["a"]]);
        table.notes = vec!["甲。".into()];
        assert_eq!(note_lines(&table), ["注：甲。"]);
        table.notes.push("乙。".into());
        assert_eq!(note_lines(&table), ["注：1. 甲。", "2. 乙。"]);
    }
}
