//! Who is there: by a random secret in a cookie that scripts cannot read and other sites cannot send.

use actix_web::{
    FromRequest, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::Method,
    web,
};
use futures_util::future::LocalBoxFuture;

use super::refusal::Refusal;
use crate::{
    domain::{account::Role, ledger::sha256_hex},
    usecases::{
        Context, Error,
        accounts::{self, Caller},
        command::Command,
        errand::Errand,
        messages,
        people::{self, Names},
    },
};

/// Cookie of who is logged in.
const SESSION: &str = "dengji_session";

/// Cookie of who is not: what the token of the log-in form is made of.
const STRANGER: &str = "dengji_stranger";

/// A page of one's own: the password page is open to who must change the password before anything else.
const PASSWORD_PAGE: &str = "/password";

/// Whoever is logged in at the pages.
#[derive(Debug, Clone)]
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
    let cookie = request.cookie(SESSION).ok_or(Error::Unauthenticated)?;
    let caller = accounts::visit(&context(request)?, cookie.value()).await?;
    Errand::current().set_person(&caller.actor.username);
    if caller.password.must_change && request.path() != PASSWORD_PAGE && request.path() != "/logout" {
        return Err(Refusal::ChangePasswordFirst);
    }
    Ok(Visitor {
        names: people::names(&context(request)?).await?,
        caller,
        form_token: form_token(cookie.value()),
        unread: 0,
    })
}

/// The token of the forms of who holds this cookie.
pub(super) fn form_token(secret: &str) -> String {
    sha256_hex(format!("form\n{secret}").as_bytes())
}

/// The secret of who is not logged in, where there is one.
pub(super) fn stranger(request: &HttpRequest) -> Option<String> {
    request.cookie(STRANGER).map(|c| c.value().to_owned())
}

/// The context of the use cases.
pub(super) fn context(request: &HttpRequest) -> Result<Context, Error> {
    request
        .app_data::<web::Data<Context>>()
        .map(|data| data.get_ref().clone())
        .ok_or_else(|| Error::internal("no context"))
}

/// The cookie that keeps someone logged in until the browser is closed or the session is over.
pub(super) fn session_cookie(ctx: &Context, secret: String) -> Cookie<'static> {
    cookie(ctx, SESSION, secret)
}

/// The cookie that the log-in form needs.
pub(super) fn stranger_cookie(ctx: &Context, secret: String) -> Cookie<'static> {
    cookie(ctx, STRANGER, secret)
}

/// The cookie that takes the session's away.
pub(super) fn no_session_cookie(ctx: &Context) -> Cookie<'static> {
    let mut cookie = cookie(ctx, SESSION, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}

fn cookie(ctx: &Context, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(ctx.settings.server.public_url.starts_with("https:"))
        .finish()
}
