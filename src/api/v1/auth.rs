//! `/auth`: sessions and the own account.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use crate::{
    api::{
        extract::{Caller, Change, Open},
        json::Document,
        openapi::Refusals,
        problem::Problem,
    },
    domain::{
        error::FieldError,
        time::{Date, Moment},
    },
    http::address::{client_address, client_name},
    usecases::{
        Context,
        accounts::{self, Tokens, Whence},
        messages,
    },
};

/// User name and password.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(default)]
#[derive(Default)]
pub struct LogInIn {
    #[validate(
        required(message = "请填写用户名。"),
        length(min = 1, max = 256, message = "用户名长度不正确。")
    )]
    username: Option<String>,
    #[validate(
        required(message = "请填写密码。"),
        length(min = 1, max = 1024, message = "密码长度不正确。")
    )]
    #[schema(format = Password)]
    password: Option<String>,
}

impl Document for LogInIn {}

/// A refresh token.
#[derive(Default, Deserialize, ToSchema, Validate)]
#[serde(default)]
pub struct RefreshIn {
    #[validate(
        required(message = "请提供 refresh_token。"),
        length(min = 1, max = 1024, message = "长度不正确。")
    )]
    refresh_token: Option<String>,
}

impl Document for RefreshIn {}

/// The current password and the new one.
#[derive(Default, Deserialize, ToSchema, Validate)]
#[serde(default)]
pub struct PasswordIn {
    #[validate(
        required(message = "请填写当前密码。"),
        length(min = 1, max = 1024, message = "密码长度不正确。")
    )]
    #[schema(format = Password)]
    current_password: Option<String>,
    #[validate(
        required(message = "请填写新密码。"),
        length(min = 1, max = 1024, message = "密码长度不正确。")
    )]
    #[schema(format = Password)]
    new_password: Option<String>,
}

impl Document for PasswordIn {}

/// Nothing to say.
#[derive(Default, Deserialize, ToSchema)]
pub struct EmptyIn {}

impl Document for EmptyIn {}

/// What a session is carried on with.
#[derive(Serialize, ToSchema)]
pub struct TokensOut {
    /// JWT for `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Life of the access token, seconds.
    expires_in: i64,
    /// Good for one refresh.
    refresh_token: String,
}

impl From<Tokens> for TokensOut {
    fn from(t: Tokens) -> Self {
        Self {
            access_token: t.access_token,
            token_type: t.token_type,
            expires_in: t.expires_in,
            refresh_token: t.refresh_token,
        }
    }
}

/// The own account.
#[derive(Serialize, ToSchema)]
pub struct MeOut {
    username: String,
    /// Ids of the roles held.
    roles: Vec<&'static str>,
    agency: Option<AgencyOut>,
    certificate: Option<CertificateOut>,
    /// Set while everything but `/auth` is refused until the password is changed.
    password_must_change: bool,
    /// From when on the password must be changed; null where the policy knows no age.
    #[schema(value_type = Option<String>, format = DateTime)]
    password_expires_at: Option<Moment>,
    /// Messages in the own inbox that are not read.
    unread_messages: i64,
}

/// A registration agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyOut {
    /// Six digits.
    pub(super) code: Option<String>,
    pub(super) name: String,
}

/// A registrar certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateOut {
    pub(super) number: String,
    pub(super) issued_on: Date,
    /// Last day; null where it does not run out.
    pub(super) valid_until: Option<Date>,
    pub(super) valid_today: bool,
}

/// The value, once its form is right and the rules of its fields hold.
fn valid<T: Validate>(value: Result<T, Vec<FieldError>>) -> Result<T, Problem> {
    let value = value.map_err(Problem::invalid)?;
    value.validate().map_err(|e| Problem::invalid(field_errors(&e)))?;
    Ok(value)
}

fn field_errors(errors: &ValidationErrors) -> Vec<FieldError> {
    let mut found: Vec<FieldError> = errors
        .field_errors()
        .into_iter()
        .flat_map(|(field, errors)| {
            errors.iter().map(move |e| {
                let code = if e.code == "required" { "required" } else { "length" };
                FieldError::new(format!("/{field}"), code, e.message.clone().unwrap_or_default())
            })
        })
        .collect();
    found.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    found
}

/// Log in.
#[utoipa::path(tag = "auth", request_body = LogInIn, responses((status = 200, body = TokensOut), Refusals))]
#[post("/auth/login")]
pub async fn log_in(
    ctx: web::Data<Context>,
    request: HttpRequest,
    body: Open<LogInIn>,
) -> Result<HttpResponse, Problem> {
    let body = valid(body.0)?;
    let address = client_address(&request, &ctx.settings.server.trusted_proxies);
    let (name, password) = (body.username.unwrap_or_default(), body.password.unwrap_or_default());
    let whence = Whence {
        client: client_name(&request),
        ..address.into()
    };
    let tokens = accounts::login(&ctx, &name, &password, whence).await?;
    Ok(HttpResponse::Ok().json(TokensOut::from(tokens)))
}

/// Carry a session on: the refresh token is used up and a new pair given. A token used twice ends the session.
#[utoipa::path(tag = "auth", request_body = RefreshIn, responses((status = 200, body = TokensOut), Refusals))]
#[post("/auth/refresh")]
pub async fn refresh_session(
    ctx: web::Data<Context>,
    request: HttpRequest,
    body: Open<RefreshIn>,
) -> Result<HttpResponse, Problem> {
    let body = valid(body.0)?;
    let address = client_address(&request, &ctx.settings.server.trusted_proxies);
    let tokens = accounts::refresh(&ctx, &body.refresh_token.unwrap_or_default(), address).await?;
    Ok(HttpResponse::Ok().json(TokensOut::from(tokens)))
}

/// End the session at once.
#[utoipa::path(tag = "auth", request_body = EmptyIn, security(("bearer" = [])), responses((status = 204), Refusals))]
#[post("/auth/logout")]
pub async fn log_out(ctx: web::Data<Context>, change: Change<EmptyIn>) -> Result<HttpResponse, Problem> {
    accounts::logout(&ctx, &change.caller).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The own account: roles, agency, certificate.
#[utoipa::path(tag = "auth", security(("bearer" = [])), responses((status = 200, body = MeOut), Refusals))]
#[get("/auth/me")]
pub async fn read_me(ctx: web::Data<Context>, caller: Caller) -> Result<HttpResponse, Problem> {
    let me = accounts::me(&ctx, &caller.0);
    let unread_messages = messages::unread(&ctx, &caller.0.actor).await?;
    Ok(HttpResponse::Ok().json(MeOut {
        username: me.username,
        roles: me.roles.into_iter().map(|r| r.id).collect(),
        agency: me.agency.map(|a| AgencyOut {
            code: a.code,
            name: a.name,
        }),
        certificate: me.certificate.map(|c| CertificateOut {
            number: c.number,
            issued_on: c.issued_on,
            valid_until: c.valid_until,
            valid_today: c.valid_today,
        }),
        password_must_change: me.password_must_change,
        password_expires_at: me.password_expires_at,
        unread_messages,
    }))
}

/// Change the own password; every other session of the account ends.
#[utoipa::path(tag = "auth", request_body = PasswordIn, security(("bearer" = [])), responses((status = 204), Refusals))]
#[post("/auth/password")]
pub async fn change_password(
    ctx: web::Data<Context>,
    request: HttpRequest,
    change: Change<PasswordIn>,
) -> Result<HttpResponse, Problem> {
    let body = valid(change.body)?;
    let address = client_address(&request, &ctx.settings.server.trusted_proxies);
    let (current, new) = (
        body.current_password.unwrap_or_default(),
        body.new_password.unwrap_or_default(),
    );
    accounts::change_password(&ctx, &change.caller, &current, &new, address).await?;
    Ok(HttpResponse::NoContent().finish())
}
