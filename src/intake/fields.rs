//! One row's cells as values: each method reads one column, notes what is wrong with its cell, and gives `None` then.

use super::{
    amount,
    cell::{Cell, MAX_CELL_CHARS, RawRow, shown},
    date,
    error::CellError,
    headers::Headers,
};
use crate::domain::{
    catalogue::Catalogue,
    code_list::{CodeItem, ListName},
    interchange::{Column, Form, Kind, fold_width},
    money::{Fen, format_yuan},
    time::{Date, Moment},
    uscc,
    workflow::State,
};

/// The longest registration, certificate or region number, in characters.
const MAX_IDENTIFIER: usize = 64;

/// Reads the columns of one row.
pub struct Fields<'r> {
    row: &'r RawRow<'r>,
    headers: &'r Headers,
    catalogue: &'r Catalogue,
    columns: &'static [Column],
    errors: Vec<(usize, CellError)>,
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
        };
        if let Some((place, cell)) = headers.stray(row) {
            let detail = "此格所在的列没有表头，请删去内容或补上表头".to_owned();
            fields.errors.push((
                usize::MAX,
                CellError {
                    row: row.number,
                    column: headers.name_at(place),
                    value: shown(&cell.display()),
                    code: "unexpected_cell",
                    detail,
                },
            ));
        }
        fields
    }

    /// The row's value, or everything that was noted, in the order of the columns; a row without value never goes unnoted.
    ///
    /// # Errors
    /// What was noted.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<CellError>> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => {
                if self.errors.is_empty() {
                    self.wrong(0, "unreadable_row", "此行无法读取");
                }
                self.errors.sort_by_key(|(column, _)| *column);
                Err(self.errors.into_iter().map(|(_, error)| error).collect())
            }
        }
    }

    /// Notes that a column breaks a rule.
    pub fn wrong(&mut self, column: usize, code: &'static str, detail: impl Into<String>) {
        let value = shown(&self.headers.cell(self.row, column).display());
        let header = self.columns.get(column).map_or("", |c| c.header);
        let error = CellError {
            row: self.row.number,
            column: header.to_owned(),
            value,
            code,
            detail: detail.into(),
        };
        self.errors.push((column, error));
    }

    /// The cell where something stands in it; notes the lack of a required one, and cells that hold no value at all.
    fn cell(&mut self, column: usize) -> Option<&'r Cell<'r>> {
        let cell = self.headers.cell(self.row, column);
        match cell {
            Cell::Empty => {
                if self.columns.get(column).is_some_and(|c| c.required) {
                    self.wrong(column, "required", "必填，不能为空");
                }
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
            cell => Some(cell),
        }
    }

    /// Whether nothing stands in the column.
    pub fn is_empty(&self, column: usize) -> bool {
        self.headers.cell(self.row, column).is_empty()
    }

    /// Free text.
    pub fn text(&mut self, column: usize) -> Option<String> {
        Some(self.cell(column)?.display().into_owned())
    }

    /// A number or code of visible ASCII characters, kept as text.
    pub fn identifier(&mut self, column: usize) -> Option<String> {
        let cell = self.cell(column)?;
        let lost = "数字过长，已被表格软件改写（丢失末位），请将单元格设为“文本”格式后重新填写";
        let text = match cell {
            Cell::Number(number) => match amount::whole_number(*number) {
                Some(whole) => whole.to_string(),
                None => {
                    self.wrong(column, "digits_lost", lost);
                    return None;
                }
            },
            cell => {
                let text = cell.display();
                fold_width(&text).trim().to_owned()
            }
        };
        if amount::is_scientific(&text) {
            self.wrong(column, "digits_lost", lost);
            return None;
        }
        if text.len() > MAX_IDENTIFIER || !text.bytes().all(|b| b.is_ascii_graphic()) {
            let detail = format!("应为不超过 {MAX_IDENTIFIER} 位的数字、字母或连字符，中间没有空格");
            self.wrong(column, "identifier_form", detail);
            return None;
        }
        Some(text)
    }

    /// A unified social credit code, its check character right.
    pub fn credit_code(&mut self, column: usize) -> Option<String> {
        let text = match self.headers.cell(self.row, column) {
            Cell::Number(_) => self.identifier(column)?,
            _ => self.cell(column)?.display().into_owned(),
        };
        let code = uscc::normalise(&text);
        match uscc::check(&code) {
            Ok(()) => Some(code),
            Err(error) => {
                self.wrong(column, "uscc_check", error.to_string());
                None
            }
        }
    }

    /// The code that the column's label, alias or id stands for, from the column's own list.
    pub fn code(&mut self, column: usize) -> Option<&'r CodeItem> {
        match self.columns.get(column).map(|c| c.form) {
            Some(Form::Code(name) | Form::Codes(name)) => self.code_of(column, name),
            _ => None,
        }
    }

    /// The same from a list that the row decides.
    pub fn code_of(&mut self, column: usize, name: ListName) -> Option<&'r CodeItem> {
        let text = self.cell(column)?.display();
        let found = find(self.catalogue, name, &text);
        if found.is_none() {
            self.unknown(column, name, &text);
        }
        found
    }

    /// The id of [`Self::code`].
    pub fn code_id(&mut self, column: usize) -> Option<String> {
        self.code(column).map(|item| item.id.clone())
    }

    /// The ids of several labels joined by `;`, `、` or a line end.
    pub fn codes(&mut self, column: usize, name: ListName) -> Vec<String> {
        let Some(cell) = self.cell(column) else {
            return Vec::new();
        };
        let text = cell.display();
        if let Some(item) = find(self.catalogue, name, &text) {
            return vec![item.id.clone()];
        }
        let mut ids = Vec::new();
        // Labels may hold a 、 themselves, so it parts only what is no label as a whole.
        for part in text
            .split([';', '；', '\n', '|'])
            .map(str::trim)
            .filter(|p| !p.is_empty())
        {
            let parts: Vec<&str> = match find(self.catalogue, name, part) {
                Some(_) => vec![part],
                None => part.split('、').collect(),
            };
            for part in parts {
                match find(self.catalogue, name, part) {
                    Some(item) => ids.push(item.id.clone()),
                    None => self.unknown(column, name, part),
                }
            }
        }
        ids
    }

    fn unknown(&mut self, column: usize, name: ListName, text: &str) {
        let list = self.catalogue.list(name);
        let labels: Vec<&str> = list.items().iter().take(20).map(|i| i.label.as_str()).collect();
        let more = if list.items().len() > labels.len() { "等" } else { "" };
        let detail = format!(
            "“{}”不在代码表“{}”中；可用：{}{more}",
            shown(text),
            list.title,
            labels.join("、")
        );
        self.wrong(column, "unknown_label", detail);
    }

    /// 是 or 否.
    pub fn yes_no(&mut self, column: usize) -> Option<bool> {
        let cell = self.cell(column)?;
        let text = cell.display();
        let folded = fold_width(&text);
        match folded.as_ref() {
            "是" | "有" | "√" | "1" => Some(true),
            "否" | "无" | "×" | "0" => Some(false),
            other => {
                let known = match other.to_ascii_lowercase().as_str() {
                    "y" | "yes" | "true" => Some(true),
                    "n" | "no" | "false" => Some(false),
                    _ => None,
                };
                if known.is_none() {
                    self.wrong(column, "unknown_label", "应为“是”或“否”");
                }
                known
            }
        }
    }

    /// A state of the workflow, by label or id; 审核中 and 专家论证 read as `submitted`: history has no claimer.
    pub fn state(&mut self, column: usize) -> Option<State> {
        let cell = self.cell(column)?;
        let text = cell.display();
        let found = match text.as_ref() {
            "已提交" => Some(State::Submitted),
            label => State::ALL.into_iter().find(|s| s.label() == label || s.id() == label),
        };
        match found {
            Some(State::UnderReview | State::ExpertReview) => Some(State::Submitted),
            Some(state) => Some(state),
            None => {
                let labels: Vec<&str> = State::ALL.iter().map(|s| s.label()).collect();
                self.wrong(
                    column,
                    "unknown_label",
                    format!("不是状态；可用：{}", labels.join("、")),
                );
                None
            }
        }
    }

    /// A calendar date.
    pub fn date(&mut self, column: usize) -> Option<Date> {
        let read = match self.cell(column)? {
            Cell::DateTime(at) => date::date_of(*at),
            Cell::Number(number) => date::from_number(*number).map(|at| at.date()),
            cell => date::date(&cell.display()),
        };
        self.noted(column, "unreadable_date", read)
    }

    /// A moment.
    pub fn moment(&mut self, column: usize) -> Option<Moment> {
        let read = match self.cell(column)? {
            Cell::DateTime(at) => date::moment_of(*at),
            Cell::Number(number) => date::from_number(*number).map(Moment::from_beijing),
            cell => date::moment(&cell.display()),
        };
        self.noted(column, "unreadable_time", read)
    }

    /// An amount, in fen, not negative.
    pub fn amount(&mut self, column: usize) -> Option<Fen> {
        let read = match self.cell(column)? {
            Cell::Number(number) => amount::yuan_number(*number),
            Cell::DateTime(_) => Err("单元格是日期格式，请改为数字".into()),
            cell => amount::yuan(&cell.display()),
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

/// By label or alias, else by id; countries in any case.
fn find<'c>(catalogue: &'c Catalogue, name: ListName, text: &str) -> Option<&'c CodeItem> {
    let list = catalogue.list(name);
    let found = list.by_label(text).or_else(|| list.get(text));
    if found.is_none() && name == ListName::Country {
        return list.get(&fold_width(text).trim().to_ascii_uppercase());
    }
    found
}
