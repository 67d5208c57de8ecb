//! Tables as they are met in offices, each of one peculiarity: read as what they show, or refused with the place. What is right for each
//! was written down before it was tried.

use dengji::domain::interchange::{Kind, RegisterColumn as C, Row};

use super::cases::{AMOUNTS, IN_FEN, Read, codes, read_as, said, told};

const FOLDER: &str = "200-seen-in-offices";

/// The file of a number, as a kind.
#[track_caller]
fn office_as(number: &str, kind: Kind) -> Read {
    let folder = [env!("CARGO_MANIFEST_DIR"), "tests/it/intake/cases", FOLDER].join("/");
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut own = names.filter(|name| name.split('-').next() == Some(number));
    let name = own.next().unwrap_or_else(|| panic!("no file {number}"));
    assert_eq!(own.next(), None, "{number}");
    read_as(&format!("{FOLDER}/{name}"), kind)
}

fn office(number: &str) -> Read {
    office_as(number, Kind::Register)
}

/// What stands wrong in the columns of amounts of a row.
fn at_amounts(row: u32, code: &'static str) -> Vec<(u32, &'static str, &'static str)> {
    let headers = ["合同成交额（元）", "技术交易额（元）", "非技术性费用（元）"];
    headers.into_iter().map(|header| (row, header, code)).collect()
}

#[test]
fn a_unit_is_read_wherever_it_is_said() {
    for number in ["01", "04", "34", "35"] {
        let read = office(number);
        assert_eq!(read.errors, [], "{number}");
        assert_eq!(said(&read.rows[0], &AMOUNTS), IN_FEN, "{number}");
    }
    let reference = office_as("131", Kind::Reference);
    assert_eq!(reference.errors, []);
    assert!(matches!(&reference.others[..], [Row::Reference(row)] if row.fen == 100_000_000_000));
}

#[test]
fn a_unit_that_is_not_said_or_said_otherwise_elsewhere_is_refused() {
    for (number, row) in [("03", 2), ("36", 1), ("86", 3), ("87", 2), ("151", 2), ("152", 1)] {
        let read = office(number);
        let rows: Vec<_> = read.errors.iter().map(|e| (e.row, e.code)).collect();
        assert_eq!(rows, [(row, "amount_unit"); 3], "{number}");
        assert_eq!(read.rows.len(), 0, "{number}");
    }
    for number in ["02", "85"] {
        assert_eq!(told(&office(number).errors), [(4, "", "amount_unit")], "{number}");
    }
}

#[test]
fn two_numbers_in_a_cell_are_not_one() {
    for number in ["07", "08", "88"] {
        let expected = [(2, "合同成交额（元）", "unreadable_amount")];
        assert_eq!(told(&office(number).errors), expected, "{number}");
    }
    let counts = office_as("84", Kind::Activities);
    assert_eq!(codes(&counts.errors), ["unreadable_date", "unreadable_count"]);
}

#[test]
fn records_that_would_be_left_out_are_refused() {
    for (number, expected) in [
        ("110", vec![(1, "", "above_header"), (2, "", "above_header")]),
        ("139", vec![(1, "", "above_header")]),
        ("134", vec![(1, "", "no_header")]),
        ("135", vec![(25, "", "no_header")]),
    ] {
        assert_eq!(told(&office(number).errors), expected, "{number}");
    }
    let draft = office("138");
    assert!(draft.errors.iter().all(|e| e.row == 3) && codes(&draft.errors).contains(&"required"));
    let other = office("137");
    assert_eq!((other.errors.len(), codes(&other.notices)), (0, vec!["other_sheet"]));
}

#[test]
fn a_date_of_which_the_year_is_not_seen_is_refused() {
    for (number, columns) in [
        ("05", vec!["签订日期"]),
        ("06", vec!["签订日期", "合同截止日期"]),
        ("140", vec!["签订日期"]),
        ("82", vec!["审核确认时间"]),
    ] {
        let read = office(number);
        let told: Vec<&str> = read.errors.iter().map(|e| e.column.as_str()).collect();
        assert_eq!(told, columns, "{number}");
        assert!(read.errors.iter().all(|e| e.code == "unreadable_date"), "{number}");
    }
    let registrars = office_as("130", Kind::Registrars);
    assert!(told(&registrars.errors).contains(&(2, "有效期至", "unreadable_date")));
}

#[test]
fn what_a_cell_shows_is_what_is_stored() {
    let zero = office("30");
    assert_eq!(told(&zero.errors), at_amounts(2, "number_format"));
    for (number, column, text) in [
        ("31", C::ExpertReviewed, "true"),
        ("32", C::SignedOn, "2025-01-03"),
        ("72", C::ProjectName, "产能10⁵吨级棉浆生产线研制"),
        ("38", C::ProjectName, "棉田残膜回收装备研制一期"),
        ("111", C::PlanName, ""),
        ("112", C::TechnologyAmount, "0"),
    ] {
        let read = office(number);
        assert_eq!(read.errors, [], "{number}");
        assert_eq!(said(&read.rows[0], &[column]), [text], "{number}");
    }
    for (number, expected) in [
        (
            "16",
            vec![(2, "买方联系人", "unreadable_cell"), (2, "内容摘要", "unreadable_cell")],
        ),
        ("73", vec![(2, "合同名称", "number_format")]),
        ("74", vec![(2, "登记员证书编号", "number_format")]),
    ] {
        assert_eq!(told(&office(number).errors), expected, "{number}");
    }
    let fraction = office("126");
    assert!(
        fraction
            .errors
            .iter()
            .any(|e| (e.column.as_str(), e.code) == ("计划项目编号", "number_format"))
    );
}

#[test]
fn what_stands_for_a_value_is_none() {
    let strokes = office("33");
    assert_eq!(strokes.errors, []);
    for row in &strokes.rows {
        let parts = said(row, &AMOUNTS[1..]);
        assert!(parts == ["", ""] || parts == ["0", "120000000"], "{parts:?}");
    }
    let names = office("80");
    let expected: Vec<_> = (3..=7).map(|row| (row, "买方名称")).collect();
    let places: Vec<_> = names.errors.iter().map(|e| (e.row, e.column.as_str())).collect();
    assert_eq!(places, expected);
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (number, column, code) in [
        ("118", "提交时间", "submitted_before_signing"),
        ("119", "受理日期", "received_after_confirmation"),
        ("49", "不予登记时间", "answered_before_submission"),
        ("116", "合同子类", "subtype_not_of_type"),
        ("22", "登记编号", "digits_lost"),
        ("114", "卖方统一社会信用代码", "digits_lost"),
    ] {
        assert_eq!(told(&office(number).errors), [(2, column, code)], "{number}");
    }
    let plans = office("44");
    assert_eq!(
        told(&plans.errors),
        [2, 3, 4].map(|row| (row, "计划项目编号", "date_in_text"))
    );
    let people = office("50");
    assert_eq!(
        told(&people.errors),
        [(2, "买方联系人", "identity_number"), (2, "买方电话", "identity_number")]
    );
    assert!(
        people
            .errors
            .iter()
            .all(|e| !e.value.contains("6500") && !e.detail.contains("6500"))
    );
}

#[test]
fn rows_that_are_no_contracts_are_passed_over_and_told() {
    for (number, contracts, notices) in [
        ("09", 2, 1),
        ("10", 2, 2),
        ("11", 1, 2),
        ("122", 2, 4),
        ("69", 1, 1),
        ("70", 1, 1),
        ("12", 1, 1),
        ("13", 1, 1),
        ("14", 1, 0),
    ] {
        let read = office(number);
        assert_eq!(read.errors, [], "{number}");
        let passed_over = codes(&read.notices).iter().filter(|code| **code == "not_a_row").count();
        assert_eq!((read.rows.len(), passed_over), (contracts, notices), "{number}");
    }
    let noughts = office("15");
    assert_eq!((noughts.errors.len(), noughts.rows.len()), (0, 1));
}

#[test]
fn what_any_office_expects_to_be_read_is_read() {
    for (number, contracts) in [("17", 2), ("18", 6), ("20", 4)] {
        let read = office(number);
        assert_eq!(read.errors, [], "{number}");
        assert!(read.rows.len() >= contracts, "{number}: {}", read.rows.len());
    }
    let registrars = office_as("66", Kind::Registrars);
    assert!(registrars.errors.iter().all(|e| e.column != "有效期至"));
}

#[test]
fn a_table_of_another_form_is_told_once() {
    for (number, code, word) in [
        ("23", "no_header", "颠倒"),
        ("129", "no_header", "登记员证书"),
        ("63", "missing_column", "两行"),
    ] {
        let read = office(number);
        assert_eq!(codes(&read.errors), [code], "{number}");
        assert!(read.errors[0].detail.contains(word), "{}", read.errors[0].detail);
    }
}
