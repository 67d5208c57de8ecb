//! `revoke` 撤销登记: a reviewer other than the one who confirmed ends a registration; from this moment on it is not counted, and a
//! change request that is open is closed.

use crate::{
    domain::{
        account::{Actor, Role},
        code_list::{CodeList, ListName},
        contract::{Contract, Ended},
        error::FieldError,
        time::Date,
        workflow::{Action, State},
    },
    storage::{Db, self_audits},
    usecases::{
        Context, Error,
        values::{checked, optional_date, optional_text, required_code, required_text, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
    end::end,
};

/// On what ground, by which document.
#[derive(Clone, Default)]
pub struct RevokeInput {
    /// Id of the code list `revocation_ground`.
    pub ground: Option<String>,
    /// 文书号.
    pub document_number: Option<String>,
    /// 送达日期.
    pub served_on: Option<Date>,
    /// Free text; required beside `other`.
    pub note: Option<String>,
    /// The self-audit that it came from.
    pub self_audit_id: Option<i64>,
}

/// Revokes a registration.
///
/// # Errors
/// Rights, version, state; no or an unknown ground, `other` without a note, no document number, a self-audit that is not there.
pub async fn revoke(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    input: Checked<RevokeInput>,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Revoke, move |work| {
        let input = checked(&input)?;
        let list = context.catalogue.list(ListName::RevocationGround);
        let mut errors = Vec::new();
        let ground = required_code(&mut errors, "/ground", input.ground.as_deref(), list);
        let document_number = required_text(&mut errors, "/document_number", input.document_number.as_deref());
        let note = if ground == "other" {
            Some(required_text(&mut errors, "/note", input.note.as_deref()))
        } else {
            optional_text(&mut errors, "/note", input.note.as_deref())
        };
        let served_on = optional_date(&mut errors, "/served_on", input.served_on);
        let audit = input
            .self_audit_id
            .map(|id| self_audits::find(work.db, id))
            .transpose()?;
        if matches!(audit, Some(None)) {
            errors.push(FieldError::new(
                "/self_audit_id",
                "unknown_self_audit",
                "没有这项自查。",
            ));
        }
        settle(errors)?;
        let reason = reason_of(list, &ground, note.as_deref());
        let ended = Ended {
            at: work.now,
            state: State::Revoked,
            ground: Some(ground),
            document_number: Some(document_number),
            served_on,
            note,
            by: Some(work.actor.username.clone()),
            self_audit_id: input.self_audit_id,
        };
        let changes = end(work.db, work.contract, ended, Some(&reason))?;
        Ok(Some(Told {
            reason: Some(reason),
            changes,
        }))
    })
    .await
}

/// The ground in words, and the note.
pub(in crate::usecases) fn reason_of(grounds: &CodeList, ground: &str, note: Option<&str>) -> String {
    let label = grounds.label(ground).unwrap_or_default();
    match note {
        Some(note) => format!("{label}：{note}"),
        None => label.to_owned(),
    }
}

/// Revokes a confirmed contract within somebody else's transaction, entry in the ledger included. Whether `ended.by` may is the
/// caller's business.
pub(in crate::usecases) fn revoke_within(
    db: &mut Db,
    ctx: &Context,
    by: (&Actor, Role),
    mut contract: Contract,
    ended: Ended,
    reason: String,
) -> Result<(), Error> {
    let before = contract.clone();
    let at = ended.at;
    let changes = end(db, &mut contract, ended, Some(&reason))?;
    let told = Told {
        reason: Some(reason),
        changes,
    };
    act::finish(db, ctx, by, Action::Revoke, &before, &mut contract, told, at)
}
