//! How mail leaves: to a server, as files, or into memory (tests).

use std::{
    collections::VecDeque,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use lettre::message::Mailbox;

use super::{letter::Letter, smtp::Smtp};
use crate::config::{MailTransport, Settings};

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It never will be, as it is.
    #[error("{0}")]
    Refused(String),
    /// It may be later.
    #[error("{0}")]
    Later(String),
    /// Nothing is taken now, whatever it is.
    #[error("{0}")]
    Unreachable(String),
}

/// How mail leaves. Cheap to clone.
#[derive(Clone)]
pub enum Transport {
    /// To a server.
    Smtp(Smtp),
    /// As one file each.
    File(Files),
    /// Nowhere: kept, for tests.
    Memory(Arc<Memory>),
}

/// The file transport: `<Message-ID>.eml` in a folder, so that a mail that is written twice is one file.
#[derive(Clone)]
pub struct Files {
    folder: PathBuf,
    sender: Sender,
}

/// What every mail has alike.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    pub from: Mailbox,
    pub public_url: String,
}

/// Mail that was taken, and what is answered to the next ones.
#[derive(Debug, Default)]
pub struct Memory {
    taken: Mutex<Vec<Letter>>,
    failures: Mutex<VecDeque<Failure>>,
}

impl Memory {
    /// Lets the next mail fail, after those that were let fail before.
    pub fn fail_next(&self, failure: Failure) {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(failure);
    }

    /// What was taken so far.
    pub fn taken(&self) -> Vec<Letter> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn send(&self, letter: &Letter) -> Result<(), Failure> {
        let failure = self.failures.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        failure.map_or(Ok(()), Err)?;
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(letter.clone());
        Ok(())
    }
}

impl Transport {
    /// As the settings say; none where mail is off. Within the runtime that sends. Mails end with the system's public address, unless
    /// nobody but this machine could follow it.
    ///
    /// # Errors
    /// A setting that is wrong, a file that cannot be read.
    pub fn open(settings: &Settings) -> Result<Option<Self>, String> {
        let public_url = match settings.server.public_url.as_str() {
            url if ["//127.", "//localhost", "//[::1]"]
                .iter()
                .any(|here| url.contains(here)) =>
            {
                ""
            }
            url => url,
        };
        let settings = &settings.mail;
        let from = settings.from.parse().map_err(|e| format!("配置错误：mail.from：{e}"))?;
        let sender = Sender {
            from,
            public_url: public_url.to_owned(),
        };
        if settings.attempts < 1 || settings.lease_seconds < 1 || settings.poll_seconds < 1 {
            return Err("配置错误：mail.attempts、lease_seconds、poll_seconds 应大于 0".into());
        }
        match settings.transport {
            MailTransport::Off => Ok(None),
            MailTransport::File => Ok(Some(Self::File(Files {
                folder: settings.folder.clone(),
                sender,
            }))),
            MailTransport::Smtp => {
                let lease = u64::try_from(settings.lease_seconds).unwrap_or(0);
                if settings.smtp.timeout_seconds < 1 || settings.smtp.timeout_seconds >= lease {
                    return Err("配置错误：mail.smtp.timeout_seconds 应大于 0 且小于 mail.lease_seconds".into());
                }
                Ok(Some(Self::Smtp(Smtp::open(&settings.smtp, sender)?)))
            }
        }
    }

    /// Hands one mail over; once it is taken it is out of our hands.
    ///
    /// # Errors
    /// Where it was not taken, or nobody knows whether it was.
    pub async fn send(&self, letter: &Letter) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp.send(letter).await,
            Self::Memory(memory) => memory.send(letter),
            Self::File(files) => {
                let (files, letter) = (files.clone(), letter.clone());
                tokio::task::spawn_blocking(move || files.write(&letter))
                    .await
                    .unwrap_or_else(|e| Err(Failure::Later(e.to_string())))
            }
        }
    }
}

impl Files {
    fn write(&self, letter: &Letter) -> Result<(), Failure> {
        let message = letter
            .message(&self.sender.from, &self.sender.public_url)
            .map_err(Failure::Refused)?;
        let name: String = letter
            .id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '-'))
            .collect();
        put(&self.folder, &format!("{name}.eml"), &message.formatted())
            .map_err(|e| Failure::Unreachable(format!("{}：{e}", self.folder.display())))
    }
}

/// Writes a file as a whole or not at all; mail names people, so its owner alone may read it.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name)).map_err(|e| e.error)?;
    std::fs::File::open(folder)?.sync_all()
}
