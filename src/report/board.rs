//! The board (看板) of a year or a part of it: the totals, and each way of splitting them as a chart with all its numbers in a table.

use super::{
    chapters::{COUNT, PERCENT, WAN, YI, labels, names, numbers, series},
    layout::{cell, row, total},
    model::{Cell, Chart, ChartKind, Row, Series, Table},
    office::Office,
    view::{Item, View},
};
use crate::{
    domain::catalogue::Catalogue,
    statistics::{AnnualFigures, Section},
};

/// What the board shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// The part of the year: 2025 年, 2025 年第 2 季度.
    pub span: String,
    /// What it is compared with: 上年, 上年同期.
    pub before: &'static str,
    /// The figures that come first: name, unit, cell; and what each is held against.
    pub totals: Vec<Total>,
    /// The rest, a panel each.
    pub panels: Vec<Panel>,
}

/// A figure that comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// What it is.
    pub label: &'static str,
    /// 项, 万元.
    pub unit: &'static str,
    /// The figure.
    pub number: Cell,
    /// What it is held against: label and figure.
    pub beside: Vec<(String, Cell)>,
}

/// One way of splitting the totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// Its heading.
    pub title: String,
    /// Drawn.
    pub chart: Chart,
    /// With every number.
    pub table: Table,
}

/// The board of these figures.
pub fn board(figures: &AnnualFigures, catalogue: &Catalogue, office: &Office) -> Board {
    let view = View::new(figures, catalogue, office);
    let years = view.years();
    let mut panels = vec![amounts(&view, &years), volumes(&view, &years)];
    for (section, title, head, kind) in [
        (Section::Units, "各师市院校", "单位", ChartKind::Bars),
        (Section::Regions, "南北疆", "地区", ChartKind::Columns),
        (Section::Types, "合同类别", "合同类别", ChartKind::Columns),
        (Section::Plan, "任务来源", "任务来源", ChartKind::Doughnut),
        (Section::Flows, "技术流向", "流向", ChartKind::Doughnut),
        (Section::Sellers, "交易主体", "卖方类别", ChartKind::Doughnut),
        (Section::Fields, "技术领域", "技术领域", ChartKind::Bars),
        (Section::Sizes, "单项合同规模", "金额规模", ChartKind::Columns),
    ] {
        panels.push(split(&view, section, title, head, kind));
    }
    Board {
        span: view.names.span.clone(),
        before: view.names.before,
        totals: totals(&view),
        panels,
    }
}

fn totals(view: &View<'_>) -> Vec<Total> {
    let before = view.names.before;
    let one = |label, unit, name: &str, beside: &[(String, &str)]| Total {
        label,
        unit,
        number: cell(view, name),
        beside: beside
            .iter()
            .map(|(label, name)| (label.clone(), cell(view, name)))
            .collect(),
    };
    vec![
        one(
            "认定登记合同",
            "项",
            "total.contracts",
            &[(format!("{before}（项）"), "total.previous_contracts")],
        ),
        one(
            "合同成交额",
            "万元",
            "total.amount",
            &[
                (format!("{before}（万元）"), "total.previous_amount"),
                ("同比增速".to_owned(), "total.growth"),
            ],
        ),
        one("技术交易额", "万元", "total.technology_amount", &[]),
        one(
            "大额合同",
            "项",
            "large.contracts",
            &[
                ("成交额（万元）".to_owned(), "large.amount"),
                ("成交额占比".to_owned(), "large.share"),
            ],
        ),
        one(
            "技术进口合同",
            "项",
            "imports.contracts",
            &[("成交额（万元）".to_owned(), "imports.amount")],
        ),
    ]
}

/// The amounts of the years, and how they grew.
fn amounts(view: &View<'_>, years: &[Item]) -> Panel {
    let chart = vec![
        series(view, years, "成交额", YI, "amount"),
        Series {
            second_axis: true,
            ..series(view, years, "同比增速", PERCENT, "growth")
        },
    ];
    Panel {
        title: "历年成交额".to_owned(),
        chart: drawn(
            "amounts",
            "历年技术合同成交额及同比增速",
            ChartKind::ColumnsAndLine,
            years,
            chart,
        ),
        table: table(
            "amounts",
            "历年技术合同成交额及同比增速",
            "年度",
            &[
                "成交额（万元）",
                "同比增速",
                "计划内成交额（万元）",
                "计划内占比",
                "南疆成交额（万元）",
                "南疆占比",
            ],
            years
                .iter()
                .map(|year| {
                    row(
                        view,
                        year,
                        &[
                            "amount",
                            "growth",
                            "plan_funded_amount",
                            "plan_funded_share",
                            "south_amount",
                            "south_share",
                        ],
                    )
                })
                .collect(),
        ),
    }
}

/// The contracts of the years.
fn volumes(view: &View<'_>, years: &[Item]) -> Panel {
    let chart = vec![series(view, years, "合同项数", COUNT, "contracts")];
    Panel {
        title: "历年合同项数".to_owned(),
        chart: drawn("volumes", "历年技术合同登记项数", ChartKind::Columns, years, chart),
        table: table(
            "volumes",
            "历年技术合同登记项数",
            "年度",
            &["合同数（项）", "计划内（项）", "计划外（项）"],
            years
                .iter()
                .map(|year| {
                    row(
                        view,
                        year,
                        &["contracts", "plan_funded_contracts", "outside_plan_contracts"],
                    )
                })
                .collect(),
        ),
    }
}

/// The items of a section: parts of the whole as a ring, others against the span before.
fn split(view: &View<'_>, section: Section, title: &str, head: &str, kind: ChartKind) -> Panel {
    let before = view.names.before;
    let items = view.items(section);
    let of = |name: &str, measure: &str| series(view, &items, name, WAN, measure);
    let chart = match kind {
        ChartKind::Doughnut => vec![series(view, &items, "成交额占比", PERCENT, "share")],
        ChartKind::Bars => vec![of("成交额", "amount")],
        _ => vec![of(before, "previous_amount"), of("本期", "amount")],
    };
    let what = match kind {
        ChartKind::Doughnut => "成交额占比",
        _ => "成交额",
    };
    let caption = format!("{}技术合同{what}（按{head}）", view.names.span);
    let measures = [
        "contracts",
        "previous_contracts",
        "count_share",
        "amount",
        "previous_amount",
        "growth",
        "share",
    ];
    let mut rows: Vec<Row> = items.iter().map(|item| row(view, item, &measures)).collect();
    let whole = [
        "contracts",
        "previous_contracts",
        "",
        "amount",
        "previous_amount",
        "growth",
        "",
    ];
    rows.push(total(row(view, &view.total(), &whole)));
    let (contracts, amount) = (format!("{before}（项）"), format!("{before}（万元）"));
    Panel {
        title: title.to_owned(),
        chart: drawn(section.key(), &caption, kind, &items, chart),
        table: table(
            section.key(),
            &format!("{}技术合同登记情况（按{head}）", view.names.span),
            head,
            &[
                "合同数（项）",
                &contracts,
                "份数占比",
                "成交额（万元）",
                &amount,
                "同比增速",
                "成交额占比",
            ],
            rows,
        ),
    }
}

fn drawn(id: &str, caption: &str, kind: ChartKind, items: &[Item], series: Vec<Series>) -> Chart {
    Chart {
        id: id.to_owned(),
        caption: caption.to_owned(),
        kind,
        categories: labels(items),
        series,
    }
}

fn table(id: &str, caption: &str, head: &str, columns: &[&str], rows: Vec<Row>) -> Table {
    Table {
        id: id.to_owned(),
        caption: caption.to_owned(),
        unit: None,
        columns: std::iter::once(names(head))
            .chain(columns.iter().map(|head| numbers(head)))
            .collect(),
        rows,
        notes: Vec::new(),
    }
}
