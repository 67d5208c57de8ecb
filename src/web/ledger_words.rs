//! Entries of the ledgers in words.

use serde_json::{Map, Value};

use super::{
    contract_words::{field_of, words},
    outbox,
    show::{NOTHING, minute},
    standing_words::reason,
    table::Cell,
    users,
};
use crate::{
    domain::{
        account::Role,
        account_ledger::{AccountAction, AccountEntry, AccountResult},
        catalogue::Catalogue,
        change_request::RequestState,
        ledger::{Change, Entry},
        self_audit::AuditState,
        workflow::{Action, State},
    },
    usecases::{ledger::StoredEntry, messages::MailState, people::Names},
};

/// Changes of an entry that a list shows; the others are told by their number.
const SHOWN: usize = 6;

/// Longest value that a list shows, in characters.
const LONGEST: usize = 60;

/// An entry in words.
pub(super) struct Told {
    /// When.
    pub at: String,
    /// Who, in which role.
    pub actor: String,
    /// What.
    pub action: String,
    /// With what.
    pub about: Cell,
    /// How it ended: states, or success.
    pub result: String,
    /// Why.
    pub reason: String,
    /// What changed, in brief.
    pub changes: String,
    /// What changed.
    pub all_changes: String,
}

impl Told {
    /// Of an entry whose text cannot be read.
    fn unreadable() -> Self {
        Self {
            at: NOTHING.to_owned(),
            actor: NOTHING.to_owned(),
            action: "原文无法识别".to_owned(),
            about: Cell::text(NOTHING),
            result: NOTHING.to_owned(),
            reason: NOTHING.to_owned(),
            changes: NOTHING.to_owned(),
            all_changes: NOTHING.to_owned(),
        }
    }
}

/// An entry of the register's chain.
pub(super) fn told(catalogue: &Catalogue, names: &Names, entry: &StoredEntry) -> Told {
    let Ok(Entry { act, .. }) = serde_json::from_str(&entry.entry) else {
        return Told::unreadable();
    };
    let state = |id: &Option<String>| {
        let id = id.as_deref()?;
        Some(State::from_id(id).map_or(id, |s| s.label()).to_owned())
    };
    let result = match (state(&act.from), state(&act.to)) {
        (from, to) if from == to => to.unwrap_or_else(|| NOTHING.to_owned()),
        (from, to) => format!(
            "{} → {}",
            from.unwrap_or_else(|| "无".to_owned()),
            to.unwrap_or_else(|| "无".to_owned())
        ),
    };
    Told {
        at: minute(act.at),
        actor: by(names, &act.actor, act.role.as_deref()),
        action: action(&act.action).to_owned(),
        about: match act.contract {
            Some(id) => Cell::link(format!("合同 {id}"), format!("/contracts/{id}")),
            None => Cell::text(NOTHING),
        },
        result,
        reason: act.reason.as_deref().map_or_else(|| NOTHING.to_owned(), reason),
        changes: brief(catalogue, &act.changes),
        all_changes: all(catalogue, &act.changes),
    }
}

/// An entry of the accounts' chain.
pub(super) fn account_told(catalogue: &Catalogue, names: &Names, entry: &StoredEntry) -> Told {
    let Ok(AccountEntry { event, .. }) = serde_json::from_str(&entry.entry) else {
        return Told::unreadable();
    };
    let actor = match &event.actor {
        Some(actor) => by(names, actor, event.role.as_deref()),
        None => "未登录".to_owned(),
    };
    let actor = match &event.address {
        Some(address) => format!("{actor}\n{address}"),
        None => actor,
    };
    Told {
        at: minute(event.at),
        actor,
        action: account_action(event.action).to_owned(),
        about: match (&event.account, event.agency) {
            (Some(name), _) => Cell::link(name, users::address_of(name)),
            (None, Some(id)) => Cell::link(format!("登记机构 {id}"), "/agencies"),
            (None, None) => Cell::text(NOTHING),
        },
        result: match event.result {
            AccountResult::Done => "成功",
            AccountResult::UnknownUser => "没有这个用户名",
            AccountResult::WrongPassword => "密码不正确",
            AccountResult::Locked => "账号已锁定",
            AccountResult::Expired => "初始密码已过期",
        }
        .to_owned(),
        reason: event.reason.unwrap_or_else(|| NOTHING.to_owned()),
        changes: brief(catalogue, &event.changes),
        all_changes: all(catalogue, &event.changes),
    }
}

fn by(names: &Names, actor: &str, role: Option<&str>) -> String {
    let actor = names.of(actor);
    match role {
        Some(id) => format!("{actor}（{}）", Role::from_id(id).map_or(id, |r| r.label())),
        None => actor,
    }
}

/// Acts on no contract, and those on a contract that are no steps of the workflow.
const ACTIONS: &[(&str, &str)] = &[
    ("create", "录入"),
    ("attach", "添加附件"),
    ("detach", "移除附件"),
    ("duplicate_elsewhere", "提示另一登记机构已有相同合同"),
    ("import", "导入"),
    ("import_update", "导入更正"),
    ("import_agency", "导入登记机构"),
    ("import_registrar", "导入登记员"),
    ("approve_import", "批准导入"),
    ("carry_out_import", "执行已批准的导入"),
    ("refuse_import", "不批准导入"),
    ("request_amend", "申请变更"),
    ("request_cancel", "申请注销"),
    ("refuse_amend", "不批准变更"),
    ("refuse_cancel", "不批准注销"),
    ("withdraw_amend", "撤回变更申请"),
    ("withdraw_cancel", "撤回注销申请"),
    ("convene_expert_review", "召集专家论证"),
    ("edit_expert_review", "修改专家论证"),
    ("add_to_expert_review", "列入专家论证"),
    ("end_expert_review", "结束一项论证"),
    ("recuse", "回避"),
    ("give_opinion", "发表专家意见"),
    ("close_voting", "结束表决"),
    ("open_voting", "开启下一轮表决"),
    ("create_self_audit", "新建自查"),
    ("assign_self_audit_item", "重新分配自查合同"),
    ("record_finding", "记录自查结论"),
    ("complete_self_audit", "完成自查"),
    ("abandon_self_audit", "终止自查"),
    ("issue_registrar_certificate", "发放登记员证书"),
    ("renew_registrar_certificate", "登记员证书续期"),
    ("suspend_registrar_certificate", "暂停登记员证书"),
    ("lift_registrar_suspension", "解除证书暂停"),
    ("record_training", "登记培训"),
    ("record_training_participants", "登记参加人员"),
    ("issue_registration_certificate", "出具登记证明"),
    ("keep_certificate_sheet", "补存登记证明票面"),
    ("pin_register", "固定旧版本数据"),
    ("retry_mail", "重发邮件"),
    ("close_year", "年度封账"),
    ("add_report_paragraph", "增加年报段落"),
    ("change_report_paragraph", "修改年报段落"),
    ("remove_report_paragraph", "删除年报段落"),
    ("record_follow_up", "登记履约跟踪"),
    ("change_follow_up", "修改履约跟踪"),
    ("remove_follow_up", "删除履约跟踪"),
    ("import_follow_up", "导入履约跟踪"),
    ("record_activity", "登记市场活动"),
    ("change_activity", "修改市场活动"),
    ("remove_activity", "删除市场活动"),
    ("import_activity", "导入市场活动"),
    ("record_reference_figure", "登记参考数据"),
    ("change_reference_figure", "修改参考数据"),
    ("remove_reference_figure", "删除参考数据"),
    ("import_reference", "导入参考数据"),
];

/// An action in words; its id where none are known.
pub(super) fn action(id: &str) -> &str {
    if let Some(known) = Action::ALL.into_iter().find(|a| a.id() == id) {
        return known.label();
    }
    ACTIONS
        .iter()
        .find(|(known, _)| *known == id)
        .map_or(id, |(_, words)| words)
}

const fn account_action(action: AccountAction) -> &'static str {
    match action {
        AccountAction::AddUser => "新建账号",
        AccountAction::ChangeUser => "修改账号",
        AccountAction::LockUser => "锁定账号",
        AccountAction::UnlockUser => "解锁账号",
        AccountAction::ResetPassword => "重置密码",
        AccountAction::ChangePassword => "修改密码",
        AccountAction::LogIn => "登录",
        AccountAction::Throttle => "登录失败过多，暂停登录",
        AccountAction::LogOut => "退出",
        AccountAction::EndSession => "结束会话",
        AccountAction::AddAgency => "新建登记机构",
        AccountAction::ChangeAgency => "修改登记机构",
        AccountAction::AcceptClock => "确认服务器时钟",
    }
}

/// Parts of pointers to what is no field of a contract.
const PARTS: &[(&str, &str)] = &[
    ("added", "新增"),
    ("agency", "登记机构"),
    ("already_ended", "此前已结束"),
    ("assigned_to", "检查人"),
    ("attachments", "附件"),
    ("certificate", "登记员证书"),
    ("change_requests", "变更、注销申请"),
    ("claimed_by", "领取人"),
    ("code", "代码"),
    ("confirmed_at", "审核确认时间"),
    ("document_number", "文号"),
    ("editions", "版次"),
    ("email", "电子邮件"),
    ("employer", "工作单位"),
    ("employer_uscc", "工作单位统一社会信用代码"),
    ("ended", "撤销或注销"),
    ("expert_reviewed", "专家论证"),
    ("expert_reviews", "专家论证"),
    ("file_name", "文件"),
    ("finding", "检查结论"),
    ("found_by", "检查人"),
    ("full_name", "姓名"),
    ("imports", "导入"),
    ("items", "自查合同"),
    ("locked_at", "锁定时间"),
    ("name", "名称"),
    ("note", "说明"),
    ("open_change_request", "未办结的申请"),
    ("opinions", "意见"),
    ("outbox", "邮件"),
    ("participants", "参加人员"),
    ("refusal", "不予登记"),
    ("registrars", "登记员证书"),
    ("registration_certificates", "登记证明（按修订号）"),
    ("report_paragraphs", "年报段落"),
    ("returned", "退回补正"),
    ("revoked", "撤销"),
    ("right", "无误"),
    ("roles", "角色"),
    ("row_digest", "导入行的摘要"),
    ("self_audits", "自查"),
    ("served_on", "送达日期"),
    ("state", "状态"),
    ("submitted_at", "提交时间"),
    ("suspension", "暂停"),
    ("to_approve", "更正曾经确认的合同"),
    ("trainings", "培训"),
    ("updated", "更正"),
    ("username", "提交人"),
    ("valid_until", "有效期至"),
    ("wrong", "有误"),
];

/// What a change is a change of.
fn place(pointer: &str) -> String {
    if let Some(field) = field_of(pointer) {
        return field.label.to_owned();
    }
    if pointer.is_empty() {
        return "整条记录".to_owned();
    }
    let parts = pointer.split('/').skip(1).map(|part| {
        let known = PARTS.iter().find(|(id, _)| *id == part);
        known.map_or(part, |(_, words)| *words)
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// A state in words, of the thing that a pointer is about; its id where none are known.
fn state_word<'a>(pointer: &str, id: &'a str) -> &'a str {
    let word = match pointer.split('/').nth(1) {
        Some("self_audits") => AuditState::from_id(id).map(AuditState::label),
        Some("change_requests") => RequestState::from_id(id).map(RequestState::label),
        Some("outbox") => MailState::from_id(id).map(outbox::state_label),
        _ => State::from_id(id).map(State::label),
    };
    word.unwrap_or(id)
}

/// What stood or stands there. What has parts of its own is told whole where there is room for it.
fn value(catalogue: &Catalogue, pointer: &str, value: &Value, longest: usize) -> String {
    let text = match (field_of(pointer), value) {
        (_, Value::Null) => "无".to_owned(),
        (_, Value::Bool(yes)) => if *yes { "是" } else { "否" }.to_owned(),
        (_, Value::Object(parts)) if longest < usize::MAX => in_brief(pointer, parts),
        (_, Value::Array(items)) if items.iter().all(Value::is_string) => {
            let word = |id: &str| match Role::from_id(id).filter(|_| pointer == "/roles") {
                Some(role) => role.label().to_owned(),
                None => id.to_owned(),
            };
            let items: Vec<String> = items.iter().filter_map(Value::as_str).map(word).collect();
            items.join("、")
        }
        (_, Value::String(id)) if pointer.ends_with("/state") => state_word(pointer, id).to_owned(),
        (Some(field), value) => words(catalogue, field.holds, value),
        (None, Value::String(text)) => text.clone(),
        (None, other) => other.to_string(),
    };
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Parts of a record that are told in a list; of a larger one the list says only where it is.
const PARTS_TOLD: usize = 8;

/// What a small record holds, part after part, without what it lacks and what has no name here.
fn in_brief(pointer: &str, parts: &Map<String, Value>) -> String {
    let name = |key: &str| PARTS.iter().find(|(id, _)| *id == key).map(|(_, words)| *words);
    let told: Vec<String> = parts
        .iter()
        .filter_map(|(key, value)| match value {
            Value::String(id) if key == "state" => Some(format!("{} {}", name(key)?, state_word(pointer, id))),
            Value::String(text) => Some(format!("{} {text}", name(key)?)),
            Value::Number(number) => Some(format!("{} {number}", name(key)?)),
            _ => None,
        })
        .collect();
    if parts.len() > PARTS_TOLD || told.is_empty() {
        return "（见本条）".to_owned();
    }
    told.join("，")
}

fn line(catalogue: &Catalogue, change: &Change, longest: usize) -> String {
    let told = |side| value(catalogue, &change.pointer, side, longest);
    format!(
        "{}：{} → {}",
        place(&change.pointer),
        told(&change.from),
        told(&change.to)
    )
}

fn brief(catalogue: &Catalogue, changes: &[Change]) -> String {
    if changes.is_empty() {
        return NOTHING.to_owned();
    }
    let mut lines: Vec<String> = changes
        .iter()
        .take(SHOWN)
        .map(|c| line(catalogue, c, LONGEST))
        .collect();
    if changes.len() > SHOWN {
        lines.push(format!("另有 {} 项", changes.len() - SHOWN));
    }
    lines.join("\n")
}

fn all(catalogue: &Catalogue, changes: &[Change]) -> String {
    if changes.is_empty() {
        return "没有变更的内容。".to_owned();
    }
    let lines: Vec<String> = changes.iter().map(|c| line(catalogue, c, usize::MAX)).collect();
    lines.join("\n")
}
