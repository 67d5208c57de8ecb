//! The survey of earlier contracts (跟踪调查): fulfilment, tax relief, rewards. Source of every rate: the published report's
//! overview, which gives its formula in brackets; the denominators are those that reproduce its figures.

use super::{annual::Figure, value::FigureValue};
use crate::domain::interchange::FollowUpRow;

/// Sums over the rows of one survey.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Survey {
    rows: i64,
    tax_relevant: i64,
    fulfilled: i64,
    due: i64,
    received: i64,
    entitled: i64,
    enjoyed: i64,
    vat: i64,
    income_tax: i64,
    rewards_due: i64,
    rewards_issued: i64,
    net_income: i64,
    reward_paid: i64,
    persons: i64,
}

impl Survey {
    pub fn add(&mut self, row: &FollowUpRow) {
        self.rows += 1;
        self.tax_relevant += i64::from(row.tax_relevant);
        self.fulfilled += i64::from(row.tax_relevant && row.fulfilled);
        self.due = self.due.saturating_add(row.due_fen);
        self.received = self.received.saturating_add(row.received_fen);
        self.entitled += i64::from(row.entitled);
        self.enjoyed += i64::from(row.entitled && row.enjoyed);
        self.vat = self.vat.saturating_add(row.vat_exempted_fen);
        self.income_tax = self.income_tax.saturating_add(row.income_tax_reduced_fen);
        self.rewards_due += i64::from(row.reward_due);
        self.rewards_issued += i64::from(row.reward_due && row.reward_issued);
        self.net_income = self.net_income.saturating_add(row.net_income_fen.unwrap_or_default());
        self.reward_paid = self.reward_paid.saturating_add(row.reward_paid_fen);
        self.persons = self.persons.saturating_add(row.persons);
    }

    /// The section `follow_up`; without a survey every value is nothing.
    pub fn figures(&self) -> Vec<Figure> {
        let value = |name: &str, value: FigureValue| Figure {
            name: format!("follow_up.{name}"),
            value: if self.rows == 0 {
                FigureValue::nothing(value.unit())
            } else {
                value
            },
        };
        vec![
            value("fulfilment_rate", FigureValue::share(self.fulfilled, self.tax_relevant)),
            value("collection_rate", FigureValue::share(self.received, self.due)),
            value("benefit_take_up", FigureValue::share(self.enjoyed, self.entitled)),
            value("vat_exempted", FigureValue::fen(self.vat)),
            value("income_tax_reduced", FigureValue::fen(self.income_tax)),
            value("tax_relief", FigureValue::fen(self.vat.saturating_add(self.income_tax))),
            value(
                "reward_issue_rate",
                FigureValue::share(self.rewards_issued, self.rewards_due),
            ),
            value("reward_paid", FigureValue::fen(self.reward_paid)),
            value("reward_rate", FigureValue::share(self.reward_paid, self.net_income)),
            value("persons_rewarded", FigureValue::count(self.persons)),
        ]
    }
}
