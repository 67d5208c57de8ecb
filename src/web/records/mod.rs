//! 履约跟踪、市场活动、参考数据: what a statistician records beside the contracts. Each is listed, read, added, changed and removed.

pub(super) mod activities;
pub(super) mod follow_ups;
pub(super) mod reference_figures;

use askama::Template;

use super::{
    act::ActPage,
    field::{Choice, Field},
    shell::Shell,
    statistics::frame::Frame,
    table::Table,
    visitor::Visitor,
};
use crate::{domain::account::Actor, usecases::follow_ups::may_keep};

/// A list of records.
#[derive(Template)]
#[template(path = "records/list.html")]
struct ListPage {
    shell: Shell,
    frame: Frame,
    lead: &'static str,
    action: &'static str,
    fields: Vec<Field>,
    /// What is to be said of what was found.
    told: String,
    table: Table,
    /// Whether the visitor may add one.
    may_keep: bool,
}

/// One record.
#[derive(Template)]
#[template(path = "records/record.html")]
struct RecordPage {
    shell: Shell,
    frame: Frame,
    facts: Vec<(&'static str, String)>,
    /// What is doubtful about it.
    doubts: Vec<String>,
    /// Its address.
    href: String,
    back: &'static str,
    may_keep: bool,
}

impl ListPage {
    fn new(visitor: &Visitor, title: &str, base: &'static str, lead: &'static str) -> Self {
        Self {
            shell: visitor.shell(title).at("/statistics").wide(),
            frame: Frame::beside(base),
            lead,
            action: base,
            fields: Vec::new(),
            told: String::new(),
            table: Table::default(),
            may_keep: keeps(&visitor.caller.actor),
        }
    }
}

fn keeps(actor: &Actor) -> bool {
    may_keep(actor).is_ok()
}

/// The page on which a record is removed.
fn removal(visitor: &Visitor, title: &str, href: &str, facts: Vec<(&'static str, String)>) -> ActPage {
    let mut act = ActPage::new(
        visitor.shell(title).at("/statistics"),
        format!("{href}/remove"),
        href.to_owned(),
    );
    act.subject = facts;
    act.consequences = vec![
        "记录被删除，统计数据随之改变；已封账的版次不变。".to_owned(),
        "登记账保留删除前的内容。".to_owned(),
    ];
    act.grave = true;
    act
}

fn yes_or_no() -> Vec<Choice> {
    vec![Choice::new("true", "是"), Choice::new("false", "否")]
}

fn said(yes: bool) -> String {
    if yes { "是" } else { "否" }.to_owned()
}
