//! Each rule: a hit, and a near miss that must not hit.

use std::collections::BTreeMap;

use super::{Check, Severity, for_submission, for_submission_under, tidy, well_formed};
use crate::{
    config::embedded_catalogue,
    domain::{
        contract::{Content, Party},
        money::MAX_FEN,
        sample,
        time::{Date, parse_date},
    },
};

pub(super) fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

pub(super) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn party(name: &str, uscc: &str, kind: &str) -> Party {
    Party {
        name: some(name),
        uscc: some(uscc),
        kind: some(kind),
        region: some("659001"),
        address: Some(format!("石河子市{kind}路221号")),
        legal_representative: Some(format!("王强{kind}")),
        contact: some("李梅"),
        phone: Some(format!("0993-205{}", &uscc[2..6])),
        ..Party::default()
    }
}

/// A content about which there is nothing to say on [`today`].
pub(super) fn sound() -> Content {
    Content {
        project_name: some("棉田残膜回收装备开发"),
        contract_type: some("development"),
        subtype: some("dev_commissioned"),
        unit: some("div_08"),
        seller: party("石河子示例科技有限公司", "91659001MA00000152", "enterprise"),
        buyer: Party {
            region: some("650100"),
            ..party("示例科学院", "12100000400000624D", "research_institute")
        },
        buyer_unit: None,
        received_on: Some(day("2025-06-10")),
        signed_on: Some(day("2025-06-01")),
        begins_on: Some(day("2025-06-01")),
        ends_on: Some(day("2026-06-01")),
        amount_fen: Some(30_000_000),
        technology_amount_fen: Some(25_000_000),
        non_technology_amount_fen: Some(5_000_000),
        field: some("agriculture"),
        plan_source: some("outside_plan"),
        ip_kind: some("none"),
        objective: some("agriculture"),
        payment_mode: some("lump_sum"),
        cross_border: some("domestic"),
        related_party: Some(false),
        summary: Some("研究".repeat(15)),
        ..Content::default()
    }
}

pub(super) fn today() -> Date {
    day("2025-06-11")
}

type Change = fn(&mut Content);

fn changed(change: Change) -> Content {
    let mut content = sound();
    change(&mut content);
    content
}

fn form_errors(change: Change) -> Vec<(String, &'static str)> {
    let errors = well_formed(&changed(change), &embedded_catalogue().unwrap());
    errors.into_iter().map(|e| (e.pointer, e.code)).collect()
}

fn found(change: Change) -> Vec<Check> {
    for_submission(&changed(change), &embedded_catalogue().unwrap(), today())
}

#[test]
fn a_sound_content_and_an_empty_one_are_well_formed() {
    let catalogue = embedded_catalogue().unwrap();
    assert_eq!(well_formed(&sound(), &catalogue), []);
    assert_eq!(well_formed(&Content::default(), &catalogue), []);
    assert_eq!(for_submission(&sound(), &catalogue, today()), []);
}

#[test]
fn what_is_malformed_is_found() {
    let cases: [(Change, &str, &str); 25] = [
        (|c| c.project_name = some(" \u{3000}"), "/project_name", "blank"),
        (|c| c.project_name = Some("字".repeat(201)), "/project_name", "too_long"),
        (|c| c.plan_number = some("A\nB"), "/plan_number", "control_character"),
        (|c| c.summary = some("甲\u{0}乙"), "/summary", "control_character"),
        (|c| c.summary = Some("字".repeat(5001)), "/summary", "too_long"),
        (|c| c.seller.name = some(""), "/seller/name", "blank"),
        (|c| c.buyer.phone = Some("1".repeat(51)), "/buyer/phone", "too_long"),
        (|c| c.contract_type = some("研发"), "/type", "unknown_code"),
        (|c| c.subtype = some("dev"), "/subtype", "unknown_code"),
        (|c| c.unit = some("div_15"), "/unit", "unknown_code"),
        (|c| c.buyer_unit = some("DIV_01"), "/buyer/unit", "unknown_code"),
        (|c| c.field = some(""), "/field", "unknown_code"),
        (|c| c.seller.kind = some("firm"), "/seller/kind", "unknown_code"),
        (|c| c.buyer.country = "CN".into(), "/buyer/country", "unknown_code"),
        (|c| c.cross_border = some("none"), "/cross_border", "unknown_code"),
        (
            |c| c.seller.region = some("65900"),
            "/seller/region",
            "malformed_region",
        ),
        (
            |c| c.seller.region = some("659oo1"),
            "/seller/region",
            "malformed_region",
        ),
        (|c| c.buyer.region = some("991000"), "/buyer/region", "malformed_region"),
        (
            |c| c.seller.uscc = some("91659001MA0000015"),
            "/seller/uscc",
            "uscc_length",
        ),
        (
            |c| c.seller.uscc = some("91659001MA0000015I"),
            "/seller/uscc",
            "uscc_alphabet",
        ),
        (
            |c| c.buyer.uscc = some("91659001MA00000153"),
            "/buyer/uscc",
            "uscc_check_character",
        ),
        (|c| c.signed_on = Some(day("1986-12-31")), "/signed_on", "out_of_range"),
        (|c| c.amount_fen = Some(MAX_FEN + 1), "/amount_fen", "out_of_range"),
        (
            |c| c.non_technology_amount_fen = Some(-1),
            "/non_technology_amount_fen",
            "out_of_range",
        ),
        (
            |c| c.non_technology_amount_fen = Some(5_000_001),
            "/technology_amount_fen",
            "amounts_do_not_add_up",
        ),
    ];
    for (change, pointer, code) in cases {
        assert_eq!(form_errors(change), [(pointer.to_owned(), code)]);
    }
}

#[test]
fn parts_above_the_total_are_found_without_the_other_part() {
    assert_eq!(
        form_errors(|c| (c.technology_amount_fen, c.non_technology_amount_fen) = (Some(30_000_001), None)),
        [("/technology_amount_fen".to_owned(), "amounts_do_not_add_up")]
    );
    assert_eq!(
        form_errors(|c| (c.technology_amount_fen, c.non_technology_amount_fen) = (None, Some(30_000_001))),
        [("/non_technology_amount_fen".to_owned(), "amounts_do_not_add_up")]
    );
}

#[test]
fn what_is_just_within_the_form_passes() {
    let cases: [Change; 10] = [
        |c| c.project_name = Some("字".repeat(200)),
        |c| c.summary = Some("字\n".repeat(2500)),
        |c| c.seller.region = some("820000"),
        |c| c.signed_on = Some(day("1987-01-01")),
        |c| c.ends_on = Some(day("2200-12-31")),
        |c| (c.begins_on, c.ends_on) = (Some(day("2025-06-01")), Some(day("2025-06-01"))),
        |c| (c.technology_amount_fen, c.non_technology_amount_fen) = (Some(30_000_000), Some(0)),
        |c| (c.technology_amount_fen, c.non_technology_amount_fen) = (Some(30_000_000), None),
        |c| c.amount_fen = None,
        |c| (c.contract_type, c.subtype) = (None, some("sv_training")),
    ];
    for change in cases {
        assert_eq!(form_errors(change), []);
    }
}

#[test]
fn all_errors_are_told_by_pointer_with_the_value() {
    let catalogue = embedded_catalogue().unwrap();
    let content = changed(|c| {
        c.unit = some("div_99");
        c.seller.uscc = some("123");
        c.amount_fen = Some(-5);
        c.buyer.region = some("000000");
    });
    let errors = well_formed(&content, &catalogue);
    let pointers: Vec<&str> = errors.iter().map(|e| e.pointer.as_str()).collect();
    assert_eq!(pointers, ["/amount_fen", "/buyer/region", "/seller/uscc", "/unit"]);
    for (error, value) in errors.iter().zip(["-5", "000000", "123", "div_99"]) {
        assert!(error.detail.contains(value), "{}", error.detail);
    }
}

#[test]
fn tidied_values_are_what_the_register_keeps() {
    let mut content = changed(|c| {
        c.project_name = some("  棉田 残膜 ");
        c.seller.uscc = some("91659001-ｍａ00000152 ");
        c.seller.region = some("６５９００１");
        c.buyer.country = "chn".into();
        c.buyer.contact = some("   ");
    });
    tidy(&mut content);
    assert_eq!(content.project_name.as_deref(), Some("棉田 残膜"));
    assert_eq!(content.seller.uscc.as_deref(), Some("91659001MA00000152"));
    assert_eq!(content.seller.region.as_deref(), Some("659001"));
    assert_eq!(content.buyer.country, "CHN");
    assert_eq!(content.buyer.contact.as_deref(), Some(""));
    let mut again = content.clone();
    tidy(&mut again);
    assert_eq!(again, content);
}

#[test]
fn everything_missing_is_named() {
    let catalogue = embedded_catalogue().unwrap();
    let missing = |content: &Content, id: &str| -> Vec<String> {
        let all = for_submission(content, &catalogue, today());
        all.into_iter().filter(|c| c.id == id).map(|c| c.pointer).collect()
    };
    let own = "amount_fen begins_on buyer/kind buyer/name buyer/region buyer/uscc cross_border ends_on field ip_kind \
               non_technology_amount_fen objective payment_mode plan_source project_name related_party seller/kind \
               seller/name seller/region seller/uscc signed_on subtype summary technology_amount_fen type unit";
    let pointers: Vec<String> = own.split_whitespace().map(|name| format!("/{name}")).collect();
    assert_eq!(missing(&Content::default(), "required"), pointers);
    assert_eq!(missing(&Content::default(), "recommended").len(), 8);

    let foreign = changed(|c| {
        c.seller = Party {
            name: some("Muster GmbH"),
            kind: some("overseas_entity"),
            country: "DEU".into(),
            ..Party::default()
        };
        (c.buyer.kind, c.buyer.uscc) = (some("natural_person"), None);
    });
    assert_eq!(missing(&foreign, "required"), Vec::<String>::new());
    let person_without_region = changed(|c| {
        (c.buyer.kind, c.buyer.uscc, c.buyer.region) = (some("natural_person"), None, None);
    });
    assert_eq!(missing(&person_without_region, "required"), ["/buyer/region"]);
    let inside_plan = changed(|c| c.plan_source = some("prefecture"));
    assert_eq!(missing(&inside_plan, "required"), ["/plan_name", "/plan_number"]);
    let no_contact = changed(|c| c.seller.contact = None);
    assert_eq!(missing(&no_contact, "recommended"), ["/seller/contact"]);
}

#[test]
fn what_stands_in_the_way_of_a_submission() {
    use Severity::{Error, Notice, Warning};
    let cases: [(Change, Severity, &str, &str); 22] = [
        (|c| c.unit = some("div_15"), Error, "unknown_code", "/unit"),
        (|c| c.project_name = some("膜"), Error, "too_short", "/project_name"),
        (
            |c| c.summary = Some("字".repeat(29) + "  "),
            Error,
            "too_short",
            "/summary",
        ),
        (
            |c| (c.technology_amount_fen, c.non_technology_amount_fen) = (Some(0), Some(30_000_000)),
            Error,
            "technology_amount_not_positive",
            "/technology_amount_fen",
        ),
        (
            |c| c.received_on = Some(day("2025-06-12")),
            Error,
            "received_in_future",
            "/received_on",
        ),
        (
            |c| c.signed_on = Some(day("2025-06-11")),
            Error,
            "signed_after_received",
            "/signed_on",
        ),
        (
            |c| (c.received_on, c.signed_on) = (None, Some(day("2025-06-12"))),
            Error,
            "signed_after_received",
            "/signed_on",
        ),
        (
            |c| (c.contract_type, c.subtype) = (some("licence"), some("li_other")),
            Error,
            "ip_kind_none",
            "/ip_kind",
        ),
        (
            |c| (c.contract_type, c.subtype) = (some("transfer"), some("tr_patent_right")),
            Error,
            "ip_kind_none",
            "/ip_kind",
        ),
        (
            |c| {
                (c.contract_type, c.subtype) = (some("licence"), some("li_patent"));
                c.ip_kind = some("technical_secret");
            },
            Error,
            "ip_kind_unfit",
            "/ip_kind",
        ),
        (
            |c| c.buyer.kind = some("enterprise"),
            Error,
            "kind_uscc_mismatch",
            "/buyer/kind",
        ),
        (
            |c| c.seller.kind = some("university"),
            Error,
            "kind_uscc_mismatch",
            "/seller/kind",
        ),
        (
            |c| c.seller.kind = some("government"),
            Error,
            "kind_uscc_mismatch",
            "/seller/kind",
        ),
        (
            |c| c.seller.uscc = some("92659001MA0000015Y"),
            Warning,
            "kind_uscc_doubtful",
            "/seller/kind",
        ),
        (
            |c| {
                (c.amount_fen, c.technology_amount_fen, c.non_technology_amount_fen) =
                    (Some(99_999), Some(99_999), Some(0))
            },
            Warning,
            "A12",
            "/amount_fen",
        ),
        (
            |c| {
                let fen = Some(10_000_000_001);
                (c.amount_fen, c.technology_amount_fen, c.non_technology_amount_fen) = (fen, fen, Some(0));
            },
            Warning,
            "A12",
            "/amount_fen",
        ),
        (
            |c| c.seller.phone = some("000-0000 0000"),
            Warning,
            "A27",
            "/seller/phone",
        ),
        (
            |c| c.seller.phone = some("1380000****"),
            Warning,
            "A27",
            "/seller/phone",
        ),
        (|c| c.buyer.contact = some("无"), Warning, "A27", "/buyer/contact"),
        (
            |c| c.buyer.legal_representative = some("xxx"),
            Warning,
            "A27",
            "/buyer/legal_representative",
        ),
        (|c| c.buyer.address = some("——"), Warning, "A27", "/buyer/address"),
        (|c| c.seller.address = None, Notice, "recommended", "/seller/address"),
    ];
    for (change, severity, id, pointer) in cases {
        let found = found(change);
        let told: Vec<_> = found.iter().map(|c| (c.severity, c.id, c.pointer.as_str())).collect();
        assert_eq!(told, [(severity, id, pointer)], "{found:?}");
    }
}

#[test]
fn near_misses_pass() {
    let cases: [Change; 13] = [
        |c| c.project_name = some("残膜"),
        |c| c.summary = Some("字".repeat(30)),
        |c| c.received_on = Some(today()),
        |c| c.received_on = None,
        |c| c.signed_on = c.received_on,
        |c| {
            (c.contract_type, c.subtype) = (some("transfer"), some("tr_patent_right"));
            c.ip_kind = some("design");
        },
        |c| {
            (c.contract_type, c.subtype) = (some("transfer"), some("tr_other"));
            c.ip_kind = some("technical_secret");
        },
        |c| c.seller.kind = some("ent_llc"),
        |c| c.seller.kind = some("overseas_entity"),
        |c| {
            (c.amount_fen, c.technology_amount_fen, c.non_technology_amount_fen) =
                (Some(100_000), Some(1), Some(99_999))
        },
        |c| {
            let fen = Some(10_000_000_000);
            (c.amount_fen, c.technology_amount_fen, c.non_technology_amount_fen) = (fen, fen, Some(0));
        },
        |c| c.seller.phone = some("0991-2000000"),
        |c| c.seller.contact = some("吴无"),
    ];
    for change in cases {
        assert_eq!(found(change), []);
    }
}

#[test]
fn the_rule_set_of_2026_gives_notices_and_blocks_nothing() {
    let catalogue = embedded_catalogue().unwrap();
    let told = |content: &Content, today: &str| -> Vec<(Severity, &str, String)> {
        let all = for_submission(content, &catalogue, day(today));
        all.into_iter().map(|c| (c.severity, c.id, c.pointer)).collect()
    };
    let unverified = (Severity::Notice, "rule_set_unverified", String::new());
    let mut content = changed(|c| c.received_on = None);
    assert_eq!(told(&content, "2026-02-28"), []);
    assert_eq!(told(&content, "2026-03-01"), std::slice::from_ref(&unverified));
    assert_eq!(told(&content, "2026-06-01"), std::slice::from_ref(&unverified));
    let late = (Severity::Notice, "applied_after_term", "/ends_on".to_owned());
    assert_eq!(told(&content, "2026-06-02"), [unverified.clone(), late]);
    content.ends_on = Some(day("2027-06-01"));
    let no_calendar = (Severity::Notice, "calendar_missing", String::new());
    assert_eq!(told(&content, "2026-12-31"), [no_calendar, unverified]);
    // A contract accepted before keeps its set.
    let before = for_submission_under(&content, &catalogue, catalogue.rule_set("r2001"), day("2026-12-31"));
    assert_eq!(before, []);
    let none = for_submission_under(&content, &catalogue, None, day("2026-12-31"));
    assert_eq!(
        none.iter().map(|c| (c.severity, c.id)).collect::<Vec<_>>(),
        [(Severity::Error, "rule_set_missing")]
    );
}

/// The whole sample register: its columns have neither summary nor related parties; everything else holds but for what is listed.
#[test]
fn the_sample_register_keeps_the_rules() {
    let catalogue = embedded_catalogue().unwrap();
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let rows = sample::rows();
    for row in &rows {
        let content = sample::content(row, &catalogue);
        for check in for_submission(&content, &catalogue, day("2026-01-31")) {
            if check.severity == Severity::Error {
                *counts.entry((check.id, check.pointer)).or_default() += 1;
            }
        }
    }
    let expected = [("/related_party", rows.len()), ("/summary", rows.len())];
    assert_eq!(
        counts,
        expected
            .map(|(pointer, n)| (("required", pointer.to_owned()), n))
            .into()
    );
}

#[test]
fn what_only_a_submission_must_settle_does_not_stop_a_draft() {
    let cases: [(Change, &str, &str); 3] = [
        (|c| c.subtype = some("sv_training"), "/subtype", "subtype_not_of_type"),
        (
            |c| c.begins_on = Some(day("2026-06-02")),
            "/ends_on",
            "dates_out_of_order",
        ),
        (
            |c| c.signed_on = Some(day("2026-06-02")),
            "/ends_on",
            "dates_out_of_order",
        ),
    ];
    for (change, pointer, id) in cases {
        assert_eq!(form_errors(change), []);
        assert!(
            found(change).iter().any(|f| f.pointer == pointer && f.id == id),
            "{pointer} {id}"
        );
    }
}
