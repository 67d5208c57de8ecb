//! What a list is asked for by its address, and the form that asks for it.

use std::borrow::Cow;

use super::{
    came::Came,
    columns::{COLUMNS, ListColumn, by_id, chosen, usual},
};
use crate::{
    domain::{code_list::ListName, error::FieldError, policy, queue::Queue, workflow::State},
    http::{contract_list::read_filters, query::Query},
    usecases::{
        Context, Error,
        contracts::list::{ContractQuery, SortKey},
        work_queues,
    },
    web::{
        field::{Choice, Field, choices},
        people::person,
        registrars::agencies,
        visitor::Visitor,
    },
};

/// Contracts of a page.
const PAGE: i64 = 50;

/// The parameters of an address, to be kept in the next one.
#[derive(Clone, Default)]
pub struct Kept(Vec<(String, String)>);

impl Kept {
    /// Of a query string: what is empty, tells of what was done, or is a place in the list goes.
    pub fn of(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes()).into_owned();
        let gone = |name: &str| matches!(name, "done" | "came" | "cursor" | "columns");
        Self(pairs.filter(|(name, value)| !value.is_empty() && !gone(name)).collect())
    }

    /// What a parameter says.
    pub fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// The same with another value of a parameter; without it where there is none.
    #[must_use]
    pub fn with(&self, name: &str, value: Option<&str>) -> Self {
        let others = self.0.iter().filter(|(n, _)| n != name).cloned();
        let new = value.map(|v| (name.to_owned(), v.to_owned()));
        Self(others.chain(new).collect())
    }

    /// As the address of a page.
    pub fn address(&self, path: &str) -> String {
        if self.0.is_empty() {
            return path.to_owned();
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish();
        format!("{path}?{query}")
    }
}

/// What some filters are chosen from.
#[derive(Default)]
pub struct Offered {
    agencies: Vec<Choice>,
    /// Empty for whoever may not know them.
    reviewers: Vec<Choice>,
    /// The visitor's queues, and how much is in each.
    pub queues: Vec<work_queues::Counted>,
}

impl Offered {
    /// For a visitor.
    pub async fn to(ctx: &Context, visitor: &Visitor) -> Result<Self, Error> {
        let actor = &visitor.caller.actor;
        let mut reviewers = Vec::new();
        if policy::decide_hand_over(actor).is_ok() {
            reviewers.push(Choice::new("me", "本人"));
            let others = work_queues::receivers(ctx, actor.clone()).await?;
            reviewers.extend(others.into_iter().map(|(username, name)| person(username, name)));
        }
        Ok(Self {
            agencies: agencies(ctx).await?,
            reviewers,
            queues: work_queues::counts(ctx, actor.clone()).await?,
        })
    }
}

/// What a list is asked for.
pub struct Asked {
    /// The parameters, as they go into further addresses.
    pub kept: Kept,
    /// The columns.
    pub columns: Vec<&'static ListColumn>,
    /// One of the visitor's queues.
    pub queue: Option<Queue>,
    /// Filters, order and place.
    pub query: ContractQuery,
    /// What was just done.
    pub done: Option<String>,
    /// What came of something done with many.
    pub came: Option<Came>,
    /// What is wrong with the parameters.
    pub errors: Vec<FieldError>,
}

/// How a queue is sorted where nobody asks for another order, and whether backwards: what presses first.
pub const fn order_of(queue: Queue) -> (SortKey, bool) {
    match queue {
        Queue::Drafts | Queue::ChangeRequests | Queue::Panels => (SortKey::Id, true),
        Queue::ReturnedToMe => (SortKey::SubmittedAt, false),
        Queue::Waiting
        | Queue::Mine
        | Queue::Unclaimed
        | Queue::Overdue
        | Queue::DueSoon
        | Queue::WaitingForExperts => (SortKey::DueOn, false),
    }
}

/// A query string with the order of its queue where it names none.
fn with_order(text: &str) -> Cow<'_, str> {
    let pairs = || form_urlencoded::parse(text.as_bytes());
    let given = |wanted: &str| pairs().find(|(name, value)| name == wanted && !value.is_empty());
    let queue = given("queue").and_then(|(_, id)| Queue::from_id(&id));
    let Some(queue) = queue.filter(|_| given("sort").is_none()) else {
        return Cow::Borrowed(text);
    };
    let mut ordered = form_urlencoded::Serializer::new(String::new());
    ordered
        .extend_pairs(pairs().filter(|(name, _)| name != "sort"))
        .append_pair("sort", &sort_of(order_of(queue)));
    Cow::Owned(ordered.finish())
}

/// An order as an address names it.
pub fn sort_of((sort, descending): (SortKey, bool)) -> String {
    format!("{}{}", if descending { "-" } else { "" }, sort.id())
}

impl Asked {
    /// Reads a query string.
    pub fn read(ctx: &Context, visitor: &Visitor, text: &str) -> Self {
        let mut query = Query::parse_with_many(&with_order(text), "columns");
        let done = query.text("done");
        let came = query.one_of("came", Came::read);
        let named = query.every(COLUMNS.len(), |value| {
            value.split(',').map(by_id).collect::<Option<Vec<_>>>()
        });
        let named: Vec<&str> = named.into_iter().flatten().map(|column| column.id).collect();
        let limited = query.has("limit");
        let (queue, mut asked) = read_filters(&ctx.catalogue, &mut query, &visitor.caller.actor.username);
        if !limited {
            asked.limit = PAGE;
        }
        let (columns, columns_kept) = if named.is_empty() {
            (usual(visitor), None)
        } else {
            (chosen(named.iter().copied()), Some(named.join(",")))
        };
        Self {
            kept: Kept::of(text).with("columns", columns_kept.as_deref()),
            columns,
            queue,
            query: asked,
            done,
            came,
            errors: query.finish().err().unwrap_or_default(),
        }
    }

    /// The fields that are always seen, and those that are seen on demand or where they say something.
    pub fn fields(&self, ctx: &Context, offered: &Offered) -> (Vec<Field>, Vec<Field>) {
        let list = |name| choices(ctx.catalogue.list(name));
        let states = State::ALL.into_iter().map(|s| Choice::new(s.id(), s.label()));
        let first = vec![
            Field::text("q", "查找").help("编号、合同名称或双方名称中的文字"),
            self.select("state", "状态", states.collect()),
            self.select("type", "合同类别", list(ListName::Type)),
            self.select("unit", "归属单位", list(ListName::Unit)),
        ];
        let second = vec![
            Field::integer("year", "确认年度"),
            self.select("field", "技术领域", list(ListName::Field)),
            self.select("agency", "登记机构", offered.agencies.clone())
                .data("choose", ""),
            if offered.reviewers.is_empty() {
                Field::text("claimed_by", "领取人").help("用户名")
            } else {
                self.select("claimed_by", "领取人", offered.reviewers.clone())
                    .data("choose", "")
            },
            Field::date("due_before", "期限早于"),
            Field::date("submitted_from", "提交自"),
            Field::date("submitted_to", "提交至"),
        ];
        let filled =
            |fields: Vec<Field>| -> Vec<Field> { fields.into_iter().map(|field| self.filled(field)).collect() };
        (filled(first), filled(second))
    }

    /// A list to choose from; several that are asked for together stay one entry.
    fn select(&self, name: &str, label: &str, mut entries: Vec<Choice>) -> Field {
        let value = self.kept.value(name);
        if !value.is_empty() && !entries.iter().any(|c| c.value == value) {
            let labels: Vec<&str> = value
                .split(',')
                .map(|id| entries.iter().find(|c| c.value == id).map_or(id, |c| c.label.as_str()))
                .collect();
            entries.push(Choice::new(value, labels.join("、")));
        }
        Field::select(name, label, entries)
    }

    fn filled(&self, field: Field) -> Field {
        let value = self.kept.value(&field.name).to_owned();
        let mut field = field.value(value);
        let own = self
            .errors
            .iter()
            .filter(|e| e.pointer.strip_prefix('/') == Some(&field.name));
        field.errors = own.map(|e| e.detail.clone()).collect();
        field
    }

    /// Whether a filter of those seen on demand says something.
    pub fn more_asked(&self) -> bool {
        [
            "year",
            "field",
            "agency",
            "claimed_by",
            "due_before",
            "submitted_from",
            "submitted_to",
        ]
        .into_iter()
        .any(|name| !self.kept.value(name).is_empty())
    }

    /// The columns to choose from.
    pub fn column_choices(&self) -> Vec<Choice> {
        let choices = COLUMNS.iter().skip(1).map(|column| Choice {
            chosen: self.columns.iter().any(|c| c.id == column.id),
            ..Choice::new(column.id, column.label)
        });
        choices.collect()
    }
}
