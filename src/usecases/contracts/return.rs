//! `return` 退回补正: the claimer asks the registrar to correct named items.

use crate::{
    domain::{
        code_list::ListName,
        contract::{ReturnItem, Returned},
        error::FieldError,
        fields::fields,
        workflow::Action,
    },
    storage::facts,
    usecases::{
        Context, Error,
        values::{checked, optional_text, required_code, required_text, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
};

/// Items that one return may name: more than a contract has fields.
pub const MOST_ITEMS: usize = 100;

/// What the reviewer says.
#[derive(Clone, Default)]
pub struct ReturnInput {
    /// Why.
    pub reason: Option<String>,
    /// Each thing to correct.
    pub items: Vec<ReturnItemInput>,
}

/// One thing to correct: a field, a paper, or neither.
#[derive(Clone, Default)]
pub struct ReturnItemInput {
    /// RFC 6901 pointer into the contract.
    pub pointer: Option<String>,
    /// Code list `attachment_kind`.
    pub attachment: Option<String>,
    /// What is wrong.
    pub detail: Option<String>,
}

/// Returns a contract for correction.
///
/// # Errors
/// Rights, version, state; no reason, no item, an item without words, of both a field and a paper, of a paper of no kind.
pub async fn return_for_correction(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    input: Checked<ReturnInput>,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Return, move |work| {
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", input.reason.as_deref());
        let items = items(&context, &input, &mut errors);
        settle(errors)?;
        facts::insert_return(work.db, work.contract.id, work.now)?;
        work.contract.claimed_by = None;
        work.contract.claimed_at = None;
        work.contract.returned = Some(Returned {
            at: work.now,
            reason: reason.clone(),
            items,
        });
        Ok(Some(Told {
            reason: Some(reason),
            changes: Vec::new(),
        }))
    })
    .await
}

fn items(ctx: &Context, input: &ReturnInput, errors: &mut Vec<FieldError>) -> Vec<ReturnItem> {
    if input.items.is_empty() {
        errors.push(FieldError::new("/items", "required", "请至少指明一项需要补正的内容。"));
    }
    if input.items.len() > MOST_ITEMS {
        let detail = format!("一次最多指明 {MOST_ITEMS} 项。");
        errors.push(FieldError::new("/items", "too_many", detail));
        return Vec::new();
    }
    let kinds = ctx.catalogue.list(ListName::AttachmentKind);
    let mut items = Vec::new();
    for (index, item) in input.items.iter().enumerate() {
        let at = format!("/items/{index}/pointer");
        let pointer = optional_text(errors, &at, item.pointer.as_deref());
        if pointer.as_deref().is_some_and(|p| !p.starts_with('/')) {
            errors.push(FieldError::new(
                at,
                "malformed_pointer",
                "应为 RFC 6901 指针，例如 /amount_fen。",
            ));
        } else if pointer.as_deref().is_some_and(|p| !is_of_contract(p)) {
            errors.push(FieldError::new(
                at,
                "unknown_field",
                "合同没有这一项。不针对某一项的，不填 pointer。",
            ));
        }
        let at = format!("/items/{index}/attachment");
        let attachment = item
            .attachment
            .as_deref()
            .map(|kind| required_code(errors, &at, Some(kind), kinds));
        if pointer.is_some() && attachment.is_some() {
            let detail = "一项只能是字段（pointer）或附件类别（attachment）之一。";
            errors.push(FieldError::new(at, "excludes_others", detail));
        }
        let detail = required_text(errors, &format!("/items/{index}/detail"), item.detail.as_deref());
        items.push(ReturnItem {
            pointer,
            attachment,
            detail,
        });
    }
    items
}

/// Whether a pointer names a field that a registrar fills in, a party, or the attachments.
fn is_of_contract(pointer: &str) -> bool {
    let is_of = |field: &str| {
        field
            .strip_prefix(pointer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    pointer == "/attachments" || fields().any(|field| is_of(field.pointer))
}
