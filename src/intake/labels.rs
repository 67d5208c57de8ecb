//! Cells that name one of a list: codes of the catalogue, yes and no, states of the workflow.

use super::{cell::shown, fields::Fields, placeholders};
use crate::domain::{
    catalogue::Catalogue,
    code_list::{CodeItem, ListName},
    interchange::{Form, fold_width},
    text,
    workflow::State,
};

impl<'r> Fields<'r> {
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
        if found.is_none() && self.filled_cell(column).is_some() {
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
        if placeholders::is_stroke(&text) {
            self.lacks(column);
            return None;
        }
        let folded = fold_width(&text);
        match folded.as_ref() {
            "是" | "有" | "√" | "✓" | "✔" | "1" => Some(true),
            "否" | "无" | "×" | "✗" | "✘" | "0" | "未论证" | "没有" => Some(false),
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
        let exact = |text: &str| State::ALL.into_iter().find(|s| s.label() == text || s.id() == text);
        let found = exact(&text).or_else(|| match text::key(&text).as_str() {
            "已提交" => Some(State::Submitted),
            "已登记" | "登记" | "已认定" | "已认定登记" => Some(State::Confirmed),
            key => exact(key),
        });
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
}

/// By label or alias, else by id; countries in any case, types with 合同 behind, units with brackets and dots in their names.
fn find<'c>(catalogue: &'c Catalogue, name: ListName, text: &str) -> Option<&'c CodeItem> {
    let list = catalogue.list(name);
    let found = list.by_label(text).or_else(|| list.get(text));
    if found.is_some() {
        return found;
    }
    if name == ListName::Country {
        return list.get(&fold_width(text).trim().to_ascii_uppercase());
    }
    if matches!(name, ListName::Type | ListName::Subtype) {
        return list.by_label(text.trim().strip_suffix("合同")?);
    }
    if name == ListName::Unit {
        return list.by_label(&text.replace(['(', ')', '（', '）', '·', '/'], ""));
    }
    None
}
