//! The demonstration's log-in page: who can be, and what to try first as whom.

use askama::Template;

use crate::{config::DemoAccounts, domain::account::Role};

/// A short tour, a way per role.
#[derive(Template)]
#[template(path = "parts/tour.html")]
pub struct Tour {
    password: String,
    ways: Vec<Way>,
}

struct Way {
    /// Names of the accounts.
    usernames: String,
    role: &'static str,
    steps: &'static [&'static str],
}

const fn steps(role: Role) -> &'static [&'static str] {
    match role {
        Role::Registrar => &[
            "“录入合同”：填写一项技术合同，看金额的万元读数、大写和逐项检查。",
            "上传合同文本，在提交页核对后提交。",
            "“工作台”：看退回补正和待审核结果。",
        ],
        Role::Reviewer => &[
            "“工作台”的“待领取”：领取一项合同，对照附件和检查项审核确认，或退回补正。",
            "“专家论证”：召集一次论证；“自查”：抽取 2025 年度合同检查。",
            "“统计”：看 2025 年度数据，点开任一数字看背后的合同。",
        ],
        Role::Expert => &[
            "审核员召集论证、选您为专家后，在“专家论证”中查看合同，申明回避或发表意见；三人都发表意见后，由组长形成结论。",
        ],
        Role::Statistician => &[
            "“统计”：看 2025 年年报，与公布的数字逐一核对。",
            "按任意两个维度做交叉表，导出 XLSX；年度封账并看重述。",
        ],
        Role::Auditor => &["“登记账”：逐条查看谁做了什么，点“核对全部”验证没有改动。"],
        Role::Administrator => &[
            "“账号”：新建一个账号，用一次性密码登录，看首次登录须改密码。",
            "“登记员证书”：看 60 天内到期的证书，续期或暂停。",
        ],
    }
}

impl Tour {
    /// The tour of a demonstration.
    pub fn of(demo: &DemoAccounts) -> Self {
        let mut ways: Vec<Way> = Vec::new();
        for (username, role) in &demo.accounts {
            match ways.iter_mut().find(|way| way.role == role.label()) {
                Some(way) => {
                    way.usernames.push('、');
                    way.usernames.push_str(username);
                }
                None => ways.push(Way {
                    usernames: username.clone(),
                    role: role.label(),
                    steps: steps(*role),
                }),
            }
        }
        Self {
            password: demo.password.clone(),
            ways,
        }
    }
}
