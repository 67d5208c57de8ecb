//! Rows of a table that are no records: totals, notes, who filled in the form, headers said again.

use super::{
    cell::{Cell, RawRow},
    headers::Headers,
};
use crate::domain::{
    interchange::{Form, Kind},
    text::key,
};

/// What a row is that is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// The headers again.
    Headers,
    /// A total.
    Total,
    /// A note, a signature.
    Note,
    /// Something in one cell alone: nobody knows what.
    Lonely,
}

/// How totals begin.
const TOTALS: [&str; 9] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总和",
    "本页合计",
    "本年合计",
    "total",
];

/// How notes begin.
const NOTES: [&str; 18] = [
    "注:",
    "注.",
    "备注",
    "说明:",
    "附注",
    "填表人",
    "填报人",
    "填表日期",
    "填报单位",
    "填报日期",
    "制表",
    "审核人:",
    "复核",
    "负责人:",
    "经办人",
    "单位负责人",
    "联系电话:",
    "单位:",
];

impl Aside {
    /// What a row is where it is no record.
    pub fn of(row: &RawRow<'_>, headers: &Headers, kind: Kind) -> Option<Self> {
        let columns = kind.columns();
        let required = columns.iter().filter(|c| c.required).count();
        if required < 2 {
            return None;
        }
        let said = || row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
        let form = |place: usize| {
            headers
                .column_at(place)
                .and_then(|column| columns.get(column))
                .map(|c| c.form)
        };
        let is_sum = |place: usize| matches!(form(place), Some(Form::Amount | Form::Count) | None);
        // Only a row that lacks most of what a record must have is looked at closer.
        if said().count() * 2 > required.max(4) && headers.are_repeated(row) {
            return Some(Self::Headers);
        }
        let lacking = columns
            .iter()
            .enumerate()
            .filter(|(column, c)| c.required && headers.cell(row, *column).is_empty())
            .count();
        if lacking * 2 < required {
            return None;
        }
        let first = said().find_map(|(_, cell)| match cell {
            Cell::Text(text) => Some(key(text)),
            _ => None,
        });
        let first = first.unwrap_or_default();
        let texts = said().filter(|(_, cell)| matches!(cell, Cell::Text(_)));
        let begins = |words: &[&str]| words.iter().any(|word| first.starts_with(word));
        // Beside its name a total has sums alone.
        let beside = texts.skip(1).all(|(place, _)| is_sum(place)) && first.chars().count() <= 12;
        if begins(&TOTALS) && beside {
            return Some(Self::Total);
        }
        let count = said().count();
        if begins(&NOTES) && count <= 6 && said().all(|(_, cell)| matches!(cell, Cell::Text(_))) {
            return Some(Self::Note);
        }
        (count == 1 && required > 2).then_some(Self::Lonely)
    }

    /// What is told of it, in Chinese.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Headers => "此行是重复的表头，未导入",
            Self::Total => "此行像是合计行，未导入",
            Self::Note => "此行像是备注或落款，未导入",
            Self::Lonely => "此行只有一格有内容，像是标题、合计或备注行；不是合同请删去此行，是合同请补全",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn row(cells: &[&'static str]) -> RawRow<'static> {
        RawRow {
            number: 2,
            cells: cells.iter().map(|c| Cell::text(Cow::Borrowed(c))).collect(),
            ..RawRow::default()
        }
    }

    #[test]
    fn rows_that_are_no_records_are_told_apart() {
        let headers = Headers::in_order(Kind::Register);
        let with_sum = |name: &'static str| {
            let mut cells = vec![""; 22];
            (cells[0], cells[19], cells[20]) = (name, "1200000.00", "1000000.00");
            row(&cells)
        };
        for (row, found) in [
            (with_sum("合计"), Some(Aside::Total)),
            (with_sum("合 计（3 项）"), Some(Aside::Total)),
            (with_sum("总计"), Some(Aside::Total)),
            (with_sum("2025660008000001"), None),
            (row(&["", "", "合计"]), Some(Aside::Total)),
            (row(&["注：以上数据截至2025年12月31日"]), Some(Aside::Note)),
            (row(&["备注：无"]), Some(Aside::Note)),
            (row(&["填表人：甲", "", "", "审核人：乙"]), Some(Aside::Note)),
            (row(&["石河子"]), Some(Aside::Lonely)),
            (row(&["2025660008000001", "合计核算系统开发", "技术开发"]), None),
        ] {
            assert_eq!(Aside::of(&row, &headers, Kind::Register), found, "{row:?}");
        }
        // A contract may be called so.
        let mut cells: Vec<&str> = Kind::Register.columns().iter().map(|c| c.sample).collect();
        cells[0] = "";
        cells[1] = "合计";
        assert_eq!(Aside::of(&row(&cells), &headers, Kind::Register), None);
        let names: Vec<&str> = Kind::Register.columns().iter().map(|c| c.header).collect();
        assert_eq!(Aside::of(&row(&names), &headers, Kind::Register), Some(Aside::Headers));
    }
}
