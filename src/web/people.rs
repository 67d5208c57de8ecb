//! People are found by typing a part of what is known of them, wherever one is asked for: one of a list in a [`one`], several in
//! [`several`], and a certificate in a [`certificate`] field, whose proposals ([`certificates`]) tell whose each is. Without script the
//! lists are chosen from as they are, and [`certificate_of`] takes a name in place of the number.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde_json::json;

use super::{
    entry::codes::initials,
    field::{Choice, Field, Proposals},
    refusal::Refusal,
    registrars::state_label,
    visitor::Visitor,
};
use crate::{
    domain::{account::Actor, policy},
    http::query::Query,
    usecases::{
        Context, Error,
        registrars::{self, RegistrarQuery, Summary},
    },
};

/// Id of the proposals of certificates in a page.
const CERTIFICATES: &str = "certificates";

/// Certificates proposed at most; what is typed finds the others.
const MOST_PROPOSED: i64 = 200;

/// Certificates of one name that are told of.
const MOST_TOLD: i64 = 5;

/// Longest text that somebody is looked for by.
const LONGEST: usize = 100;

/// A person to be chosen, by user name; found by name, user name and the first letters of the name's sounds.
pub fn person(username: String, full_name: Option<String>) -> Choice {
    let label = match &full_name {
        Some(name) if *name != username => format!("{name}（{username}）"),
        _ => username.clone(),
    };
    let keys = format!(
        "{} {}",
        username.to_lowercase(),
        initials(full_name.as_deref().unwrap_or_default())
    );
    Choice {
        data: vec![("keys", keys.trim().to_owned())],
        ..Choice::new(username, label)
    }
}

/// A field for one person.
pub fn one(name: &str, label: &str, people: Vec<Choice>) -> Field {
    Field::select(name, label, people).data("choose", "").span(2)
}

/// A field for several.
pub fn several(name: &str, label: &str, people: Vec<Choice>) -> Field {
    Field::several(name, label, people).data("sift", "")
}

/// A field for the number of a certificate; its page holds [`certificates`].
pub fn certificate(name: impl Into<String>, label: &str) -> Field {
    Field::proposed(name, label, CERTIFICATES).data("lookup", "/registrars/find")
}

fn told(summary: &Summary) -> String {
    let listed = &summary.listed;
    format!(
        "{}，{}，{}",
        listed.registrar.name,
        listed.agency.name,
        state_label(summary.state)
    )
}

async fn found(ctx: &Context, actor: Actor, text: Option<String>, limit: i64) -> Result<(Vec<Summary>, bool), Error> {
    let query = RegistrarQuery {
        text,
        limit,
        ..RegistrarQuery::default()
    };
    registrars::list(ctx, actor, query).await
}

/// What is proposed for a [`certificate`].
pub async fn certificates(ctx: &Context, actor: &Actor) -> Result<Proposals, Error> {
    let (found, more) = found(ctx, actor.clone(), None, MOST_PROPOSED).await?;
    let entry = |s: &Summary| (s.listed.registrar.certificate.number.clone(), told(s));
    Ok(Proposals {
        id: CERTIFICATES,
        entries: found.iter().map(entry).collect(),
        more,
    })
}

/// The number of the certificate that is meant by a number, or by a name that only one holder has; else what was typed, for the rules
/// to speak of.
///
/// # Errors
/// Where several are meant: which.
pub async fn certificate_of(ctx: &Context, actor: &Actor, text: String) -> Result<Result<String, String>, Error> {
    if text.chars().count() > LONGEST || policy::decide_registrars(actor).is_err() {
        return Ok(Ok(text));
    }
    let (found, more) = found(ctx, actor.clone(), Some(text.clone()), MOST_TOLD).await?;
    let number = |s: &Summary| s.listed.registrar.certificate.number.clone();
    if let Some(same) = found.iter().find(|s| number(s).eq_ignore_ascii_case(&text)) {
        return Ok(Ok(number(same)));
    }
    let named: Vec<&Summary> = found.iter().filter(|s| s.listed.registrar.name == text).collect();
    match (named.as_slice(), found.as_slice()) {
        ([one], _) if !more => Ok(Ok(number(one))),
        ([], [one]) => Ok(Ok(number(one))),
        (_, []) => Ok(Ok(text)),
        _ => {
            let each: Vec<String> = found.iter().map(|s| format!("{}（{}）", number(s), told(s))).collect();
            let rest = if more { " 等" } else { "" };
            Ok(Err(format!("不止一人，请填证书编号：{}{rest}。", each.join("；"))))
        }
    }
}

/// Certificates by a part of number, name or agency, for the script.
#[get("/registrars/find")]
pub async fn find_certificates(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let text = query.text("q").map(|q| q.chars().take(LONGEST).collect());
    query.finish()?;
    let (found, _) = found(&ctx, visitor.caller.actor, text, MOST_PROPOSED).await?;
    let items: Vec<_> = found
        .iter()
        .map(|s| json!({"value": s.listed.registrar.certificate.number, "label": told(s)}))
        .collect();
    Ok(HttpResponse::Ok().json(items))
}
