//! Years that never were: everything falls, everything grows, one contract, none, the first, ties.

use super::{
    super::bulletin,
    read::{Made, YEAR, check_form, count, count_with, question, report_of, sentences, setting},
};
use crate::statistics::{
    FigureValue, Question,
    sample::reader::{ask, catalogue},
};

/// A register in which every item of every section has something each year, each time `step` percent of the year before.
fn moving(step: i64) -> Vec<Made> {
    let mut contracts = Vec::new();
    let mut yuan = 1_000_000;
    for year in YEAR - 4..=YEAR {
        for index in 0..60 {
            contracts.push(Made {
                year,
                unit: index,
                contract_type: index,
                plan_source: index,
                seller: index,
                field: index,
                flow: index,
                is_import: index % 30 == 0,
                yuan: yuan * (1 + i64::try_from(index % 7).unwrap()),
            });
        }
        yuan = yuan * step / 100;
    }
    contracts
}

/// Words that say that something grew. 增速 only where it is the first of those that grew.
const GROWTH: [&str; 10] = [
    "增长",
    "提高",
    "增加",
    "上升",
    "增速",
    "扩大",
    "最高的一年",
    "近五年最高",
    "加大",
    "新高",
];
const FALL: [&str; 8] = ["下降", "降低", "减少", "降幅", "缩小", "近五年最低", "回落", "下滑"];

#[test]
fn where_everything_falls_nothing_is_said_to_grow() {
    let (figures, report) = report_of(&moving(70));
    check_form(&report, &catalogue());
    let text = sentences(&report);
    for word in GROWTH {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(text.contains("较上年下降 30%，为近五年最低"), "{text}");
    assert!(text.contains("成交额逐年下降"), "{text}");
    assert!(text.contains("各单位成交额较上年均有所下降"), "{text}");
    assert!(text.contains("“五技”合同各类型成交额较上年均有所下降"), "{text}");
    let short = sentences(&bulletin(&figures, setting(&catalogue())));
    for word in GROWTH {
        assert!(!short.contains(word), "{word}: {short}");
    }
}

#[test]
fn where_everything_grows_nothing_is_said_to_fall() {
    let (_, report) = report_of(&moving(150));
    check_form(&report, &catalogue());
    let text = sentences(&report);
    for word in FALL {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(text.contains("较上年增长 50%，为近五年最高"), "{text}");
    assert!(text.contains("成交额逐年增长"), "{text}");
    assert!(text.contains("各单位成交额较上年均有所增长"), "{text}");
}

#[test]
fn a_year_without_a_contract_is_told_so() {
    let (_, report) = report_of(&[]);
    check_form(&report, &catalogue());
    let text = sentences(&report);
    assert!(
        text.contains("2025 年兵团未认定登记技术合同。") && !text.contains("上年"),
        "{text}"
    );
    for word in GROWTH.iter().chain(&FALL).chain(&["居首位", "最多", "并列", "为主"]) {
        assert!(!text.contains(word), "{word}: {text}");
    }
    // Nothing now, something before.
    let (_, report) = report_of(&[Made::new(YEAR - 1, 7, 5_000_000)]);
    check_form(&report, &catalogue());
    let text = sentences(&report);
    assert!(
        text.contains("未认定登记技术合同，2024 年成交额为 500.00 万元"),
        "{text}"
    );
    for word in GROWTH {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn a_year_with_one_contract_has_no_order() {
    let (_, report) = report_of(&[Made::new(YEAR, 7, 6_000_000)]);
    check_form(&report, &catalogue());
    let text = sentences(&report);
    assert!(
        text.contains("共认定登记技术合同 1 项，合同成交总金额 600.00 万元（图 1）。"),
        "{text}"
    );
    assert!(text.contains("各师中，仅八师有成交，成交额 600.00 万元。"), "{text}");
    for word in GROWTH.iter().chain(&FALL).chain(&["次之", "依次", "并列"]) {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_first_year_is_compared_with_nothing() {
    let contracts: Vec<_> = moving(150).into_iter().filter(|made| made.year == YEAR).collect();
    let (_, report) = report_of(&contracts);
    check_form(&report, &catalogue());
    let text = sentences(&report);
    // Nobody knows what there was before the register's first year.
    for word in GROWTH.iter().chain(&FALL).chain(&["上年", "2024 年为"]) {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let earlier = [Made::new(YEAR - 3, 7, 5_000_000), Made::new(YEAR, 7, 5_000_000)];
    let (figures, report) = report_of(&earlier);
    let text = sentences(&report);
    assert!(text.contains("上年未登记"), "{text}");
    assert_eq!(
        figures.get("units.div_08.previous_contracts"),
        Some(&FigureValue::count(0))
    );
    let (figures, _) = report_of(&contracts);
    for name in [
        "total.previous_contracts",
        "units.div_08.previous_amount",
        "plan.outside_plan.share_change",
    ] {
        assert!(figures.get(name).is_some_and(FigureValue::is_nothing), "{name}");
    }
}

#[test]
fn a_year_that_runs_is_not_told_as_a_whole_one() {
    let catalogue = catalogue();
    let running = ask(YEAR, "2025-07-01T00:00:00+08:00", None);
    for contracts in [moving(70), moving(150)] {
        let figures = count(&contracts, &running);
        let report = super::super::annual(&figures, setting(&catalogue));
        check_form(&report, &catalogue);
        let text = sentences(&report);
        assert!(
            text.contains("2025 年（截至 6 月 30 日）兵团共认定登记技术合同 60 项"),
            "{text}"
        );
        assert!(text.contains("较上年全年"), "{text}");
        let text = text.replace("上年全年", "").replace("2024 年全年", "");
        for word in ["上年", "近五年最", "以来最", "年均", "全年", "未达到", "、2025 年"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
    // Of one that has not begun nothing is said at all, though the year before had contracts.
    let ahead = ask(YEAR, "2024-12-01T00:00:00+08:00", None);
    let before = [Made::new(YEAR - 1, 0, 5_000_000), Made::new(YEAR - 1, 7, 5_000_000)];
    let text = sentences(&super::super::annual(&count(&before, &ahead), setting(&catalogue)));
    let said = text.lines().filter(|line| !line.contains("跟踪调查数据"));
    assert!(
        said.clone().all(|line| line == "2025 年尚未开始。") && said.count() == 2,
        "{text}"
    );
}

#[test]
fn equals_are_told_as_equals() {
    let contracts = [
        Made::new(YEAR, 0, 3_000_000),
        Made::new(YEAR, 1, 3_000_000),
        Made::new(YEAR, 2, 2_000_000),
        Made::new(YEAR, 3, 2_000_000),
        Made::new(YEAR - 1, 0, 3_000_000),
        Made::new(YEAR - 1, 1, 3_000_000),
        Made::new(YEAR - 1, 2, 2_000_000),
        Made::new(YEAR - 1, 3, 2_000_000),
    ];
    let (_, report) = report_of(&contracts);
    check_form(&report, &catalogue());
    let text = sentences(&report);
    assert!(
        text.contains("各师中，一师、二师成交额均为 300.00 万元，并列首位，其次为三师、四师（并列）。"),
        "{text}"
    );
    assert!(text.contains("与上年持平"), "{text}");
    assert!(text.contains("上年有登记的单位成交额与上年均持平"), "{text}");
    for word in GROWTH.iter().chain(&FALL) {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn nearly_the_same_is_no_growth_of_nothing() {
    let contracts = [Made::new(YEAR, 7, 100_000_010), Made::new(YEAR - 1, 7, 100_000_000)];
    let (figures, report) = report_of(&contracts);
    let text = sentences(&report);
    assert!(text.contains("与上年基本持平"), "{text}");
    assert!(!text.contains("增长 0"), "{text}");
    assert_eq!(count(&contracts, &question()), figures);
}

#[test]
fn what_has_not_begun_is_told_so_and_nothing_else() {
    let question = ask(YEAR, "2024-06-01T00:00:00+08:00", None);
    let figures = count(&[], &question);
    let text = sentences(&bulletin(&figures, setting(&catalogue())));
    assert_eq!(text, "2025 年尚未开始。\n");
    let annual = sentences(&super::super::annual(&figures, setting(&catalogue())));
    assert!(
        annual.starts_with("2025 年尚未开始。") && !annual.contains("亦无登记"),
        "{annual}"
    );
}

#[test]
fn a_year_without_a_contract_has_no_rate() {
    // Nothing in 2024; nothing in the year itself.
    for years in [[YEAR - 2, YEAR], [YEAR - 2, YEAR - 1]] {
        let contracts = years.map(|year| Made::new(year, 0, 5_000_000));
        let text = sentences(&report_of(&contracts).1);
        for wrong in ["下降 100", "年均下降", "0.0 倍", "之比为"] {
            assert!(!text.contains(wrong), "{wrong}: {text}");
        }
    }
}

#[test]
fn a_fall_that_leaves_something_is_no_fall_to_nothing() {
    let contracts = [Made::new(YEAR - 1, 0, 1_000_000), Made::new(YEAR, 0, 1_800)];
    let text = sentences(&report_of(&contracts).1);
    assert!(text.contains("下降 99.8%") && !text.contains("下降 100%"), "{text}");
    assert!(text.contains("成交额 0.18 万元"), "{text}");
    let little = [
        Made::new(YEAR - 1, 0, 100_000_000),
        Made::new(YEAR - 1, 7, 100_000_000),
        Made::new(YEAR, 0, 100),
        Made::new(YEAR, 7, 100),
    ];
    let text = sentences(&report_of(&little).1);
    assert!(text.contains("下降 99.9999%") && !text.contains("下降 100"), "{text}");
}

#[test]
fn small_amounts_are_in_smaller_units_and_many_equals_have_a_noun() {
    let contracts: Vec<Made> = (0..14).map(|unit| Made::new(YEAR, unit, 100_000)).collect();
    let text = sentences(&report_of(&contracts).1);
    assert!(text.contains("等十四个师成交额均为"), "{text}");
    assert!(text.contains("成交额 140.00 万元"), "{text}");
}

/// The annual report's sentences with the bulletin's, reference figures being known.
fn both_of(contracts: &[Made], references: &[(i32, i64)], question: &Question) -> [String; 2] {
    let catalogue = catalogue();
    let figures = count_with(contracts, references, question);
    let report = super::super::annual(&figures, setting(&catalogue));
    check_form(&report, &catalogue);
    [sentences(&report), sentences(&bulletin(&figures, setting(&catalogue)))]
}

#[test]
fn a_year_that_a_reference_figure_tells_of_is_not_one_without_registrations() {
    let first: Vec<_> = moving(150)
        .into_iter()
        .filter(|made| made.year == YEAR)
        .take(20)
        .collect();
    for text in both_of(&first, &[(YEAR - 1, 90_000_000)], &question()) {
        assert!(text.contains("较上年增长 333.1%（2024 年为 9000.00 万元）"), "{text}");
        assert!(!text.contains("上年未登记"), "{text}");
    }
    let [text, _] = both_of(&first, &[(YEAR - 1, 90_000_000), (YEAR - 2, 80_000_000)], &question());
    assert!(
        text.contains("2024 年、2025 年成交额分别较前一年增长 13%、333%"),
        "{text}"
    );
    for text in both_of(&[], &[(YEAR - 1, 90_000_000)], &question()) {
        assert!(
            text.contains("未认定登记技术合同，2024 年成交额为 9000.00 万元"),
            "{text}"
        );
        assert!(!text.contains("上年亦无登记"), "{text}");
    }
    // Without one nothing is known; of a part of a year a reference figure says nothing.
    for text in both_of(&first, &[], &question()) {
        assert!(!text.contains("上年"), "{text}");
    }
    let half = ask(YEAR, "2026-03-01T00:00:00+08:00", Some("2025-06-30"));
    let figures = count_with(&first, &[(YEAR - 1, 90_000_000)], &half);
    let text = sentences(&bulletin(&figures, setting(&catalogue())));
    assert!(text.contains("共认定登记技术合同 20 项"), "{text}");
    assert!(!text.contains("上年同期未登记"), "{text}");
}

fn now(unit: usize, yuan: i64) -> Made {
    Made::new(YEAR, unit, yuan)
}

fn before(unit: usize, yuan: i64) -> Made {
    Made::new(YEAR - 1, unit, yuan)
}

#[test]
fn contracts_of_nothing_are_registered_all_the_same() {
    for text in both_of(&[now(7, 0)], &[], &question()) {
        for wrong in ["各师均未登记", "亿元，", "中，（", "按卖方类型分，（", "分，。", "0.0%"] {
            assert!(!text.contains(wrong), "{wrong}: {text}");
        }
        assert!(text.contains("各师登记的技术合同成交额均为零"), "{text}");
        assert!(text.contains("流向兵团内的 1 项，成交额 0.00 万元；"), "{text}");
        assert!(
            text.contains("按卖方类型分，企业登记合同 1 项，成交额 0.00 万元"),
            "{text}"
        );
    }
    let [text, _] = both_of(&[now(7, 0), before(7, 10_000)], &[], &question());
    for wrong in ["计划外项目成交额占比与上年持平", "该占比为"] {
        assert!(!text.contains(wrong), "{wrong}: {text}");
    }
    for text in both_of(&[now(7, 0), before(7, 0)], &[], &question()) {
        assert!(!text.contains("上年未登记"), "{text}");
    }
    // What came to nothing and has no contract any more is not level.
    let ended = [
        now(7, 10_000),
        before(7, 20_000),
        before(5, 0),
        now(3, 300),
        before(3, 500),
    ];
    let [text, _] = both_of(&ended, &[], &question());
    assert!(text.contains("上年成交额大于零的单位成交额较上年均有所下降"), "{text}");
    // Nor is the share of what nobody has registered.
    assert!(!text.contains("持平"), "{text}");
    for text in both_of(&[now(7, 10_000), before(7, 0)], &[], &question()) {
        assert!(
            text.contains("成交总金额 1.00 万元") && text.contains("，上年成交额为零"),
            "{text}"
        );
        assert!(!text.contains("上年未登记"), "{text}");
    }
}

#[test]
fn what_stays_at_nothing_neither_falls_nor_grows() {
    let all = [
        now(7, 10_000),
        before(7, 20_000),
        now(5, 300),
        before(5, 500),
        now(3, 0),
        before(3, 0),
    ];
    let [text, _] = both_of(&all, &[], &question());
    let said = "除四师外，其余上年有登记的单位成交额较上年均有所下降";
    assert!(text.contains(said), "{text}");
    // Others have contracts too, if of nothing.
    let [text, _] = both_of(&[now(7, 10_000), now(3, 0)], &[], &question());
    assert!(
        !text.contains("仅八师有成交") && text.contains("各师中，八师成交额 1.00 万元，居首位"),
        "{text}"
    );
}

#[test]
fn how_many_there_are_is_told_with_what_they_are() {
    // Two of eleven fields have contracts, two of five types.
    let of = |index: usize| Made {
        field: index,
        contract_type: index,
        seller: index * 3,
        ..Made::new(YEAR, index, 10_000 * (1 + i64::try_from(index).unwrap()))
    };
    let some: Vec<Made> = (0..6).map(of).collect();
    let [text, _] = both_of(&some, &[], &question());
    assert!(text.contains("等五个领域的合同"), "{text}");
    // Nine fields grew alike.
    let alike: Vec<Made> = (0..9)
        .flat_map(|field| {
            [(YEAR, 20_000), (YEAR - 1, 10_000)].map(|(year, yuan)| Made {
                field,
                ..Made::new(year, field, yuan)
            })
        })
        .collect();
    let [text, _] = both_of(&alike, &[], &question());
    assert!(
        text.contains("等九个领域成交额均较上年增长 100.0%，增速并列首位"),
        "{text}"
    );
}
