//! `approve` 批准: what was asked for is done: the act `amend` or `cancel` on the contract.

use crate::{
    domain::{
        change_request::{ChangeKind, Decision},
        contract::Ended,
        ledger::{Change, content_changes},
        workflow::State,
    },
    storage::{revisions, standings},
    usecases::{
        Context, Error,
        contracts::end::end,
        values::{checked, optional_text, settle},
    },
};

use super::{
    Answer, ChangeRequestView, Checked, Command,
    decide::{self, Verdict, Work},
};

/// A note, and the decision's document.
#[derive(Clone, Default)]
pub struct ApproveInput {
    /// Free text.
    pub note: Option<String>,
    /// 文书号.
    pub document_number: Option<String>,
}

/// Approves a request. An amendment takes effect with exactly the content that was asked for, as the next revision: it is not
/// approved once the contract says something else than the request was made on.
///
/// # Errors
/// Rights; a request that is not open; an amendment of a revision that is not current any more; texts that are too long.
pub async fn approve(
    ctx: &Context,
    command: Command<ChangeRequestView>,
    id: i64,
    input: Checked<ApproveInput>,
) -> Result<Answer<ChangeRequestView>, Error> {
    decide::decide(ctx, command, id, Decision::Approve, move |work| {
        let (kind, base) = (work.request.kind, work.request.base_revision);
        if kind == ChangeKind::Amend && base != work.contract.revision {
            return Err(Error::Conflict(format!(
                "申请所依据的是第 {base} 版内容，合同现为第 {} 版；请不予批准，由登记机构重新申请。",
                work.contract.revision
            )));
        }
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let note = optional_text(&mut errors, "/note", input.note.as_deref());
        let document_number = optional_text(&mut errors, "/document_number", input.document_number.as_deref());
        settle(errors)?;
        let changes = match kind {
            ChangeKind::Amend => amend(work)?,
            ChangeKind::Cancel => cancel(work, note.as_ref(), document_number.as_ref())?,
        };
        Ok(Verdict {
            reason: note,
            document_number,
            changes,
        })
    })
    .await
}

/// The next revision, in force from now on; the year, the number and the rule set stay.
fn amend(work: &mut Work<'_>) -> Result<Vec<Change>, Error> {
    let content = work.request.content.clone().ok_or_else(|| {
        let id = work.request.id;
        Error::internal(format!("change request {id} amends without a content"))
    })?;
    let contract = &mut *work.contract;
    let changes = content_changes(&contract.content, &content);
    contract.content = content;
    contract.revision += 1;
    let by = &work.actor.username;
    revisions::insert(work.db, contract.id, contract.revision, &contract.content, by, work.now)?;
    standings::close(work.db, contract.id, work.now)?;
    standings::open(work.db, contract, work.now, None)?;
    Ok(changes)
}

fn cancel(work: &mut Work<'_>, note: Option<&String>, document_number: Option<&String>) -> Result<Vec<Change>, Error> {
    let ended = Ended {
        at: work.now,
        state: State::Cancelled,
        ground: work.request.ground.clone(),
        document_number: document_number.cloned(),
        served_on: None,
        note: note.cloned().or_else(|| Some(work.request.reason.clone())),
        by: Some(work.actor.username.clone()),
        self_audit_id: None,
    };
    end(work.db, work.contract, ended, None)
}
