//! `withdraw` 撤回: the agency takes its request back.

use crate::{
    domain::change_request::Decision,
    usecases::{
        Context, Error,
        values::{checked, optional_text, settle},
    },
};

use super::{
    Answer, ChangeRequestView, Checked, Command,
    decide::{self, Verdict},
};

/// Takes a request back.
///
/// # Errors
/// Rights; a request that is not open; a reason that is too long.
pub async fn withdraw(
    ctx: &Context,
    command: Command<ChangeRequestView>,
    id: i64,
    reason: Checked<Option<String>>,
) -> Result<Answer<ChangeRequestView>, Error> {
    decide::decide(ctx, command, id, Decision::Withdraw, move |_| {
        let mut errors = Vec::new();
        let reason = optional_text(&mut errors, "/reason", checked(&reason)?.as_deref());
        settle(errors)?;
        Ok(Verdict {
            reason,
            ..Verdict::default()
        })
    })
    .await
}
