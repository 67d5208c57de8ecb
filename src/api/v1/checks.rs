//! `/checks`: the checks A01 to A30 over a year; `/contracts/{id}/checks`: rule by rule.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::contract_out::CheckOut;
use crate::{
    api::{
        answer::{KeyPage, key},
        extract::Caller,
        openapi::Refusals,
        problem::Problem,
    },
    domain::{
        checks::{
            Severity,
            rules::{RULES, Run},
        },
        code_list::ListName,
        error::FieldError,
    },
    http::query::Query,
    usecases::{
        Context,
        contracts::checks::{self, Asked, ContractFindings, Verdict, YearQuery},
    },
};

/// Every check about one contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckReportOut {
    items: Vec<AskedOut>,
    /// Always null: there are thirty.
    next_cursor: Option<String>,
}

/// One check and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedOut {
    /// A01 … A30.
    #[schema(example = "A01")]
    id: &'static str,
    /// The gravest that it says: `error`, `warning` or `notice`.
    severity: &'static str,
    /// Chinese title.
    title: &'static str,
    /// Where the demand comes from.
    source: &'static str,
    /// `hit`, `pass`, `not_applicable` (asked at another time, or what it needs is not known) or `not_automated`.
    verdict: &'static str,
    /// Why the program does not make it; null where it does.
    by_hand: Option<&'static str>,
    findings: Vec<CheckOut>,
}

impl From<Asked> for AskedOut {
    fn from(asked: Asked) -> Self {
        Self {
            id: asked.rule.id,
            severity: asked.rule.severity.id(),
            title: asked.rule.title,
            source: asked.rule.source,
            verdict: match asked.verdict {
                Verdict::Hit => "hit",
                Verdict::Pass => "pass",
                Verdict::NotApplicable => "not_applicable",
                Verdict::NotAutomated => "not_automated",
            },
            by_hand: match asked.rule.run {
                Run::ByHand(why) => Some(why),
                Run::Rule(_) | Run::Form(_) => None,
            },
            findings: asked.findings.into_iter().map(CheckOut::from).collect(),
        }
    }
}

/// Every check of the catalogue about one contract: as at a submission while it is undecided, as in a self-audit after.
#[utoipa::path(tag = "checks", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = CheckReportOut), Refusals))]
#[get("/contracts/{id}/checks")]
pub async fn read_contract_checks(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let asked = checks::report(&ctx, caller.0.actor, key(&path)?).await?;
    Ok(HttpResponse::Ok().json(CheckReportOut {
        items: asked.into_iter().map(AskedOut::from).collect(),
        next_cursor: None,
    }))
}

/// Contracts of a year with findings.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingsPageOut {
    items: Vec<ContractFindingsOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// A contract and what was found in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractFindingsOut {
    /// Key of the contract.
    contract_id: i64,
    registration_number: Option<String>,
    project_name: Option<String>,
    /// Code list `unit`.
    unit: Option<String>,
    state: &'static str,
    /// Errors first.
    checks: Vec<CheckOut>,
}

impl From<ContractFindings> for ContractFindingsOut {
    fn from(found: ContractFindings) -> Self {
        let contract = found.contract;
        Self {
            contract_id: contract.id,
            registration_number: contract.registration_number,
            project_name: contract.content.project_name,
            unit: contract.content.unit,
            state: contract.state.id(),
            checks: found.checks.into_iter().map(CheckOut::from).collect(),
        }
    }
}

/// Which findings.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only documents the parameters; `read_query` reads them")]
pub struct CheckListParams {
    /// Year of first confirmation; required.
    year: i32,
    /// A01 … A30.
    rule: Option<String>,
    /// Code list `unit`.
    unit: Option<String>,
    /// `error`, `warning` or `notice`.
    severity: Option<String>,
    /// 1–100, default 20. A page looks at 500 contracts at most, so it may be shorter than this and not the last.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Contracts first confirmed in a year in which the checks find something; for reviewers, statisticians and auditors.
#[utoipa::path(tag = "checks", security(("bearer" = [])), params(CheckListParams),
    responses((status = 200, body = FindingsPageOut), Refusals))]
#[get("/checks")]
pub async fn list_checks(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let actor = caller.0.actor;
    checks::may_survey(&actor)?;
    let query = read_query(&ctx, request.query_string()).map_err(Problem::invalid)?;
    let page = checks::page_of_year(&ctx, actor, query).await?;
    Ok(HttpResponse::Ok().json(FindingsPageOut {
        next_cursor: page.next.map(KeyPage::cursor),
        items: page.items.into_iter().map(ContractFindingsOut::from).collect(),
    }))
}

fn read_query(ctx: &Context, text: &str) -> Result<YearQuery, Vec<FieldError>> {
    let mut query = Query::parse(text);
    let known = |query: &mut Query, name: &str, is: &dyn Fn(&str) -> bool| {
        let value = query.text(name)?;
        if !is(&value) {
            query.error(name, "unknown_code", format!("不认识的值“{value}”。"));
        }
        Some(value)
    };
    let year = query.integer("year", 1900..=2200);
    if year.is_none() && !text.split('&').any(|p| p.starts_with("year=") && p.len() > 5) {
        query.error("year", "required", "缺少年度 year。");
    }
    let rule = known(&mut query, "rule", &|id| RULES.iter().any(|r| r.id == id));
    let unit = known(&mut query, "unit", &|id| {
        ctx.catalogue.list(ListName::Unit).contains(id)
    });
    let severity = known(&mut query, "severity", &|id| Severity::from_id(id).is_some());
    let page = KeyPage::read(&mut query);
    query.finish()?;
    Ok(YearQuery {
        year: year.and_then(|y| i32::try_from(y).ok()).unwrap_or_default(),
        unit,
        rule,
        severity: severity.as_deref().and_then(Severity::from_id),
        after: page.after,
        limit: page.limit,
    })
}
