//! Everything of the domain that is data: code lists, rule sets, working-day calendars.

use super::{calendar::Calendar, code_list::{CodeList, ListName}, rules::RuleSet};

/// The data that rules look up. Built from the files under `config/` by `crate::config`; see [`Catalogue::parse`].
#[derive(Debug, Clone)]
pub struct Catalogue {
    lists: Vec<CodeList>,
    rule_sets: Vec<RuleSet>,
    calendar: Calendar,
}
