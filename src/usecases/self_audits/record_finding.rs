//! What an auditor found about a contract of a self-audit.

use serde_json::{Value, json};

use crate::{
    domain::{code_list::ListName, error::FieldError, policy, self_audit::ItemState, time::Date},
    storage::{Db, contracts, self_audit_items},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        contracts::revoke::reason_of,
        values::{Checked, checked, optional_date, optional_text, required_code, required_text, settle},
    },
};

use super::{Finding, Item, ItemQuery, SelfAudit, Told, assign::item_of, enter, found, must_be_drawn};

/// A verdict and its grounds.
#[derive(Clone, Default)]
pub struct FindingInput {
    /// Key of the item; or
    pub item_id: Option<i64>,
    /// key of its contract.
    pub contract_id: Option<i64>,
    /// `right` or `wrong`.
    pub verdict: Option<String>,
    /// Code list `revocation_ground`; required where it is wrong, absent where it is right.
    pub ground: Option<String>,
    /// Free text; required beside `other`.
    pub note: Option<String>,
    /// 文书号 of the revocation, where it is to have one of its own.
    pub document_number: Option<String>,
    /// 送达日期 of the same.
    pub served_on: Option<Date>,
}

/// Writes a verdict, or another one over the caller's own earlier one.
///
/// # Errors
/// Rights: the contract must be the caller's to judge; a self-audit that is over; wrong values.
pub async fn record_finding(
    ctx: &Context,
    command: Command<(SelfAudit, Item)>,
    id: i64,
    input: Checked<FindingInput>,
) -> Result<Answer<(SelfAudit, Item)>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        policy::decide_run_self_audits(&command.actor)?;
        let audit = found(db, id)?;
        let Ok(read) = &input else {
            must_be_drawn(&audit)?;
            return Err(checked(&input).err().unwrap_or(Error::NotFound));
        };
        let item = match item_meant(db, id, read)? {
            Ok(item) => item,
            Err(error) => {
                must_be_drawn(&audit)?;
                return Err(Error::Invalid(vec![error]));
            }
        };
        let contract = contracts::find(db, item.drawn.contract_id)?.ok_or(Error::NotFound)?;
        let handled = policy::Handled::of(&contract);
        let role = policy::decide_finding(&command.actor, &handled, item.drawn.assigned_to.as_deref())?;
        must_be_drawn(&audit)?;
        let (ground, finding) = finding(&context, read, &command.actor.username, now)?;
        self_audit_items::put_finding(db, id, item.id, &finding)?;
        let told = Told {
            action: "record_finding",
            contract: Some(contract.id),
            reason: Some(match &ground {
                Some(ground) => format!("自查认定有误：{ground}"),
                None => "自查认定无误".to_owned(),
            }),
            pointer: format!("{id}/items/{}/finding", item.id),
            from: item.finding.as_ref().map_or(Value::Null, to_json),
            to: to_json(&finding),
            by: (&command.actor, role),
        };
        enter(db, told, now)?;
        let item = item_of(db, id, item.id)?;
        Ok((audit, item))
    })
    .await
}

fn to_json(finding: &Finding) -> Value {
    json!({
        "verdict": finding.verdict.id(),
        "ground": finding.ground,
        "note": finding.note,
        "document_number": finding.document_number,
        "served_on": finding.served_on,
        "found_by": finding.found_by,
    })
}

fn item_meant(db: &mut Db, audit: i64, input: &FindingInput) -> Result<Result<Item, FieldError>, Error> {
    let pointer = match (input.item_id, input.contract_id) {
        (Some(_), None) => "/item_id",
        (None, Some(_)) => "/contract_id",
        (None, None) => return Ok(Err(FieldError::new("/item_id", "required", "请指明被检查的合同。"))),
        (Some(_), Some(_)) => {
            let detail = "item_id 与 contract_id 只能填一项。";
            return Ok(Err(FieldError::new("/contract_id", "not_together", detail)));
        }
    };
    let query = ItemQuery {
        id: input.item_id,
        contract_id: input.contract_id,
        ..ItemQuery::default()
    };
    let found = self_audit_items::items(db, audit, &query)?.into_iter().next();
    Ok(found.ok_or_else(|| FieldError::new(pointer, "unknown_item", "本次自查没有抽到这份合同。")))
}

/// The finding, and its ground in words.
fn finding(
    ctx: &Context,
    input: &FindingInput,
    by: &str,
    now: crate::domain::time::Moment,
) -> Result<(Option<String>, Finding), Error> {
    let list = ctx.catalogue.list(ListName::RevocationGround);
    let mut errors = Vec::new();
    let verdict = match input.verdict.as_deref() {
        None => {
            errors.push(FieldError::new("/verdict", "required", "此项必填。"));
            ItemState::Open
        }
        Some(id) => match ItemState::from_id(id) {
            Some(verdict @ (ItemState::Right | ItemState::Wrong)) => verdict,
            _ => {
                errors.push(FieldError::new("/verdict", "unknown_code", "应为 right 或 wrong。"));
                ItemState::Open
            }
        },
    };
    let wrong = verdict == ItemState::Wrong;
    let ground = wrong.then(|| required_code(&mut errors, "/ground", input.ground.as_deref(), list));
    if verdict == ItemState::Right {
        let given = [
            ("/ground", input.ground.is_some()),
            ("/document_number", input.document_number.is_some()),
            ("/served_on", input.served_on.is_some()),
        ];
        for (pointer, _) in given.into_iter().filter(|(_, given)| *given) {
            errors.push(FieldError::new(pointer, "not_for_right", "认定无误时不应填写。"));
        }
    }
    let note = if ground.as_deref() == Some("other") {
        Some(required_text(&mut errors, "/note", input.note.as_deref()))
    } else {
        optional_text(&mut errors, "/note", input.note.as_deref())
    };
    let finding = Finding {
        id: 0,
        verdict,
        note,
        document_number: optional_text(&mut errors, "/document_number", input.document_number.as_deref()),
        served_on: optional_date(&mut errors, "/served_on", input.served_on),
        found_by: by.to_owned(),
        found_at: now,
        ground,
    };
    settle(errors)?;
    let words = finding
        .ground
        .as_deref()
        .map(|ground| reason_of(list, ground, finding.note.as_deref()));
    Ok((words, finding))
}
