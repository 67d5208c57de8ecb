//! What was typed into a form whose session was over when it was sent: whether it is kept, and on which page it is shown again.
//!
//! It is kept in the page that asks to log in, and nowhere else; and only where one of our own pages sent it: with the token of the session
//! that its cookie names, or with a browser's word for it. What any other site posts here is dropped, and so is a form with a password.

use actix_web::HttpRequest;

use super::{
    cookies::{page_secret, stranger},
    posted::Typed,
    refusal::{Lost, Refusal},
    visitor::{context, token_matches},
};
use crate::{
    http::address::is_from_own_page,
    usecases::{Error, accounts, seam},
};

/// A form that is larger is not kept, bytes as it was sent.
pub(super) const MOST_BYTES: usize = 64 * 1024;

/// The page that shows the form which is sent to an address: the same, but for forms that stand on another page.
pub(super) fn page_of(address: &str) -> String {
    let path = address.split('?').next().unwrap_or_default();
    match path {
        "/logout" => return "/".to_owned(),
        "/messages/read" => return "/messages".to_owned(),
        "/contracts/bulk/claim" => return "/contracts".to_owned(),
        "/contracts/check" | "/contracts/new/autosave" => return "/contracts/new".to_owned(),
        _ => {}
    }
    if path.starts_with("/sessions/") {
        return "/sessions".to_owned();
    }
    if let Some(contract) = path.strip_suffix("/autosave") {
        return format!("{contract}/edit");
    }
    let beside = ["/attachments", "/copy", "/again"]
        .into_iter()
        .find_map(|s| path.strip_suffix(s));
    beside.unwrap_or(address).to_owned()
}

/// Whether a script sends to an address by itself what stands in a form: it is told 401, and the form stays where it is.
fn is_for_scripts(path: &str) -> bool {
    path.ends_with("/autosave") || path == "/contracts/check"
}

/// Why a form whose session is over is not done: it is kept, or lost.
pub(super) async fn interrupted(request: &HttpRequest, bytes: &[u8]) -> Result<Refusal, Error> {
    let address = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let next = page_of(address);
    let typed = Typed::parse(bytes);
    let ctx = context(request)?;
    let kept = if is_for_scripts(request.path()) {
        String::new()
    } else if typed.fields().all(|(_, value)| value.trim().is_empty()) {
        let lost = Lost::Nothing;
        return Ok(Refusal::LogIn { next, lost });
    } else {
        let stands_there = next.split('?').next() == Some(request.path());
        let ours = stands_there
            && bytes.len() <= MOST_BYTES
            && !typed.has_password()
            && (is_from_own_page(request, &ctx.settings.server.public_url) || has_own_token(request, &typed).await?);
        if !ours {
            let lost = Lost::Typed;
            return Ok(Refusal::LogIn { next, lost });
        }
        String::from_utf8_lossy(bytes).into_owned()
    };
    Ok(Refusal::Interrupted {
        next,
        typed: kept,
        stranger: match stranger(request) {
            Some(secret) => secret,
            None => seam::random_token()?,
        },
        behind_tls: ctx.settings.server.is_behind_tls(),
    })
}

/// Whether the form carries the token of the session that its cookie names. The session is over; that there was one the store knows.
async fn has_own_token(request: &HttpRequest, typed: &Typed) -> Result<bool, Error> {
    let Some(secret) = page_secret(request).filter(|secret| token_matches(secret, typed.raw("_token"))) else {
        return Ok(false);
    };
    accounts::was_page_session(&context(request)?, &secret).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_stands_on_its_page() {
        let cases = [
            ("/contracts/7/edit?x=1", "/contracts/7/edit?x=1"),
            ("/contracts/7/attachments", "/contracts/7"),
            ("/contracts/7/autosave", "/contracts/7/edit"),
            ("/contracts/bulk/claim", "/contracts"),
            ("/contracts/7/copy", "/contracts/7"),
            ("/imports/3/again", "/imports/3"),
            ("/sessions/abc/end", "/sessions"),
            ("/logout", "/"),
        ];
        for (address, page) in cases {
            assert_eq!(page_of(address), page);
        }
    }
}
