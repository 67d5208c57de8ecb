//! What is answered where there is no page: the one place where a use case's error becomes a status and words for people.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
};
use askama::Template;

use super::{
    kept::page_of,
    posted::Typed,
    shell::{Shell, page},
    visitor::{visitor, visitor_and_messages},
    ways_in,
};
use crate::{domain::error::FieldError, http::multipart::Unreadable, usecases::Error};

/// What someone sent that was not logged in, and is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Nothing was typed.
    Nothing,
    /// A file, which is chosen again in a moment.
    File,
    /// What was typed: it held a password, was too much, or no page of ours sent it.
    Typed,
}

/// Why there is no page.
#[derive(thiserror::Error)]
pub enum Refusal {
    /// Nobody is logged in: to the log-in page, and from there to the address that was asked for.
    #[error("请先登录。")]
    LogIn {
        /// Path and query.
        next: String,
        /// What came with what was asked.
        lost: Lost,
    },
    /// The session was over when a form arrived: its content is kept in the page that asks to log in.
    #[error("登录已失效。")]
    Interrupted {
        /// The page that the form stands on.
        next: String,
        /// What was typed, URL-encoded.
        typed: String,
        /// Secret of the log-in form's cookie.
        stranger: String,
        /// Whether cookies are those of TLS.
        behind_tls: bool,
    },
    /// With a password that must be changed nothing else is open.
    #[error("请先修改密码。")]
    ChangePasswordFirst,
    /// A form without its token, or with another's.
    #[error("表单已失效，请刷新页面后重新提交。")]
    NoToken,
    /// A form that is too large or broken.
    #[error("{1}")]
    Form(StatusCode, String),
    /// What a use case says.
    #[error(transparent)]
    Use(#[from] Error),
}

// By hand, as for everything that may reach a log: which refusal, and no value of anybody's.
impl std::fmt::Debug for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LogIn { lost, .. } => f.debug_struct("LogIn").field("lost", lost).finish_non_exhaustive(),
            Self::Interrupted { typed, .. } => f
                .debug_struct("Interrupted")
                .field("typed", &Typed::parse(typed.as_bytes()))
                .finish_non_exhaustive(),
            Self::ChangePasswordFirst => f.write_str("ChangePasswordFirst"),
            Self::NoToken => f.write_str("NoToken"),
            Self::Form(status, _) => f.debug_tuple("Form").field(status).finish(),
            Self::Use(error) => f.debug_tuple("Use").field(error).finish(),
        }
    }
}

impl Refusal {
    /// To the log-in page, and back.
    pub fn log_in_first(request: &HttpRequest) -> Self {
        Self::LogIn {
            next: asked_for(request).to_owned(),
            lost: Lost::Nothing,
        }
    }

    /// The same for whoever sent a file, which was not taken.
    pub fn log_in_first_without_file(request: &HttpRequest) -> Self {
        Self::LogIn {
            next: page_of(asked_for(request)),
            lost: Lost::File,
        }
    }
}

/// Path and query that were asked for.
fn asked_for(request: &HttpRequest) -> &str {
    request.uri().path_and_query().map_or("/", |p| p.as_str())
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        let status = match unreadable {
            Unreadable::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Unreadable::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Unreadable::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Unreadable::Malformed(_) => StatusCode::BAD_REQUEST,
            Unreadable::Files(error) => return error.into(),
        };
        Self::Form(status, unreadable.to_string())
    }
}

/// Wrong parameters of an address.
impl From<Vec<FieldError>> for Refusal {
    fn from(errors: Vec<FieldError>) -> Self {
        Error::Invalid(errors).into()
    }
}

impl From<askama::Error> for Refusal {
    fn from(error: askama::Error) -> Self {
        Error::internal(error).into()
    }
}

/// Status and title of an error.
pub(super) const fn status_of(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "未登录"),
        Error::Credentials => (StatusCode::UNAUTHORIZED, "登录失败"),
        Error::Throttled { .. } | Error::Busy { .. } => (StatusCode::TOO_MANY_REQUESTS, "请求过于频繁"),
        Error::NotFound => (StatusCode::NOT_FOUND, "没有找到"),
        Error::Forbidden(_) => (StatusCode::FORBIDDEN, "无权执行此操作"),
        Error::VersionMissing => (StatusCode::PRECONDITION_REQUIRED, "缺少版本"),
        Error::Stale { .. } => (StatusCode::PRECONDITION_FAILED, "记录已被他人修改"),
        Error::WrongState(_) | Error::Conflict(_) | Error::Blocked(_) => (StatusCode::CONFLICT, "当前不能执行"),
        Error::Invalid(_) | Error::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "内容有误"),
        Error::Unavailable(_) | Error::Contention(_) | Error::Halted(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "系统暂时不可用")
        }
        Error::NotWritable(_) => (StatusCode::SERVICE_UNAVAILABLE, "暂时不能保存"),
        Error::Damaged(_) => (StatusCode::INTERNAL_SERVER_ERROR, "数据已损坏"),
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "系统内部错误"),
    }
}

/// What is wrong, for a list: each with its place where it has one.
pub(super) fn errors_of(error: &Error) -> Vec<FieldError> {
    match error {
        Error::Invalid(errors) | Error::Blocked(errors) => errors.clone(),
        _ => Vec::new(),
    }
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    shell: Shell,
    detail: String,
    errors: Vec<FieldError>,
}

fn refusal_page(status: StatusCode, shell: Shell, detail: String, errors: Vec<FieldError>) -> HttpResponse {
    page(status, &RefusalPage { shell, detail, errors })
}

impl Refusal {
    /// The page that tells it.
    fn told(&self, surround: impl FnOnce(&str) -> Shell) -> HttpResponse {
        let (title, errors) = match self {
            Self::Use(error) => (status_of(error).1, errors_of(error)),
            _ => ("请求未被接受", Vec::new()),
        };
        refusal_page(self.status_code(), surround(title), self.to_string(), errors)
    }
}

/// Where something is refused, it is not known who asked; whoever is logged in gets the way around with the page that tells it.
///
/// # Errors
/// Those of what it surrounds.
pub async fn with_way_around<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let response = next.call(request).await?;
    let refusal = response.response().error().and_then(|e| e.as_error::<Refusal>());
    let told = match refusal {
        Some(refusal @ (Refusal::NoToken | Refusal::Form(..) | Refusal::Use(_)))
            if response.status().is_client_error() =>
        {
            let visitor = visitor_and_messages(response.request()).await;
            visitor.ok().map(|visitor| refusal.told(|title| visitor.shell(title)))
        }
        _ => None,
    };
    let Some(mut told) = told else {
        return Ok(response.map_into_left_body());
    };
    if let Some(wait) = response.headers().get(header::RETRY_AFTER) {
        told.headers_mut().insert(header::RETRY_AFTER, wait.clone());
    }
    Ok(response.into_response(told).map_into_right_body())
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::LogIn { .. } | Self::ChangePasswordFirst => StatusCode::SEE_OTHER,
            Self::Interrupted { .. } => StatusCode::UNAUTHORIZED,
            Self::NoToken => StatusCode::FORBIDDEN,
            Self::Form(status, _) => *status,
            Self::Use(error) => status_of(error).0,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::LogIn { next, lost } => {
                let mut query = form_urlencoded::Serializer::new(String::new());
                query.append_pair("next", next);
                match lost {
                    Lost::Nothing => {}
                    Lost::File => drop(query.append_pair("lost", "file")),
                    Lost::Typed => drop(query.append_pair("lost", "typed")),
                }
                redirect(&format!("/login?{}", query.finish()))
            }
            Self::ChangePasswordFirst => redirect("/password"),
            Self::Interrupted {
                next,
                typed,
                stranger,
                behind_tls,
            } => ways_in::interrupted(next, typed, stranger, *behind_tls),
            Self::NoToken | Self::Form(..) => self.told(Shell::bare),
            Self::Use(error) => {
                error.log();
                let mut response = self.told(Shell::bare);
                let wait = match error {
                    Error::Throttled { retry_after } | Error::Busy { retry_after, .. } => Some(*retry_after),
                    Error::Unavailable(_) | Error::Contention(_) => Some(5),
                    Error::Halted(_) | Error::NotWritable(_) => Some(60),
                    _ => None,
                };
                if let Some(seconds) = wait {
                    response
                        .headers_mut()
                        .insert(header::RETRY_AFTER, header::HeaderValue::from(seconds.max(1)));
                }
                response
            }
        }
    }
}

/// 303 to another page.
pub(super) fn redirect(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}

/// An address that there is not. Who is not logged in is not told which there are.
pub async fn unrouted(request: &HttpRequest) -> HttpResponse {
    match visitor(request).await {
        Ok(visitor) => refusal_page(
            StatusCode::NOT_FOUND,
            visitor.shell("没有这个页面"),
            "没有这个页面。请检查地址，或从导航进入。".to_owned(),
            Vec::new(),
        ),
        Err(_) => refusal_page(
            StatusCode::NOT_FOUND,
            Shell::bare("没有这个页面"),
            "没有这个页面。".to_owned(),
            Vec::new(),
        ),
    }
}
