//! The header row: which column stands where.

use super::{
    cell::{Cell, RawRow, column_letters},
    error::CellError,
};
use crate::domain::interchange::{Kind, REMARK_HEADER, header_key};

/// The most columns a file may have.
pub const MAX_COLUMNS: usize = 200;

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
}

impl Headers {
    /// Reads the header row.
    ///
    /// # Errors
    /// Every unknown, repeated and missing header.
    pub fn read(row: &RawRow<'_>, kind: Kind) -> Result<Self, Vec<CellError>> {
        let names: Vec<String> = row.cells.iter().map(|c| c.display().into_owned()).collect();
        if matches(row, kind) == 0 {
            return Err(vec![other_kind(row, kind)]);
        }
        let columns = kind.columns();
        let mut places: Vec<Option<usize>> = vec![None; columns.len()];
        let mut errors = Vec::new();
        let error = |column: &str, code, detail: String| CellError {
            row: row.number,
            column: super::cell::shown(column),
            value: super::cell::shown(column),
            code,
            detail,
        };
        for (place, name) in names.iter().enumerate() {
            let key = header_key(name);
            if key.is_empty() || key == REMARK_HEADER {
                continue;
            }
            match column_index(&key, kind).and_then(|i| places.get_mut(i)) {
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
        let remark = |place: usize| names.get(place).is_some_and(|n| header_key(n) == REMARK_HEADER);
        let unclaimed = (0..names.len())
            .map(|place| !places.contains(&Some(place)) && !remark(place))
            .collect();
        Ok(Self {
            names,
            places,
            unclaimed,
        })
    }

    /// Of a row of headers among which any may be missing or unknown; where the row has no header at all, none.
    pub fn some(row: &RawRow<'_>, kind: Kind) -> Option<Self> {
        if matches(row, kind) < FEWEST_HEADERS {
            return None;
        }
        let names: Vec<String> = row.cells.iter().map(|c| c.display().into_owned()).collect();
        let known: Vec<Option<usize>> = names.iter().map(|n| column_index(&header_key(n), kind)).collect();
        let places = (0..kind.columns().len()).map(|column| known.iter().position(|k| *k == Some(column)));
        Some(Self {
            places: places.collect(),
            unclaimed: known.iter().map(Option::is_none).collect(),
            names,
        })
    }

    /// Of a row without headers: its cells stand in the order of the form.
    pub fn in_order(kind: Kind) -> Self {
        let columns = kind.columns();
        Self {
            names: columns.iter().map(|c| c.header.to_owned()).collect(),
            places: (0..columns.len()).map(Some).collect(),
            unclaimed: vec![false; columns.len()],
        }
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
    row.cells
        .iter()
        .filter(|c| column_index(&header_key(&c.display()), kind).is_some())
        .count()
}

pub(super) fn column_index(key: &str, kind: Kind) -> Option<usize> {
    kind.columns().iter().position(|c| {
        std::iter::once(&c.header)
            .chain(c.aliases)
            .any(|h| header_key(h) == key)
    })
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
        None => format!("没有“{}”的表头；表头应在首行，请使用模板", kind.label()),
    };
    let value: Vec<_> = row.cells.iter().take(10).map(Cell::display).collect();
    CellError {
        row: row.number,
        column: String::new(),
        value: super::cell::shown(&value.join(",")),
        code: "no_header",
        detail,
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
        }
    }

    #[test]
    fn headers_are_found_in_any_order_and_width() {
        let headers = Headers::read(&row(&["说明", "", "数值(元)", " 年 度 *", "指标"]), Kind::Reference).unwrap();
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
        );
        assert_eq!(headers.unwrap().stray(&row(&["", "", "", "", "第 2 列有误"])), None);
    }

    #[test]
    fn every_wrong_header_is_told() {
        let errors = Headers::read(&row(&["指标", "年度", "指标", "备忘"]), Kind::Reference).unwrap_err();
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
        let errors = Headers::read(&row(&["指标", "年度", "数值（元）", "说明"]), Kind::Register).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert!(errors[0].detail.contains("reference"), "{}", errors[0].detail);
        assert_eq!(
            Headers::read(&row(&["x"]), Kind::Register).unwrap_err()[0].code,
            "no_header"
        );
    }
}
