//! 履约跟踪: follow-ups of contracts, with what is doubtful about each.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{ListPage, RecordPage, keeps, removal, said, yes_or_no};
use crate::{
    domain::follow_up::CHECKS,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        follow_ups::{self, FollowUpInput, FollowUpQuery, FollowUpView, Identity, may_keep},
        statistics::may_read,
    },
    web::{
        act::ActPage,
        field::{Choice, Field, Fieldset},
        key_page::segment,
        numbers,
        posted::{Posted, Typed, kept, location},
        refusal::{Refusal, redirect},
        shell::ok,
        show::{NOTHING, yuan},
        statistics::frame::Frame,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

const BASE: &str = "/follow-ups";

/// Follow-ups of a page.
const PAGE: usize = 50;

/// What each check is about, in the order of [`CHECKS`].
const DOUBTS: [&str; 10] = [
    "实到账额大于应到账额",
    "不应享受税收优惠而享受",
    "未享受而有减免税额",
    "享受而没有减免税额",
    "该类合同一般不免增值税",
    "该类合同不减免所得税",
    "财政计划项目享受优惠",
    "不应发奖酬金而发放",
    "未发奖酬金而有实发额",
    "财政计划项目发奖酬金",
];

fn id_of(view: &FollowUpView) -> String {
    format!("{}-{}", view.row.registration_number, view.row.survey_year)
}

fn href_of(view: &FollowUpView) -> String {
    format!("{BASE}/{}", segment(&id_of(view)))
}

/// Registration number and year of an address; what is none is the address of nothing.
fn identity(id: &str) -> Result<Identity, Error> {
    let found = id
        .rsplit_once('-')
        .and_then(|(number, year)| Some((number.to_owned(), year.parse().ok()?)));
    found
        .filter(|(number, _)| !number.contains(char::is_control))
        .ok_or(Error::NotFound)
}

#[get("/follow-ups")]
pub async fn list_follow_ups(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    let year = query
        .integer("year", 1900..=2200)
        .and_then(|year| i32::try_from(year).ok());
    let flag = query.one_of("flag", |flag| {
        (flag == "any" || CHECKS.contains(&flag)).then(|| flag.to_owned())
    });
    let after = query.one_of("after", |text| identity(text).ok());
    query.finish()?;
    let asked = FollowUpQuery {
        year,
        flag: flag.clone(),
        after: after.clone(),
        limit: PAGE,
    };
    let found = follow_ups::list(&ctx, &visitor.caller.actor, asked).await?;
    let mut page = ListPage::new(
        &visitor,
        "履约跟踪",
        BASE,
        "各年调查所得的合同履行、到账、税收优惠和奖酬金情况，一份合同在一次调查中一条。可疑之处由系统标出，不妨碍登记。",
    );
    page.shell = page.shell.done(done.as_deref());
    let mut flags = vec![Choice::new("any", "有任何可疑之处的")];
    flags.extend(CHECKS.iter().zip(DOUBTS).map(|(id, label)| Choice::new(*id, label)));
    page.fields = vec![
        Field::integer("year", "调查年度").maybe(year.map(|year| year.to_string())),
        Field::select("flag", "可疑之处", flags).maybe(flag.clone()),
    ];
    page.told = format!("可疑的共 {} 条。", found.flagged);
    let address = |after: Option<String>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let year = year.map(|year| year.to_string());
        for (name, value) in [("year", &year), ("flag", &flag), ("after", &after)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        format!("{BASE}?{}", query.finish())
    };
    let last = found.items.last().filter(|_| found.more);
    page.table = Table {
        caption: "履约跟踪".to_owned(),
        columns: vec![
            Column::text("登记编号"),
            Column::text("调查年度"),
            Column::text("履行"),
            Column::number("应到账额（元）"),
            Column::number("实到账额（元）"),
            Column::number("减免税额（元）"),
            Column::number("实发奖酬金（元）"),
            Column::text("可疑之处"),
        ],
        rows: found.items.iter().map(row).collect(),
        empty: "没有履约跟踪记录。".to_owned(),
        next: last.map(|view| address(Some(id_of(view)))),
        first: after.map(|_| address(None)),
        ..Table::default()
    };
    Ok(ok(&page))
}

fn row(view: &FollowUpView) -> Row {
    let row = &view.row;
    let doubts = match view.checks.as_slice() {
        [] => Cell::text("无"),
        checks => Cell::Many(checks.iter().map(|check| Cell::mark(&check.message, "bad")).collect()),
    };
    Row {
        key: String::new(),
        cells: vec![
            Cell::link(&row.registration_number, href_of(view)),
            Cell::text(row.survey_year.to_string()),
            Cell::text(if row.fulfilled { "已履行" } else { "未履行" }),
            Cell::yuan(Some(row.due_fen)),
            Cell::yuan(Some(row.received_fen)),
            Cell::yuan(Some(row.vat_exempted_fen + row.income_tax_reduced_fen)),
            Cell::yuan(Some(row.reward_paid_fen)),
            doubts,
        ],
    }
}

fn facts(view: &FollowUpView) -> Vec<(&'static str, String)> {
    let row = &view.row;
    vec![
        ("登记编号", row.registration_number.clone()),
        ("调查年度", row.survey_year.to_string()),
        ("是否涉税", said(row.tax_relevant)),
        ("是否履行", said(row.fulfilled)),
        ("应到账额（元）", yuan(row.due_fen)),
        ("实到账额（元）", yuan(row.received_fen)),
        ("应享税收优惠", said(row.entitled)),
        ("实享税收优惠", said(row.enjoyed)),
        ("增值税免税额（元）", yuan(row.vat_exempted_fen)),
        ("企业所得税减免额（元）", yuan(row.income_tax_reduced_fen)),
        ("应发奖酬金", said(row.reward_due)),
        ("已发奖酬金", said(row.reward_issued)),
        (
            "净收益额（元）",
            row.net_income_fen.map_or_else(|| NOTHING.to_owned(), yuan),
        ),
        ("实发奖酬金（元）", yuan(row.reward_paid_fen)),
        ("受奖励人次", row.persons.to_string()),
    ]
}

#[get("/follow-ups/{id}")]
pub async fn show_follow_up(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    may_read(&visitor.caller.actor)?;
    let view = follow_ups::read(&ctx, &visitor.caller.actor, identity(&path)?).await?;
    let title = format!(
        "履约跟踪 {}（{} 年）",
        view.row.registration_number, view.row.survey_year
    );
    Ok(ok(&RecordPage {
        shell: visitor.shell(&title).at("/statistics").done(done.as_deref()),
        frame: Frame::beside(BASE),
        facts: facts(&view),
        doubts: view.checks.iter().map(|check| check.message.clone()).collect(),
        href: href_of(&view),
        back: BASE,
        may_keep: keeps(&visitor.caller.actor),
    }))
}

fn flag(name: &'static str, label: &'static str, there: Option<bool>) -> Field {
    Field::radios(name, label, yes_or_no())
        .required()
        .span(1)
        .maybe(there.map(|yes| yes.to_string()))
}

fn sets(there: Option<&FollowUpView>) -> Vec<Fieldset> {
    let row = there.map(|view| &view.row);
    let mut sets = Vec::new();
    if row.is_none() {
        sets.push(Fieldset::new(
            "合同与调查",
            vec![
                numbers::number("/registration_number", "登记编号")
                    .required()
                    .focus()
                    .help("可按编号、合同名称或双方名称查找。"),
                Field::integer("/survey_year", "调查年度")
                    .required()
                    .help("在哪一年的调查中得知。"),
            ],
        ));
    }
    sets.push(Fieldset::new(
        "履行与到账",
        vec![
            flag("/tax_relevant", "是否涉税", row.map(|r| r.tax_relevant)),
            flag("/fulfilled", "是否履行", row.map(|r| r.fulfilled)),
            Field::yuan("/due_fen", "应到账额（元）").fen(row.map(|r| r.due_fen)),
            Field::yuan("/received_fen", "实到账额（元）").fen(row.map(|r| r.received_fen)),
        ],
    ));
    sets.push(Fieldset::new(
        "税收优惠",
        vec![
            flag("/entitled", "应享税收优惠", row.map(|r| r.entitled)),
            flag("/enjoyed", "实享税收优惠", row.map(|r| r.enjoyed)),
            Field::yuan("/vat_exempted_fen", "增值税免税额（元）")
                .fen(row.map(|r| r.vat_exempted_fen))
                .help("财税〔2016〕36 号附件 3：技术转让、技术开发及相关咨询、服务。"),
            Field::yuan("/income_tax_reduced_fen", "企业所得税减免额（元）")
                .fen(row.map(|r| r.income_tax_reduced_fen))
                .help("企业所得税法实施条例第九十条：技术转让、技术许可所得。"),
        ],
    ));
    sets.push(Fieldset::new(
        "奖酬金",
        vec![
            flag("/reward_due", "应发奖酬金", row.map(|r| r.reward_due)),
            flag("/reward_issued", "已发奖酬金", row.map(|r| r.reward_issued)),
            Field::yuan("/net_income_fen", "净收益额（元）")
                .fen(row.and_then(|r| r.net_income_fen))
                .help("未调查的不填。"),
            Field::yuan("/reward_paid_fen", "实发奖酬金（元）").fen(row.map(|r| r.reward_paid_fen)),
            Field::integer("/persons", "受奖励人次").maybe(row.map(|r| r.persons.to_string())),
        ],
    ));
    sets
}

fn new_page(visitor: &Visitor) -> ActPage {
    let mut act = ActPage::new(
        visitor.shell("新增履约跟踪").at("/statistics"),
        format!("{BASE}/new"),
        BASE,
    );
    act.button = "保存".to_owned();
    act.proposals = Some(numbers::proposals());
    act.sets = sets(None);
    act
}

fn edit_page(visitor: &Visitor, view: &FollowUpView) -> ActPage {
    let href = href_of(view);
    let mut act = ActPage::new(
        visitor.shell("修改履约跟踪").at("/statistics"),
        format!("{href}/edit"),
        href,
    );
    act.subject = facts(view).into_iter().take(2).collect();
    act.button = "保存".to_owned();
    act.sets = sets(Some(view));
    act
}

/// What was typed; an amount that was not is 0, but that of the net income, which may be unknown.
fn input(typed: &mut Typed, new: bool) -> FollowUpInput {
    let mut fen = |name: &str| Some(Some(typed.yuan(name).unwrap_or(0)));
    let (due_fen, received_fen) = (fen("/due_fen"), fen("/received_fen"));
    let (vat_exempted_fen, income_tax_reduced_fen) = (fen("/vat_exempted_fen"), fen("/income_tax_reduced_fen"));
    let reward_paid_fen = fen("/reward_paid_fen");
    FollowUpInput {
        registration_number: new.then(|| typed.text("/registration_number")),
        survey_year: new.then(|| typed.integer("/survey_year")),
        tax_relevant: Some(typed.flag("/tax_relevant")),
        fulfilled: Some(typed.flag("/fulfilled")),
        due_fen,
        received_fen,
        entitled: Some(typed.flag("/entitled")),
        enjoyed: Some(typed.flag("/enjoyed")),
        vat_exempted_fen,
        income_tax_reduced_fen,
        reward_due: Some(typed.flag("/reward_due")),
        reward_issued: Some(typed.flag("/reward_issued")),
        net_income_fen: Some(typed.yuan("/net_income_fen")),
        reward_paid_fen,
        persons: Some(Some(typed.integer("/persons").unwrap_or(0))),
    }
}

fn render_created(view: &FollowUpView) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=created", href_of(view)))
}

fn render_changed(view: &FollowUpView) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=saved", href_of(view)))
}

#[get("/follow-ups/new")]
pub async fn show_new_follow_up(visitor: Visitor) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    Ok(new_page(&visitor).show())
}

#[post("/follow-ups/new")]
pub async fn create_follow_up(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    if let Some(text) = posted.typed.text("/registration_number") {
        match numbers::number_of(&ctx, &posted.visitor.caller.actor, text).await? {
            Ok(number) => posted.typed.set("/registration_number", number),
            Err(detail) => posted.typed.wrong("/registration_number", "ambiguous", detail),
        }
    }
    let input = input(&mut posted.typed, true);
    let input = posted.typed.checked(input);
    match follow_ups::create(&ctx, posted.command(render_created), input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render_created)?)),
        Err(error) => new_page(&posted.visitor).refused(error, &posted.typed),
    }
}

#[get("/follow-ups/{id}/edit")]
pub async fn edit_follow_up(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    let view = follow_ups::read(&ctx, &visitor.caller.actor, identity(&path)?).await?;
    Ok(edit_page(&visitor, &view).show())
}

#[post("/follow-ups/{id}/edit")]
pub async fn change_follow_up(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    let identity = identity(&path)?;
    let view = follow_ups::read(&ctx, &posted.visitor.caller.actor, identity.clone()).await?;
    let input = input(&mut posted.typed, false);
    let input = posted.typed.checked(input);
    match follow_ups::change(&ctx, posted.command(render_changed), identity, input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render_changed)?)),
        Err(error) => edit_page(&posted.visitor, &view).refused(error, &posted.typed),
    }
}

#[get("/follow-ups/{id}/remove")]
pub async fn show_follow_up_removal(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    let view = follow_ups::read(&ctx, &visitor.caller.actor, identity(&path)?).await?;
    Ok(removal(&visitor, "删除履约跟踪", &href_of(&view), facts(&view)).show())
}

#[post("/follow-ups/{id}/remove")]
pub async fn remove_follow_up(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    follow_ups::remove(&ctx, posted.command(|()| kept(String::new())), identity(&path)?).await?;
    Ok(redirect(&format!("{BASE}?done=removed")))
}
