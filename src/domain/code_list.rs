//! Code lists: the ids that a field may hold, with their Chinese labels. Data, from `config/code-lists/<name>.toml`; the
//! order of the items is the order in which forms and reports show them.

use std::collections::HashMap;

use serde::Deserialize;

use super::{catalogue::CatalogueError, money::Fen, text};

/// Which code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListName {
    /// 合同类别.
    Type,
    /// 合同子类; `parent` is its type.
    Subtype,
    /// 归属单位, 买方所属兵团单位; `group` is its region group.
    Unit,
    /// 卖方性质, 买方性质; `group` is its seller group.
    PartyKind,
    /// 技术领域.
    Field,
    /// 计划来源; `group` is its plan group.
    PlanSource,
    /// 知识产权.
    IpKind,
    /// 社会经济目标.
    Objective,
    /// 支付方式.
    PaymentMode,
    /// 进出口.
    CrossBorder,
    /// 国别: ISO 3166-1 alpha-3.
    Country,
    /// 撤销事由.
    RevocationGround,
    /// 注销事由.
    CancellationGround,
    /// 不予登记事由.
    RefusalReason,
    /// 南疆, 北疆.
    RegionGroup,
    /// Seller groups of the statistics.
    SellerGroup,
    /// 计划内, 计划外.
    PlanGroup,
    /// 流向; derived from the buyer, never typed.
    Flow,
    /// 金额规模, by 合同成交额; `from_fen` is the lower edge.
    SizeClass,
    /// Kinds of activities: training, guidance, matchmaking.
    ActivityKind,
    /// 附件类别.
    AttachmentKind,
}

impl ListName {
    /// Every list.
    pub const ALL: [Self; 21] = [
        Self::Type,
        Self::Subtype,
        Self::Unit,
        Self::PartyKind,
        Self::Field,
        Self::PlanSource,
        Self::IpKind,
        Self::Objective,
        Self::PaymentMode,
        Self::CrossBorder,
        Self::Country,
        Self::RevocationGround,
        Self::CancellationGround,
        Self::RefusalReason,
        Self::RegionGroup,
        Self::SellerGroup,
        Self::PlanGroup,
        Self::Flow,
        Self::SizeClass,
        Self::ActivityKind,
        Self::AttachmentKind,
    ];

    /// The id, as in paths and file names.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Subtype => "subtype",
            Self::Unit => "unit",
            Self::PartyKind => "party_kind",
            Self::Field => "field",
            Self::PlanSource => "plan_source",
            Self::IpKind => "ip_kind",
            Self::Objective => "objective",
            Self::PaymentMode => "payment_mode",
            Self::CrossBorder => "cross_border",
            Self::Country => "country",
            Self::RevocationGround => "revocation_ground",
            Self::CancellationGround => "cancellation_ground",
            Self::RefusalReason => "refusal_reason",
            Self::RegionGroup => "region_group",
            Self::SellerGroup => "seller_group",
            Self::PlanGroup => "plan_group",
            Self::Flow => "flow",
            Self::SizeClass => "size_class",
            Self::ActivityKind => "activity_kind",
            Self::AttachmentKind => "attachment_kind",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.id() == id)
    }
}

/// One code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeItem {
    /// The id stored and sent.
    pub id: String,
    /// The Chinese label shown and written to registers.
    pub label: String,
    /// Other labels that a register may use for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Subtype: the type's id. Party kind: the coarser kind's id.
    #[serde(default)]
    pub parent: Option<String>,
    /// The id of the group that statistics count it in (units, party kinds, plan sources).
    #[serde(default)]
    pub group: Option<String>,
    /// Size class: lower edge in fen, included.
    #[serde(default)]
    pub from_fen: Option<Fen>,
    /// Party kind: first two characters of the credit codes that go with it; empty: any.
    #[serde(default)]
    pub uscc_prefixes: Vec<String>,
    /// Party kind: first two characters that are unusual with it, yet occur; worth a warning.
    #[serde(default)]
    pub uscc_prefixes_doubtful: Vec<String>,
    /// Unit: whether it is ranked (the 14 divisions).
    #[serde(default)]
    pub ranked: bool,
    /// Subtype: ids of the kinds of intellectual property that fit; empty: any.
    #[serde(default)]
    pub ip_kinds: Vec<String>,
}

/// The file's form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeListFile {
    name: String,
    title: String,
    source: String,
    item: Vec<CodeItem>,
}

/// A code list. Ids and labels are unique in it; looking one up costs a hash.
#[derive(Debug, Clone)]
pub struct CodeList {
    /// Which.
    pub name: ListName,
    /// Chinese title.
    pub title: String,
    /// Where the codes come from: law, standard, report table.
    pub source: String,
    items: Vec<CodeItem>,
    by_id: HashMap<String, usize>,
    by_label: HashMap<String, usize>,
}

impl CodeList {
    /// Reads `text`, the file `file` (named in errors), as the list `name`.
    ///
    /// # Errors
    /// Not TOML of the form; another name inside; empty; an id or label used twice.
    pub(super) fn parse(name: ListName, file: &str, text: &str) -> Result<Self, CatalogueError> {
        let wrong = |key: String, problem: &str| CatalogueError::new(file, key, problem);
        let read: CodeListFile = toml::from_str(text).map_err(|e| CatalogueError::toml(file, &e))?;
        if read.name != name.id() {
            return Err(wrong("name".into(), &format!("应与文件名一致，为“{}”", name.id())));
        }
        if read.item.is_empty() {
            return Err(wrong("item".into(), "代码表不能为空"));
        }
        let mut list = Self {
            name,
            title: read.title,
            source: read.source,
            by_id: HashMap::with_capacity(read.item.len()),
            by_label: HashMap::with_capacity(read.item.len() * 2),
            items: read.item,
        };
        for (at, item) in list.items.iter().enumerate() {
            if item.id.is_empty() || item.label.trim().is_empty() {
                return Err(wrong(format!("item[{at}]"), "id 和 label 不能为空"));
            }
            if list.by_id.insert(item.id.clone(), at).is_some() {
                return Err(wrong(format!("item[{at}].id"), &format!("代码“{}”重复", item.id)));
            }
            for label in std::iter::once(&item.label).chain(&item.aliases) {
                for key in [label.clone(), text::key(label)] {
                    if list.by_label.insert(key, at).is_some_and(|other| other != at) {
                        return Err(wrong(format!("item[{at}]"), &format!("名称“{label}”重复")));
                    }
                }
            }
        }
        Ok(list)
    }

    /// The items in the order in which they are shown.
    pub fn items(&self) -> &[CodeItem] {
        &self.items
    }

    /// By id.
    pub fn get(&self, id: &str) -> Option<&CodeItem> {
        self.items.get(self.index_of(id)?)
    }

    /// Whether the list holds the id.
    pub fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The Chinese label of an id.
    pub fn label(&self, id: &str) -> Option<&str> {
        self.get(id).map(|item| item.label.as_str())
    }

    /// The place of an id in the list's order.
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// By label or alias, as a register types it: exactly, or else by what makes two texts the same to a reader ([`text::key`]).
    pub fn by_label(&self, label: &str) -> Option<&CodeItem> {
        let at = match self.by_label.get(label) {
            Some(at) => at,
            None => self.by_label.get(&text::key(label))?,
        };
        self.items.get(*at)
    }
}

/// The half-width form of a full-width ASCII character or of the ideographic space; any other character itself.
pub(super) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(items: &str) -> Result<CodeList, CatalogueError> {
        let text = format!("name = \"type\"\ntitle = \"类别\"\nsource = \"试\"\n{items}");
        CodeList::parse(ListName::Type, "code-lists/type.toml", &text)
    }

    #[test]
    fn ids_of_lists_lead_back() {
        for name in ListName::ALL {
            assert_eq!(ListName::from_id(name.id()), Some(name));
        }
        assert_eq!(ListName::from_id("types"), None);
    }

    #[test]
    fn labels_are_found_as_people_type_them() {
        let list = parse(
            "[[item]]\nid = \"a\"\nlabel = \"生物、医药（新）\"\naliases = [\"事业法人-新\"]\n[[item]]\nid = \"b\"\nlabel = \"乙\"\n",
        )
        .unwrap();
        for label in [
            "生物、医药（新）",
            " 生物，医药(新)　",
            "生物, 医药（新)",
            "事业法人—新",
            "事业法人－新",
        ] {
            assert_eq!(list.by_label(label).map(|i| i.id.as_str()), Some("a"), "{label}");
        }
        for label in ["", "生物医药新", "a", "丙"] {
            assert_eq!(list.by_label(label), None, "{label}");
        }
        assert_eq!(list.index_of("b"), Some(1));
        assert_eq!(list.label("b"), Some("乙"));
        assert!(list.contains("a") && !list.contains("甲"));
    }

    #[test]
    fn a_wrong_file_is_told_with_its_key() {
        for (items, key, problem) in [
            ("", "", "item"),
            ("item = []\n", "item", "不能为空"),
            ("[[item]]\nid = \"a\"\nlabel = \" \"\n", "item[0]", "不能为空"),
            (
                "[[item]]\nid = \"a\"\nlabel = \"甲\"\n[[item]]\nid = \"a\"\nlabel = \"乙\"\n",
                "item[1].id",
                "重复",
            ),
            (
                "[[item]]\nid = \"a\"\nlabel = \"甲(1)\"\n[[item]]\nid = \"b\"\nlabel = \"甲（1）\"\n",
                "item[1]",
                "重复",
            ),
            ("[[item]]\nid = \"a\"\nlabel = \"甲\"\ncolour = \"red\"\n", "", "colour"),
        ] {
            let error = parse(items).unwrap_err();
            assert_eq!(error.file, "code-lists/type.toml");
            assert!(error.problem.contains(problem), "{error}");
            if !key.is_empty() {
                assert_eq!(error.key, key, "{error}");
            }
        }
        let other = CodeList::parse(
            ListName::Unit,
            "f",
            "name = \"type\"\ntitle = \"\"\nsource = \"\"\nitem = []\n",
        );
        assert_eq!(other.unwrap_err().key, "name");
    }
}
