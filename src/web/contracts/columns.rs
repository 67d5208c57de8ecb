//! The columns of the list: what each shows on the page and in the file, and which each role sees unless it chooses others.

use crate::{
    documents::list_xlsx::ListCell,
    domain::{
        account::Role,
        catalogue::Catalogue,
        code_list::ListName,
        contract::Contract,
        time::{Date, Moment},
        workflow::State,
    },
    usecases::contracts::list::SortKey,
    web::{
        show::{minute, state_mark, yuan},
        table::{Cell, Row},
        visitor::Visitor,
    },
};

/// A column of the list.
pub struct ListColumn {
    /// Its name in `columns=`.
    pub id: &'static str,
    /// Its head.
    pub label: &'static str,
    /// Whether it holds numbers.
    pub number: bool,
    /// Whether it is narrow and stays on one line.
    pub short: bool,
    /// What the list is sorted by at its head.
    pub sort: Option<SortKey>,
    /// Width in the file, in characters.
    pub width: f64,
    /// What it says of a contract.
    pub value: fn(&Catalogue, &Contract) -> ListCell,
}

const fn column(
    id: &'static str,
    label: &'static str,
    width: f64,
    value: fn(&Catalogue, &Contract) -> ListCell,
) -> ListColumn {
    ListColumn {
        id,
        label,
        number: false,
        short: width < 19.0,
        sort: None,
        width,
        value,
    }
}

const fn sorted(column: ListColumn, sort: SortKey) -> ListColumn {
    ListColumn {
        sort: Some(sort),
        ..column
    }
}

const fn number(column: ListColumn) -> ListColumn {
    ListColumn { number: true, ..column }
}

fn text(text: Option<&String>) -> ListCell {
    text.map_or(ListCell::Empty, |t| ListCell::Text(t.clone()))
}

fn code(catalogue: &Catalogue, list: ListName, id: Option<&String>) -> ListCell {
    text(
        id.map(|id| catalogue.list(list).label(id).map_or_else(|| id.clone(), str::to_owned))
            .as_ref(),
    )
}

fn day(day: Option<Date>) -> ListCell {
    day.map_or(ListCell::Empty, ListCell::Day)
}

fn moment(at: Option<Moment>) -> ListCell {
    at.map_or(ListCell::Empty, |at| ListCell::Text(minute(at)))
}

fn amount(fen: Option<i64>) -> ListCell {
    fen.map_or(ListCell::Empty, ListCell::Amount)
}

/// Every column, in the order in which they are shown; the first always is.
pub static COLUMNS: [ListColumn; 22] = [
    column("name", "合同名称", 40.0, |_, c| {
        text(c.content.project_name.as_ref())
    }),
    column("state", "状态", 12.0, |_, c| {
        ListCell::Text(c.state.label().to_owned())
    }),
    column("number", "登记编号", 20.0, |_, c| {
        text(c.registration_number.as_ref())
    }),
    column("national_number", "国家登记编号", 20.0, |_, c| {
        text(c.national_number.as_ref())
    }),
    column("type", "合同类别", 12.0, |k, c| {
        code(k, ListName::Type, c.content.contract_type.as_ref())
    }),
    column("subtype", "合同子类", 14.0, |k, c| {
        code(k, ListName::Subtype, c.content.subtype.as_ref())
    }),
    column("unit", "归属单位", 14.0, |k, c| {
        code(k, ListName::Unit, c.content.unit.as_ref())
    }),
    column("field", "技术领域", 16.0, |k, c| {
        code(k, ListName::Field, c.content.field.as_ref())
    }),
    column("seller", "卖方", 30.0, |_, c| text(c.content.seller.name.as_ref())),
    column("buyer", "买方", 30.0, |_, c| text(c.content.buyer.name.as_ref())),
    number(sorted(
        column("amount", "合同成交额（元）", 18.0, |_, c| {
            amount(c.content.amount_fen)
        }),
        SortKey::Amount,
    )),
    number(column("technology", "技术交易额（元）", 18.0, |_, c| {
        amount(c.content.technology_amount_fen)
    })),
    column("signed_on", "签订日期", 12.0, |_, c| day(c.content.signed_on)),
    column("received_on", "受理日期", 12.0, |_, c| day(c.content.received_on)),
    sorted(
        column("submitted_at", "提交时间", 18.0, |_, c| moment(c.submitted_at)),
        SortKey::SubmittedAt,
    ),
    sorted(column("due_on", "办理期限", 12.0, |_, c| day(c.due_on)), SortKey::DueOn),
    column("claimed_by", "领取人", 16.0, |_, c| text(c.claimed_by.as_ref())),
    column("agency", "登记机构", 24.0, |_, c| {
        text(c.agency.as_ref().map(|a| &a.name))
    }),
    column("entered_by", "录入人", 16.0, |_, c| text(c.entered_by.as_ref())),
    column("submitted_by", "提交人", 16.0, |_, c| text(c.submitted_by.as_ref())),
    sorted(
        column("confirmed_at", "确认时间", 18.0, |_, c| moment(c.confirmed_at)),
        SortKey::ConfirmedAt,
    ),
    column("confirmed_by", "确认人", 16.0, |_, c| text(c.confirmed_by.as_ref())),
];

/// What a visitor sees who chooses nothing.
pub fn usual(visitor: &Visitor) -> Vec<&'static ListColumn> {
    let ids: &[&str] = if visitor.is_one_of(&[Role::Reviewer]) {
        &[
            "state",
            "type",
            "seller",
            "amount",
            "submitted_at",
            "due_on",
            "claimed_by",
        ]
    } else if visitor.is_one_of(&[Role::Registrar, Role::Expert]) {
        &["state", "number", "type", "seller", "buyer", "amount", "due_on"]
    } else {
        &[
            "state",
            "number",
            "unit",
            "type",
            "seller",
            "amount",
            "technology",
            "confirmed_at",
            "agency",
        ]
    };
    chosen(ids.iter().copied())
}

/// The columns of these names, in their usual order, the contract's name before them.
pub fn chosen<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<&'static ListColumn> {
    let ids: Vec<&str> = ids.collect();
    let wanted = |column: &&ListColumn| column.id == "name" || ids.contains(&column.id);
    COLUMNS.iter().filter(wanted).collect()
}

/// The column of a name.
pub fn by_id(id: &str) -> Option<&'static ListColumn> {
    COLUMNS.iter().find(|column| column.id == id)
}

pub use crate::web::contract_facts::name as name_of;

/// Days before the last one on which a deadline is near.
const NEAR_DAYS: i64 = 3;

/// The deadline of a contract, standing out while it presses.
pub fn deadline(contract: &Contract, today: Date) -> Cell {
    let Some(due) = contract.due_on else {
        return Cell::maybe(None::<String>);
    };
    let undecided = matches!(
        contract.state,
        State::Submitted | State::UnderReview | State::ExpertReview
    );
    let left = (due - today).num_days();
    match left {
        ..0 if undecided => Cell::mark(format!("{due} 逾期 {} 天", -left), "bad"),
        0 if undecided => Cell::mark(format!("{due} 今天到期"), "bad"),
        1..=NEAR_DAYS if undecided => Cell::mark(format!("{due} 还有 {left} 天"), "wait"),
        _ => Cell::text(due.to_string()),
    }
}

fn cell(column: &ListColumn, catalogue: &Catalogue, contract: &Contract, today: Date) -> Cell {
    match column.id {
        "name" => Cell::link(name_of(contract), format!("/contracts/{}", contract.id)),
        "state" => state_mark(contract.state),
        "due_on" => deadline(contract, today),
        _ => match (column.value)(catalogue, contract) {
            ListCell::Empty => Cell::maybe(None::<String>),
            ListCell::Text(text) => Cell::Text(text),
            ListCell::Amount(fen) => Cell::Text(yuan(fen)),
            ListCell::Day(day) => Cell::Text(day.to_string()),
        },
    }
}

/// A contract as a row of these columns.
pub fn row_of(columns: &[&ListColumn], catalogue: &Catalogue, contract: &Contract, today: Date) -> Row {
    Row {
        key: String::new(),
        cells: columns.iter().map(|c| cell(c, catalogue, contract, today)).collect(),
    }
}
