//! REST under `/api/v1`: `routes` lists every route, `v1` has one file per noun, `extract` what handlers are given, `problem` how
//! refusals look.
//!
//! Absent: rules, rights, SQL. A handler reads the request, calls one use case, and writes what came of it.

mod answer;
mod extract;
mod json;
mod openapi;
pub mod problem;
mod routes;
mod throttle;
mod unrouted;
mod upload;
mod v1;

pub use openapi::document;
pub use problem::Problem;
pub use routes::routes;
pub use throttle::PublicThrottle;
pub use unrouted::Known;
pub use v1::documentation::DocumentText;
