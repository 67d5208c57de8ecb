//! Files to import, with cells that each format writes in its own way: UTF-8 and GB18030 text, XLSX with real dates and numbers.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, Timelike as _};
use rust_xlsxwriter::{Format as CellFormat, Workbook};

/// What a cell says.
#[derive(Debug, Clone)]
pub enum Cell {
    Text(String),
    Date(NaiveDate),
    /// Microseconds since 1970.
    Moment(i64),
    /// Fen, written as yuan.
    Yuan(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A table: headers, and rows of as many cells.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub headers: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    Utf8,
    Gb18030,
    Xlsx,
}

impl FileFormat {
    pub const ALL: [Self; 3] = [Self::Utf8, Self::Gb18030, Self::Xlsx];
}

impl Sheet {
    /// Writes the table; the name's extension says nothing of the format, since content decides.
    pub fn write(&self, folder: &Path, name: &str, format: FileFormat) -> PathBuf {
        let path = folder.join(format!("{name}-{format:?}"));
        match format {
            FileFormat::Utf8 => std::fs::write(&path, self.csv(false)).unwrap(),
            // Columns in the opposite order: they are found by their headers.
            FileFormat::Gb18030 => {
                let text = self.csv(true);
                let (bytes, _, lost) = encoding_rs::GB18030.encode(&text);
                assert!(!lost);
                std::fs::write(&path, bytes).unwrap();
            }
            FileFormat::Xlsx => self.xlsx(&path),
        }
        path
    }

    /// As CSV, each kind of cell in one form after the other of those that people use.
    pub fn csv(&self, reversed: bool) -> String {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        let order = |mut cells: Vec<String>| {
            if reversed {
                cells.reverse();
            }
            cells
        };
        csv.write_record(order(self.headers.iter().map(|h| (*h).to_owned()).collect()))
            .unwrap();
        for (row, at) in self.rows.iter().zip(0..) {
            let cells = row.iter().zip(at..).map(|(cell, form)| cell.text(form)).collect();
            csv.write_record(order(cells)).unwrap();
        }
        String::from_utf8(csv.into_inner().unwrap()).unwrap()
    }

    fn xlsx(&self, path: &Path) {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let date = CellFormat::new().set_num_format("yyyy/m/d");
        let time = CellFormat::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        for (header, column) in self.headers.iter().zip(0..) {
            sheet.write_string(0, column, *header).unwrap();
        }
        for (row, at) in self.rows.iter().zip(1_u32..) {
            for (cell, column) in row.iter().zip(0_u16..) {
                match cell {
                    Cell::Text(text) => sheet.write_string(at, column, text),
                    Cell::Date(day) => sheet.write_datetime_with_format(at, column, day, &date),
                    Cell::Moment(micros) if micros % 1_000_000 == 0 => {
                        let local = zoned(*micros, 8 * 3600).naive_local();
                        sheet.write_datetime_with_format(at, column, local, &time)
                    }
                    Cell::Moment(_) => sheet.write_string(at, column, cell.text(at as usize)),
                    #[expect(clippy::cast_precision_loss, reason = "what a spreadsheet keeps of an amount")]
                    Cell::Yuan(fen) => sheet.write_number(at, column, *fen as f64 / 100.0),
                }
                .unwrap();
            }
        }
        book.save(path).unwrap();
    }
}

fn zoned(micros: i64, east: i32) -> DateTime<FixedOffset> {
    let zone = FixedOffset::east_opt(east).unwrap();
    DateTime::from_timestamp_micros(micros).unwrap().with_timezone(&zone)
}

impl Cell {
    /// The cell as text, in the `form`-th of its forms.
    pub fn text(&self, form: usize) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Date(day) => date_text(*day, form),
            Self::Moment(micros) => moment_text(*micros, form),
            Self::Yuan(fen) => yuan_text(*fen, form),
        }
    }
}

fn date_text(day: NaiveDate, form: usize) -> String {
    let (y, m, d) = (day.year(), day.month(), day.day());
    match form % 8 {
        0 => format!("{y}-{m:02}-{d:02}"),
        1 => format!("{y}/{m}/{d}"),
        2 => format!("{y}年{m}月{d}日"),
        3 => format!("{y}.{m}.{d}"),
        4 => format!("{y}{m:02}{d:02}"),
        5 => full_width(&format!("{y}年{m:02}月{d:02}日")),
        6 => format!(" {y}-{m}-{d} "),
        _ => full_width(&format!("{y}/{m:02}/{d:02}")),
    }
}

fn moment_text(micros: i64, form: usize) -> String {
    let rfc = |east: i32| {
        let at = zoned(micros, east);
        let fraction = if micros % 1_000_000 == 0 { "%.f" } else { "%.6f" };
        at.format(&format!("%Y-%m-%dT%H:%M:%S{fraction}%:z")).to_string()
    };
    let local = zoned(micros, 8 * 3600);
    match form % 7 {
        0 => rfc(8 * 3600),
        1 => rfc(0).replace("+00:00", "Z"),
        2 => rfc(-5 * 3600),
        3 => rfc(5 * 3600 + 1800),
        4 if micros % 1_000_000 == 0 => local.format("%Y-%m-%d %H:%M:%S").to_string(),
        5 if micros % 60_000_000 == 0 => format!(
            "{}/{}/{} {}:{:02}",
            local.year(),
            local.month(),
            local.day(),
            local.hour(),
            local.minute()
        ),
        _ => full_width(&local.format("%Y年%m月%d日 %H:%M:%S%.f").to_string()),
    }
}

fn yuan_text(fen: i64, form: usize) -> String {
    let (yuan, cents) = (fen / 100, fen % 100);
    let plain = format!("{yuan}.{cents:02}");
    match form % 6 {
        0 => plain,
        1 => format!("{}.{cents:02}", grouped(yuan, ",")),
        2 => full_width(&plain),
        3 => format!("￥{plain}"),
        4 if cents == 0 => yuan.to_string(),
        _ => format!("{}.{cents:02}元", grouped(yuan, "，")),
    }
}

fn grouped(yuan: i64, separator: &str) -> String {
    let digits = yuan.to_string();
    let mut text = String::new();
    for (digit, place) in digits.chars().zip((1..=digits.len()).rev()) {
        text.push(digit);
        if place > 1 && place % 3 == 1 {
            text.push_str(separator);
        }
    }
    text
}

/// Digits and punctuation as a Chinese keyboard types them.
fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '!'..='~' => char::from_u32(c as u32 + 0xFEE0).unwrap(),
            ' ' => '\u{3000}',
            c => c,
        })
        .collect()
}
