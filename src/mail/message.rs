//! What people are told: one variant a kind, one template each. Pure: values in, Chinese subject and text out. A subject names no
//! contract, so that it gives nothing away where mail is listed; the text names what its reader may see, and nobody else.

use std::fmt::Write as _;

use crate::domain::{contract::ReturnItem, fields::label_of, time::Date};

/// Items to correct that a text lists; the others are told by their number.
const ITEMS: usize = 20;

/// Longest text that is taken over from a person, in characters.
const LONGEST: usize = 2000;

/// What whoever watches over rights does with what was not expected.
const UNEXPECTED: &str = "如非应有，请及时核实。";

/// What someone is told. `project` is 合同名称; `reason` is in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice<'a> {
    /// 退回补正, to whoever submitted.
    Returned {
        /// 合同名称.
        project: &'a str,
        /// Why.
        reason: &'a str,
        /// What is to be corrected.
        items: &'a [ReturnItem],
    },
    /// 审核确认, to whoever submitted.
    Confirmed {
        /// 合同名称.
        project: &'a str,
        /// 登记编号.
        number: &'a str,
    },
    /// 不予登记, to whoever submitted.
    Refused {
        /// 合同名称.
        project: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// 撤销登记, to whoever submitted.
    Revoked {
        /// 合同名称.
        project: &'a str,
        /// 登记编号.
        number: &'a str,
        /// 文书号.
        document: &'a str,
        /// Ground, and what was added.
        reason: &'a str,
    },
    /// 恢复登记, to whoever submitted.
    Reinstated {
        /// 合同名称.
        project: &'a str,
        /// 登记编号.
        number: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// 重新受理, to whoever submitted.
    Reopened {
        /// 合同名称.
        project: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// To the reviewer whose work another took over.
    TakenOver {
        /// 合同名称.
        project: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// To the reviewer who is handed work.
    HandedOver {
        /// 合同名称.
        project: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// To the reviewer whose work went back to the unclaimed, since it lay too long.
    Released {
        /// 合同名称.
        project: &'a str,
    },
    /// To the reviewer whose work is past its day.
    Overdue {
        /// 合同名称.
        project: &'a str,
        /// 办理期限.
        due_on: Date,
    },
    /// To the reviewer whose work comes up to its day.
    DueSoon {
        /// 合同名称.
        project: &'a str,
        /// 办理期限.
        due_on: Date,
        /// Days from today to it; 0 on the last day.
        days: i64,
    },
    /// To reviewers, of contracts that nobody has claimed and whose day is near or past.
    UnclaimedDue,
    /// To an expert who is asked to a panel.
    ExpertInvited {
        /// Title of the panel.
        title: &'a str,
        /// Its day.
        held_on: Option<Date>,
        /// Whether the expert is asked to chair it.
        chair: bool,
        /// Contracts before it.
        contracts: usize,
    },
    /// To a member of a panel: voting on one of its contracts gave no majority and begins anew.
    VotingAgain {
        /// Title of the panel.
        title: &'a str,
        /// 合同名称.
        project: &'a str,
        /// Number of the round that begins.
        round: i64,
    },
    /// To administrators, of registrar certificates that run out.
    CertificatesExpiring {
        /// How many came up to a day of reminding.
        count: usize,
    },
    /// To the holder of a registrar certificate that runs out.
    CertificateExpiring {
        /// 证书编号.
        number: &'a str,
        /// Last day.
        valid_until: Date,
        /// Days from today to it; 0 on the last day.
        days: i64,
    },
    /// To the holder of a registrar certificate that was suspended.
    CertificateSuspended {
        /// 证书编号.
        number: &'a str,
        /// First day.
        from_on: Date,
        /// Why.
        reason: &'a str,
    },
    /// To whoever asked for a change.
    ChangeDecided {
        /// 合同名称.
        project: &'a str,
        /// What was asked for, in Chinese: 变更, 注销.
        change: &'a str,
        /// Whether it was granted.
        approved: bool,
        /// What the reviewer added.
        reason: Option<&'a str>,
    },
    /// To a reviewer who is given contracts to audit.
    AuditAssigned {
        /// Title of the campaign.
        title: &'a str,
        /// Contracts given.
        items: usize,
    },
    /// To reviewers, of an import that would change what was ever confirmed.
    ImportAwaits {
        /// Name of the file.
        file: &'a str,
        /// Contracts that were ever confirmed and would be changed.
        count: i64,
    },
    /// To whoever handed in a file that waited for a reviewer.
    ImportDecided {
        /// Name of the file.
        file: &'a str,
        /// Whether it was approved.
        approved: bool,
        /// What the reviewer said.
        reason: Option<&'a str>,
    },
    /// To auditors and administrators, of an account that was added.
    AccountAdded {
        /// The account, by the person's name and its own.
        account: &'a str,
        /// Its roles, in words.
        roles: &'a str,
        /// Who added it.
        by: &'a str,
    },
    /// To auditors and administrators, of roles that an account was given.
    RolesGiven {
        /// The account, by the person's name and its own.
        account: &'a str,
        /// The roles that it did not have, in words.
        roles: &'a str,
        /// Who gave them.
        by: &'a str,
    },
    /// To auditors and administrators, of a registrar certificate that was issued.
    CertificateIssued {
        /// 证书编号.
        number: &'a str,
        /// 姓名.
        name: &'a str,
        /// Who issued it.
        by: &'a str,
    },
    /// To auditors and administrators, of registrar certificates that came by a file.
    CertificatesImported {
        /// Name of the file.
        file: &'a str,
        /// How many were not there before.
        count: u64,
        /// Who imported it.
        by: &'a str,
    },
}

impl Notice<'_> {
    /// Stable id.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Returned { .. } => "returned",
            Self::Confirmed { .. } => "confirmed",
            Self::Refused { .. } => "refused",
            Self::Revoked { .. } => "revoked",
            Self::Reinstated { .. } => "reinstated",
            Self::Reopened { .. } => "reopened",
            Self::TakenOver { .. } => "taken_over",
            Self::HandedOver { .. } => "handed_over",
            Self::Released { .. } => "released",
            Self::Overdue { .. } => "overdue",
            Self::DueSoon { .. } => "due_soon",
            Self::UnclaimedDue => "unclaimed_due",
            Self::ExpertInvited { .. } => "expert_invited",
            Self::VotingAgain { .. } => "voting_again",
            Self::CertificatesExpiring { .. } => "certificates_expiring",
            Self::CertificateExpiring { .. } => "certificate_expiring",
            Self::CertificateSuspended { .. } => "certificate_suspended",
            Self::ChangeDecided { .. } => "change_decided",
            Self::AuditAssigned { .. } => "audit_assigned",
            Self::ImportAwaits { .. } => "import_awaits",
            Self::ImportDecided { .. } => "import_decided",
            Self::AccountAdded { .. } => "account_added",
            Self::RolesGiven { .. } => "roles_given",
            Self::CertificateIssued { .. } => "certificate_issued",
            Self::CertificatesImported { .. } => "certificates_imported",
        }
    }

    /// The subject: of the kind alone.
    pub fn subject(&self) -> String {
        let about = match self {
            Self::Returned { .. } => "合同退回补正",
            Self::Confirmed { .. } => "合同登记已确认",
            Self::Refused { .. } => "合同不予登记",
            Self::Revoked { .. } => "合同登记已撤销",
            Self::Reinstated { .. } => "合同登记已恢复",
            Self::Reopened { .. } => "合同重新受理",
            Self::TakenOver { .. } => "您领取的合同已由他人接手",
            Self::HandedOver { .. } => "有合同移交给您审核",
            Self::Released { .. } => "您领取的合同已放回待领",
            Self::Overdue { .. } => "合同审核已超过办理期限",
            Self::DueSoon { .. } => "合同审核即将到期",
            Self::UnclaimedDue => "有待领取的合同临近或超过办理期限",
            Self::ExpertInvited { .. } => "专家论证邀请",
            Self::VotingAgain { .. } => "专家论证须再次表决",
            Self::CertificatesExpiring { .. } | Self::CertificateExpiring { .. } => "登记员证书即将到期",
            Self::CertificateSuspended { .. } => "登记员证书已暂停",
            Self::ChangeDecided { approved: true, .. } => "变更或注销申请已批准",
            Self::ChangeDecided { approved: false, .. } => "变更或注销申请未获批准",
            Self::AuditAssigned { .. } => "有自查任务分派给您",
            Self::ImportAwaits { .. } => "有导入的更正待您核对",
            Self::ImportDecided { approved: true, .. } => "导入的更正已批准",
            Self::ImportDecided { approved: false, .. } => "导入的更正未获批准",
            Self::AccountAdded { .. } => "新建了账号",
            Self::RolesGiven { .. } => "账号增加了角色",
            Self::CertificateIssued { .. } | Self::CertificatesImported { .. } => "发放了登记员证书",
        };
        format!("【技术合同登记】{about}")
    }

    /// The text.
    pub fn body(&self) -> String {
        let text = match *self {
            Self::Returned { project, reason, items } => returned(project, reason, items),
            Self::Confirmed { project, number } => {
                format!("合同{}已审核确认，登记编号 {number}。", quoted(project))
            }
            Self::Refused { project, reason } => {
                format!("合同{}经审核不予登记。\n理由：{}", quoted(project), short(reason))
            }
            Self::Revoked {
                project,
                number,
                document,
                reason,
            } => format!(
                "合同{}（登记编号 {number}）的登记已撤销，自撤销之时起不再计入统计。\n文书号：{}\n事由：{}",
                quoted(project),
                short(document),
                short(reason)
            ),
            Self::Reinstated {
                project,
                number,
                reason,
            } => format!(
                "合同{}（登记编号 {number}）的登记已恢复。\n理由：{}",
                quoted(project),
                short(reason)
            ),
            Self::Reopened { project, reason } => format!(
                "合同{}原不予登记，现已重新受理，等待审核。\n理由：{}",
                quoted(project),
                short(reason)
            ),
            Self::TakenOver { project, reason } => format!(
                "您领取的合同{}已由其他审核员接手，您无需再办理。\n理由：{}",
                quoted(project),
                short(reason)
            ),
            Self::HandedOver { project, reason } => format!(
                "合同{}已移交给您审核，请及时办理。\n理由：{}",
                quoted(project),
                short(reason)
            ),
            Self::Released { project } => format!(
                "您领取的合同{}久未办理，已放回待领，可由任一审核员重新领取。",
                quoted(project)
            ),
            Self::Overdue { project, due_on } => format!(
                "您领取的合同{}应于 {due_on} 前办结，现已超过期限，请尽快办理。",
                quoted(project)
            ),
            Self::DueSoon { project, due_on, days } => format!(
                "您领取的合同{}应于 {due_on} 前办结，{}，请及时办理。",
                quoted(project),
                left(days)
            ),
            Self::UnclaimedDue => "有待领取的合同临近或超过办理期限，请登录系统领取办理。".to_owned(),
            Self::ExpertInvited {
                title,
                held_on,
                chair,
                contracts,
            } => expert_invited(title, held_on, chair, contracts),
            Self::VotingAgain { title, project, round } => format!(
                "专家论证{}中，合同{}的上一轮表决没有形成多数意见，现开始第 {round} 轮表决。请登录系统重新发表意见。",
                quoted(title),
                quoted(project)
            ),
            Self::CertificatesExpiring { count } => {
                format!("有 {count} 份登记员证书即将到期，请登录系统查看并提醒本人换证。")
            }
            Self::CertificateExpiring {
                number,
                valid_until,
                days,
            } => format!(
                "您的登记员证书 {number} 有效期至 {valid_until}，{}。到期后不能提交合同，请及时办理换证。",
                left(days)
            ),
            Self::CertificateSuspended {
                number,
                from_on,
                reason,
            } => format!(
                "您的登记员证书 {number} 自 {from_on} 起暂停，暂停期间不能提交合同。\n理由：{}",
                short(reason)
            ),
            Self::ChangeDecided {
                project,
                change,
                approved,
                reason,
            } => {
                let outcome = if approved { "已批准" } else { "未获批准" };
                let mut text = format!("您为合同{}提出的{change}申请{outcome}。", quoted(project));
                if let Some(reason) = reason {
                    let _ = write!(text, "\n意见：{}", short(reason));
                }
                text
            }
            Self::AuditAssigned { title, items } => {
                format!("自查{}有 {items} 项合同分派给您检查。", quoted(title))
            }
            Self::ImportAwaits { file, count } => format!(
                "导入文件{}更正 {count} 项曾经确认的合同，请登录系统，在“导入”中逐项核对差异后批准或不批准。批准以前不写入任何内容。",
                quoted(file)
            ),
            Self::ImportDecided { file, approved, reason } => {
                let outcome = if approved {
                    "已批准，随即导入"
                } else {
                    "未获批准，没有导入任何内容"
                };
                let mut text = format!("您提交的导入文件{}{outcome}。", quoted(file));
                if let Some(reason) = reason {
                    let _ = write!(text, "\n意见：{}", short(reason));
                }
                text
            }
            Self::AccountAdded { account, roles, by } => {
                format!(
                    "新建账号 {}，角色：{roles}。办理人：{}。{UNEXPECTED}",
                    short(account),
                    short(by)
                )
            }
            Self::RolesGiven { account, roles, by } => {
                format!(
                    "账号 {} 增加角色：{roles}。办理人：{}。{UNEXPECTED}",
                    short(account),
                    short(by)
                )
            }
            Self::CertificateIssued { number, name, by } => {
                format!(
                    "发放登记员证书 {number}，持证人：{}。办理人：{}。{UNEXPECTED}",
                    short(name),
                    short(by)
                )
            }
            Self::CertificatesImported { file, count, by } => format!(
                "由文件{}导入登记员证书 {count} 份。办理人：{}。{UNEXPECTED}",
                quoted(file),
                short(by)
            ),
        };
        format!("您好！\n\n{text}\n")
    }
}

fn returned(project: &str, reason: &str, items: &[ReturnItem]) -> String {
    let mut text = format!("合同{}已退回补正。\n理由：{}", quoted(project), short(reason));
    if !items.is_empty() {
        text.push_str("\n需要补正的内容：");
    }
    for (index, item) in items.iter().take(ITEMS).enumerate() {
        let _ = write!(text, "\n{}. {}", index + 1, short(&item.detail));
        if let Some(pointer) = &item.pointer {
            let _ = write!(text, "（{}）", label_of(pointer));
        } else if item.attachment.is_some() {
            text.push_str("（附件）");
        }
    }
    if items.len() > ITEMS {
        let _ = write!(text, "\n……共 {} 项，其余请登录系统查看。", items.len());
    }
    text.push_str("\n请补正后重新提交。");
    text
}

fn expert_invited(title: &str, held_on: Option<Date>, chair: bool, contracts: usize) -> String {
    let day = held_on.map_or_else(|| "日期待定".to_owned(), |day| format!("日期 {day}"));
    let seat = if chair { "组长" } else { "成员" };
    let count = match contracts {
        0 => String::new(),
        contracts => format!("，论证合同 {contracts} 项"),
    };
    format!(
        "邀请您作为{seat}参加专家论证{}：{day}{count}。\n\
         请登录系统查看材料。如与合同当事人有利害关系，请先申请回避。",
        quoted(title)
    )
}

/// Days that are left.
fn left(days: i64) -> String {
    match days {
        0 => "今天是最后一天".to_owned(),
        days => format!("还有 {days} 天"),
    }
}

/// A name in quotation marks.
fn quoted(name: &str) -> String {
    format!("“{}”", short(name))
}

/// A text that a person wrote, cut where it is too long, without control characters but line ends and tabs.
fn short(text: &str) -> String {
    let mut kept: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .take(LONGEST)
        .collect();
    if text.chars().count() > LONGEST {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests;
