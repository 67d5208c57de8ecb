//! What the ledger says of a contract, in words: of its content, and of its standing beside it.

use serde_json::Value;

use super::{
    contract_words::{Changed, field_of, words},
    show::{NOTHING, minute},
};
use crate::domain::{
    catalogue::Catalogue,
    change_request::RequestState,
    checks::rules::rule_of,
    code_list::ListName,
    contract::Conclusion,
    ledger::{Act, Change},
    time::Moment,
    workflow::State,
};

/// What is told of a contract beside its content, and what it is called.
const BESIDE: &[(&str, &str)] = &[
    ("/submitted_at", "提交时间"),
    ("/confirmed_at", "审核确认时间"),
    ("/expert_reviewed", "专家论证"),
    ("/expert_conclusion", "专家论证结论"),
    ("/returned", "退回补正"),
    ("/refusal", "不予登记"),
    ("/ended", "撤销或注销"),
    ("/open_change_request", "未办结的申请"),
];

/// Everything that an act changed, in words, but what its entry says by itself: the states that it went between, what it asked for and
/// what was answered; and the digest that seals a row.
pub(super) fn changes(catalogue: &Catalogue, act: &Act) -> Vec<Changed> {
    let is_import = act.action.starts_with("import");
    let is_said = |change: &&Change| match change.pointer.as_str() {
        "/row_digest" => true,
        "/claimed_by" => act.action != "reassign",
        "/state" => act.from != act.to,
        "/returned" | "/refusal" | "/ended" => !is_import,
        pointer => pointer.starts_with("/answers/"),
    };
    let told = |change: &Change| Changed {
        pointer: change.pointer.clone(),
        label: label(&change.pointer),
        from: told(catalogue, &change.pointer, &change.from),
        to: told(catalogue, &change.pointer, &change.to),
    };
    act.changes.iter().filter(|change| !is_said(change)).map(told).collect()
}

/// A reason that answers findings, as people read it: what the findings are called instead of their ids, `A12：words` and `A06 finding，理由：words`.
pub(super) fn reason(text: &str) -> String {
    let parts = text.split('；').map(|part| {
        let end = part
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(part.len());
        let (id, rest) = part.split_at(end);
        match (rule_of(id), rest.chars().next()) {
            (Some(rule), Some('：')) => format!("{}{rest}", rule.title),
            (Some(_), Some(' ')) => rest.trim_start().to_owned(),
            // Rules of form belong to no check; their ids are words with strokes between them, and what was found stands behind them.
            (None, Some(' ')) if is_finding(id, rest) => rest.trim_start().to_owned(),
            _ => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join("；")
}

fn is_finding(id: &str, rest: &str) -> bool {
    let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    is_id && rest.trim_start().starts_with(|c: char| !c.is_ascii())
}

/// What a change is a change of.
pub(super) fn label(pointer: &str) -> &'static str {
    let beside = BESIDE
        .iter()
        .find(|(known, _)| *known == pointer)
        .map(|(_, label)| *label);
    beside
        .or_else(|| field_of(pointer).map(|field| field.label))
        .unwrap_or(match pointer.split('/').nth(1) {
            Some("change_requests") => "变更、注销申请",
            Some("attachments") => "附件",
            Some("answers") => "补正说明",
            _ => "合同",
        })
}

fn moment(value: &Value) -> String {
    let at = value.as_str().and_then(|text| Moment::parse(text).ok());
    at.map_or_else(|| value.as_str().unwrap_or(NOTHING).to_owned(), minute)
}

/// A value in words; of what has several parts, those that there are.
pub(super) fn told(catalogue: &Catalogue, pointer: &str, value: &Value) -> String {
    let state = |value: &Value| {
        let id = value.as_str().unwrap_or_default();
        State::from_id(id).map_or(id, |s| s.label()).to_owned()
    };
    match (pointer, value) {
        (_, Value::Null) => NOTHING.to_owned(),
        ("/state", value) => state(value),
        ("/submitted_at" | "/confirmed_at", value) => moment(value),
        (pointer, Value::String(id)) if pointer.starts_with("/change_requests/") && pointer.ends_with("/state") => {
            RequestState::from_id(id)
                .map_or(id.as_str(), |state| state.label())
                .to_owned()
        }
        (pointer, Value::Object(file)) if pointer.starts_with("/attachments/") => {
            let name = file.get("file_name").and_then(Value::as_str);
            name.unwrap_or(NOTHING).to_owned()
        }
        ("/open_change_request", Value::Number(number)) => format!("第 {number} 号"),
        ("/expert_conclusion", Value::Object(parts)) => {
            let id = parts.get("conclusion").and_then(Value::as_str).unwrap_or_default();
            Conclusion::from_id(id)
                .map_or(id, |conclusion| conclusion.label())
                .to_owned()
        }
        ("/expert_reviewed", Value::Bool(yes)) => if *yes { "是" } else { "否" }.to_owned(),
        ("/returned" | "/refusal" | "/ended", Value::Object(parts)) => {
            let said = parts
                .iter()
                .filter(|(_, part)| !part.is_null())
                .filter_map(|(key, part)| {
                    Some(match (key.as_str(), part) {
                        ("at", part) => moment(part),
                        ("state", part) => state(part),
                        ("ground", Value::String(id)) => {
                            let of = |list| catalogue.list(list).label(id);
                            of(ListName::RevocationGround)
                                .or_else(|| of(ListName::CancellationGround))
                                .unwrap_or(id)
                                .to_owned()
                        }
                        ("reasons", Value::Array(ids)) if !ids.is_empty() => {
                            let list = catalogue.list(ListName::RefusalReason);
                            let labels = ids.iter().filter_map(Value::as_str);
                            labels
                                .map(|id| list.label(id).unwrap_or(id))
                                .collect::<Vec<_>>()
                                .join("、")
                        }
                        (_, Value::String(text)) => text.clone(),
                        _ => return None,
                    })
                });
            said.collect::<Vec<_>>().join("，")
        }
        (pointer, value) => match field_of(pointer) {
            Some(field) => words(catalogue, field.holds, value),
            None => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::statistics::sample::reader::catalogue;

    fn act(action: &str, changes: Vec<(&str, Value, Value)>) -> Act {
        Act {
            at: Moment::from_micros(0),
            actor: "a".to_owned(),
            role: None,
            contract: Some(1),
            action: action.to_owned(),
            from: Some("confirmed".to_owned()),
            to: Some("confirmed".to_owned()),
            reason: None,
            changes: changes
                .into_iter()
                .map(|(pointer, from, to)| Change {
                    pointer: pointer.to_owned(),
                    from,
                    to,
                })
                .collect(),
        }
    }

    #[test]
    fn all_that_an_import_corrected_is_told() {
        let (before, after) = ("2025-03-01T02:00:00.000000Z", "2025-04-01T02:00:00.000000Z");
        let act = act(
            "import_update",
            vec![
                ("/submitted_at", json!(before), json!(after)),
                ("/confirmed_at", json!(before), json!(after)),
                ("/expert_reviewed", json!(false), json!(true)),
                (
                    "/ended",
                    json!(null),
                    json!({"at": before, "state": "revoked", "ground": null, "by": null}),
                ),
                ("/amount_fen", json!(100), json!(200)),
                ("/row_digest", json!("0a"), json!("0b")),
            ],
        );
        let told = changes(&catalogue(), &act);
        let lines: Vec<String> = told
            .iter()
            .map(|c| format!("{}：{} → {}", c.label, c.from, c.to))
            .collect();
        assert_eq!(lines.len(), 5, "{lines:?}");
        assert_eq!(lines[0], "提交时间：2025-03-01 10:00 → 2025-04-01 10:00");
        assert_eq!(lines[1], "审核确认时间：2025-03-01 10:00 → 2025-04-01 10:00");
        assert_eq!(lines[2], "专家论证：否 → 是");
        assert!(
            lines[3].starts_with("撤销或注销：") && lines[3].contains("已撤销"),
            "{lines:?}"
        );
    }

    #[test]
    fn what_acts_change_beside_the_content_has_words() {
        let act = act(
            "approve_amend",
            vec![
                ("/change_requests/7/state", json!("open"), json!("approved")),
                ("/open_change_request", json!(7), json!(null)),
                ("/expert_conclusion", json!(null), json!({"conclusion": "recognise"})),
                (
                    "/attachments/3",
                    json!(null),
                    json!({"file_name": "合同.pdf", "sha256": "00"}),
                ),
                ("/answers/0", json!(null), json!("已补")),
                ("/claimed_by", json!(null), json!("li")),
            ],
        );
        let told = changes(&catalogue(), &act);
        let words: Vec<(&str, &str)> = told.iter().map(|c| (c.label, c.to.as_str())).collect();
        assert_eq!(
            (words[0].0, words[1].0, words[2], words[3], words.len()),
            (
                "变更、注销申请",
                "未办结的申请",
                ("专家论证结论", "同意认定"),
                ("附件", "合同.pdf"),
                4
            )
        );
        assert!(!words[0].1.is_ascii(), "{words:?}");
    }

    #[test]
    fn reasons_are_told_without_the_ids_of_checks() {
        for (kept, told) in [
            (
                "A06 缺少合同文本，理由：原件存档；too_short 合同名称“变”过短，理由：原件如此；required 缺少关联交易，理由：历史登记",
                "缺少合同文本，理由：原件存档；合同名称“变”过短，理由：原件如此；缺少关联交易，理由：历史登记",
            ),
            ("A12：小额技术咨询", "金额单位可能有误：小额技术咨询"),
            ("双方协议解除", "双方协议解除"),
            (
                "in2.csv 第 2 行：更正；审核员 王伟 批准",
                "in2.csv 第 2 行：更正；审核员 王伟 批准",
            ),
            ("b.csv 第 2 行：A12", "b.csv 第 2 行：A12"),
            ("OK", "OK"),
            ("", ""),
        ] {
            assert_eq!(reason(kept), told);
        }
    }
}
