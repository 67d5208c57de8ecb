//! A12 slip of the unit, A16 related parties, A27 placeholders, A29 flow: by what the record itself says.

use super::{
    super::{
        Severity::{Error, Notice, Warning},
        text::{contact_texts, parties, shown},
    },
    Case, Findings, Phase,
};
use crate::domain::{contract::Party, likeness::Name, money::format_yuan};

/// How much a slip between 元 and 万元 makes of an amount.
const SLIP: i64 = 10_000;

/// Words that people write where contact data are asked for and they have none (A27).
const PLACEHOLDERS: [&str; 16] = [
    "无",
    "暂无",
    "没有",
    "未知",
    "不详",
    "待定",
    "待填",
    "待补充",
    "同上",
    "略",
    "测试",
    "none",
    "null",
    "test",
    "12345678",
    "12345678901",
];

/// A12: 元 typed for 万元, or the other way round: an amount of unusual size (limits of the rule set), or ten thousand times
/// another of the same parties.
pub(super) fn unit_slip(case: &Case<'_>, findings: &mut Findings) {
    let (Some(total), Some(rules)) = (case.content.amount_fen, case.rule_set) else {
        return;
    };
    let range = &rules.unusual_amount;
    if total < range.below_fen || total > range.above_fen {
        let [total, below, above] = [total, range.below_fen, range.above_fen].map(format_yuan);
        let message = format!("合同成交额 {total} 元小于 {below} 元或大于 {above} 元，请核对单位是元还是万元");
        return findings.add(Warning, "/amount_fen", message);
    }
    let siblings = case.facts.likeness.iter().flat_map(|l| &l.pair).map(|d| d.amount_fen);
    let slipped = |other: i64| {
        total > 0 && other > 0 && (total == other.saturating_mul(SLIP) || other == total.saturating_mul(SLIP))
    };
    if let Some(other) = siblings.into_iter().find(|other| slipped(*other)) {
        let [total, other] = [total, other].map(format_yuan);
        let message = format!("合同成交额 {total} 元与相同当事人的另一项合同（{other} 元）恰好相差一万倍，请核对单位");
        findings.add(Warning, "/amount_fen", message);
    }
}

/// A16: one party on both sides is a warning at any time. Parties that share legal representative, address or telephone without
/// having declared it, and a declared relation, are a warning over what is registered and a notice before: science parks and
/// agents share addresses and telephones, so this is for the reviewer to weigh and no reason to hold an applicant up.
pub(super) fn related_party(case: &Case<'_>, findings: &mut Findings) {
    let (seller, buyer) = (&case.content.seller, &case.content.buyer);
    if seller.uscc.is_some() && seller.uscc == buyer.uscc {
        return findings.add(Warning, "/buyer/uscc", "买卖双方的统一社会信用代码相同");
    }
    let severity = match case.phase {
        Phase::Submission => Notice,
        Phase::Audit => Warning,
    };
    if case.content.related_party == Some(true) {
        let message = "已申报为关联交易，请核对关联关系、持股比例和价格依据";
        return findings.add(severity, "/related_party", message);
    }
    let same = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => !is_placeholder(a) && Name::of(a) == Name::of(b),
        _ => false,
    };
    let shared = [
        (
            "法定代表人",
            same(&seller.legal_representative, &buyer.legal_representative),
        ),
        ("地址", same(&seller.address, &buyer.address)),
        ("联系电话", same(&seller.phone, &buyer.phone)),
    ];
    let shared: Vec<&str> = shared
        .into_iter()
        .filter(|(_, same)| *same)
        .map(|(what, _)| what)
        .collect();
    if !shared.is_empty() {
        let message = format!("买卖双方的{}相同，而未申报关联交易", shared.join("、"));
        findings.add(severity, "/related_party", message);
    }
}

/// A27: contact data that were made up.
pub(super) fn placeholder_contact(case: &Case<'_>, findings: &mut Findings) {
    for (base, party) in parties(case.content) {
        for field in contact_texts(base, party) {
            if let Some(value) = field.value.filter(|value| is_placeholder(value)) {
                let label = field.full_label();
                let message = format!("{label}“{}”像是占位内容，请填写真实信息", shown(value));
                findings.add(Warning, field.pointer(), message);
            }
        }
    }
}

/// Whether a text only fills its place: a word of the list, an asterisk in it, nothing but marks, one letter or digit over and over.
fn is_placeholder(value: &str) -> bool {
    let said = || value.chars().filter(|c| c.is_alphanumeric());
    let Some(first) = said().next() else {
        return !value.trim().is_empty();
    };
    let repeated = first.is_ascii() && said().all(|c| c == first) && (first == '0' || said().count() >= 3);
    repeated || value.contains(['*', '＊']) || PLACEHOLDERS.iter().any(|word| value.trim().eq_ignore_ascii_case(word))
}

/// A29: the flow is derived of 买方所属兵团单位 and the buyer's region, so what can disagree is these two. A unit of the Corps abroad
/// is an error over what is registered and a notice at submission: a body of the Corps may have its seat abroad. A notice, too: a unit whose region is outside Xinjiang (there are offices elsewhere), and a buyer without a unit in a
/// city of the Corps (GB/T 2260: 6590xx), which is counted as 地方.
pub(super) fn flow(case: &Case<'_>, findings: &mut Findings) {
    let Party { region, .. } = &case.content.buyer;
    let begins = |with: &str| region.as_deref().is_some_and(|r| r.starts_with(with));
    if case.content.buyer_unit.is_some() {
        if case.content.buyer.is_foreign() {
            let severity = match case.phase {
                Phase::Submission => Notice,
                Phase::Audit => Error,
            };
            findings.add(severity, "/buyer/unit", "境外买方属于兵团单位，请核对");
        } else if region.is_some() && !begins("65") {
            findings.add(Notice, "/buyer/region", "买方属于兵团单位，而行政区划不在新疆，请核对");
        }
    } else if begins("6590") {
        let message = "买方在兵团城市而未填所属兵团单位，将按“地方”统计，请核对";
        findings.add(Notice, "/buyer/unit", message);
    }
}
