//! The public page that tells what a certificate is worth: one HTML document without script, readable on a telephone.

use std::{borrow::Cow, fmt::Write as _};

use crate::domain::{ledger::sha256_base64, registration_certificate::Standing, time::Moment};

/// All style there is; the policy allows exactly this text.
const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;margin:0;background:#f4f4f2;color:#1a1a1a}main{max-width:40rem;\
margin:2rem auto;padding:1.5rem;background:#fff;border:1px solid #c8c8c4}h1{font-size:1.2rem;margin:0 0 1rem}.s{font-size:1.4rem;\
font-weight:700;padding:.6rem 1rem;border:3px solid;margin:0 0 1rem}.valid{color:#0b5d1e}.other{color:#8a1c00}table{width:100%;\
border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.4rem .2rem;border-top:1px solid #ddd;\
overflow-wrap:anywhere}th{width:7em;font-weight:400;color:#555}p{color:#555;font-size:.9rem}";

/// What the page tells.
pub struct Facts<'a> {
    /// What the certificate is worth.
    pub standing: Standing,
    /// When it was looked up.
    pub checked_at: Moment,
    /// Label and text.
    pub rows: Vec<(&'static str, Cow<'a, str>)>,
}

/// The content security policy of the pages: nothing but their own style.
pub fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        sha256_base64(STYLE.as_bytes())
    )
}

/// The page of a certificate that is known.
pub fn found(facts: &Facts<'_>) -> String {
    let mut body = String::new();
    let (class, mark) = match facts.standing {
        Standing::Valid => ("valid", "✓"),
        Standing::Superseded | Standing::Cancelled | Standing::Revoked => ("other", "✗"),
    };
    let _ = write!(
        body,
        "<div class=\"s {class}\">{mark} {}</div><table>",
        escaped(facts.standing.label())
    );
    for (label, text) in &facts.rows {
        let _ = write!(
            body,
            "<tr><th scope=\"row\">{label}</th><td>{}</td></tr>",
            escaped(text)
        );
    }
    let _ = write!(
        body,
        "</table><p>查验时间：北京时间 {}。请核对上述内容与所持证明是否一致，并确认本页地址属于登记机构。</p>",
        facts.checked_at.beijing_time().format("%Y-%m-%d %H:%M:%S")
    );
    page("技术合同登记证明查验", &body)
}

/// The page of a code that nobody carries.
pub fn not_found() -> String {
    page(
        "技术合同登记证明查验",
        "<div class=\"s other\">✗ 没有这份登记证明</div><p>请核对查验码是否输入完整、正确。</p>",
    )
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}

/// Text as HTML shows it, never runs it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_someone_typed_is_shown_and_never_run() {
        let facts = Facts {
            standing: Standing::Valid,
            checked_at: Moment::parse("2026-01-01T00:00:00+08:00").unwrap(),
            rows: vec![("合同名称", "<script>alert('x')</script>&\"".into())],
        };
        let page = found(&facts);
        assert!(
            page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"),
            "{page}"
        );
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("北京时间 2026-01-01 00:00:00。"), "{page}");
    }
}
