//! What is answered after an act: where to go, or the act's page again with what was refused.

use actix_web::HttpResponse;

use super::{
    act::ActPage,
    posted::{Typed, kept, location},
    refusal::{Refusal, redirect},
};
use crate::usecases::{Error, StoredAnswer, command::Answer};

/// What is kept of an act whose page knows by its own address where to go afterwards.
pub fn acted<T>(_: &T) -> Result<StoredAnswer, Error> {
    kept(String::new())
}

/// To `to` where the act was done, now or before; else its page again.
pub async fn go_to<T>(
    done: Result<Answer<T>, Error>,
    to: &str,
    typed: &Typed,
    act: impl Future<Output = Result<ActPage, Refusal>>,
) -> Result<HttpResponse, Refusal> {
    match done {
        Ok(_) => Ok(redirect(to)),
        Err(error) => refused(error, typed, act).await,
    }
}

/// To the address of what was made, now or before; else the act's page again.
pub async fn go_to_made<T>(
    done: Result<Answer<T>, Error>,
    of: fn(&T) -> Result<StoredAnswer, Error>,
    typed: &Typed,
    act: impl Future<Output = Result<ActPage, Refusal>>,
) -> Result<HttpResponse, Refusal> {
    match done {
        Ok(answer) => Ok(redirect(&location(&answer, of)?)),
        Err(error) => refused(error, typed, act).await,
    }
}

/// The act's page with what was refused; where there is no such page any more, the refusal alone.
pub async fn refused(
    error: Error,
    typed: &Typed,
    act: impl Future<Output = Result<ActPage, Refusal>>,
) -> Result<HttpResponse, Refusal> {
    match act.await {
        Ok(act) => act.refused(error, typed),
        Err(_) => Err(error.into()),
    }
}
