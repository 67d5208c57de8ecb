//! 履约跟踪: follow-ups of contracts, with what is doubtful about each.

use super::{ListPage, Record, name_and_year, said, year_field, year_of, yes_or_no};
use crate::{
    domain::{account::Actor, follow_up::CHECKS},
    http::query::Query,
    usecases::{
        Context, Error,
        command::{Answer, Command},
        follow_ups::{self, FollowUpInput, FollowUpQuery, FollowUpView, Identity},
        values::Checked,
    },
    web::{
        field::{Choice, Field, Fieldset, Proposals},
        key_page::segment,
        numbers,
        posted::Typed,
        refusal::Refusal,
        show::{NOTHING, yuan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Follow-ups of a page.
const PAGE: usize = 50;

/// What each check is about, in the order of [`CHECKS`].
const DOUBTS: [&str; 10] = [
    "实到账额大于应到账额",
    "不应享受税收优惠而享受",
    "未享受而有减免税额",
    "享受而没有减免税额",
    "该类合同一般不免增值税",
    "该类合同不减免所得税",
    "财政计划项目享受优惠",
    "不应发奖酬金而发放",
    "未发奖酬金而有实发额",
    "财政计划项目发奖酬金",
];

/// The kind of record.
pub(super) struct FollowUps;

fn id_of(view: &FollowUpView) -> String {
    format!("{}-{}", view.row.registration_number, view.row.survey_year)
}

fn row(view: &FollowUpView) -> Row {
    let row = &view.row;
    let doubts = match view.checks.as_slice() {
        [] => Cell::text("无"),
        checks => Cell::Many(checks.iter().map(|check| Cell::mark(&check.message, "bad")).collect()),
    };
    Row {
        key: String::new(),
        cells: vec![
            Cell::link(&row.registration_number, FollowUps::href(view)),
            Cell::text(row.survey_year.to_string()),
            Cell::text(if row.fulfilled { "已履行" } else { "未履行" }),
            Cell::yuan(Some(row.due_fen)),
            Cell::yuan(Some(row.received_fen)),
            Cell::yuan(Some(row.vat_exempted_fen + row.income_tax_reduced_fen)),
            Cell::yuan(Some(row.reward_paid_fen)),
            doubts,
        ],
    }
}

fn flag(name: &'static str, label: &'static str, there: Option<bool>) -> Field {
    Field::radios(name, label, yes_or_no())
        .required()
        .span(1)
        .maybe(there.map(|yes| yes.to_string()))
}

impl Record for FollowUps {
    const BASE: &'static str = "/follow-ups";
    const NOUN: &'static str = "履约跟踪";
    const NAMING: usize = 2;
    type Id = Identity;
    type View = FollowUpView;
    type Input = FollowUpInput;

    fn id(text: &str) -> Result<Identity, Error> {
        name_and_year(text)
    }

    fn href(view: &FollowUpView) -> String {
        format!("{}/{}", Self::BASE, segment(&id_of(view)))
    }

    fn title(view: &FollowUpView) -> String {
        format!(
            "履约跟踪 {}（{} 年）",
            view.row.registration_number, view.row.survey_year
        )
    }

    fn version(view: &FollowUpView) -> i64 {
        view.version
    }

    fn facts(_ctx: &Context, view: &FollowUpView) -> Vec<(&'static str, String)> {
        let row = &view.row;
        vec![
            ("登记编号", row.registration_number.clone()),
            ("调查年度", row.survey_year.to_string()),
            ("是否涉税", said(row.tax_relevant)),
            ("是否履行", said(row.fulfilled)),
            ("应到账额（元）", yuan(row.due_fen)),
            ("实到账额（元）", yuan(row.received_fen)),
            ("应享税收优惠", said(row.entitled)),
            ("实享税收优惠", said(row.enjoyed)),
            ("增值税免税额（元）", yuan(row.vat_exempted_fen)),
            ("企业所得税减免额（元）", yuan(row.income_tax_reduced_fen)),
            ("应发奖酬金", said(row.reward_due)),
            ("已发奖酬金", said(row.reward_issued)),
            (
                "净收益额（元）",
                row.net_income_fen.map_or_else(|| NOTHING.to_owned(), yuan),
            ),
            ("实发奖酬金（元）", yuan(row.reward_paid_fen)),
            ("受奖励人次", row.persons.to_string()),
        ]
    }

    fn doubts(view: &FollowUpView) -> Vec<String> {
        view.checks.iter().map(|check| check.message.clone()).collect()
    }

    fn sets(_ctx: &Context, there: Option<&FollowUpView>) -> Vec<Fieldset> {
        let row = there.map(|view| &view.row);
        let mut sets = Vec::new();
        if row.is_none() {
            sets.push(Fieldset::new(
                "合同与调查",
                vec![
                    numbers::number("/registration_number", "登记编号")
                        .required()
                        .focus()
                        .help("可按编号、合同名称或双方名称查找。"),
                    Field::integer("/survey_year", "调查年度")
                        .required()
                        .help("在哪一年的调查中得知。"),
                ],
            ));
        }
        sets.push(Fieldset::new(
            "履行与到账",
            vec![
                flag("/tax_relevant", "是否涉税", row.map(|r| r.tax_relevant)),
                flag("/fulfilled", "是否履行", row.map(|r| r.fulfilled)),
                Field::yuan("/due_fen", "应到账额（元）").fen(row.map(|r| r.due_fen)),
                Field::yuan("/received_fen", "实到账额（元）").fen(row.map(|r| r.received_fen)),
            ],
        ));
        sets.push(Fieldset::new(
            "税收优惠",
            vec![
                flag("/entitled", "应享税收优惠", row.map(|r| r.entitled)),
                flag("/enjoyed", "实享税收优惠", row.map(|r| r.enjoyed)),
                Field::yuan("/vat_exempted_fen", "增值税免税额（元）")
                    .fen(row.map(|r| r.vat_exempted_fen))
                    .help("财税〔2016〕36 号附件 3：技术转让、技术开发及相关咨询、服务。"),
                Field::yuan("/income_tax_reduced_fen", "企业所得税减免额（元）")
                    .fen(row.map(|r| r.income_tax_reduced_fen))
                    .help("企业所得税法实施条例第九十条：技术转让、技术许可所得。"),
            ],
        ));
        sets.push(Fieldset::new(
            "奖酬金",
            vec![
                flag("/reward_due", "应发奖酬金", row.map(|r| r.reward_due)),
                flag("/reward_issued", "已发奖酬金", row.map(|r| r.reward_issued)),
                Field::yuan("/net_income_fen", "净收益额（元）")
                    .fen(row.and_then(|r| r.net_income_fen))
                    .help("未调查的不填。"),
                Field::yuan("/reward_paid_fen", "实发奖酬金（元）").fen(row.map(|r| r.reward_paid_fen)),
                Field::integer("/persons", "受奖励人次").maybe(row.map(|r| r.persons.to_string())),
            ],
        ));
        sets
    }

    fn proposals() -> Option<Proposals> {
        Some(numbers::proposals())
    }

    /// A part of a number, or of a name, that leads to one contract is its number.
    async fn prepare(ctx: &Context, actor: &Actor, typed: &mut Typed) -> Result<(), Error> {
        if let Some(text) = typed.text("/registration_number") {
            match numbers::number_of(ctx, actor, text).await? {
                Ok(number) => typed.set("/registration_number", number),
                Err(detail) => typed.wrong("/registration_number", "ambiguous", detail),
            }
        }
        Ok(())
    }

    /// What was typed; an amount that was not is 0, but that of the net income, which may be unknown.
    fn input(typed: &mut Typed, new: bool) -> FollowUpInput {
        let mut fen = |name: &str| Some(Some(typed.yuan(name).unwrap_or(0)));
        let (due_fen, received_fen) = (fen("/due_fen"), fen("/received_fen"));
        let (vat_exempted_fen, income_tax_reduced_fen) = (fen("/vat_exempted_fen"), fen("/income_tax_reduced_fen"));
        let reward_paid_fen = fen("/reward_paid_fen");
        FollowUpInput {
            registration_number: new.then(|| typed.text("/registration_number")),
            survey_year: new.then(|| typed.integer("/survey_year")),
            tax_relevant: Some(typed.flag("/tax_relevant")),
            fulfilled: Some(typed.flag("/fulfilled")),
            due_fen,
            received_fen,
            entitled: Some(typed.flag("/entitled")),
            enjoyed: Some(typed.flag("/enjoyed")),
            vat_exempted_fen,
            income_tax_reduced_fen,
            reward_due: Some(typed.flag("/reward_due")),
            reward_issued: Some(typed.flag("/reward_issued")),
            net_income_fen: Some(typed.yuan("/net_income_fen")),
            reward_paid_fen,
            persons: Some(Some(typed.integer("/persons").unwrap_or(0))),
        }
    }

    async fn list(ctx: &Context, visitor: &Visitor, mut query: Query) -> Result<ListPage, Refusal> {
        let year = year_of(&mut query);
        let flag = query.one_of("flag", |flag| {
            (flag == "any" || CHECKS.contains(&flag)).then(|| flag.to_owned())
        });
        let after = query.one_of("after", |text| name_and_year(text).ok());
        query.finish()?;
        let asked = FollowUpQuery {
            year,
            flag: flag.clone(),
            after: after.clone(),
            limit: PAGE,
        };
        let found = follow_ups::list(ctx, &visitor.caller.actor, asked).await?;
        let mut page = ListPage::new::<Self>(
            visitor,
            "各年调查所得的合同履行、到账、税收优惠和奖酬金情况，一份合同在一次调查中一条。可疑之处由系统标出，不妨碍登记。",
        );
        let mut flags = vec![Choice::new("any", "有任何可疑之处的")];
        flags.extend(CHECKS.iter().zip(DOUBTS).map(|(id, label)| Choice::new(*id, label)));
        page.fields = vec![
            year_field("调查年度", year),
            Field::select("flag", "可疑之处", flags).maybe(flag.clone()),
        ];
        page.told = format!("可疑的共 {} 条。", found.flagged);
        let address = |after: Option<String>| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let year = year.map(|year| year.to_string());
            for (name, value) in [("year", &year), ("flag", &flag), ("after", &after)] {
                if let Some(value) = value {
                    query.append_pair(name, value);
                }
            }
            format!("{}?{}", Self::BASE, query.finish())
        };
        let last = found.items.last().filter(|_| found.more);
        page.table = Table {
            caption: Self::NOUN.to_owned(),
            columns: vec![
                Column::text("登记编号"),
                Column::text("调查年度"),
                Column::text("履行"),
                Column::number("应到账额（元）"),
                Column::number("实到账额（元）"),
                Column::number("减免税额（元）"),
                Column::number("实发奖酬金（元）"),
                Column::text("可疑之处"),
            ],
            rows: found.items.iter().map(row).collect(),
            empty: "没有履约跟踪记录。".to_owned(),
            next: last.map(|view| address(Some(id_of(view)))),
            first: after.map(|_| address(None)),
            ..Table::default()
        };
        Ok(page)
    }

    async fn read(ctx: &Context, actor: &Actor, id: Identity) -> Result<FollowUpView, Error> {
        follow_ups::read(ctx, actor, id).await
    }

    async fn create(
        ctx: &Context,
        command: Command<FollowUpView>,
        input: Checked<FollowUpInput>,
    ) -> Result<Answer<FollowUpView>, Error> {
        follow_ups::create(ctx, command, input).await
    }

    async fn change(
        ctx: &Context,
        command: Command<FollowUpView>,
        id: Identity,
        input: Checked<FollowUpInput>,
    ) -> Result<Answer<FollowUpView>, Error> {
        follow_ups::change(ctx, command, id, input).await
    }

    async fn remove(ctx: &Context, command: Command<()>, id: Identity) -> Result<(), Error> {
        follow_ups::remove(ctx, command, id).await
    }
}
