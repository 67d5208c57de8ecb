//! Two contracts side by side, for whoever sees both: whether they are one.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::{form::sections, key};
use crate::{
    domain::contract::Contract,
    usecases::{Context, contracts::read::read},
    web::{
        refusal::Refusal,
        shell::{Shell, ok},
        show::text,
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "entry/compare.html")]
struct ComparePage {
    shell: Shell,
    one: Head,
    other: Head,
    parts: Vec<(String, Vec<Pair>)>,
    differing: usize,
    all: usize,
}

struct Head {
    href: String,
    name: String,
}

/// One field of both.
struct Pair {
    label: String,
    one: String,
    other: String,
}

impl Pair {
    fn differs(&self) -> bool {
        self.one != self.other
    }
}

fn head(contract: &Contract) -> Head {
    let number = contract.registration_number.as_deref().map(|n| format!("登记编号 {n}"));
    Head {
        href: format!("/contracts/{}", contract.id),
        name: format!(
            "{}（{}，{}）",
            text(contract.content.project_name.as_deref()),
            number.unwrap_or_else(|| format!("ID {}", contract.id)),
            contract.state.label()
        ),
    }
}

#[get("/contracts/{id}/compare/{other}")]
pub async fn compare_contracts(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let actor = &visitor.caller.actor;
    let one = read(&ctx, actor.clone(), key(&path.0)?).await?.contract;
    let other = read(&ctx, actor.clone(), key(&path.1)?).await?.contract;
    let both = sections(&one.content, &ctx.catalogue)
        .into_iter()
        .zip(sections(&other.content, &ctx.catalogue));
    let parts: Vec<(String, Vec<Pair>)> = both
        .map(|(a, b)| {
            let pairs = a.rows().into_iter().zip(b.rows());
            let pairs = pairs.map(|((label, one), (_, other))| Pair {
                label: label.to_owned(),
                one,
                other,
            });
            (a.set.title.clone(), pairs.collect())
        })
        .collect();
    let pairs = || parts.iter().flat_map(|(_, pairs)| pairs);
    Ok(ok(&ComparePage {
        shell: visitor.shell("合同比对").at("/contracts").wide(),
        one: head(&one),
        other: head(&other),
        differing: pairs().filter(|p| p.differs()).count(),
        all: pairs().count(),
        parts,
    }))
}
