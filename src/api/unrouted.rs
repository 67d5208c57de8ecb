//! Addresses that there are not.

use actix_web::{HttpRequest, HttpResponse, ResponseError as _, http::header};

use super::problem::{Kind, Problem};

/// 404, or 405 with `Allow` where the path is known under other methods.
pub fn unrouted(document: &utoipa::openapi::OpenApi, request: &HttpRequest) -> HttpResponse {
    let path: Vec<&str> = request.path().split('/').collect();
    let matches = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == path.len() && parts.iter().zip(&path).all(|(t, p)| t.starts_with('{') || t == p)
    };
    let mut allowed = Vec::new();
    for (template, item) in &document.paths.paths {
        if matches(template) {
            let methods = [
                ("GET", &item.get),
                ("POST", &item.post),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ];
            allowed.extend(methods.into_iter().filter(|(_, o)| o.is_some()).map(|(m, _)| m));
        }
    }
    if allowed.is_empty() {
        return Problem::new(Kind::NotFound, "没有这个地址。").error_response();
    }
    let mut response = Problem::new(Kind::MethodNotAllowed, "此地址不支持这个方法。").error_response();
    if let Ok(value) = header::HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}
