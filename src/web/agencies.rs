//! `/agencies`: registration agencies 登记机构.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{
    act::ActPage,
    acted::go_to_made,
    field::{Field, Fieldset},
    key_page::{KeyPage, ROWS, address},
    posted::{Posted, Typed, kept},
    refusal::Refusal,
    sheet::{ActLink, Sheet},
    table::{Cell, Column, Row, Table},
    visitor::Visitor,
};
use crate::{
    domain::{contract::Agency, policy},
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        agencies::{self, AgencyInput, read::key_of},
    },
};

/// Where agencies are.
const PLACE: &str = "/agencies";

#[get("/agencies")]
pub async fn list_agencies(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let done = query.text("done");
    query.finish()?;
    let found = agencies::read::list(&ctx, page.after, ROWS + 1).await?;
    let (found, next) = KeyPage::cut(found, |a| a.id);
    let changes = policy::decide_change_accounts(&visitor.caller.actor).is_ok();
    let rows = found.iter().map(|agency| {
        let name = match changes {
            true => Cell::link(&agency.name, format!("{PLACE}/{}/edit", key_of(agency))),
            false => Cell::text(&agency.name),
        };
        Row {
            key: agency.id.to_string(),
            cells: vec![name, Cell::maybe(agency.code.clone())],
        }
    });
    let table = Table {
        total: None,
        caption: "登记机构".to_owned(),
        columns: ["名称", "代码"].map(Column::text).into(),
        rows: rows.collect(),
        empty: "没有登记机构。".to_owned(),
        next: next.map(|n| address(PLACE, &[("after", Some(n.to_string()))])),
        first: page.after.map(|_| PLACE.to_owned()),
        tick: None,
    };
    let mut sheet = Sheet::list(visitor.shell("登记机构").at(PLACE).done(done.as_deref()), table);
    if changes {
        sheet.acts.push(ActLink::new("新建登记机构", "/agencies/new").main());
    }
    Ok(sheet.show())
}

fn fields(agency: Option<&Agency>) -> Vec<Fieldset> {
    let code = agency.and_then(|a| a.code.clone());
    vec![Fieldset::new(
        "",
        vec![
            Field::text("/name", "名称")
                .required()
                .focus()
                .maybe(agency.map(|a| a.name.clone()))
                .help("2 至 100 个字，不得与其他机构相同。"),
            Field::text("/code", "代码")
                .required()
                .span(1)
                .maybe(code)
                .help("六位数字，登记编号的第 5 至 10 位。"),
        ],
    )]
}

fn input(typed: &Typed) -> AgencyInput {
    AgencyInput {
        code: Some(typed.text("/code")),
        name: Some(typed.text("/name")),
    }
}

fn created(_: &Agency) -> Result<StoredAnswer, Error> {
    kept(format!("{PLACE}?done=created"))
}

fn changed(_: &Agency) -> Result<StoredAnswer, Error> {
    kept(format!("{PLACE}?done=saved"))
}

fn new_page(visitor: &Visitor) -> Result<ActPage, Refusal> {
    policy::decide_change_accounts(&visitor.caller.actor).map_err(Error::from)?;
    let mut act = ActPage::new(visitor.shell("新建登记机构").at(PLACE), "/agencies/new", PLACE);
    act.button = "新建".to_owned();
    act.consequences = vec!["该机构的合同登记编号将含此代码；有登记编号后代码不能再改。机构不能删除。".to_owned()];
    act.sets = fields(None);
    Ok(act)
}

#[get("/agencies/new")]
pub async fn show_create(visitor: Visitor) -> Result<HttpResponse, Refusal> {
    Ok(new_page(&visitor)?.show())
}

#[post("/agencies/new")]
pub async fn create_agency(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    let done = agencies::create::create(&ctx, posted.command(created), Ok(input(&posted.typed))).await;
    go_to_made(done, created, &posted.typed, async { new_page(&posted.visitor) }).await
}

async fn edit_page(ctx: &Context, visitor: &Visitor, key: &str) -> Result<ActPage, Refusal> {
    let agency = agencies::read::read(ctx, key).await?;
    policy::decide_change_accounts(&visitor.caller.actor).map_err(Error::from)?;
    let address = format!("{PLACE}/{}/edit", key_of(&agency));
    let mut act = ActPage::new(visitor.shell("修改登记机构").at(PLACE), address, PLACE);
    act.button = "保存".to_owned();
    act.consequences = vec![
        "新名称也用于该机构以前的合同；已出具的登记证明不变。以后导入台账按新名称识别。".to_owned(),
        "已有登记编号使用的代码不能更改。".to_owned(),
    ];
    act.sets = fields(Some(&agency));
    Ok(act)
}

#[get("/agencies/{agency}/edit")]
pub async fn show_edit(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(edit_page(&ctx, &visitor, &path).await?.show())
}

#[post("/agencies/{agency}/edit")]
pub async fn change_agency(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let input = Ok(input(&posted.typed));
    let done = agencies::change::change(&ctx, posted.command(changed), path.clone(), input).await;
    go_to_made(done, changed, &posted.typed, edit_page(&ctx, &posted.visitor, &path)).await
}
