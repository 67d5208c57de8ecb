//! `/imports/{id}/approve`, `/imports/{id}/refuse`: a reviewer decides on an import that would change what was ever confirmed.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use crate::{
    domain::policy,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        imports::{self, ImportJob, Verdict},
    },
    web::{
        act::ActPage,
        field::{Field, Fieldset},
        key_page::key,
        posted::{Posted, kept, location},
        refusal::{Refusal, redirect},
        show::minute,
        visitor::Visitor,
    },
};

const fn label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "批准导入",
        Verdict::Refuse => "不批准导入",
    }
}

/// The page of a decision on the preview of version `seen`.
fn form_of(visitor: &Visitor, job: &ImportJob, verdict: Verdict, seen: i64) -> ActPage {
    let here = format!("/imports/{}", job.id);
    let mut form = ActPage::new(
        visitor.shell(label(verdict)).at("/imports"),
        format!("{here}/{}", verdict.id()),
        here,
    );
    form.version = Some(seen);
    form.subject = vec![
        ("文件", job.file_name.clone()),
        (
            "提交",
            format!("{}，{}", visitor.names.of(&job.username), minute(job.created_at)),
        ),
        (
            "更正理由",
            job.reason.clone().unwrap_or_else(|| "（未填写）".to_owned()),
        ),
        ("更正曾经确认的合同", format!("{} 项", job.to_approve)),
        ("更正", format!("{} 行", job.updated)),
        ("新增", format!("{} 行", job.added)),
    ];
    let reason = Field::area("/reason", "意见", 3).focus();
    let (consequences, field): (Vec<&str>, Field) = match verdict {
        Verdict::Approve => (
            vec![
                "整个文件随即写入，每一项更正都记入登记账，写明批准人。",
                "写入的就是核对过的差异：登记簿此间如有变化而差异不同，不会写入，须重新核对。",
            ],
            reason,
        ),
        Verdict::Refuse => (
            vec!["文件中的内容一律不写入；提交人会收到意见，可以改正后重新上传。"],
            reason.required(),
        ),
    };
    form.consequences = consequences.into_iter().map(str::to_owned).collect();
    form.sets = vec![Fieldset::new("", vec![field])];
    form.grave = verdict == Verdict::Approve;
    form
}

fn verdict_of(id: &str) -> Result<Verdict, Error> {
    Verdict::from_id(id).ok_or(Error::NotFound)
}

#[get("/imports/{id}/{verdict:approve|refuse}")]
pub async fn show_import_decision(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let (id, verdict) = (key(&path.0)?, verdict_of(&path.1)?);
    let mut query = Query::parse(request.query_string());
    let seen = query.integer("seen", 0..=i64::MAX);
    query.finish()?;
    let actor = visitor.caller.actor.clone();
    let job = imports::read(&ctx, actor.clone(), id).await?.job;
    policy::decide_import_approval(&actor, &job).map_err(Error::from)?;
    if !policy::may_decide_import(&actor, &job) {
        let label = job.state.label();
        return Err(Error::Conflict(format!("该次导入的状态为“{label}”，不在等待批准。")).into());
    }
    Ok(form_of(&visitor, &job, verdict, seen.unwrap_or(job.version)).show())
}

#[post("/imports/{id}/{verdict:approve|refuse}")]
pub async fn decide_import(
    ctx: web::Data<Context>,
    posted: Posted,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (id, verdict) = (key(&path.0)?, verdict_of(&path.1)?);
    let render: fn(&ImportJob) -> Result<StoredAnswer, Error> = |job| kept(format!("/imports/{}?done=decided", job.id));
    let reason = posted.typed.text("/reason");
    match imports::decide(&ctx, posted.command(render), id, verdict, Ok(reason)).await {
        Ok(answer) => Ok(redirect(&location(&answer, render)?)),
        Err(error @ (Error::NotFound | Error::Forbidden(_) | Error::Unauthenticated)) => Err(error.into()),
        Err(error) => {
            let job = imports::read(&ctx, posted.visitor.caller.actor.clone(), id).await?.job;
            let seen = posted.typed.version().unwrap_or(job.version);
            form_of(&posted.visitor, &job, verdict, seen).refused(error, &posted.typed)
        }
    }
}
