//! Addresses that there are not.

use actix_web::{HttpRequest, HttpResponse, ResponseError as _, http::header};
use utoipa::openapi::OpenApi;

use super::problem::{Kind, Problem};

/// Which methods there are at which addresses.
pub struct Known(Vec<(String, Vec<&'static str>)>);

impl Known {
    /// What a document describes.
    pub fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter().map(|(template, item)| {
            let methods = [
                ("GET", &item.get),
                ("POST", &item.post),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ];
            let there = methods.into_iter().filter(|(_, operation)| operation.is_some());
            (template.clone(), there.map(|(method, _)| method).collect())
        });
        Self(paths.collect())
    }

    /// The methods that there are at an address.
    fn methods_at(&self, path: &str) -> Vec<&'static str> {
        let path: Vec<&str> = path.split('/').collect();
        let matches = |template: &str| {
            let parts: Vec<&str> = template.split('/').collect();
            parts.len() == path.len() && parts.iter().zip(&path).all(|(t, p)| t.starts_with('{') || t == p)
        };
        let found = self.0.iter().filter(|(template, _)| matches(template));
        found.flat_map(|(_, methods)| methods.iter().copied()).collect()
    }

    /// Whether an address is one of the API's, there or not: below its scope, or known.
    pub fn is_ours(&self, path: &str) -> bool {
        path.starts_with("/api/") || !self.methods_at(path).is_empty()
    }

    /// 404, or 405 with `Allow` where the address is known under other methods.
    pub fn unrouted(&self, request: &HttpRequest) -> HttpResponse {
        let allowed = self.methods_at(request.path());
        if allowed.is_empty() {
            return Problem::new(Kind::NotFound, "没有这个地址。").error_response();
        }
        let mut response = Problem::new(Kind::MethodNotAllowed, "此地址不支持这个方法。").error_response();
        if let Ok(value) = header::HeaderValue::from_str(&allowed.join(", ")) {
            response.headers_mut().insert(header::ALLOW, value);
        }
        response
    }
}
