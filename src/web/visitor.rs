//! Who is there: by a random secret in a cookie that scripts cannot read and other sites cannot send.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::Method, web};
use futures_util::future::LocalBoxFuture;

use super::{cookies::page_secret, refusal::Refusal};
use crate::{
    domain::{account::Role, ledger::sha256_hex},
    http::refused::note_caller,
    usecases::{
        Context, Error,
        accounts::{self, Caller},
        command::Command,
        errand::Errand,
        messages,
        people::{self, Names},
    },
};

/// A page of one's own: the password page is open to who must change the password before anything else.
const PASSWORD_PAGE: &str = "/password";

/// Whoever is logged in at the pages.
#[derive(Clone)]
pub struct Visitor {
    /// The account and its session.
    pub caller: Caller,
    /// What forms of this session carry, so that no other site can send them: derived from the cookie, which nobody else knows.
    pub form_token: String,
    /// What people are called.
    pub names: Names,
    /// Messages not read, as the navigation tells them; of a page that is looked at.
    pub unread: i64,
}

impl Visitor {
    /// Whether a text is the token of this session's forms.
    pub fn is_token(&self, text: &str) -> bool {
        text == self.form_token
    }

    /// Whether the visitor holds one of some roles. For what a page offers; what is allowed the use cases decide.
    pub fn is_one_of(&self, roles: &[Role]) -> bool {
        self.caller.actor.roles.iter().any(|role| roles.contains(role))
    }

    /// A command of the visitor's without version and key.
    pub fn command<T>(&self, version: Option<i64>) -> Command<T> {
        Command {
            actor: self.caller.actor.clone(),
            session_id: Some(self.caller.session_id.clone()),
            version,
            once: None,
        }
    }
}

impl FromRequest for Visitor {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let found = match *request.method() {
                Method::GET => visitor_and_messages(&request).await,
                _ => visitor(&request).await,
            };
            found.map_err(|refusal| match refusal {
                Refusal::Use(Error::Unauthenticated) => Refusal::log_in_first(&request),
                other => other,
            })
        })
    }
}

/// Whoever is logged in, with how many messages wait to be read; or why nobody is.
pub(super) async fn visitor_and_messages(request: &HttpRequest) -> Result<Visitor, Refusal> {
    let mut visitor = visitor(request).await?;
    visitor.unread = messages::unread(&context(request)?, &visitor.caller.actor).await?;
    Ok(visitor)
}

/// Whoever is logged in, or why nobody is.
pub(super) async fn visitor(request: &HttpRequest) -> Result<Visitor, Refusal> {
    let secret = page_secret(request).ok_or(Error::Unauthenticated)?;
    let caller = accounts::visit(&context(request)?, &secret).await?;
    Errand::current().set_person(&caller.actor.username);
    note_caller(request, &caller.actor.username);
    if caller.password.must_change && request.path() != PASSWORD_PAGE && request.path() != "/logout" {
        return Err(Refusal::ChangePasswordFirst);
    }
    Ok(Visitor {
        names: people::names(&context(request)?).await?,
        caller,
        form_token: form_token(&secret),
        unread: 0,
    })
}

/// The token of the forms of who holds this cookie.
pub(super) fn form_token(secret: &str) -> String {
    sha256_hex(format!("form\n{secret}").as_bytes())
}

/// Whether a text is the token that forms of who holds this cookie carry.
pub(super) fn token_matches(secret: &str, text: &str) -> bool {
    form_token(secret) == text
}

/// The context of the use cases.
pub(super) fn context(request: &HttpRequest) -> Result<Context, Error> {
    request
        .app_data::<web::Data<Context>>()
        .map(|data| data.get_ref().clone())
        .ok_or_else(|| Error::internal("no context"))
}
