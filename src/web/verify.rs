//! `/verify`: where anyone types the code that is printed on a certificate; what it is worth is told at `/verify/{code}`.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode};
use askama::Template;

use super::{
    act::Problem,
    field::{Field, Fieldset},
    refusal::{Refusal, redirect},
    shell::{Shell, page},
    visitor::visitor,
};
use crate::{domain::registration_certificate::CODE_DIGITS, http::query::Query, usecases::Error};

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    shell: Shell,
    problem: Option<Problem>,
    field: Field,
}

/// The code in what was typed: with blanks and hyphens, in capitals, or as the whole address of the QR code.
fn code_in(typed: &str) -> Option<String> {
    let last = typed
        .trim()
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let code: String = last
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let sound = code.len() == CODE_DIGITS && code.bytes().all(|b| b.is_ascii_hexdigit());
    sound.then_some(code)
}

#[get("/verify")]
pub async fn show_verify(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    // A form that is sent empty names its field all the same.
    let asked = form_urlencoded::parse(request.query_string().as_bytes()).any(|(name, _)| name == "code");
    let typed = query.text("code").or_else(|| asked.then(String::new));
    query.finish()?;
    if let Some(code) = typed.as_deref().and_then(code_in) {
        return Ok(redirect(&format!("/verify/{code}")));
    }
    let shell = match visitor(&request).await {
        Ok(visitor) => visitor.shell("查验登记证明"),
        Err(_) => Shell::bare("查验登记证明"),
    };
    let mut field = Field::text("code", "查验码")
        .required()
        .focus()
        .span(4)
        .help(format!(
            "登记证明上印的 {CODE_DIGITS} 位数字和字母 a–f，也可以粘贴二维码里的网址。"
        ))
        .maybe(typed.clone());
    let (status, problem) = match typed {
        None => (StatusCode::OK, None),
        Some(typed) => {
            let detail = match typed.as_str() {
                "" => "此项必填。".to_owned(),
                _ => format!("查验码应为 {CODE_DIGITS} 位数字和字母 a–f，请核对。"),
            };
            field.errors = vec![detail.clone()];
            let error = Error::invalid("code", "format", detail);
            let problem = Problem::of(&error, &[Fieldset::new("", vec![field.clone()])]);
            (StatusCode::UNPROCESSABLE_ENTITY, Some(problem))
        }
    };
    Ok(page(status, &VerifyPage { shell, problem, field }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_as_people_copy_it() {
        let code = "0123456789abcdef0123456789abcdef";
        for typed in [
            code,
            " 01234567-89ABCDEF-01234567-89abcdef ",
            "https://office.example/verify/0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(code_in(typed).as_deref(), Some(code), "{typed}");
        }
        for typed in ["", "0123", "0123456789abcdef0123456789abcdeg"] {
            assert_eq!(code_in(typed), None, "{typed}");
        }
    }
}
