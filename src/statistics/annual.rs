//! The annual figures as a value: an ordered list of named exact values. Its JSON is the annual object; the names are the
//! paths in it.

use std::collections::HashMap;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{
    facts::LedgerHead,
    restated::Restated,
    span::Span,
    value::{FigureValue, UnitKind},
};
use crate::domain::time::{Date, Moment};

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its path in the annual object without `_fen`: `units.div_08.amount`.
    pub name: String,
    /// Its exact value.
    pub value: FigureValue,
}

/// The figures of one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnualFigures {
    /// The year.
    pub year: i32,
    /// The moment whose state of things was counted.
    pub as_of: Moment,
    /// The part of the year asked for.
    pub span: Span,
    /// The last day counted, where the year up to a day was asked for.
    pub until: Option<Date>,
    /// The edition these figures are, where they were frozen by closing the year.
    pub edition: Option<i64>,
    /// Whether the year has been closed.
    pub closed: bool,
    /// Where the ledger stood when the figures were computed.
    pub ledger: LedgerHead,
    /// What the last edition of the year before printed otherwise, where it did.
    pub restated: Option<Restated>,
    figures: Vec<Figure>,
}

/// The one section that is null as a whole where nothing is known of it.
const NULLABLE_SECTION: &str = "follow_up";

impl AnnualFigures {
    pub(super) fn new(year: i32, as_of: Moment, span: Span, ledger: LedgerHead, figures: Vec<Figure>) -> Self {
        Self {
            year,
            as_of,
            span,
            until: span.until(),
            edition: None,
            closed: false,
            ledger,
            restated: None,
            figures,
        }
    }

    /// Every figure with its name, in the order of the annual object.
    pub fn figures(&self) -> impl Iterator<Item = (&str, &FigureValue)> {
        self.figures.iter().map(|figure| (figure.name.as_str(), &figure.value))
    }

    /// The figure of that name.
    pub fn get(&self, name: &str) -> Option<&FigureValue> {
        self.figures
            .iter()
            .find(|figure| figure.name == name)
            .map(|figure| &figure.value)
    }

    /// The figures by name, where many are looked up.
    pub fn by_name(&self) -> HashMap<&str, &FigureValue> {
        self.figures().collect()
    }

    /// The annual object: sections keyed by id, amounts under `…_fen` in fen, rates at full precision.
    pub fn to_json(&self) -> Value {
        let mut root = Map::new();
        root.insert("year".into(), self.year.into());
        root.insert("as_of".into(), self.as_of.to_string().into());
        root.insert("until".into(), self.until.map(|day| day.to_string()).into());
        root.insert("month".into(), self.span.month().into());
        root.insert("quarter".into(), self.span.quarter().into());
        let compared = self.span.compared_until(self.year, self.as_of);
        root.insert("compared_until".into(), compared.map(|day| day.to_string()).into());
        root.insert("edition".into(), self.edition.into());
        root.insert("closed".into(), self.closed.into());
        let mut ledger = Map::new();
        ledger.insert("sequence".into(), self.ledger.sequence.into());
        ledger.insert("hash".into(), self.ledger.hash.as_str().into());
        root.insert("ledger".into(), ledger.into());
        root.insert("restated".into(), self.restated.as_ref().map(Restated::to_json).into());
        for figure in &self.figures {
            insert(&mut root, &figure.name, &figure.value);
        }
        let is_empty = |section: &Value| section.as_object().is_some_and(|s| s.values().all(Value::is_null));
        if root.get(NULLABLE_SECTION).is_some_and(is_empty) {
            root.insert(NULLABLE_SECTION.into(), Value::Null);
        }
        Value::Object(root)
    }
}

fn insert(object: &mut Map<String, Value>, path: &str, value: &FigureValue) {
    match path.split_once('.') {
        None if value.unit() == UnitKind::Fen => {
            object.insert(format!("{path}_fen"), value.to_json());
        }
        None => {
            object.insert(path.to_owned(), value.to_json());
        }
        Some((head, rest)) => {
            if let Value::Object(inner) = object.entry(head).or_insert_with(|| Map::new().into()) {
                insert(inner, rest, value);
            }
        }
    }
}

impl Serialize for AnnualFigures {
    /// The annual object, see [`AnnualFigures::to_json`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(&self.to_json(), serializer)
    }
}
