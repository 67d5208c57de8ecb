//! 履约跟踪、市场活动、参考数据: what a statistician records beside the contracts. Each kind is listed, read, added, changed and removed
//! by the same pages ([`pages`]); what it holds, its own file says ([`Record`]).

mod activities;
mod follow_ups;
pub(super) mod pages;
mod reference_figures;

use askama::Template;

use super::{
    field::{Choice, Field, Fieldset, Proposals},
    posted::Typed,
    refusal::Refusal,
    shell::Shell,
    statistics::frame::Frame,
    table::Table,
    visitor::Visitor,
};
use crate::{
    domain::account::Actor,
    http::query::Query,
    usecases::{
        Context, Error,
        command::{Answer, Command},
        follow_ups::may_keep,
        values::Checked,
    },
};

/// A kind of record, as its pages need it.
trait Record {
    /// Where its list is, and below it all its other pages.
    const BASE: &'static str;
    /// What it is called.
    const NOUN: &'static str;
    /// Facts, from the first on, that name one and are not changed: they head the form of a change.
    const NAMING: usize;
    /// What an address names one by.
    type Id: Clone;
    /// One as it is read.
    type View;
    /// What is typed of one.
    type Input;

    /// Of an address; what names none is the address of nothing.
    fn id(text: &str) -> Result<Self::Id, Error>;
    /// The address of one.
    fn href(view: &Self::View) -> String;
    /// The heading of its page.
    fn title(view: &Self::View) -> String;
    /// The version that a change of it names.
    fn version(view: &Self::View) -> i64;
    /// All that is known of it.
    fn facts(ctx: &Context, view: &Self::View) -> Vec<(&'static str, String)>;
    /// What is doubtful about it.
    fn doubts(_view: &Self::View) -> Vec<String> {
        Vec::new()
    }
    /// The fields of the form, with what is there, or of a new one.
    fn sets(ctx: &Context, there: Option<&Self::View>) -> Vec<Fieldset>;
    /// Where a new one's field takes proposals from.
    fn proposals() -> Option<Proposals> {
        None
    }
    /// Reads a new one's fields that are no single values, before [`Record::input`].
    async fn prepare(_ctx: &Context, _actor: &Actor, _typed: &mut Typed) -> Result<(), Error> {
        Ok(())
    }
    /// What was typed.
    fn input(typed: &mut Typed, new: bool) -> Self::Input;

    /// The list that an address asks for.
    async fn list(ctx: &Context, visitor: &Visitor, query: Query) -> Result<ListPage, Refusal>;
    /// One of them.
    async fn read(ctx: &Context, actor: &Actor, id: Self::Id) -> Result<Self::View, Error>;
    /// Adds one.
    async fn create(
        ctx: &Context,
        command: Command<Self::View>,
        input: Checked<Self::Input>,
    ) -> Result<Answer<Self::View>, Error>;
    /// Changes one.
    async fn change(
        ctx: &Context,
        command: Command<Self::View>,
        id: Self::Id,
        input: Checked<Self::Input>,
    ) -> Result<Answer<Self::View>, Error>;
    /// Removes one.
    async fn remove(ctx: &Context, command: Command<()>, id: Self::Id) -> Result<(), Error>;
}

/// A list of records.
#[derive(Template)]
#[template(path = "records/list.html")]
struct ListPage {
    shell: Shell,
    frame: Frame,
    lead: &'static str,
    action: &'static str,
    fields: Vec<Field>,
    /// What is to be said of what was found.
    told: String,
    table: Table,
    /// Whether the visitor may add one.
    may_keep: bool,
}

/// One record.
#[derive(Template)]
#[template(path = "records/record.html")]
struct RecordPage {
    shell: Shell,
    frame: Frame,
    facts: Vec<(&'static str, String)>,
    /// What is doubtful about it.
    doubts: Vec<String>,
    /// Its address.
    href: String,
    back: &'static str,
    may_keep: bool,
}

impl ListPage {
    fn new<R: Record>(visitor: &Visitor, lead: &'static str) -> Self {
        Self {
            shell: visitor.shell(R::NOUN).at("/statistics").wide(),
            frame: Frame::beside(R::BASE),
            lead,
            action: R::BASE,
            fields: Vec::new(),
            told: String::new(),
            table: Table::default(),
            may_keep: keeps(&visitor.caller.actor),
        }
    }
}

fn keeps(actor: &Actor) -> bool {
    may_keep(actor).is_ok()
}

fn yes_or_no() -> Vec<Choice> {
    vec![Choice::new("true", "是"), Choice::new("false", "否")]
}

fn said(yes: bool) -> String {
    if yes { "是" } else { "否" }.to_owned()
}

/// What two parts of an address say, the last parted from the other by a dash: a name and a year.
fn name_and_year(id: &str) -> Result<(String, i32), Error> {
    let found = id
        .rsplit_once('-')
        .and_then(|(name, year)| Some((name.to_owned(), year.parse().ok()?)));
    found
        .filter(|(name, _)| !name.contains(char::is_control))
        .ok_or(Error::NotFound)
}

/// The year of a list's filter.
fn year_of(query: &mut Query) -> Option<i32> {
    query
        .integer("year", 1900..=2200)
        .and_then(|year| i32::try_from(year).ok())
}

/// The field of that filter.
fn year_field(label: &str, year: Option<i32>) -> Field {
    Field::integer("year", label).maybe(year.map(|year| year.to_string()))
}
