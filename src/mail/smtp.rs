//! The SMTP transport.

use std::{net::IpAddr, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    transport::smtp::{
        Error as SmtpError, PoolConfig,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use super::{
    letter::Letter,
    transport::{Failure, Sender},
};
use crate::config::{SmtpSecurity, SmtpSettings};

/// A server that takes mail.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
    timeout: Duration,
}

/// How long a connection is kept for the next mail.
const IDLE: Duration = Duration::from_secs(10);

/// Longest reason that is kept, in characters.
const LONGEST: usize = 500;

impl Smtp {
    pub(super) fn open(settings: &SmtpSettings, sender: Sender) -> Result<Self, String> {
        let wrong = |what: String| format!("配置错误：mail.smtp：{what}");
        let host = settings.host.trim();
        if host.is_empty() {
            return Err(wrong("缺少 host".into()));
        }
        let (tls, usual_port) = match settings.security {
            SmtpSecurity::None if !is_this_machine(host) => {
                return Err(wrong("security = \"none\" 只能用于本机的邮件服务器".into()));
            }
            SmtpSecurity::None => (Tls::None, 25),
            SmtpSecurity::Starttls => (Tls::Required(parameters(settings, host).map_err(wrong)?), 587),
            SmtpSecurity::Tls => (Tls::Wrapper(parameters(settings, host).map_err(wrong)?), 465),
        };
        let port = match settings.port {
            0 => usual_port,
            port => port,
        };
        let timeout = Duration::from_secs(settings.timeout_seconds);
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(timeout))
            .pool_config(PoolConfig::new().max_size(1).idle_timeout(IDLE));
        if !settings.username.is_empty() {
            let password = password(settings).map_err(wrong)?;
            builder = builder.credentials(Credentials::new(settings.username.clone(), password));
        }
        Ok(Self {
            transport: builder.build(),
            sender,
            timeout,
        })
    }

    pub(super) async fn send(&self, letter: &Letter) -> Result<(), Failure> {
        let message = letter
            .message(&self.sender.from, &self.sender.public_url)
            .map_err(Failure::Refused)?;
        match tokio::time::timeout(self.timeout, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(Failure::Unreachable(format!(
                "邮件服务器在 {} 秒内没有答复",
                self.timeout.as_secs()
            ))),
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|a| a.is_loopback())
}

fn parameters(settings: &SmtpSettings, host: &str) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if !settings.root_certificates.is_empty() {
        let file = &settings.root_certificates;
        let pem = std::fs::read(file).map_err(|e| format!("root_certificates {file}：{e}"))?;
        let certificate = Certificate::from_pem(&pem).map_err(|e| format!("root_certificates {file}：{e}"))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(|e| e.to_string())
}

fn password(settings: &SmtpSettings) -> Result<String, String> {
    match settings.password_file.as_str() {
        "" => Ok(settings.password.0.clone()),
        file => std::fs::read_to_string(file)
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|e| format!("password_file {file}：{e}")),
    }
}

/// What to do after an error. A 5xx reply is about this mail, but for those about who we are (RFC 4954, section 6: a wrong
/// password must not make a dead letter of every mail); 421 closes the connection, whatever the mail (RFC 5321, section 4.2.1).
fn failure(error: &SmtpError) -> Failure {
    let code = error.status().map(u16::from);
    let said = reason(error);
    let reason = match code {
        // What the server said stands after the code, which the library names in English.
        Some(code) => {
            let words = said.split_once("): ").map_or(said.as_str(), |(_, words)| words);
            let what = match code {
                530..=538 => "邮件服务器不接受本系统登录",
                _ if error.is_permanent() => "邮件服务器拒收",
                _ => "邮件服务器暂不接收",
            };
            format!("{what}（{code}）：{words}")
        }
        None => format!("没有送到邮件服务器：{said}"),
    };
    if matches!(code, Some(421 | 530..=538)) {
        Failure::Unreachable(reason)
    } else if error.is_permanent() {
        Failure::Refused(reason)
    } else if error.is_transient() || error.is_client() {
        Failure::Later(reason)
    } else {
        Failure::Unreachable(reason)
    }
}

/// The error and what is behind it, as one line that any store keeps.
fn reason(error: &SmtpError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST)
        .collect()
}
