//! What a report is made of. Renderers in `documents` take it as it is: they look nothing up and compute nothing. Its serialised form is
//! kept with every closed edition: fields may be added with a default, never renamed.

use crate::domain::time::Moment;
use serde::{Deserialize, Serialize};

use crate::statistics::{FigureValue, LedgerHead, PrintedUnit};

/// A whole report, from one frozen set of figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// On the title page: 2025 年兵团技术市场统计年报.
    pub title: String,
    /// Who publishes it: 兵团科技发展促进中心.
    pub office: String,
    /// The line below it: 2026 年 3 月.
    pub dated: String,
    /// The year that the figures are of.
    pub year: i32,
    /// The moment whose state of things was counted.
    pub as_of: Moment,
    /// The part of the year that the figures are of: 2025 年, 2025 年第 2 季度.
    pub span: String,
    /// The closed edition, where it is one.
    pub edition: Option<i64>,
    /// Where the ledger stood when the figures were computed.
    pub ledger: LedgerHead,
    /// SHA-256 of the frozen figures, lower-case hex: printed on every document made of them.
    pub figures_hash: String,
    /// What must be said before anything else: that the records are made up, that the year is not closed. One sentence each.
    pub notices: Vec<String>,
    /// What the report says, in order.
    pub blocks: Vec<Block>,
}

/// One piece of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A heading with its number in the text: 一、年度登记量基本情况.
    Heading {
        /// 1 (一、), 2 (（一）), 3 (1.).
        level: u8,
        /// The heading.
        text: String,
    },
    /// A paragraph of sentences.
    Paragraph(Paragraph),
    /// A table with its caption.
    Table(Table),
    /// A chart with its caption.
    Chart(Chart),
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Paragraph {
    /// Its text in pieces.
    pub spans: Vec<Span>,
    /// Whether staff wrote it; else its words follow from the figures.
    pub free: bool,
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Words.
    Text(String),
    /// A number that is a figure.
    Figure(Number),
}

/// A figure where it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// Name of the figure: `units.div_08.amount`.
    pub figure: String,
    /// Its exact value.
    pub value: FigureValue,
    /// The unit that it is printed in here.
    pub unit: PrintedUnit,
    /// Decimals that it is printed with here.
    pub decimals: u32,
    /// As printed here, without the unit's name; rates in tables and sentences carry their %: `33.0%`.
    pub text: String,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Unique in the report, fit for a file's or a sheet's name: `table_1`, `technology_amounts`.
    pub id: String,
    /// 表 1 “十四五”技术合同成交额增长量.
    pub caption: String,
    /// 单位：万元, where the whole table has one.
    pub unit: Option<String>,
    /// The columns, left to right.
    pub columns: Vec<Column>,
    /// The rows, each with as many cells as there are columns.
    pub rows: Vec<Row>,
    /// Notes below it, a sentence each.
    pub notes: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its head from top to bottom; neighbours with equal upper parts are merged. A column of one part fills the head's full height.
    pub head: Vec<String>,
    /// How its cells are set.
    pub align: Align,
}

/// How a cell is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Words.
    Left,
    /// Short words: years, ranks.
    Center,
    /// Numbers.
    Right,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whether it is one of many or their sum.
    pub kind: RowKind,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// One item.
    Item,
    /// 合计.
    Total,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Words; also `–` where there is nothing by its nature.
    Text(String),
    /// A figure; where it has no value its text is `–`.
    Figure(Number),
}

/// A chart. The numbers are in a table beside it ([`Chart::table`]), so that nothing is to be read by colour or length alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// Unique in the report: `figure_1`.
    pub id: String,
    /// 图 1 2025 年与 2024 年技术合同登记量对比.
    pub caption: String,
    /// Its form.
    pub kind: ChartKind,
    /// Names along the category axis, or of the parts of the whole.
    pub categories: Vec<String>,
    /// What is drawn; a doughnut has one.
    pub series: Vec<Series>,
}

/// The form of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Upright columns beside each other.
    Columns,
    /// Columns, and each series with `second_axis` as a line.
    ColumnsAndLine,
    /// Bars lying on their side, for many categories with long names.
    Bars,
    /// A line.
    Line,
    /// Parts of a whole.
    Doughnut,
}

/// One series of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// 成交额.
    pub name: String,
    /// 万元.
    pub unit: String,
    /// Whether it is drawn against the second axis.
    pub second_axis: bool,
    /// One value a category, in their order; what has no value is not drawn.
    pub values: Vec<Number>,
}

impl Chart {
    /// The numbers that the chart shows: one category a row, one series a column.
    pub fn table(&self) -> Table {
        let heads = self.series.iter().map(|series| Column {
            head: vec![format!("{}（{}）", series.name, series.unit)],
            align: Align::Right,
        });
        let names = Column {
            head: vec![String::new()],
            align: Align::Left,
        };
        let row = |(index, name): (usize, &String)| Row {
            kind: RowKind::Item,
            cells: std::iter::once(Cell::Text(name.clone()))
                .chain(self.series.iter().map(|series| match series.values.get(index) {
                    Some(number) => Cell::Figure(number.clone()),
                    None => Cell::Text(crate::statistics::NOTHING.to_owned()),
                }))
                .collect(),
        };
        Table {
            id: format!("{}_data", self.id),
            caption: self.caption.clone(),
            unit: None,
            columns: std::iter::once(names).chain(heads).collect(),
            rows: self.categories.iter().enumerate().map(row).collect(),
            notes: Vec::new(),
        }
    }
}

impl Report {
    /// Every table, those beside the charts left out.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })
    }

    /// Every number that is printed, in order.
    pub fn numbers(&self) -> Vec<&Number> {
        let mut numbers = Vec::new();
        for block in &self.blocks {
            match block {
                Block::Heading { .. } => {}
                Block::Paragraph(paragraph) => numbers.extend(paragraph.spans.iter().filter_map(|span| match span {
                    Span::Figure(number) => Some(number),
                    Span::Text(_) => None,
                })),
                Block::Table(table) => {
                    numbers.extend(
                        table
                            .rows
                            .iter()
                            .flat_map(|row| &row.cells)
                            .filter_map(|cell| match cell {
                                Cell::Figure(number) => Some(number),
                                Cell::Text(_) => None,
                            }),
                    );
                }
                Block::Chart(chart) => numbers.extend(chart.series.iter().flat_map(|series| &series.values)),
            }
        }
        numbers
    }

    /// Every chart.
    pub fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Chart(chart) => Some(chart),
            _ => None,
        })
    }
}
