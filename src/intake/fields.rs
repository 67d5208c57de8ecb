//! One row's cells as values: each method reads one column, notes what is wrong with its cell, and gives `None` then.

use super::{
    amount,
    cell::{Cell, MAX_CELL_CHARS, RawRow, shown},
    date,
    error::CellError,
    headers::Headers,
    lost, placeholders,
};
use crate::domain::{
    catalogue::Catalogue,
    identity_number,
    interchange::{Column, Form, Kind, fold_width},
    money::{Fen, format_yuan},
    text,
    time::{Date, Moment},
    uscc,
};

/// The longest registration, certificate or region number, in characters.
const MAX_IDENTIFIER: usize = 64;

/// The least whole number that a spreadsheet does not keep: it has 15 digits.
const FIRST_LOST: f64 = 1e15;

const LOST: &str = "数字过长，已被表格软件改写（丢失末位），请将单元格设为“文本”格式后重新填写";

/// What a row came to, and the cells of it that a person should look at.
pub type Read<T> = (Result<T, Vec<CellError>>, Vec<CellError>);

/// Reads the columns of one row.
pub struct Fields<'r> {
    row: &'r RawRow<'r>,
    headers: &'r Headers,
    pub(super) catalogue: &'r Catalogue,
    pub(super) columns: &'static [Column],
    errors: Vec<(usize, CellError)>,
    doubts: Vec<CellError>,
}

impl<'r> Fields<'r> {
    /// A reader of `row`, whose columns are those of `kind`.
    pub fn new(row: &'r RawRow<'r>, headers: &'r Headers, kind: Kind, catalogue: &'r Catalogue) -> Self {
        let mut fields = Self {
            row,
            headers,
            catalogue,
            columns: kind.columns(),
            errors: Vec::new(),
            doubts: Vec::new(),
        };
        if let Some((place, cell)) = headers.stray(row) {
            let detail = "此格所在的列没有表头，请删去内容或补上表头".to_owned();
            fields.errors.push((
                usize::MAX,
                CellError {
                    column: headers.name_at(place),
                    value: shown(&cell.display()),
                    ..CellError::of_row(row.number, "unexpected_cell", detail)
                },
            ));
        }
        for covered in &row.covered {
            let Some(column) = headers.column_at(covered.place) else {
                continue;
            };
            let form = fields.columns.get(column).map(|c| c.form);
            let block = &covered.block;
            if covered.sideways {
                let detail = format!("此格在合并单元格 {block} 之内，无法判断此列的内容，请取消合并后逐格填写");
                fields.wrong(column, "merged_cell", detail);
            } else if matches!(form, Some(Form::Amount | Form::Count)) {
                let detail = format!("金额、数量在合并单元格 {block} 之内，无法判断各行各是多少，请取消合并后逐行填写");
                fields.wrong(column, "merged_cell", detail);
            }
        }
        fields
    }

    /// The row's value, or everything that was noted, in the order of the columns; a row without value never goes unnoted.
    pub fn finish<T>(mut self, value: Option<T>) -> Read<T> {
        let doubts = std::mem::take(&mut self.doubts);
        match value {
            Some(value) if self.errors.is_empty() => (Ok(value), doubts),
            _ => {
                if self.errors.is_empty() {
                    self.wrong(0, "unreadable_row", "此行无法读取");
                }
                self.errors.sort_by_key(|(column, _)| *column);
                (Err(self.errors.into_iter().map(|(_, error)| error).collect()), doubts)
            }
        }
    }

    /// Notes that a column breaks a rule.
    pub fn wrong(&mut self, column: usize, code: &'static str, detail: impl Into<String>) {
        let error = self.error(column, code, detail.into());
        self.errors.push((column, error));
    }

    /// The same of a value that is not to be repeated.
    fn wrong_hidden(&mut self, column: usize, code: &'static str, detail: impl Into<String>) {
        let mut error = self.error(column, code, detail.into());
        error.value = identity_number::masked(&error.value);
        self.errors.push((column, error));
    }

    /// Notes that a person should look at what a column says.
    pub fn doubtful(&mut self, column: usize, code: &'static str, detail: impl Into<String>) {
        let doubt = self.error(column, code, detail.into());
        self.doubts.push(doubt);
    }

    fn error(&self, column: usize, code: &'static str, detail: String) -> CellError {
        CellError {
            column: self.columns.get(column).map_or("", |c| c.header).to_owned(),
            value: shown(&self.headers.cell(self.row, column).display()),
            ..CellError::of_row(self.row.number, code, detail)
        }
    }

    /// The cell where something stands in it; notes the lack of a required one, and cells that hold no value at all.
    pub(super) fn cell(&mut self, column: usize) -> Option<&'r Cell<'r>> {
        let cell = self.headers.cell(self.row, column);
        match cell {
            Cell::Empty => {
                self.lacks(column);
                None
            }
            Cell::TooLong(_) => {
                self.wrong(column, "cell_too_long", format!("单元格超过 {MAX_CELL_CHARS} 个字符"));
                None
            }
            Cell::Error(_) => {
                self.wrong(column, "formula_error", "单元格是公式错误，请改为正确的值");
                None
            }
            Cell::Text(text) if lost::is_error_text(text) => {
                let detail = "单元格是公式错误，或是列宽不足时显示的“###”，请改为正确的值";
                self.wrong(column, "formula_error", detail);
                None
            }
            Cell::Text(text) if placeholders::is_ditto(text) => {
                self.wrong(column, "ditto", "“同上”“↑”“同第 2 行”一类不能读取，请逐行填写");
                None
            }
            Cell::Odd(why, _) => {
                self.wrong(column, why.code(), why.detail());
                None
            }
            cell => Some(cell),
        }
    }

    pub(super) fn lacks(&mut self, column: usize) {
        if self.columns.get(column).is_some_and(|c| c.required) {
            self.wrong(column, "required", "必填，不能为空");
        }
    }

    /// The cell, where it does not say that there is nothing: `无`, `—`, `/`.
    pub(super) fn filled_cell(&mut self, column: usize) -> Option<&'r Cell<'r>> {
        let cell = self.cell(column)?;
        if let Cell::Text(text) = cell
            && placeholders::is_nothing(text)
        {
            self.lacks(column);
            return None;
        }
        Some(cell)
    }

    /// The cell, where it is more than a stroke; of a required one, where it does not say that there is nothing either.
    fn said_cell(&mut self, column: usize) -> Option<&'r Cell<'r>> {
        if self.columns.get(column).is_some_and(|c| c.required) {
            return self.filled_cell(column);
        }
        let cell = self.cell(column)?;
        match cell {
            Cell::Text(text) if placeholders::is_stroke(text) => None,
            cell => Some(cell),
        }
    }

    /// Whether nothing stands in the column.
    pub fn is_empty(&self, column: usize) -> bool {
        self.headers.cell(self.row, column).is_empty()
    }

    /// Whether nothing is said in the column: nothing stands there, or that there is nothing.
    pub fn says_nothing(&self, column: usize) -> bool {
        match self.headers.cell(self.row, column) {
            Cell::Text(text) => placeholders::is_nothing(text),
            cell => cell.is_empty(),
        }
    }

    /// Whether the column's text is one of these.
    pub fn says(&self, column: usize, texts: &[&str]) -> bool {
        texts.contains(&self.headers.cell(self.row, column).display().as_ref())
    }

    /// A text of one line: a line that was broken within the cell is joined again, which is told.
    pub fn text(&mut self, column: usize) -> Option<String> {
        let text = self.lines(column)?;
        if !text.contains(['\n', '\t']) {
            return Some(text);
        }
        self.doubtful(column, "line_break", "单元格内有换行，已连成一行，请核对");
        let is_wide = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace());
        let mut joined = String::new();
        for part in text.split(['\n', '\t']).map(str::trim).filter(|part| !part.is_empty()) {
            let is_joint = is_wide(joined.chars().last()) && is_wide(part.chars().next());
            if !(joined.is_empty() || is_joint) {
                joined.push(' ');
            }
            joined.push_str(part);
        }
        Some(joined)
    }

    /// Free text of any number of lines.
    pub fn lines(&mut self, column: usize) -> Option<String> {
        let text = match self.said_cell(column)? {
            Cell::Number(number) if number.abs() >= FIRST_LOST => {
                self.wrong(column, "digits_lost", LOST);
                return None;
            }
            Cell::DateTime(_) => {
                self.wrong(
                    column,
                    "date_in_text",
                    "单元格是日期格式，原来写的是什么已不可知，请设为“文本”格式后按原件填写",
                );
                return None;
            }
            cell => cell.display(),
        };
        if identity_number::stands_in(&text) {
            let detail = "此处像是公民身份号码，身份号码不得登记，请删去";
            self.wrong_hidden(column, "identity_number", detail);
            return None;
        }
        if let Some(unfit) = text::unfit(&text, true) {
            self.wrong(column, unfit.code(), unfit.detail());
            return None;
        }
        if text.chars().all(|c| matches!(c, '?' | '？' | ' ')) {
            self.wrong(
                column,
                "lost_character",
                "只有问号：原字可能在另存或转换时丢失，请按原件重新填写",
            );
            return None;
        }
        if self.columns.get(column).is_some_and(|c| c.required) && placeholders::is_elsewhere(&text) {
            self.wrong(column, "placeholder", "“待定”“详见合同”“……”一类不是名称，请按合同填写");
            return None;
        }
        if lost::has_lost_character(&text) {
            let detail = "汉字旁的“?”可能是另存为 CSV 时丢失的字，请与原件核对";
            self.doubtful(column, "question_mark", detail);
        }
        if lost::is_garbled(&text) {
            let detail = "像是以错误的编码打开后另存的文字（乱码），请与原件核对";
            self.doubtful(column, "garbled_text", detail);
        }
        Some(text.into_owned())
    }

    /// Free text that holds a number: of a plan's project, of a document, a telephone's.
    pub fn number_text(&mut self, column: usize) -> Option<String> {
        let text = self.text(column)?;
        if placeholders::is_rewritten_date(&text) {
            let detail = "编号像是被表格软件改成了日期，原来写的是什么已不可知，请设为“文本”格式后按原件填写";
            self.wrong(column, "date_in_text", detail);
            return None;
        }
        self.whole_digits(column, text)
    }

    /// The text, unless it went through a program's number and may have lost digits there.
    fn whole_digits(&mut self, column: usize, text: String) -> Option<String> {
        if amount::is_scientific(&text) {
            self.wrong(column, "digits_lost", LOST);
            return None;
        }
        if amount::has_float_tail(&text) {
            let detail = "编号被程序写成了小数（以“.0”结尾），开头的零可能已丢失，请按原件填写";
            self.wrong(column, "digits_lost", detail);
            return None;
        }
        Some(text)
    }

    /// A number or code of visible ASCII characters, kept as text.
    pub fn identifier(&mut self, column: usize) -> Option<String> {
        let text = match self.filled_cell(column)? {
            // A program may keep sixteen digits exactly; a spreadsheet ends them in a zero.
            Cell::Number(number) => match amount::whole_number(*number) {
                Some(whole) if (*number < FIRST_LOST || whole % 10 != 0) && whole >= 0 => whole.to_string(),
                _ => {
                    self.wrong(column, "digits_lost", LOST);
                    return None;
                }
            },
            Cell::DateTime(_) | Cell::Bool(_) => {
                let detail = "编号、代码被表格软件当成了日期或逻辑值，请设为“文本”格式后按原件填写";
                self.wrong(column, "date_in_text", detail);
                return None;
            }
            cell => fold_width(&cell.display()).trim().to_owned(),
        };
        let text = self.whole_digits(column, text)?;
        let quoting = |b: u8| matches!(b, b'"' | b'\'' | b'`' | b'=');
        if text.len() > MAX_IDENTIFIER || !text.bytes().all(|b| b.is_ascii_graphic() && !quoting(b)) {
            let detail = format!("应为不超过 {MAX_IDENTIFIER} 位的数字、字母或连字符，中间没有空格");
            self.wrong(column, "identifier_form", detail);
            return None;
        }
        Some(text)
    }

    /// The code of an agency: six digits.
    pub fn agency_code(&mut self, column: usize) -> Option<String> {
        let code = self.identifier(column)?;
        if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
            self.wrong(column, "agency_code_form", "机构代码应为六位数字");
            return None;
        }
        Some(code)
    }

    /// A registration number: letters, digits and hyphens.
    pub fn registration_number(&mut self, column: usize) -> Option<String> {
        let number = self.identifier(column)?;
        if !number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            self.wrong(column, "identifier_form", "登记编号只能由数字、字母和连字符组成");
            return None;
        }
        // No serial is nought: a spreadsheet keeps fifteen digits and writes noughts behind them.
        if number.len() >= 16 && number.bytes().all(|b| b.is_ascii_digit()) && number.ends_with("000000") {
            self.wrong(column, "digits_lost", LOST);
            return None;
        }
        Some(number)
    }

    /// A unified social credit code, its check character right. Numbers of identity cards are refused and not repeated; numbers that
    /// businesses and organisations had before there were credit codes are not kept, and told.
    pub fn credit_code(&mut self, column: usize) -> Option<String> {
        let text = match self.filled_cell(column)? {
            Cell::Number(number) if number.abs() >= FIRST_LOST => {
                self.wrong_hidden(column, "digits_lost", LOST);
                return None;
            }
            cell => cell.display(),
        };
        if amount::is_scientific(&text) {
            self.wrong(column, "digits_lost", LOST);
            return None;
        }
        let code = uscc::normalise(&text);
        let checked = uscc::check(&code);
        if identity_number::is_like(&code, checked.is_ok()) {
            let detail = "此处像是公民身份号码；自然人的统一社会信用代码请留空，身份号码不得登记";
            self.wrong_hidden(column, "identity_number", detail);
            return None;
        }
        match checked {
            Ok(()) => Some(code),
            Err(_) if uscc::is_of_old(&code) => {
                let detail = "是原营业执照注册号或组织机构代码，不是统一社会信用代码，未保存；如需保留请记入内容摘要";
                self.doubtful(column, "old_code", detail);
                None
            }
            Err(error) => {
                self.wrong(column, "uscc_check", error.to_string());
                None
            }
        }
    }

    /// A calendar date.
    pub fn date(&mut self, column: usize) -> Option<Date> {
        let read = match self.filled_cell(column)? {
            Cell::DateTime(at) => date::date_of(*at),
            Cell::Number(number) => date::from_number(*number, self.row.from_1904).map(|at| at.date()),
            cell => date::date(&cell.display()),
        };
        self.noted(column, "unreadable_date", read)
    }

    /// A moment.
    pub fn moment(&mut self, column: usize) -> Option<Moment> {
        let read = match self.filled_cell(column)? {
            Cell::DateTime(at) => date::moment_of(*at),
            Cell::Number(number) => date::from_number(*number, self.row.from_1904).map(Moment::from_beijing),
            cell => date::moment(&cell.display()),
        };
        self.noted(column, "unreadable_time", read)
    }

    /// An amount, in fen, not negative.
    pub fn amount(&mut self, column: usize) -> Option<Fen> {
        let cell = self.headers.cell(self.row, column);
        // A total that is none would make a contract of nothing; a dash without the currency's sign may mean that nothing is known.
        if let Cell::Text(text) = cell
            && amount::is_zero_dash(text)
            && !placeholders::is_stroke(text)
            && !self.columns.get(column).is_some_and(|c| c.required)
        {
            return Some(0);
        }
        let cell = self.filled_cell(column)?;
        let Some(unit) = self.headers.unit(column) else {
            self.wrong(
                column,
                "amount_unit",
                "表头没有写明金额单位，请改为“…（元）”或“…（万元）”",
            );
            return None;
        };
        let read = match cell {
            Cell::Number(number) => amount::yuan_number(*number, unit),
            Cell::DateTime(_) => Err("单元格是日期格式，请改为数字".into()),
            cell => amount::yuan(&cell.display(), unit),
        };
        let fen = self.noted(column, "unreadable_amount", read)?;
        if fen < 0 {
            self.wrong(
                column,
                "negative_amount",
                format!("金额不能为负（{} 元）", format_yuan(fen)),
            );
            return None;
        }
        Some(fen)
    }

    /// A whole number, not negative.
    pub fn count(&mut self, column: usize) -> Option<i64> {
        let read = match self.cell(column)? {
            Cell::Number(number) => amount::whole_number(*number),
            cell => amount::whole(&cell.display()),
        };
        let read = read.filter(|n| (0..=1_000_000_000).contains(n));
        self.noted(
            column,
            "unreadable_count",
            read.ok_or_else(|| "应为不小于 0 的整数".into()),
        )
    }

    /// A year.
    pub fn year(&mut self, column: usize) -> Option<i32> {
        let read = match self.cell(column)? {
            Cell::Number(number) => amount::whole_number(*number),
            cell => fold_width(&cell.display())
                .trim()
                .trim_end_matches('年')
                .trim()
                .parse()
                .ok(),
        };
        let read = read
            .and_then(|n| i32::try_from(n).ok())
            .filter(|n| (1900..=2200).contains(n))
            .ok_or_else(|| "应为四位年份，例如 2025".into());
        self.noted(column, "unreadable_year", read)
    }

    fn noted<T>(&mut self, column: usize, code: &'static str, read: Result<T, String>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(detail) => {
                self.wrong(column, code, detail);
                None
            }
        }
    }
}
