//! The pages of every kind of record.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{
    Record, RecordPage, activities::Activities, follow_ups::FollowUps, keeps, reference_figures::ReferenceFigures,
};
use crate::{
    http::query::Query,
    usecases::{Context, Error, StoredAnswer, follow_ups::may_keep, statistics::may_read},
    web::{
        act::ActPage,
        posted::{Posted, kept, location},
        refusal::{Refusal, redirect},
        sheet::Section,
        shell::ok,
        statistics::frame::Frame,
        table::Cell,
        visitor::Visitor,
    },
};

/// Calls a page for the kind of record that an address names.
macro_rules! of_kind {
    ($kind:expr, $page:ident($($argument:expr),*)) => {
        match $kind.as_str() {
            "follow-ups" => $page::<FollowUps>($($argument),*).await,
            "activities" => $page::<Activities>($($argument),*).await,
            _ => $page::<ReferenceFigures>($($argument),*).await,
        }
    };
}

async fn list<R: Record>(ctx: &Context, visitor: &Visitor, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    let mut page = R::list(ctx, visitor, query).await?;
    page.shell = page.shell.done(done.as_deref());
    Ok(ok(&page))
}

async fn show<R: Record>(
    ctx: &Context,
    visitor: &Visitor,
    id: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    may_read(&visitor.caller.actor)?;
    let view = R::read(ctx, &visitor.caller.actor, R::id(id)?).await?;
    Ok(ok(&RecordPage {
        shell: visitor.shell(&R::title(&view)).at("/statistics").done(done.as_deref()),
        frame: Frame::beside(R::BASE),
        facts: R::facts(ctx, &view),
        doubts: R::doubts(&view),
        href: R::href(&view),
        back: R::BASE,
        may_keep: keeps(&visitor.caller.actor),
    }))
}

fn form<R: Record>(ctx: &Context, visitor: &Visitor, there: Option<&R::View>) -> ActPage {
    let (title, action, back) = match there {
        Some(view) => (
            format!("修改{}", R::NOUN),
            format!("{}/edit", R::href(view)),
            R::href(view),
        ),
        None => (
            format!("新增{}", R::NOUN),
            format!("{}/new", R::BASE),
            R::BASE.to_owned(),
        ),
    };
    let mut act = ActPage::new(visitor.shell(&title).at("/statistics"), action, back);
    act.button = "保存".to_owned();
    act.version = there.map(R::version);
    match there {
        Some(view) => act.subject = R::facts(ctx, view).into_iter().take(R::NAMING).collect(),
        None => act.proposals = R::proposals(),
    }
    act.sets = R::sets(ctx, there);
    act
}

fn created<R: Record>(view: &R::View) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=created", R::href(view)))
}

fn changed<R: Record>(view: &R::View) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=saved", R::href(view)))
}

async fn show_new<R: Record>(ctx: &Context, visitor: &Visitor) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    Ok(form::<R>(ctx, visitor, None).show())
}

async fn create<R: Record>(ctx: &Context, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    R::prepare(ctx, &posted.visitor.caller.actor, &mut posted.typed).await?;
    let input = R::input(&mut posted.typed, true);
    let input = posted.typed.checked(input);
    match R::create(ctx, posted.command(created::<R>), input).await {
        Ok(answer) => Ok(redirect(&location(&answer, created::<R>)?)),
        Err(error) => form::<R>(ctx, &posted.visitor, None).refused(error, &posted.typed),
    }
}

async fn show_change<R: Record>(ctx: &Context, visitor: &Visitor, id: &str) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    let view = R::read(ctx, &visitor.caller.actor, R::id(id)?).await?;
    Ok(form::<R>(ctx, visitor, Some(&view)).show())
}

async fn change<R: Record>(ctx: &Context, mut posted: Posted, id: &str) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    let id = R::id(id)?;
    let input = R::input(&mut posted.typed, false);
    let input = posted.typed.checked(input);
    let done = R::change(ctx, posted.command(changed::<R>), id.clone(), input).await;
    // Read afterwards: what is shown beside what was typed is what stands there by now.
    let view = R::read(ctx, &posted.visitor.caller.actor, id).await?;
    match done {
        Ok(answer) => Ok(redirect(&location(&answer, changed::<R>)?)),
        Err(Error::Stale { .. }) => {
            Ok(form::<R>(ctx, &posted.visitor, Some(&view)).overtaken(now::<R>(ctx, &view), &posted.typed))
        }
        Err(error) => form::<R>(ctx, &posted.visitor, Some(&view)).refused(error, &posted.typed),
    }
}

async fn show_removal<R: Record>(ctx: &Context, visitor: &Visitor, id: &str) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    let view = R::read(ctx, &visitor.caller.actor, R::id(id)?).await?;
    Ok(removal::<R>(ctx, visitor, &view).show())
}

fn removal<R: Record>(ctx: &Context, visitor: &Visitor, view: &R::View) -> ActPage {
    let href = R::href(view);
    let title = format!("删除{}", R::NOUN);
    let mut act = ActPage::new(visitor.shell(&title).at("/statistics"), format!("{href}/remove"), href);
    act.version = Some(R::version(view));
    act.subject = R::facts(ctx, view);
    act.consequences = vec![
        "记录被删除，统计数据随之改变；已封账的版次不变。".to_owned(),
        "登记账保留删除前的内容。".to_owned(),
    ];
    act.grave = true;
    act
}

/// What a record says now.
fn now<R: Record>(ctx: &Context, view: &R::View) -> Section {
    let facts = R::facts(ctx, view).into_iter();
    Section {
        title: "现在的内容（他人修改后）".to_owned(),
        facts: facts.map(|(label, value)| (label, Cell::text(value))).collect(),
        ..Section::default()
    }
}

async fn remove<R: Record>(ctx: &Context, posted: Posted, id: &str) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    let id = R::id(id)?;
    match R::remove(ctx, posted.command(|()| kept(String::new())), id.clone()).await {
        Ok(()) => Ok(redirect(&format!("{}?done=removed", R::BASE))),
        Err(Error::Stale { .. }) => {
            let view = R::read(ctx, &posted.visitor.caller.actor, id).await?;
            let act = removal::<R>(ctx, &posted.visitor, &view);
            Ok(act.overtaken(now::<R>(ctx, &view), &posted.typed))
        }
        Err(error) => Err(error.into()),
    }
}

#[get("/{records:follow-ups|activities|reference-figures}")]
pub async fn list_records(
    ctx: web::Data<Context>,
    visitor: Visitor,
    kind: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    of_kind!(kind, list(&ctx, &visitor, &request))
}

#[get("/{records:follow-ups|activities|reference-figures}/new")]
pub async fn show_new_record(
    ctx: web::Data<Context>,
    visitor: Visitor,
    kind: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    of_kind!(kind, show_new(&ctx, &visitor))
}

#[post("/{records:follow-ups|activities|reference-figures}/new")]
pub async fn create_record(
    ctx: web::Data<Context>,
    kind: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    of_kind!(kind, create(&ctx, posted))
}

#[get("/{records:follow-ups|activities|reference-figures}/{id}")]
pub async fn show_record(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let (kind, id) = path.into_inner();
    of_kind!(kind, show(&ctx, &visitor, &id, &request))
}

#[get("/{records:follow-ups|activities|reference-figures}/{id}/edit")]
pub async fn show_record_change(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (kind, id) = path.into_inner();
    of_kind!(kind, show_change(&ctx, &visitor, &id))
}

#[post("/{records:follow-ups|activities|reference-figures}/{id}/edit")]
pub async fn change_record(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let (kind, id) = path.into_inner();
    of_kind!(kind, change(&ctx, posted, &id))
}

#[get("/{records:follow-ups|activities|reference-figures}/{id}/remove")]
pub async fn show_record_removal(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (kind, id) = path.into_inner();
    of_kind!(kind, show_removal(&ctx, &visitor, &id))
}

#[post("/{records:follow-ups|activities|reference-figures}/{id}/remove")]
pub async fn remove_record(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let (kind, id) = path.into_inner();
    of_kind!(kind, remove(&ctx, posted, &id))
}
