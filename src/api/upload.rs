//! Changes that come as a form with a file (see `http::multipart`).

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;

use super::{
    extract::{context, idempotency_key, identify, version},
    problem::{Kind, Problem},
};
use crate::{
    http::multipart::{Form, Unreadable, read_form},
    usecases::{
        Error, StoredAnswer, accounts,
        contracts::{Command, Once},
    },
};

/// A change that comes as a form with a file: who, on which version, under which key, and what the form says.
pub struct Upload {
    caller: accounts::Caller,
    version: Option<i64>,
    key: Option<String>,
    fingerprint: String,
    form: Form,
}

impl Upload {
    /// The command and the form. `render` makes the answer that is kept for a repeated request.
    pub fn into_parts<V>(self, render: fn(&V) -> Result<StoredAnswer, Error>) -> (Command<V>, Form) {
        let command = Command {
            actor: self.caller.actor,
            session_id: Some(self.caller.session_id),
            version: self.version,
            once: self.key.map(|key| Once {
                key,
                fingerprint: self.fingerprint,
                render,
            }),
        };
        (command, self.form)
    }
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let caller = identify(&request).await?;
            let ctx = context(&request)?;
            let form = read_form(&ctx, &request, payload).await?;
            Ok(Self {
                caller,
                version: version(&request),
                key: idempotency_key(&request)?,
                fingerprint: form.fingerprint(&request),
                form,
            })
        })
    }
}

impl From<Unreadable> for Problem {
    fn from(unreadable: Unreadable) -> Self {
        let kind = match unreadable {
            Unreadable::TooSlow => Kind::TooSlow,
            Unreadable::TooLarge(_) => Kind::TooLarge,
            Unreadable::MediaType => Kind::MediaType,
            Unreadable::Malformed(_) => Kind::Malformed,
            Unreadable::Files(error) => return error.into(),
        };
        Self::new(kind, unreadable.to_string())
    }
}
