//! What came of something done with many contracts, told on the list that one comes back to. The address carries keys and one letter
//! for each; the words are made of what is true when they are read, so that no address tells what is not so.

use askama::Template;

use super::columns::name_of;
use crate::{
    domain::{
        contract::Contract,
        policy,
        workflow::{Action, State},
    },
    usecases::{Context, Error, contracts},
    web::{
        show::state_mark,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Contracts told of at once: as many as a page of the list may show.
pub const MOST: usize = 100;

/// What was tried with a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was claimed.
    Claimed,
    /// It was to be claimed, and was not.
    NotClaimed,
    /// It was handed over.
    HandedOver,
}

/// Letters of an address.
const LETTERS: [(char, Outcome); 3] = [
    ('d', Outcome::Claimed),
    ('x', Outcome::NotClaimed),
    ('h', Outcome::HandedOver),
];

/// What came of it, by contract; nothing where nothing was ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came(Vec<(i64, Outcome)>);

/// The same in words.
#[derive(Template)]
#[template(path = "contracts/came.html")]
pub struct CameTold {
    told: String,
    partly: bool,
    table: Option<Table>,
}

impl Came {
    /// Of these contracts.
    pub const fn of(contracts: Vec<(i64, Outcome)>) -> Self {
        Self(contracts)
    }

    /// Where nothing was ticked.
    pub const fn nothing() -> Self {
        Self(Vec::new())
    }

    /// As an address carries it: `12d.13x`.
    pub fn written(&self) -> String {
        let letter = |outcome| LETTERS.iter().find(|(_, o)| *o == outcome).map_or('x', |(l, _)| *l);
        let parts: Vec<String> = self.0.iter().map(|(id, o)| format!("{id}{}", letter(*o))).collect();
        if parts.is_empty() {
            "-".to_owned()
        } else {
            parts.join(".")
        }
    }

    /// As an address carries it.
    pub fn read(text: &str) -> Option<Self> {
        if text == "-" {
            return Some(Self::nothing());
        }
        let part = |part: &str| {
            let letter = part.chars().next_back()?;
            let (_, outcome) = LETTERS.iter().find(|(l, _)| *l == letter)?;
            let id = part.strip_suffix(letter)?;
            let digits = (1..=18).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
            Some((id.parse().ok().filter(|_| digits)?, *outcome))
        };
        let found: Option<Vec<_>> = text.split('.').take(MOST + 1).map(part).collect();
        found.filter(|f| f.len() <= MOST).map(Self)
    }

    /// In words, for who looks at it now.
    pub async fn told(&self, ctx: &Context, visitor: &Visitor) -> Result<CameTold, Error> {
        let mut rows = Vec::new();
        let mut done = 0;
        for (id, outcome) in &self.0 {
            let seen = contracts::read::read(ctx, visitor.caller.actor.clone(), *id).await;
            let view = match seen {
                Ok(view) => Some(view),
                Err(Error::NotFound | Error::Forbidden(_)) => None,
                Err(other) => return Err(other),
            };
            let (good, words) = match &view {
                Some(view) => told_of(ctx, visitor, &view.contract, *outcome),
                None => (false, "没有这份合同，或无权查看".to_owned()),
            };
            done += usize::from(good);
            let (name, state) = match &view {
                Some(view) => (
                    Cell::link(name_of(&view.contract), format!("/contracts/{id}")),
                    state_mark(view.contract.state),
                ),
                None => (Cell::text(format!("ID {id}")), Cell::maybe(None::<String>)),
            };
            rows.push(Row {
                key: String::new(),
                cells: vec![name, Cell::mark(words, if good { "good" } else { "bad" }), state],
            });
        }
        Ok(self.summed_up(done, rows))
    }

    fn summed_up(&self, done: usize, rows: Vec<Row>) -> CameTold {
        let verb = match self.0.first() {
            Some((_, Outcome::HandedOver)) => "移交",
            _ => "领取",
        };
        let (all, left) = (self.0.len(), self.0.len() - done);
        let told = match (all, done, left) {
            (0, ..) => "没有勾选合同。请先在列表中勾选，再点按钮。".to_owned(),
            (_, 0, _) => format!("所选 {all} 项均未{verb}，原因见下表。"),
            (_, _, 0) => format!("已{verb} {done} 项。"),
            _ => format!("所选 {all} 项中，已{verb} {done} 项，{left} 项未{verb}，原因见下表。"),
        };
        CameTold {
            told,
            partly: left > 0 || all == 0,
            table: (all > 0).then(|| Table {
                caption: format!("{verb}结果"),
                columns: vec![Column::text("合同名称"), Column::text("结果"), Column::text("现状态")],
                rows,
                ..Table::default()
            }),
        }
    }
}

/// Whether it is so, and what is.
fn told_of(ctx: &Context, visitor: &Visitor, contract: &Contract, outcome: Outcome) -> (bool, String) {
    let actor = &visitor.caller.actor;
    let holder = contract
        .claimed_by
        .as_deref()
        .filter(|_| contract.state == State::UnderReview);
    let mine = holder == Some(actor.username.as_str());
    let now = |state: State| format!("现为“{}”", state.label());
    match (outcome, holder) {
        (Outcome::Claimed, _) if mine => (true, "已领取".to_owned()),
        (Outcome::HandedOver, Some(who)) if !mine => (true, format!("已移交 {}", visitor.names.of(who))),
        (Outcome::HandedOver, _) if mine => (false, "在您手中".to_owned()),
        (Outcome::NotClaimed, _) if mine => (false, "已在您手中".to_owned()),
        (Outcome::Claimed, Some(who)) => (false, format!("现由 {} 办理", visitor.names.of(who))),
        (Outcome::NotClaimed, Some(who)) => (false, format!("未领取：已由 {} 领取", visitor.names.of(who))),
        (Outcome::NotClaimed, None) if contract.state == State::Submitted => {
            match policy::decide(actor, Action::Claim, contract, ctx.clock.today()) {
                Err(denial) => (false, format!("未领取：{}", denial.detail())),
                Ok(_) => (false, "未领取：打开列表之后又有变动，请再次领取".to_owned()),
            }
        }
        (Outcome::NotClaimed, None) => (false, format!("未领取：{}", now(contract.state))),
        (Outcome::Claimed | Outcome::HandedOver, _) => (false, now(contract.state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_carries_is_read_as_it_was_written() {
        let came = Came::of(vec![
            (12, Outcome::Claimed),
            (13, Outcome::NotClaimed),
            (9, Outcome::HandedOver),
        ]);
        assert_eq!(came.written(), "12d.13x.9h");
        assert_eq!(Came::read("12d.13x.9h"), Some(came));
        assert_eq!(Came::read("-"), Some(Came::nothing()));
        assert_eq!(Came::nothing().written(), "-");
        let many = vec!["1d"; MOST + 1].join(".");
        for wrong in [
            "",
            "d",
            "12",
            "12q",
            "12d.",
            "-1d",
            "+1d",
            "１d",
            "12d,13d",
            "9999999999999999999d",
            many.as_str(),
        ] {
            assert_eq!(Came::read(wrong), None, "{wrong}");
        }
    }
}
