//! `/imports/{id}`: how far an import is, what came of it, what to do next.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::{
    differences::differences_table,
    list::{look, render, state_words},
};
use crate::{
    domain::policy,
    http::query::Query,
    usecases::{
        Context, Error,
        imports::{self, Again, ImportJob, ImportState, ImportView, Verdict, WrongCell},
        people::Names,
    },
    web::{
        act::Problem,
        key_page::{KeyPage, key},
        posted::{Posted, location},
        refusal::{Refusal, redirect, status_of},
        shell::{Shell, page},
        show::minute,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Wrong cells that the page shows; the workbook has more.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "imports/show.html")]
struct ImportPage {
    shell: Shell,
    problem: Option<Problem>,
    /// Labels and values.
    facts: Vec<(&'static str, String)>,
    state: Cell,
    /// Whether more is to come.
    live: bool,
    /// Rows read, and rows of the file.
    progress: Option<(i64, i64)>,
    /// What there is to say.
    words: Vec<String>,
    wrong: bool,
    table: Option<Table>,
    /// Address of the file with its errors marked.
    marked: Option<String>,
    next: Option<NextStep>,
    again: String,
    /// Words and addresses of what a reviewer may do with it.
    verdicts: Vec<(&'static str, String)>,
    /// What would change, or changed by approval; none where the visitor may not read contracts.
    differences: Option<Table>,
}

/// What can be done with the same file.
struct NextStep {
    title: &'static str,
    consequences: Vec<String>,
    button: &'static str,
    how: Again,
}

/// With separators of thousands.
fn grouped(n: i64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A span of time, roughly.
fn span(seconds: i64) -> String {
    match seconds {
        ..=59 => format!("{} 秒", seconds.max(1)),
        60..=3599 => format!("{} 分 {} 秒", seconds / 60, seconds % 60),
        _ => format!("{} 小时 {} 分", seconds / 3600, seconds % 3600 / 60),
    }
}

fn words(view: &ImportView) -> Vec<String> {
    let job = &view.job;
    let mut said = Vec::new();
    match job.state {
        ImportState::Queued => said.push(match view.ahead {
            0 => "即将开始。".to_owned(),
            n => format!("前面还有 {n} 个导入，轮到后自动开始。"),
        }),
        ImportState::Running => {
            said.push(match job.rows_total {
                Some(total) => format!("已读 {} 行，共 {} 行。", grouped(job.rows_done), grouped(total)),
                None => "正在读取文件。".to_owned(),
            });
            if let (Some(pace), Some(left)) = (view.rows_per_second, view.seconds_left) {
                said.push(format!("每秒约 {} 行，大约还需 {}。", grouped(pace), span(left)));
            }
            if job.errors_total > 0 {
                said.push(format!(
                    "目前发现 {} 处错误，继续检查其余各行。",
                    grouped(job.errors_total)
                ));
            }
        }
        ImportState::Done => {
            let rows = grouped(job.rows_done);
            let (added, updated) = (grouped(job.added), grouped(job.updated));
            let unchanged = grouped(job.unchanged);
            said.push(match job.dry_run {
                true => format!(
                    "试运行通过：共 {rows} 行，如正式导入，将新增 {added} 行、更正 {updated} 行，另有 {unchanged} 行与已有记录相同。尚未写入任何内容。"
                ),
                false => format!("导入完成：共 {rows} 行，新增 {added} 行，更正 {updated} 行，{unchanged} 行与已有记录相同。"),
            });
            if job.flagged > 0 {
                said.push(format!(
                    "其中 {} 行有疑点（不影响导入），可在“统计”的履约跟踪中查看。",
                    grouped(job.flagged)
                ));
            }
        }
        ImportState::Failed => said.push(format!(
            "共发现 {} 处错误，没有导入任何内容。请改正后重新上传整个文件。",
            grouped(job.errors_total)
        )),
        ImportState::Interrupted => {
            said.push("导入尚未完成时系统停止了运行，已全部撤回，没有导入任何内容。".to_owned());
        }
        ImportState::AwaitingApproval => said.push(format!(
            "文件共 {} 行，将新增 {} 行、更正 {} 行，其中 {} 行更正曾经确认的合同。须由提交人以外的审核员逐项核对差异，批准后才写入；现在尚未写入任何内容。",
            grouped(job.rows_done),
            grouped(job.added),
            grouped(job.updated),
            grouped(job.to_approve)
        )),
        ImportState::Refused => said.push("审核员没有批准，没有导入任何内容。".to_owned()),
    }
    said.extend(notices(job));
    if job.state.is_at_work() {
        said.push("可以离开此页，导入不会因此中断。".to_owned());
    }
    said
}

/// Notices that a page shows.
const SHOWN_NOTICES: usize = 30;

/// What a person should know of what was taken all the same.
fn notices(job: &ImportJob) -> Vec<String> {
    let told = |notice: &WrongCell| match notice.column.as_str() {
        "" => format!("提示（{} 行）：{}。", notice.row_label(), notice.detail),
        column => format!(
            "提示（{} 行，{column}“{}”）：{}。",
            notice.row_label(),
            notice.value,
            notice.detail
        ),
    };
    let mut said: Vec<String> = job.notices.iter().take(SHOWN_NOTICES).map(told).collect();
    if job.notices.len() > SHOWN_NOTICES {
        said.push(format!("另有 {} 条提示未列出。", job.notices.len() - SHOWN_NOTICES));
    }
    said
}

fn next_step(job: &ImportJob) -> Option<NextStep> {
    if !job.may_run_again() {
        return None;
    }
    let how = Again {
        dry_run: job.dry_run,
        update: job.update,
    };
    let changed = job.errors.iter().any(|e| e.code == "changed");
    match job.state {
        ImportState::Done if job.dry_run && job.added + job.updated > 0 => Some(NextStep {
            title: "正式导入",
            consequences: vec![
                format!("将新增 {} 行、更正 {} 行；整个文件一次写入，要么全部成功，要么全部不写。", grouped(job.added), grouped(job.updated)),
                match job.to_approve {
                    0 => "写入的每一行都记入登记账，导入后不能整批撤回。".to_owned(),
                    n => format!("其中 {} 行更正曾经确认的合同：先由审核员逐项核对差异，批准后才整个写入。", grouped(n)),
                },
            ],
            button: "正式导入",
            how: Again { dry_run: false, ..how },
        }),
        ImportState::Failed if changed && !job.update => Some(NextStep {
            title: "以文件为准更正已有记录",
            consequences: vec![
                "有的行与系统中已有记录不同。如果文件中的内容才是对的，可以允许更正后重新检查；原来的内容作为旧版本保留。".to_owned(),
                "先试运行，不写入任何内容；其余错误仍须改正文件后重新上传。".to_owned(),
            ],
            button: "允许更正，重新试运行",
            how: Again { dry_run: true, update: true },
        }),
        ImportState::Interrupted => Some(NextStep {
            title: "重新执行",
            consequences: vec!["使用同一文件，从头开始。".to_owned()],
            button: if job.dry_run { "重新试运行" } else { "重新导入" },
            how,
        }),
        _ => None,
    }
}

fn errors_table(job: &ImportJob) -> Option<Table> {
    if job.errors.is_empty() {
        return None;
    }
    let rows = job.errors.iter().take(SHOWN).map(|e| Row {
        key: String::new(),
        cells: vec![
            Cell::text(e.row_label()),
            Cell::text(match e.column.as_str() {
                "" if e.row <= 1 && e.value.is_empty() => "整个文件",
                "" => "整行",
                column => column,
            }),
            Cell::text(&e.value),
            Cell::text(&e.detail),
        ],
    });
    let caption = match job.errors_total {
        n if usize::try_from(n).is_ok_and(|n| n > SHOWN) => format!("错误（前 {SHOWN} 处，共 {} 处）", grouped(n)),
        n => format!("错误（{n} 处）"),
    };
    Some(Table {
        caption,
        columns: vec![
            Column::number("行"),
            Column::text("列"),
            Column::text("内容"),
            Column::text("问题与改正办法"),
        ],
        rows: rows.collect(),
        ..Table::default()
    })
}

fn facts(names: &Names, job: &ImportJob) -> Vec<(&'static str, String)> {
    let moment = |at: Option<_>| at.map_or_else(|| "–".to_owned(), minute);
    let mut facts = vec![
        ("文件", job.file_name.clone()),
        ("种类", job.kind.label().to_owned()),
        (
            "方式",
            match (job.dry_run, job.update) {
                (true, false) => "试运行".to_owned(),
                (true, true) => "试运行，允许更正已有记录".to_owned(),
                (false, false) => "正式导入".to_owned(),
                (false, true) => "正式导入，允许更正已有记录".to_owned(),
            },
        ),
        (
            "提交",
            format!("{}，{}", names.of(&job.username), minute(job.created_at)),
        ),
        ("开始", moment(job.started_at)),
        ("结束", moment(job.finished_at)),
    ];
    facts.extend(job.reason.clone().map(|reason| ("更正理由", reason)));
    if let Some(decision) = &job.decision {
        let outcome = if job.state == ImportState::Refused {
            "不批准"
        } else {
            "批准"
        };
        facts.push((
            "审核",
            format!("{}，{} {outcome}", names.of(&decision.by), minute(decision.at)),
        ));
        facts.extend(decision.reason.clone().map(|reason| ("审核意见", reason)));
    }
    facts
}

/// What a reviewer may do with an import; each address says which preview was seen.
fn verdicts(visitor: &Visitor, job: &ImportJob) -> Vec<(&'static str, String)> {
    if !policy::may_decide_import(&visitor.caller.actor, job) {
        return Vec::new();
    }
    let to = |verdict: Verdict| format!("/imports/{}/{}?seen={}", job.id, verdict.id(), job.version);
    vec![("批准", to(Verdict::Approve)), ("不批准", to(Verdict::Refuse))]
}

fn import_page(visitor: &Visitor, view: &ImportView, done: Option<&str>, differences: Option<Table>) -> ImportPage {
    let job = &view.job;
    let live = job.state.is_at_work();
    let may = policy::decide_import(&visitor.caller.actor, job.kind).is_ok();
    let total = job.rows_total.filter(|n| *n > 0);
    ImportPage {
        // Told while it lasts; afterwards the outcome says more.
        shell: visitor
            .shell(&format!("导入：{}", job.kind.label()))
            .at("/imports")
            .done(done.filter(|id| live || *id == "decided")),
        problem: None,
        facts: facts(&visitor.names, job),
        state: Cell::mark(state_words(job), look(job.state)),
        live,
        progress: total
            .filter(|_| job.state == ImportState::Running)
            .map(|total| (job.rows_done.min(total), total)),
        words: words(view),
        wrong: job.state == ImportState::Failed,
        table: errors_table(job).filter(|_| !live),
        marked: job.can_be_marked().then(|| format!("/imports/{}/errors.xlsx", job.id)),
        next: next_step(job).filter(|_| may),
        again: format!("/imports/{}/again", job.id),
        verdicts: verdicts(visitor, job),
        differences,
    }
}

#[get("/imports/{id}")]
pub async fn show_import(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    let place = KeyPage::read(&mut query);
    query.finish()?;
    let view = imports::read(&ctx, visitor.caller.actor.clone(), key(&path)?).await?;
    let differences = differences_table(&ctx, &visitor, &view.job, place).await?;
    let page = import_page(&visitor, &view, done.as_deref(), differences);
    Ok(crate::web::shell::ok(&page))
}

#[post("/imports/{id}/again")]
pub async fn import_again(
    ctx: web::Data<Context>,
    posted: Posted,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let how = Again {
        dry_run: posted.typed.flag("/dry_run").unwrap_or(false),
        update: posted.typed.flag("/update").unwrap_or(false),
    };
    match imports::again(&ctx, posted.command(render), id, how).await {
        Ok(answer) => Ok(redirect(&location(&answer, render)?)),
        Err(error @ Error::Conflict(_)) => {
            error.log();
            let view = imports::read(&ctx, posted.visitor.caller.actor.clone(), id).await?;
            let mut again = import_page(&posted.visitor, &view, None, None);
            again.problem = Some(Problem::of(&error, &[]));
            Ok(page(status_of(&error).0, &again))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_spans_are_read_easily() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [0, 59, 61, 3700].map(span),
            ["1 秒", "59 秒", "1 分 1 秒", "1 小时 1 分"]
        );
    }
}
