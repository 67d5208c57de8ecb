//! A11 nothing deducted, A13 wrong category, A15 no technology contract: by words of name and summary. Words only hint, so they
//! ask for a reason and never forbid. Phrases rather than words, since 设备, 材料, 检测 and 施工 are what technology is about, too.

use super::{super::Severity::Warning, Case, Findings};

/// Purchases within a contract (A11).
const PURCHASES: [&str; 20] = [
    "设备采购",
    "采购设备",
    "设备购置",
    "购置设备",
    "设备购买",
    "购买设备",
    "仪器采购",
    "采购仪器",
    "仪器购置",
    "购置仪器",
    "材料采购",
    "采购材料",
    "采购原材料",
    "原材料采购",
    "购买材料",
    "材料费",
    "设备费",
    "设备供货",
    "供应设备",
    "含施工",
];

/// A development that develops nothing (A13): nothing new is sought.
const NOTHING_NEW: [&str; 8] = [
    "仿制",
    "成熟产品",
    "定型产品",
    "不涉及研发",
    "无研发内容",
    "日常运维",
    "日常维护",
    "维护保养",
];

/// A service that hands intellectual property over (A13).
const HANDS_OVER: [&str; 8] = [
    "专利权转让",
    "专利申请权转让",
    "著作权转让",
    "技术秘密转让",
    "知识产权转让",
    "品种权转让",
    "转让专利",
    "转让知识产权",
];

/// Advice that is carried out, too (A13).
const CARRIES_OUT: [&str; 8] = [
    "负责实施",
    "组织实施",
    "指导实施",
    "现场实施",
    "安装调试",
    "施工指导",
    "系统集成",
    "上线运行",
];

/// Training that comes with a sale (A13).
const SELLS: [&str; 8] = [
    "产品使用培训",
    "设备操作培训",
    "设备使用培训",
    "随设备",
    "随货",
    "售后培训",
    "产品推销",
    "促销",
];

/// What no technology contract is about (A15).
const NO_TECHNOLOGY: [&str; 24] = [
    "工程施工",
    "施工承包",
    "施工总承包",
    "土建施工",
    "工程监理",
    "监理服务",
    "施工监理",
    "广告发布",
    "广告投放",
    "广告代理",
    "物业管理",
    "物业服务",
    "货物采购",
    "货物买卖",
    "设备租赁",
    "房屋租赁",
    "场地租赁",
    "车辆租赁",
    "软件产品销售",
    "产品销售合同",
    "常规检测",
    "例行检测",
    "一般检测",
    "来料加工",
];

/// What makes of such a thing the subject of technology, standing right behind it: 物业管理系统, 工程施工工艺.
const SUBJECTS: [&str; 22] = [
    "系统",
    "平台",
    "软件",
    "技术",
    "工艺",
    "工法",
    "方法",
    "装备",
    "设备",
    "机械",
    "装置",
    "模型",
    "算法",
    "标准",
    "智能",
    "数字",
    "信息",
    "优化",
    "研究",
    "开发",
    "研制",
    "大数据",
];

/// What denies a word, standing within a few characters before it: 不含设备采购.
const DENIALS: [&str; 8] = ["不含", "不包括", "不包含", "不涉及", "未包含", "未涉及", "扣除", "无需"];

/// Characters before a word in which a denial is looked for.
const DENIAL_REACH: usize = 8;

/// The first of `words` that stands in name or summary undenied; what stands before and behind it decides.
fn said(case: &Case<'_>, words: &[&'static str], unless_before: &[&str]) -> Option<(&'static str, &'static str)> {
    let texts = [
        ("/project_name", case.content.project_name.as_deref()),
        ("/summary", case.content.summary.as_deref()),
    ];
    texts.into_iter().find_map(|(pointer, text)| {
        let text = text?;
        let word = words.iter().find(|word| {
            text.match_indices(*word).any(|(at, _)| {
                let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + word.len()..));
                let reach: Vec<char> = before.chars().rev().take(DENIAL_REACH).collect();
                let reach: String = reach.into_iter().rev().collect();
                let behind = after.unwrap_or_default();
                !DENIALS.iter().any(|d| reach.contains(d)) && !unless_before.iter().any(|s| behind.starts_with(s))
            })
        })?;
        Some((*word, pointer))
    })
}

/// A11: the whole amount is called technology while the text speaks of purchases.
pub(super) fn nothing_deducted(case: &Case<'_>, findings: &mut Findings) {
    let content = case.content;
    if content.amount_fen.is_none() || content.technology_amount_fen != content.amount_fen {
        return;
    }
    if let Some((word, _)) = said(case, &PURCHASES, &["系统", "平台", "管理软件"]) {
        let message = format!("文中有“{word}”，而技术交易额等于合同成交额，请核对是否已扣除设备、材料等费用");
        findings.add(Warning, "/technology_amount_fen", message);
    }
}

/// A13: the type against words that speak of another.
pub(super) fn wrong_category(case: &Case<'_>, findings: &mut Findings) {
    let contract_type = case.content.contract_type.as_deref().unwrap_or_default();
    let training = case.content.subtype.as_deref() == Some("sv_training");
    let (words, why): (&[&'static str], &str) = match contract_type {
        "development" => (&NOTHING_NEW, "技术开发应有尚未掌握的新技术方案"),
        "service" if training => (&SELLS, "随产品销售的培训不单独认定"),
        "service" => (&HANDS_OVER, "技术服务不转移知识产权，请核对是否应为技术转让"),
        "consulting" => (&CARRIES_OUT, "提供实施方案并指导实施的，请核对是否应为技术服务"),
        _ => return,
    };
    if let Some((word, _)) = said(case, words, &[]) {
        findings.add(Warning, "/type", format!("文中有“{word}”：{why}"));
    }
}

/// A15: what is no technology contract at all.
pub(super) fn not_technology(case: &Case<'_>, findings: &mut Findings) {
    if let Some((word, pointer)) = said(case, &NO_TECHNOLOGY, &SUBJECTS) {
        let message = format!("文中有“{word}”，请核对是否属于技术合同");
        findings.add(Warning, pointer, message);
    }
}
