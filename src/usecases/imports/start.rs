//! Handing in a file to be imported.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    domain::{
        account::{Actor, Role},
        attachment::plain_name,
        error::FieldError,
        import_job::{ImportJob, ImportState},
        interchange::Kind,
        policy::{self, Denial},
        time::Moment,
    },
    storage::{Db, import_jobs},
    usecases::{
        Context, Error,
        attachments::{receive::Received, waiting},
        command::{Answer, Command, change},
        values::{optional_text, settle},
    },
};

/// What is to be imported, as it was sent.
#[derive(Clone, Default)]
pub struct StartInput {
    /// Id of the kind.
    pub kind: Option<String>,
    /// `true` or `false`; absent: false.
    pub dry_run: Option<String>,
    /// `true` or `false`; absent: false.
    pub update: Option<String>,
    /// Why records are to be corrected, in words; optional.
    pub reason: Option<String>,
    /// The file.
    pub file: Option<Arc<Received>>,
    /// What is wrong with the form in which they came.
    pub wrong: Vec<FieldError>,
}

/// The same where all is in order.
#[derive(Clone)]
struct Sound {
    kind: Kind,
    role: Role,
    dry_run: bool,
    update: bool,
    reason: Option<String>,
    file_name: String,
}

/// Takes a file; it is imported when its turn comes.
///
/// # Errors
/// Rights; an unknown kind, no file, a name that is none; too many files that wait already.
pub async fn start(ctx: &Context, command: Command<ImportJob>, input: StartInput) -> Result<Answer<ImportJob>, Error> {
    // Before the transaction too: who may not, or sent something wrong, need not wait for another's import.
    admit(&command.actor, &input)?;
    let file = input.file.clone().ok_or_else(|| Error::internal("no file"))?;
    let (files, prepared) = (ctx.files.clone(), Arc::clone(&file));
    waiting(move || files.prepare(&prepared.spooled)).await?;
    let context = ctx.clone();
    let answer = change(ctx, command, move |db, command, now| {
        let sound = admit(&command.actor, &input)?;
        let job = hand_in(db, &context, &command.actor, sound, file.sha256(), now)?;
        // Last, so that a refusal leaves nothing behind; before the commit, so that no row is without its file.
        context.files.keep(&file.spooled)?;
        Ok(job)
    })
    .await?;
    ctx.importing.bell.notify_one();
    Ok(answer)
}

fn admit(actor: &Actor, input: &StartInput) -> Result<Sound, Error> {
    if policy::importable(actor).is_empty() {
        return Err(Denial::Role.into());
    }
    let mut errors = input.wrong.clone();
    let told = |errors: &[FieldError], pointer: &str| errors.iter().any(|e| e.pointer == pointer);
    let kind = input.kind.as_deref().and_then(Kind::from_id);
    if let Some(kind) = kind {
        policy::decide_import(actor, kind)?;
    } else if !told(&errors, "/kind") {
        errors.push(match input.kind.as_deref() {
            None | Some("") => FieldError::new("/kind", "required", "请选择文件的种类。"),
            Some(other) => FieldError::new("/kind", "unknown_code", format!("没有“{other}”这个种类。")),
        });
    }
    let mut flag = |pointer: &str, text: Option<&str>| match text {
        None | Some("" | "false") => false,
        Some("true") => true,
        Some(_) => {
            errors.push(FieldError::new(pointer, "wrong_type", "应为 true 或 false。"));
            false
        }
    };
    let (dry_run, update) = (
        flag("/dry_run", input.dry_run.as_deref()),
        flag("/update", input.update.as_deref()),
    );
    let reason = optional_text(&mut errors, "/reason", input.reason.as_deref());
    let mut file_name = String::new();
    // A browser sends a part without name and content where no file was chosen.
    let file = input
        .file
        .as_ref()
        .filter(|f| f.spooled.size > 0 || f.sent_name().is_some_and(|name| !name.is_empty()));
    match file {
        None if told(&errors, "/file") => {}
        None => errors.push(FieldError::new("/file", "required", "请选择要导入的文件。")),
        Some(file) => match plain_name(file.sent_name().unwrap_or_default()) {
            Ok(name) => file_name = name,
            Err((code, detail)) => errors.push(FieldError::new("/file", code, detail)),
        },
    }
    settle(errors)?;
    let kind = kind.ok_or_else(|| Error::internal("a kind that is neither right nor wrong"))?;
    Ok(Sound {
        kind,
        role: policy::decide_import(actor, kind)?,
        dry_run,
        update,
        reason,
        file_name,
    })
}

fn hand_in(
    db: &mut Db,
    ctx: &Context,
    actor: &Actor,
    sound: Sound,
    sha256: &str,
    now: Moment,
) -> Result<ImportJob, Error> {
    let wanted = Wanted {
        kind: sound.kind,
        file_name: sound.file_name,
        sha256: sha256.to_owned(),
        username: actor.username.clone(),
        role: sound.role,
        dry_run: sound.dry_run,
        update: sound.update,
        reason: sound.reason,
    };
    enqueue(db, ctx, wanted, now)
}

/// What is to be imported, by whom and how.
pub(super) struct Wanted {
    pub kind: Kind,
    pub file_name: String,
    pub sha256: String,
    pub username: String,
    pub role: Role,
    pub dry_run: bool,
    pub update: bool,
    pub reason: Option<String>,
}

/// Puts a job at the end of the queue.
pub(super) fn enqueue(db: &mut Db, ctx: &Context, wanted: Wanted, now: Moment) -> Result<ImportJob, Error> {
    let job = ImportJob {
        id: 0,
        kind: wanted.kind,
        file_name: wanted.file_name,
        sha256: wanted.sha256,
        file_kept: true,
        username: wanted.username,
        role: wanted.role,
        dry_run: wanted.dry_run,
        update: wanted.update,
        state: ImportState::Queued,
        rows_total: None,
        rows_done: 0,
        added: 0,
        unchanged: 0,
        updated: 0,
        flagged: 0,
        errors: Vec::new(),
        errors_total: 0,
        concealed: BTreeMap::new(),
        version: 1,
        reason: wanted.reason,
        to_approve: 0,
        digest: None,
        decision: None,
        notices: Vec::new(),
        created_at: now,
        started_at: None,
        finished_at: None,
    };
    let most = ctx.settings.imports.max_open;
    if import_jobs::count_open(db, &job.username)? >= most {
        return Err(Error::Conflict(format!(
            "您已有 {most} 个导入在排队或进行，请等其完成后再提交。"
        )));
    }
    let id = import_jobs::insert(db, &job)?;
    Ok(ImportJob { id, ..job })
}
