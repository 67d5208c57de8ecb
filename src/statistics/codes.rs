//! From rows of the store to the facts that are counted: ids to indexes, remembering what was asked, since a register uses few ids
//! many times.

use std::collections::HashMap;

use super::{Coder, Standing, UNKNOWN};
use crate::{
    domain::{code_list::ListName, time::Moment},
    storage::standings::StandingRow,
};

struct Known<'a> {
    coder: &'a Coder<'a>,
    list: ListName,
    known: HashMap<String, u8>,
}

impl<'a> Known<'a> {
    fn new(coder: &'a Coder<'a>, list: ListName) -> Self {
        Self {
            coder,
            list,
            known: HashMap::new(),
        }
    }

    fn code(&mut self, id: Option<&str>) -> u8 {
        let Some(id) = id else { return UNKNOWN };
        if let Some(code) = self.known.get(id) {
            return *code;
        }
        let code = self.coder.code(self.list, Some(id));
        self.known.insert(id.to_owned(), code);
        code
    }
}

/// Makes standings of rows.
pub(super) struct Codes<'a> {
    units: Known<'a>,
    types: Known<'a>,
    plan_sources: Known<'a>,
    kinds: Known<'a>,
    fields: Known<'a>,
    flows: Known<'a>,
    borders: Known<'a>,
}

impl<'a> Codes<'a> {
    pub fn new(coder: &'a Coder<'a>) -> Self {
        let known = |list| Known::new(coder, list);
        Self {
            units: known(ListName::Unit),
            types: known(ListName::Type),
            plan_sources: known(ListName::PlanSource),
            kinds: known(ListName::PartyKind),
            fields: known(ListName::Field),
            flows: known(ListName::Flow),
            borders: known(ListName::CrossBorder),
        }
    }

    pub fn standing(&mut self, row: &StandingRow) -> Standing {
        Standing {
            first_confirmed_at: Moment::from_micros(row.first_confirmed_at),
            amount_fen: row.amount_fen,
            technology_amount_fen: row.technology_amount_fen.unwrap_or(0),
            unit: self.units.code(row.unit.as_deref()),
            contract_type: self.types.code(row.contract_type.as_deref()),
            plan_source: self.plan_sources.code(row.plan_source.as_deref()),
            seller_kind: self.kinds.code(row.seller_kind.as_deref()),
            field: self.fields.code(row.field.as_deref()),
            flow: self.flows.code(Some(&row.flow)),
            cross_border: self.borders.code(row.cross_border.as_deref()),
        }
    }
}
