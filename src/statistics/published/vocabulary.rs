//! The words by which reports name the items of code lists, and text made even before words are looked for.

use super::words::SUFFIXES;
use crate::{
    domain::{catalogue::Catalogue, code_list::ListName, steps},
    statistics::{coder::Section, definitions::definition, value::PrintedUnit},
};

/// Names that reports use beside the labels and aliases of the code lists: section, id, name.
const NAMES: [(Section, &str, &str); 59] = [
    (Section::Plan, "plan_funded", "财政计划项目"),
    (Section::Plan, "plan_funded", "计划内项目"),
    (Section::Plan, "plan_funded", "计划项目"),
    (Section::Plan, "outside_plan", "计划外项目"),
    (Section::Flows, "within_xpcc", "兵团内部"),
    (Section::Flows, "local_xinjiang", "疆内地方"),
    (Section::Flows, "outside_xinjiang", "疆外地区"),
    (Section::Sellers, "enterprise", "企业法人"),
    (Section::Sellers, "research_institute", "科研院所"),
    (Section::Sellers, "university", "高校"),
    (Section::Regions, "south", "南疆师市"),
    (Section::Regions, "north", "北疆师市"),
    (Section::Regions, "north", "北疆各师市"),
    (Section::Plan, "plan_funded", "各级财政计划项目"),
    (Section::Plan, "plan_funded", "科技计划项目"),
    (Section::Plan, "plan_funded", "政府计划项目"),
    (Section::Plan, "plan_funded", "各级计划项目"),
    (Section::Plan, "plan_funded", "财政资金项目"),
    (Section::Plan, "outside_plan", "非计划项目"),
    (Section::Plan, "outside_plan", "市场化项目"),
    (Section::Plan, "outside_plan", "自主委托项目"),
    (Section::Flows, "within_xpcc", "兵团系统内"),
    (Section::Flows, "within_xpcc", "兵团辖区"),
    (Section::Flows, "within_xpcc", "留在兵团"),
    (Section::Flows, "local_xinjiang", "自治区地方"),
    (Section::Flows, "local_xinjiang", "新疆地方"),
    (Section::Flows, "local_xinjiang", "疆内其他"),
    (Section::Flows, "local_xinjiang", "地方吸纳"),
    (Section::Flows, "outside_xinjiang", "疆外省市"),
    (Section::Flows, "outside_xinjiang", "其他省区市"),
    (Section::Flows, "outside_xinjiang", "外省区市"),
    (Section::Flows, "outside_xinjiang", "区外"),
    (Section::Flows, "outside_xinjiang", "内地省市"),
    (Section::Sellers, "enterprise", "企业类"),
    (Section::Sellers, "enterprise", "企业单位"),
    (Section::Sellers, "research_institute", "科研单位"),
    (Section::Sellers, "research_institute", "院所"),
    (Section::Sellers, "university", "高等学校"),
    (Section::Sellers, "university", "大专院校"),
    (Section::Sellers, "university", "院校类"),
    (Section::Sellers, "other", "其他主体"),
    (Section::Sellers, "other", "其他机构"),
    (Section::Sellers, "other", "其他类卖方"),
    (Section::Units, "direct_other", "兵团直属"),
    (Section::Units, "direct_other", "兵直单位"),
    (Section::Units, "direct_other", "兵直"),
    (Section::Units, "shihezi_univ", "石大"),
    (Section::Units, "tarim_univ", "塔大"),
    (Section::Fields, "environment_resources", "环境保护"),
    (Section::Fields, "environment_resources", "环保与资源利用"),
    (Section::Fields, "environment_resources", "环保与资源综合利用"),
    (Section::Fields, "environment_resources", "环境与资源利用"),
    (Section::Plan, "plan_funded", "财政计划支持的"),
    (Section::Plan, "plan_funded", "财政计划"),
    (Section::Plan, "outside_plan", "市场化（计划外）"),
    (Section::Flows, "outside_xinjiang", "辐射内地"),
    (Section::Fields, "urban_social_development", "城市建设"),
    (Section::Fields, "biomedicine_devices", "生物、医药"),
    (Section::Fields, "new_energy_efficiency", "新能源及高效节能"),
];

/// The names of all items that reports speak of.
#[derive(Debug)]
pub(super) struct Vocabulary<'c> {
    pub(super) catalogue: &'c Catalogue,
    /// By section: names, longest first, with the id.
    names: Vec<Vec<(Vec<char>, &'c str)>>,
    /// What the register knows and has no figures of, longest first: kinds of sellers, of plans, parts of types.
    strangers: Vec<Vec<char>>,
    /// Figures that reports tell by the name that the register gives them.
    indicators: Vec<(String, Indicator)>,
}

/// A figure that is told by its whole name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Indicator {
    pub(super) figure: &'static str,
    pub(super) unit: PrintedUnit,
    /// What its table says that it is in: 万元.
    pub(super) shown_in: &'static str,
}

/// The figures of the register's records.
const INDICATORS: [&str; 20] = [
    "technology.amount",
    "technology.share",
    "technology.previous_share",
    "contract_amounts.median",
    "contract_amounts.mean",
    "concentration.top_10_share",
    "concentration.top_tenth_share",
    "concentration.largest_unit_share",
    "decisions.median_days",
    "decisions.mean_days",
    "decisions.in_time_share",
    "decisions.returned",
    "decisions.return_rate",
    "decisions.refused",
    "decisions.refusal_rate",
    "decisions.revocation_rate",
    "self_audits.drawn",
    "self_audits.checked",
    "self_audits.wrong",
    "self_audits.error_rate",
];

/// Text without white space, its full-width digits and signs half-width, its brackets, colons and dashes of one kind.
pub(super) fn tidy(text: &str) -> String {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let even = |(at, c): (usize, &char)| match *c {
        '(' => '（',
        ')' => '）',
        ':' => '：',
        ';' => '；',
        ',' if is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)) => ',',
        ',' => '，',
        '～' => '~',
        '—' | '–' | '－' | '−' => '-',
        c @ '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        // Arrows of tables before a change: ▼25.1.
        '▼' | '↓' if is_digit(Some(at + 1)) => '-',
        '▲' | '↑' if is_digit(Some(at + 1)) => '+',
        '％' => '%',
        '．' => '.',
        c => c,
    };
    chars.iter().enumerate().map(even).collect()
}

/// How a size class may be written: 20-50万元, 20万元~50万元, 20-50.
fn size_forms(label: &str) -> Vec<String> {
    let Some((low, high)) = label.strip_suffix("万元").and_then(|range| range.split_once('-')) else {
        return vec![label.to_owned()];
    };
    let mut forms = Vec::new();
    for dash in ["-", "~", "至"] {
        forms.push(format!("{low}{dash}{high}万元"));
        forms.push(format!("{low}万元{dash}{high}万元"));
        forms.push(format!("{low}万{dash}{high}万元"));
    }
    forms
}

impl<'c> Vocabulary<'c> {
    pub(super) fn new(catalogue: &'c Catalogue) -> Self {
        let names = Section::ALL.map(|section| {
            let mut names: Vec<(Vec<char>, &str)> = Vec::new();
            for item in catalogue.list(section.list()).items() {
                for label in std::iter::once(&item.label).chain(&item.aliases) {
                    let label = tidy(label);
                    let forms = match section {
                        Section::Sizes => size_forms(&label),
                        _ => vec![label],
                    };
                    names.extend(forms.iter().map(|form| (form.chars().collect(), item.id.as_str())));
                }
            }
            let more = NAMES.iter().filter(|(of, _, _)| *of == section);
            names.extend(more.map(|(_, id, name)| (name.chars().collect(), *id)));
            names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
            names
        });
        let lists = [ListName::Subtype, ListName::PlanSource, ListName::PartyKind];
        let items = lists.into_iter().flat_map(|list| catalogue.list(list).items());
        let labels = items.flat_map(|item| std::iter::once(&item.label).chain(&item.aliases));
        let mut strangers: Vec<Vec<char>> = labels.map(|label| tidy(label).chars().collect()).collect();
        strangers.retain(|name: &Vec<char>| {
            // Codes in figures are aliases, too.
            name.len() > 2
                && !name.iter().any(char::is_ascii_digit)
                && !names
                    .iter()
                    .flatten()
                    .any(|(known, _): &(Vec<char>, &str)| known == name)
        });
        strangers.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let indicators = INDICATORS.iter().filter_map(|figure| {
            let definition = definition(catalogue, figure)?;
            let indicator = Indicator {
                figure,
                unit: definition.unit.printed(),
                shown_in: definition.shown_in,
            };
            Some((tidy(&definition.name), indicator))
        });
        Self {
            catalogue,
            names: names.into(),
            strangers,
            indicators: indicators.collect(),
        }
    }

    /// The figure that is told by this name.
    pub(super) fn indicator(&self, name: &str) -> Option<Indicator> {
        self.indicators
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, indicator)| *indicator)
    }

    /// Where the name ends at `at` of something that has no figures.
    pub(super) fn stranger(&self, chars: &[char], at: usize) -> Option<usize> {
        let rest = chars.get(at..)?;
        let found = self.strangers.iter().find(|name| rest.starts_with(name))?;
        Some(at + found.len())
    }

    fn names(&self, section: Section) -> &[(Vec<char>, &'c str)] {
        self.names.get(section as usize).map_or(&[], Vec::as_slice)
    }

    /// The item whose name is the whole of `text`, which is tidy. Of size classes the unit may stand elsewhere.
    pub(super) fn item(&self, section: Section, text: &str) -> Option<&'c str> {
        let find = |text: &str| {
            let text: Vec<char> = text.chars().collect();
            let found = self.names(section).iter().find(|(name, _)| *name == text);
            found.map(|(_, id)| *id)
        };
        find(text).or_else(|| (section == Section::Sizes).then(|| find(&format!("{text}万元")))?)
    }

    /// The item whose name is in a head or a row's name, with words around it that belong to it: 其中：技术开发类合同.
    pub(super) fn loose_item(&self, section: Section, text: &str) -> Option<&'c str> {
        let mut text = text.trim_start_matches("其中").trim_start_matches('：');
        if let Some((number, rest)) = text.split_once(['、', '.', '）'])
            && !rest.is_empty()
            && number
                .trim_start_matches('（')
                .chars()
                .all(|c| "一二三四五六七八九十0123456789".contains(c))
        {
            text = rest;
        }
        if let Some(id) = self.item(section, text) {
            return Some(id);
        }
        let stripped = SUFFIXES.iter().find_map(|suffix| text.strip_suffix(suffix));
        let bare = stripped.or_else(|| text.split_once('（').map(|(bare, _)| bare))?;
        self.item(section, bare)
    }

    /// The items named in `text`, from left to right, the longest name first: where, how long, which.
    pub(super) fn mentions(&self, section: Section, text: &[char]) -> Vec<(usize, usize, &'c str)> {
        steps::tick(text.len());
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            match self.names(section).iter().find(|(name, _)| rest.starts_with(name)) {
                Some((name, id)) => {
                    found.push((at, name.len(), *id));
                    at += name.len().max(1);
                }
                None => at += 1,
            }
        }
        found
    }
}
