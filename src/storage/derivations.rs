//! What is made of contracts and kept beside them so that acts go fast: what they are found by, what imports know them by, what
//! duplicates are recognised by. No entry binds it, since it is made of what entries bind; here it is held against that.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    Db, StoreError,
    contracts::{self, JoinedRow},
    errand::go_on,
    likeness::LikenessRow,
    schema::{contract_likeness, contracts as contracts_table},
};

/// Something that is not as it would be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derivation {
    /// The contract that it is of.
    pub contract: i64,
    /// Its table.
    pub table: &'static str,
    /// The column, or the whole row.
    pub column: Option<&'static str>,
}

/// Contracts looked at together.
const BATCH: i64 = 500;

/// Hands all that is not as it would be made to `tell`, contract by contract. A contract that does not read back is passed over: what it
/// says is bound by entries.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each_wrong(db: &mut Db, mut tell: impl FnMut(Derivation)) -> Result<(), StoreError> {
    let mut seen = 0;
    loop {
        go_on()?;
        let rows: Vec<JoinedRow> = contracts::joined()
            .filter(contracts_table::id.gt(seen))
            .order(contracts_table::id)
            .limit(BATCH)
            .select(contracts::selection!())
            .load(db)?;
        let last = rows.last().map_or(i64::MAX, |row| row.0);
        let mut recognised: HashMap<i64, LikenessRow> = contract_likeness::table
            .filter(contract_likeness::contract_id.gt(seen))
            .filter(contract_likeness::contract_id.le(last))
            .select(LikenessRow::as_select())
            .load(db)?
            .into_iter()
            .map(|row: LikenessRow| (row.contract_id, row))
            .collect();
        let is_end = rows.is_empty();
        for row in rows {
            let kept = recognised.remove(&row.0);
            wrong(row, kept, &mut tell);
        }
        // Of contracts that are not there.
        for contract in recognised.into_keys() {
            tell(LIKENESS.of(contract));
        }
        if is_end {
            return Ok(());
        }
        seen = last;
    }
}

const LIKENESS: Derivation = Derivation {
    contract: 0,
    table: "contract_likeness",
    column: None,
};

impl Derivation {
    const fn of(self, contract: i64) -> Self {
        Self { contract, ..self }
    }
}

fn wrong(row: JoinedRow, kept: Option<LikenessRow>, tell: &mut impl FnMut(Derivation)) {
    let id = row.0;
    let (search_text, row_digest) = row.1.derived();
    let (search_text, row_digest) = (search_text.to_owned(), row_digest.to_owned());
    let Ok(contract) = contracts::contract_of(row) else {
        return;
    };
    let column = |name| Derivation {
        contract: id,
        table: "contracts",
        column: Some(name),
    };
    if search_text != contracts::search_text(&contract) {
        tell(column("search_text"));
    }
    if contracts::row_digest_of(&contract).is_ok_and(|made| made != row_digest) {
        tell(column("row_digest"));
    }
    if kept != LikenessRow::of(id, contract.state, &contract.content) {
        tell(LIKENESS.of(id));
    }
}
