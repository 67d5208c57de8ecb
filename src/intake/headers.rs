//! The header row: which column stands where.

use super::{
    amount::unit_name,
    cell::{Cell, RawRow, column_letters},
    error::CellError,
    unit,
};
use crate::domain::interchange::{Form, Kind, REMARK_HEADER, header_key};

/// The most columns a file may have.
pub const MAX_COLUMNS: usize = 200;

/// Rows with something in them among which the header is looked for: titles, who filled in the form, the unit stand above it.
pub const LOOKED_FOR_HEADER: usize = 20;

/// Cells that read like headers, below which a pasted row is taken to have none.
const FEWEST_HEADERS: usize = 3;

/// Where the columns of a kind stand in a file.
#[derive(Debug)]
pub struct Headers {
    /// The file's own headers.
    names: Vec<String>,
    /// For each column of the kind, its place in the file.
    places: Vec<Option<usize>>,
    /// Which places no column of the kind claims.
    unclaimed: Vec<bool>,
    /// For each column of the kind, how many yuan the unit is in which the file counts there; none where it does not say.
    units: Vec<Option<i64>>,
}

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The column, by its index in the kind's columns.
    pub column: usize,
    /// How many yuan its unit is, where the header says one.
    pub unit: Option<i64>,
}

/// What a file or sheet says above its header.
#[derive(Debug, Clone, Default)]
pub struct Title {
    units: Vec<SaidUnit>,
}

/// A unit that stands above the header, in a row of its own below it, or in the name of the sheet.
#[derive(Debug, Clone, Copy)]
struct SaidUnit {
    /// The row; none where it is the sheet's name that says it.
    row: Option<u32>,
    /// The place of the column that it is of, where a row says one for each.
    place: Option<usize>,
    yuan: i64,
}

impl Title {
    /// Takes in a row above the header.
    pub fn read(&mut self, row: &RawRow<'_>) {
        // One that says 单位 is of the whole; bare ones stand above their columns.
        let is_whole = row.cells.iter().any(|cell| cell.display().contains("单位"));
        if let Some(units) = unit::of_row(row).filter(|_| !is_whole) {
            return self.take(row.number, &units);
        }
        for cell in row.cells.iter().filter(|cell| !cell.is_empty()) {
            let units = unit::in_title(&cell.display()).into_iter();
            self.units.extend(units.map(|yuan| SaidUnit {
                row: Some(row.number),
                place: None,
                yuan,
            }));
        }
    }

    /// Takes in the name of the sheet.
    pub fn read_name(&mut self, name: &str) {
        let units = unit::in_title(name).into_iter();
        self.units.extend(units.map(|yuan| SaidUnit {
            row: None,
            place: None,
            yuan,
        }));
    }

    /// Takes in the row below the header, where it says units and nothing else; whether it does.
    pub fn read_below(&mut self, row: &RawRow<'_>) -> bool {
        let units = unit::of_row(row);
        if let Some(units) = &units {
            self.take(row.number, units);
        }
        units.is_some()
    }

    fn take(&mut self, row: u32, units: &[(usize, i64)]) {
        let single = units.len() == 1;
        self.units.extend(units.iter().map(|(place, yuan)| SaidUnit {
            row: Some(row),
            place: (!single).then_some(*place),
            yuan: *yuan,
        }));
    }

    /// The units said of the column at a place.
    fn of(&self, place: usize) -> impl Iterator<Item = &SaidUnit> {
        self.units
            .iter()
            .filter(move |said| said.place.is_none_or(|of| of == place))
    }

    /// The unit of the column at a place, whose header (in the row `header`) says `own`.
    ///
    /// # Errors
    /// Nothing says it, or two places contradict each other: told in Chinese.
    fn unit(&self, place: usize, header: u32, own: Option<i64>) -> Result<i64, String> {
        let first = own.map(|yuan| (Some(header), yuan));
        let named = |row: Option<u32>| row.map_or_else(|| "工作表名".to_owned(), |row| format!("第 {row} 行"));
        let Some((row, yuan)) = first.or_else(|| self.of(place).map(|said| (said.row, said.yuan)).next()) else {
            return Err("没有写明金额单位，请改为“…（元）”或“…（万元）”，以免差一万倍".to_owned());
        };
        match self.of(place).find(|said| said.yuan != yuan) {
            None => Ok(yuan),
            Some(other) => Err(format!(
                "金额单位前后矛盾：{}写“{}”，{}写“{}”，请改为一致，以免差一万倍",
                named(row),
                unit_name(yuan),
                named(other.row),
                unit_name(other.yuan)
            )),
        }
    }
}

impl Headers {
    /// Reads the header row.
    ///
    /// # Errors
    /// Every unknown, repeated and missing header, and amounts whose unit nothing says.
    pub fn read(row: &RawRow<'_>, kind: Kind, title: &Title) -> Result<Self, Vec<CellError>> {
        let names: Vec<String> = row.cells.iter().map(|c| c.display().into_owned()).collect();
        let is_other =
            |other: &Kind| *other != kind && matches(row, *other) > matches(row, kind) && is_header(row, *other);
        if matches(row, kind) == 0 || (!is_header(row, kind) && Kind::ALL.iter().any(is_other)) {
            return Err(vec![other_kind(row, kind)]);
        }
        let columns = kind.columns();
        let mut places: Vec<Option<usize>> = vec![None; columns.len()];
        let mut units = units_of(kind);
        let mut errors = Vec::new();
        let error = |column: &str, code, detail: String| CellError {
            column: super::cell::shown(column),
            value: super::cell::shown(column),
            ..CellError::of_row(row.number, code, detail)
        };
        for (place, name) in names.iter().enumerate() {
            let key = header_key(name);
            if key.is_empty() || is_no_column(&key) {
                continue;
            }
            let meaning = meaning(&key, kind);
            if let Some(meaning) = meaning
                && columns.get(meaning.column).is_some_and(|c| c.form == Form::Amount)
            {
                let unit = title.unit(place, row.number, meaning.unit);
                if let Some(place) = units.get_mut(meaning.column) {
                    *place = unit.as_ref().ok().copied();
                }
                if let Err(detail) = unit {
                    errors.push(error(name, "amount_unit", detail));
                }
            }
            match meaning.and_then(|m| places.get_mut(m.column)) {
                None => errors.push(error(
                    name,
                    "unknown_column",
                    format!(
                        "第 {} 列的表头不认得，请改为模板中的表头或删去该列",
                        column_letters(place)
                    ),
                )),
                Some(taken @ None) => *taken = Some(place),
                Some(Some(first)) => errors.push(error(
                    name,
                    "duplicate_column",
                    format!(
                        "表头重复：{} 列与 {} 列相同",
                        column_letters(*first),
                        column_letters(place)
                    ),
                )),
            }
        }
        for (column, place) in columns.iter().zip(&places) {
            if column.base && place.is_none() {
                let mut missing = error(
                    column.header,
                    "missing_column",
                    "缺少此列，请按模板补上（没有内容可留空）".into(),
                );
                missing.value.clear();
                errors.push(missing);
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let remark = |place: usize| names.get(place).is_some_and(|n| is_no_column(&header_key(n)));
        let unclaimed = (0..names.len())
            .map(|place| !places.contains(&Some(place)) && !remark(place))
            .collect();
        Ok(Self {
            names,
            places,
            unclaimed,
            units,
        })
    }

    /// Of a row of headers among which any may be missing or unknown; where the row has no header at all, none.
    pub fn some(row: &RawRow<'_>, kind: Kind) -> Option<Self> {
        if matches(row, kind) < FEWEST_HEADERS {
            return None;
        }
        let names: Vec<String> = row.cells.iter().map(|c| c.display().into_owned()).collect();
        let known: Vec<Option<Meaning>> = names.iter().map(|n| meaning(&header_key(n), kind)).collect();
        let position = |column| known.iter().position(|k| k.is_some_and(|k| k.column == column));
        let mut units = units_of(kind);
        for meaning in known.iter().flatten() {
            if let (Some(unit), Some(column)) = (units.get_mut(meaning.column), kind.columns().get(meaning.column)) {
                *unit = if column.form == Form::Amount {
                    meaning.unit
                } else {
                    *unit
                };
            }
        }
        Some(Self {
            places: (0..kind.columns().len()).map(position).collect(),
            unclaimed: known
                .iter()
                .zip(&names)
                .map(|(meaning, name)| meaning.is_none() && !is_no_column(&header_key(name)))
                .collect(),
            names,
            units,
        })
    }

    /// Of a row without headers: its cells stand in the order of the form.
    pub fn in_order(kind: Kind) -> Self {
        let columns = kind.columns();
        Self {
            names: columns.iter().map(|c| c.header.to_owned()).collect(),
            places: (0..columns.len()).map(Some).collect(),
            unclaimed: vec![false; columns.len()],
            units: units_of(kind),
        }
    }

    /// How many yuan the unit is in which the file counts in a column; none where it does not say.
    pub fn unit(&self, column: usize) -> Option<i64> {
        self.units.get(column).copied().flatten()
    }

    /// The column of the kind that claims a place of the file.
    pub fn column_at(&self, place: usize) -> Option<usize> {
        self.places.iter().position(|p| *p == Some(place))
    }

    /// Whether a row that says units and nothing else says those of the header; none where it is no such row.
    pub fn agrees_with_units(&self, row: &RawRow<'_>) -> Option<bool> {
        let units = unit::of_row(row)?;
        let mut of_columns = units
            .into_iter()
            .filter_map(|(place, yuan)| Some((self.column_at(place)?, yuan)));
        Some(of_columns.all(|(column, yuan)| self.unit(column) == Some(yuan)))
    }

    /// Whether a text beside the table (a note, the name of a total) says another unit than a column of amounts has.
    pub fn contradicts(&self, text: &str, kind: Kind) -> bool {
        let said = unit::in_title(text);
        let columns = kind.columns().iter().enumerate();
        let mut amounts = columns
            .filter(|(column, c)| c.form == Form::Amount && self.places.get(*column).copied().flatten().is_some());
        !said.is_empty() && amounts.any(|(column, _)| said.iter().any(|yuan| self.unit(column) != Some(*yuan)))
    }

    /// Whether the row says the headers again, as it does at the top of a printed page.
    pub fn are_repeated(&self, row: &RawRow<'_>) -> bool {
        let mut said = row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
        let mut same = 0;
        said.all(|(place, cell)| {
            same += 1;
            self.names.get(place).is_some_and(|name| *name == cell.display())
        }) && same >= FEWEST_HEADERS
    }

    /// The columns of the kind that the file does not have, by their index in the kind's columns.
    pub fn absent(&self) -> impl Iterator<Item = usize> {
        let places = self.places.iter().enumerate();
        places.filter(|(_, place)| place.is_none()).map(|(column, _)| column)
    }

    /// The cell of a column of the kind, by its index in the kind's columns.
    pub fn cell<'r, 'a>(&self, row: &'r RawRow<'a>, column: usize) -> &'r Cell<'a> {
        let place = self.places.get(column).copied().flatten();
        place.and_then(|p| row.cells.get(p)).unwrap_or(&Cell::Empty)
    }

    /// The first cell with something in it under no header.
    pub fn stray<'r, 'a>(&self, row: &'r RawRow<'a>) -> Option<(usize, &'r Cell<'a>)> {
        row.cells
            .iter()
            .enumerate()
            .find(|(place, cell)| !cell.is_empty() && self.unclaimed.get(*place).copied().unwrap_or(true))
    }

    /// Whether nothing stands in the row but running numbers and what this program remarked.
    pub fn is_unclaimed_row(&self, row: &RawRow<'_>) -> bool {
        let filled = row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
        let mut places = filled.map(|(place, _)| place);
        places.all(|place| self.column_at(place).is_none() && self.unclaimed.get(place) == Some(&false))
    }

    /// The header at a place of the file, or its letters where it has none.
    pub fn name_at(&self, place: usize) -> String {
        match self.names.get(place) {
            Some(name) if !name.is_empty() => super::cell::shown(name),
            _ => column_letters(place),
        }
    }
}

/// How many cells of the row are headers of the kind.
pub fn matches(row: &RawRow<'_>, kind: Kind) -> usize {
    let cells = row.cells.iter().filter(|c| !c.is_empty());
    cells
        .filter(|c| column_index(&header_key(&c.display()), kind).is_some())
        .count()
}

/// Whether the row is the header of a table of the kind: half of the form's headers, or most of its own, which are not few.
pub fn is_header(row: &RawRow<'_>, kind: Kind) -> bool {
    let found = matches(row, kind);
    let wanted = kind.columns().iter().filter(|c| c.base).count();
    let own = row.cells.iter().filter(|c| !c.is_empty()).count();
    found * 2 >= wanted || (found >= FEWEST_HEADERS && found * 2 > own)
}

/// The column that a header stands for, by its index in the kind's columns.
pub(super) fn column_index(key: &str, kind: Kind) -> Option<usize> {
    meaning(key, kind).map(|meaning| meaning.column)
}

/// What a header says. That of an amount is its name, with the unit behind it or without.
fn meaning(key: &str, kind: Kind) -> Option<Meaning> {
    if key.is_empty() {
        return None;
    }
    let key = without_hint(key);
    kind.columns().iter().enumerate().find_map(|(column, c)| {
        std::iter::once(&c.header).chain(c.aliases).find_map(|header| {
            let own = header_key(header);
            if c.form != Form::Amount {
                return (own == key).then_some(Meaning { column, unit: None });
            }
            let name = own.strip_suffix("(元)").unwrap_or(&own);
            let unit = match key.strip_prefix(name)? {
                "" => None,
                // A currency alone says no unit.
                rest => match unit::said(rest) {
                    None if unit::is_currency(rest) => None,
                    unit => Some(unit?),
                },
            };
            Some(Meaning { column, unit })
        })
    })
}

/// What people write behind a header to say how its column is filled in.
const HINTS: [&str; 12] = [
    "必填",
    "必填项",
    "选填",
    "可选",
    "可不填",
    "可空",
    "年月日",
    "日期",
    "文本",
    "文本格式",
    "下拉选择",
    "单选",
];

/// Whether a text (a key of `domain::text`) is such a hint and nothing else.
pub fn is_hint(key: &str) -> bool {
    HINTS.contains(&key.trim_matches(['(', ')', '[', ']', '*']))
}

/// A header without such a hint.
fn without_hint(key: &str) -> &str {
    let parted = key.strip_suffix([')', ']', '】']).and_then(|rest| {
        let at = rest.rfind(['(', '[', '【'])?;
        let hint = rest.get(at..)?.trim_start_matches(['(', '[', '【']);
        HINTS.contains(&hint).then(|| rest.get(..at)).flatten()
    });
    parted.unwrap_or(key)
}

/// Whether a header is of a column that is none of the table's: what this program remarked, and the running number.
fn is_no_column(key: &str) -> bool {
    key == REMARK_HEADER || matches!(without_hint(key), "序号" | "行号" | "no" | "no.")
}

/// The units of a form that says them all.
fn units_of(kind: Kind) -> Vec<Option<i64>> {
    vec![Some(1); kind.columns().len()]
}

/// What to say where not one header fits: perhaps the file is of another kind.
fn other_kind(row: &RawRow<'_>, kind: Kind) -> CellError {
    let likely = Kind::ALL
        .into_iter()
        .max_by_key(|k| matches(row, *k))
        .filter(|k| matches(row, *k) > 1);
    let detail = match likely {
        Some(other) => format!(
            "没有“{}”的表头；看来是“{}”，请以该种类（{}）导入",
            kind.label(),
            other.label(),
            other.id()
        ),
        None => format!(
            "没有“{}”的表头；在前 {LOOKED_FOR_HEADER} 行中没有找到，请使用模板",
            kind.label()
        ),
    };
    let value: Vec<_> = row.cells.iter().take(10).map(Cell::display).collect();
    CellError {
        value: super::cell::shown(&value.join(",")),
        ..CellError::of_row(row.number, "no_header", detail)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn row(cells: &[&'static str]) -> RawRow<'static> {
        RawRow {
            number: 1,
            cells: cells.iter().map(|c| Cell::text(Cow::Borrowed(c))).collect(),
            ..RawRow::default()
        }
    }

    #[test]
    fn headers_are_found_in_any_order_and_width() {
        let headers = Headers::read(
            &row(&["说明", "", "数值(元)", " 年 度 *", "指标"]),
            Kind::Reference,
            &Title::default(),
        )
        .unwrap();
        let data = row(&["注", "", "7", "2020"]);
        assert_eq!(headers.cell(&data, 3).display(), "注");
        assert_eq!(headers.cell(&data, 2).display(), "7");
        assert_eq!(headers.cell(&data, 0), &Cell::Empty);
        assert_eq!(headers.stray(&data), None);
        assert_eq!(headers.stray(&row(&["", "x"])).map(|(p, _)| p), Some(1));
        assert_eq!(headers.stray(&row(&["", "", "", "", "", "x"])).map(|(p, _)| p), Some(5));
        assert_eq!(headers.name_at(5), "F");
    }

    #[test]
    fn what_this_program_remarked_is_no_column_of_the_file() {
        let headers = Headers::read(
            &row(&["指标", "年度", "数值（元）", "说明", REMARK_HEADER]),
            Kind::Reference,
            &Title::default(),
        );
        assert_eq!(headers.unwrap().stray(&row(&["", "", "", "", "第 2 列有误"])), None);
    }

    #[test]
    fn every_wrong_header_is_told() {
        let errors = Headers::read(
            &row(&["指标", "年度", "指标", "备忘"]),
            Kind::Reference,
            &Title::default(),
        )
        .unwrap_err();
        let told: Vec<_> = errors.iter().map(|e| (e.code, e.column.as_str())).collect();
        assert_eq!(
            told,
            [
                ("duplicate_column", "指标"),
                ("unknown_column", "备忘"),
                ("missing_column", "数值（元）"),
                ("missing_column", "说明")
            ]
        );
    }

    #[test]
    fn a_file_of_another_kind_is_recognised() {
        let errors = Headers::read(
            &row(&["指标", "年度", "数值（元）", "说明"]),
            Kind::Register,
            &Title::default(),
        )
        .unwrap_err();
        assert_eq!(errors.len(), 1);
        assert!(errors[0].detail.contains("reference"), "{}", errors[0].detail);
        assert_eq!(
            Headers::read(&row(&["x"]), Kind::Register, &Title::default()).unwrap_err()[0].code,
            "no_header"
        );
    }

    #[test]
    fn amounts_say_their_unit_in_the_header_or_above_it() {
        let read = |header: &'static str, above: &[&'static str]| {
            let mut title = Title::default();
            title.read(&row(above));
            Headers::read(&row(&["指标", "年度", header, "说明"]), Kind::Reference, &title).map(|h| h.unit(2))
        };
        for (header, above, unit) in [
            ("数值（元）", &[][..], 1),
            ("数值（万元）", &[], 10_000),
            ("数值/万元", &[], 10_000),
            ("数值（单位：亿元）", &["单位：亿元"], 100_000_000),
            ("数值（必填）", &["单位：万元、项"], 10_000),
            ("数值", &["统计表", "（单位：万元）"], 10_000),
            ("数值", &["填报单位：八师", "金额单位:元"], 1),
            ("数值", &["单位：人民币 亿元"], 100_000_000),
            ("数值（人民币）", &["单位：人民币 万元"], 10_000),
            ("数值", &["参考数据（万元）"], 10_000),
        ] {
            assert_eq!(read(header, above), Ok(Some(unit)), "{header}");
        }
        for (header, above) in [
            ("数值", "填报单位：八师"),
            ("数值", "单位：人民币"),
            ("数值（人民币）", "币种：人民币"),
            ("数值（RMB）", ""),
        ] {
            let errors = read(header, &[above]).unwrap_err();
            let codes: Vec<_> = errors.iter().map(|e| e.code).collect();
            assert_eq!(codes, ["amount_unit"], "{header} {above}");
        }
        for (header, above) in [
            ("数值（元）", &["单位：万元"][..]),
            ("数值", &["单位：元", "金额单位：万元"]),
            ("数值（元）", &["2025年参考数据（万元）"]),
            ("数值（元）", &["（以下金额均以万元为单位）"]),
            ("数值", &["单位：元/人民币 （万元）"]),
        ] {
            let errors = read(header, above).unwrap_err();
            assert_eq!(errors[0].code, "amount_unit");
            assert!(errors[0].detail.contains("第 1 行"), "{}", errors[0].detail);
        }
        assert_eq!(read("数值（美元）", &[]).unwrap_err()[0].code, "unknown_column");
    }

    #[test]
    fn headers_said_again_are_no_row() {
        let headers = Headers::in_order(Kind::Reference);
        assert!(headers.are_repeated(&row(&["指标", "年度", "数值（元）", "说明"])));
        assert!(!headers.are_repeated(&row(&["指标", "年度"])));
        assert!(!headers.are_repeated(&row(&["指标", "2020", "数值（元）"])));
    }
}
