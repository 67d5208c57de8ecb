//! A row of the register as a spreadsheet puts it on the clipboard: cells apart by tabs, quoted where they hold line ends or quotes,
//! with the row of headers before it or without.

use super::{cell::RawRow, csv::CsvReader, error::CellError, headers::Headers, rows::draft_row, source::SourceError};
use crate::domain::{catalogue::Catalogue, contract::Content, interchange::Kind};

/// Reads a pasted row: what of it a registrar would type, and the wrong cells.
///
/// # Errors
/// What is no row: nothing at all, several, quotes that do not match.
pub fn pasted(text: &str, catalogue: &Catalogue) -> Result<(Content, Vec<CellError>), CellError> {
    let wrong = |code, detail: &str| CellError::of_row(1, code, detail);
    let mut reader = CsvReader::tabbed(text.as_bytes());
    let mut rows: Vec<RawRow<'static>> = Vec::new();
    while let Some(row) = reader.next_row().map_err(|e| CellError::from(&SourceError::from(e)))? {
        if row.is_blank() {
            continue;
        }
        if rows.len() == 2 {
            return Err(wrong("several_rows", "一次只能粘贴一行（可带表头）；多行请用导入"));
        }
        rows.push(row.into_owned());
    }
    let mut rows = rows.into_iter();
    let first = rows.next().ok_or_else(|| wrong("empty_file", "没有内容，请粘贴一行"))?;
    match (Headers::some(&first, Kind::Register), rows.next()) {
        (Some(headers), Some(row)) => Ok(draft_row(&row, &headers, catalogue)),
        (Some(_), None) => Err(wrong("empty_file", "只有表头，没有内容")),
        (None, None) if first.cells.iter().filter(|c| !c.is_empty()).count() < 2 => {
            Err(wrong("not_a_table", "没有分列；请在 Excel 中选中一整行复制后粘贴"))
        }
        (None, None) => Ok(draft_row(&first, &Headers::in_order(Kind::Register), catalogue)),
        (None, Some(_)) => Err(wrong("several_rows", "一次只能粘贴一行；第一行若是表头，请与模板一致")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::embedded_catalogue;

    fn read(text: &str) -> Result<(Content, Vec<CellError>), CellError> {
        pasted(text, &embedded_catalogue().unwrap())
    }

    #[test]
    fn a_row_is_read_with_its_headers_and_without() {
        let (content, errors) = read(
            "合同名称\t卖方名称\t合同成交额（元）\t状态\t内容摘要\r\n滴灌技术; 服务, 一期\t甲公司\t1,200.50\t已确认\t\"第一行\n\"\"第二行\"\"\"\r\n",
        )
        .unwrap();
        assert_eq!(errors, []);
        assert_eq!(content.project_name.as_deref(), Some("滴灌技术; 服务, 一期"));
        assert_eq!(
            (content.seller.name.as_deref(), content.amount_fen),
            (Some("甲公司"), Some(120_050))
        );
        assert_eq!(content.summary.as_deref(), Some("第一行\n\"第二行\""));
        let (content, errors) = read("2025660003000001\t滴灌\t技术开发\t委托开发\t七师").unwrap();
        assert_eq!(errors, []);
        assert_eq!(
            (content.contract_type.as_deref(), content.unit.as_deref()),
            (Some("development"), Some("div_07"))
        );
    }

    #[test]
    fn wrong_cells_are_told_by_their_columns() {
        let (content, errors) = read("合同名称\t合同类别\t签订日期\t备忘\n滴灌\t没有这类\t昨天\t注").unwrap();
        let told: Vec<(&str, &str)> = errors.iter().map(|e| (e.column.as_str(), e.code)).collect();
        assert_eq!(told.len(), 3, "{errors:?}");
        assert!(told.iter().any(|(column, _)| *column == "合同类别"));
        assert!(told.contains(&("备忘", "unexpected_cell")));
        assert_eq!(
            (content.project_name.as_deref(), content.signed_on),
            (Some("滴灌"), None)
        );
    }

    #[test]
    fn what_is_no_row_is_told() {
        for (text, code) in [
            (" \n\t\n", "empty_file"),
            ("滴灌", "not_a_table"),
            ("a\tb\nc\td", "several_rows"),
            ("合同名称\t合同类别\t签订日期", "empty_file"),
            ("合同名称\t合同类别\t签订日期\na\tb\nc\td", "several_rows"),
            ("a\t\"b", "unbalanced_quote"),
        ] {
            assert_eq!(read(text).unwrap_err().code, code, "{text:?}");
        }
    }
}
