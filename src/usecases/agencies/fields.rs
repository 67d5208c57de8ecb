//! What is asked of an agency's name and code.

use serde_json::{Value, json};

use crate::{
    domain::{account_ledger::differences, contract::Agency, error::FieldError, ledger::Change, text},
    storage::{Db, StoreError, agencies},
    usecases::values::unfit,
};

/// Longest name, characters.
const LONGEST: usize = 100;

/// What an agency is to be; in a patch, what is absent stays. An inner none is a null that the caller wrote.
#[derive(Clone, Default)]
pub struct AgencyInput {
    /// Six digits, the part of registration numbers that says who registered.
    pub code: Option<Option<String>>,
    /// Name.
    pub name: Option<Option<String>>,
}

/// The agency as the input wants it, and what is wrong with that.
pub(super) fn apply(before: &Agency, input: &AgencyInput) -> (Agency, Vec<FieldError>) {
    let mut after = before.clone();
    let trimmed = |typed: &Option<String>| {
        let typed = text::clean(typed.as_deref().unwrap_or_default());
        typed.trim().to_owned()
    };
    if let Some(name) = &input.name {
        after.name = trimmed(name);
    }
    if let Some(code) = &input.code {
        after.code = Some(trimmed(code)).filter(|c| !c.is_empty());
    }
    let mut wrong = Vec::new();
    let mut add = |pointer, code, detail: &str| wrong.push(FieldError::new(pointer, code, detail));
    match after.name.chars().count() {
        0 => add("/name", "required", "请填写机构名称。"),
        1 => add("/name", "too_short", "机构名称至少 2 个字符。"),
        n if n > LONGEST => add("/name", "too_long", &format!("机构名称不得超过 {LONGEST} 个字符。")),
        _ => wrong.extend(unfit("/name", &after.name, false)),
    }
    let mut add = |pointer, code, detail: &str| wrong.push(FieldError::new(pointer, code, detail));
    match after.code.as_deref() {
        // History names agencies without a code; whoever leaves that as it is changes nothing.
        None if before.id != 0 && before.code.is_none() => {}
        None => add("/code", "required", "请填写六位机构代码。"),
        Some(c) if c.len() != 6 || !c.bytes().all(|b| b.is_ascii_digit()) => {
            add("/code", "format", "机构代码应为六位数字。");
        }
        Some(_) => {}
    }
    (after, wrong)
}

/// What is wrong with an agency as the store stands: its name or its code is another's.
pub(super) fn taken(db: &mut Db, agency: &Agency) -> Result<Vec<FieldError>, StoreError> {
    let mut wrong = Vec::new();
    // PostgreSQL takes no U+0000; the form was refused for it.
    let name = Some(&agency.name).filter(|n| !n.contains('\0'));
    // Two agencies must not be one to a reader; those that were so before stay.
    let alike = name
        .map(|n| agencies::find_alike(db, n))
        .transpose()?
        .unwrap_or_default();
    let kept = alike
        .iter()
        .any(|other| other.id == agency.id && other.name == agency.name);
    let other = alike.into_iter().find(|other| other.id != agency.id);
    if let Some(other) = other.filter(|_| !kept) {
        let detail = match other.name == agency.name {
            true => "已有同名的登记机构。".to_owned(),
            false => format!("已有名称相近的登记机构“{}”。", other.name),
        };
        wrong.push(FieldError::new("/name", "taken", detail));
    }
    let code = agency.code.as_ref().filter(|c| !c.contains('\0'));
    let same_code = code.map(|c| agencies::find_by_code(db, c)).transpose()?.flatten();
    if let Some(other) = same_code.filter(|other| other.id != agency.id) {
        let detail = format!("该代码已属于“{}”。", other.name);
        wrong.push(FieldError::new("/code", "taken", detail));
    }
    Ok(wrong)
}

/// The fields in which an agency differs from what it was, or from none.
pub(super) fn changes(before: Option<&Agency>, after: &Agency) -> Vec<Change> {
    let told = |agency: Option<&Agency>| -> [(&'static str, Value); 2] {
        [
            ("/code", json!(agency.map(|a| &a.code))),
            ("/name", json!(agency.map(|a| &a.name))),
        ]
    };
    differences(told(before), told(Some(after)))
}
