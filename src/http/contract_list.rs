//! What the parameters of a list of contracts ask for, and the cursor that leads to its next page.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::query::Query;
use crate::{
    domain::{
        catalogue::Catalogue, code_list::ListName, policy::Scope, queue::Queue, time::parse_date, workflow::State,
    },
    usecases::contracts::list::{ContractQuery, Position, SortKey, SortValue},
};

/// Reads filters, order and place; the queue is still to be seen with the caller's eyes. What is wrong `query` keeps.
pub fn read_filters(catalogue: &Catalogue, query: &mut Query, me: &str) -> (Option<Queue>, ContractQuery) {
    let queue = query.text("queue").and_then(|id| {
        let queue = Queue::from_id(&id);
        if queue.is_none() {
            query.error("queue", "unknown_code", format!("没有“{id}”这个工作队列。"));
        }
        queue
    });
    let code = |query: &mut Query, name: &str, list: ListName| {
        let value = query.text(name)?;
        if !catalogue.list(list).contains(&value) {
            query.error(name, "unknown_code", format!("不认识的值“{value}”。"));
        }
        Some(value)
    };
    let (sort, descending) = read_sort(query, &SortKey::ALL);
    let after = query.text("cursor").and_then(|cursor| {
        let position = read_cursor(sort, descending, &cursor);
        if position.is_none() {
            query.error("cursor", "malformed_cursor", "cursor 无效，或与排序方式不符。");
        }
        position
    });
    let read = ContractQuery {
        queue: None,
        scope: Scope::default(),
        states: query.list("state", State::from_id),
        year: query.integer("year", 1900..=2200).and_then(|y| i32::try_from(y).ok()),
        unit: code(query, "unit", ListName::Unit),
        contract_type: code(query, "type", ListName::Type),
        field: code(query, "field", ListName::Field),
        agency_code: query.text("agency"),
        claimed_by: query
            .text("claimed_by")
            .map(|c| if c == "me" { me.to_owned() } else { c }),
        due_before: query.date("due_before"),
        submitted_from: query.day_start("submitted_from"),
        submitted_before: query.day_end("submitted_to"),
        text: query.text("q"),
        sort,
        descending,
        after,
        limit: query.integer("limit", 1..=100).unwrap_or(20),
    };
    (queue, read)
}

/// The order: one of `known`, with `-` before it largest first; where none is named, the newest first.
pub(super) fn read_sort(query: &mut Query, known: &[SortKey]) -> (SortKey, bool) {
    let text = query.text("sort").unwrap_or_else(|| "-id".to_owned());
    let (descending, name) = match text.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, text.as_str()),
    };
    let sort = known.iter().copied().find(|k| k.id() == name).unwrap_or_else(|| {
        query.error("sort", "unknown_code", format!("不能按“{name}”排序。"));
        SortKey::Id
    });
    (sort, descending)
}

/// Opaque to callers: sort, direction, value and key of the last contract of the page.
pub fn write_cursor(sort: SortKey, descending: bool, position: Position) -> String {
    let value = match position.value {
        None => String::new(),
        Some(SortValue::Number(n)) => format!("n{n}"),
        Some(SortValue::Day(d)) => format!("d{d}"),
    };
    URL_SAFE_NO_PAD.encode(format!("{}|{descending}|{value}|{}", sort.id(), position.id))
}

/// Reads what [`write_cursor`] wrote for the same order.
pub fn read_cursor(sort: SortKey, descending: bool, cursor: &str) -> Option<Position> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let parts: Vec<&str> = text.split('|').collect();
    let [name, direction, value, id] = parts.as_slice() else {
        return None;
    };
    if *name != sort.id() || *direction != descending.to_string() {
        return None;
    }
    let value = match (sort, value.split_at_checked(1)) {
        (_, None) => None,
        (SortKey::DueOn, Some(("d", day))) => Some(SortValue::Day(parse_date(day).ok()?)),
        (SortKey::SubmittedAt | SortKey::ConfirmedAt | SortKey::Amount, Some(("n", n))) => {
            Some(SortValue::Number(n.parse().ok()?))
        }
        _ => return None,
    };
    Some(Position {
        value,
        id: id.parse().ok()?,
    })
}
