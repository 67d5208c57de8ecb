//! The register as rows, for a file that an import reads back.

use crate::{
    domain::{interchange::RegisterRow, policy::Scope, workflow::State},
    storage::lists::{self, ContractQuery, Position, SortKey},
    usecases::{Context, Error, errand::go_on},
};

/// Which contracts.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Year of first confirmation.
    pub year: Option<i32>,
    /// Any of these states; empty for all.
    pub states: Vec<State>,
    /// Code list `unit`.
    pub unit: Option<String>,
    /// Code list `type`.
    pub contract_type: Option<String>,
    /// Code of the agency.
    pub agency_code: Option<String>,
}

/// What an export wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Rows written.
    pub rows: u64,
    /// Contracts left out because they lack what every row of the register must have (unfinished drafts).
    pub unfinished: u64,
}

/// Contracts read at once.
const BATCH: i64 = 500;

/// Hands every contract of the filter to `write` as a row, in order of entry, all of one moment.
///
/// # Errors
/// What `write` answers; where the store does not answer.
pub async fn export(
    ctx: &Context,
    filter: Filter,
    mut write: impl FnMut(&RegisterRow) -> Result<(), Error> + Send + 'static,
) -> Result<Exported, Error> {
    ctx.read_heavy(move |db| {
        let mut query = ContractQuery {
            scope: Scope {
                everything: true,
                ..Scope::default()
            },
            states: filter.states,
            year: filter.year,
            unit: filter.unit,
            contract_type: filter.contract_type,
            agency_code: filter.agency_code,
            sort: SortKey::Id,
            limit: BATCH,
            ..ContractQuery::default()
        };
        let mut done = Exported::default();
        loop {
            go_on()?;
            let contracts = lists::page(db, &query)?;
            let Some(last) = contracts.last() else {
                return Ok(done);
            };
            query.after = Some(Position {
                value: None,
                id: last.id,
            });
            for contract in &contracts {
                let row = RegisterRow::of(contract);
                if is_finished(&row) {
                    write(&row)?;
                    done.rows += 1;
                } else {
                    done.unfinished += 1;
                }
            }
        }
    })
    .await
}

/// Whether the row has what an import demands of every row.
fn is_finished(row: &RegisterRow) -> bool {
    let c = &row.content;
    let texts = [
        &c.project_name,
        &c.contract_type,
        &c.unit,
        &c.field,
        &c.plan_source,
        &c.seller.name,
        &c.seller.kind,
        &c.buyer.name,
    ];
    texts.into_iter().all(Option::is_some) && c.amount_fen.is_some() && c.signed_on.is_some()
}
