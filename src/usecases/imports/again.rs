//! Importing a file again that was handed in before: for good after a dry run, or with corrections allowed; nobody sends it twice.

use crate::{
    domain::{
        import_job::ImportJob,
        policy::{self, Denial},
    },
    storage::import_jobs,
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
    },
};

use super::start::{Wanted, enqueue};

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
        let kinds = policy::decide_read_imports(&command.actor)?;
        let earlier = import_jobs::find(db, id)?
            .filter(|job| kinds.contains(&job.kind))
            .ok_or(Denial::Hidden)?;
        let role = policy::decide_import(&command.actor, earlier.kind)?;
        if !earlier.state.is_over() {
            return Err(Error::Conflict("该次导入尚未结束。".to_owned()));
        }
        if !earlier.may_run_again() {
            return Err(Error::Conflict("该文件已过保存期，请重新上传。".to_owned()));
        }
        let wanted = Wanted {
            kind: earlier.kind,
            file_name: earlier.file_name,
            sha256: earlier.sha256,
            username: command.actor.username.clone(),
            role,
            dry_run: how.dry_run,
            update: how.update,
        };
        enqueue(db, &context, wanted, now)
    })
    .await?;
    ctx.importing.bell.notify_one();
    Ok(answer)
}
