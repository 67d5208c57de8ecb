//! Parties that are known from contracts, so that nobody types them twice.

use crate::{
    domain::{
        account::Actor,
        contract::{Contract, Party},
        policy::{self, Scope},
        text::key,
        uscc,
    },
    storage::lists::{self, ContractQuery, Position, SortKey},
    usecases::{Context, Error, contracts::visible},
};

/// Parties that are named at most.
const MOST: usize = 10;

/// Contracts that are looked at for them: as many at a time, as often.
const PAGE: i64 = 50;
const PAGES: usize = 4;

/// Characters below which nothing is looked for.
const SHORTEST: usize = 2;

/// Which side of a contract a party is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// 卖方.
    Seller,
    /// 买方.
    Buyer,
}

/// A party, as the newest contract that names it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Key of that contract.
    pub contract_id: i64,
    /// Its side there.
    pub side: Side,
    /// The party.
    pub party: Party,
    /// 所属兵团单位, code list `unit`: of buyers, where it is known.
    pub unit: Option<String>,
}

impl Side {
    /// The id, as in pointers.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Seller => "seller",
            Self::Buyer => "buyer",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Seller, Self::Buyer].into_iter().find(|s| s.id() == id)
    }
}

fn of(contract: &Contract, side: Side) -> Known {
    let content = &contract.content;
    let (party, unit) = match side {
        Side::Seller => (&content.seller, None),
        Side::Buyer => (&content.buyer, content.buyer_unit.clone()),
    };
    Known {
        contract_id: contract.id,
        side,
        party: party.clone(),
        unit,
    }
}

/// Parties of the contracts that the caller may see, whose name holds the text or whose credit code begins with it: each once, as
/// the newest contract says.
///
/// # Errors
/// Who may enter no contract.
pub async fn find(ctx: &Context, actor: Actor, text: &str) -> Result<Vec<Known>, Error> {
    policy::decide_create(&actor)?;
    let name = key(text);
    let code = uscc::normalise(text);
    if name.chars().count() < SHORTEST || name.chars().count() > 200 || name.contains('\0') {
        return Ok(Vec::new());
    }
    ctx.store
        .read(move |db| {
            let mut query = ContractQuery {
                scope: Scope::of(&actor),
                text: Some(name.clone()),
                sort: SortKey::Id,
                descending: true,
                limit: PAGE,
                ..ContractQuery::default()
            };
            let mut found: Vec<Known> = Vec::new();
            for _ in 0..PAGES {
                let page = lists::page(db, &query)?;
                for known in page.iter().flat_map(|c| [of(c, Side::Seller), of(c, Side::Buyer)]) {
                    let party = &known.party;
                    let named = party.name.as_deref().is_some_and(|n| key(n).contains(&name));
                    let coded = party.uscc.as_deref().is_some_and(|u| u.starts_with(&code));
                    let same = |k: &Known| (&k.party.name, &k.party.uscc) == (&party.name, &party.uscc);
                    if (named || coded) && found.len() < MOST && !found.iter().any(same) {
                        found.push(known);
                    }
                }
                let last = page.last().map(|c| c.id);
                match last {
                    Some(id) if found.len() < MOST && i64::try_from(page.len()).is_ok_and(|n| n == PAGE) => {
                        query.after = Some(Position { value: None, id });
                    }
                    _ => break,
                }
            }
            Ok(found)
        })
        .await
}

/// One of these parties.
///
/// # Errors
/// Who may enter no contract; [`Error::NotFound`] where there is no contract that the caller may know of.
pub async fn take(ctx: &Context, actor: Actor, contract: i64, side: Side) -> Result<Known, Error> {
    policy::decide_create(&actor)?;
    ctx.store
        .read(move |db| Ok(of(&visible(db, &actor, contract)?, side)))
        .await
}
