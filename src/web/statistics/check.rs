//! 核对: a published report against the register and against itself. Nothing is kept of it.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    frame::{Frame, latest},
    scope::Scope,
};
use crate::{
    domain::{
        error::FieldError,
        time::{Moment, parse_date},
    },
    http::query::{IN_FUTURE, Query, moment_of_day},
    usecases::{
        Context, Error,
        check::{self, Against, CheckResult, Compared, Unread, Verdict},
        statistics::{self, figures::name_of},
    },
    web::{
        act::Problem,
        field::{Field, Fieldset},
        posted::PostedFile,
        refusal::{Refusal, errors_of, status_of},
        shell::{Shell, ok, page},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Where reports are checked.
const PAGE: &str = "/statistics/check";

#[derive(Template)]
#[template(path = "statistics/check.html")]
struct CheckPage {
    shell: Shell,
    frame: Frame,
    problem: Option<Problem>,
    sets: Vec<Fieldset>,
    result: Option<ResultView>,
}

struct ResultView {
    lead: String,
    counts: Vec<(&'static str, usize, String)>,
    groups: Vec<Group>,
}

/// Numbers of one verdict.
struct Group {
    id: &'static str,
    title: String,
    lead: &'static str,
    table: Table,
    /// Whether it is folded up: what needs no attention.
    folded: bool,
}

/// Id, title and words of a group, what is in it, and whether it is folded up.
type Sought = (&'static str, &'static str, &'static str, Against, Verdict, bool);

fn form(visitor: &Visitor, year: &str, as_of: &str) -> CheckPage {
    let fields = vec![
        Field::file("file", "已发布的报告", ".docx,.txt,.md,.csv")
            .required()
            .help("Word（.docx）、文本（.txt、.md），或列有指标标识与数值的 CSV。文件只用于这次核对，不保存。"),
        Field::integer("/year", "报告的年度").required().value(year),
        Field::date("/as_of", "统计时点（当日终）")
            .value(as_of)
            .help("不填则与现在的数据核对。"),
    ];
    CheckPage {
        shell: visitor.shell("核对已发布的报告").at("/statistics"),
        frame: Frame::beside(PAGE),
        problem: None,
        sets: vec![Fieldset::new("", fields)],
        result: None,
    }
}

#[get("/statistics/check")]
pub async fn show_check(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let year = query.integer("year", 1900..=2200);
    query.finish()?;
    statistics::may_read(&visitor.caller.actor)?;
    let year = match year {
        Some(year) => year.to_string(),
        None => latest(&ctx, &visitor).await?.to_string(),
    };
    Ok(ok(&form(&visitor, &year, "")))
}

/// Year and moment as typed.
fn read(year: &str, as_of: &str, now: Moment) -> Result<(i32, Option<Moment>), Error> {
    let mut errors = Vec::new();
    let number = year.trim().parse().ok().filter(|year| (1900..=2200).contains(year));
    if number.is_none() {
        errors.push(FieldError::new("/year", "out_of_range", "应为 1900 至 2200 的年份。"));
    }
    let moment = match as_of.trim() {
        "" => None,
        text => match parse_date(text) {
            Ok(day) => moment_of_day(day, now)
                .map_err(|detail| errors.push(FieldError::new("/as_of", IN_FUTURE, detail)))
                .ok(),
            Err(detail) => {
                errors.push(FieldError::new("/as_of", "wrong_type", format!("{detail}。")));
                None
            }
        },
    };
    match number {
        Some(year) if errors.is_empty() => Ok((year, moment)),
        _ => Err(Error::Invalid(errors)),
    }
}

#[post("/statistics/check")]
pub async fn check_report(ctx: web::Data<Context>, mut posted: PostedFile) -> Result<HttpResponse, Refusal> {
    statistics::may_read(&posted.visitor.caller.actor)?;
    let year = posted.form.text("/year").unwrap_or_default();
    let as_of = posted.form.text("/as_of").unwrap_or_default();
    let file = posted.form.file();
    let wrong = match posted.form.wrong() {
        errors if errors.is_empty() => Ok(()),
        errors => Err(errors),
    };
    let mut page_of = form(&posted.visitor, &year, &as_of);
    let checked = match read(&year, &as_of, ctx.clock.now()) {
        Ok((number, moment)) => {
            let checked = check::check_upload(&ctx, number, moment, file, wrong).await;
            checked.map(|result| result_view(&ctx, number, result))
        }
        Err(error) => Err(error),
    };
    match checked {
        Ok(result) => {
            page_of.shell = page_of.shell.wide();
            page_of.result = Some(result);
            Ok(page(StatusCode::OK, &page_of))
        }
        Err(error) => {
            error.log();
            let mut errors = errors_of(&error);
            for error in errors.iter_mut().filter(|error| error.pointer == "/file") {
                error.pointer = "file".to_owned();
            }
            let error = match error {
                Error::Invalid(_) => Error::Invalid(errors),
                other => other,
            };
            for field in page_of.sets.iter_mut().flat_map(|set| &mut set.fields) {
                field.mark(&errors_of(&error));
            }
            page_of.problem = Some(Problem::of(&error, &page_of.sets));
            Ok(page(status_of(&error).0, &page_of))
        }
    }
}

fn result_view(ctx: &Context, year: i32, result: CheckResult) -> ResultView {
    let compared = &result.compared;
    let groups: [Sought; 6] = [
        (
            "register",
            "与登记数据不符",
            "报告所印与系统由合同算得的不同。",
            Against::Register,
            Verdict::Differs,
            false,
        ),
        (
            "report",
            "报告自相矛盾",
            "报告的这一处与它自己的其他数字或文字不符，不论登记数据如何。",
            Against::Report,
            Verdict::Differs,
            false,
        ),
        (
            "rounding-register",
            "只差舍入（与登记数据）",
            "末位之差来自先舍入再相加，不算错误。",
            Against::Register,
            Verdict::Rounding,
            false,
        ),
        (
            "rounding-report",
            "只差舍入（报告自身）",
            "末位之差来自先舍入再相加，不算错误。",
            Against::Report,
            Verdict::Rounding,
            false,
        ),
        (
            "unknown",
            "不能核对",
            "登记数据中没有这项数据、报告所用单位不同，或从文字看不能确定是哪项数据；没有核对，原因见说明。",
            Against::Register,
            Verdict::Unknown,
            false,
        ),
        (
            "match",
            "相符",
            "报告所印与系统由合同算得的相同。",
            Against::Register,
            Verdict::Match,
            true,
        ),
    ];
    let view = |(id, title, lead, against, verdict, folded): Sought| {
        let rows: Vec<Row> = compared
            .iter()
            .filter(|one| one.against == against && one.verdict == verdict)
            .map(|one| row(ctx, year, one))
            .collect();
        let count = rows.len();
        let group = Group {
            id,
            title: format!("{title}（{count} 处）"),
            lead,
            table: Table {
                caption: title.to_owned(),
                columns: vec![
                    Column::text("位置"),
                    Column::text("指标"),
                    Column::text("报告所印"),
                    Column::number("应为"),
                    Column::text("说明"),
                ],
                rows,
                ..Table::default()
            },
            folded,
        };
        (title, count, group)
    };
    let mut groups: Vec<(&'static str, usize, Group)> = groups.into_iter().map(view).collect();
    groups.insert(4, not_read(&result.unread));
    let coverage = result.coverage;
    let mut lead = format!(
        "报告中的数字 {} 个，认出 {} 个，已与 {year} 年的登记数据逐一核对；不能核对 {} 个，未认出 {} 个。",
        coverage.seen(),
        coverage.recognised,
        coverage.unclear,
        coverage.unread
    );
    if result.is_thin {
        lead.push_str("认出的太少，结果不能说明报告无误，不能核对和未认出的须人工核对。");
    }
    match compared.iter().filter(|one| one.is_suspect).count() {
        0 => {}
        suspects => lead.push_str(&check::suspects_in_words(suspects)),
    }
    for part in &result.left_out {
        lead.push_str(part);
    }
    ResultView {
        lead,
        counts: groups
            .iter()
            .map(|(title, count, group)| (*title, *count, format!("#{}", group.id)))
            .collect(),
        groups: groups
            .into_iter()
            .filter(|(_, count, _)| *count > 0)
            .map(|(_, _, group)| group)
            .collect(),
    }
}

/// Numbers that were seen and not understood.
fn not_read(unread: &[Unread]) -> (&'static str, usize, Group) {
    let row = |unread: &Unread| Row {
        key: String::new(),
        cells: vec![
            Cell::text(&unread.place),
            Cell::text(&unread.text),
            Cell::text(&unread.context),
        ],
    };
    let title = "未认出";
    let group = Group {
        id: "unread",
        title: format!("{title}（{} 处）", unread.len()),
        lead: "系统看到这些数字，但不知道是哪项数据，没有核对。",
        table: Table {
            caption: title.to_owned(),
            columns: vec![Column::text("位置"), Column::text("数字"), Column::text("上下文")],
            rows: unread.iter().map(row).collect(),
            ..Table::default()
        },
        folded: false,
    };
    (title, unread.len(), group)
}

fn row(ctx: &Context, year: i32, one: &Compared) -> Row {
    let figure = match name_of(ctx, &one.figure) {
        Some(name) => Cell::link(name, Scope::year(year).figure(&one.figure)),
        None => Cell::text(&one.figure),
    };
    Row {
        key: String::new(),
        cells: vec![
            Cell::text(&one.place),
            figure,
            Cell::text(&one.published),
            Cell::maybe(one.derived.clone()),
            Cell::text(one.note.clone().unwrap_or_default()),
        ],
    }
}
