//! Files after public bug reports, each small and made up: a cell is read or refused with its place, and what is doubtful is told.
//! What is right for each was written down beside the file by hand.

use std::{convert::Infallible, path::PathBuf};

use dengji::{
    config::embedded_catalogue,
    domain::interchange::{Kind, REGISTER_COLUMNS, RegisterColumn as C, RegisterRow, Row, Value},
    intake::{self, CellError, Sink, Summary},
};

/// What came of a file.
#[derive(Default)]
pub(super) struct Read {
    pub(super) rows: Vec<RegisterRow>,
    pub(super) errors: Vec<CellError>,
    pub(super) notices: Vec<CellError>,
    /// Rows of other kinds than the register.
    pub(super) others: Vec<Row>,
}

impl Sink for Read {
    type Error = Infallible;

    fn row(&mut self, _: u32, row: Row) -> Result<(), Infallible> {
        match row {
            Row::Register(row) => self.rows.push(*row),
            row @ (Row::Registrar(_) | Row::FollowUp(_) | Row::Activity(_) | Row::Reference(_)) => {
                self.others.push(row)
            }
        }
        Ok(())
    }

    fn error(&mut self, error: CellError) -> Result<(), Infallible> {
        self.errors.push(error);
        Ok(())
    }

    fn notice(&mut self, notice: CellError) {
        self.notices.push(notice);
    }
}

fn case(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/it/intake/cases", name]
        .iter()
        .collect()
}

pub(super) fn read(name: &str) -> Read {
    read_as(name, Kind::Register)
}

pub(super) fn read_as(name: &str, kind: Kind) -> Read {
    let mut read = Read::default();
    let catalogue = embedded_catalogue().unwrap();
    match intake::open(&case(name)) {
        Ok(table) => {
            let Ok(Summary { .. }) = intake::read(&table, kind, &catalogue, &mut read);
        }
        Err(error) => read.errors.push(CellError::from(&error)),
    }
    read
}

/// Rows without an error.
#[track_caller]
pub(super) fn sound(name: &str) -> Read {
    let read = read(name);
    assert_eq!(read.errors, [], "{name}");
    read
}

/// What is wrong: row, column and rule.
pub(super) fn told(cells: &[CellError]) -> Vec<(u32, &str, &str)> {
    cells.iter().map(|e| (e.row, e.column.as_str(), e.code)).collect()
}

/// Rules of the notices.
pub(super) fn codes(cells: &[CellError]) -> Vec<&str> {
    cells.iter().map(|e| e.code).collect()
}

/// A row's columns as texts, codes by their ids.
pub(super) fn said(row: &RegisterRow, columns: &[C]) -> Vec<String> {
    let text = |column: &C| match column.value(row) {
        Value::Empty => String::new(),
        Value::Text(text) | Value::Code(_, text) => text.to_owned(),
        Value::Codes(_, ids) => ids.join(";"),
        Value::State(state) => state.id().to_owned(),
        Value::YesNo(yes) => yes.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Moment(at) => at.to_string(),
        Value::Amount(fen) => fen.to_string(),
    };
    columns.iter().map(text).collect()
}

pub(super) const AMOUNTS: [C; 3] = [C::Amount, C::TechnologyAmount, C::NonTechnologyAmount];
pub(super) const IN_FEN: [&str; 3] = ["120000000", "100000000", "20000000"];

#[test]
fn every_sheet_with_the_headers_is_read() {
    let read = sound("02-two-sheets-one-read/in.xlsx");
    let numbers: Vec<_> = read
        .rows
        .iter()
        .map(|r| r.registration_number.clone().unwrap())
        .collect();
    assert_eq!(numbers, ["2025660008000001", "2025660008000002"]);
}

#[test]
fn a_merged_block_says_its_value_in_every_row() {
    let read = sound("03-merged-cells-down/in.xlsx");
    assert_eq!(read.rows.len(), 3);
    for row in &read.rows {
        let columns = [C::BuyerUnit, C::Agency, C::BuyerCreditCode, C::BuyerKind];
        let expected = ["div_01", "八师技术合同登记站", "91659002MA0000023B", "enterprise"];
        assert_eq!(said(row, &columns), expected);
    }
}

#[test]
fn amounts_are_in_the_unit_that_the_header_says() {
    let read = sound("04-unit-wan/wan.csv");
    assert_eq!(said(&read.rows[0], &AMOUNTS), IN_FEN);
    let without = read_errors("04-unit-wan/no-unit.csv");
    assert_eq!(
        without,
        [
            (1, "合同成交额".to_owned(), "amount_unit"),
            (1, "技术交易额".to_owned(), "amount_unit"),
            (1, "非技术性费用".to_owned(), "amount_unit"),
        ]
    );
}

fn read_errors(name: &str) -> Vec<(u32, String, &'static str)> {
    let read = read(name);
    read.errors.into_iter().map(|e| (e.row, e.column, e.code)).collect()
}

#[test]
fn what_a_spreadsheet_cannot_keep_is_refused() {
    for (name, column, code) in [
        (
            "05-sixteen-digits-in-a-number-cell/typed.xlsx",
            "登记编号",
            "digits_lost",
        ),
        ("06-year-or-month-as-a-date/a.xlsx", "签订日期", "unreadable_date"),
        ("06-year-or-month-as-a-date/c.xlsx", "签订日期", "unreadable_date"),
        ("14-digits-lost-in-text-columns/phone.csv", "卖方电话", "digits_lost"),
        ("14-digits-lost-in-text-columns/plan.csv", "计划项目编号", "digits_lost"),
        (
            "25-one-bad-cell-damages-the-book/error.xlsx",
            "技术交易额（元）",
            "formula_error",
        ),
        (
            "25-one-bad-cell-damages-the-book/number.xlsx",
            "技术交易额（元）",
            "unreadable_cell",
        ),
    ] {
        assert_eq!(read_errors(name), [(2, column.to_owned(), code)], "{name}");
    }
}

#[test]
fn marks_that_keep_digits_are_none_of_the_text() {
    let read = sound("07-equals-quote-and-apostrophe/equals.csv");
    assert_eq!(said(&read.rows[0], &[C::RegistrationNumber]), ["2025660008000001"]);
    let read = sound("07-equals-quote-and-apostrophe/apostrophe.csv");
    let columns = [
        C::RegistrationNumber,
        C::RegistrarCertificate,
        C::SellerName,
        C::PlanNumber,
    ];
    let expected = [
        "2025660008000001",
        "DJY6620170043",
        "石河子样例科技有限公司",
        "2024AB001",
    ];
    assert_eq!(said(&read.rows[0], &columns), expected);
    let read = sound("07-equals-quote-and-apostrophe/refused.csv");
    let columns = [C::RegistrarCertificate, C::SellerCreditCode, C::SellerRegion];
    assert_eq!(
        said(&read.rows[0], &columns),
        ["DJY6620170043", "91659001MA00000152", "659001"]
    );
}

#[test]
fn a_formula_without_result_is_no_empty_cell() {
    let read = read("08-formula-without-result/in.xlsx");
    let expected = [
        (2, "技术交易额（元）", "formula_without_result"),
        (2, "非技术性费用（元）", "formula_without_result"),
    ];
    assert_eq!(told(&read.errors), expected);
}

#[test]
fn what_contradicts_the_order_of_things_is_told() {
    let read = read("09-impossible-times/order.csv");
    let expected = [
        (2, "提交时间", "submitted_before_signing"),
        (2, "审核确认时间", "confirmed_before_signing"),
        (2, "审核确认时间", "confirmed_before_submission"),
    ];
    assert_eq!(told(&read.errors), expected);
    assert_eq!(told(&read.notices), [(2, "合同截止日期", "end_before_begin")]);
}

#[test]
fn characters_that_were_lost_are_not_taken() {
    let read = read("11-lost-characters/in.csv");
    let expected = [(2, "合同名称", "lost_character"), (2, "买方名称", "lost_character")];
    assert_eq!(told(&read.errors), expected);
    assert_eq!(told(&read.notices), [(2, "卖方名称", "question_mark")]);
}

#[test]
fn a_line_that_names_the_delimiter_is_no_row() {
    assert_eq!(sound("16-sep-line/comma.csv").rows.len(), 1);
}

#[test]
fn what_looks_alike_is_read_alike() {
    let columns = [C::Unit, C::SellerCreditCode, C::RegistrationNumber];
    let expected = ["div_08", "91659001MA00000152", "2025660008000001"];
    for name in ["invisible.csv", "kangxi.csv"] {
        let read = sound(&format!("17-look-alike-and-invisible-characters/{name}"));
        assert_eq!(said(&read.rows[0], &columns), expected, "{name}");
    }
}

#[test]
fn other_formats_are_told_for_what_they_are() {
    for (name, word) in [("html.xls", "HTML"), ("in.ods", "ODS")] {
        let read = read(&format!("18-html-xml-ods/{name}"));
        assert_eq!(codes(&read.errors), ["other_format"], "{name}");
        assert!(read.errors[0].detail.contains(word), "{}", read.errors[0].detail);
    }
}

#[test]
fn hidden_rows_are_read_and_told() {
    let read = sound("20-hidden-rows/in.xlsx");
    assert_eq!(read.rows.len(), 3);
    assert_eq!(told(&read.notices), [(3, "", "hidden_rows")]);
    assert!(read.notices[0].detail.contains("第 3 行"), "{}", read.notices[0].detail);
}

#[test]
fn totals_and_notes_are_no_contracts() {
    for name in ["total.xlsx", "note.csv"] {
        let read = sound(&format!("21-total-and-note-rows/{name}"));
        assert_eq!(read.rows.len(), 1, "{name}");
        assert_eq!(told(&read.notices), [(3, "", "not_a_row")], "{name}");
    }
}

#[test]
fn identity_numbers_are_refused_and_not_repeated() {
    for (name, number) in [("in.csv", "650000189001010060"), ("other.csv", "650000189001010028")] {
        let read = read(&format!("22-identity-number-as-credit-code/{name}"));
        assert_eq!(
            told(&read.errors),
            [(2, "卖方统一社会信用代码", "identity_number")],
            "{name}"
        );
        let all = format!("{:?}", read.errors);
        for part in [number, &number[..10], &number[8..]] {
            assert!(!all.contains(part), "{all}");
        }
    }
}

#[test]
fn what_stands_for_nothing_is_nothing_and_old_codes_are_told() {
    let codes_of = |read: &Read| said(&read.rows[0], &[C::SellerCreditCode, C::BuyerCreditCode]);
    let read = sound("23-old-codes-and-placeholders/none.csv");
    assert_eq!(codes_of(&read), ["", ""]);
    assert_eq!(read.notices, []);
    let read = sound("23-old-codes-and-placeholders/old.csv");
    assert_eq!(codes_of(&read), ["", ""]);
    let expected = [
        (2, "卖方统一社会信用代码", "old_code"),
        (2, "买方统一社会信用代码", "old_code"),
    ];
    assert_eq!(told(&read.notices), expected);
}

#[test]
fn nuls_at_the_end_are_told_and_no_text() {
    let read = sound("27-nul-and-utf16-without-mark/padded.csv");
    assert_eq!(read.rows.len(), 1);
    assert_eq!(codes(&read.notices), ["padding"]);
}

#[test]
fn registers_of_other_offices_are_refused_with_their_columns() {
    // Mapping others' columns is another matter; what can be told today is told, and no title row hides the header.
    for name in [
        "a-university.xlsx",
        "b-province.xlsx",
        "d-two-header-rows.xlsx",
        "e-required-columns-only.csv",
    ] {
        let read = read(&format!("01-own-register-form/{name}"));
        assert_eq!(read.rows.len(), 0, "{name}");
        assert!(!read.errors.is_empty(), "{name}");
    }
    let read = read("01-own-register-form/e-required-columns-only.csv");
    assert!(codes(&read.errors).iter().all(|code| *code == "missing_column"));
}

/// Labels that forms and people use.
#[test]
fn labels_in_common_use_are_known() {
    use dengji::domain::code_list::ListName as L;
    let catalogue = embedded_catalogue().unwrap();
    for (list, label, id) in [
        (L::PartyKind, "150", "ent_llc"),
        (L::PartyKind, "政府部门", "government"),
        (L::PartyKind, "民营企业", "ent_private"),
        (L::Country, "142", "CHN"),
        (L::Country, "US", "USA"),
        (L::Country, "us", "USA"),
        (L::Subtype, "技术服务", "sv_general"),
        (L::Field, "新能源与高效节能技术", "new_energy_efficiency"),
        (L::Field, "现代交通技术", "modern_transport"),
        (L::Field, "城市建设与社会发展技术", "urban_social_development"),
        (L::PaymentMode, "一次性付款", "lump_sum"),
        (L::PaymentMode, "分期付款", "instalment"),
        (L::Unit, "8师", "div_08"),
        (L::Unit, "兵团第八师", "div_08"),
        (L::Unit, "新疆生产建设兵团第八师", "div_08"),
        (L::Unit, "⼋ 师", "div_08"),
    ] {
        let found = catalogue.list(list).by_label(label).map(|item| item.id.as_str());
        assert_eq!(found, Some(id), "{label}");
    }
}

/// The columns that these tests name are those of the form.
#[test]
fn the_form_has_the_columns() {
    assert_eq!(C::ALL.len(), REGISTER_COLUMNS.len());
}
