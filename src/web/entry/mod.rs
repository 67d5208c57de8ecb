//! 合同录入: a registrar enters a contract, from a blank page, from an earlier contract or from a row of a spreadsheet, until it is
//! submitted.
//!
//! [`form`] knows the fields (with [`codes`], the lists they are chosen from), [`page`] what stands around them; [`edit`] enters and
//! saves, [`live`] answers the page's script while somebody types, [`attachments`] takes files, [`submit`] is the page to look at
//! before submitting, [`start`] begins drafts from what there is already, [`compare`] shows two contracts side by side.
//!
//! Absent: rules. What a contract must be `domain::checks` knows, who may do what the use cases.

pub(super) mod attachments;
pub(super) mod codes;
pub(super) mod compare;
pub(super) mod edit;
pub(super) mod form;
pub(super) mod live;
mod page;
pub(super) mod start;
pub(super) mod submit;

use super::key_page::key;
