//! The annual figures laid out as tables of text, once for every form of the report: amounts in 万元 with two decimals, shares in
//! percent with one, `–` where there is nothing.

use std::collections::HashMap;

use crate::{
    domain::catalogue::Catalogue,
    statistics::{AnnualFigures, FigureValue, NOTHING, Section, Span, UnitKind, definition},
};

/// A heading and a table below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Heading: 三、技术合同类型.
    pub title: String,
    /// Head of each column; the first is the column of names, the others hold numbers.
    pub columns: Vec<String>,
    /// Rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
}

/// Title of the whole report.
pub fn title(figures: &AnnualFigures) -> String {
    format!("{} 年技术市场统计", figures.year)
}

/// What the figures are: the span, the moment, the edition, the ledger's head. One sentence a line.
pub fn provenance(figures: &AnnualFigures) -> Vec<String> {
    let year = figures.year;
    let span = match figures.span {
        Span::Year => format!("统计年度：{year} 年"),
        Span::Month(month) => format!("统计期：{year} 年 {month} 月确认的合同（各年同期可比）"),
        Span::Quarter(quarter) => format!("统计期：{year} 年第 {quarter} 季度确认的合同（各年同期可比）"),
        Span::Until(day) => format!("统计年度：{year} 年，截至 {day} 确认的合同（各年同期可比）"),
    };
    let edition = match (figures.edition, figures.closed) {
        (Some(edition), _) => format!("版次：第 {edition} 版（已封账）"),
        (None, true) => "版次：当前数据（本年度已封账，以已封账版次为准）".to_owned(),
        (None, false) => "版次：当前数据（未封账）".to_owned(),
    };
    vec![
        span,
        format!("统计时点：{}", figures.as_of),
        edition,
        format!("登记账：第 {} 条，{}", figures.ledger.sequence, figures.ledger.hash),
        "单位：金额为万元，占比、增速为 %；“–”表示无数据".to_owned(),
    ]
}

/// Every table, in the order of the published report.
pub fn annual_tables(figures: &AnnualFigures, catalogue: &Catalogue) -> Vec<Table> {
    let layout = Layout {
        figures,
        catalogue,
        by_name: figures.by_name(),
    };
    let series: Vec<String> = (figures.year - 4..=figures.year).map(|year| year.to_string()).collect();
    let list = |head: &str, names: &[&str]| layout.list(head, names);
    vec![
        list("一、总体情况", &["total"]),
        layout.years(
            "表 1  近五年合同成交额",
            &series,
            &["contracts", "amount", "growth"],
            &["合同项数", "成交额", "同比增速"],
        ),
        list("五年规划进展", &["period"]),
        layout.section("表 2  各师市、院校登记情况", Section::Units, true),
        layout.section("南北疆比较", Section::Regions, false),
        list(
            "南北疆成交额之比",
            &["regions.north_to_south", "regions.previous_north_to_south"],
        ),
        layout.years(
            "近五年南疆占比",
            &series,
            &["south_amount", "south_share"],
            &["南疆成交额", "占比"],
        ),
        layout.section("表 3  技术合同类型", Section::Types, false),
        layout.section("任务来源", Section::Plan, false),
        layout.years(
            "表 4  近五年任务来源",
            &series,
            &[
                "plan_funded_contracts",
                "plan_funded_amount",
                "plan_funded_share",
                "outside_plan_contracts",
                "outside_plan_amount",
                "outside_plan_share",
            ],
            &[
                "计划内项数",
                "计划内成交额",
                "占比",
                "计划外项数",
                "计划外成交额",
                "占比",
            ],
        ),
        layout.section("技术交易流向", Section::Flows, false),
        layout.section("卖方类别", Section::Sellers, false),
        layout.section("技术领域", Section::Fields, false),
        layout.section("表 5  单项合同规模", Section::Sizes, false),
        list("规模分段", &["bands"]),
        list("大额合同与技术进口", &["large", "imports"]),
        list(
            "专家论证、撤销与恢复",
            &["expert_reviews", "revocations", "reinstatements"],
        ),
        list("登记员", &["registrars"]),
        list("跟踪调查：履行、税收优惠与奖酬金", &["follow_up"]),
        list("技术市场活动", &["activities"]),
    ]
}

struct Layout<'a> {
    figures: &'a AnnualFigures,
    catalogue: &'a Catalogue,
    by_name: HashMap<&'a str, &'a FigureValue>,
}

impl Layout<'_> {
    fn cell(&self, name: &str) -> String {
        self.by_name
            .get(name)
            .map_or_else(|| NOTHING.to_owned(), |value| text(value))
    }

    /// One figure a row: those named and those under the names.
    fn list(&self, title: &str, names: &[&str]) -> Table {
        let wanted = |figure: &str| {
            names.iter().any(|name| {
                figure
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let rows = self
            .figures
            .figures()
            .filter(|(figure, _)| wanted(figure))
            .map(|(figure, value)| {
                let (name, unit) = definition(self.catalogue, figure).map_or((figure.to_owned(), ""), |definition| {
                    (definition.name, definition.shown_in)
                });
                vec![name, value.digits(), unit.to_owned()]
            });
        Table {
            title: title.to_owned(),
            columns: owned(&["指标", "数值", "单位"]),
            rows: rows.collect(),
        }
    }

    /// One year a row.
    fn years(&self, title: &str, years: &[String], measures: &[&str], heads: &[&str]) -> Table {
        let row = |year: &String| {
            let cells = measures
                .iter()
                .map(|measure| self.cell(&format!("series.{year}.{measure}")));
            std::iter::once(year.clone()).chain(cells).collect()
        };
        let mut columns = owned(&["年份"]);
        columns.extend(owned(heads));
        Table {
            title: title.to_owned(),
            columns,
            rows: years.iter().map(row).collect(),
        }
    }

    /// One item a row, and the total below.
    fn section(&self, title: &str, section: Section, ranked: bool) -> Table {
        const MEASURES: [(&str, &str); 8] = [
            ("合同项数", "contracts"),
            ("份数占比", "count_share"),
            ("成交额", "amount"),
            ("成交额占比", "share"),
            ("技术交易额", "technology_amount"),
            ("上年项数", "previous_contracts"),
            ("上年成交额", "previous_amount"),
            ("同比增速", "growth"),
        ];
        let mut columns = owned(&["类别"]);
        columns.extend(MEASURES.iter().map(|(head, _)| (*head).to_owned()));
        let cells = |key: &str| MEASURES.map(|(_, measure)| self.cell(&format!("{key}.{measure}")));
        let row = |label: &str, cells: [String; MEASURES.len()], rank: String| {
            let names = std::iter::once(label.to_owned());
            names.chain(cells).chain(ranked.then_some(rank)).collect()
        };
        let items = self.catalogue.list(section.list()).items().iter();
        let mut rows: Vec<Vec<String>> = items
            .map(|item| {
                let key = format!("{}.{}", section.key(), item.id);
                row(&item.label, cells(&key), self.cell(&format!("{key}.rank")))
            })
            .collect();
        let mut total = cells("total");
        let everything = self.by_name.get("total.contracts").and_then(|value| value.as_whole());
        if everything.is_some_and(|contracts| contracts > 0) {
            // The total is all of itself: no figure of its own.
            for (cell, (_, measure)) in total.iter_mut().zip(MEASURES) {
                if measure.ends_with("share") {
                    *cell = "100.0%".to_owned();
                }
            }
        }
        rows.push(row("合计", total, NOTHING.to_owned()));
        if ranked {
            columns.push("排名".to_owned());
        }
        Table {
            title: title.to_owned(),
            columns,
            rows,
        }
    }
}

/// A value in a cell: rates carry their %, since the columns beside them do not.
fn text(value: &FigureValue) -> String {
    if value.unit() == UnitKind::Rate {
        value.display()
    } else {
        value.digits()
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
