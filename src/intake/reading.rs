//! From a table to rows and errors: which sheets, where the header is, which rows are records.

use std::collections::VecDeque;

use super::{
    CellError, Format, Sink, Summary, Table,
    aside::Aside,
    cell::{RawRow, column_letters},
    error::IntakeError,
    fitting::fit,
    headers::{Headers, LOOKED_FOR_HEADER, Title, is_header, matches},
    likely::is_likely,
    rows::{self, row},
    source::{Progress, RowSource, SourceError, TextRows},
    text_file::TextFile,
    workbook::{PassedOver, Sheet, Sheets, Workbook},
};
use crate::domain::{catalogue::Catalogue, interchange::Kind};

/// How often progress is told, in rows.
const PROGRESS_ROWS: u64 = 512;

/// Rows of a sheet without a header that are looked at for records.
const LOOKED_FOR_RECORD: usize = 1000;

/// Hidden rows that a notice names.
const NAMED_ROWS: usize = 20;

/// Reads the whole table, handing each sound row and each error to the sink.
///
/// # Errors
/// Only those of the sink; what is wrong with the file goes to [`Sink::error`].
pub fn read<S: Sink>(table: &Table, kind: Kind, catalogue: &Catalogue, sink: &mut S) -> Result<Summary, S::Error> {
    let mut reading = Reading {
        kind,
        catalogue,
        sink,
        sheet: None,
        layouts: Vec::new(),
        summary: Summary {
            rows: 0,
            sound: 0,
            errors: 0,
            complete: false,
        },
    };
    match table.format {
        Format::Text(detected) => {
            if detected.end < table.bytes {
                let padding = table.bytes - detected.end;
                reading.notice(1, "padding", format!("文件末尾有 {padding} 个空字节，已忽略"));
            }
            match TextFile::open(&table.path, detected).and_then(|file| TextRows::new(file, table.bytes)) {
                Ok(mut rows) => reading.summary.complete = reading.all(&mut rows, None)?,
                Err(error) => reading.tell(&IntakeError::from(error))?,
            }
        }
        Format::Workbook => match Workbook::open(&table.path) {
            Ok(mut book) => match book.sheets_for(kind, Some(catalogue)) {
                Ok(sheets) => reading.book(&mut book, &sheets)?,
                Err(error) => reading.tell(&error)?,
            },
            Err(error) => reading.tell(&error)?,
        },
    }
    Ok(reading.summary)
}

struct Reading<'r, S> {
    kind: Kind,
    catalogue: &'r Catalogue,
    sink: &'r mut S,
    /// The sheet that is read, where the book has several.
    sheet: Option<String>,
    /// The headers of the sheets that were read.
    layouts: Vec<Headers>,
    summary: Summary,
}

/// What to say of a header whose names stand in two rows, from `row` on.
fn two_header_rows(row: u32) -> CellError {
    let detail = format!(
        "表头占两行（第 {row}、{} 行），不能读取，请改为一行，每列一个表头（例如“合同成交额（万元）”）",
        row.saturating_add(1)
    );
    CellError::of_row(row, "missing_column", detail)
}

/// The first row of headers that stand one below the other at the beginnings of rows.
fn transposed(rows: &VecDeque<RawRow<'static>>, kind: Kind) -> Option<u32> {
    let first_cells = rows.iter().filter_map(|row| {
        let cell = row.cells.iter().find(|cell| !cell.is_empty())?;
        let name = RawRow {
            cells: vec![cell.clone()],
            ..RawRow::default()
        };
        (matches(&name, kind) == 1).then_some(row.number)
    });
    let headers: Vec<u32> = first_cells.collect();
    let widest = rows.iter().map(|row| matches(row, kind)).max().unwrap_or(0);
    headers
        .first()
        .copied()
        .filter(|_| headers.len() >= 4 && headers.len() > widest)
}

/// Rows of a sort that a notice names.
#[derive(Default)]
struct Counted {
    first: Vec<u32>,
    count: u64,
}

impl Counted {
    fn add(&mut self, row: u32) {
        self.count += 1;
        if self.first.len() < NAMED_ROWS {
            self.first.push(row);
        }
    }

    /// Their numbers, the first of them.
    fn named(&self) -> String {
        let named: Vec<String> = self.first.iter().map(ToString::to_string).collect();
        let more = if self.count > named.len() as u64 { " 等" } else { "" };
        format!("{}{more}", named.join("、"))
    }
}

impl<S: Sink> Reading<'_, S> {
    fn tell(&mut self, error: impl Into<CellError>) -> Result<(), S::Error> {
        self.summary.errors += 1;
        let mut error: CellError = error.into();
        error.sheet = self.sheet.clone();
        self.sink.error(error.concealed())
    }

    fn notice(&mut self, row: u32, code: &'static str, detail: String) {
        let notice = CellError::of_row(row, code, detail);
        self.doubt(notice);
    }

    fn doubt(&mut self, mut notice: CellError) {
        notice.sheet = self.sheet.clone();
        self.sink.notice(notice.concealed());
    }

    /// Every sheet that holds rows of the kind; what the others are called is told.
    fn book(&mut self, book: &mut Workbook, sheets: &Sheets) -> Result<(), S::Error> {
        for sheet in &sheets.wanted {
            if sheets.are_named() {
                self.sink.sheet(&sheet.name);
                self.sheet = Some(sheet.name.clone());
            }
            if sheet.hidden {
                let name = &sheet.name;
                self.notice(1, "hidden_sheet", format!("工作表“{name}”是隐藏的，已按内容读取"));
            }
            let complete = match book.rows(sheet) {
                Ok(mut rows) => self.all(&mut rows, Some(&sheet.name))?,
                Err(error) => {
                    self.tell(&error)?;
                    false
                }
            };
            if !complete {
                return self.others(book, sheets);
            }
        }
        self.others(book, sheets)?;
        self.summary.complete = true;
        Ok(())
    }

    /// Tells which sheets are passed over, and why; one that looks like records is an error.
    fn others(&mut self, book: &mut Workbook, sheets: &Sheets) -> Result<(), S::Error> {
        for sheet in &sheets.others {
            if sheet.passed_over == PassedOver::NoHeader
                && let Some((row, detail)) = self.left_out(book, sheet)
            {
                self.sheet = Some(sheet.name.clone());
                self.tell(CellError::of_row(row, "no_header", detail))?;
                continue;
            }
            self.sheet = None;
            let (name, label) = (&sheet.name, self.kind.label());
            let hidden = if sheet.hidden { "隐藏的" } else { "" };
            let why = match sheet.passed_over {
                PassedOver::NoHeader => format!("没有“{label}”的表头，未读取"),
                PassedOver::Example => "不读取；其中如有要导入的内容，请移入其他工作表".to_owned(),
            };
            self.notice(1, "other_sheet", format!("{hidden}工作表“{name}”{why}"));
        }
        self.sheet = None;
        Ok(())
    }

    /// The first row of a sheet that is not read which should have been: a header too far down, or what looks like a record under the
    /// headers of another sheet or in the order of the form; and what to say of it.
    fn left_out(&self, book: &mut Workbook, sheet: &Sheet) -> Option<(u32, String)> {
        let in_order = Headers::in_order(self.kind);
        // A sheet that cannot be read is passed over as before.
        let mut rows = book.rows(sheet).ok()?;
        let mut looked_at = 0;
        while let Ok(Some(row)) = rows.next_row() {
            if row.is_blank() {
                continue;
            }
            if is_header(&row, self.kind) {
                let detail = format!(
                    "此工作表的表头在此行，前 {LOOKED_FOR_HEADER} 行中没有，未读取；请删去表头以上多余的行，不要导入的请删去此工作表"
                );
                return Some((row.number, detail));
            }
            let mut layouts = std::iter::once(&in_order).chain(&self.layouts);
            if layouts.any(|headers| is_likely(&row, headers, self.kind, self.catalogue)) {
                let label = self.kind.label();
                let detail = format!(
                    "此工作表没有“{label}”的表头，而此行像是一条记录，未读取；请补上表头，不要导入的请删去此工作表"
                );
                return Some((row.number, detail));
            }
            looked_at += 1;
            if looked_at == LOOKED_FOR_RECORD {
                break;
            }
        }
        None
    }

    /// The rows of a sheet, whose name may say something, or of a text; whether they were read to their end.
    fn all(&mut self, source: &mut impl RowSource, name: Option<&str>) -> Result<bool, S::Error> {
        match self.headers(source, name)? {
            Some((headers, row)) => {
                source.begin_below(row);
                self.sink.absent(headers.absent().collect());
                self.hidden_columns(source, &headers);
                let is_complete = self.rows(source, &headers)?;
                self.layouts.push(headers);
                Ok(is_complete)
            }
            None => Ok(false),
        }
    }

    /// The row that is a header, among the first with anything in them; what stands above it may say the unit.
    fn headers(&mut self, source: &mut impl RowSource, name: Option<&str>) -> Result<Option<(Headers, u32)>, S::Error> {
        let mut above: VecDeque<RawRow<'static>> = VecDeque::new();
        let mut title = Title::default();
        if let Some(name) = name {
            title.read_name(name);
        }
        let failure = loop {
            match source.next_row() {
                Ok(Some(row)) if row.is_blank() => {}
                Ok(Some(row)) if is_header(&row, self.kind) => {
                    for row in &above {
                        title.read(row);
                    }
                    let number = row.number;
                    let (read, last) = match Headers::read(&row, self.kind, &title) {
                        // The units may stand below the names.
                        Err(errors) if errors.iter().all(|e| e.code == "amount_unit") => {
                            let row = row.into_owned();
                            match source.next_row() {
                                Ok(Some(below)) if title.read_below(&below) => {
                                    let last = below.number;
                                    (Headers::read(&row, self.kind, &title), last)
                                }
                                _ => (Err(errors), number),
                            }
                        }
                        read => (read, number),
                    };
                    match read {
                        Ok(headers) => {
                            self.above(&above, &headers, number)?;
                            return Ok(Some((headers, last)));
                        }
                        Err(errors) => {
                            let lacks = errors.iter().any(|e| e.code == "missing_column");
                            let below = if lacks { source.next_row().ok().flatten() } else { None };
                            let is_second = below.is_some_and(|below| matches(&below, self.kind) > 1);
                            break if is_second {
                                vec![two_header_rows(number)]
                            } else {
                                errors
                            };
                        }
                    }
                }
                Ok(Some(row)) => {
                    above.push_back(row.into_owned());
                    if above.len() == LOOKED_FOR_HEADER {
                        break self.no_header(&above, &title);
                    }
                }
                Ok(None) if above.is_empty() => break vec![CellError::from(&IntakeError::Empty)],
                Ok(None) => break self.no_header(&above, &title),
                Err(error) => break vec![CellError::from(&error)],
            }
        };
        for error in failure {
            self.tell(error)?;
        }
        Ok(None)
    }

    /// Tells what stands above the header, in the row `header`: titles, which are passed over, and what looks like records, which a header
    /// that was sorted with them leaves there.
    fn above(&mut self, rows: &VecDeque<RawRow<'static>>, headers: &Headers, header: u32) -> Result<(), S::Error> {
        let mut titles = 0;
        for row in rows {
            if is_likely(row, headers, self.kind, self.catalogue) {
                let detail = format!("此行在表头（第 {header} 行）之上，而像是一条记录，未读取；请把表头移到最上面");
                self.tell(CellError::of_row(row.number, "above_header", detail))?;
            } else {
                titles += 1;
            }
        }
        if titles > 0 {
            let detail = format!("表头在第 {header} 行；其上 {titles} 行按标题处理，未导入");
            self.notice(header, "title_rows", detail);
        }
        Ok(())
    }

    /// What is wrong with the row that comes nearest to a header.
    fn no_header(&self, rows: &VecDeque<RawRow<'static>>, title: &Title) -> Vec<CellError> {
        if let Some(row) = transposed(rows, self.kind) {
            let detail = "表头竖排在一列中，行与列颠倒了，请转置（复制后“选择性粘贴—转置”），使表头成为一行";
            return vec![CellError::of_row(row, "no_header", detail)];
        }
        let mut nearest = None;
        for row in rows {
            let found = matches(row, self.kind);
            if nearest.is_none_or(|(most, _)| found > most) {
                nearest = Some((found, row));
            }
        }
        nearest.map_or_else(Vec::new, |(_, row)| {
            Headers::read(row, self.kind, title).err().unwrap_or_else(|| {
                let detail = format!("没有“{}”的表头，请使用模板", self.kind.label());
                vec![CellError::of_row(row.number, "no_header", detail)]
            })
        })
    }

    fn hidden_columns(&mut self, source: &impl RowSource, headers: &Headers) {
        let is_hidden = |place: &usize| {
            let hidden = source.hidden_columns();
            hidden.iter().any(|(first, last)| (first..=last).contains(&place))
        };
        let claimed = (0..super::MAX_COLUMNS).filter(|place| headers.column_at(*place).is_some());
        let hidden: Vec<String> = claimed.filter(is_hidden).map(column_letters).collect();
        if !hidden.is_empty() {
            let detail = format!("含隐藏列（{}），已按内容读取", hidden.join("、"));
            self.notice(1, "hidden_columns", detail);
        }
    }

    fn rows(&mut self, source: &mut impl RowSource, headers: &Headers) -> Result<bool, S::Error> {
        let mut hidden = Counted::default();
        let mut merged = Counted::default();
        loop {
            let (number, read, doubts) = match source.next_row() {
                Ok(Some(row)) if row.is_blank() || headers.is_unclaimed_row(&row) => continue,
                Ok(Some(mut raw)) => {
                    match Aside::of(&raw, headers, self.kind) {
                        Some(aside @ (Aside::Lonely | Aside::OtherUnits | Aside::OtherHeaders)) => {
                            let code = match aside {
                                Aside::OtherUnits => "amount_unit",
                                Aside::OtherHeaders => "second_header",
                                _ => "not_a_row",
                            };
                            let error = CellError::of_row(raw.number, code, aside.detail());
                            self.summary.rows += 1;
                            self.tell(error)?;
                            // What stands below is under that header.
                            if aside == Aside::OtherHeaders {
                                return Ok(false);
                            }
                            continue;
                        }
                        Some(aside) => {
                            self.notice(raw.number, "not_a_row", aside.detail().to_owned());
                            continue;
                        }
                        None => {}
                    }
                    if raw.hidden {
                        hidden.add(raw.number);
                    }
                    if raw.merged_to.is_some() {
                        merged.add(raw.number);
                    }
                    if !raw.struck.is_empty() {
                        let columns: Vec<String> = raw.struck.iter().copied().map(column_letters).collect();
                        let detail = format!(
                            "此行有加了删除线的单元格（{} 列），已按内容读取，请核对",
                            columns.join("、")
                        );
                        self.notice(raw.number, "struck_out", detail);
                    }
                    fit(&mut raw, headers, self.kind);
                    let (read, doubts) = row(self.kind, &raw, headers, self.catalogue);
                    let key = || rows::key(self.kind, &raw, headers, self.catalogue);
                    (raw.number, read.map_err(|errors| (errors, key())), doubts)
                }
                Ok(None) => break,
                Err(SourceError::UnbalancedQuote { row, column }) => {
                    let mut error = CellError::from(&SourceError::UnbalancedQuote { row, column });
                    error.column = headers.name_at(column);
                    self.tell(error)?;
                    return Ok(false);
                }
                Err(error) => {
                    self.tell(&error)?;
                    return Ok(false);
                }
            };
            self.summary.rows += 1;
            for doubt in doubts {
                self.doubt(doubt);
            }
            match read {
                Ok(row) => {
                    self.summary.sound += 1;
                    self.sink.row(number, row)?;
                }
                Err((errors, key)) => {
                    for error in errors {
                        self.tell(error)?;
                    }
                    if let Some(key) = key {
                        self.sink.unsound(number, &key)?;
                    }
                }
            }
            if self.summary.rows.is_multiple_of(PROGRESS_ROWS) {
                self.sink.rows(self.summary.rows);
                self.sink.progress(source.progress());
            }
        }
        if hidden.count > 0 {
            let detail = format!("含 {} 行隐藏行（第 {} 行），已按内容读取", hidden.count, hidden.named());
            self.notice(hidden.first.first().copied().unwrap_or(1), "hidden_rows", detail);
        }
        if merged.count > 0 {
            let detail = format!(
                "有 {} 条各占几行（整条合并单元格，自第 {} 行起），各按一条读取",
                merged.count,
                merged.named()
            );
            self.notice(merged.first.first().copied().unwrap_or(1), "merged_rows", detail);
        }
        if let Some((row, count)) = source.unproven() {
            let detail = format!(
                "工作簿注明公式尚待重新计算；有 {count} 格公式（自第 {row} 行起）按文件中保存的结果读取，请核对，或用 Excel、WPS 打开并保存后重新导入"
            );
            self.notice(row, "formula_stale", detail);
        }
        let end = source.progress();
        self.sink.rows(self.summary.rows);
        self.sink.progress(Progress {
            done: end.total,
            total: end.total,
        });
        Ok(true)
    }
}
