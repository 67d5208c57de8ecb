//! The report on the sample register prints every figure that the published one prints.

use super::{
    super::*,
    read::{check_form, numbers, sentences, setting},
};
use crate::{
    domain::time::{Moment, parse_date},
    statistics::{
        AnnualFigures, PrintedUnit, Question, Span as Part,
        sample::reader::{Sample, ask, catalogue, figures},
    },
};

fn sample() -> AnnualFigures {
    figures(&Sample::read(), &ask(2025, "2026-03-01T00:00:00+08:00", None))
}

/// Without sign, % and zeros at the end.
fn trimmed(text: &str) -> String {
    let text = text.trim_start_matches('-').trim_end_matches('%');
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

#[test]
fn every_published_figure_is_printed_as_it_was() {
    let (figures, catalogue) = (sample(), catalogue());
    let report = annual(&figures, setting(&catalogue));
    check_form(&report, &catalogue);
    let mut reader = csv::Reader::from_reader(include_bytes!("../../../config/demo/published-2025.csv").as_slice());
    let mut missing = Vec::new();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        rows += 1;
        let unit = PrintedUnit::from_id(&row[2]).unwrap();
        let decimals = u32::try_from(row[1].split_once('.').map_or(0, |(_, fraction)| fraction.len())).unwrap();
        let derived = figures.get(&row[0]).unwrap().rounded(unit, decimals).unwrap();
        let same = |number: &&Number| {
            number.figure == row[0]
                && number.unit == unit
                && number.decimals >= decimals
                && trimmed(&number.text) == trimmed(&derived)
        };
        if !numbers(&report).iter().any(same) {
            let as_printed: Vec<_> = numbers(&report)
                .into_iter()
                .filter(|number| number.figure == row[0])
                .map(|number| number.text.clone())
                .collect();
            missing.push(format!("{} {derived} {unit:?} {as_printed:?}", &row[0]));
        }
    }
    assert_eq!(rows, 240);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_number_is_its_figure() {
    let (figures, catalogue) = (sample(), catalogue());
    let report = annual(&figures, setting(&catalogue));
    for number in numbers(&report) {
        let value = figures.get(&number.figure).unwrap();
        assert_eq!(value, &number.value, "{}", number.figure);
        let Some(rounded) = value.rounded(number.unit, number.decimals) else {
            assert!(value.is_nothing() && number.text == "–", "{number:?}");
            continue;
        };
        let digits = number.text.trim_end_matches('%');
        assert!(
            digits == rounded || digits == rounded.trim_start_matches('-'),
            "{} {digits} {rounded}",
            number.figure
        );
    }
    assert_eq!(report.tables().filter(|t| t.id.starts_with("table_")).count(), 5);
    let charts: Vec<_> = report.charts().map(|chart| chart.id.clone()).collect();
    assert_eq!(charts, (1..=10).map(|n| format!("figure_{n}")).collect::<Vec<_>>());
}

#[test]
fn the_sample_year_is_told_as_it_was() {
    let (figures, catalogue) = (sample(), catalogue());
    let report = annual(&figures, setting(&catalogue));
    let text = sentences(&report);
    for said in [
        "2025 年兵团共认定登记技术合同 1134 项，实现技术合同成交额 10.83 亿元，较上年增长 33%，为近五年最高。",
        "除 2022 年成交额较前一年下降 25% 外，其余年份成交额均较前一年增长",
        "各师中，八师成交额 16052.32 万元，居首位，其后依次为六师、十二师、二师。",
        "成交额超亿元的单位有 2 家，分别是八师、石河子大学（表 2）。",
        "除九师、十二师、兵直及其他外，其余单位成交额较上年均有所增长。",
        "北疆与南疆技术合同成交额之比为 3.5:1，2024 年为 5.5:1，差距较上年缩小。",
        "“五技”合同各类型成交额较上年均有所增长。技术转让成交额较上年增长 384.4%，增速居首位",
        "计划外项目成交额占比较上年提高 15.3 个百分点",
        "两者大体各占一半",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert_eq!(report.title, "2025 年兵团技术市场统计年报");
    assert_eq!(report.dated, "2026 年 3 月");
    assert_eq!(report.notices.len(), 2);
}

#[test]
fn free_paragraphs_stand_at_the_end_of_their_chapter_and_are_watched() {
    let (figures, catalogue) = (sample(), catalogue());
    let paragraph = |position, text: &str| FreeParagraph {
        chapter: "types".into(),
        position,
        text: text.into(),
    };
    let paragraphs = [
        paragraph(2, "另有 12 项待审。"),
        paragraph(1, "成交额 {{total.amount|yi_yuan|2}} 亿元。"),
    ];
    let report = annual(
        &figures,
        Setting {
            paragraphs: &paragraphs,
            ..setting(&catalogue)
        },
    );
    let free: Vec<_> = report
        .blocks
        .iter()
        .enumerate()
        .filter(|(_, block)| matches!(block, Block::Paragraph(paragraph) if paragraph.free))
        .collect();
    assert_eq!(free.len(), 2);
    assert_eq!(free[1].0, free[0].0 + 1);
    assert!(matches!(&report.blocks[free[1].0 + 1], Block::Heading { text, .. } if text.starts_with("四、")));
    let Block::Paragraph(first) = free[0].1 else {
        unreachable!()
    };
    let figure = first.spans.iter().find_map(|span| match span {
        Span::Figure(number) => Some((number.figure.as_str(), number.text.as_str())),
        Span::Text(_) => None,
    });
    assert_eq!(figure, Some(("total.amount", "10.83")));
    let flagged: Vec<_> = report
        .notices
        .iter()
        .filter(|notice| notice.contains("“12 项”"))
        .collect();
    assert_eq!(flagged.len(), 1, "{:?}", report.notices);
}

#[test]
fn a_bulletin_compares_equal_spans() {
    let catalogue = catalogue();
    let day = |text: &str| Part::Until(parse_date(text).unwrap());
    for (span, title) in [
        (day("2025-06-30"), "2025 年 1—6 月兵团技术市场统计简报"),
        (day("2025-02-14"), "2025 年 1 月 1 日至 2 月 14 日兵团技术市场统计简报"),
        (Part::Month(11), "2025 年 11 月兵团技术市场统计月报"),
        (Part::Quarter(2), "2025 年第 2 季度兵团技术市场统计季报"),
    ] {
        let as_of = Moment::parse("2026-03-01T00:00:00+08:00").unwrap();
        let figures = figures(&Sample::read(), &Question::within(2025, as_of, span).unwrap());
        let report = bulletin(&figures, setting(&catalogue));
        assert_eq!(report.title, title);
        assert_eq!(report.tables().count(), 7);
        let text = sentences(&report);
        assert!(text.contains("较上年同期"), "{text}");
        assert!(!text.contains("较上年增长") && !text.contains("较上年下降"), "{text}");
    }
}
