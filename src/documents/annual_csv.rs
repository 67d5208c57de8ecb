//! The annual figures as CSV, one line a figure: `figure,name,value,display,unit`.

use crate::{
    domain::catalogue::Catalogue,
    statistics::{AnnualFigures, definition},
};

/// UTF-8 byte order mark, by which Excel knows the encoding.
const BOM: &str = "\u{FEFF}";

/// Writes every figure: its name, its Chinese name, its value unrounded and as shown, both in `unit` (`count`, `wan_yuan`,
/// `percent`, `ratio`). UTF-8 with byte order mark, lines end in CRLF. An empty value and `–` stand for nothing.
pub fn annual_csv(figures: &AnnualFigures, catalogue: &Catalogue) -> String {
    let mut text = format!("{BOM}figure,name,value,display,unit\r\n");
    for (figure, value) in figures.figures() {
        let name = definition(catalogue, figure).map_or_else(|| figure.to_owned(), |definition| definition.name);
        let number = value.unrounded().unwrap_or_default();
        let unit = value.unit().printed().id();
        let line = [cell(figure), cell(&name), number, value.digits(), unit.to_owned()];
        text.push_str(&line.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell of text: quoted where needed (RFC 4180), and never taken for a formula by a spreadsheet.
fn cell(text: &str) -> String {
    let guarded = crate::domain::interchange::marked(text);
    if guarded.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::sample::reader::{Sample, ask, catalogue, figures};

    #[test]
    fn every_figure_has_a_line() {
        let figures = figures(&Sample::read(), &ask(2025, "2026-03-01T00:00:00+08:00", None));
        let csv = annual_csv(&figures, &catalogue());
        assert!(csv.starts_with(
            "\u{FEFF}figure,name,value,display,unit\r\ntotal.contracts,认定登记合同项数,1134,1134,count\r\n"
        ));
        assert!(csv.contains("\r\nunits.div_08.amount,八师合同成交额,16052.3"));
        assert!(csv.contains("\r\nseries.2021.growth,2021年成交额同比增速,,–,percent\r\n"));
        assert_eq!(csv.matches("\r\n").count(), figures.figures().count() + 1);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        assert!(reader.records().all(|row| row.unwrap().len() == 5));
    }

    #[test]
    fn text_is_quoted_and_no_formula() {
        for (text, written) in [
            ("八师", "八师"),
            ("a,b", "\"a,b\""),
            ("=1+1", "'=1+1"),
            ("-x", "'-x"),
            ("@\"", "\"'@\"\"\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
