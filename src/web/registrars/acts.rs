//! What administrators do with certificates: issue, renew, suspend, lift.

use actix_web::{HttpResponse, get, post, web};

use super::{PLACE, address_of, agencies, last_day};
use crate::{
    domain::{policy, registrar::TrainingKind},
    usecases::{
        Context, Error, StoredAnswer,
        registrars::{self, NewRegistrar, NewSuspension, RegistrarView, Renewal},
        trainings::{self, TrainingQuery},
    },
    web::{
        act::ActPage,
        acted::{acted, go_to, go_to_made},
        field::{Choice, Field, Fieldset},
        posted::{Posted, kept},
        refusal::Refusal,
        visitor::Visitor,
    },
};

/// Examinations that can be chosen from at most.
const MOST_EXAMINATIONS: i64 = 200;

async fn issue_page(ctx: &Context, visitor: &Visitor) -> Result<ActPage, Refusal> {
    let actor = &visitor.caller.actor;
    policy::decide_registrars(actor).map_err(Error::from)?;
    let query = TrainingQuery {
        kind: Some(TrainingKind::Examination),
        after: None,
        limit: MOST_EXAMINATIONS,
    };
    let (examinations, _) = trainings::list(ctx, actor.clone(), query).await?;
    let examinations = examinations
        .iter()
        .rev()
        .map(|t| Choice::new(t.id.to_string(), format!("{} {}", t.held_on, t.title)));
    let mut act = ActPage::new(visitor.shell("发放登记员证书").at(PLACE), "/registrars/new", PLACE);
    act.button = "发放".to_owned();
    act.consequences = vec![
        "持证人的账号关联本证书后，从发证日期起可以提交合同（首日、末日都算）。".to_owned(),
        "证书编号、姓名和发证日期以后不能更改。".to_owned(),
    ];
    let settings = &ctx.settings.registrars;
    let mut examination = Field::select("/examination_id", "通过的考试", examinations.collect())
        .help("在“培训”中登记过、此人通过的考试。");
    if settings.examination_required {
        examination = examination.required();
    }
    act.sets = vec![Fieldset::new(
        "",
        vec![
            Field::text("/certificate_number", "证书编号")
                .required()
                .focus()
                .help("1 至 32 位字母、数字和连字符，例如 DJY6620260080。"),
            Field::text("/name", "姓名").required(),
            Field::select("/agency", "登记机构", agencies(ctx).await?).required(),
            examination,
            Field::date("/issued_on", "发证日期")
                .help("不填为今天，不得晚于今天。")
                .span(2),
            Field::date("/valid_until", "有效期至")
                .help("不填按本机关规定的年限计算。")
                .span(2),
        ],
    )];
    Ok(act)
}

fn issued(view: &RegistrarView) -> Result<StoredAnswer, Error> {
    let number = &view.summary.listed.registrar.certificate.number;
    kept(format!("{}?done=issued", address_of(number)))
}

#[get("/registrars/new")]
pub async fn show_issue(ctx: web::Data<Context>, visitor: Visitor) -> Result<HttpResponse, Refusal> {
    Ok(issue_page(&ctx, &visitor).await?.show())
}

#[post("/registrars/new")]
pub async fn issue(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    let typed = &mut posted.typed;
    let input = NewRegistrar {
        certificate_number: typed.text("/certificate_number"),
        name: typed.text("/name"),
        agency: typed.text("/agency"),
        issued_on: typed.date("/issued_on"),
        valid_until: typed.date("/valid_until"),
        examination_id: typed.integer("/examination_id"),
    };
    let done = registrars::issue(&ctx, posted.command(issued), posted.typed.checked(input)).await;
    go_to_made(done, issued, &posted.typed, issue_page(&ctx, &posted.visitor)).await
}

/// The page of an act on one certificate, told what it is about.
async fn act_page(
    ctx: &Context,
    visitor: &Visitor,
    number: &str,
    title: &str,
    act: &str,
) -> Result<(ActPage, RegistrarView), Refusal> {
    let actor = &visitor.caller.actor;
    let view = registrars::read(ctx, actor.clone(), number.to_owned()).await?;
    policy::decide_registrars(actor).map_err(Error::from)?;
    let place = address_of(number);
    let mut page = ActPage::new(visitor.shell(title).at(PLACE), format!("{place}/{act}"), place);
    let listed = &view.summary.listed;
    page.subject = vec![
        ("证书编号", number.to_owned()),
        ("姓名", listed.registrar.name.clone()),
        ("登记机构", listed.agency.name.clone()),
        ("有效期至", last_day(&listed.registrar.certificate)),
    ];
    Ok((page, view))
}

async fn renew_page(ctx: &Context, visitor: &Visitor, number: &str) -> Result<ActPage, Refusal> {
    let (mut act, view) = act_page(ctx, visitor, number, "证书续期", "renew").await?;
    act.button = "续期".to_owned();
    act.consequences = vec!["在到期前续期的，有效期连续；到期后续期的，从今天起算，中间的空档保留。".to_owned()];
    if view.demanded_minutes > 0 {
        act.consequences.push(format!(
            "续期须有继续教育 {} 分钟，现有 {} 分钟。",
            view.demanded_minutes, view.continuing_minutes
        ));
    }
    act.sets = vec![Fieldset::new(
        "",
        vec![
            Field::date("/valid_until", "新的有效期至")
                .focus()
                .span(2)
                .help("不填按本机关规定的年限计算。"),
            Field::area("/reason", "说明", 2),
        ],
    )];
    Ok(act)
}

#[get("/registrars/{number}/renew")]
pub async fn show_renew(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(renew_page(&ctx, &visitor, &path).await?.show())
}

#[post("/registrars/{number}/renew")]
pub async fn renew(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let typed = &mut posted.typed;
    let input = Renewal {
        valid_until: typed.date("/valid_until"),
        reason: typed.text("/reason"),
    };
    let done = registrars::renew(&ctx, posted.command(acted), path.clone(), posted.typed.checked(input)).await;
    let to = format!("{}?done=renewed", address_of(&path));
    go_to(done, &to, &posted.typed, renew_page(&ctx, &posted.visitor, &path)).await
}

async fn suspend_page(ctx: &Context, visitor: &Visitor, number: &str) -> Result<ActPage, Refusal> {
    let (mut act, _) = act_page(ctx, visitor, number, "暂停证书", "suspend").await?;
    act.grave = true;
    act.button = "暂停".to_owned();
    act.consequences = vec![
        "暂停期间持证人不能提交合同，正在办理的提交也会被拒绝；已提交的不受影响。".to_owned(),
        "持证人收到通知。可以随时解除。".to_owned(),
    ];
    act.sets = vec![Fieldset::new(
        "",
        vec![
            Field::date("/from_on", "首日")
                .span(2)
                .help("不填为今天，不得早于今天。"),
            Field::date("/until_on", "末日").span(2).help("不填为直到解除。"),
            Field::area("/reason", "理由", 3).required().focus(),
        ],
    )];
    Ok(act)
}

#[get("/registrars/{number}/suspend")]
pub async fn show_suspend(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(suspend_page(&ctx, &visitor, &path).await?.show())
}

#[post("/registrars/{number}/suspend")]
pub async fn suspend(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let typed = &mut posted.typed;
    let input = NewSuspension {
        reason: typed.text("/reason"),
        from_on: typed.date("/from_on"),
        until_on: typed.date("/until_on"),
    };
    let done = registrars::suspend(&ctx, posted.command(acted), path.clone(), posted.typed.checked(input)).await;
    let to = format!("{}?done=suspended", address_of(&path));
    go_to(done, &to, &posted.typed, suspend_page(&ctx, &posted.visitor, &path)).await
}

async fn lift_page(ctx: &Context, visitor: &Visitor, number: &str) -> Result<ActPage, Refusal> {
    let (mut act, _) = act_page(ctx, visitor, number, "解除暂停", "lift").await?;
    act.consequences = vec!["解除后立即可以提交合同（证书仍在有效期内的）。".to_owned()];
    act.sets = vec![Fieldset::new(
        "",
        vec![Field::area("/reason", "理由", 3).required().focus()],
    )];
    Ok(act)
}

#[get("/registrars/{number}/lift")]
pub async fn show_lift(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(lift_page(&ctx, &visitor, &path).await?.show())
}

#[post("/registrars/{number}/lift")]
pub async fn lift(ctx: web::Data<Context>, path: web::Path<String>, posted: Posted) -> Result<HttpResponse, Refusal> {
    let reason = Ok(posted.typed.text("/reason"));
    let done = registrars::lift(&ctx, posted.command(acted), path.clone(), reason).await;
    let to = format!("{}?done=lifted", address_of(&path));
    go_to(done, &to, &posted.typed, lift_page(&ctx, &posted.visitor, &path)).await
}
