//! The dimensions that a pivot splits contracts by: those of the annual figures, and months and quarters.

use super::{Coder, Span, Standing, UNKNOWN, memory::Block, memory::block::Column};
use crate::domain::code_list::{CodeItem, ListName};

/// A property of a contract that statistics split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// 归属单位.
    Unit,
    /// 地区: south or north, by the unit.
    Region,
    /// 合同类别.
    Type,
    /// 计划来源.
    PlanSource,
    /// 计划内, 计划外.
    PlanGroup,
    /// 流向.
    Flow,
    /// 卖方性质.
    SellerKind,
    /// Group of the seller's kind.
    SellerGroup,
    /// 技术领域.
    Field,
    /// 金额规模.
    Size,
    /// 进出口.
    CrossBorder,
    /// Year of first confirmation.
    Year,
    /// Its quarter.
    Quarter,
    /// Its month.
    Month,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 14] = [
        Self::Unit,
        Self::Region,
        Self::Type,
        Self::PlanSource,
        Self::PlanGroup,
        Self::Flow,
        Self::SellerKind,
        Self::SellerGroup,
        Self::Field,
        Self::Size,
        Self::CrossBorder,
        Self::Year,
        Self::Quarter,
        Self::Month,
    ];

    /// The id, as in requests.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Region => "region",
            Self::Type => "type",
            Self::PlanSource => "plan_source",
            Self::PlanGroup => "plan_group",
            Self::Flow => "flow",
            Self::SellerKind => "seller_kind",
            Self::SellerGroup => "seller_group",
            Self::Field => "field",
            Self::Size => "size",
            Self::CrossBorder => "cross_border",
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
        }
    }

    /// The dimension of that id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.id() == id)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unit => "归属单位",
            Self::Region => "地区",
            Self::Type => "合同类别",
            Self::PlanSource => "计划来源",
            Self::PlanGroup => "任务来源",
            Self::Flow => "技术流向",
            Self::SellerKind => "卖方性质",
            Self::SellerGroup => "卖方类别",
            Self::Field => "技术领域",
            Self::Size => "金额规模",
            Self::CrossBorder => "进出口",
            Self::Year => "年度",
            Self::Quarter => "季度",
            Self::Month => "月份",
        }
    }

    /// The code list of its values; none for parts of time.
    pub const fn list(self) -> Option<ListName> {
        Some(match self {
            Self::Unit => ListName::Unit,
            Self::Region => ListName::RegionGroup,
            Self::Type => ListName::Type,
            Self::PlanSource => ListName::PlanSource,
            Self::PlanGroup => ListName::PlanGroup,
            Self::Flow => ListName::Flow,
            Self::SellerKind => ListName::PartyKind,
            Self::SellerGroup => ListName::SellerGroup,
            Self::Field => ListName::Field,
            Self::Size => ListName::SizeClass,
            Self::CrossBorder => ListName::CrossBorder,
            Self::Year | Self::Quarter | Self::Month => return None,
        })
    }

    /// The column of a block that it is read off.
    const fn column(self) -> Option<Column> {
        Some(match self {
            Self::Unit | Self::Region => Column::Unit,
            Self::Type => Column::Type,
            Self::PlanSource | Self::PlanGroup => Column::PlanSource,
            Self::Flow => Column::Flow,
            Self::SellerKind | Self::SellerGroup => Column::SellerKind,
            Self::Field => Column::Field,
            Self::Size => Column::Size,
            Self::CrossBorder => Column::CrossBorder,
            Self::Year | Self::Quarter | Self::Month => return None,
        })
    }
}

/// One value that a dimension has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Code of the list; `2025`, `1`–`4`, `1`–`12` for years, quarters and months.
    pub code: String,
    /// Its label.
    pub label: String,
}

/// A dimension as contracts are looked up by it: from what a row carries to the place of its value.
#[derive(Debug)]
pub(super) struct Axis {
    pub values: Vec<Value>,
    column: Option<Column>,
    /// Place by the column's code; the last stands for missing and unknown codes.
    places: Vec<u16>,
    /// First moments of the stretches of time, rising, year after year.
    edges: Vec<i64>,
}

impl Axis {
    /// Of a dimension; of time within `years`. `unknown` is where contracts go whose code is missing or not on the list: the place
    /// after the last.
    pub fn new(coder: &Coder<'_>, dimension: Dimension, years: std::ops::RangeInclusive<i32>) -> Self {
        let items = dimension.list().map_or(&[][..], |list| coder.items(list));
        let mut axis = Self {
            values: items.iter().map(value).collect(),
            column: dimension.column(),
            places: vec![0; 256],
            edges: Vec::new(),
        };
        axis.values.extend(times(dimension, &years));
        let spans: Vec<Span> = match dimension {
            Dimension::Month => (1..=12).map(Span::Month).collect(),
            Dimension::Quarter => (1..=4).map(Span::Quarter).collect(),
            Dimension::Year => vec![Span::Year],
            _ => Vec::new(),
        };
        for year in years {
            axis.edges.extend(spans.iter().map(|span| span.start(year).micros()));
        }
        let unknown = u16::try_from(axis.values.len()).unwrap_or(u16::MAX);
        for (code, place) in (0..=UNKNOWN).zip(&mut axis.places) {
            let index = match dimension {
                Dimension::Region => coder.region_of_unit(code),
                Dimension::PlanGroup => coder.plan_group_of_source(code),
                Dimension::SellerGroup => coder.seller_group_of_kind(code),
                _ => code,
            };
            *place = u16::from(index).min(unknown);
        }
        axis
    }

    /// The place of a value; none where the dimension has no such value.
    pub fn place_of(&self, code: &str) -> Option<u16> {
        let at = self.values.iter().position(|value| value.code == code)?;
        u16::try_from(at).ok()
    }

    /// Places: those of the values, and one more for contracts that have none.
    pub fn len(&self) -> usize {
        self.values.len() + 1
    }

    fn place_in_time(&self, confirmed: i64) -> u16 {
        let after = self.edges.partition_point(|edge| *edge <= confirmed);
        let stretch = after.saturating_sub(1) % self.values.len().max(1);
        u16::try_from(stretch).unwrap_or_default()
    }

    fn place_of_code(&self, code: u8) -> u16 {
        self.places.get(usize::from(code)).copied().unwrap_or_default()
    }

    /// The place of a contract.
    pub fn place(&self, coder: &Coder<'_>, standing: &Standing) -> u16 {
        let code = match self.column {
            None => return self.place_in_time(standing.first_confirmed_at.micros()),
            Some(Column::Unit) => standing.unit,
            Some(Column::Type) => standing.contract_type,
            Some(Column::PlanSource) => standing.plan_source,
            Some(Column::SellerKind) => standing.seller_kind,
            Some(Column::Field) => standing.field,
            Some(Column::Flow) => standing.flow,
            Some(Column::CrossBorder) => standing.cross_border,
            Some(Column::Size) => coder.size(standing.amount_fen),
        };
        self.place_of_code(code)
    }

    /// The places of all rows of a block.
    pub fn places(&self, block: &Block, places: &mut Vec<u16>) {
        places.clear();
        match self.column {
            Some(column) => places.extend(block.codes(column).iter().map(|code| self.place_of_code(*code))),
            None => {
                let (first, last) = block.span();
                let (low, high) = (self.place_in_time(first), self.place_in_time(last));
                if low == high {
                    places.resize(block.len(), low);
                } else {
                    places.extend(block.confirmed().iter().map(|at| self.place_in_time(*at)));
                }
            }
        }
    }
}

/// The values of a dimension of time.
fn times(dimension: Dimension, years: &std::ops::RangeInclusive<i32>) -> Vec<Value> {
    let value = |code: String, label: String| Value { code, label };
    match dimension {
        Dimension::Month => (1..=12).map(|n| value(n.to_string(), format!("{n}月"))).collect(),
        Dimension::Quarter => (1..=4).map(|n| value(n.to_string(), format!("第{n}季度"))).collect(),
        Dimension::Year => years.clone().map(|n| value(n.to_string(), format!("{n}年"))).collect(),
        _ => Vec::new(),
    }
}

fn value(item: &CodeItem) -> Value {
    Value {
        code: item.id.clone(),
        label: item.label.clone(),
    }
}
