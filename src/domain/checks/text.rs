//! How findings speak of fields and values, and the texts of a contract with their limits.

use crate::domain::contract::{Content, Party};

/// One text field and its form.
pub(super) struct TextField<'a> {
    /// Pointer of the object it is in: empty, `/seller`, `/buyer`.
    pub base: &'static str,
    /// Its name there, with slash.
    pub name: &'static str,
    /// Chinese name.
    pub label: &'static str,
    /// Most characters.
    pub max: usize,
    /// Whether line breaks may stand in it.
    pub lines: bool,
    /// What it holds.
    pub value: Option<&'a str>,
}

impl TextField<'_> {
    /// RFC 6901.
    pub fn pointer(&self) -> String {
        format!("{}{}", self.base, self.name)
    }

    /// Chinese name with the party it belongs to.
    pub fn full_label(&self) -> String {
        format!("{}{}", party_label(self.base), self.label)
    }
}

/// 卖方, 买方; nothing for the contract itself.
pub(super) fn party_label(base: &str) -> &'static str {
    match base {
        "/seller" => "卖方",
        "/buyer" => "买方",
        _ => "",
    }
}

/// The parties with the pointers of their objects.
pub(super) fn parties(content: &Content) -> [(&'static str, &Party); 2] {
    [("/seller", &content.seller), ("/buyer", &content.buyer)]
}

/// Longest 合同名称, in characters.
pub(super) const MAX_PROJECT_NAME: usize = 200;
/// Shortest 合同名称, in characters.
pub(super) const MIN_PROJECT_NAME: usize = 2;
/// Longest 内容摘要, in characters.
pub(super) const MAX_SUMMARY: usize = 5000;
/// Shortest 内容摘要 that can be submitted, in characters.
pub(super) const MIN_SUMMARY: usize = 30;

/// The free texts of the contract itself.
pub(super) fn contract_texts(content: &Content) -> [TextField<'_>; 4] {
    let text = |name, label, max, lines, value| TextField {
        base: "",
        name,
        label,
        max,
        lines,
        value,
    };
    [
        text(
            "/project_name",
            "合同名称",
            MAX_PROJECT_NAME,
            false,
            content.project_name.as_deref(),
        ),
        text("/plan_name", "计划项目名称", 200, false, content.plan_name.as_deref()),
        text(
            "/plan_number",
            "计划项目编号",
            100,
            false,
            content.plan_number.as_deref(),
        ),
        text("/summary", "内容摘要", MAX_SUMMARY, true, content.summary.as_deref()),
    ]
}

/// A party's name.
pub(super) fn name_text<'a>(base: &'static str, party: &'a Party) -> TextField<'a> {
    TextField {
        base,
        name: "/name",
        label: "名称",
        max: 200,
        lines: false,
        value: party.name.as_deref(),
    }
}

/// A party's contact data: wanted, not demanded.
pub(super) fn contact_texts<'a>(base: &'static str, party: &'a Party) -> [TextField<'a>; 4] {
    let text = |name, label, max, value| TextField {
        base,
        name,
        label,
        max,
        lines: false,
        value,
    };
    [
        text("/address", "地址", 300, party.address.as_deref()),
        text(
            "/legal_representative",
            "法定代表人",
            100,
            party.legal_representative.as_deref(),
        ),
        text("/contact", "联系人", 100, party.contact.as_deref()),
        text("/phone", "联系电话", 50, party.phone.as_deref()),
    ]
}

/// A value as a message shows it: at most 40 characters, control characters written out.
pub(super) fn shown(value: &str) -> String {
    let mut short: String = value.chars().take(40).flat_map(char::escape_debug).collect();
    if value.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

/// Characters of a text, white space around it not counted.
pub(super) fn length(text: &str) -> usize {
    text.trim().chars().count()
}
