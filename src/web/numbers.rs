//! Contracts are found by typing a part of what is known of them, wherever a registration number is asked for: the field's proposals
//! come while one types, and without script [`number_of`] takes the name, or a party's, in place of the number.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde_json::json;

use super::{
    contract_facts::name,
    field::{Field, Proposals},
    refusal::Refusal,
    visitor::Visitor,
};
use crate::{
    domain::{account::Actor, contract::Contract, workflow::State},
    http::query::Query,
    usecases::{
        Context, Error,
        contracts::{self, list::ContractQuery},
    },
};

/// Id of the proposals in a page.
const NUMBERS: &str = "numbers";

/// Contracts proposed at most.
const MOST_PROPOSED: i64 = 20;

/// Contracts told of at most where several are meant.
const MOST_TOLD: i64 = 5;

/// Characters of a text that is looked for.
const SHORTEST: usize = 2;
const LONGEST: usize = 100;

/// A field for the registration number of a contract that counts; its page holds [`proposals`].
pub fn number(pointer: &str, label: &str) -> Field {
    Field::proposed(pointer, label, NUMBERS).data("lookup", "/contracts/numbers")
}

/// What is proposed before anything is typed: nothing, and the script asks for more.
pub const fn proposals() -> Proposals {
    Proposals {
        id: NUMBERS,
        entries: Vec::new(),
        more: true,
    }
}

fn told(contract: &Contract) -> String {
    let parties = [&contract.content.seller, &contract.content.buyer];
    let parties: Vec<&str> = parties.iter().filter_map(|p| p.name.as_deref()).collect();
    format!("{}，{}", name(contract), parties.join(" → "))
}

async fn found(ctx: &Context, actor: &Actor, text: &str, limit: i64) -> Result<Vec<(String, Contract)>, Error> {
    if text.chars().count() < SHORTEST {
        return Ok(Vec::new());
    }
    let query = ContractQuery {
        states: vec![State::Confirmed],
        text: Some(text.chars().take(LONGEST).collect()),
        limit,
        ..ContractQuery::default()
    };
    let page = contracts::list::list(ctx, actor.clone(), query).await?;
    let contracts = page.items.into_iter().map(|view| view.contract);
    Ok(contracts
        .filter_map(|c| Some((c.registration_number.clone()?, c)))
        .collect())
}

/// The number of the contract that is meant by its number, or by a text that only it has; else what was typed, for the rules to speak
/// of.
///
/// # Errors
/// Where several are meant: which.
pub async fn number_of(ctx: &Context, actor: &Actor, text: String) -> Result<Result<String, String>, Error> {
    let found = found(ctx, actor, &text, MOST_TOLD).await?;
    if let Some((same, _)) = found.iter().find(|(number, _)| number.eq_ignore_ascii_case(&text)) {
        return Ok(Ok(same.clone()));
    }
    Ok(match found.as_slice() {
        [(number, _)] => Ok(number.clone()),
        [] => Ok(text),
        several => {
            let each: Vec<String> = several.iter().map(|(n, c)| format!("{n}（{}）", told(c))).collect();
            Err(format!("不止一份，请填登记编号，例如：{}。", each.join("；")))
        }
    })
}

/// Contracts by a part of number, name or party, for the script.
#[get("/contracts/numbers")]
pub async fn find_numbers(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let text = query.text("q").unwrap_or_default();
    query.finish()?;
    let found = found(&ctx, &visitor.caller.actor, &text, MOST_PROPOSED).await?;
    let items: Vec<_> = found
        .iter()
        .map(|(number, contract)| json!({"value": number, "label": told(contract)}))
        .collect();
    Ok(HttpResponse::Ok().json(items))
}
