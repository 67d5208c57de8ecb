//! What surrounds every page: title, navigation, who is logged in, what was just done.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;

use super::{assets, done, help, visitor::Visitor};
use crate::{
    domain::{account::Role, workflow::Action},
    usecases::seam,
};

/// What browsers may load for a page: what this server gives, and nothing in line.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
     font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What surrounds a page.
#[derive(Clone)]
pub struct Shell {
    /// Title of the page.
    pub title: String,
    /// Who is logged in.
    pub user: Option<ShellUser>,
    /// The navigation.
    pub nav: Vec<NavItem>,
    /// What was just done, in words.
    pub done: Option<String>,
    /// Token of this session's forms.
    pub form_token: String,
    /// A fresh key: a form that is sent twice is done once.
    pub once: String,
    /// Addresses of the style sheet and the script.
    pub style: &'static str,
    /// Address of the script.
    pub script: &'static str,
    /// Whether the page needs more room than a text does.
    pub wide: bool,
}

/// Who is logged in.
#[derive(Clone)]
pub struct ShellUser {
    /// The account's name.
    pub username: String,
    /// What the person is called.
    pub name: String,
    /// Roles in words.
    pub roles: String,
    /// Name of the agency.
    pub agency: Option<String>,
}

/// An entry of the navigation.
#[derive(Debug, Clone)]
pub struct NavItem {
    /// Address.
    pub href: &'static str,
    /// Words.
    pub label: &'static str,
    /// Whether the page is below this entry.
    pub current: bool,
    /// How much there waits unread.
    pub unread: i64,
}

use Role::{Administrator, Auditor, Expert, Registrar, Reviewer, Statistician};

/// Address, words, and the roles to which it is of use.
const NAV: &[(&str, &str, &[Role])] = &[
    ("/", "工作台", &Role::ALL),
    ("/contracts/new", "录入合同", &[Registrar]),
    ("/contracts", "合同", &[Registrar, Reviewer, Statistician, Auditor]),
    ("/change-requests", "变更与注销", &[Registrar, Reviewer, Auditor]),
    ("/expert-reviews", "专家论证", &[Reviewer, Expert, Auditor]),
    ("/self-audits", "自查", &[Reviewer, Auditor]),
    ("/statistics", "统计", &[Reviewer, Statistician, Auditor]),
    (
        "/registrars",
        "登记员证书",
        &[Registrar, Reviewer, Auditor, Administrator],
    ),
    ("/trainings", "培训", &[Auditor, Administrator]),
    ("/imports", "导入", &[Reviewer, Statistician, Auditor, Administrator]),
    ("/users", "账号", &[Auditor, Administrator]),
    ("/agencies", "登记机构", &[Auditor, Administrator]),
    ("/ledger", "登记账", &[Auditor]),
    ("/outbox", "邮件", &[Auditor, Administrator]),
    ("/messages", "消息", &Role::ALL),
    ("/help", "帮助", &Role::ALL),
];

impl Shell {
    /// Without anybody logged in.
    pub fn bare(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            user: None,
            nav: Vec::new(),
            done: None,
            form_token: String::new(),
            once: String::new(),
            style: assets::style(),
            script: assets::script(),
            wide: false,
        }
    }

    /// The same with the entry of the navigation below which it stands.
    #[must_use]
    pub fn at(mut self, href: &str) -> Self {
        for item in &mut self.nav {
            item.current = item.href == href;
            // Help opens at what the manual says of such a page.
            if item.href == help::ADDRESS {
                item.href = help::about(href);
            }
        }
        self
    }

    /// The same, as wide as the window.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// The same, telling what was just done: the id of an action, as `?done=` names it. Only known ids are told, so that nobody can put
    /// words into a page by its address.
    #[must_use]
    pub fn done(mut self, id: Option<&str>) -> Self {
        self.done = id.and_then(|id| {
            let action = Action::ALL.into_iter().find(|a| a.id() == id);
            match (id, action) {
                ("saved", _) => Some("已保存。".to_owned()),
                ("created", _) => Some("已新建。".to_owned()),
                ("removed", _) => Some("已删除。".to_owned()),
                ("copied", _) => Some("已复制为新草稿，请补充日期、金额等内容。".to_owned()),
                ("attached", _) => Some("附件已添加。".to_owned()),
                ("detached", _) => Some("附件已移除。".to_owned()),
                ("closed", _) => Some("已封账。".to_owned()),
                ("password", _) => Some("密码已修改。".to_owned()),
                ("sent", _) => Some("已提交。".to_owned()),
                ("decided", _) => Some("已办理。".to_owned()),
                (_, Some(action)) => Some(format!("已完成：{}。", action.label())),
                _ => done::words(id).map(str::to_owned),
            }
        });
        self
    }
}

impl Visitor {
    /// What surrounds a page of this visitor's.
    pub fn shell(&self, title: &str) -> Shell {
        let account = &self.caller.account;
        let roles: Vec<&str> = account.roles.iter().map(|r| r.label()).collect();
        let nav = NAV.iter().filter(|(_, _, roles)| self.is_one_of(roles));
        Shell {
            user: Some(ShellUser {
                username: account.username.clone(),
                name: self.names.of(&account.username),
                roles: roles.join("、"),
                agency: account.agency.as_ref().map(|a| a.name.clone()),
            }),
            nav: nav
                .map(|(href, label, _)| NavItem {
                    href,
                    label,
                    current: false,
                    unread: if *href == "/messages" { self.unread } else { 0 },
                })
                .collect(),
            form_token: self.form_token.clone(),
            // Without randomness there is no key: the form is sent all the same, and its version keeps it from being done twice.
            once: seam::random_token().unwrap_or_default(),
            ..Shell::bare(title)
        }
    }
}

/// A page as an answer.
pub fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    answer(status, template, POLICY.to_owned())
}

/// A page that shows another document of this server in it.
pub fn framing(template: &impl Template) -> HttpResponse {
    answer(StatusCode::OK, template, format!("{POLICY}; frame-src 'self'"))
}

fn answer(status: StatusCode, template: &impl Template, policy: String) -> HttpResponse {
    match template.render() {
        Ok(text) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "a template failed");
            HttpResponse::InternalServerError()
                .content_type("text/plain; charset=utf-8")
                .body("系统内部错误。")
        }
    }
}

/// A page that is there.
pub fn ok(template: &impl Template) -> HttpResponse {
    page(StatusCode::OK, template)
}
