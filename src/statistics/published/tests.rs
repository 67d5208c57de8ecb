//! Patterns and tables over what reports look like; steps in proportion to what is read.

mod sentences;

use super::*;
use crate::{
    domain::{
        outline::{OutlineCell, OutlineTable},
        steps,
    },
    statistics::sample::reader::{ask, catalogue},
};

fn read_whole(outline: &Outline, catalogue: &Catalogue) -> PublishedReport {
    let Ok(report) = read(
        outline,
        catalogue,
        &question(),
        || Ok::<_, std::convert::Infallible>(()),
    );
    report
}

#[test]
fn reading_ends_when_nobody_waits_for_it() {
    let outline = Outline {
        blocks: (0..9)
            .map(|_| Block::Paragraph("认定登记技术合同1134项。".to_owned()))
            .collect(),
    };
    let mut asked = 0;
    let ended = read(&outline, &catalogue(), &question(), || {
        asked += 1;
        if asked == 4 { Err("nobody") } else { Ok(()) }
    });
    assert_eq!((ended.err(), asked), (Some("nobody"), 4));
}

/// One paragraph, of one sentence or of many, and one table.
fn long_blocks() -> [(&'static str, Block); 3] {
    let row: Vec<OutlineCell> = ["八师", "3", "4"].map(OutlineCell::from).into();
    let table = OutlineTable {
        caption: "表 1".to_owned(),
        rows: vec![row; 1500],
    };
    [
        ("sentence", Block::Paragraph("八师成交额1.61亿元，".repeat(9_000))),
        ("sentences", Block::Paragraph("八师成交额1.61亿元。".repeat(9_000))),
        ("table", Block::Table(table)),
    ]
}

#[test]
fn a_long_block_ends_when_nobody_waits_for_it() {
    let catalogue = catalogue();
    for (what, block) in long_blocks() {
        let outline = Outline { blocks: vec![block] };
        let mut asked = 0_u64;
        let whole = read(&outline, &catalogue, &question(), || {
            asked += 1;
            Ok::<_, ()>(())
        });
        assert!(whole.is_ok() && asked > 50, "{what}: asked {asked} times");
        // Wherever it is asked, it ends there.
        for at in [3, asked / 2, asked - 1] {
            let mut again = 0;
            let ended = read(&outline, &catalogue, &question(), || {
                again += 1;
                if again == at { Err("nobody") } else { Ok(()) }
            });
            assert_eq!((ended.err(), again), (Some("nobody"), at), "{what}");
        }
    }
}

#[test]
fn what_is_left_out_of_a_report_is_told() {
    let catalogue = catalogue();
    let read = |blocks: Vec<Block>| read_whole(&Outline { blocks }, &catalogue);
    let paragraph = |text: String| Block::Paragraph(text);
    let unknown = "本年兴修水渠12条。";
    let found = read(vec![paragraph(unknown.repeat(2_999)), paragraph(unknown.to_owned())]);
    assert_eq!((found.unread.len(), found.left_out.len()), (3_000, 0));
    for blocks in [
        vec![paragraph(unknown.repeat(20_000))],
        vec![paragraph(unknown.to_owned()); 20_000],
        vec![paragraph("12条，".repeat(60_000))],
    ] {
        let found = read(blocks);
        assert_eq!(found.unread.len(), 3_000);
        assert!(found.left_out.contains(&LeftOut::Numbers), "{:?}", found.left_out);
    }
    let found = read(vec![paragraph("合同成交总额10.83亿元。".repeat(20_000))]);
    assert_eq!(found.statements.len(), 3_000);
    assert!(
        found
            .left_out
            .is_superset(&[LeftOut::Numbers, LeftOut::Paragraph].into())
    );
    let numbers: String = (0..2_500).map(|n| format!("合同成交总额{n}.5万元。")).collect();
    let found = read(vec![paragraph(numbers)]);
    assert_eq!(
        (found.findings.len(), found.left_out),
        (MAX_FINDINGS, [LeftOut::Findings].into())
    );

    let cells = |text: &str, columns: usize, rows: usize| {
        let row = vec![OutlineCell::from(text); columns];
        let mut table = OutlineTable {
            caption: format!("表 {}", "1".repeat(5_000)),
            rows: vec![row; rows],
        };
        table.square();
        Block::Table(table)
    };
    for (block, cut) in [
        (cells("3", 5, 2_000), false),
        (cells("3", 5, 2_001), true),
        (cells("3", 60, 5), false),
        (cells("3", 61, 5), true),
        (cells(&"一".repeat(1_999), 3, 3), false),
        (cells(&"一".repeat(2_001), 3, 3), true),
    ] {
        let found = read(vec![block]);
        // The table is named.
        let named = found
            .left_out
            .iter()
            .any(|part| matches!(part, LeftOut::Table(place) if place.starts_with("表111")));
        assert_eq!(named, cut, "{:?}", found.left_out);
    }
}

#[test]
fn no_place_and_no_context_is_longer_than_anybody_reads() {
    let long = "水渠".repeat(900);
    let row: Vec<OutlineCell> = [long.as_str(), "3", "4"].map(OutlineCell::from).into();
    let heads: Vec<OutlineCell> = ["单位", long.as_str(), long.as_str()].map(OutlineCell::from).into();
    let table = OutlineTable {
        caption: format!("表{}", "1".repeat(9_000)),
        rows: vec![heads, row],
    };
    let blocks = vec![
        Block::Table(table),
        Block::Heading(format!("{}、水渠", "一".repeat(9_000))),
        Block::Paragraph("本年兴修水渠12条。".to_owned()),
    ];
    let found = read_whole(&Outline { blocks }, &catalogue());
    assert_eq!(found.unread.len(), 3);
    for unread in &found.unread {
        let (place, context) = (unread.place.chars().count(), unread.context.chars().count());
        assert!(place <= MAX_PLACE + 1 && context <= MAX_CONTEXT + 1, "{unread:?}");
    }
}

#[test]
fn every_pattern_is_well_formed() {
    for text in FIGURES.iter().chain(CLAIMS.iter().map(|(text, _)| text)) {
        assert!(Pattern::parse(text, 2025, Some(2020)).is_some(), "{text}");
    }
}

#[test]
fn a_caption_gives_its_number_even_where_a_year_clings_to_it() {
    for (caption, number) in [
        ("表 3 2025 年不同类型", Some("表3")),
        ("表32025年不同类型", Some("表3")),
        ("表12 各师", Some("表12")),
        ("附表2 技术合同类别构成", Some("附表2")),
        ("图 6 2025 年", Some("图6")),
        ("表一", Some("表一")),
        ("表１ 各师", Some("表1")),
        ("附表十二技术合同", Some("附表十二")),
        ("表格", None),
        ("", None),
    ] {
        assert_eq!(caption_number(caption).as_deref(), number, "{caption}");
    }
}

fn question() -> Question {
    ask(2025, "2026-03-01T00:00:00+08:00", None)
}

/// Texts that invite a parser to look at the same characters again and again, each of about `n` of them.
fn hostile(n: usize) -> Vec<(&'static str, Outline)> {
    let paragraph = |text: String| Outline {
        blocks: vec![Block::Paragraph(text)],
    };
    let repeated = |part: &str| paragraph(part.repeat(n / part.chars().count()));
    let table = |rows: usize, cell: &dyn Fn(usize, usize) -> &'static str| {
        let row = |at: usize| (0..5).map(|column| OutlineCell::from(cell(at, column))).collect();
        let table = OutlineTable {
            caption: "表 1".to_owned(),
            rows: (0..rows).map(row).collect(),
        };
        Outline {
            blocks: vec![Block::Table(table)],
        }
    };
    let heads = ["金额规模（万元）", "合同数", "份数占比", "成交额（万元）", "成交额占比"];
    vec![
        ("digits", repeated("7")),
        ("digits with commas", repeated("1,")),
        ("points", repeated("1.")),
        ("numerals", repeated("一")),
        ("places", repeated("十百千")),
        ("spans", repeated("1-")),
        ("names", repeated("一师、")),
        ("names and numbers", repeated("八师成交额1.61亿元，")),
        ("respectively", repeated("一师、二师成交额分别为1.61亿元和1.2亿元，")),
        ("gaps", repeated("全年技术合同成交额")),
        (
            "claims",
            repeated("技术转让合同成交额同比增长3%居首位，技术许可合同成交额同比增长2%次之。"),
        ),
        ("one figure", repeated("合同成交总额10.83亿元。")),
        ("words", repeated("占比增长")),
        ("exceptions", repeated("除")),
        ("thresholds", repeated("500万元以上")),
        (
            "empty cells",
            table(n / 20, &|row, column| match (row, column) {
                (0, column) => heads[column],
                (_, 0) => "1-5",
                (_, 4) if row % 2 == 0 => "1.1%",
                (_, 4) => "",
                _ => "3",
            }),
        ),
        (
            "cells",
            table(n / 20, &|row, column| match (row, column) {
                (0, column) => heads[column],
                (_, 0) => "八师",
                _ => "3",
            }),
        ),
    ]
}

#[test]
fn twice_the_text_takes_twice_the_steps() {
    let catalogue = catalogue();
    let cost = |outline: &Outline| steps::of(|| read_whole(outline, &catalogue));
    for ((what, small), (_, large)) in hostile(4000).iter().zip(&hostile(8000)) {
        let (one, two) = (cost(small), cost(large));
        assert!(one > 100, "{what}: {one} steps are none");
        // A little more than twice, for what begins or ends otherwise.
        assert!(two <= one * 21 / 10 + 2000, "{what}: {one} → {two}");
    }
}

#[test]
fn a_number_of_160000_digits_is_one_number() {
    let catalogue = catalogue();
    let text = format!("合同成交总额{}亿元，认定登记技术合同1134项。", "7".repeat(160_000));
    let outline = Outline {
        blocks: vec![Block::Paragraph(text)],
    };
    let mut found = None;
    let cost = steps::of(|| found = Some(read_whole(&outline, &catalogue)));
    let found = found.unwrap();
    let figures: Vec<&str> = found.statements.iter().map(|s| s.figure.as_str()).collect();
    assert_eq!(figures, ["total.contracts"]);
    // The number that is none is told, cut.
    assert!(
        found.unread.iter().all(|unread| unread.text.chars().count() <= 60),
        "{:?}",
        found.unread
    );
    assert!(cost < 40_000_000, "{cost}");
}

/// Rows of cells between bars.
fn bars(caption: &str, rows: &[&str]) -> Outline {
    let cells = |row: &&str| row.split('|').map(|cell| OutlineCell::from(cell.trim())).collect();
    let mut outline = Outline {
        blocks: vec![
            Block::Paragraph(caption.to_owned()),
            Block::Table(OutlineTable {
                caption: String::new(),
                rows: rows.iter().map(cells).collect(),
            }),
        ],
    };
    outline.caption_tables();
    outline
}

/// Figures with what is printed of them, surely so, and how many numbers are not understood.
fn understood(outline: &Outline) -> (Vec<(String, String)>, usize) {
    let found = read_whole(outline, &catalogue());
    let said = found.statements.iter().filter(|said| said.is_sure);
    let said = said.map(|said| (said.figure.clone(), said.printed.text.clone()));
    (said.collect(), found.unread.len())
}

#[test]
fn a_row_of_an_unknown_name_is_not_the_whole() {
    for rows in [
        &["月份 | 合同数（项）", "1月 | 30", "2月 | 40"][..],
        &["单位 | 合同数（项）", "清华大学 | 30"],
        &["金额规模 | 合同数（项）", "1万元以下 | 30", "10万元（含）—20万元 | 4"],
        &["序号 | 单位 | 合同数（项）", "1 | 清华大学 | 30", "2 | 北京大学 | 40"],
        &["指标 | 清华大学", "合同数（项） | 30"],
        &["季度 | 合同数（项） | 成交额（万元）", "一季度 | 30 | 40"],
    ] {
        let (said, unread) = understood(&bars("表 1", rows));
        assert!(said.is_empty() && unread > 0, "{rows:?} {said:?}");
    }
    let (said, unread) = understood(&bars(
        "表 1",
        &[
            "指标 | 单位：项、万元",
            "认定登记技术合同数（项） | 1134",
            "合同成交总额（万元） | 2",
            "其中：技术交易额（万元） | 1",
        ],
    ));
    let figures: Vec<&str> = said.iter().map(|(figure, _)| figure.as_str()).collect();
    assert_eq!(
        (figures, unread),
        (vec!["total.contracts", "total.amount", "total.technology_amount"], 0)
    );
}

#[test]
fn a_caption_in_words_or_wide_digits_gives_its_unit() {
    let rows = [
        "单位 | 合同数（项） | 成交额 | 占比",
        "八师 | 30 | 40 | 50%",
        "六师 | 31 | 41 | 51%",
    ];
    for caption in [
        "表 1 各师（单位：万元）",
        "表一 各师（单位：万元）",
        "表１ 各师（单位：万元）",
    ] {
        let (said, unread) = understood(&bars(caption, &rows));
        assert_eq!((said.len(), unread), (6, 0), "{caption} {said:?}");
        assert!(said.contains(&("units.div_08.amount".into(), "40".into())), "{said:?}");
    }
    // Without a unit nobody knows what 40 is, nor of what 50 % is a share.
    let (said, unread) = understood(&bars(
        "",
        &[
            "类别 | 合同数（项） | 成交额 | 占比",
            "八师 | 30 | 40 | 50%",
            "技术开发 | 31 | 41 | 51%",
        ],
    ));
    assert_eq!(unread, 4, "{said:?}");
    assert!(
        said.iter().all(|(figure, _)| figure.ends_with(".contracts")),
        "{said:?}"
    );
}

#[test]
fn a_number_behind_an_unknown_name_is_not_surely_that_of_the_name_before() {
    for (text, sure) in [
        ("石河子大学成交1.43亿元，清华大学成交2000万元。", &["1.43"][..]),
        ("按卖方分，企业441件，高校263件，医疗机构12件。", &["441", "263"]),
        ("农业领域551件，其中种植业300件。", &["551"]),
        ("石河子大学登记合同30项，成交额1.43亿元。", &["30", "1.43"]),
        (
            "石河子大学登记合同30项，实现成交额1.43亿元，大幅增长33%。",
            &["30", "1.43", "33"],
        ),
    ] {
        let outline = Outline {
            blocks: vec![Block::Paragraph(text.to_owned())],
        };
        let (said, _) = understood(&outline);
        let printed: Vec<&str> = said.iter().map(|(_, printed)| printed.as_str()).collect();
        assert_eq!(printed, sure, "{text}");
    }
}
