//! A list: dense, with a caption and named columns, readable as a table by whoever does not see it, and as cards on a narrow screen.

use askama::Template;

use super::show::yuan;
use crate::domain::money::Fen;

/// A list.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/table.html")]
pub struct Table {
    /// What is listed.
    pub caption: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What the rows come to, where that is said.
    pub total: Option<Row>,
    /// What is said where there are none.
    pub empty: String,
    /// Address of the next page.
    pub next: Option<String>,
    /// Address of the first page, on any other one.
    pub first: Option<String>,
    /// Name of the tick boxes before the rows, where rows can be chosen for something done in bulk.
    pub tick: Option<&'static str>,
}

impl Table {
    /// The column of a cell.
    fn column(&self, index: &usize) -> Column {
        self.columns.get(*index).cloned().unwrap_or_default()
    }
}

/// A column.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Its head.
    pub label: String,
    /// Whether it holds numbers: set to the right.
    pub number: bool,
    /// Whether its cells stay on one line: days, names of people.
    pub short: bool,
    /// Address of the list sorted by it.
    pub sort: Option<String>,
    /// How it is sorted now: `ascending`, `descending`.
    pub sorted: Option<&'static str>,
}

impl Column {
    /// Of texts.
    pub fn text(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// Of numbers.
    pub fn number(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            number: true,
            ..Self::default()
        }
    }
}

/// A row.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// What its tick box sends; without it there is none.
    pub key: String,
    /// Its cells, one a column; the first names the row.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/cell.html")]
pub enum Cell {
    /// A text.
    Text(String),
    /// A text that leads somewhere.
    Link {
        /// Words.
        text: String,
        /// Address.
        href: String,
    },
    /// A mark: words in a shape, so that they stand out without colour too. The kind is a CSS class of `tables.css`.
    Mark {
        /// Words.
        text: String,
        /// `plain`, `wait`, `good`, `bad`, `over`.
        kind: &'static str,
    },
    /// Several of these.
    Many(Vec<Cell>),
}

impl Cell {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A text that may be missing.
    pub fn maybe(text: Option<impl Into<String>>) -> Self {
        Self::Text(text.map_or_else(|| "–".to_owned(), Into::into))
    }

    /// A link.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Link {
            text: text.into(),
            href: href.into(),
        }
    }

    /// Whether it is one word, as a number, a moment or a name is: it stays on one line.
    fn is_word(&self) -> bool {
        match self {
            // Five Chinese characters, or a code.
            Self::Text(text) | Self::Link { text, .. } => text.len() <= 15 || (text.is_ascii() && text.len() <= 20),
            Self::Mark { .. } => true,
            Self::Many(cells) => cells.len() <= 2 && cells.iter().all(Self::is_word),
        }
    }

    /// Whether it is a text rather than a value, and takes the room of two: more than twenty Chinese characters or so.
    pub fn is_long(&self) -> bool {
        match self {
            Self::Text(text) | Self::Link { text, .. } | Self::Mark { text, .. } => text.len() > 60,
            Self::Many(cells) => cells.iter().any(Self::is_long),
        }
    }

    /// An amount in 元.
    pub fn yuan(fen: Option<Fen>) -> Self {
        Self::Text(fen.map_or_else(|| "–".to_owned(), yuan))
    }

    /// A mark.
    pub fn mark(text: impl Into<String>, kind: &'static str) -> Self {
        Self::Mark {
            text: text.into(),
            kind,
        }
    }
}
