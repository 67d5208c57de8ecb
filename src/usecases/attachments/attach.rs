//! `attach`: a registrar of the agency adds a file to a contract.

use std::sync::Arc;

use serde_json::json;

use crate::{
    domain::{attachment::Attachment, code_list::ListName, error::FieldError, ledger::Change, workflow::FileAct},
    intake::scanner::Scanner,
    storage::attachments,
    usecases::{
        Context, Error,
        command::change,
        values::{required_code, settle},
    },
};

use super::{
    Answer, Command,
    act::{admit, enter},
    receive::Received,
    waiting,
};

/// What is to be attached.
#[derive(Clone, Default)]
pub struct AttachInput {
    /// Code list `attachment_kind`.
    pub kind: Option<String>,
    /// The file.
    pub file: Option<Arc<Received>>,
    /// What is wrong with the form in which they came.
    pub wrong: Vec<FieldError>,
}

/// An attachment that was added, and the contract's version since.
#[derive(Debug, Clone)]
pub struct Attached {
    /// The attachment.
    pub attachment: Attachment,
    /// The contract's version.
    pub contract_version: i64,
}

/// Adds an attachment. The row is committed after the file is durable under its hash.
///
/// # Errors
/// Rights, version, state; no kind or an unknown one, no file, a name or content that is not taken, too many attachments.
pub async fn attach(
    ctx: &Context,
    command: Command<Attached>,
    id: i64,
    input: AttachInput,
) -> Result<Answer<Attached>, Error> {
    let mut wrong = input.wrong.clone();
    // The content is looked at outside the transaction, since that takes its time.
    let sound = match input.file.clone() {
        None => None,
        Some(file) => {
            let (files, settings) = (ctx.files.clone(), &ctx.settings.files);
            let unpacked = settings.max_unpacked_bytes;
            let scanner = Scanner::of(&settings.virus_scanner, settings.virus_scanner_seconds);
            let examiner = ctx.examiner.clone();
            let examined = waiting(move || {
                let sound = file.examine(unpacked, examiner.as_deref(), scanner.as_ref());
                sound.is_ok().then(|| files.prepare(&file.spooled)).transpose()?;
                Ok::<_, Error>(sound)
            });
            examined.await?.map_err(|errors| wrong.extend(errors)).ok()
        }
    };
    if input.file.is_none() && !wrong.iter().any(|e| e.pointer == "/file") {
        wrong.push(FieldError::new("/file", "required", "此项必填。"));
    }
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let admitted = admit(db, command, id, None, FileAct::Attach)?;
        let mut errors = wrong.clone();
        let kinds = context.catalogue.list(ListName::AttachmentKind);
        let kind = match wrong.iter().any(|e| e.pointer == "/kind") {
            true => String::new(),
            false => required_code(&mut errors, "/kind", input.kind.as_deref(), kinds),
        };
        let most = context.settings.files.max_per_contract;
        if attachments::count(db, id)? >= most {
            let detail = format!("一项合同最多 {most} 个附件。");
            errors.push(FieldError::new("/file", "too_many", detail));
        }
        settle(errors)?;
        let (Some(sound), Some(file)) = (&sound, &input.file) else {
            return Err(Error::internal("a file that is neither right nor wrong"));
        };
        let mut attachment = Attachment {
            id: 0,
            contract_id: id,
            kind,
            file_name: sound.file_name.clone(),
            media_type: sound.media_type,
            size: i64::try_from(file.spooled.size).map_err(Error::internal)?,
            sha256: file.spooled.sha256.clone(),
            added_by: command.actor.username.clone(),
            added_at: now,
        };
        attachment.id = attachments::insert(db, &attachment)?;
        let told = Change {
            pointer: format!("/attachments/{}", attachment.id),
            from: json!(null),
            to: told(&attachment),
        };
        let contract_version = enter(db, command, admitted, FileAct::Attach, told, now)?;
        // Last, so that a refusal leaves nothing behind; before the commit, so that no row is without its file.
        context.files.keep(&file.spooled)?;
        Ok(Attached {
            attachment,
            contract_version,
        })
    })
    .await
}

/// What the ledger says of an attachment.
pub(super) fn told(attachment: &Attachment) -> serde_json::Value {
    json!({
        "kind": attachment.kind,
        "file_name": attachment.file_name,
        "media_type": attachment.media_type.id(),
        "size": attachment.size,
        "sha256": attachment.sha256,
    })
}
