//! Workbooks and texts as offices make them: what a cell shows is what is read, or it is refused with its place; what is passed over is
//! told. What is right for each was written down beside the file by hand.

use dengji::domain::interchange::RegisterColumn as C;

use super::cases::{AMOUNTS, IN_FEN, codes, read, said, sound, told};

const AMOUNT_HEADERS: [&str; 3] = ["合同成交额（元）", "技术交易额（元）", "非技术性费用（元）"];

/// The same rule at each of the amounts of row 2.
fn at_amounts(code: &'static str) -> Vec<(u32, &'static str, &'static str)> {
    AMOUNT_HEADERS.into_iter().map(|header| (2, header, code)).collect()
}

#[test]
fn a_nought_that_nobody_worked_out_is_no_result() {
    let amounts = read("101-formula-cached-zero/a24-xlsxwriter-formula.xlsx");
    assert_eq!(told(&amounts.errors), at_amounts("formula_without_result"));
    let texts = read("101-formula-cached-zero/g12-xlsxwriter-text-formula.xlsx");
    let expected = [
        (2, "合同名称", "formula_without_result"),
        (2, "登记员证书编号", "formula_without_result"),
        (2, "卖方名称", "formula_without_result"),
    ];
    assert_eq!(told(&texts.errors), expected);
}

#[test]
fn a_format_that_says_another_unit_is_refused() {
    for name in [
        "a01-scale-format-under-wan.xlsx",
        "a02-percent.xlsx",
        "a03-dollar-format.xlsx",
        "d03-wan-in-format.xlsx",
    ] {
        let read = read(&format!("102-number-format-carries-unit/{name}"));
        assert_eq!(told(&read.errors), at_amounts("number_format"), "{name}");
    }
}

#[test]
fn a_number_in_a_column_of_texts_is_what_the_sheet_shows() {
    for (name, column, text) in [
        ("a04-leading-zero-format.xlsx", C::PlanNumber, "2024AB001"),
        ("a04-leading-zero-format.xlsx", C::RegistrarCertificate, "DJY6620170043"),
        ("a05-phone-format.xlsx", C::SellerPhone, "0993-2012345"),
        ("a06-natnum-zero.xlsx", C::NationalNumber, "0025000123"),
        ("g04-plan-decimals.xlsx", C::PlanNumber, "2024.10"),
    ] {
        let read = sound(&format!("103-number-format-carries-digits/{name}"));
        assert_eq!(said(&read.rows[0], &[column]), [text], "{name}");
    }
}

#[test]
fn money_and_shares_are_no_dates() {
    let read_money = read("104-money-or-percent-read-as-date/g01-currency-in-date.xlsx");
    let expected = [
        (2, "合同截止日期", "unreadable_date"),
        (3, "签订日期", "unreadable_date"),
    ];
    assert_eq!(told(&read_money.errors), expected);
    let far = read("104-money-or-percent-read-as-date/d04-serial-far.xlsx");
    assert_eq!(told(&far.errors), [(2, "合同截止日期", "unreadable_date")]);
}

#[test]
fn a_moment_with_its_offset_is_beijings() {
    let read = sound("106-iso-cell-with-Z/b05b-iso-z.xlsx");
    assert_eq!(said(&read.rows[0], &[C::SignedOn]), ["2025-01-03"]);
    let confirmed = said(&read.rows[0], &[C::ConfirmedAt]).concat();
    assert!(confirmed.starts_with("2025-02-03T10:00:00"), "{confirmed}");
}

#[test]
fn what_is_no_text_is_refused_as_what_it_is() {
    for (name, expected) in [
        (
            "112-boolean-as-text/d01-bool-text.xlsx",
            vec![(2, "合同名称", "wrong_type"), (2, "计划项目编号", "wrong_type")],
        ),
        (
            "118-struck-out-text/b05c-rich.xlsx",
            vec![(2, "卖方名称", "struck_out")],
        ),
        (
            "135-misleading-messages/a30-monthfmt-in-text.xlsx",
            vec![(2, "合同名称", "date_in_text"), (2, "计划项目编号", "date_in_text")],
        ),
    ] {
        assert_eq!(told(&read(name).errors), expected, "{name}");
    }
    let dates = read("135-misleading-messages/c11-dates-in-ids.xlsx");
    let of_code = dates.errors.iter().find(|e| e.column == "卖方统一社会信用代码");
    assert_eq!(of_code.map(|e| (e.row, e.code)), Some((5, "date_in_text")));
}

#[test]
fn units_that_contradict_each_other_are_refused_with_both_places() {
    for (name, places) in [
        ("a25-title-wan-head-yuan.xlsx", ["第 3 行", "第 2 行"]),
        ("a26-title-two-units.xlsx", ["第 1 行", "第 2 行"]),
    ] {
        let read = read(&format!("115-title-and-head-contradict/{name}"));
        assert_eq!(codes(&read.errors), ["amount_unit"; 3], "{name}");
        for place in places {
            assert!(
                read.errors[0].detail.contains(place),
                "{name}: {}",
                read.errors[0].detail
            );
        }
    }
}

#[test]
fn sheets_that_are_passed_over_are_named() {
    let example = sound("122-example-sheet/a27b-example-beside.xlsx");
    assert_eq!(codes(&example.notices), ["other_sheet"]);
    assert!(
        example.notices[0].detail.contains("填写示例"),
        "{}",
        example.notices[0].detail
    );
    // Contracts without a header above them are not left out, hidden or not.
    let hidden = read("121-hidden-sheet-lost/a28-hidden-continuation.xlsx");
    assert_eq!(told(&hidden.errors), [(1, "", "no_header")]);
    assert_eq!(hidden.errors[0].sheet.as_deref(), Some("续表"));
    let only = read("122-example-sheet/a27-example-sheet.xlsx");
    assert_eq!(codes(&only.errors), ["empty_file"]);
    assert!(only.errors[0].detail.contains("填写示例"), "{}", only.errors[0].detail);
    let second = read("135-misleading-messages/e10-notes-first.xlsx");
    assert_eq!(codes(&second.errors), ["unreadable_amount"]);
    assert!(second.errors[0].sheet.is_some());
}

#[test]
fn a_row_drawn_to_nothing_is_hidden() {
    let read = sound("123-zero-height-row/e01-ht0-only.xlsx");
    assert_eq!(codes(&read.notices), ["hidden_rows"]);
}

#[test]
fn utf_16_without_a_mark_is_read() {
    for name in [
        "a12-utf16be-nobom.csv",
        "a12-utf16le-nobom.csv",
        "c03j-utf16le-nobom-no-yi.csv",
    ] {
        let read = sound(&format!("125-utf16-without-mark/{name}"));
        assert_eq!(read.rows.len(), 1, "{name}");
    }
}

#[test]
fn the_delimiter_is_that_of_the_table_and_not_of_its_title() {
    for name in [
        "a13-title-semicolon.csv",
        "a13-title-tab.csv",
        "c03f-pipe-nosep.csv",
        "c03l-title-comma-tab.csv",
        "g02-semicolon-linebreak-head.csv",
    ] {
        let read = sound(&format!("126-delimiter-from-first-line/{name}"));
        assert_eq!(said(&read.rows[0], &AMOUNTS), IN_FEN, "{name}");
    }
}

#[test]
fn headers_and_units_are_read_as_offices_write_them() {
    for name in [
        "b03a-unit-row-below.xlsx",
        "b03b0-unit-heads.csv",
        "b03b4-unit-heads.csv",
        "c07c-head-hints.csv",
        "c07d-seqno.csv",
        "d10-0-title.xlsx",
        "d10-1-title.xlsx",
        "d10-3-title.xlsx",
        "d10-4-title.xlsx",
        "d10-6-title.xlsx",
        "d10-7-title.xlsx",
        "d11-unit-cells-above.xlsx",
    ] {
        let read = sound(&format!("130-heads-and-units-refused/{name}"));
        assert_eq!(said(&read.rows[0], &AMOUNTS), IN_FEN, "{name}");
    }
    // ￥ is yuan; the currency's name alone is no unit.
    let by_name = read("130-heads-and-units-refused/b03b3-unit-heads.csv");
    assert_eq!(told(&by_name.errors), [(1, "非技术性费用（RMB）", "amount_unit")]);
}

#[test]
fn a_contract_merged_over_two_rows_is_one() {
    let read = sound("132-each-contract-merged-over-two-rows/i01-each-contract-two-rows.xlsx");
    assert_eq!(read.rows.len(), 2);
    assert_eq!(codes(&read.notices), ["merged_rows"]);
    assert_eq!(said(&read.rows[1], &AMOUNTS), IN_FEN);
}

#[test]
fn a_row_that_is_no_contract_is_told_once() {
    let totals = sound("133-total-rows-eleven-errors/a31-totals.csv");
    assert_eq!((totals.rows.len(), codes(&totals.notices)), (1, vec!["not_a_row"; 8]));
    let merged = sound("133-total-rows-eleven-errors/e05d-merge-into-total.xlsx");
    assert_eq!((merged.rows.len(), codes(&merged.notices)), (2, vec!["not_a_row"]));
    let header = read("133-total-rows-eleven-errors/e04-second-header-other-unit.xlsx");
    assert_eq!(told(&header.errors), [(4, "", "second_header")]);
    let mixed = read("133-total-rows-eleven-errors/c17-totals.xlsx");
    for row in 4..=10 {
        let of_row = |cells: &[dengji::intake::CellError]| cells.iter().filter(|e| e.row == row).count();
        assert_eq!(of_row(&mixed.errors) + of_row(&mixed.notices), 1, "row {row}");
    }
}

#[test]
fn files_are_told_for_what_they_are() {
    for (name, word) in [
        ("c05f-html.xls", "HTML"),
        ("c05l-2003-noprolog.xls", "SpreadsheetML"),
        ("c05m.json", "JSON"),
    ] {
        let read = read(&format!("135-misleading-messages/{name}"));
        assert_eq!(codes(&read.errors), ["other_format"], "{name}");
        assert!(read.errors[0].detail.contains(word), "{}", read.errors[0].detail);
    }
    let nul = read("135-misleading-messages/c03i-nul-mid.csv");
    assert_eq!(told(&nul.errors), [(2, "", "not_a_table")]);
    let order = read("135-misleading-messages/c15g-row-order.xlsx");
    assert_eq!(codes(&order.errors), ["damaged_workbook"]);
    assert!(
        order.errors[0].detail.contains("第 3 行之后又是第 2 行"),
        "{}",
        order.errors[0].detail
    );
}

#[test]
fn what_the_system_says_of_a_file_is_told_in_chinese() {
    for name in ["没有这个文件.csv", ""] {
        let read = read(name);
        assert_eq!(codes(&read.errors), ["unreadable_file"], "{name}");
        let detail = &read.errors[0].detail;
        assert!(!detail.contains(|c: char| c.is_ascii_alphabetic()), "{detail}");
    }
}

#[test]
fn empty_cells_of_text_columns_go_out_as_text() {
    let catalogue = dengji::config::embedded_catalogue().unwrap();
    let read = sound("103-number-format-carries-digits/g04-plan-decimals.xlsx");
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = dengji::documents::register_xlsx::RegisterXlsx::new(&catalogue).unwrap();
    writer.write(&read.rows[0]).unwrap();
    writer.finish(file.reopen().unwrap()).unwrap();
    let mut archive = zip::ZipArchive::new(file.reopen().unwrap()).unwrap();
    let mut sheet = String::new();
    let mut part = archive.by_name("xl/worksheets/sheet1.xml").unwrap();
    std::io::Read::read_to_string(&mut part, &mut sheet).unwrap();
    // 登记员证书编号, which the row lacks: a cell with a format and nothing in it.
    assert_eq!(read.rows[0].registrar_certificate, None);
    let letter = char::from(b'A' + u8::try_from(C::RegistrarCertificate as usize).unwrap());
    let cell = format!("<c r=\"{letter}2\" s=\"");
    assert!(sheet.contains(&cell), "{sheet}");
}
