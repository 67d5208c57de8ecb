//! Importing a file again that was handed in before: for good after a dry run, or with corrections allowed; nobody sends it twice.

use crate::{
    domain::{
        import_job::{ImportJob, ImportState},
        policy,
    },
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
    },
};

use super::{
    read::visible,
    start::{Wanted, enqueue},
};

/// How the file is imported this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// Whether to check only.
    pub dry_run: bool,
    /// Whether a row that differs from what is there replaces it.
    pub update: bool,
}

/// Hands in the file of an earlier import.
///
/// # Errors
/// [`Error::NotFound`] where there is no such import that the caller may know of; rights; an import that is not over, or whose file
/// is not kept any more.
pub async fn again(
    ctx: &Context,
    command: Command<ImportJob>,
    id: i64,
    how: Again,
) -> Result<Answer<ImportJob>, Error> {
    let context = ctx.clone();
    let answer = change(ctx, command, move |db, command, now| {
        let earlier = visible(db, &command.actor, id)?;
        let role = policy::decide_import(&command.actor, earlier.kind)?;
        if !earlier.state.is_over() {
            return Err(Error::Conflict("该次导入尚未结束。".to_owned()));
        }
        if !earlier.may_run_again() {
            let why = match earlier.state {
                ImportState::Refused => "该次导入未获批准，请改正后重新上传。",
                _ => "该文件已过保存期，请重新上传。",
            };
            return Err(Error::Conflict(why.to_owned()));
        }
        let wanted = Wanted {
            kind: earlier.kind,
            file_name: earlier.file_name,
            sha256: earlier.sha256,
            username: command.actor.username.clone(),
            role,
            dry_run: how.dry_run,
            update: how.update,
            reason: earlier.reason,
        };
        enqueue(db, &context, wanted, now)
    })
    .await?;
    ctx.importing.bell.notify_one();
    Ok(answer)
}
