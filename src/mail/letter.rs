//! A mail as it goes over the wire: plain text in UTF-8, an address, and a Message-ID that is the same at every attempt.

use std::time::{Duration, SystemTime};

use lettre::{
    Message,
    message::{
        Mailbox,
        header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue},
    },
};

use crate::domain::time::Moment;

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Message-ID with its angle brackets.
    pub id: String,
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// When it was written: the moment of the act it tells of.
    pub at: Moment,
}

/// Told to machines that answer mail: nobody wrote this one (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Letter {
    /// The mail, from `from`, with what every mail ends with.
    ///
    /// # Errors
    /// Where the address is none.
    pub(super) fn message(&self, from: &Mailbox, public_url: &str) -> Result<Message, String> {
        let to = self.to.parse().map_err(|e| format!("收件地址无效：{e}"))?;
        let written = Duration::from_micros(u64::try_from(self.at.micros()).unwrap_or(0));
        Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(&self.subject)
            .date(SystemTime::UNIX_EPOCH + written)
            .message_id(Some(self.id.clone()))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .header(ContentTransferEncoding::Base64)
            .body(self.text.clone() + &footer(public_url))
            .map_err(|e| e.to_string())
    }
}

fn footer(public_url: &str) -> String {
    let link = match public_url {
        "" => String::new(),
        url => format!("请登录系统查看或办理：{url}\n"),
    };
    format!("\n{link}本邮件由系统自动发出，请勿回复。\n")
}

/// What stands after the @ in Message-IDs: the sender's domain.
pub fn id_domain(from: &str) -> &str {
    from.rsplit('@')
        .next()
        .map(|d| d.trim_end_matches(['>', ' ']))
        .filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')))
        .unwrap_or("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_gives_the_domain() {
        assert_eq!(id_domain("登记 <a@mail.example.org>"), "mail.example.org");
        assert_eq!(id_domain("a@b.cn"), "b.cn");
        assert_eq!(id_domain("登记"), "localhost");
        assert_eq!(id_domain("a@例.中国"), "localhost");
    }

    #[test]
    fn a_mail_is_the_same_at_every_attempt() {
        let letter = Letter {
            id: "<1@example.org>".into(),
            to: "wang@example.org".into(),
            subject: "【技术合同登记】合同退回补正\r\nBcc: x@example.org".into(),
            text: "您好！\n\n合同已退回补正。\n".into(),
            at: Moment::parse("2026-06-15T12:00:00+08:00").unwrap(),
        };
        let from = "登记系统 <dengji@example.org>".parse().unwrap();
        let text =
            |l: &Letter| String::from_utf8(l.message(&from, "https://d.example.org").unwrap().formatted()).unwrap();
        let mail = text(&letter);
        assert_eq!(mail, text(&letter));
        for line in [
            "Message-ID: <1@example.org>",
            "Date: Mon, 15 Jun 2026 04:00:00 +0000",
            "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
            "To: wang@example.org",
        ] {
            assert!(mail.contains(&format!("{line}\r\n")), "{line} is not in\n{mail}");
        }
        assert!(!mail.contains("\r\nBcc:"), "{mail}");
        let nowhere = Letter {
            to: "王".into(),
            ..letter
        };
        assert!(nowhere.message(&from, "").unwrap_err().contains("收件地址无效"));
    }
}
