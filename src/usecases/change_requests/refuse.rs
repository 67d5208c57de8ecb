//! `refuse` 不予批准: the contract stays as it is.

use crate::{
    domain::change_request::Decision,
    usecases::{
        Context, Error,
        values::{checked, required_text, settle},
    },
};

use super::{
    Answer, ChangeRequestView, Checked, Command,
    decide::{self, Verdict},
};

/// Refuses a request, for a reason.
///
/// # Errors
/// Rights; a request that is not open; no reason.
pub async fn refuse(
    ctx: &Context,
    command: Command<ChangeRequestView>,
    id: i64,
    reason: Checked<Option<String>>,
) -> Result<Answer<ChangeRequestView>, Error> {
    decide::decide(ctx, command, id, Decision::Refuse, move |_| {
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", checked(&reason)?.as_deref());
        settle(errors)?;
        Ok(Verdict {
            reason: Some(reason),
            ..Verdict::default()
        })
    })
    .await
}
