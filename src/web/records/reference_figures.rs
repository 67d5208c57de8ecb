//! 参考数据: totals from before the register, targets of plans.

use super::{ListPage, Record, name_and_year, year_field, year_of};
use crate::{
    domain::{account::Actor, interchange::REFERENCE_KINDS},
    http::query::Query,
    usecases::{
        Context, Error,
        command::{Answer, Command},
        reference_figures::{self, Identity, ReferenceInput, ReferenceView},
        values::Checked,
    },
    web::{
        field::{Choice, Field, Fieldset},
        key_page::segment,
        posted::Typed,
        refusal::Refusal,
        show::{text, yuan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// The kind of record.
pub(super) struct ReferenceFigures;

fn kind(id: &str) -> &str {
    REFERENCE_KINDS
        .iter()
        .find(|(known, _)| *known == id)
        .map_or(id, |(_, label)| *label)
}

impl Record for ReferenceFigures {
    const BASE: &'static str = "/reference-figures";
    const NOUN: &'static str = "参考数据";
    const NAMING: usize = 2;
    type Id = Identity;
    type View = ReferenceView;
    type Input = ReferenceInput;

    fn id(text: &str) -> Result<Identity, Error> {
        name_and_year(text)
    }

    fn href(view: &ReferenceView) -> String {
        let row = &view.row;
        format!("{}/{}-{}", Self::BASE, segment(&row.kind), row.year)
    }

    fn version(view: &ReferenceView) -> i64 {
        view.version
    }

    fn title(view: &ReferenceView) -> String {
        let row = &view.row;
        format!("{} 年{}", row.year, kind(&row.kind))
    }

    fn facts(_ctx: &Context, view: &ReferenceView) -> Vec<(&'static str, String)> {
        let row = &view.row;
        vec![
            ("数据", kind(&row.kind).to_owned()),
            ("年度", row.year.to_string()),
            ("数值（元）", yuan(row.fen)),
            ("说明", text(row.note.as_deref())),
        ]
    }

    fn sets(_ctx: &Context, there: Option<&ReferenceView>) -> Vec<Fieldset> {
        let there = there.map(|view| &view.row);
        let mut fields = Vec::new();
        if there.is_none() {
            let kinds = REFERENCE_KINDS.map(|(id, label)| Choice::new(id, label));
            fields.push(Field::select("/kind", "数据", kinds.into()).required());
            fields.push(Field::integer("/year", "年度").required());
        }
        fields.push(
            Field::yuan("/amount_fen", "数值（元）")
                .required()
                .fen(there.map(|row| row.fen)),
        );
        fields.push(
            Field::area("/note", "说明", 2)
                .maybe(there.and_then(|row| row.note.clone()))
                .help("数据的出处，例如文件名和文号。"),
        );
        vec![Fieldset::new("", fields)]
    }

    fn input(typed: &mut Typed, new: bool) -> ReferenceInput {
        ReferenceInput {
            kind: new.then(|| typed.text("/kind")),
            year: new.then(|| typed.integer("/year")),
            amount_fen: Some(typed.yuan("/amount_fen")),
            note: Some(typed.text("/note")),
        }
    }

    async fn list(ctx: &Context, visitor: &Visitor, mut query: Query) -> Result<ListPage, Refusal> {
        let year = year_of(&mut query);
        query.finish()?;
        let found = reference_figures::list(ctx, &visitor.caller.actor, year).await?;
        let mut page = ListPage::new::<Self>(
            visitor,
            "登记簿以外的数据：启用本系统以前各年的成交额、五年规划的成交额目标。统计中的规划期增长和目标完成率用到它们。",
        );
        page.fields = vec![year_field("年度", year)];
        let row = |view: &ReferenceView| Row {
            key: String::new(),
            cells: vec![
                Cell::link(Self::title(view), Self::href(view)),
                Cell::yuan(Some(view.row.fen)),
                Cell::maybe(view.row.note.clone()),
            ],
        };
        page.table = Table {
            caption: Self::NOUN.to_owned(),
            columns: vec![Column::text("数据"), Column::number("数值（元）"), Column::text("说明")],
            rows: found.iter().map(row).collect(),
            empty: "没有参考数据。".to_owned(),
            ..Table::default()
        };
        Ok(page)
    }

    async fn read(ctx: &Context, actor: &Actor, id: Identity) -> Result<ReferenceView, Error> {
        reference_figures::read(ctx, actor, id).await
    }

    async fn create(
        ctx: &Context,
        command: Command<ReferenceView>,
        input: Checked<ReferenceInput>,
    ) -> Result<Answer<ReferenceView>, Error> {
        reference_figures::create(ctx, command, input).await
    }

    async fn change(
        ctx: &Context,
        command: Command<ReferenceView>,
        id: Identity,
        input: Checked<ReferenceInput>,
    ) -> Result<Answer<ReferenceView>, Error> {
        reference_figures::change(ctx, command, id, input).await
    }

    async fn remove(ctx: &Context, command: Command<()>, id: Identity) -> Result<(), Error> {
        reference_figures::remove(ctx, command, id).await
    }
}
