//! What both ways in over HTTP share: bodies that come too slowly, what is told of a system that is away, query strings, the filters and cursors of lists of contracts, forms with
//! files, merge patches, names of downloads, addresses of callers.
//!
//! Absent: what is answered to a refusal (`api` answers JSON, `web` pages), routes, rules.

pub mod address;
pub mod body;
pub mod contract_list;
pub mod counted_contracts;
pub mod download;
pub mod merge_patch;
pub mod multipart;
pub mod query;
pub mod refused;
