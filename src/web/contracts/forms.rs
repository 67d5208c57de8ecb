//! The form of each act on a contract: what will follow from it, and its fields.

use crate::{
    domain::{
        catalogue::Catalogue,
        checks::{Check, Severity},
        code_list::ListName,
        contract::Contract,
        error::FieldError,
        expert_review::{PanelState, heed},
        time::Date,
        workflow::Action,
    },
    usecases::{
        Context, Error,
        contracts::{
            report::last_reported_on,
            r#return::{MOST_ITEMS, ReturnItemInput},
            rule_set_of,
            submit::REASON_REQUIRED,
        },
        expert_reviews,
        self_audits::{self, read::AuditQuery},
    },
    web::{
        act::ActPage,
        contract_words::{SECTIONS, amount},
        entry::codes::initials,
        field::{Choice, Field, Fieldset, choices},
        posted::Typed,
        visitor::Visitor,
    },
};

/// Rows for items that the page of a return offers; its script adds more, up to what one return may name.
const ROWS: usize = 8;

/// Self-audits to choose from.
const AUDITS: i64 = 200;

/// Open panels to choose from.
const PANELS: i64 = 50;

/// The acts that have a page here. `edit` and `submit` are the entry's, `amend` and `cancel` are asked for by a request.
pub const ACTS: [Action; 14] = [
    Action::Claim,
    Action::Release,
    Action::Reassign,
    Action::Return,
    Action::Refer,
    Action::Recall,
    Action::Confirm,
    Action::Refuse,
    Action::Withdraw,
    Action::Discard,
    Action::Revoke,
    Action::Reinstate,
    Action::Reopen,
    Action::Report,
];

/// What follows, the fields, and whether it is grave.
pub async fn fill(
    form: &mut ActPage,
    ctx: &Context,
    visitor: &Visitor,
    contract: &Contract,
    action: Action,
) -> Result<(), Error> {
    let today = ctx.clock.today();
    form.consequences = consequences(ctx, contract, action, today);
    form.grave = matches!(action, Action::Refuse | Action::Revoke | Action::Discard);
    form.sets = match action {
        Action::Return => return_form(&ctx.catalogue, 0),
        Action::Confirm => vec![confirm_form(ctx, contract)],
        Action::Refer => vec![refer_form(ctx, visitor).await?],
        Action::Refuse => vec![refuse_form(ctx, contract)],
        Action::Revoke => vec![revoke_form(ctx, visitor).await?],
        Action::Reassign | Action::Recall | Action::Withdraw => vec![Fieldset::new(
            "",
            vec![
                Field::area("/reason", "理由", 3)
                    .required()
                    .focus()
                    .help("写入办理记录。"),
            ],
        )],
        Action::Reinstate | Action::Reopen => vec![Fieldset::new(
            "",
            vec![
                Field::area("/reason", "理由", 3)
                    .required()
                    .focus()
                    .help("原决定为何不成立。"),
                Field::text("/document_number", "决定文书号")
                    .required()
                    .help("行政复议、诉讼或本机关纠错决定的文书号。"),
            ],
        )],
        Action::Report => vec![report_form(ctx, visitor, contract, today).await?],
        _ => Vec::new(),
    };
    Ok(())
}

/// The form of the national number: a correction begins with what is stored.
async fn report_form(ctx: &Context, visitor: &Visitor, contract: &Contract, today: Date) -> Result<Fieldset, Error> {
    let reported = last_reported_on(ctx, visitor.caller.actor.clone(), contract.id).await?;
    let day = match contract.national_number {
        Some(_) => reported,
        None => Some(today),
    };
    Ok(Fieldset::new(
        "",
        vec![
            Field::text("/national_number", "国家登记编号")
                .required()
                .focus()
                .maybe(contract.national_number.clone())
                .help("全国技术合同登记系统给出的编号，1–64 个字母、数字或连字符。再次登记即为更正。"),
            Field::date("/reported_on", "国家登记日期")
                .required()
                .day(day)
                .help("不得晚于今天。"),
        ],
    ))
}

/// What will follow, said before it is done.
fn consequences(ctx: &Context, contract: &Contract, action: Action, today: Date) -> Vec<String> {
    let counted = contract.confirmed_at.map(|at| at.year());
    let mut lines: Vec<String> = match action {
        Action::Claim => vec!["领取后由您审核，别人不能再领取；长期未办结的会自动放回。"],
        Action::Release => vec!["放回后合同回到“待审核”，由其他审核员领取；办理期限不变。"],
        Action::Reassign => vec!["接手后由您审核，原领取人不能再办理，并会收到通知。办理期限不变。"],
        Action::Return => vec![
            "合同退回登记员补正，领取随之解除；补正后重新提交，再由审核员领取。",
            "补正意见逐项显示在登记员的录入页和重新提交后的审核页上。",
        ],
        Action::Refer => vec!["合同转为“专家论证”，仍由您负责；形成结论后回到“审核中”。"],
        Action::Recall => vec!["合同退出正在进行的论证，回到“审核中”；已发表的意见不再计入。"],
        Action::Refuse => vec!["合同不予登记，不计入统计。登记员会收到理由；其他审核员可依复议等决定重新受理。"],
        Action::Withdraw => vec!["撤回后合同不再审核，也不能再提交；需要登记的，请重新录入。"],
        Action::Discard => vec!["草稿连同附件删除，不能恢复；办理记录中保留曾经录入的事实。"],
        Action::Reopen => vec!["合同回到“待审核”，办理期限自重新受理次日起重新计算，原专家论证结论不再适用。"],
        Action::Report => vec!["国家登记编号显示在合同上并随台账导出；登记证明不印此编号，不受影响。"],
        _ => Vec::new(),
    }
    .into_iter()
    .map(str::to_owned)
    .collect();
    match action {
        Action::Confirm => {
            lines.push(format!(
                "合同予以登记，给出登记编号，自确认时起计入 {} 年统计。",
                chrono::Datelike::year(&today)
            ));
            if let Some(due) = contract.due_on {
                lines.push(if due < today {
                    format!("办理期限 {due} 已过，将按逾期办结统计。")
                } else {
                    format!("办理期限 {due}，今天办结在期限内。")
                });
            }
            lines.push("核定值取代录入值，录入值在第 1 版中仍可查到；非技术性费用改为余数。".to_owned());
            lines.push("不予登记的，请返回合同页另行办理。".to_owned());
            let accepted = contract.content.received_on.unwrap_or(today);
            let rules = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), accepted);
            if rules.is_some_and(|r| heed::stops(&r.expert_review, contract)) {
                lines.push("该合同须经专家论证且尚无肯定性结论，目前不能确认。".to_owned());
            }
        }
        Action::Revoke => {
            let year = counted.map(|y| format!("{y} 年")).unwrap_or_default();
            lines.push(format!(
                "自撤销时起不再计入 {year}统计；此前时点的统计和已封账的版次不变。"
            ));
            if contract.open_change_request.is_some() {
                lines.push("尚未办结的变更或注销申请随之关闭。".to_owned());
            }
            lines.push("登记证明查验时显示“登记已撤销”。".to_owned());
        }
        Action::Reinstate => {
            let year = counted.map(|y| format!("{y} 年")).unwrap_or_default();
            lines.push(format!("合同恢复登记，自恢复时起重新计入 {year}统计；中断期间不计入。"));
        }
        _ => {}
    }
    lines
}

/// The form of a return, with as many rows as hold so many items.
pub fn return_form(catalogue: &Catalogue, filled: usize) -> Vec<Fieldset> {
    let reason = Field::area("/reason", "退回理由", 3)
        .required()
        .focus()
        .help("总的说明；逐项的意见写在下面，登记员按项补正。");
    let kinds = catalogue
        .list(ListName::AttachmentKind)
        .items()
        .iter()
        .map(|kind| Choice {
            data: vec![("keys", initials(&kind.label))],
            ..Choice::new(format!("{PAPER}{}", kind.id), format!("附件 · {}", kind.label))
        });
    let fields: Vec<Choice> = SECTIONS
        .iter()
        .flat_map(|(title, fields)| {
            fields.iter().map(move |f| {
                let label = if f.label.starts_with(title) {
                    f.label.to_owned()
                } else {
                    format!("{title} · {}", f.label)
                };
                (f.pointer, f.label, label)
            })
        })
        .chain([("/attachments", "附件", "附件".to_owned())])
        .map(|(pointer, short, label)| Choice {
            data: vec![("keys", format!("{} {}", initials(short), initials(&label)))],
            ..Choice::new(pointer, label)
        })
        .chain(kinds)
        .collect();
    let mut items = Vec::new();
    for n in 0..filled.clamp(ROWS, MOST_ITEMS) {
        let row = |field: Field| field.data("row", n.to_string()).data("most", MOST_ITEMS.to_string());
        items.push(row(Field::select(
            format!("/items/{n}/pointer"),
            format!("第 {} 项：项目", n + 1),
            fields.clone(),
        )
        .data("choose", "")
        .span(1)));
        items.push(row(Field::text(
            format!("/items/{n}/detail"),
            format!("第 {} 项：意见", n + 1),
        )
        .span(3)));
    }
    let mut set = Fieldset::new("补正意见", items);
    set.lead = "至少填写一项；用不到的行留空。不针对某个字段或附件的，项目不选。".to_owned();
    vec![Fieldset::new("", vec![reason]), set]
}

fn confirm_form(ctx: &Context, contract: &Contract) -> Fieldset {
    let content = &contract.content;
    let concluded = contract.expert_conclusion.as_ref();
    let types = ctx.catalogue.list(ListName::Type);
    let subtypes = ctx.catalogue.list(ListName::Subtype).items().iter().map(|item| {
        let parent = item.parent.as_deref().and_then(|p| types.label(p)).unwrap_or_default();
        Choice::new(&item.id, format!("{parent} · {}", item.label))
    });
    let chosen_type = concluded
        .and_then(|c| c.contract_type.clone())
        .or_else(|| content.contract_type.clone());
    let chosen_subtype = concluded
        .and_then(|c| c.subtype.clone())
        .or_else(|| content.subtype.clone());
    let technology = concluded
        .and_then(|c| c.technology_amount_fen)
        .or(content.technology_amount_fen);
    let total = content.amount_fen.map(amount).unwrap_or_default();
    let entered = content.technology_amount_fen.map(amount).unwrap_or_default();
    let type_entered = content
        .contract_type
        .as_deref()
        .and_then(|id| types.label(id))
        .unwrap_or("–");
    Fieldset::new(
        "核定",
        vec![
            Field::select("/verified_type", "核定合同类别", choices(types))
                .required()
                .focus()
                .maybe(chosen_type)
                .help(format!("录入：{type_entered}。依《技术合同认定规则》核定。")),
            Field::select("/verified_subtype", "核定合同子类", subtypes.collect())
                .maybe(chosen_subtype)
                .help("须属于核定的类别；类别有变更时必须同时核定。"),
            Field::yuan("/verified_technology_amount_fen", "核定技术交易额（元）")
                .required()
                .span(2)
                .fen(technology)
                .help(format!("录入：{entered}；大于 0，不超过合同成交额 {total}。")),
            Field::area("/note", "说明", 3).help("与专家论证结论不一致时必填。"),
        ],
    )
}

/// One field for the reason of each error that the checks find: a check that finds several is answered once.
pub fn confirm_reasons(checks: &[Check]) -> Option<Fieldset> {
    let mut fields: Vec<Field> = Vec::new();
    for check in checks.iter().filter(|c| c.severity == Severity::Error) {
        let name = format!("/reasons/{}", check.id);
        match fields.iter_mut().find(|f| f.name == name) {
            Some(field) => field.label = format!("{}；{}", field.label, check.message),
            None => fields.push(reason_field(name, &check.message)),
        }
    }
    (!fields.is_empty()).then(|| reasons_set(fields))
}

/// Adds fields for reasons that were asked for and have none yet: what was verified may be wrong in another way than what was entered.
pub fn ask_reasons(sets: &mut Vec<Fieldset>, errors: &[FieldError]) {
    let known = |name: &str| sets.iter().flat_map(|s| &s.fields).any(|f| f.name == name);
    let missing: Vec<Field> = errors
        .iter()
        .filter(|e| e.code == REASON_REQUIRED && !known(&e.pointer))
        .map(|e| reason_field(e.pointer.clone(), e.detail.trim_start_matches("请书面说明理由：")))
        .collect();
    if !missing.is_empty() {
        sets.push(reasons_set(missing));
    }
}

fn reason_field(name: String, message: &str) -> Field {
    Field::area(name, format!("错误：{message}"), 2)
        .required()
        .help("仍予确认的，请书面说明理由，随确认记入办理记录。")
}

fn reasons_set(fields: Vec<Field>) -> Fieldset {
    Fieldset {
        lead: "系统核对发现下列错误。不能说明理由的，请退回补正或不予登记。".to_owned(),
        ..Fieldset::new("仍予确认的理由", fields)
    }
}

async fn refer_form(ctx: &Context, visitor: &Visitor) -> Result<Fieldset, Error> {
    let actor = visitor.caller.actor.clone();
    let panels = expert_reviews::read::list(ctx, actor, Some(PanelState::Open), None, PANELS).await?;
    let panels = panels.iter().map(|p| {
        let review = &p.review;
        Choice::new(review.id.to_string(), format!("{}（{}）", review.title, review.held_on))
    });
    Ok(Fieldset::new(
        "",
        vec![
            Field::area("/reason", "理由", 3)
                .required()
                .focus()
                .help("需要专家判断的问题，专家可以看到。"),
            Field::select("/expert_review_id", "交给哪次论证", panels.collect())
                .help("可选未结束的论证；留空则等待召集，之后在“专家论证”中加入。"),
        ],
    ))
}

fn refuse_form(ctx: &Context, contract: &Contract) -> Fieldset {
    let against = heed::refusal_owes_note(contract.expert_conclusion.as_ref());
    let note = Field::area("/note", "说明", 3);
    let note = if against {
        note.required().help("专家结论为予以认定，须说明不采纳的理由。")
    } else {
        note.help("选“其他”时必填。")
    };
    Fieldset::new(
        "",
        vec![
            Field::several(
                "/reasons",
                "不予登记的理由",
                choices(ctx.catalogue.list(ListName::RefusalReason)),
            )
            .required(),
            note,
        ],
    )
}

async fn revoke_form(ctx: &Context, visitor: &Visitor) -> Result<Fieldset, Error> {
    let query = AuditQuery {
        limit: AUDITS,
        ..AuditQuery::default()
    };
    let audits = self_audits::read::list(ctx, visitor.caller.actor.clone(), query).await?;
    let audits = audits.items.iter().rev().map(|view| {
        let audit = &view.audit;
        Choice {
            data: vec![("keys", initials(&audit.made.title))],
            ..Choice::new(
                audit.id.to_string(),
                format!("{}（{} 年度，第 {} 次）", audit.made.title, audit.made.year, audit.id),
            )
        }
    });
    let audits = audits.collect();
    Ok(Fieldset::new(
        "",
        vec![
            Field::radios(
                "/ground",
                "撤销事由",
                choices(ctx.catalogue.list(ListName::RevocationGround)),
            )
            .required()
            .span(4),
            Field::text("/document_number", "撤销决定文书号")
                .required()
                .help("写入合同和办理记录。"),
            Field::date("/served_on", "送达日期").help("尚未送达的留空。"),
            Field::select("/self_audit_id", "据以发现的自查", audits)
                .data("choose", "")
                .span(2)
                .help("由自查发现的，选该次自查。"),
            Field::area("/note", "说明", 3).help("选“其他”时必填。"),
        ],
    ))
}

/// What stands before the kind where an item is about a paper.
const PAPER: &str = "attachment:";

/// The items of a return without the rows left empty between them, so that what is wrong with an item is told at its row.
pub fn without_gaps(typed: &Typed) -> Typed {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in typed.fields().filter(|(name, _)| !name.starts_with("/items/")) {
        out.append_pair(name, value);
    }
    for (to, (about, detail)) in rows(typed).into_iter().enumerate() {
        out.append_pair(&format!("/items/{to}/pointer"), &about.unwrap_or_default());
        out.append_pair(&format!("/items/{to}/detail"), &detail.unwrap_or_default());
    }
    Typed::parse(out.finish().as_bytes())
}

/// The items of a return: what each row that says something is about, and what it says.
pub fn items(typed: &Typed) -> Vec<ReturnItemInput> {
    let item = |(about, detail): (Option<String>, Option<String>)| {
        let attachment = about.as_deref().and_then(|a| a.strip_prefix(PAPER)).map(str::to_owned);
        ReturnItemInput {
            pointer: about.filter(|_| attachment.is_none()),
            attachment,
            detail,
        }
    };
    rows(typed).into_iter().map(item).collect()
}

fn rows(typed: &Typed) -> Vec<(Option<String>, Option<String>)> {
    let row = |n: usize| {
        (
            typed.text(&format!("/items/{n}/pointer")),
            typed.text(&format!("/items/{n}/detail")),
        )
    };
    // One more than may be named, so that what is too much is told and not left out.
    (0..=MOST_ITEMS)
        .map(row)
        .filter(|(about, detail)| about.is_some() || detail.is_some())
        .collect()
}
