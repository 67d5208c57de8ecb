//! Pages of requests, the newest first.

use crate::{
    domain::{account::Actor, policy},
    storage::{Db, agencies, change_requests, contracts},
    usecases::{Context, Error},
};

use super::ChangeRequestView;
pub use crate::storage::change_requests::ChangeRequestQuery;

/// A page, and where the next one begins.
#[derive(Debug, Default)]
pub struct Page {
    /// The requests.
    pub items: Vec<ChangeRequestView>,
    /// Key of the request after which the next page begins; `None` on the last page.
    pub next: Option<i64>,
}

/// One page of the requests that the caller may see; of contracts of the agency with this code, where one is given.
///
/// # Errors
/// Where the store does not answer.
pub async fn list(
    ctx: &Context,
    actor: Actor,
    agency_code: Option<String>,
    query: ChangeRequestQuery,
) -> Result<Page, Error> {
    ctx.store
        .read(move |db| {
            let mut query = query.clone();
            let scope = policy::change_requests_shown(&actor);
            if scope.is_empty() {
                return Ok(Page::default());
            }
            // Only what was confirmed has requests, and whoever sees any contract beside those of the own agency sees all of these.
            let sees_all = scope.everything || scope.all_but_drafts || scope.behind_figures;
            query.agency_id = scope.agency_id.filter(|_| !sees_all);
            if let Some(code) = &agency_code {
                let wanted = agencies::find_by_code(db, code)?.map(|a| a.id);
                if wanted.is_none() || (query.agency_id.is_some() && query.agency_id != wanted) {
                    return Ok(Page::default());
                }
                query.agency_id = wanted;
            }
            page(db, &actor, query)
        })
        .await
}

/// One page of the requests for changes of one contract.
///
/// # Errors
/// [`Error::NotFound`] where there is no contract that the caller may know of.
pub async fn list_of_contract(
    ctx: &Context,
    actor: Actor,
    contract_id: i64,
    query: ChangeRequestQuery,
) -> Result<Page, Error> {
    ctx.store
        .read(move |db| {
            let scope = policy::change_requests_shown(&actor);
            if scope.is_empty() {
                return Err(Error::NotFound);
            }
            contracts::find(db, contract_id)?
                .filter(|c| scope.shows(c))
                .ok_or(Error::NotFound)?;
            let query = ChangeRequestQuery {
                contract_id: Some(contract_id),
                ..query.clone()
            };
            page(db, &actor, query)
        })
        .await
}

fn page(db: &mut Db, actor: &Actor, mut query: ChangeRequestQuery) -> Result<Page, Error> {
    let wanted = usize::try_from(query.limit).unwrap_or(usize::MAX);
    query.limit += 1;
    let mut requests = change_requests::page(db, &query)?;
    let more = requests.len() > wanted;
    requests.truncate(wanted);
    let next = requests.last().filter(|_| more).map(|r| r.id);
    let ids: Vec<i64> = requests.iter().map(|r| r.contract_id).collect();
    let contracts = contracts::find_all(db, &ids)?;
    let items = requests.into_iter().map(|request| {
        let contract = contracts
            .get(&request.contract_id)
            .ok_or_else(|| Error::internal(format!("change request {} has no contract", request.id)))?;
        Ok(ChangeRequestView::of(actor, request, contract))
    });
    Ok(Page {
        items: items.collect::<Result<_, Error>>()?,
        next,
    })
}
