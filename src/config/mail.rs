//! Settings of mail.

use std::path::PathBuf;

use serde::Deserialize;

/// Mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// How it leaves.
    pub transport: MailTransport,
    /// Where the file transport writes.
    pub folder: PathBuf,
    /// Sender: an address, or a name and an address in angle brackets.
    pub from: String,
    /// Attempts after which a mail is a dead letter.
    pub attempts: i64,
    /// Pause after the first attempt that failed, seconds.
    pub backoff_seconds: i64,
    /// Longest pause, seconds.
    pub backoff_most_seconds: i64,
    /// How long whoever sends a mail has it to itself, seconds.
    pub lease_seconds: i64,
    /// How often the outbox is looked at without being told of anything, seconds.
    pub poll_seconds: u64,
    /// The server that takes mail.
    pub smtp: SmtpSettings,
}

/// How mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTransport {
    /// As files in a folder.
    File,
    /// To a server.
    Smtp,
    /// Not at all.
    Off,
}

/// The server that takes mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its name, as in its certificate.
    pub host: String,
    /// Its port; 0 for the usual one.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// Who we are to it; empty for nobody.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// A file that holds the password; empty for none.
    pub password_file: String,
    /// File with certificates (PEM) to trust beside the system's; empty for none.
    pub root_certificates: String,
    /// Bound of one mail's sending as a whole, seconds.
    pub timeout_seconds: u64,
}

/// How the connection to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// TLS after STARTTLS (RFC 3207), never without.
    Starttls,
    /// TLS from the start (RFC 8314).
    Tls,
    /// None: for a server on this machine alone.
    None,
}

/// A text that no log shows.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}
