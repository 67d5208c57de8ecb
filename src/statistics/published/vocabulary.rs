//! The words by which reports name the items of code lists, and text made even before words are looked for.

use crate::{domain::catalogue::Catalogue, statistics::coder::Section};

/// Names that reports use beside the labels and aliases of the code lists: section, id, name.
const NAMES: [(Section, &str, &str); 13] = [
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
];

/// The names of all items that reports speak of.
#[derive(Debug)]
pub(super) struct Vocabulary<'c> {
    pub(super) catalogue: &'c Catalogue,
    /// By section: names, longest first, with the id.
    names: Vec<Vec<(Vec<char>, &'c str)>>,
}

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
        Self {
            catalogue,
            names: names.into(),
        }
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

    /// The items named in `text`, from left to right, the longest name first: where, how long, which.
    pub(super) fn mentions(&self, section: Section, text: &[char]) -> Vec<(usize, usize, &'c str)> {
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
