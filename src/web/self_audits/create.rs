//! A new self-audit: which contracts, how many of them, who looks at them.

use actix_web::{HttpResponse, get, post, web};
use chrono::Datelike as _;

use super::{DESIGNS, PLACE, address_of, criterion, people};
use crate::{
    domain::{
        code_list::ListName,
        policy,
        self_audit::{MOST_AUDITORS, MOST_ITEMS, StratifyBy},
    },
    usecases::{
        Context, Error, StoredAnswer, agencies,
        self_audits::{
            AuditView,
            create::{CreateInput, DesignInput, FilterInput, create},
            read,
        },
    },
    web::{
        act::ActPage,
        acted::go_to_made,
        field::{Choice, Field, Fieldset, choices},
        posted::{Posted, Typed, kept},
        refusal::Refusal,
        visitor::Visitor,
    },
};

/// Agencies that can be chosen from at most.
const MOST_AGENCIES: i64 = 500;

async fn new_page(ctx: &Context, visitor: &Visitor) -> Result<ActPage, Refusal> {
    let actor = &visitor.caller.actor;
    policy::decide_run_self_audits(actor).map_err(Error::from)?;
    let mut act = ActPage::new(visitor.shell("新建自查").at(PLACE), "/self-audits/new", PLACE);
    act.button = "抽取并分配".to_owned();
    act.consequences = vec![
        "提交后立即按当时的登记数据抽取合同并分给检查人，范围、方式和种子不能再改。".to_owned(),
        "每份合同分给可以检查它的人：不由其录入、提交、确认，也不属其所在机构。检查人收到通知。".to_owned(),
    ];
    let agencies = agencies::read::list(ctx, None, MOST_AGENCIES).await?;
    let agencies = agencies.into_iter().filter_map(|a| {
        let code = a.code?;
        Some(Choice::new(code.clone(), format!("{}（{code}）", a.name)))
    });
    let designs = DESIGNS.map(|(id, label, hint)| Choice {
        hint: hint.to_owned(),
        ..Choice::new(id, label)
    });
    let list = |name: ListName| choices(ctx.catalogue.list(name));
    let auditors = people(read::possible_auditors(ctx, actor).await?);
    act.sets = vec![
        Fieldset::new(
            "自查",
            vec![
                Field::text("/title", "名称")
                    .required()
                    .focus()
                    .help("例如“2025 年度技术合同自查”。"),
                Field::integer("/year", "年度")
                    .required()
                    .value((ctx.clock.today().year() - 1).to_string())
                    .help("首次确认在该年度、现仍有效的合同。"),
            ],
        ),
        Fieldset {
            lead: "都不填即为该年度全部合同。".to_owned(),
            ..Fieldset::new(
                "范围",
                vec![
                    Field::select("/filter/unit", "归属单位", list(ListName::Unit)),
                    Field::select("/filter/type", "合同类别", list(ListName::Type)),
                    Field::select("/filter/field", "技术领域", list(ListName::Field)),
                    Field::select("/filter/agency", "登记机构", agencies.collect()),
                    Field::yuan("/filter/amount_from_fen", "合同成交额不低于（元）"),
                    Field::yuan("/filter/amount_to_fen", "合同成交额不高于（元）"),
                ],
            )
        },
        Fieldset::new(
            "抽样",
            vec![
                Field::radios("/design/kind", "方式", designs.into()).required().span(4),
                Field::integer("/design/size", "抽取数量（份）").help(format!("最多 {MOST_ITEMS} 份。")),
                Field::text("/design/rate", "抽取比例（%）")
                    .span(1)
                    .help("只用于分层抽样，与数量二选一。"),
                Field::text("/design/seed", "种子")
                    .help("任意文字；同样的数据和种子抽出同样的合同。不填由系统随机给出。"),
                Field::several(
                    "/design/by",
                    "分层依据",
                    StratifyBy::ALL.map(|b| Choice::new(b.id(), criterion(b))).into(),
                )
                .help("只用于分层抽样。"),
            ],
        ),
        Fieldset::new(
            "检查人",
            vec![
                Field::several("/auditors", "检查人", auditors)
                    .help(format!("从审核员中选择，最多 {MOST_AUDITORS} 人；一人也不勾选的，合同都待以后“重新分配”。")),
            ],
        ),
    ];
    Ok(act)
}

/// A share typed in percent.
fn rate(typed: &mut Typed) -> Option<f64> {
    let text = typed.text("/design/rate")?;
    let number: Option<f64> = text.trim_end_matches(['%', '％']).trim().parse().ok();
    if number.is_none() {
        typed.wrong("/design/rate", "wrong_type", "应为百分数，例如 5 或 2.5。");
    }
    number.map(|n| n / 100.0)
}

fn created(view: &AuditView) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=audit", address_of(view.audit.id)))
}

#[get("/self-audits/new")]
pub async fn show_create(ctx: web::Data<Context>, visitor: Visitor) -> Result<HttpResponse, Refusal> {
    Ok(new_page(&ctx, &visitor).await?.show())
}

#[post("/self-audits/new")]
pub async fn create_self_audit(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    let typed = &mut posted.typed;
    let input = CreateInput {
        title: typed.text("/title"),
        year: typed.integer("/year"),
        filter: FilterInput {
            unit: typed.text("/filter/unit"),
            contract_type: typed.text("/filter/type"),
            field: typed.text("/filter/field"),
            agency: typed.text("/filter/agency"),
            amount_from_fen: typed.yuan("/filter/amount_from_fen"),
            amount_to_fen: typed.yuan("/filter/amount_to_fen"),
        },
        design: DesignInput {
            kind: typed.text("/design/kind"),
            size: typed.integer("/design/size"),
            rate: rate(typed),
            seed: typed.text("/design/seed"),
            by: Some(typed.all("/design/by")).filter(|by| !by.is_empty()),
        },
        auditors: typed.all("/auditors"),
    };
    let done = create(&ctx, posted.command(created), posted.typed.checked(input)).await;
    let act = new_page(&ctx, &posted.visitor);
    go_to_made(done, created, &posted.typed, act).await
}
