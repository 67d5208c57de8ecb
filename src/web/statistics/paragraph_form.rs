//! Writing a paragraph of the report: a look at what it will be before it is kept, and taking one out.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    frame::Frame,
    paragraphs::{SaidView, chapter},
    scope::{Scope, year_of},
};
use crate::{
    usecases::{
        Context, Error, StoredAnswer,
        report_paragraphs::{self, CHAPTERS, NewParagraph, ParagraphView, typed_numbers},
        statistics,
    },
    web::{
        act::{ActPage, OVERTAKEN, Problem},
        field::{Choice, Field, Fieldset, refill},
        key_page::key,
        posted::{Posted, kept, location},
        refusal::{Refusal, errors_of, redirect, status_of},
        sheet::Section,
        shell::{Shell, ok, page},
        show::minute,
        table::Cell,
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "statistics/paragraph_form.html")]
struct ParagraphForm {
    shell: Shell,
    frame: Frame,
    action: String,
    back: String,
    figures: String,
    sets: Vec<Fieldset>,
    said: Option<SaidView>,
    problem: Option<Problem>,
    /// Version of what is changed.
    version: Option<i64>,
    /// What stands there by now, where someone else was quicker.
    now: Option<Section>,
}

/// The address of a year's paragraphs.
fn list_of(year: i32) -> String {
    format!("/statistics/{year}/paragraphs")
}

async fn form(
    ctx: &Context,
    visitor: &Visitor,
    year: i32,
    paragraph: Option<&ParagraphView>,
) -> Result<ParagraphForm, Refusal> {
    let there = paragraph.map(|view| &view.paragraph);
    let chapters = CHAPTERS.iter().map(|(id, title)| Choice::new(*id, *title)).collect();
    let fields = vec![
        Field::select("/chapter", "所在章", chapters)
            .required()
            .maybe(there.map(|p| p.chapter.clone()))
            .help("段落印在该章之末。"),
        Field::integer("/position", "次序")
            .maybe(there.map(|p| p.position.to_string()))
            .help("同章各段按次序从小到大；不填则排在最后。"),
        Field::area("/text", "段落", 6)
            .required()
            .maybe(there.map(|p| p.text.clone()))
            .help("1 至 2000 字。数字写作 {{指标标识}}，可加单位和小数位数，如 {{total.amount|yi_yuan|2}}；标识见“全部指标”。"),
    ];
    let (title, action) = match there {
        Some(p) => ("修改补充段落", format!("{}/{}/edit", list_of(year), p.id)),
        None => ("新增补充段落", format!("{}/new", list_of(year))),
    };
    Ok(ParagraphForm {
        shell: visitor.shell(&format!("{title}（{year} 年）")).at("/statistics"),
        frame: Frame::around(ctx, visitor, &Scope::year(year), "/paragraphs").await?,
        action,
        back: list_of(year),
        figures: format!("/statistics/{year}/figures"),
        sets: vec![Fieldset::new("", fields)],
        said: None,
        problem: None,
        version: there.map(|p| p.version),
        now: None,
    })
}

/// What a paragraph says now.
fn now(visitor: &Visitor, view: &ParagraphView) -> Section {
    let paragraph = &view.paragraph;
    Section {
        title: "现在的内容（他人修改后）".to_owned(),
        facts: vec![
            ("所在章", Cell::text(chapter(&paragraph.chapter))),
            ("次序", Cell::text(paragraph.position.to_string())),
            (
                "修改",
                Cell::text(format!(
                    "{}，{}",
                    visitor.names.of(&paragraph.changed_by),
                    minute(paragraph.changed_at)
                )),
            ),
        ],
        texts: vec![paragraph.text.clone()],
        ..Section::default()
    }
}

impl ParagraphForm {
    /// The form again, with what was typed, and what it becomes.
    async fn preview(mut self, ctx: &Context, posted: &Posted, year: i32) -> Result<HttpResponse, Refusal> {
        refill(&mut self.sets, &posted.typed, &[]);
        // Still what the writer saw when it was opened.
        self.version = posted.typed.version().or(self.version);
        let text = posted.typed.raw("/text").to_owned();
        let typed = typed_numbers(&text);
        let texts = [text];
        let said = report_paragraphs::preview(ctx, &posted.visitor.caller.actor, year, &texts).await?;
        self.said = said.into_iter().next().map(|said| SaidView::of(year, said, typed));
        Ok(ok(&self))
    }

    /// The form again where someone else was quicker: both texts side by side.
    fn overtaken(mut self, view: &ParagraphView, posted: &Posted) -> HttpResponse {
        refill(&mut self.sets, &posted.typed, &[]);
        self.now = Some(now(&posted.visitor, view));
        self.problem = Some(Problem {
            detail: OVERTAKEN.to_owned(),
            errors: Vec::new(),
        });
        page(StatusCode::PRECONDITION_FAILED, &self)
    }

    fn refused(mut self, error: Error, posted: &Posted) -> Result<HttpResponse, Refusal> {
        if matches!(error, Error::Unauthenticated | Error::NotFound | Error::Forbidden(_)) {
            return Err(error.into());
        }
        error.log();
        refill(&mut self.sets, &posted.typed, &errors_of(&error));
        self.problem = Some(Problem::of(&error, &self.sets));
        Ok(page(status_of(&error).0, &self))
    }
}

/// What was typed.
fn typed(posted: &mut Posted) -> NewParagraph {
    NewParagraph {
        chapter: posted.typed.text("/chapter"),
        position: posted.typed.integer("/position"),
        text: posted.typed.text("/text"),
    }
}

fn render_added(view: &ParagraphView) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=created", list_of(view.paragraph.year)))
}

fn render_changed(view: &ParagraphView) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=saved", list_of(view.paragraph.year)))
}

#[get("/statistics/{year}/paragraphs/new")]
pub async fn show_new_paragraph(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    report_paragraphs::may_write(&visitor.caller.actor)?;
    Ok(ok(&form(&ctx, &visitor, year, None).await?))
}

#[post("/statistics/{year}/paragraphs/new")]
pub async fn add_paragraph(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    report_paragraphs::may_write(&posted.visitor.caller.actor)?;
    if posted.typed.has("_preview") {
        let form = form(&ctx, &posted.visitor, year, None).await?;
        return form.preview(&ctx, &posted, year).await;
    }
    let input = typed(&mut posted);
    let input = posted.typed.checked(input);
    match report_paragraphs::add(&ctx, posted.command(render_added), year, input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render_added)?)),
        Err(error) => form(&ctx, &posted.visitor, year, None).await?.refused(error, &posted),
    }
}

#[get("/statistics/{year}/paragraphs/{id}/edit")]
pub async fn show_paragraph(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (year, id) = (year_of(&path.0)?, key(&path.1)?);
    report_paragraphs::may_write(&visitor.caller.actor)?;
    let view = report_paragraphs::read(&ctx, &visitor.caller.actor, (year, id)).await?;
    Ok(ok(&form(&ctx, &visitor, year, Some(&view)).await?))
}

#[post("/statistics/{year}/paragraphs/{id}/edit")]
pub async fn change_paragraph(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let place = (year_of(&path.0)?, key(&path.1)?);
    report_paragraphs::may_write(&posted.visitor.caller.actor)?;
    let view = report_paragraphs::read(&ctx, &posted.visitor.caller.actor, place).await?;
    if posted.typed.has("_preview") {
        let form = form(&ctx, &posted.visitor, place.0, Some(&view)).await?;
        return form.preview(&ctx, &posted, place.0).await;
    }
    let mut input = typed(&mut posted);
    // Here an empty text is one that was taken away, not one that stays.
    input.text = Some(input.text.unwrap_or_default());
    let input = posted.typed.checked(input);
    match report_paragraphs::change(&ctx, posted.command(render_changed), place, input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render_changed)?)),
        Err(Error::Stale { .. }) => {
            let view = report_paragraphs::read(&ctx, &posted.visitor.caller.actor, place).await?;
            let form = form(&ctx, &posted.visitor, place.0, Some(&view)).await?;
            Ok(form.overtaken(&view, &posted))
        }
        Err(error) => form(&ctx, &posted.visitor, place.0, Some(&view))
            .await?
            .refused(error, &posted),
    }
}

fn removal(visitor: &Visitor, view: &ParagraphView) -> ActPage {
    let paragraph = &view.paragraph;
    let mut act = ActPage::new(
        visitor.shell("删除补充段落").at("/statistics"),
        format!("{}/{}/remove", list_of(paragraph.year), paragraph.id),
        list_of(paragraph.year),
    );
    act.subject = vec![
        ("年度", paragraph.year.to_string()),
        ("所在章", chapter(&paragraph.chapter).to_owned()),
        ("段落", paragraph.text.clone()),
    ];
    act.consequences = vec![
        "段落不再印在报告中。已封账的版次不变。".to_owned(),
        "登记账保留删除前的文字。".to_owned(),
    ];
    act.version = Some(paragraph.version);
    act.grave = true;
    act
}

#[get("/statistics/{year}/paragraphs/{id}/remove")]
pub async fn show_paragraph_removal(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (year, id) = (year_of(&path.0)?, key(&path.1)?);
    report_paragraphs::may_write(&visitor.caller.actor)?;
    let view = report_paragraphs::read(&ctx, &visitor.caller.actor, (year, id)).await?;
    Ok(page(StatusCode::OK, &removal(&visitor, &view)))
}

#[post("/statistics/{year}/paragraphs/{id}/remove")]
pub async fn remove_paragraph(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let place = (year_of(&path.0)?, key(&path.1)?);
    statistics::may_read(&posted.visitor.caller.actor)?;
    let command = posted.command(|()| kept(String::new()));
    match report_paragraphs::remove(&ctx, command, place).await {
        Ok(()) => Ok(redirect(&format!("{}?done=removed", list_of(place.0)))),
        Err(Error::Stale { .. }) => {
            let view = report_paragraphs::read(&ctx, &posted.visitor.caller.actor, place).await?;
            Ok(removal(&posted.visitor, &view).overtaken(now(&posted.visitor, &view), &posted.typed))
        }
        Err(error) => Err(error.into()),
    }
}
