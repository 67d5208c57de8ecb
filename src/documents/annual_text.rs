//! The annual figures as text for a terminal or a mail.

use comfy_table::{CellAlignment, Table as TextTable, presets::ASCII_MARKDOWN};

use super::annual_tables::{annual_tables, provenance, title};
use crate::{domain::catalogue::Catalogue, statistics::AnnualFigures};

/// Writes every table with its heading, in a fixed-width font that gives Chinese characters two columns.
pub fn annual_text(figures: &AnnualFigures, catalogue: &Catalogue) -> String {
    let mut text = format!("{}\n\n{}\n", title(figures), provenance(figures).join("\n"));
    for table in annual_tables(figures, catalogue) {
        let mut lines = TextTable::new();
        lines
            .load_style(ASCII_MARKDOWN)
            .set_header(table.columns)
            .add_rows(table.rows);
        for column in lines.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        text.push_str(&format!("\n{}\n\n{lines}\n", table.title));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::sample::reader::{Sample, ask, catalogue, figures};

    #[test]
    fn the_text_shows_the_figures_in_aligned_columns() {
        let figures = figures(&Sample::read(), &ask(2025, "2026-03-01T00:00:00+08:00", None));
        let text = annual_text(&figures, &catalogue());
        for part in [
            "2025 年技术市场统计",
            "108310.04",
            "表 5",
            "石河子大学",
            "第 7 条，abc",
            "1234.34",
            "2026-03-01T00:00:00",
        ] {
            assert!(text.contains(part), "{part}");
        }
        // Chinese characters take two columns; every line of a table is as wide as its neighbours.
        let width = |line: &str| {
            line.chars()
                .map(|c| if c.is_ascii() || c == '–' { 1 } else { 2 })
                .sum::<usize>()
        };
        for table in text.split("\n\n").filter(|part| part.starts_with('|')) {
            let mut widths = table.lines().map(width);
            let first = widths.next();
            assert!(widths.all(|other| Some(other) == first), "{table}");
        }
    }
}
