//! Rows of a table that are no records: totals, notes, who filled in the form, headers said again.

use super::{
    cell::{Cell, RawRow},
    headers::{Headers, is_header, is_hint},
};
use crate::domain::{
    interchange::{Form, Kind, fold_width},
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
    /// The numbers of the columns: 1, 2, 3.
    Numbers,
    /// How each column is to be filled in: 必填, 选填.
    Hints,
    /// Noughts alone, of formulas that were filled down.
    Noughts,
    /// A total.
    Total,
    /// A note, a signature.
    Note,
    /// Something in one cell alone: nobody knows what.
    Lonely,
}

/// Columns that a row of their numbers has at least.
const FEWEST_NUMBERS: u32 = 3;

/// Hints that a row of them has at least.
const FEWEST_HINTS: usize = 3;

/// How totals begin: what follows is nothing, a count, a unit or a remark.
const TOTALS: [&str; 15] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总和",
    "汇总",
    "总额",
    "全年",
    "其中",
    "本页合计",
    "本年合计",
    "合同总计",
    "total",
    "平均",
];

/// What may follow the beginning of a total.
const TOTAL_REMARKS: [&str; 7] = ["金额", "数", "值", "额", "共", "元", "万元"];

/// How totals end.
const TOTAL_ENDS: [&str; 11] = [
    "合计",
    "小计",
    "总计",
    "共计",
    "累计",
    "总和",
    "汇总",
    "总额",
    "平均",
    "平均值",
    "平均数",
];

/// What a total counts.
const COUNTED: [char; 8] = ['项', '份', '个', '家', '笔', '条', '件', '宗'];

/// How notes begin that nothing else does.
const NOTES: [&str; 9] = [
    "注:",
    "注.",
    "附注",
    "填表人",
    "填报人",
    "填表日期",
    "填报单位",
    "填报日期",
    "单位负责人",
];

/// What notes and signatures are headed by; a contract may be called so, too, where it goes on in words.
const HEADINGS: [&str; 25] = [
    "备注",
    "说明",
    "注",
    "制表",
    "制表人",
    "制表日期",
    "复核",
    "复核人",
    "审核",
    "审核人",
    "审批",
    "负责人",
    "经办人",
    "联系人",
    "联系电话",
    "电话",
    "单位",
    "日期",
    "打印时间",
    "打印日期",
    "打印人",
    "主管领导",
    "分管领导",
    "领导",
    "主管",
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
        if is_numbered(said().map(|(_, cell)| cell)) {
            return Some(Self::Numbers);
        }
        if said().count() >= FEWEST_HINTS && said().all(|(_, cell)| is_hint(&key(&cell.display()))) {
            return Some(Self::Hints);
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
            Cell::Text(text) => Some(text.as_ref()),
            _ => None,
        });
        let is_headed = first.is_some_and(is_headed);
        let first = first.map(key).unwrap_or_default();
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
        let count = said().count();
        let are_words = said().all(|(_, cell)| matches!(cell, Cell::Text(_) | Cell::DateTime(_)));
        // Sums without a name are no more of a record.
        let are_sums = said().all(|(place, _)| matches!(form(place), Some(Form::Amount | Form::Count)));
        let is_nought =
            |cell: &Cell<'_>| matches!(cell, Cell::Number(number) | Cell::Formatted(number, _) if *number == 0.0);
        if are_sums && said().all(|(_, cell)| is_nought(cell)) {
            return Some(Self::Noughts);
        }
        let found = if is_total(&first) && beside {
            Self::Total
        } else if (begins(&NOTES) || is_headed) && count <= 6 && are_words {
            Self::Note
        } else if required > 2 && (count == 1 || are_sums) {
            Self::Lonely
        } else {
            return None;
        };
        let says_other = |cell: &Cell<'_>| matches!(cell, Cell::Text(text) if headers.contradicts(text, kind));
        let contradicts = said().any(|(_, cell)| says_other(cell));
        Some(if contradicts { Self::OtherUnits } else { found })
    }

    /// What is told of it, in Chinese.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Headers => "此行是重复的表头，未导入",
            Self::OtherHeaders => {
                "此行又是表头，而金额单位、列名或次序与前面的表头不同；此行起未读取，请拆成两个工作表，或改用同一表头"
            }
            Self::Units => "此行只有金额单位，未导入",
            Self::OtherUnits => "此行写的金额单位与表头的不同，前后矛盾，请改为一致，以免差一万倍",
            Self::Numbers => "此行是列的序号（栏次），未导入",
            Self::Hints => "此行是填写说明（必填、选填），未导入",
            Self::Noughts => "此行只有公式得出的 0，未导入",
            Self::Total => "此行像是合计行，未导入",
            Self::Note => "此行像是备注或落款，未导入",
            Self::Lonely => {
                "此行只有一格有内容，或只有金额、数量，像是标题、合计或备注行；不是合同请删去此行，是合同请补全"
            }
        }
    }
}

/// Whether cells count up from 1, as a row below the header does; the first may be 栏次 or 序号, letters may stand before.
fn is_numbered<'c>(cells: impl Iterator<Item = &'c Cell<'c>>) -> bool {
    let mut next = 1_u32;
    for (at, cell) in cells.enumerate() {
        let text = key(&cell.display());
        let bare = text.trim_matches(['(', ')']);
        if bare.parse() == Ok(next) {
            next += 1;
        } else if next > 1 || !(matches!(bare, "栏次" | "序号") && at == 0 || "甲乙丙丁戊己庚辛".contains(bare))
        {
            return false;
        }
    }
    next > FEWEST_NUMBERS
}

/// Whether a text (a key of `domain::text`) names a total: it begins with the word and goes on in no other, it ends with it, or it is a
/// count: `合计（3项）`, `八师小计`, `共2项`.
fn is_total(text: &str) -> bool {
    let goes_on = |rest: &str| {
        let is_remark = TOTAL_REMARKS.iter().any(|word| rest.starts_with(word));
        !(rest.is_empty() || is_remark || rest.starts_with(|c: char| !c.is_alphabetic()))
    };
    let mut begun = TOTALS.iter().filter_map(|word| text.strip_prefix(word));
    let name = text.split(['(', '（', ':', '：']).next().unwrap_or_default();
    let counted = text.strip_prefix("本页").unwrap_or(text);
    let counted = counted.strip_prefix("共计").or_else(|| counted.strip_prefix('共'));
    let counted = counted.map(|rest| rest.trim_end_matches("合同").trim_end_matches(COUNTED));
    begun.any(|rest| !goes_on(rest))
        || TOTAL_ENDS.iter().any(|word| name.ends_with(word))
        || counted.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a text is headed as notes and signatures are: `制表：甲`, `经办人 乙`, `主管领导（签字）`; `复核系统研制` is not.
fn is_headed(text: &str) -> bool {
    let folded = fold_width(text);
    let bare = folded.trim();
    let ends = |rest: &str| {
        let next = rest.chars().next();
        next.is_none_or(|c| c.is_whitespace() || c.is_ascii_digit() || matches!(c, ':' | '(' | '.' | '、' | ',' | '_'))
    };
    // A word of two is spread out: 备 注.
    let spread = bare.split_once(' ').is_some_and(|(first, rest)| {
        let joined = format!("{first}{}", rest.trim_start());
        first.chars().count() == 1 && HEADINGS.iter().any(|word| joined.strip_prefix(word).is_some_and(ends))
    });
    spread || HEADINGS.iter().any(|word| bare.strip_prefix(word).is_some_and(ends))
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
            (row(&["备 注：无"]), Some(Aside::Note)),
            (row(&["制表 甲", "复核 乙"]), Some(Aside::Note)),
            (
                row(&["打印时间：2025-12-31 10:00", "", "打印人：甲", "第1页 共1页"]),
                Some(Aside::Note),
            ),
            (
                row(&["主管领导（签字）：", "", "日期：2025年12月31日"]),
                Some(Aside::Note),
            ),
            (row(&["", "复核检测系统研制", "技术开发", "八师"]), None),
            (row(&["", "制表机改造", "技术服务"]), None),
            (row(&["", "经办人培训", "技术服务"]), None),
            (row(&["", "审核系统", "技术开发"]), None),
            (row(&["1", "2", "3", "4", "5"]), Some(Aside::Numbers)),
            (row(&["栏次", "甲", "乙", "1", "2", "3"]), Some(Aside::Numbers)),
            (row(&["(1)", "(2)", "(3)", "(4)"]), Some(Aside::Numbers)),
            (row(&["2", "3", "4", "5"]), None),
            (row(&["必填", "必填", "选填", "（选填）"]), Some(Aside::Hints)),
            (row(&["注：1.本表金额单位为万元；2.含税"]), Some(Aside::OtherUnits)),
            (row(&["说明：本表金额以万元计。"]), Some(Aside::OtherUnits)),
            (row(&["说明：本表金额以元计。"]), Some(Aside::Note)),
            (row(&["（以上金额均以万元为单位）"]), Some(Aside::OtherUnits)),
            (with_sum("合计（万元）"), Some(Aside::OtherUnits)),
            (with_sum("累计误差补偿装置研制"), None),
            (with_sum("平均粒径在线检测"), None),
            (with_sum("汇总"), Some(Aside::Total)),
            (with_sum("八师 汇总"), Some(Aside::Total)),
            (with_sum("其中：技术开发"), Some(Aside::Total)),
            (with_sum("总额"), Some(Aside::Total)),
            (with_sum("共2项"), Some(Aside::Total)),
            (with_sum("本页共计2份"), Some(Aside::Total)),
            (with_sum("合同总计"), Some(Aside::Total)),
            (with_sum("全年"), Some(Aside::Total)),
            (with_sum("合计金额"), Some(Aside::Total)),
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
