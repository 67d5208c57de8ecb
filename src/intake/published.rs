//! Published figures, to be held against derived ones: a CSV with the columns `figure,published,unit,where`
//! (figure: its name in the annual object; unit: `count`, `wan_yuan`, `yi_yuan`, `percent`, `ratio`).

use std::path::Path;

use super::CellError;

/// One figure as it was printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedFigure {
    /// Row in the file, the header being 1.
    pub row: u32,
    /// Name of the figure.
    pub figure: String,
    /// The number as printed.
    pub published: String,
    /// Unit it is printed in.
    pub unit: String,
    /// Where it stands in the report.
    pub place: String,
}

/// The most figures of a list, and the most characters of a cell: the annual report has some hundreds, each in a few words.
const MAX_FIGURES: usize = 3_000;
const MAX_CHARS: usize = 200;

const COLUMNS: [&str; 4] = ["figure", "published", "unit", "where"];

/// Reads a file of published figures (UTF-8, with or without BOM; columns in any order).
///
/// # Errors
/// What is wrong with the file, located.
pub fn read_published(path: &Path) -> Result<Vec<PublishedFigure>, CellError> {
    let whole = |row: u32, code: &'static str, detail: String| CellError::of_row(row, code, detail);
    let bytes = std::fs::read(path).map_err(|e| {
        whole(
            1,
            "unreadable_file",
            format!("无法读取文件：{}", crate::domain::file_fault::words(&e)),
        )
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| whole(1, "encoding", "文件不是 UTF-8 文本".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader
        .headers()
        .map_err(|e| whole(1, "no_header", e.to_string()))?
        .clone();
    let mut places = [0; 4];
    for (place, name) in places.iter_mut().zip(COLUMNS) {
        *place = headers.iter().position(|h| h == name).ok_or_else(|| {
            whole(
                1,
                "missing_column",
                format!("缺少列“{name}”；应有 {}", COLUMNS.join("、")),
            )
        })?;
    }
    let mut figures = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let row = u32::try_from(index + 2).unwrap_or(u32::MAX);
        let record = record.map_err(|e| whole(row, "unreadable_row", e.to_string()))?;
        if index >= MAX_FIGURES {
            let detail = format!("清单不得超过 {MAX_FIGURES} 行数据");
            return Err(whole(row, "too_large", detail));
        }
        if record.iter().any(|cell| cell.chars().count() > MAX_CHARS) {
            let detail = format!("单元格不得超过 {MAX_CHARS} 字");
            return Err(whole(row, "too_long", detail));
        }
        let [figure, published, unit, place] = places.map(|p| record.get(p).unwrap_or_default().to_owned());
        figures.push(PublishedFigure {
            row,
            figure,
            published,
            unit,
            place,
        });
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_report_reads_whole() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/config/demo/published-2025.csv"));
        let figures = read_published(path).unwrap();
        assert_eq!(figures.len(), 240);
        assert_eq!(
            (figures[1].row, figures[1].published.as_str(), figures[1].place.as_str()),
            (3, "108310.04", "一（一）")
        );
    }

    #[test]
    fn what_no_list_of_figures_is_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.csv");
        let list = |lines: &[String]| format!("figure,published,unit,where\n{}", lines.concat());
        let line = |words: usize| format!("total.contracts,1,count,{}\n", "一".repeat(words));
        for (lines, wrong) in [
            (vec![line(1); MAX_FIGURES], None),
            (vec![line(1); MAX_FIGURES + 1], Some((3002, "too_large"))),
            (vec![line(MAX_CHARS)], None),
            (vec![line(1), line(MAX_CHARS + 1)], Some((3, "too_long"))),
        ] {
            std::fs::write(&path, list(&lines)).unwrap();
            let refused = read_published(&path).err().map(|error| (error.row, error.code));
            assert_eq!(refused, wrong);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.csv");
        std::fs::write(&path, "unit,figure,published\ncount,total.contracts,1\n").unwrap();
        assert!(read_published(&path).unwrap_err().detail.contains("where"));
        assert!(read_published(&folder.path().join("none.csv")).is_err());
    }
}
