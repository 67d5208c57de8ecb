//! 市场活动: trainings, guidance, matchmaking, technology managers.

use chrono::NaiveDate;

use super::{ListPage, Record, year_field, year_of};
use crate::{
    domain::{account::Actor, code_list::ListName},
    http::query::Query,
    usecases::{
        Context, Error,
        activities::{self, ActivityInput, ActivityView},
        command::{Answer, Command},
        values::Checked,
    },
    web::{
        field::{Field, Fieldset, choices},
        key_page::key,
        posted::Typed,
        refusal::Refusal,
        show::{NOTHING, text},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Activities of a page.
const PAGE: i64 = 50;

/// The kind of record.
pub(super) struct Activities;

fn label(ctx: &Context, list: ListName, id: &str) -> String {
    ctx.catalogue.list(list).label(id).unwrap_or(id).to_owned()
}

fn count(count: Option<i64>) -> String {
    count.map_or_else(|| NOTHING.to_owned(), |n| n.to_string())
}

impl Record for Activities {
    const BASE: &'static str = "/activities";
    const NOUN: &'static str = "市场活动";
    const NAMING: usize = 0;
    type Id = i64;
    type View = ActivityView;
    type Input = ActivityInput;

    fn id(text: &str) -> Result<i64, Error> {
        key(text)
    }

    fn href(view: &ActivityView) -> String {
        format!("{}/{}", Self::BASE, view.id)
    }

    fn title(view: &ActivityView) -> String {
        view.row.name.clone()
    }

    fn version(view: &ActivityView) -> i64 {
        view.version
    }

    fn facts(ctx: &Context, view: &ActivityView) -> Vec<(&'static str, String)> {
        let row = &view.row;
        let unit = row.unit.as_deref().map(|unit| label(ctx, ListName::Unit, unit));
        vec![
            ("名称", row.name.clone()),
            ("日期", row.held_on.to_string()),
            ("种类", label(ctx, ListName::ActivityKind, &row.kind)),
            ("师市院校", text(unit.as_deref())),
            ("场次", count(row.events)),
            ("人次", count(row.participants)),
            ("其中兵团系统人次", count(row.participants_xpcc)),
            ("项数", count(row.items)),
        ]
    }

    fn sets(ctx: &Context, there: Option<&ActivityView>) -> Vec<Fieldset> {
        let row = there.map(|view| &view.row);
        let count = |name: &str, label: &str, there: Option<i64>| {
            Field::integer(name, label).maybe(there.map(|n| n.to_string()))
        };
        vec![Fieldset::new(
            "",
            vec![
                Field::text("/name", "名称")
                    .required()
                    .focus()
                    .maybe(row.map(|r| r.name.clone())),
                Field::select("/kind", "种类", choices(ctx.catalogue.list(ListName::ActivityKind)))
                    .required()
                    .maybe(row.map(|r| r.kind.clone())),
                Field::date("/held_on", "日期")
                    .required()
                    .day(row.map(|r| r.held_on))
                    .help("决定计入哪一年，不得晚于今天。"),
                Field::select("/unit", "师市院校", choices(ctx.catalogue.list(ListName::Unit)))
                    .maybe(row.and_then(|r| r.unit.clone())),
                count("/events", "场次", row.and_then(|r| r.events)),
                count("/participants", "人次", row.and_then(|r| r.participants)),
                count(
                    "/participants_xpcc",
                    "其中兵团系统人次",
                    row.and_then(|r| r.participants_xpcc),
                ),
                count("/items", "项数", row.and_then(|r| r.items)).help("成果项数或证书数。"),
            ],
        )]
    }

    fn input(typed: &mut Typed, _new: bool) -> ActivityInput {
        ActivityInput {
            kind: Some(typed.text("/kind")),
            held_on: Some(typed.date("/held_on")),
            name: Some(typed.text("/name")),
            unit: Some(typed.text("/unit")),
            events: Some(typed.integer("/events")),
            participants: Some(typed.integer("/participants")),
            participants_xpcc: Some(typed.integer("/participants_xpcc")),
            items: Some(typed.integer("/items")),
        }
    }

    async fn list(ctx: &Context, visitor: &Visitor, mut query: Query) -> Result<ListPage, Refusal> {
        let year = year_of(&mut query);
        let after = query.integer("after", 0..=i64::MAX);
        query.finish()?;
        let (from, to) = year.map_or((1, 9999), |year| (year, year));
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).ok_or(Error::NotFound);
        let days = (day(from, 1, 1)?, day(to, 12, 31)?);
        let (found, more) = activities::list(ctx, &visitor.caller.actor, days, after, PAGE).await?;
        let mut page = ListPage::new::<Self>(visitor, "培训、辅导、对接、技术经理人培养等活动，按日期计入当年统计。");
        page.fields = vec![year_field("年度", year)];
        let address = |after: Option<i64>| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in [("year", year.map(i64::from)), ("after", after)] {
                if let Some(value) = value {
                    query.append_pair(name, &value.to_string());
                }
            }
            format!("{}?{}", Self::BASE, query.finish())
        };
        let row = |view: &ActivityView| {
            let row = &view.row;
            Row {
                key: String::new(),
                cells: vec![
                    Cell::link(&row.name, Self::href(view)),
                    Cell::text(row.held_on.to_string()),
                    Cell::text(label(ctx, ListName::ActivityKind, &row.kind)),
                    Cell::maybe(row.unit.as_deref().map(|unit| label(ctx, ListName::Unit, unit))),
                    Cell::text(count(row.events)),
                    Cell::text(count(row.participants)),
                    Cell::text(count(row.participants_xpcc)),
                    Cell::text(count(row.items)),
                ],
            }
        };
        let last = found.last().filter(|_| more).map(|view| view.id);
        page.table = Table {
            caption: Self::NOUN.to_owned(),
            columns: vec![
                Column::text("名称"),
                Column::text("日期"),
                Column::text("种类"),
                Column::text("师市院校"),
                Column::number("场次"),
                Column::number("人次"),
                Column::number("其中兵团系统人次"),
                Column::number("项数"),
            ],
            rows: found.iter().map(row).collect(),
            empty: "没有市场活动记录。".to_owned(),
            next: last.map(|last| address(Some(last))),
            first: after.map(|_| address(None)),
            ..Table::default()
        };
        Ok(page)
    }

    async fn read(ctx: &Context, actor: &Actor, id: i64) -> Result<ActivityView, Error> {
        activities::read(ctx, actor, id).await
    }

    async fn create(
        ctx: &Context,
        command: Command<ActivityView>,
        input: Checked<ActivityInput>,
    ) -> Result<Answer<ActivityView>, Error> {
        activities::create(ctx, command, input).await
    }

    async fn change(
        ctx: &Context,
        command: Command<ActivityView>,
        id: i64,
        input: Checked<ActivityInput>,
    ) -> Result<Answer<ActivityView>, Error> {
        activities::change(ctx, command, id, input).await
    }

    async fn remove(ctx: &Context, command: Command<()>, id: i64) -> Result<(), Error> {
        activities::remove(ctx, command, id).await
    }
}
