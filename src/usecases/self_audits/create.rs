//! Creating a self-audit: the sample is drawn and handed out at once.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    domain::{
        checks::YEARS,
        code_list::ListName,
        error::FieldError,
        money::{Fen, MAX_FEN},
        policy,
        self_audit::{Design, Filter, MOST_AUDITORS, MOST_ITEMS, StratifyBy},
    },
    storage::{agencies, self_audits},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        messages::on_assignment,
        seam,
        values::{Checked, optional_text, required_text, settle},
    },
};

use super::{
    AuditView, Told,
    draw::{self, Prepared},
    enter, found,
};

/// Longest title, and longest seed, in characters.
const LONGEST: usize = 200;

/// Which contracts of the year; codes and amounts as they came.
#[derive(Clone, Default)]
pub struct FilterInput {
    /// Code list `unit`.
    pub unit: Option<String>,
    /// Code list `type`.
    pub contract_type: Option<String>,
    /// Code list `field`.
    pub field: Option<String>,
    /// Six digits of an agency.
    pub agency: Option<String>,
    /// Least amount, in fen.
    pub amount_from_fen: Option<Fen>,
    /// Greatest amount, in fen.
    pub amount_to_fen: Option<Fen>,
}

/// How to draw; what a kind does not know must be absent.
#[derive(Clone, Default)]
pub struct DesignInput {
    /// `all`, `random`, `stratified`, `amount_weighted`, `risky_first`.
    pub kind: Option<String>,
    /// Contracts to draw.
    pub size: Option<i64>,
    /// Share to draw, over 0 up to 1.
    pub rate: Option<f64>,
    /// Any text; a random one where absent.
    pub seed: Option<String>,
    /// `unit`, `type`, `field`.
    pub by: Option<Vec<String>>,
}

/// A self-audit to be.
#[derive(Clone, Default)]
pub struct CreateInput {
    /// What it is called.
    pub title: Option<String>,
    /// Year of the first confirmation.
    pub year: Option<i64>,
    /// Which contracts.
    pub filter: FilterInput,
    /// How to draw.
    pub design: DesignInput,
    /// Usernames of reviewers.
    pub auditors: Vec<String>,
}

/// What is asked for, in order.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub title: String,
    pub year: i32,
    pub filter: Filter,
    pub design: Design,
    pub auditors: Vec<String>,
}

/// Draws a sample and hands it out.
///
/// The sample is drawn in a reading transaction, as of its moment, so that nobody waits while a large register is read; the
/// writing one only enters it. What happens in between happened after the drawing.
///
/// # Errors
/// Rights; wrong values; no contract to draw from, too many drawn; someone among the auditors who is no reviewer.
pub async fn create(
    ctx: &Context,
    command: Command<AuditView>,
    input: Checked<CreateInput>,
) -> Result<Answer<AuditView>, Error> {
    policy::decide_run_self_audits(&command.actor)?;
    let prepared: Arc<Checked<Prepared>> =
        Arc::new(match prepare(ctx, policy::Scope::of(&command.actor), input).await {
            Ok(prepared) => Ok(prepared),
            Err(Error::Invalid(errors)) => Err(errors),
            Err(other) => return Err(other),
        });
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let role = policy::decide_run_self_audits(&command.actor)?;
        let prepared = match &*prepared {
            Ok(prepared) => prepared,
            Err(errors) => return Err(Error::Invalid(errors.clone())),
        };
        let audit = prepared.audit(&command.actor.username, now);
        let id = self_audits::insert(db, &audit, &prepared.items)?;
        let (contracts, amount_fen) = audit.strata.iter().fold((0_i64, 0_i64), |(n, sum), s| {
            (n + s.contracts, sum.saturating_add(s.amount_fen))
        });
        let told = Told {
            action: "create_self_audit",
            contract: None,
            reason: Some(audit.title.clone()),
            pointer: id.to_string(),
            from: Value::Null,
            to: json!({
                "title": audit.title,
                "year": audit.year,
                "filter": audit.filter,
                "design": audit.design,
                "auditors": audit.auditors,
                "drawn_at": audit.drawn_at,
                "population": {"contracts": contracts, "amount_fen": amount_fen, "digest": audit.population_digest},
                "drawn": {"contracts": prepared.items.len(), "digest": audit.sample_digest},
            }),
            by: (&command.actor, role),
        };
        enter(db, told, now)?;
        let assigned = prepared.items.iter().filter_map(|i| i.assigned_to.as_deref());
        on_assignment(db, &context, (id, &audit.title), assigned, &command.actor.username, now)?;
        let audit = found(db, id)?;
        AuditView::of(db, audit)
    })
    .await
}

async fn prepare(ctx: &Context, scope: policy::Scope, input: Checked<CreateInput>) -> Result<Prepared, Error> {
    let input = input.map_err(Error::Invalid)?;
    let seed = seam::random_token()?;
    let context = ctx.clone();
    ctx.read_heavy(move |db| {
        let mut errors = Vec::new();
        let plan = plan(&context, input, seed, &mut errors);
        let agency = match &plan.filter.agency {
            Some(code) => agencies::find_by_code(db, code)?.map(|a| a.id),
            None => None,
        };
        if plan.filter.agency.is_some() && agency.is_none() {
            errors.push(FieldError::new(
                "/filter/agency",
                "unknown_agency",
                "没有这个登记机构。",
            ));
        }
        let auditors = draw::auditors(db, &plan.auditors, &mut errors)?;
        settle(errors)?;
        draw::prepare(&context, db, scope, plan, agency, &auditors)
    })
    .await
}

fn plan(ctx: &Context, input: CreateInput, random: String, errors: &mut Vec<FieldError>) -> Plan {
    let title = required_text(errors, "/title", input.title.as_deref());
    too_long(errors, "/title", &title);
    let year = input
        .year
        .and_then(|y| i32::try_from(y).ok())
        .filter(|y| YEARS.contains(y));
    match (input.year, year) {
        (None, _) => errors.push(FieldError::new("/year", "required", "此项必填。")),
        (Some(_), None) => {
            let detail = format!("应在 {} 年至 {} 年之间。", YEARS.start(), YEARS.end());
            errors.push(FieldError::new("/year", "out_of_range", detail));
        }
        _ => {}
    }
    if input.auditors.len() > MOST_AUDITORS {
        errors.push(FieldError::new(
            "/auditors",
            "too_many",
            format!("不得超过 {MOST_AUDITORS} 人。"),
        ));
    }
    Plan {
        title,
        year: year.unwrap_or_default(),
        filter: filter(ctx, input.filter, errors),
        design: design(input.design, random, errors),
        auditors: input.auditors.into_iter().take(MOST_AUDITORS).collect(),
    }
}

fn too_long(errors: &mut Vec<FieldError>, pointer: &str, text: &str) {
    if text.chars().count() > LONGEST {
        errors.push(FieldError::new(
            pointer,
            "too_long",
            format!("不得超过 {LONGEST} 个字符。"),
        ));
    }
}

fn filter(ctx: &Context, input: FilterInput, errors: &mut Vec<FieldError>) -> Filter {
    for (name, code, list) in [
        ("unit", &input.unit, ListName::Unit),
        ("type", &input.contract_type, ListName::Type),
        ("field", &input.field, ListName::Field),
    ] {
        if code.as_deref().is_some_and(|c| !ctx.catalogue.list(list).contains(c)) {
            errors.push(FieldError::new(
                format!("/filter/{name}"),
                "unknown_code",
                format!("不在代码表“{}”中。", ctx.catalogue.list(list).title),
            ));
        }
    }
    for (name, fen) in [("from", input.amount_from_fen), ("to", input.amount_to_fen)] {
        if fen.is_some_and(|fen| !(0..=MAX_FEN).contains(&fen)) {
            errors.push(FieldError::new(
                format!("/filter/amount_{name}_fen"),
                "out_of_range",
                "金额超出可登记的范围。",
            ));
        }
    }
    if let (Some(from), Some(to)) = (input.amount_from_fen, input.amount_to_fen)
        && from > to
    {
        errors.push(FieldError::new(
            "/filter/amount_to_fen",
            "out_of_range",
            "上限不得小于下限（amount_from_fen）。",
        ));
    }
    // A code that PostgreSQL could not even look for is the code of nothing.
    let agency = input.agency.filter(|code| {
        let fine = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
        if !fine {
            errors.push(FieldError::new(
                "/filter/agency",
                "unknown_agency",
                "没有这个登记机构。",
            ));
        }
        fine
    });
    Filter {
        unit: input.unit,
        contract_type: input.contract_type,
        field: input.field,
        agency,
        amount_from_fen: input.amount_from_fen,
        amount_to_fen: input.amount_to_fen,
    }
}

fn design(input: DesignInput, random: String, errors: &mut Vec<FieldError>) -> Design {
    let kind = input.kind.as_deref().unwrap_or_default();
    // What each kind takes: size, rate, seed, by.
    let takes = match kind {
        "all" => [false; 4],
        "random" | "amount_weighted" => [true, false, true, false],
        "stratified" => [true; 4],
        "risky_first" => [true, false, false, false],
        "" => {
            errors.push(FieldError::new("/design/kind", "required", "此项必填。"));
            return Design::All;
        }
        _ => {
            let detail = "应为 all、random、stratified、amount_weighted 或 risky_first。";
            errors.push(FieldError::new("/design/kind", "unknown_code", detail));
            return Design::All;
        }
    };
    let given = [
        ("size", input.size.is_some()),
        ("rate", input.rate.is_some()),
        ("seed", input.seed.is_some()),
        ("by", input.by.is_some()),
    ];
    for ((name, _), _) in given.iter().zip(takes).filter(|((_, given), takes)| *given && !takes) {
        errors.push(FieldError::new(
            format!("/design/{name}"),
            "not_of_design",
            "此抽样方式没有这一项。",
        ));
    }
    let seed = optional_text(errors, "/design/seed", input.seed.as_deref()).unwrap_or(random);
    too_long(errors, "/design/seed", &seed);
    if seed.contains(char::is_control) {
        errors.push(FieldError::new(
            "/design/seed",
            "control_character",
            "含有不允许的控制字符。",
        ));
    }
    let mut size = |required: bool| {
        let most = i64::try_from(MOST_ITEMS).unwrap_or(i64::MAX);
        match input.size {
            None if required => errors.push(FieldError::new("/design/size", "required", "此项必填。")),
            Some(n) if !(1..=most).contains(&n) => errors.push(FieldError::new(
                "/design/size",
                "out_of_range",
                format!("应为 1 至 {most} 的整数。"),
            )),
            _ => {}
        }
        input.size.and_then(|n| usize::try_from(n).ok())
    };
    match kind {
        "random" => Design::Random {
            size: size(true).unwrap_or_default(),
            seed,
        },
        "amount_weighted" => Design::AmountWeighted {
            size: size(true).unwrap_or_default(),
            seed,
        },
        "risky_first" => Design::RiskyFirst {
            size: size(true).unwrap_or_default(),
        },
        "stratified" => {
            let size = size(input.rate.is_none());
            if input.rate.is_some() && input.size.is_some() {
                errors.push(FieldError::new(
                    "/design/rate",
                    "not_of_design",
                    "数量（size）与比例（rate）只能填一项。",
                ));
            }
            if input.rate.is_some_and(|r| !(r > 0.0 && r <= 1.0)) {
                errors.push(FieldError::new("/design/rate", "out_of_range", "应大于 0，不大于 1。"));
            }
            Design::Stratified {
                by: criteria(input.by, errors),
                size,
                rate: input.rate,
                seed,
            }
        }
        _ => Design::All,
    }
}

fn criteria(by: Option<Vec<String>>, errors: &mut Vec<FieldError>) -> Vec<StratifyBy> {
    let by = by.unwrap_or_default();
    if by.is_empty() {
        errors.push(FieldError::new("/design/by", "required", "此项必填。"));
    }
    let mut found = Vec::new();
    for (index, id) in by.iter().take(StratifyBy::ALL.len() + 1).enumerate() {
        let pointer = format!("/design/by/{index}");
        match StratifyBy::from_id(id) {
            None => errors.push(FieldError::new(pointer, "unknown_code", "应为 unit、type 或 field。")),
            Some(b) if found.contains(&b) => errors.push(FieldError::new(pointer, "repeated", "重复。")),
            Some(b) => found.push(b),
        }
    }
    found
}
