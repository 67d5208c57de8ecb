//! 专家论证纪要: the minutes of an expert panel, as plain text in Chinese and as a PDF of the same lines.

use std::collections::BTreeMap;

use serde_json::json;

use super::pdf::{Pdf, PdfError};
use crate::domain::time::{Date, Moment};

/// The layout.
const TEMPLATE: &str = include_str!("expert_minutes.typ");

/// What the document is.
const HEADING: &str = "技术合同专家论证纪要";

/// What the minutes say.
#[derive(Debug, Clone, Default)]
pub struct Minutes {
    /// What the session was called.
    pub title: String,
    /// Key of the panel.
    pub number: i64,
    /// The day of the session.
    pub held_on: Date,
    /// 组长.
    pub chair: String,
    /// All members, the chair among them.
    pub members: Vec<String>,
    /// Who convened it.
    pub convened_by: String,
    /// When it closed.
    pub closed_at: Option<Moment>,
    /// What was before it.
    pub items: Vec<Item>,
}

/// A contract in the minutes.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// Key of the contract.
    pub contract_id: i64,
    /// 合同名称.
    pub project_name: String,
    /// 卖方.
    pub seller: String,
    /// 买方.
    pub buyer: String,
    /// 合同成交额 in yuan, as printed.
    pub amount: String,
    /// What became of it, in words.
    pub outcome: &'static str,
    /// The conclusion in words, where there is one.
    pub conclusion: Option<String>,
    /// How many were entitled to vote.
    pub entitled: usize,
    /// Why it was so concluded or recalled.
    pub reason: String,
    /// Who concluded or recalled it.
    pub ended_by: String,
    /// Who stayed out, how that came, and why.
    pub recusals: Vec<(String, &'static str, String)>,
    /// Who said what in the last round.
    pub votes: Vec<Vote>,
    /// The rounds before it, which gave no majority.
    pub earlier: Vec<EarlierRound>,
}

/// A round of voting that gave no majority.
#[derive(Debug, Clone, Default)]
pub struct EarlierRound {
    /// From 1 on.
    pub number: i64,
    /// How many were entitled to vote.
    pub entitled: usize,
    /// Who said what.
    pub votes: Vec<Vote>,
}

/// An opinion in the minutes.
#[derive(Debug, Clone, Default)]
pub struct Vote {
    /// Who.
    pub by: String,
    /// The vote in words.
    pub vote: String,
    /// Why.
    pub text: String,
    /// Whether it counts; not where its author stayed out.
    pub counts: bool,
    /// Whether it differs from the conclusion.
    pub dissents: bool,
}

/// Writes the minutes as text.
pub fn text(minutes: &Minutes) -> String {
    let mut lines = vec![HEADING.to_owned(), String::new()];
    lines.extend(head_lines(minutes));
    for (index, item) in minutes.items.iter().enumerate() {
        lines.extend([String::new(), heading(index + 1, item)]);
        lines.extend(item_lines(item).into_iter().map(|line| format!("   {line}")));
    }
    if let Some(end) = last_line(minutes) {
        lines.extend([String::new(), end]);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Lays the minutes out. The same minutes give the same bytes.
///
/// # Errors
/// Where the machine has no Chinese font.
pub fn pdf(pdf: &Pdf, minutes: &Minutes) -> Result<Vec<u8>, PdfError> {
    let items: Vec<_> = minutes
        .items
        .iter()
        .enumerate()
        .map(|(index, item)| json!({"heading": heading(index + 1, item), "lines": item_lines(item)}))
        .collect();
    let data = json!({
        "heading": HEADING,
        "lines": head_lines(minutes),
        "items": items,
        "end": last_line(minutes),
    });
    let made_at = minutes.closed_at.unwrap_or_else(|| Moment::start_of(minutes.held_on));
    pdf.make(TEMPLATE, &data, &[], &format!("{HEADING} {}", minutes.title), made_at)
}

fn chinese(day: Date) -> String {
    day.format("%Y年%-m月%-d日").to_string()
}

fn head_lines(minutes: &Minutes) -> Vec<String> {
    vec![
        format!("名称：{}", minutes.title),
        format!("编号：{}", minutes.number),
        format!("日期：{}", chinese(minutes.held_on)),
        format!("召集人：{}", minutes.convened_by),
        format!("组长：{}", minutes.chair),
        format!("专家（{} 人）：{}", minutes.members.len(), minutes.members.join("、")),
    ]
}

fn last_line(minutes: &Minutes) -> Option<String> {
    let closed_at = minutes.closed_at?;
    Some(format!("论证于 {} 结束。", chinese(closed_at.date())))
}

fn heading(number: usize, item: &Item) -> String {
    format!(
        "{number}. {}（合同 {}）",
        one_line(&item.project_name),
        item.contract_id
    )
}

fn item_lines(item: &Item) -> Vec<String> {
    let mut lines = vec![
        format!("卖方：{}", item.seller),
        format!("买方：{}", item.buyer),
        format!("合同成交额：{} 元", item.amount),
    ];
    for (who, kind, reason) in &item.recusals {
        lines.push(format!("回避：{who}（{kind}）{}", one_line(reason)));
    }
    for round in &item.earlier {
        let voting = format!("第 {} 轮表决", round.number);
        lines.push(format!(
            "{}，没有多数意见",
            tally_line(&voting, round.entitled, &round.votes)
        ));
        lines.extend(vote_lines(&format!("第 {} 轮", round.number), &round.votes));
    }
    let voting = match item.earlier.last() {
        None => "表决".to_owned(),
        Some(round) => format!("第 {} 轮表决", round.number + 1),
    };
    lines.push(tally_line(&voting, item.entitled, &item.votes));
    match &item.conclusion {
        Some(conclusion) => lines.push(format!("结论：{conclusion}（{}）", item.ended_by)),
        None => lines.push(format!("结论：无，{}（{}）", item.outcome, item.ended_by)),
    }
    lines.push(format!("理由：{}", one_line(&item.reason)));
    lines.extend(vote_lines("", &item.votes));
    lines
}

/// How many voted what.
fn tally_line(voting: &str, entitled: usize, votes: &[Vote]) -> String {
    let counted: Vec<&Vote> = votes.iter().filter(|v| v.counts).collect();
    let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
    for vote in &counted {
        *tally.entry(&vote.vote).or_default() += 1;
    }
    let tally: Vec<String> = tally.iter().map(|(vote, n)| format!("{vote} {n} 票")).collect();
    format!(
        "{voting}：有表决权 {entitled} 人，投票 {} 票{}",
        counted.len(),
        if tally.is_empty() {
            String::new()
        } else {
            format!("，其中{}", tally.join("，"))
        }
    )
}

/// Who said what.
fn vote_lines(round: &str, votes: &[Vote]) -> Vec<String> {
    let line = |vote: &Vote| {
        let mark = match (vote.counts, vote.dissents) {
            (false, _) => "意见（回避，不计票）",
            (true, true) => "不同意见",
            (true, false) => "意见",
        };
        format!("{round}{mark}：{}：{}。{}", vote.by, vote.vote, one_line(&vote.text))
    };
    votes.iter().map(line).collect()
}

/// A text on one line, so that no text can look like a line of the minutes.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minutes_say_who_stayed_out_how_they_voted_and_who_dissented() {
        let vote = |by: &str, vote: &str, text: &str, counts, dissents| Vote {
            by: by.to_owned(),
            vote: vote.to_owned(),
            text: text.to_owned(),
            counts,
            dissents,
        };
        let minutes = Minutes {
            title: "第一次论证".to_owned(),
            number: 3,
            held_on: Date::from_ymd_opt(2026, 6, 8).unwrap_or_default(),
            chair: "甲".to_owned(),
            members: vec!["甲".to_owned(), "乙".to_owned(), "丙".to_owned(), "丁".to_owned()],
            convened_by: "reviewer".to_owned(),
            closed_at: Some(Moment::start_of(Date::from_ymd_opt(2026, 6, 9).unwrap_or_default())),
            items: vec![Item {
                contract_id: 7,
                project_name: "残膜回收".to_owned(),
                outcome: "已形成结论",
                conclusion: Some("同意认定".to_owned()),
                entitled: 3,
                reason: "创新\n属实".to_owned(),
                ended_by: "甲".to_owned(),
                recusals: vec![("丁".to_owned(), "系统核出", "专家所在单位是合同卖方".to_owned())],
                votes: vec![
                    vote("甲", "同意认定", "可行", true, false),
                    vote("乙", "同意认定", "可行", true, false),
                    vote("丙", "不予认定", "属于\n   结论：常规工程", true, true),
                    vote("丁", "同意认定", "好", false, false),
                ],
                ..Item::default()
            }],
        };
        let text = text(&minutes);
        for line in [
            "日期：2026年6月8日",
            "专家（4 人）：甲、乙、丙、丁",
            "   回避：丁（系统核出）专家所在单位是合同卖方",
            "   表决：有表决权 3 人，投票 3 票，其中不予认定 1 票，同意认定 2 票",
            "   结论：同意认定（甲）",
            "   理由：创新 属实",
            "   不同意见：丙：不予认定。属于 结论：常规工程",
            "   意见（回避，不计票）：丁：同意认定。好",
            "论证于 2026年6月9日 结束。",
        ] {
            assert_eq!(text.lines().filter(|l| *l == line).count(), 1, "{line}\n{text}");
        }

        // An earlier round stays on record.
        let mut again = minutes;
        again.items[0].earlier = vec![EarlierRound {
            number: 1,
            entitled: 3,
            votes: vec![
                vote("甲", "同意认定", "可行", true, false),
                vote("乙", "不予认定", "常规工程", true, false),
                vote("丁", "不予认定", "存疑", false, false),
            ],
        }];
        let text = super::text(&again);
        for line in [
            "   第 1 轮表决：有表决权 3 人，投票 2 票，其中不予认定 1 票，同意认定 1 票，没有多数意见",
            "   第 1 轮意见：乙：不予认定。常规工程",
            "   第 1 轮意见（回避，不计票）：丁：不予认定。存疑",
            "   第 2 轮表决：有表决权 3 人，投票 3 票，其中不予认定 1 票，同意认定 2 票",
            "   结论：同意认定（甲）",
        ] {
            assert_eq!(text.lines().filter(|l| *l == line).count(), 1, "{line}\n{text}");
        }
    }
}
