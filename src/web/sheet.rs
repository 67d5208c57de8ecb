//! A page that shows: a list with its filters, or one thing with its facts and parts; and what may be done from there.

use actix_web::HttpResponse;
use askama::Template;

use super::{
    field::Field,
    shell::{Shell, ok},
    table::{Cell, Table},
};

/// A page that shows.
#[derive(Clone, Template)]
#[template(path = "sheet.html")]
pub struct Sheet {
    /// What surrounds it.
    pub shell: Shell,
    /// A line about what is shown.
    pub lead: String,
    /// What must be known beside it.
    pub notices: Vec<String>,
    /// What may be done from here.
    pub acts: Vec<ActLink>,
    /// Filters of a list: a form whose values stand in the address.
    pub filters: Vec<Field>,
    /// Where the filters go.
    pub filter_action: String,
    /// Labels and values.
    pub facts: Vec<(&'static str, Cell)>,
    /// The parts, in order.
    pub sections: Vec<Section>,
}

/// Something that may be done from a page.
#[derive(Debug, Clone)]
pub struct ActLink {
    /// Words.
    pub label: String,
    /// Address of the act's page.
    pub href: String,
    /// Whether it stands out among the others.
    pub main: bool,
    /// Whether it is done at once, without a page that asks.
    pub at_once: bool,
}

/// A part of a page.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/section.html")]
pub struct Section {
    /// Its id in the page.
    pub id: &'static str,
    /// Its heading.
    pub title: String,
    /// A line about it.
    pub lead: String,
    /// What may be done with it.
    pub acts: Vec<ActLink>,
    /// Labels and values.
    pub facts: Vec<(&'static str, Cell)>,
    /// Paragraphs.
    pub texts: Vec<String>,
    /// A list.
    pub table: Option<Table>,
}

impl ActLink {
    /// A link to the page of an act.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
            main: false,
            at_once: false,
        }
    }

    /// The same, standing out.
    #[must_use]
    pub fn main(mut self) -> Self {
        self.main = true;
        self
    }

    /// The same, done at once.
    #[must_use]
    pub fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }
}

impl Section {
    /// A part with a list.
    pub fn list(id: &'static str, title: impl Into<String>, table: Table) -> Self {
        Self {
            id,
            title: title.into(),
            table: Some(table),
            ..Self::default()
        }
    }

    /// A part with labels and values.
    pub fn facts(id: &'static str, title: impl Into<String>, facts: Vec<(&'static str, Cell)>) -> Self {
        Self {
            id,
            title: title.into(),
            facts,
            ..Self::default()
        }
    }

    /// The same with a line about it.
    #[must_use]
    pub fn lead(mut self, lead: impl Into<String>) -> Self {
        self.lead = lead.into();
        self
    }
}

impl Sheet {
    /// An empty page.
    pub fn new(shell: Shell) -> Self {
        Self {
            shell,
            lead: String::new(),
            notices: Vec::new(),
            acts: Vec::new(),
            filters: Vec::new(),
            filter_action: String::new(),
            facts: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// A page that is a list: the table needs no heading beside its caption.
    pub fn list(shell: Shell, table: Table) -> Self {
        Self {
            sections: vec![Section::list("list", "", table)],
            ..Self::new(shell)
        }
    }

    /// The same with filters that go to `action`.
    #[must_use]
    pub fn filtered(mut self, action: &str, mut filters: Vec<Field>) -> Self {
        for filter in &mut filters {
            filter.blank = "全部";
        }
        self.filter_action = action.to_owned();
        self.filters = filters;
        self
    }

    /// The page.
    pub fn show(&self) -> HttpResponse {
        ok(self)
    }
}
