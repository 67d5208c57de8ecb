//! Random registers: what the sentences claim is checked against the contracts themselves, by rules written apart from them.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    super::{annual, bulletin},
    read::{Made, YEAR, check_form, count, numbers, question, sentences, setting},
};
use crate::{domain::code_list::ListName, statistics::sample::reader::catalogue};

fn made() -> impl Strategy<Value = Made> {
    let yuan = prop_oneof![
        1_i64..10_000,
        10_000_i64..5_000_000,
        5_000_000_i64..300_000_000,
        Just(1_000_000)
    ];
    (
        YEAR - 4..=YEAR,
        0_usize..18,
        0_usize..5,
        0_usize..5,
        0_usize..20,
        0_usize..11,
        0_usize..3,
        yuan,
    )
        .prop_map(
            |(year, unit, contract_type, plan_source, seller, field, flow, yuan)| Made {
                year,
                unit,
                contract_type,
                plan_source,
                seller,
                field,
                flow,
                is_import: false,
                yuan,
            },
        )
}

/// Yuan of a year by an index.
fn by(contracts: &[Made], year: i32, index: impl Fn(&Made) -> usize) -> BTreeMap<usize, i64> {
    let mut sums = BTreeMap::new();
    for made in contracts.iter().filter(|made| made.year == year) {
        *sums.entry(index(made)).or_default() += made.yuan;
    }
    sums
}

/// The text from `from` on up to the next 。
fn sentence_with<'t>(text: &'t str, part: &str) -> Option<&'t str> {
    text.split(['。', '\n']).find(|sentence| sentence.contains(part))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_words_agree_with_the_contracts(contracts in prop::collection::vec(made(), 0..40)) {
        let catalogue = catalogue();
        let figures = count(&contracts, &question());
        let report = annual(&figures, setting(&catalogue));
        check_form(&report, &catalogue);
        check_form(&bulletin(&figures, setting(&catalogue)), &catalogue);
        for number in numbers(&report) {
            prop_assert_eq!(figures.get(&number.figure), Some(&number.value));
        }
        let text = sentences(&report);
        let total = |year| by(&contracts, year, |_| 0).get(&0).copied().unwrap_or_default();
        let (now, before) = (total(YEAR), total(YEAR - 1));

        // The summary's first sentence.
        let first = text.split('。').next().unwrap();
        prop_assert_eq!(first.contains("未认定登记"), now == 0);
        prop_assert!(!first.contains("增长") || (now > before && before > 0), "{}", first);
        prop_assert!(!first.contains("下降") || now < before, "{}", first);
        prop_assert!(!first.contains("无同比") || before == 0, "{}", first);
        prop_assert!(!first.contains("最高") || (YEAR - 4..YEAR).all(|year| total(year) < now) || first.contains("以来"), "{}", first);

        // Which unit comes first among the divisions.
        let label = |list: ListName, index: usize| catalogue.list(list).items()[index].label.clone();
        let divisions: BTreeMap<_, _> = by(&contracts, YEAR, |made| made.unit).into_iter().filter(|(unit, _)| *unit < 14).collect();
        if let Some(most) = divisions.values().max() {
            let first: Vec<_> = divisions.iter().filter(|(_, yuan)| *yuan == most).map(|(unit, _)| label(ListName::Unit, *unit)).collect();
            let said = sentence_with(&text, "各师中，").unwrap();
            let expected = match (first.len(), divisions.len()) {
                (1, 1) => format!("各师中，仅{}有成交", first[0]),
                (1, _) => format!("各师中，{}成交额", first[0]),
                _ => format!("各师中，{}成交额均为", first.join("、")),
            };
            prop_assert!(said.starts_with(&expected), "{} {}", said, expected);
            prop_assert_eq!(said.contains("并列首位"), first.len() > 1);
        }

        // Who came to more than a hundred million.
        let units = by(&contracts, YEAR, |made| made.unit);
        let over = units.values().filter(|yuan| **yuan > 100_000_000).count();
        match over {
            0 => prop_assert!(!text.contains("超亿元的单位有 ")),
            _ => {
                let part = format!("成交额超亿元的单位有 {over} 家");
                prop_assert!(text.contains(&part), "{}", text);
                let said = sentence_with(&text, &part).unwrap();
                // 一师 is a part of 十一师. Of many the first are named.
                let list = said.rsplit(['是', '为']).next().unwrap().trim_end_matches("（表 2）");
                let (list, is_all) = list.strip_suffix('等').map_or((list, true), |some| (some, false));
                let names: Vec<_> = list.split('、').collect();
                prop_assert_eq!(names.len() == over, is_all, "{}", said);
                for (unit, yuan) in &units {
                    let is_named = names.contains(&label(ListName::Unit, *unit).as_str());
                    let is_over = *yuan > 100_000_000;
                    prop_assert!(is_over || !is_named, "{}", said);
                    prop_assert!(is_named || !is_over || !is_all, "{}", said);
                }
            }
        }

        // “All others grew”: each of those not named did.
        let earlier = by(&contracts, YEAR - 1, |made| made.unit);
        for (word, grew) in [("均有所增长", true), ("均有所下降", false)] {
            let Some(said) = sentence_with(&text, "单位成交额较上年均").filter(|said| said.contains(word)) else { continue };
            let except = said.split_once("外，").map_or("", |(except, _)| except.trim_start_matches('除'));
            let except: Vec<_> = except.split('、').collect();
            for (unit, was) in &earlier {
                let is = units.get(unit).copied().unwrap_or_default();
                let named = except.contains(&label(ListName::Unit, *unit).as_str());
                prop_assert_eq!(if grew { is > *was } else { is < *was }, !named, "{} {}", unit, said);
            }
        }

        // The gap between north and south.
        let south = |made: &Made| usize::from(matches!(made.unit, 0 | 1 | 2 | 13 | 16));
        let (regions, last) = (by(&contracts, YEAR, south), by(&contracts, YEAR - 1, south));
        let gap = |sums: &BTreeMap<usize, i64>| {
            let (a, b) = (sums.get(&0).copied()? as f64, sums.get(&1).copied()? as f64);
            Some(a.max(b) / a.min(b))
        };
        if let (Some(is), Some(was)) = (gap(&regions), gap(&last)) {
            prop_assert!(!text.contains("差距较上年缩小") || is < was);
            prop_assert!(!text.contains("差距较上年扩大") || is > was);
        }

        // The share of what is outside the plans.
        let outside = |year| {
            let sums = by(&contracts, year, |made| usize::from(label(ListName::PlanSource, made.plan_source).contains("计划外")));
            (sums.get(&1).copied().unwrap_or_default() as f64, total(year) as f64)
        };
        let ((a, all), (b, all_before)) = (outside(YEAR), outside(YEAR - 1));
        prop_assert!(!text.contains("占比较上年提高") || a / all > b / all_before);
        prop_assert!(!text.contains("占比较上年降低") || a / all < b / all_before);

        // Types: the fastest.
        let (types, types_before) = (by(&contracts, YEAR, |made| made.contract_type), by(&contracts, YEAR - 1, |made| made.contract_type));
        let rates: BTreeMap<String, f64> = types_before.iter().map(|(kind, was)| {
            (label(ListName::Type, *kind), types.get(kind).copied().unwrap_or_default() as f64 / *was as f64)
        }).collect();
        if let Some(said) = sentence_with(&text, "，增速居首位").filter(|said| said.starts_with("技术")) {
            let best = rates.iter().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
            prop_assert!(said.starts_with(best.0.as_str()) && *best.1 > 1.0, "{} {:?}", said, rates);
        }
    }
}
