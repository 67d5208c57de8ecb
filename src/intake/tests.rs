//! Whole files through [`open`] and [`read`].

use std::{collections::BTreeMap, convert::Infallible, io::Write as _};

use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook as NewWorkbook};

use super::*;
use crate::{
    config::embedded_catalogue,
    domain::{
        contract::Ended,
        interchange::{Kind, REGISTER_COLUMNS, RegisterColumn as C, RegisterRow},
        time::{Moment, parse_date},
        workflow::State,
    },
};

/// Keeps everything.
#[derive(Default)]
struct Kept {
    rows: Vec<(u32, Row)>,
    errors: Vec<CellError>,
    last_progress: Option<Progress>,
}

impl Sink for Kept {
    type Error = Infallible;

    fn row(&mut self, number: u32, row: Row) -> Result<(), Infallible> {
        self.rows.push((number, row));
        Ok(())
    }

    fn error(&mut self, error: CellError) -> Result<(), Infallible> {
        self.errors.push(error);
        Ok(())
    }

    fn progress(&mut self, progress: Progress) {
        self.last_progress = Some(progress);
    }
}

fn read_path(path: &Path, kind: Kind) -> (Kept, Summary) {
    let mut kept = Kept::default();
    let catalogue = embedded_catalogue().unwrap();
    let table = open(path).unwrap();
    let Ok(summary) = read(&table, kind, &catalogue, &mut kept);
    assert_eq!(summary.errors, kept.errors.len() as u64);
    assert_eq!(summary.sound, kept.rows.len() as u64);
    (kept, summary)
}

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn read_bytes(bytes: &[u8], kind: Kind) -> (Kept, Summary) {
    read_path(file(bytes).path(), kind)
}

fn open_error(bytes: &[u8]) -> IntakeError {
    open(file(bytes).path()).unwrap_err()
}

fn demo(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "config", "demo", name].iter().collect()
}

/// The form's example, with changes.
fn example(changes: &[(C, &str)]) -> Vec<String> {
    let mut cells: Vec<String> = REGISTER_COLUMNS.iter().map(|c| c.sample.to_owned()).collect();
    for (column, text) in changes {
        cells[*column as usize] = (*text).to_owned();
    }
    cells
}

fn register_csv(rows: &[Vec<String>]) -> Vec<u8> {
    let mut csv = csv_crate();
    csv.write_record(REGISTER_COLUMNS.iter().map(|c| c.header)).unwrap();
    for row in rows {
        csv.write_record(row).unwrap();
    }
    csv.into_inner().unwrap()
}

fn csv_crate() -> ::csv::Writer<Vec<u8>> {
    ::csv::Writer::from_writer(Vec::new())
}

fn register(kept: &Kept) -> Vec<RegisterRow> {
    kept.rows
        .iter()
        .map(|(_, row)| match row {
            Row::Register(row) => (**row).clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn one(changes: &[(C, &str)]) -> RegisterRow {
    let (kept, _) = read_bytes(&register_csv(&[example(changes)]), Kind::Register);
    assert_eq!(kept.errors, [], "{changes:?}");
    register(&kept).remove(0)
}

fn told(kept: &Kept) -> Vec<(u32, &str, &str)> {
    kept.errors.iter().map(|e| (e.row, e.column.as_str(), e.code)).collect()
}

#[test]
fn the_sample_files_are_read_without_an_error() {
    for (name, kind, rows) in [
        ("contracts-2021.csv", Kind::Register, 627),
        ("contracts-2022.csv", Kind::Register, 347),
        ("contracts-2023.csv", Kind::Register, 736),
        ("contracts-2024.csv", Kind::Register, 777),
        ("contracts-2025.csv", Kind::Register, 1160),
        ("registrars.csv", Kind::Registrars, 79),
        ("follow-up-2021-2024.csv", Kind::FollowUp, 800),
        ("activities-2025.csv", Kind::Activities, 24),
        ("reference-figures.csv", Kind::Reference, 2),
    ] {
        let (kept, summary) = read_path(&demo(name), kind);
        assert_eq!(kept.errors, [], "{name}");
        assert_eq!(
            (summary.rows, summary.sound, summary.complete),
            (rows, rows, true),
            "{name}"
        );
        assert_eq!(kept.rows.first().map(|(n, _)| *n), Some(2));
        assert_eq!(kept.rows.last().map(|(n, _)| u64::from(*n)), Some(rows + 1));
        assert!(kept.last_progress.is_some_and(|p| p.done == p.total && p.total > 0));
    }
}

#[test]
fn states_of_the_sample_are_told_apart() {
    let (kept, _) = read_path(&demo("contracts-2025.csv"), Kind::Register);
    let mut states = BTreeMap::new();
    let mut fen = 0;
    for row in register(&kept) {
        *states.entry(row.state).or_insert(0) += 1;
        if row.state == State::Confirmed {
            fen += row.content.amount_fen.unwrap();
        }
    }
    let expected = [
        (State::Draft, 2),
        (State::Submitted, 3),
        (State::Returned, 1),
        (State::Confirmed, 1134),
        (State::Refused, 2),
        (State::Revoked, 18),
    ];
    assert_eq!(states, BTreeMap::from(expected));
    assert_eq!(fen / 1_000_000, 108_310);
}

#[test]
fn the_example_of_every_form_is_sound() {
    for kind in Kind::ALL {
        let mut csv = csv_crate();
        csv.write_record(kind.columns().iter().map(|c| c.header)).unwrap();
        csv.write_record(kind.columns().iter().map(|c| c.sample)).unwrap();
        let (kept, summary) = read_bytes(&csv.into_inner().unwrap(), kind);
        assert_eq!((kept.errors, summary.sound), (vec![], 1), "{kind:?}");
    }
}

#[test]
fn what_people_type_means_the_same() {
    let plain = one(&[]);
    for changes in [
        [(C::Amount, "１，２３０，０００．００"), (C::SignedOn, "2024/10/17")],
        [(C::Amount, "￥1 230 000 元"), (C::SignedOn, "2024年10月17日")],
        [
            (C::ConfirmedAt, "2025-01-01T08:01:00Z"),
            (C::ContractType, " development"),
        ],
        [(C::ConfirmedAt, "2025/1/1 16:01"), (C::Unit, "div_07")],
        [
            (C::RegistrationNumber, "２０２５６６０００３０００００１"),
            (C::SellerCountry, ""),
        ],
        [(C::SellerCreditCode, " 93659010 0mlw14qw1m"), (C::BuyerCountry, "chn")],
        [(C::NonTechnologyAmount, ""), (C::ExpertReviewed, "")],
        [(C::TechnologyAmount, " "), (C::RelatedParty, "N")],
        [(C::SellerRegion, "６５９０１０"), (C::PlanSource, "outside_plan")],
    ] {
        assert_eq!(one(&changes), plain, "{changes:?}");
    }
    let unknown = one(&[(C::TechnologyAmount, ""), (C::NonTechnologyAmount, "")]).content;
    assert_eq!(
        (unknown.technology_amount_fen, unknown.non_technology_amount_fen),
        (None, None)
    );
}

#[test]
fn states_carry_what_goes_with_them() {
    let ended = one(&[
        (C::State, "已注销"),
        (C::EndedAt, "2025-03-01T10:00:00+08:00"),
        (C::EndGround, "合同解除"),
        (C::DocumentNumber, "兵科注〔2025〕1号"),
        (C::ServedOn, "2025-03-02"),
        (C::EndNote, "双方协商"),
    ]);
    assert_eq!(
        ended.ended,
        Some(Ended {
            at: Moment::parse("2025-03-01T10:00:00+08:00").unwrap(),
            state: State::Cancelled,
            ground: Some("rescinded".into()),
            document_number: Some("兵科注〔2025〕1号".into()),
            served_on: parse_date("2025-03-02").ok(),
            note: Some("双方协商".into()),
            by: None,
            self_audit_id: None,
        })
    );
    let refused = one(&[
        (C::State, "不予登记"),
        (C::RegistrationNumber, ""),
        (C::ConfirmedAt, ""),
        (
            C::RefusalReasons,
            "不属于技术合同、合同主体不明确；合同价款、报酬、使用费约定不明确",
        ),
    ]);
    assert_eq!(
        refused.refusal.unwrap().reasons,
        ["not_technology_contract", "party_unclear", "price_unclear"]
    );
    for (label, state) in [
        ("已提交", State::Submitted),
        ("审核中", State::Submitted),
        ("专家论证", State::Submitted),
        ("draft", State::Draft),
    ] {
        let row = one(&[(C::State, label), (C::RegistrationNumber, ""), (C::ConfirmedAt, "")]);
        assert_eq!(row.state, state);
    }
}

#[test]
fn every_wrong_cell_is_told_with_its_rule() {
    for (changes, column, code) in [
        (vec![(C::ProjectName, "　")], "合同名称", "required"),
        (vec![(C::SellerKind, "")], "卖方性质", "required"),
        (vec![(C::Amount, "")], "合同成交额（元）", "required"),
        (vec![(C::RegistrationNumber, "")], "登记编号", "required"),
        (vec![(C::ConfirmedAt, "")], "审核确认时间", "required"),
        (vec![(C::State, "已撤销")], "撤销或注销时间", "required"),
        (vec![(C::SignedOn, "2025-02-30")], "签订日期", "unreadable_date"),
        (vec![(C::SubmittedAt, "昨天")], "提交时间", "unreadable_time"),
        (vec![(C::Amount, "123万元")], "合同成交额（元）", "unreadable_amount"),
        (vec![(C::Amount, "-5")], "合同成交额（元）", "negative_amount"),
        (vec![(C::Field, "农林")], "技术领域", "unknown_label"),
        (vec![(C::State, "完成")], "状态", "unknown_label"),
        (vec![(C::ExpertReviewed, "也许")], "专家论证", "unknown_label"),
        (vec![(C::SellerCountry, "XXX")], "卖方国别", "unknown_label"),
        (
            vec![(C::TechnologyAmount, "1230000.01")],
            "技术交易额（元）",
            "technology_above_total",
        ),
        (
            vec![(C::NonTechnologyAmount, "1")],
            "技术交易额（元）",
            "amounts_do_not_add_up",
        ),
        (
            vec![(C::SellerCreditCode, "936590100MLW14QW1N")],
            "卖方统一社会信用代码",
            "uscc_check",
        ),
        (vec![(C::BuyerCreditCode, "9165")], "买方统一社会信用代码", "uscc_check"),
        (vec![(C::RegistrationNumber, "2.02566E+15")], "登记编号", "digits_lost"),
        (vec![(C::BuyerRegion, "昆玉市")], "买方行政区划", "identifier_form"),
        (vec![(C::BuyerRegion, "x65")], "买方行政区划", "region_form"),
        (vec![(C::EndGround, "重复登记")], "撤销或注销原因", "contradicts_state"),
        (
            vec![(C::State, "已撤销"), (C::EndedAt, "2024-12-31")],
            "撤销或注销时间",
            "end_before_confirmation",
        ),
        (
            vec![
                (C::State, "已撤销"),
                (C::EndedAt, "2025-12-31"),
                (C::EndGround, "合同解除"),
            ],
            "撤销或注销原因",
            "unknown_label",
        ),
    ] {
        let rows = [example(&[]), example(&changes)];
        let (kept, summary) = read_bytes(&register_csv(&rows), Kind::Register);
        assert_eq!(told(&kept), [(3, column, code)], "{changes:?}");
        assert_eq!((summary.rows, summary.sound, summary.complete), (2, 1, true));
    }
}

#[test]
fn all_errors_of_a_row_are_told_in_the_order_of_the_columns() {
    let row = example(&[
        (C::State, ""),
        (C::Unit, "十五师"),
        (C::SignedOn, "x"),
        (C::Amount, "y"),
    ]);
    let (kept, _) = read_bytes(&register_csv(&[row]), Kind::Register);
    let columns: Vec<&str> = kept.errors.iter().map(|e| e.column.as_str()).collect();
    assert_eq!(columns, ["归属单位", "签订日期", "合同成交额（元）", "状态"]);
    assert_eq!(kept.errors[0].value, "十五师");
}

#[test]
fn gb18030_says_the_same_as_utf8() {
    let text = std::fs::read_to_string(demo("contracts-2022.csv")).unwrap();
    let (encoded, _, unmappable) = encoding_rs::GB18030.encode(text.trim_start_matches('\u{FEFF}'));
    assert!(!unmappable);
    let file = file(&encoded);
    assert_eq!(open(file.path()).unwrap().format(), "CSV（GB18030）");
    let (gb, _) = read_path(file.path(), Kind::Register);
    let (utf8, _) = read_path(&demo("contracts-2022.csv"), Kind::Register);
    assert!(gb.errors.is_empty() && gb.rows == utf8.rows);
}

#[test]
fn blank_rows_count_and_short_and_long_rows_are_judged() {
    let csv = "指标,年度,数值（元）,说明\r\n\r\n,,,\r\n成交额,2020,1\r\n成交额,2019,2,,,\r\n成交额,2018,3,,x\r\n";
    let (kept, summary) = read_bytes(csv.as_bytes(), Kind::Reference);
    assert_eq!(kept.rows.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(told(&kept), [(6, "E", "unexpected_cell")]);
    assert_eq!(summary.rows, 3);
}

/// A workbook of one sheet, whose cells `fill` writes below the headers of `kind`.
fn workbook(kind: Kind, fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = NewWorkbook::new();
    book.add_worksheet()
        .set_name("封面")
        .unwrap()
        .write(4, 1, "技术合同登记台账")
        .unwrap();
    let sheet = book.add_worksheet();
    for (column, place) in kind.columns().iter().zip(0..) {
        sheet.write(0, place, column.header).unwrap();
        sheet.write(2, place, column.sample).unwrap();
    }
    fill(sheet);
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbooks_own_kinds_of_cell_mean_the_same() {
    let place = |c: C| u16::try_from(c as usize).unwrap();
    let date = CellFormat::new().set_num_format("yyyy/m/d");
    let bytes = workbook(Kind::Register, |sheet| {
        let day = ExcelDateTime::parse_from_str("2024-10-17").unwrap();
        let at = ExcelDateTime::parse_from_str("2025-01-01T16:01:00").unwrap();
        sheet
            .write_datetime_with_format(2, place(C::SignedOn), &day, &date)
            .unwrap();
        sheet
            .write_datetime_with_format(2, place(C::ConfirmedAt), &at, &date)
            .unwrap();
        sheet.write(2, place(C::BeginsOn), 45_582).unwrap();
        sheet.write(2, place(C::EndsOn), 20_251_017).unwrap();
        sheet
            .write(2, place(C::RegistrationNumber), 2_025_660_003_000_001_i64)
            .unwrap();
        sheet.write(2, place(C::SellerRegion), 659_010).unwrap();
        sheet.write(2, place(C::Amount), 1_230_000).unwrap();
        sheet
            .write(2, place(C::NonTechnologyAmount), 440_800.000_000_000_1)
            .unwrap();
        let sum = Formula::new("=1+1").set_result("789200");
        sheet.write(2, place(C::TechnologyAmount), sum).unwrap();
        sheet.write(2, place(C::RelatedParty), false).unwrap();
    });
    let (kept, summary) = read_bytes(&bytes, Kind::Register);
    assert_eq!(kept.errors, []);
    assert_eq!((kept.rows[0].0, summary.rows), (3, 1));
    assert_eq!(register(&kept), [one(&[])]);
}

#[test]
fn a_workbooks_wrong_cells_are_told() {
    let bytes = workbook(Kind::Reference, |sheet| {
        sheet.write(2, 1, 2020.5).unwrap();
        sheet.write(2, 2, 0.125).unwrap();
        sheet.write(3, 0, Formula::new("=NA()").set_result("#N/A")).unwrap();
        sheet.write(3, 1, 2021).unwrap();
        sheet.write(3, 2, true).unwrap();
        sheet.write(3, 9, "x").unwrap();
    });
    let (kept, _) = read_bytes(&bytes, Kind::Reference);
    assert_eq!(
        told(&kept),
        [
            (3, "年度", "unreadable_year"),
            (3, "数值（元）", "unreadable_amount"),
            (4, "指标", "formula_error"),
            (4, "数值（元）", "unreadable_amount"),
            (4, "J", "unexpected_cell"),
        ]
    );
    let number = workbook(Kind::FollowUp, |sheet| {
        sheet.write(2, 0, 1.234_5e17).unwrap();
    });
    assert_eq!(
        told(&read_bytes(&number, Kind::FollowUp).0),
        [(3, "登记编号", "digits_lost")]
    );
}

#[test]
fn broken_files_are_refused_clearly() {
    let whole = workbook(Kind::Reference, |_| {});
    let noise: Vec<u8> = (0..4096_u32)
        .map(|i| u8::try_from(i.wrapping_mul(2_654_435_761) >> 24).unwrap())
        .collect();
    for (bytes, code) in [
        (Vec::new(), "empty_file"),
        (noise, "not_a_table"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "old_excel"),
        (whole[..whole.len() / 3].to_vec(), "damaged_workbook"),
        (b"PK\x03\x04".to_vec(), "damaged_workbook"),
        (b"\xEF\xBB\xBFab\xFFc".to_vec(), "encoding"),
    ] {
        assert_eq!(open_error(&bytes).code(), code);
    }
    for (bytes, expected) in [
        (b"\r\n \r\n".to_vec(), (1, "", "empty_file")),
        ("a".repeat(10).into_bytes(), (1, "", "no_header")),
        (
            format!("指标{}", ",x".repeat(499)).into_bytes(),
            (1, "GS", "too_many_columns"),
        ),
        (
            "指标,年度,数值（元）,说明\n成交额,2020,1,\"x\n".as_bytes().to_vec(),
            (2, "说明", "unbalanced_quote"),
        ),
        (
            format!("指标,年度,数值（元）,说明\n成交额,2020,1,{}\n", "长".repeat(3_500_000)).into_bytes(),
            (2, "说明", "cell_too_long"),
        ),
    ] {
        let (kept, summary) = read_bytes(&bytes, Kind::Reference);
        assert_eq!(told(&kept), [expected]);
        assert_eq!(summary.sound, 0);
    }
}

#[test]
fn broken_sheets_are_refused_clearly() {
    let wide = workbook(Kind::Reference, |sheet| {
        for column in 0..500 {
            sheet.write(0, column, format!("列{column}")).unwrap();
        }
    });
    let (kept, summary) = read_bytes(&wide, Kind::Reference);
    assert_eq!(
        (told(&kept), summary.complete),
        (vec![(1, "GS", "too_many_columns")], false)
    );

    // A sheet's XML by hand: a huge cell, numbers that overflow, rows out of order.
    let head = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>";
    let headers = Kind::Reference.columns().iter().map(|c| c.header);
    let row = |number: &str, cells: Vec<String>| {
        let cells: String = cells
            .iter()
            .zip('A'..)
            .map(|(text, letter)| format!("<c r=\"{letter}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"))
            .collect();
        format!("<row r=\"{number}\">{cells}</row>")
    };
    let header = row("1", headers.map(str::to_owned).collect());
    let data = |note: String| vec!["成交额".to_owned(), "2020".into(), "1".into(), note];
    let text: String = (0..3_500_000_u32)
        .map(|i| char::from_u32(0x4E00 + i.wrapping_mul(7919) % 20_000).unwrap())
        .collect();
    for (rows, expected) in [
        (row("2", data(text)), (2, "说明", "cell_too_long")),
        (row("99999999999", data("x".into())), (1, "", "damaged_workbook")),
        (
            row("5", data("x".into())) + &row("3", data("x".into())),
            (1, "", "damaged_workbook"),
        ),
        ("<row><c r=\"A2\">".to_owned(), (1, "", "damaged_workbook")),
    ] {
        let mut book = NewWorkbook::new();
        book.add_worksheet();
        let xml = format!("{head}{header}{rows}</sheetData></worksheet>");
        let bytes = with_part(
            &book.save_to_buffer().unwrap(),
            "xl/worksheets/sheet1.xml",
            xml.as_bytes(),
        );
        let (kept, _) = read_bytes(&bytes, Kind::Reference);
        assert_eq!(told(&kept), [expected]);
    }
}

/// The archive with one part replaced.
fn with_part(archive: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let mut to = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut part = from.by_index(index).unwrap();
        let part_name = part.name().unwrap().into_owned();
        to.start_file(part_name.as_str(), zip::write::SimpleFileOptions::default())
            .unwrap();
        if part_name == name {
            to.write_all(content).unwrap();
        } else {
            std::io::copy(&mut part, &mut to).unwrap();
        }
    }
    to.finish().unwrap().into_inner()
}
