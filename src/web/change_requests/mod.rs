//! 变更与注销: the requests (`list`), one of them and its decision (`show`), and a new one (`new`).

mod list;
mod new;
mod show;

pub use list::list_requests;
pub use new::{make_request, show_new_request};
pub use show::{decide_request, show_decision, show_request};

use super::table::Cell;
use crate::domain::change_request::{ChangeKind, RequestState};

/// A kind in words.
pub(super) const fn kind_label(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Amend => "变更",
        ChangeKind::Cancel => "注销",
    }
}

/// A state as a mark.
pub(super) fn state_of_request(state: RequestState) -> Cell {
    let kind = match state {
        RequestState::Open => "wait",
        RequestState::Approved => "good",
        RequestState::Refused => "bad",
        RequestState::Withdrawn => "plain",
        RequestState::Closed => "over",
    };
    Cell::mark(state.label(), kind)
}
