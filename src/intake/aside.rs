//! Rows of a table that are no records: totals, notes, who filled in the form, headers said again.

use super::{
    cell::{Cell, RawRow},
    headers::{Headers, is_header},
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
    /// Headers, and not those of the table.
    OtherHeaders,
    /// Units of the columns, as the header says them.
    Units,
    /// Units of the columns, and not those of the header.
    OtherUnits,
    /// A total.
    Total,
    /// A note, a signature.
    Note,
    /// Something in one cell alone: nobody knows what.
    Lonely,
}

/// How totals begin.
const TOTALS: [&str; 10] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总和",
    "本页合计",
    "本年合计",
    "total",
    "平均",
];

/// How totals end.
const TOTAL_ENDS: [&str; 9] = [
    "合计",
    "小计",
    "总计",
    "共计",
    "累计",
    "总和",
    "平均",
    "平均值",
    "平均数",
];

/// What a total counts.
const COUNTED: [char; 8] = ['项', '份', '个', '家', '笔', '条', '件', '宗'];

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
        // What a merged block says of the rows above is none of this row's own.
        let is_own = |place: usize| !row.covered.iter().any(|c| c.place == place && c.from_above);
        let said = || {
            let filled = row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
            filled.filter(|(place, _)| is_own(*place))
        };
        let form = |place: usize| {
            headers
                .column_at(place)
                .and_then(|column| columns.get(column))
                .map(|c| c.form)
        };
        let is_sum = |place: usize| matches!(form(place), Some(Form::Amount | Form::Count) | None);
        // Only a row that lacks most of what a record must have is looked at closer.
        if said().count() * 2 > required.max(4) {
            if headers.are_repeated(row) {
                return Some(Self::Headers);
            }
            // Where a header stands, no number does; looking at every row for one would cost too much.
            let is_name =
                |cell: &Cell<'_>| matches!(cell, Cell::Text(text) if !text.contains(|c: char| c.is_ascii_digit()));
            let is_measure = |place: usize| {
                matches!(
                    form(place),
                    Some(Form::Amount | Form::Date | Form::Moment | Form::Count)
                )
            };
            let mut measures = said().filter(|(place, _)| is_measure(*place)).peekable();
            if measures.peek().is_some() && measures.all(|(_, cell)| is_name(cell)) && is_header(row, kind) {
                return Some(Self::OtherHeaders);
            }
        }
        match headers.agrees_with_units(row) {
            Some(true) => return Some(Self::Units),
            Some(false) => return Some(Self::OtherUnits),
            None => {}
        }
        let filled: Vec<usize> = said().filter_map(|(place, _)| headers.column_at(place)).collect();
        let lacking = columns
            .iter()
            .enumerate()
            .filter(|(column, c)| c.required && !filled.contains(column))
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
        let is_count = |cell: &Cell<'_>| {
            let text = key(&cell.display());
            text.ends_with(COUNTED)
                && text
                    .chars()
                    .any(|c| c.is_ascii_digit() || "一二三四五六七八九十百".contains(c))
        };
        let beside = texts.skip(1).all(|(place, cell)| is_sum(place) || is_count(cell)) && first.chars().count() <= 20;
        let name = first.split(['(', '（', ':', '：']).next().unwrap_or_default();
        let ends = TOTAL_ENDS.iter().any(|word| name.ends_with(word));
        if (begins(&TOTALS) || ends) && beside {
            return Some(Self::Total);
        }
        let count = said().count();
        if begins(&NOTES) && count <= 6 && said().all(|(_, cell)| matches!(cell, Cell::Text(_) | Cell::DateTime(_))) {
            return Some(Self::Note);
        }
        // Sums without a name are no more of a record.
        let are_sums = said().all(|(place, _)| matches!(form(place), Some(Form::Amount | Form::Count)));
        (required > 2 && (count == 1 || are_sums)).then_some(Self::Lonely)
    }

    /// What is told of it, in Chinese.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Headers => "此行是重复的表头，未导入",
            Self::OtherHeaders => {
                "此行又是表头，而金额单位、列名或次序与前面的表头不同；此行起未读取，请拆成两个工作表，或改用同一表头"
            }
            Self::Units => "此行只有金额单位，未导入",
            Self::OtherUnits => "此行的金额单位与表头不同，请改为一致，以免差一万倍",
            Self::Total => "此行像是合计行，未导入",
            Self::Note => "此行像是备注或落款，未导入",
            Self::Lonely => {
                "此行只有一格有内容，或只有金额、数量，像是标题、合计或备注行；不是合同请删去此行，是合同请补全"
            }
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
            (with_sum("八师小计"), Some(Aside::Total)),
            (with_sum("本页小计"), Some(Aside::Total)),
            (with_sum("第一季度合计（元）"), Some(Aside::Total)),
            (with_sum("平均值"), Some(Aside::Total)),
            (row(&["合计", "共1项"]), Some(Aside::Total)),
            (row(&["合计", "共同研发"]), None),
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
