//! From ids of code lists to the indexes that [`super::facts::Standing`] carries, and from indexes to the groups that
//! statistics count in.

use super::facts::UNKNOWN;
use crate::domain::{
    catalogue::Catalogue,
    code_list::{CodeItem, CodeList, ListName},
    money::Fen,
};

/// A section of the annual statistics that splits the year's contracts along one code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// By 归属单位 (published report, table 2).
    Units,
    /// South and north of Xinjiang, by the unit (chapter 二（二）).
    Regions,
    /// By 合同类别 (table 3).
    Types,
    /// Plan-funded or not (chapter 四).
    Plan,
    /// By where the technology goes (chapter 五).
    Flows,
    /// By the kind of seller (chapter 六).
    Sellers,
    /// By 技术领域 (chapter 七).
    Fields,
    /// By the amount of the contract (table 5).
    Sizes,
}

impl Section {
    /// Every section, in the order of the report.
    pub const ALL: [Self; 8] = [
        Self::Units,
        Self::Regions,
        Self::Types,
        Self::Plan,
        Self::Flows,
        Self::Sellers,
        Self::Fields,
        Self::Sizes,
    ];

    /// First segment of the section's figure names.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Regions => "regions",
            Self::Types => "types",
            Self::Plan => "plan",
            Self::Flows => "flows",
            Self::Sellers => "sellers",
            Self::Fields => "fields",
            Self::Sizes => "sizes",
        }
    }

    /// The code list whose ids are the section's items.
    pub const fn list(self) -> ListName {
        match self {
            Self::Units => ListName::Unit,
            Self::Regions => ListName::RegionGroup,
            Self::Types => ListName::Type,
            Self::Plan => ListName::PlanGroup,
            Self::Flows => ListName::Flow,
            Self::Sellers => ListName::SellerGroup,
            Self::Fields => ListName::Field,
            Self::Sizes => ListName::SizeClass,
        }
    }
}

/// Ids to indexes, by one catalogue. Cheap to make; make one for each computation.
#[derive(Debug)]
pub struct Coder<'a> {
    catalogue: &'a Catalogue,
    region_of_unit: Vec<u8>,
    plan_group_of_source: Vec<u8>,
    seller_group_of_kind: Vec<u8>,
    /// Lower edges in fen, rising, with the index of their class.
    sizes: Vec<(Fen, u8)>,
    import: u8,
}

/// An index, or [`UNKNOWN`] beyond what one holds (no list comes near).
fn small(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(UNKNOWN)
}

fn index_in(list: &CodeList, id: &str) -> u8 {
    list.index_of(id).map_or(UNKNOWN, small)
}

impl<'a> Coder<'a> {
    /// A coder for this catalogue.
    pub fn new(catalogue: &'a Catalogue) -> Self {
        let groups = |list: ListName, groups: ListName| -> Vec<u8> {
            let groups = catalogue.list(groups);
            let group_of = |item: &CodeItem| item.group.as_deref().map_or(UNKNOWN, |id| index_in(groups, id));
            catalogue.list(list).items().iter().map(group_of).collect()
        };
        let classes = catalogue.list(ListName::SizeClass).items().iter().enumerate();
        let mut sizes: Vec<_> = classes
            .map(|(at, item)| (item.from_fen.unwrap_or_default(), small(at)))
            .collect();
        sizes.sort_unstable();
        Self {
            catalogue,
            region_of_unit: groups(ListName::Unit, ListName::RegionGroup),
            plan_group_of_source: groups(ListName::PlanSource, ListName::PlanGroup),
            seller_group_of_kind: groups(ListName::PartyKind, ListName::SellerGroup),
            sizes,
            import: index_in(catalogue.list(ListName::CrossBorder), "import"),
        }
    }

    /// Index of an id in a list; [`UNKNOWN`] where it is missing or not on the list.
    pub fn code(&self, list: ListName, id: Option<&str>) -> u8 {
        id.map_or(UNKNOWN, |id| index_in(self.catalogue.list(list), id))
    }

    /// 归属单位.
    pub fn unit(&self, id: Option<&str>) -> u8 {
        self.code(ListName::Unit, id)
    }

    /// 合同类别.
    pub fn contract_type(&self, id: Option<&str>) -> u8 {
        self.code(ListName::Type, id)
    }

    /// 计划来源.
    pub fn plan_source(&self, id: Option<&str>) -> u8 {
        self.code(ListName::PlanSource, id)
    }

    /// 卖方性质.
    pub fn seller_kind(&self, id: Option<&str>) -> u8 {
        self.code(ListName::PartyKind, id)
    }

    /// 技术领域.
    pub fn field(&self, id: Option<&str>) -> u8 {
        self.code(ListName::Field, id)
    }

    /// 进出口.
    pub fn cross_border(&self, id: Option<&str>) -> u8 {
        self.code(ListName::CrossBorder, id)
    }

    /// Index in the list `flow`; what a contract's flow is, `domain::contract::Content::flow` says.
    pub fn flow(&self, id: Option<&str>) -> u8 {
        self.code(ListName::Flow, id)
    }

    pub(super) fn region_of_unit(&self, unit: u8) -> u8 {
        self.region_of_unit.get(usize::from(unit)).copied().unwrap_or(UNKNOWN)
    }

    pub(super) fn plan_group_of_source(&self, plan_source: u8) -> u8 {
        self.plan_group_of_source
            .get(usize::from(plan_source))
            .copied()
            .unwrap_or(UNKNOWN)
    }

    pub(super) fn seller_group_of_kind(&self, kind: u8) -> u8 {
        self.seller_group_of_kind
            .get(usize::from(kind))
            .copied()
            .unwrap_or(UNKNOWN)
    }

    /// 金额规模: the class with the highest lower edge that the amount reaches.
    pub(super) fn size(&self, amount: Fen) -> u8 {
        let above = self.sizes.partition_point(|(from, _)| *from <= amount);
        above
            .checked_sub(1)
            .and_then(|at| self.sizes.get(at))
            .map_or(UNKNOWN, |(_, class)| *class)
    }

    pub(super) fn is_import(&self, cross_border: u8) -> bool {
        cross_border == self.import && cross_border != UNKNOWN
    }

    pub(super) fn items(&self, list: ListName) -> &'a [CodeItem] {
        self.catalogue.list(list).items()
    }
}
