//! The page to look at before a contract is submitted: everything typed, what the checks find, what will follow.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    attachments::Papers,
    form::{self, Section, told},
    key,
    page::{Alike, alike_lines},
};
use crate::{
    domain::{
        catalogue::Catalogue,
        checks::{Check, Severity},
        contract::{Contract, ReturnItem},
    },
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        contracts::{
            ContractView,
            prospect::{Prospect, prospect},
            r#return::MOST_ITEMS,
            submit::{AnswerInput, REASON_REQUIRED, Reasons, SubmitInput, submit},
        },
    },
    web::{
        act::Problem,
        contract_words::about,
        field::{Field, Fieldset, field_id, refill},
        posted::{Posted, kept, location},
        refusal::{Refusal, errors_of, redirect, status_of},
        shell::{Shell, page},
        show::day,
        visitor::Visitor,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "entry/submit.html")]
pub struct SubmitPage {
    shell: Shell,
    problem: Option<Problem>,
    id: i64,
    version: i64,
    sections: Vec<Section>,
    /// What stands in the way, each with the address of its field.
    errors: Vec<(String, Option<String>)>,
    /// One field of reasons for each warning.
    reasons: Vec<Field>,
    /// One field for what was done about each item of the last return.
    answers: Vec<Field>,
    notices: Vec<(String, Option<String>)>,
    consequences: Vec<String>,
    hindrance: Option<&'static str>,
    pub papers: Papers,
    alike: Vec<Alike>,
}

/// Where a finding is mended, where it is about one place.
fn place(id: i64, check: &Check) -> Option<String> {
    match check.pointer.as_str() {
        "/attachments" => Some("#attachments".to_owned()),
        "" => None,
        pointer => Some(format!("/contracts/{id}/edit?check=1#{}", field_id(pointer))),
    }
}

/// One field for the reason of each warning: a check that warns twice is answered once.
fn reasons(checks: &[Check]) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for check in checks.iter().filter(|c| c.severity == Severity::Warning) {
        let name = format!("/reasons/{}", check.id);
        match fields.iter_mut().find(|f| f.name == name) {
            Some(field) => field.label = format!("{} {}", field.label, told(check)),
            None => fields.push(reason_field(name, &told(check))),
        }
    }
    fields
}

/// One field for what was done about each item of the last return.
fn answers(catalogue: &Catalogue, contract: &Contract) -> Vec<Field> {
    let items = contract.returned.iter().flat_map(|returned| &returned.items);
    let field = |(place, item): (usize, &ReturnItem)| {
        let label = format!("补正第 {} 项（{}）：{}", place + 1, about(catalogue, item), item.detail);
        Field::area(answer_name(place), label, 2).help("怎样补正的，或为什么不改；可以不填。随合同送审，记入登记账。")
    };
    items.enumerate().map(field).collect()
}

fn answer_name(place: usize) -> String {
    format!("/answers/{place}/text")
}

/// What is wrong with an answer, told at the field of its item: only those that say something were sent.
fn at_their_items(error: Error, answered: &[AnswerInput]) -> Error {
    let Error::Invalid(mut errors) = error else {
        return error;
    };
    for wrong in &mut errors {
        let place = wrong
            .pointer
            .strip_prefix("/answers/")
            .and_then(|rest| rest.split('/').next());
        let place = place.and_then(|n| n.parse::<usize>().ok());
        let item = place.and_then(|n| usize::try_from(answered.get(n)?.item?).ok());
        if let Some(item) = item {
            wrong.pointer = answer_name(item);
        }
    }
    Error::Invalid(errors)
}

fn consequences(p: &Prospect) -> Vec<String> {
    let received = match p.view.contract.content.received_on {
        Some(on) => format!("受理日期：{on}。"),
        None => format!("受理日期没有填写，以提交当日 {} 为准。", p.received_on),
    };
    let rules = p
        .rule_set
        .as_deref()
        .map(|title| format!("适用规则：{title}；首次提交后不再改变。"));
    let due = p.due_on.map(|on| format!("审核期限：{} 以前作出决定。", day(Some(on))));
    let after = "提交后进入待审核，本机构不能再修改；要更正须等待退回补正，撤回的不再办理、须重新录入。所填合同类别和技术交易额即为本机构的认定。";
    [Some(received), rules, due, Some(after.to_owned())]
        .into_iter()
        .flatten()
        .collect()
}

/// The page of a contract, for whoever may edit it.
pub async fn page_of(ctx: &Context, visitor: &Visitor, id: i64) -> Result<SubmitPage, Error> {
    let p = prospect(ctx, visitor.caller.actor.clone(), id).await?;
    let checks = &p.view.checks;
    let sections = form::sections(&p.view.contract.content, &ctx.catalogue);
    let of = |severity: Severity| {
        let mut found: Vec<&Check> = checks.iter().filter(|c| c.severity == severity).collect();
        found.sort_by_key(|c| form::place_of(&sections, &c.pointer));
        found.into_iter().map(|c| (told(c), place(id, c))).collect::<Vec<_>>()
    };
    let (errors, notices) = (of(Severity::Error), of(Severity::Notice));
    let mut papers = Papers::of(ctx, visitor, &p.view, "submit").await?;
    let mut hindering = checks.iter().filter(|c| c.severity == Severity::Error).peekable();
    papers.focus = hindering.peek().is_some() && hindering.all(|c| c.pointer == "/attachments");
    Ok(SubmitPage {
        shell: visitor.shell("检查并提交").at("/contracts"),
        problem: None,
        id,
        version: p.view.contract.version,
        sections,
        errors,
        reasons: reasons(checks),
        answers: answers(&ctx.catalogue, &p.view.contract),
        notices,
        consequences: consequences(&p),
        hindrance: p.hindrance,
        papers,
        alike: alike_lines(ctx, visitor, id).await?,
    })
}

impl SubmitPage {
    /// The page as an answer.
    pub fn answer(&self, status: StatusCode) -> HttpResponse {
        page(status, self)
    }

    /// Whether the page begins at the end: there is nothing to mend and nothing to tell of.
    fn begins_below(&self) -> bool {
        self.ready() && self.problem.is_none()
    }

    /// Whether it can be submitted as it is, reasons apart.
    fn ready(&self) -> bool {
        self.errors.is_empty() && self.hindrance.is_none()
    }
}

#[get("/contracts/{id}/submit")]
pub async fn show_submission(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    let mut page = page_of(&ctx, &visitor, key(&path)?).await?;
    page.shell = page.shell.done(done.as_deref());
    Ok(page.answer(StatusCode::OK))
}

fn to_contract(view: &ContractView) -> Result<StoredAnswer, Error> {
    kept(format!("/contracts/{}?done=submit", view.contract.id))
}

/// Fields for reasons that the submission alone asks for.
fn asked_now(reasons: &[Field], error: &Error) -> Vec<Field> {
    let wanted = errors_of(error).into_iter().filter(|e| e.code == REASON_REQUIRED);
    wanted
        .filter(|e| !reasons.iter().any(|f| f.name == e.pointer))
        .map(|e| reason_field(e.pointer, e.detail.trim_start_matches("请书面说明理由：")))
        .collect()
}

/// The field of a reason for what a check warns of.
fn reason_field(name: String, warning: &str) -> Field {
    Field::area(name, format!("警告：{warning}"), 2)
        .required()
        .help("请书面说明理由，随合同送审，记入登记账。")
}

/// What a reason is wanted for stands above its field already.
fn beside_warnings(error: Error) -> Error {
    let Error::Invalid(mut errors) = error else {
        return error;
    };
    for wanted in errors.iter_mut().filter(|e| e.code == REASON_REQUIRED) {
        "请书面说明理由。".clone_into(&mut wanted.detail);
    }
    Error::Invalid(errors)
}

#[post("/contracts/{id}/submit")]
pub async fn submit_contract(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let given = posted
        .typed
        .fields()
        .filter_map(|(name, text)| Some((name.strip_prefix("/reasons/")?, text)));
    let reasons: Reasons = given.map(|(check, text)| (check.to_owned(), text.to_owned())).collect();
    let answered: Vec<AnswerInput> = (0..MOST_ITEMS)
        .filter_map(|place| {
            Some(AnswerInput {
                text: Some(posted.typed.text(&answer_name(place))?),
                item: i64::try_from(place).ok(),
            })
        })
        .collect();
    let input = SubmitInput {
        reasons,
        answers: answered.clone(),
    };
    let error = match submit(&ctx, posted.command(to_contract), id, Ok(input)).await {
        Ok(answer) => return Ok(redirect(&location(&answer, to_contract)?)),
        Err(error @ (Error::Unauthenticated | Error::NotFound | Error::Forbidden(_) | Error::WrongState(_))) => {
            return Err(error.into());
        }
        Err(error) => at_their_items(error, &answered),
    };
    error.log();
    let mut page = page_of(&ctx, &posted.visitor, id).await?;
    page.reasons.extend(asked_now(&page.reasons, &error));
    let error = beside_warnings(error);
    let mut sets = vec![Fieldset::new("", page.answers), Fieldset::new("", page.reasons)];
    refill(&mut sets, &posted.typed, &errors_of(&error));
    let mut problem = Problem::of(&error, &sets);
    // What is wrong with the contract itself is mended in its form.
    let known = errors_of(&error);
    for ((_, href), error) in problem
        .errors
        .iter_mut()
        .zip(&known)
        .filter(|((_, href), _)| href.is_none())
    {
        *href = Some(format!("/contracts/{id}/edit?check=1#{}", field_id(&error.pointer)));
    }
    page.problem = Some(problem);
    let mut sets = sets.into_iter().map(|s| s.fields);
    page.answers = sets.next().unwrap_or_default();
    page.reasons = sets.next().unwrap_or_default();
    Ok(page.answer(status_of(&error).0))
}
