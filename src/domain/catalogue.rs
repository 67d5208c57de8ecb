//! Everything of the domain that is data: code lists, rule sets, working-day calendars. Pure: the texts are handed in.

use std::collections::{BTreeMap, HashMap};

use super::{
    calendar::Calendar,
    code_list::{CodeItem, CodeList, ListName},
    rules::RuleSet,
    time::Date,
};

/// What is wrong with a data file, told to the administrator in Chinese: file, key, problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}：{}{problem}", if key.is_empty() { String::new() } else { format!("{key}：") })]
pub struct CatalogueError {
    /// Path below `config/`: `code-lists/unit.toml`.
    pub file: String,
    /// The key or line within it; empty where it is the whole file.
    pub key: String,
    /// The rule that is broken.
    pub problem: String,
}

impl CatalogueError {
    pub(super) fn new(file: &str, key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            key: key.into(),
            problem: problem.into(),
        }
    }

    /// What the TOML reader says (English: it names keys and lines of a technical file).
    pub(super) fn toml(file: &str, error: &toml::de::Error) -> Self {
        Self::new(file, "", format!("不是规定的格式：{}", error.to_string().trim_end()))
    }
}

/// The data that rules look up. Built from the files under `config/` by `crate::config`; see [`Catalogue::parse`].
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// In the order of [`ListName::ALL`], so that a list's place is its name's discriminant.
    lists: Vec<CodeList>,
    /// By first day of validity.
    rule_sets: Vec<RuleSet>,
    calendar: Calendar,
}

impl Catalogue {
    /// Reads the data files: `files` are (path below `config/`, text), of the folders `code-lists`, `rules` and `calendars`. A later
    /// file of the same path replaces an earlier one, so an office's own files follow the embedded ones.
    ///
    /// # Errors
    /// The first file that is not of its form, or refers to what is not there; a list that is missing; rule sets that overlap.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, CatalogueError> {
        let files: BTreeMap<&str, &str> = files.into_iter().collect();
        let mut lists = HashMap::new();
        let mut rule_sets: Vec<RuleSet> = Vec::new();
        let mut calendar = Calendar::default();
        for (path, text) in &files {
            let (folder, name) = path.split_once('/').unwrap_or(("", path));
            match (folder, name.rsplit_once('.')) {
                ("code-lists", Some((stem, "toml"))) => {
                    let name = ListName::from_id(stem)
                        .ok_or_else(|| CatalogueError::new(path, "", format!("没有名为“{stem}”的代码表")))?;
                    lists.insert(name, CodeList::parse(name, path, text)?);
                }
                ("rules", Some((stem, "toml"))) => rule_sets.push(RuleSet::parse(stem, path, text)?),
                ("calendars", Some((stem, "csv"))) => calendar.add_file(stem, path, text)?,
                _ => return Err(CatalogueError::new(path, "", "不认识的数据文件")),
            }
        }
        let lists = ListName::ALL
            .into_iter()
            .map(|name| {
                let missing = || CatalogueError::new(&format!("code-lists/{}.toml", name.id()), "", "缺少此代码表");
                lists.remove(&name).ok_or_else(missing)
            })
            .collect::<Result<Vec<_>, _>>()?;
        rule_sets.sort_by_key(|set| set.valid_from);
        let catalogue = Self {
            lists,
            rule_sets,
            calendar,
        };
        catalogue.check_references()?;
        catalogue.check_size_classes()?;
        catalogue.check_rule_sets()?;
        Ok(catalogue)
    }

    /// A code list; every one is there.
    pub fn list(&self, name: ListName) -> &CodeList {
        // `parse`, the only way to a catalogue, puts a list in every place.
        &self.lists[name as usize]
    }

    /// The rule sets, by first day of validity.
    pub fn rule_sets(&self) -> &[RuleSet] {
        &self.rule_sets
    }

    /// A rule set by id.
    pub fn rule_set(&self, id: &str) -> Option<&RuleSet> {
        self.rule_sets.iter().find(|set| set.id == id)
    }

    /// The rule set whose validity (first and last day included) holds the day of acceptance; before the first, the first.
    /// `None` in a gap or after the last.
    pub fn rule_set_on(&self, accepted: Date) -> Option<&RuleSet> {
        let first = self.rule_sets.first().filter(|set| accepted < set.valid_from);
        first.or_else(|| self.rule_sets.iter().find(|set| set.holds_on(accepted)))
    }

    /// The kinds of attachment without which a contract of this type is not submitted under a rule set. What an unverified rule set
    /// alone demands does not block: of its kinds those count that a verified one demands too.
    pub fn blocking_attachments<'a>(&'a self, rules: &'a RuleSet, contract_type: Option<&str>) -> Vec<&'a str> {
        let verified = |kind: &str| {
            rules.verified
                || self
                    .rule_sets
                    .iter()
                    .any(|other| other.verified && other.attachments_of(contract_type).any(|k| k == kind))
        };
        let mut kinds: Vec<&str> = rules
            .attachments_of(contract_type)
            .filter(|kind| verified(kind))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The working-day calendar.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// What refers to another list must find it there; groups, which statistics count by, must be given.
    fn check_references(&self) -> Result<(), CatalogueError> {
        type Refer = fn(&CodeItem) -> &[String];
        type ReferOne = fn(&CodeItem) -> &Option<String>;
        let one: [(ListName, &str, ReferOne, ListName, bool); 5] = [
            (ListName::Subtype, "parent", |i| &i.parent, ListName::Type, true),
            (ListName::PartyKind, "parent", |i| &i.parent, ListName::PartyKind, false),
            (ListName::Unit, "group", |i| &i.group, ListName::RegionGroup, true),
            (ListName::PartyKind, "group", |i| &i.group, ListName::SellerGroup, true),
            (ListName::PlanSource, "group", |i| &i.group, ListName::PlanGroup, true),
        ];
        let many: [(ListName, &str, Refer, ListName); 1] =
            [(ListName::Subtype, "ip_kinds", |i| &i.ip_kinds, ListName::IpKind)];
        for (from, key, refer, to, required) in one {
            for item in self.list(from).items() {
                match refer(item) {
                    None if required => return Err(reference_error(from, item, key, "不能缺少")),
                    Some(id) if !self.list(to).contains(id) => return Err(unknown_reference(from, item, key, id, to)),
                    _ => {}
                }
            }
        }
        for (from, key, refer, to) in many {
            for item in self.list(from).items() {
                if let Some(id) = refer(item).iter().find(|id| !self.list(to).contains(id)) {
                    return Err(unknown_reference(from, item, key, id, to));
                }
            }
        }
        Ok(())
    }

    /// Size classes start at 0 and rise, so that every amount has exactly one.
    fn check_size_classes(&self) -> Result<(), CatalogueError> {
        let mut previous = -1;
        for item in self.list(ListName::SizeClass).items() {
            let rises = item
                .from_fen
                .is_some_and(|from| if previous < 0 { from == 0 } else { from > previous });
            if !rises {
                return Err(reference_error(
                    ListName::SizeClass,
                    item,
                    "from_fen",
                    "下限应从 0 起逐级增大",
                ));
            }
            previous = item.from_fen.unwrap_or_default();
        }
        Ok(())
    }

    /// At least one rule set, none that begins before the one before it has ended, and none that demands what there is not.
    fn check_rule_sets(&self) -> Result<(), CatalogueError> {
        if self.rule_sets.is_empty() {
            return Err(CatalogueError::new("rules/", "", "至少要有一套规则"));
        }
        for rules in &self.rule_sets {
            self.check_attachments_of(rules)?;
        }
        for pair in self.rule_sets.windows(2) {
            if let [earlier, later] = pair
                && earlier.valid_to.is_none_or(|end| end >= later.valid_from)
            {
                let file = format!("rules/{}.toml", later.id);
                let problem = format!("有效期与“{}”重叠", earlier.id);
                return Err(CatalogueError::new(&file, "valid_from", problem));
            }
        }
        Ok(())
    }
}

impl Catalogue {
    /// The kinds that a rule set demands, and the types that it demands them of, are in their lists.
    fn check_attachments_of(&self, rules: &RuleSet) -> Result<(), CatalogueError> {
        let file = format!("rules/{}.toml", rules.id);
        let by_type = &rules.required_attachments_by_type;
        if let Some(id) = by_type.keys().find(|id| !self.list(ListName::Type).contains(id)) {
            let problem = format!("“{id}”不在代码表 type 中");
            return Err(CatalogueError::new(&file, "required_attachments_by_type", problem));
        }
        let kinds = rules.required_attachments.iter().chain(by_type.values().flatten());
        match kinds
            .into_iter()
            .find(|id| !self.list(ListName::AttachmentKind).contains(id))
        {
            Some(id) => {
                let problem = format!("“{id}”不在代码表 attachment_kind 中");
                Err(CatalogueError::new(&file, "required_attachments", problem))
            }
            None => Ok(()),
        }
    }
}

fn reference_error(list: ListName, item: &CodeItem, key: &str, problem: &str) -> CatalogueError {
    CatalogueError::new(
        &format!("code-lists/{}.toml", list.id()),
        format!("{}.{key}", item.id),
        problem,
    )
}

fn unknown_reference(from: ListName, item: &CodeItem, key: &str, id: &str, to: ListName) -> CatalogueError {
    reference_error(from, item, key, &format!("“{id}”不在代码表 {} 中", to.id()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EMBEDDED, embedded_catalogue};

    /// The embedded files with one text replaced in one of them.
    fn with(path: &str, from: &str, to: &str) -> Result<Catalogue, CatalogueError> {
        let (_, text) = EMBEDDED.iter().find(|(p, _)| *p == path).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(&changed, text, "{from}");
        Catalogue::parse(EMBEDDED.iter().copied().chain([(path, changed.as_str())]))
    }

    #[test]
    fn the_embedded_catalogue_parses() {
        let catalogue = embedded_catalogue().unwrap();
        for name in ListName::ALL {
            assert_eq!(catalogue.list(name).name, name);
        }
        let ids = |name| {
            catalogue
                .list(name)
                .items()
                .iter()
                .map(|i| i.id.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            ids(ListName::Type),
            ["development", "transfer", "consulting", "service", "licence"]
        );
        assert_eq!(catalogue.list(ListName::Country).items().len(), 249);
        assert_eq!(catalogue.list(ListName::SizeClass).items().len(), 13);
        let units = catalogue.list(ListName::Unit);
        assert_eq!(units.items().iter().filter(|u| u.ranked).count(), 14);
        let south: Vec<_> = units
            .items()
            .iter()
            .filter(|u| u.group.as_deref() == Some("south"))
            .collect();
        assert_eq!(
            south.iter().map(|u| u.id.as_str()).collect::<Vec<_>>(),
            ["div_01", "div_02", "div_03", "div_14", "tarim_univ"]
        );
    }

    #[test]
    fn every_label_of_the_sample_is_known() {
        use ListName as L;
        let catalogue = embedded_catalogue().unwrap();
        let columns = [
            ("合同类别", L::Type),
            ("合同子类", L::Subtype),
            ("归属单位", L::Unit),
            ("卖方性质", L::PartyKind),
            ("买方性质", L::PartyKind),
            ("买方所属兵团单位", L::Unit),
            ("技术领域", L::Field),
            ("计划来源", L::PlanSource),
            ("知识产权", L::IpKind),
            ("社会经济目标", L::Objective),
            ("支付方式", L::PaymentMode),
            ("进出口", L::CrossBorder),
            ("撤销或注销原因", L::RevocationGround),
            ("卖方国别", L::Country),
            ("买方国别", L::Country),
        ];
        let mut found = 0;
        for row in crate::domain::sample::rows() {
            for (column, list) in columns {
                let label = &row[column];
                if !label.is_empty() {
                    assert!(catalogue.list(list).by_label(label).is_some(), "{column} {label}");
                    found += 1;
                }
            }
        }
        assert!(found > 13 * 3647);
        let kinds = include_str!("../../config/demo/activities-2025.csv");
        for line in kinds.lines().skip(1) {
            let label = line.split(',').next().unwrap();
            assert!(catalogue.list(L::ActivityKind).by_label(label).is_some(), "{label}");
        }
    }

    #[test]
    fn broken_references_are_named() {
        for (path, from, to, problem) in [
            (
                "code-lists/unit.toml",
                "group = \"south\"",
                "group = \"east\"",
                "div_01.group",
            ),
            ("code-lists/unit.toml", "group = \"south\"\n", "", "div_01.group"),
            (
                "code-lists/party_kind.toml",
                "group = \"enterprise\"",
                "group = \"firm\"",
                "enterprise.group",
            ),
            (
                "code-lists/plan_source.toml",
                "\"plan_funded\"",
                "\"funded\"",
                "national.group",
            ),
            (
                "code-lists/subtype.toml",
                "\"development\"",
                "\"research\"",
                "dev_commissioned.parent",
            ),
            (
                "code-lists/subtype.toml",
                "\"utility_model\"",
                "\"model\"",
                "tr_patent_right.ip_kinds",
            ),
            (
                "code-lists/size_class.toml",
                "from_fen = 0",
                "from_fen = 1",
                "s0_1.from_fen",
            ),
            (
                "code-lists/size_class.toml",
                "from_fen = 5_000_000",
                "from_fen = 1_000_000",
                "s5_10.from_fen",
            ),
            ("rules/r2001.toml", "2026-02-28", "2026-03-01", "rules/r2026.toml"),
        ] {
            let error = with(path, from, to).unwrap_err();
            assert!(error.to_string().contains(problem), "{error}");
        }
    }

    #[test]
    fn an_offices_own_file_replaces_the_embedded_one() {
        let catalogue = with("code-lists/field.toml", "核应用", "核技术应用").unwrap();
        assert_eq!(
            catalogue.list(ListName::Field).label("nuclear_application"),
            Some("核技术应用")
        );
        assert!(with("calendars/2026.csv", "2026-01-01,holiday\n", "").is_ok());
    }

    #[test]
    fn missing_and_unknown_files_are_named() {
        let all_but = |path: &'static str| EMBEDDED.iter().copied().filter(move |(p, _)| *p != path);
        assert_eq!(
            Catalogue::parse(all_but("code-lists/unit.toml")).unwrap_err().file,
            "code-lists/unit.toml"
        );
        assert!(Catalogue::parse(EMBEDDED.iter().copied().filter(|(p, _)| !p.starts_with("rules/"))).is_err());
        for path in [
            "code-lists/colour.toml",
            "code-lists/unit.json",
            "notes/a.toml",
            "unit.toml",
        ] {
            let error = Catalogue::parse(EMBEDDED.iter().copied().chain([(path, "")])).unwrap_err();
            assert_eq!(error.file, path);
        }
    }
}
