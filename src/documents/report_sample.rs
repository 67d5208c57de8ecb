//! A report that uses everything a report can hold, with texts that mean harm. Only for tests.

use crate::{
    domain::time::Moment,
    report::{
        Align, Block, Cell, Chart, ChartKind, Column, Number, Paragraph, Report, Row, RowKind, Series, Span, Table,
    },
    statistics::{FigureValue, LedgerHead, NOTHING, PrintedUnit, UnitKind},
};

/// Texts that must come out as words everywhere.
pub const HOSTILE: [&str; 4] = [
    "<script>alert(1)</script>",
    "=1+1",
    "&amp;\"'",
    "#set page(paper: \"a5\")",
];

pub fn number(figure: &str, value: FigureValue, unit: PrintedUnit) -> Number {
    let decimals = unit.decimals();
    let text = value.rounded(unit, decimals).map_or_else(
        || NOTHING.to_owned(),
        |digits| {
            if unit == PrintedUnit::Percent {
                format!("{digits}%")
            } else {
                digits
            }
        },
    );
    Number {
        figure: figure.into(),
        value,
        unit,
        decimals,
        text,
    }
}

/// An amount, from 万元 with two decimals.
pub fn wan(figure: &str, hundredths: i64) -> Number {
    number(figure, FigureValue::fen(hundredths * 10_000), PrintedUnit::WanYuan)
}

pub fn rate(figure: &str, part: i64, whole: i64) -> Number {
    number(figure, FigureValue::share(part, whole), PrintedUnit::Percent)
}

pub fn count(figure: &str, n: i64) -> Number {
    number(figure, FigureValue::count(n), PrintedUnit::Count)
}

/// Name, hundredths of 万元 in 2024 and 2025.
const UNITS: [(&str, i64, i64); 18] = [
    ("一师", 318_229, 641_553),
    ("二师", 290_500, 669_765),
    ("三师", 226_747, 368_673),
    ("四师", 504_302, 555_775),
    ("五师", 103_600, 150_312),
    ("六师", 512_013, 745_360),
    ("七师", 368_037, 503_009),
    ("八师", 1_155_995, 1_605_232),
    ("九师", 83_935, 65_742),
    ("十师", 105_243, 120_750),
    ("十一师", 355_931, 506_477),
    ("十二师", 1_292_146, 725_153),
    ("十三师", 181_243, 382_321),
    ("十四师", 47_850, 62_800),
    ("新疆农垦科学院", 512_902, 718_651),
    ("石河子大学", 740_728, 1_431_492),
    ("塔里木大学", 364_402, 659_840),
    ("兵直及其他（含中央驻疆单位、兵团直属国有企业）", 978_534, 918_099),
];

const FIELDS: [(&str, i64); 11] = [
    ("农业", 3_747_329),
    ("环境保护与资源综合利用", 1_768_620),
    ("电子信息", 1_203_411),
    ("新能源与高效节能", 1_102_960),
    ("新材料及其应用", 987_002),
    ("城市建设与社会发展", 851_233),
    ("先进制造", 553_120),
    ("生物、医药和医疗器械", 402_017),
    ("现代交通", 215_312),
    ("核应用", 0),
    ("航空航天", 0),
];

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

fn column(head: &[&str], align: Align) -> Column {
    Column {
        head: head.iter().map(|part| (*part).to_owned()).collect(),
        align,
    }
}

fn units() -> Table {
    let rows = UNITS.iter().zip(1_i64..).map(|(&(name, before, now), rank)| Row {
        kind: RowKind::Item,
        cells: vec![
            text(name),
            Cell::Figure(wan("units.x.previous_amount", before)),
            Cell::Figure(count("units.x.contracts", now / 10_000)),
            Cell::Figure(wan("units.x.amount", now)),
            Cell::Figure(number(
                "units.x.growth",
                FigureValue::growth(now, before),
                PrintedUnit::Percent,
            )),
            if rank < 15 {
                Cell::Figure(count("units.x.rank", rank))
            } else {
                text(NOTHING)
            },
        ],
    });
    let total = Row {
        kind: RowKind::Total,
        cells: vec![
            text("合计"),
            Cell::Figure(wan("total.previous_amount", 8_142_337)),
            Cell::Figure(count("total.contracts", 1134)),
            Cell::Figure(wan("total.amount", 10_831_004)),
            Cell::Figure(rate("total.growth", 33_021, 100_000)),
            text(NOTHING),
        ],
    };
    Table {
        id: "table_2".into(),
        caption: "表 2 2025 年各师、院校技术合同登记量".into(),
        unit: Some("万元".into()),
        columns: vec![
            column(&["单位"], Align::Left),
            column(&["2024 年", "成交额"], Align::Right),
            column(&["2025 年", "合同数（项）"], Align::Right),
            column(&["2025 年", "成交额"], Align::Right),
            column(&["2025 年", "同比增速"], Align::Right),
            column(&["2025 年师成交额排名"], Align::Center),
        ],
        rows: rows.chain([total]).collect(),
        notes: vec![
            "排名仅在各师之间进行，新疆农垦科学院、石河子大学、塔里木大学、兵直及其他不参与排名。".into(),
            HOSTILE[1].into(),
        ],
    }
}

fn series(name: &str, unit: &str, values: Vec<Number>) -> Series {
    Series {
        name: name.into(),
        unit: unit.into(),
        second_axis: false,
        values,
    }
}

fn chart(id: &str, caption: &str, kind: ChartKind, categories: &[&str], series: Vec<Series>) -> Block {
    Block::Chart(Chart {
        id: id.into(),
        caption: caption.into(),
        kind,
        categories: categories.iter().map(|c| (*c).to_owned()).collect(),
        series,
    })
}

fn charts() -> Vec<Block> {
    let years = ["2021", "2022", "2023", "2024", "2025"];
    let amounts = [362_000, 271_000, 614_000, 814_234, 1_083_100].map(|n| wan("series.x.amount", n * 10));
    let growth = [
        None,
        Some((-251, 1000)),
        Some((1266, 1000)),
        Some((326, 1000)),
        Some((330, 1000)),
    ]
    .map(|rate| {
        let value = rate.map_or(FigureValue::nothing(UnitKind::Rate), |(n, d)| FigureValue::share(n, d));
        number("series.x.growth", value, PrintedUnit::Percent)
    });
    let shares = |list: [i64; 5]| list.map(|n| rate("series.x.share", n, 100)).to_vec();
    let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    let fields = || FIELDS.iter().map(|(_, n)| wan("fields.x.amount", *n)).collect();
    let of_units = |now: bool| {
        let amount = |&(_, before, this): &(&str, i64, i64)| wan("units.x.amount", if now { this } else { before });
        UNITS.iter().map(amount).collect()
    };
    vec![
        chart(
            "figure_1",
            "图 1 2025 年与 2024 年技术合同登记量对比",
            ChartKind::Columns,
            &["2024 年", "2025 年"],
            vec![
                series("成交额", "万元", vec![wan("a", 8_142_337), wan("b", 10_831_004)]),
                series("技术交易额", "万元", vec![wan("c", 6_100_100), wan("d", 8_012_345)]),
            ],
        ),
        chart(
            "figure_2",
            "图 2 “十四五”技术合同成交额",
            ChartKind::ColumnsAndLine,
            &years,
            vec![
                series("成交额", "万元", amounts.to_vec()),
                Series {
                    second_axis: true,
                    ..series("同比增速", "%", growth.to_vec())
                },
            ],
        ),
        chart(
            "figure_3",
            "图 3 计划内外占比",
            ChartKind::Line,
            &years,
            vec![
                series("计划内占比", "%", shares([41, 52, 53, 60, 45])),
                series("计划外占比", "%", shares([59, 48, 47, 40, 55])),
            ],
        ),
        chart(
            "figure_4",
            "图 4 各单位成交额",
            ChartKind::Bars,
            &UNITS.map(|(name, ..)| name),
            vec![
                series("2024 年", "万元", of_units(false)),
                series("2025 年", "万元", of_units(true)),
            ],
        ),
        chart(
            "figure_5",
            "图 5 各技术领域成交额占比",
            ChartKind::Doughnut,
            &names,
            vec![series("成交额", "万元", fields())],
        ),
        chart(
            "figure_6",
            "图 6 各技术领域成交额（柱形放不下时横放）",
            ChartKind::Columns,
            &names,
            vec![series("成交额", "万元", fields())],
        ),
        chart(
            "figure_7",
            "图 7 负增长",
            ChartKind::ColumnsAndLine,
            &years,
            vec![
                series("成交额", "万元", amounts.iter().rev().cloned().collect()),
                Series {
                    second_axis: true,
                    ..series("同比增速", "%", shares([-10, -25, -60, -5, -33]))
                },
            ],
        ),
        chart(
            "figure_8",
            "图 8 没有数据",
            ChartKind::Doughnut,
            &["甲", "乙"],
            vec![series("成交额", "万元", vec![wan("e", 0), wan("f", 0)])],
        ),
    ]
}

/// The report.
pub fn sample() -> Report {
    let words = |text: &str| Span::Text(text.into());
    let heading = |level, text: &str| Block::Heading {
        level,
        text: text.into(),
    };
    let long =
        "持续完善技术合同认定登记工作体系，优化“认定登记-审核确认”流程，引入专家论证机制，开展登记员继续教育培训。"
            .repeat(6);
    let mut blocks = vec![
        Block::Paragraph(Paragraph {
            spans: vec![
                words("2025 年共认定登记技术合同 "),
                Span::Figure(count("total.contracts", 1134)),
                words(" 项，成交额 "),
                Span::Figure(number(
                    "total.amount",
                    FigureValue::fen(108_310_043_500),
                    PrintedUnit::YiYuan,
                )),
                words(" 亿元，较上年增长 "),
                Span::Figure(rate("total.growth", 33_021, 100_000)),
                words("。"),
            ],
            free: false,
        }),
        heading(1, "一、年度登记量基本情况"),
        heading(2, "（一）2025 年总体情况"),
        Block::Paragraph(Paragraph {
            spans: vec![words(&long)],
            free: true,
        }),
        heading(3, "1. 各师市院校"),
        Block::Table(units()),
        heading(1, "二、图"),
    ];
    blocks.extend(charts());
    blocks.push(heading(1, "三、其他 <b>&"));
    for hostile in HOSTILE {
        blocks.push(Block::Paragraph(Paragraph {
            spans: vec![words(&format!("{hostile}\u{0}\u{1B}[31m\r\n结束"))],
            free: true,
        }));
    }
    blocks.push(Block::Table(Table {
        id: "table_3".into(),
        caption: "表 3 公式与代码".into(),
        unit: None,
        columns: vec![column(&["="], Align::Left), column(&["值"], Align::Right)],
        rows: ["=1+1", "+1", "-1", "@SUM(A1)", HOSTILE[0]]
            .into_iter()
            .map(|name| Row {
                kind: RowKind::Item,
                cells: vec![
                    text(name),
                    Cell::Figure(number(
                        "none",
                        FigureValue::nothing(UnitKind::Fen),
                        PrintedUnit::WanYuan,
                    )),
                ],
            })
            .collect(),
        notes: Vec::new(),
    }));
    Report {
        title: "2025 年兵团技术市场统计年报".into(),
        office: "兵团科技发展促进中心".into(),
        dated: "2026 年 3 月".into(),
        year: 2025,
        as_of: Moment::parse("2026-03-01T08:30:00+08:00").unwrap(),
        span: "2025 年".into(),
        edition: Some(1),
        ledger: LedgerHead {
            sequence: 4711,
            hash: "ab".repeat(32),
        },
        figures_hash: "0123456789abcdef".repeat(4),
        notices: vec![
            "本报告所依据的合同记录为虚构，仅用于演示。".into(),
            "本年度尚未封账。".into(),
        ],
        blocks,
    }
}
