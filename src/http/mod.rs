//! What both ways in over HTTP share: query strings, forms with files, names of downloads, addresses of callers.
//!
//! Absent: what is answered to a refusal (`api` answers JSON, `web` pages), routes, rules.

pub mod address;
pub mod download;
pub mod multipart;
pub mod query;
