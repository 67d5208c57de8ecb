//! Drafts that begin with what there is already: an earlier contract, a row of a spreadsheet.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    form::{Section, sections},
    key,
};
use crate::{
    domain::{contract::Content, interchange::REGISTER_COLUMNS, policy},
    usecases::{
        Context, Error, StoredAnswer,
        contracts::{
            ContractView,
            copy::copy,
            create::create,
            pasted_row::{PastedRow, read_pasted},
        },
    },
    web::{
        act::Problem,
        field::{Field, Fieldset},
        posted::{Posted, kept, location},
        refusal::{Refusal, errors_of, redirect, status_of},
        shell::{Shell, page},
        visitor::Visitor,
    },
};

fn to_copy(view: &ContractView) -> Result<StoredAnswer, Error> {
    kept(format!("/contracts/{}/edit?done=copied", view.contract.id))
}

#[post("/contracts/{id}/copy")]
pub async fn copy_contract(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let done = copy(&ctx, posted.command(to_copy), key(&path)?).await?;
    Ok(redirect(&location(&done, to_copy)?))
}

#[derive(Template)]
#[template(path = "entry/paste.html")]
struct PastePage {
    shell: Shell,
    problem: Option<Problem>,
    row: Field,
    /// The columns in their order, for rows without headers.
    columns: Vec<&'static str>,
    read: Option<Read>,
}

/// What was read of a row.
struct Read {
    sections: Vec<Section>,
    /// Column or field, value, what is wrong.
    wrong: Vec<(String, String, String)>,
}

impl PastePage {
    fn new(visitor: &Visitor) -> Result<Self, Error> {
        policy::decide_create(&visitor.caller.actor)?;
        Ok(Self {
            shell: visitor.shell("从 Excel 粘贴一行").at("/contracts/new"),
            problem: None,
            row: Field {
                focus: true,
                ..Field::area("/row", "一行内容", 6)
                    .required()
                    .help("在 Excel 中选中整行（可连同表头一起）复制，粘贴到这里。列同登记台账导入模板。")
            },
            columns: REGISTER_COLUMNS.iter().filter(|c| c.base).map(|c| c.header).collect(),
            read: None,
        })
    }

    fn with(mut self, ctx: &Context, text: &str, read: PastedRow) -> Self {
        self.row = self.row.value(text);
        self.row.focus = false;
        let cells = read.cells.into_iter().map(|e| (e.column, e.value, e.detail));
        let values = read
            .values
            .into_iter()
            .map(|e| (String::new(), String::new(), e.detail));
        self.read = Some(Read {
            sections: sections(&read.content, &ctx.catalogue),
            wrong: cells.chain(values).collect(),
        });
        self
    }
}

#[get("/contracts/paste")]
pub async fn show_paste(visitor: Visitor) -> Result<HttpResponse, Refusal> {
    Ok(page(StatusCode::OK, &PastePage::new(&visitor)?))
}

fn to_form(view: &ContractView) -> Result<StoredAnswer, Error> {
    kept(format!("/contracts/{}/edit?done=created", view.contract.id))
}

#[post("/contracts/paste")]
pub async fn paste_contract(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    let text = posted.typed.raw("/row").to_owned();
    let read = match read_pasted(&ctx, &posted.visitor.caller.actor, &text) {
        Ok(read) => read,
        Err(error) => return refused(&posted, error),
    };
    if posted.typed.raw("_go") != "create" {
        let shown = PastePage::new(&posted.visitor)?.with(&ctx, &text, read);
        return Ok(page(StatusCode::OK, &shown));
    }
    let content = read.content;
    let patch = Box::new(move |_: &Content| Ok(content.clone()));
    match create(&ctx, posted.command(to_form), patch).await {
        Ok(answer) => Ok(redirect(&location(&answer, to_form)?)),
        Err(error) => refused(&posted, error),
    }
}

fn refused(posted: &Posted, error: Error) -> Result<HttpResponse, Refusal> {
    let mut shown = PastePage::new(&posted.visitor)?;
    error.log();
    shown.row.refill(&posted.typed);
    shown.row.mark(&errors_of(&error));
    shown.problem = Some(Problem::of(&error, &[Fieldset::new("", vec![shown.row.clone()])]));
    Ok(page(status_of(&error).0, &shown))
}
