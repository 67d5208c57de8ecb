//! Values in words, as people of the office write them.

use super::table::Cell;
pub use crate::domain::money::grouped_yuan as yuan;
use crate::domain::{
    money::{FEN_PER_WAN_YUAN, Fen, format_ratio},
    time::{Date, Moment},
    workflow::State,
};

/// What stands where there is nothing.
pub const NOTHING: &str = "–";

/// An amount in 万元 with two decimals: `123.46`.
pub fn wan(fen: Fen) -> String {
    format_ratio(i128::from(fen), FEN_PER_WAN_YUAN, 2).unwrap_or_else(|| NOTHING.to_owned())
}

/// A day, `2025-06-01`; a dash where there is none.
pub fn day(day: Option<Date>) -> String {
    day.map_or_else(|| NOTHING.to_owned(), |d| d.to_string())
}

/// A moment in Beijing, to the minute: `2025-06-01 09:30`.
pub fn minute(at: Moment) -> String {
    at.beijing_time().format("%Y-%m-%d %H:%M").to_string()
}

/// A text that may be missing.
pub fn text(text: Option<&str>) -> String {
    text.filter(|t| !t.is_empty()).unwrap_or(NOTHING).to_owned()
}

/// The look of a state's mark (see [`Cell::Mark`]).
pub const fn state_kind(state: State) -> &'static str {
    match state {
        State::Draft | State::Withdrawn => "plain",
        State::Submitted | State::UnderReview | State::ExpertReview => "wait",
        State::Confirmed => "good",
        State::Returned => "bad",
        State::Refused | State::Cancelled | State::Revoked => "over",
    }
}

/// A state as a mark.
pub fn state_mark(state: State) -> Cell {
    Cell::mark(state.label(), state_kind(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        let shown = [
            (0, "0.00"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (-12_345_678_901, "-123,456,789.01"),
        ];
        for (fen, text) in shown {
            assert_eq!(yuan(fen), text);
        }
        assert_eq!(wan(1_234_567), "1.23");
    }
}
