//! Where checkpoints go: a folder, mail, an address that takes them by POST.

use std::{fs, io::Write as _, path::Path, time::Duration};

use super::Checkpoint;
use crate::{
    mail::{Letter, Transport},
    storage::checkpoint_rounds,
    usecases::{Context, Error, seam},
};

/// Whether a round is due, and ours: of several servers one makes it.
pub(super) async fn claim(ctx: &Context) -> Result<bool, Error> {
    let (clock, hours) = (ctx.clock.clone(), i64::from(ctx.settings.checkpoints.every_hours));
    ctx.store
        .write(move |db| {
            let now = clock.now();
            Ok::<_, Error>(checkpoint_rounds::claim(db, now.plus_seconds(-hours * 3600), now)?)
        })
        .await
}

/// Takes a checkpoint wherever the settings say; what came of each place.
pub(super) async fn deliver(
    ctx: &Context,
    checkpoint: &Checkpoint,
) -> Result<Vec<(String, Result<(), String>)>, Error> {
    let settings = &ctx.settings.checkpoints;
    let text = checkpoint.text()?;
    let mut came = Vec::new();
    if !settings.folder.as_os_str().is_empty() {
        let done = write(&settings.folder, &checkpoint.file_name(), &text);
        came.push((settings.folder.display().to_string(), done));
    }
    if !settings.mail_to.is_empty() {
        match Transport::open(&ctx.settings) {
            Ok(Some(transport)) => {
                for address in &settings.mail_to {
                    let letter = letter(address, checkpoint, &text)?;
                    let done = transport.send(&letter).await.map_err(|e| e.to_string());
                    came.push((address.clone(), done));
                }
            }
            Ok(None) => came.push(("mail".to_owned(), Err("邮件已停用（mail.transport = off）".to_owned()))),
            Err(reason) => came.push(("mail".to_owned(), Err(reason))),
        }
    }
    if !settings.url.is_empty() {
        let url = settings.url.clone();
        let (address, shown) = (url.clone(), shown_url(&url));
        let seconds = settings.timeout_seconds;
        let done =
            tokio::task::spawn_blocking(move || super::post::post(&address, &text, Duration::from_secs(seconds)));
        came.push((shown, done.await.map_err(Error::internal)?));
    }
    Ok(came)
}

/// An address as logs and people may see it: scheme, host and path. Who may send there, and by which secret, stands before and behind.
fn shown_url(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let plain = url.get(..end).unwrap_or_default();
    let Some((scheme, rest)) = plain.split_once("://") else {
        return "checkpoints.url".to_owned();
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// Writes the file whole, under a name that was never there: a checkpoint is never written over.
fn write(folder: &Path, name: &str, text: &str) -> Result<(), String> {
    let failed = |e: std::io::Error| crate::domain::file_fault::words(&e);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(folder.join(name))
        .map(|_| ())
        .map_err(|e| crate::domain::file_fault::words(&e.error))
}

fn letter(address: &str, checkpoint: &Checkpoint, text: &str) -> Result<Letter, Error> {
    Ok(Letter {
        id: format!("<checkpoint-{}@dengji>", seam::random_hex::<16>()?),
        to: address.to_owned(),
        subject: format!(
            "【技术合同登记】登记账检查点：登记账 {} 条，账户账 {} 条",
            checkpoint.ledger.sequence, checkpoint.account_ledger.sequence
        ),
        text: format!(
            "以下一行是登记账与账户账末尾的签名检查点。请原样保存为文件；日后执行 dengji ledger verify --checkpoint 文件，可查出其间的截去和改写。\n\n{text}"
        ),
        at: checkpoint.at,
    })
}

#[cfg(test)]
mod tests {
    use super::shown_url;

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (url, shown) in [
            (
                "https://user:secret@host:8443/in?token=secret#x",
                "https://host:8443/in",
            ),
            ("https://host/a/b", "https://host/a/b"),
            ("http://a@b@host?secret", "http://host"),
            ("no address secret", "checkpoints.url"),
        ] {
            assert_eq!(shown_url(url), shown);
        }
    }
}
