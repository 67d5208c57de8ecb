//! `/imports`: the form, the templates, what was imported before.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use crate::{
    domain::{error::FieldError, interchange::Kind, policy},
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        imports::{self, ImportJob, ImportState, StartInput},
        people::Names,
    },
    web::{
        act::Problem,
        field::{Choice, Field, Fieldset, refill},
        posted::{PostedFile, Typed, kept, location},
        refusal::{Refusal, errors_of, redirect, status_of},
        shell::{Shell, ok, page},
        show::minute,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Imports on a page.
const PAGE: i64 = 50;

const FIELDS: [&str; 4] = ["/kind", "/dry_run", "/update", "/reason"];

#[derive(Template)]
#[template(path = "imports/list.html")]
struct ImportsPage {
    shell: Shell,
    problem: Option<Problem>,
    sets: Vec<Fieldset>,
    /// Words and address of each template.
    templates: Vec<(&'static str, String)>,
    keep_days: i64,
    table: Table,
}

/// What a kind is for.
const fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Register => "历年已登记的合同，一行一项",
        Kind::Registrars => "登记员及其证书；所在登记机构没有的会一并建立",
        Kind::FollowUp => "对以前年度合同履行、减免税、奖酬金的调查",
        Kind::Activities => "培训、走访、成果发布、技术经理人等活动",
        Kind::Reference => "系统启用以前的年度总量和规划目标",
    }
}

/// The look of a state's mark.
pub(super) const fn look(state: ImportState) -> &'static str {
    match state {
        ImportState::Queued => "plain",
        ImportState::Running | ImportState::AwaitingApproval => "wait",
        ImportState::Done => "good",
        ImportState::Failed | ImportState::Refused => "bad",
        ImportState::Interrupted => "over",
    }
}

/// The state in words: a dry run that is done has imported nothing.
pub(super) const fn state_words(job: &ImportJob) -> &'static str {
    match (job.state, job.dry_run) {
        (ImportState::Done, true) => "试运行通过",
        (ImportState::Failed, true) => "试运行未通过",
        (state, _) => state.label(),
    }
}

fn fields(ctx: &Context, kinds: &[Kind]) -> Vec<Fieldset> {
    let choices = kinds.iter().map(|kind| Choice {
        hint: hint(*kind).to_owned(),
        ..Choice::new(kind.id(), kind.label())
    });
    let most = ctx.settings.files.max_bytes >> 20;
    vec![Fieldset::new(
        "",
        vec![
            Field::radios("/kind", "文件的种类", choices.collect())
                .required()
                .span(4),
            Field::file("file", "文件", ".xlsx,.csv")
                .required()
                .help(format!(
                    "XLSX 或 CSV（UTF-8、GB18030 编码均可，自动识别），不超过 {most} MiB；表头须与模板一致，列的次序不限。"
                ))
                .span(4),
            Field::tick("/dry_run", "先试运行：只检查，不写入")
                .value("true")
                .help("试运行通过后，可以直接转为正式导入，不必再次上传。")
                .span(2),
            Field::tick("/update", "允许更正已有记录")
                .help("不勾选时，文件中与系统里同一编号而内容不同的行算作错误；勾选后以文件为准，写入新的版本，原来的内容仍可查到。更正曾经确认的合同，须由审核员核对差异后批准。")
                .span(2),
            Field::text("/reason", "更正理由")
                .help("更正已有记录时填写，供审核员核对，并记入登记账；只新增的不必填写。")
                .span(4),
        ],
    )]
}

fn row(names: &Names, job: &ImportJob) -> Row {
    let told = match job.state {
        ImportState::Done => {
            let would = if job.dry_run { "将" } else { "" };
            let (added, updated) = (job.added, job.updated);
            format!("{would}新增 {added}，{would}更正 {updated}，未变 {}", job.unchanged)
        }
        ImportState::Failed => format!("{} 处错误", job.errors_total),
        ImportState::AwaitingApproval => format!("更正曾经确认的合同 {} 项", job.to_approve),
        _ => String::new(),
    };
    Row {
        key: String::new(),
        cells: vec![
            Cell::link(&job.file_name, format!("/imports/{}", job.id)),
            Cell::text(job.kind.label()),
            Cell::text(if job.dry_run { "试运行" } else { "正式导入" }),
            Cell::mark(state_words(job), look(job.state)),
            Cell::text(job.rows_total.map_or_else(String::new, |n| n.to_string())),
            Cell::text(told),
            Cell::text(names.of(&job.username)),
            Cell::text(minute(job.created_at)),
        ],
    }
}

async fn imports_page(ctx: &Context, visitor: &Visitor, before: Option<i64>) -> Result<ImportsPage, Error> {
    let actor = &visitor.caller.actor;
    let mut found = imports::list(ctx, actor.clone(), before, PAGE).await?;
    let more = found.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let kinds = policy::importable(actor);
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| format!("/imports?before={}", last.id));
    Ok(ImportsPage {
        shell: visitor.shell("导入").at("/imports"),
        problem: None,
        sets: if kinds.is_empty() {
            Vec::new()
        } else {
            fields(ctx, &kinds)
        },
        templates: kinds
            .iter()
            .map(|kind| (kind.label(), format!("/imports/templates/{}.xlsx", kind.id())))
            .collect(),
        keep_days: ctx.settings.imports.keep_days,
        table: Table {
            total: None,
            caption: "以往的导入".to_owned(),
            columns: vec![
                Column::text("文件"),
                Column::text("种类"),
                Column::text("方式"),
                Column::text("状态"),
                Column::number("行数"),
                Column::text("结果"),
                Column::text("提交人"),
                Column::text("提交时间"),
            ],
            rows: found.iter().map(|job| row(&visitor.names, job)).collect(),
            empty: "还没有导入过文件。".to_owned(),
            next,
            first: before.map(|_| "/imports".to_owned()),
            tick: None,
        },
    })
}

#[get("/imports")]
pub async fn list_imports(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let before = query.integer("before", 1..=i64::MAX);
    query.finish()?;
    Ok(ok(&imports_page(&ctx, &visitor, before).await?))
}

/// Where to go with an import that was handed in.
pub(super) fn render(job: &ImportJob) -> Result<StoredAnswer, Error> {
    kept(format!("/imports/{}?done=sent", job.id))
}

#[post("/imports")]
pub async fn start_import(ctx: web::Data<Context>, mut posted: PostedFile) -> Result<HttpResponse, Refusal> {
    let [kind, dry_run, update, reason] = FIELDS.map(|name| posted.form.text(name));
    let mut typed = form_urlencoded::Serializer::new(String::new());
    for (name, value) in FIELDS.iter().zip([&kind, &dry_run, &update, &reason]) {
        typed.append_pair(name, value.as_deref().unwrap_or_default());
    }
    let typed = Typed::parse(typed.finish().as_bytes());
    let file = posted.form.file();
    let input = StartInput {
        kind,
        dry_run,
        update,
        reason,
        file,
        wrong: std::mem::take(&mut posted.form).wrong(),
    };
    match imports::start(&ctx, posted.command(render), input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render)?)),
        Err(error @ (Error::Invalid(_) | Error::Conflict(_))) => refused(&ctx, &posted.visitor, error, &typed).await,
        Err(error) => Err(error.into()),
    }
}

/// The page again, with what is wrong; a file must be chosen anew, browsers do not keep it.
async fn refused(ctx: &Context, visitor: &Visitor, error: Error, typed: &Typed) -> Result<HttpResponse, Refusal> {
    error.log();
    let mut again = imports_page(ctx, visitor, None).await?;
    // The file's field is called as the form's part is.
    let error = match error {
        Error::Invalid(errors) => Error::Invalid(errors.into_iter().map(at_its_field).collect()),
        other => other,
    };
    refill(&mut again.sets, typed, &errors_of(&error));
    again.problem = Some(Problem::of(&error, &again.sets));
    let status: StatusCode = status_of(&error).0;
    Ok(page(status, &again))
}

fn at_its_field(error: FieldError) -> FieldError {
    match error.pointer.as_str() {
        "/file" => FieldError::new("file", error.code, error.detail),
        _ => error,
    }
}
