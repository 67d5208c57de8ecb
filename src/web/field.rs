//! A field of a form: its label, its help, what stands in it and what is wrong with it. Every form is made of these, so that every form
//! is read out, marked and mended in the same way.

use askama::Template;

use super::posted::Typed;
use crate::domain::{
    code_list::CodeList,
    error::FieldError,
    money::{Fen, format_yuan},
    time::Date,
};

/// A field of a form.
#[derive(Clone, Template)]
#[template(path = "parts/field.html")]
pub struct Field {
    /// Name in the form: the pointer by which errors name it.
    pub name: String,
    /// What it is.
    pub label: String,
    /// A line of help, with the rule it comes from.
    pub help: String,
    /// What stands in it; of [`Control::Choices`] the chosen ones are marked instead.
    pub value: String,
    /// What is wrong with it.
    pub errors: Vec<String>,
    /// Whether it must be filled in. Browsers are not told: the server names all that is missing at once.
    pub required: bool,
    /// How it is filled in.
    pub control: Control,
    /// Room that it takes: 1 to 4 quarters of the line.
    pub span: u8,
    /// What the page says of the value: an amount in words, say.
    pub note: String,
    /// Whether the cursor stands here when the page opens.
    pub focus: bool,
    /// Of `autocomplete`; `off` where browsers should not remember.
    pub autocomplete: &'static str,
    /// Names for scripts: `data-…` attributes.
    pub data: Vec<(&'static str, String)>,
    /// Of a [`Control::Select`]: what is read where nothing is chosen.
    pub blank: &'static str,
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// A line of text; the id of a `datalist` that the page holds, where there is one.
    Text(Option<String>),
    /// A password.
    Password,
    /// Several lines.
    Area(u8),
    /// A date, `YYYY-MM-DD`.
    Date,
    /// An amount in 元.
    Yuan,
    /// A whole number.
    Integer,
    /// One of a list, opened on demand.
    Select(Vec<Choice>),
    /// One of a few, all seen.
    Radios(Vec<Choice>),
    /// Several of a list.
    Choices(Vec<Choice>),
    /// A file, by the media types and endings that may be chosen.
    File(&'static str),
    /// Yes where it is ticked (`true`).
    Tick,
    /// Not seen.
    Hidden,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// What more there is to say of it.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
    /// In a [`Control::Select`], the heading under which it stands; empty: none.
    pub group: String,
    /// Names for scripts: `data-…` attributes, of a [`Control::Select`].
    pub data: Vec<(&'static str, String)>,
}

impl Choice {
    /// An entry.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: String::new(),
            chosen: false,
            group: String::new(),
            data: Vec::new(),
        }
    }
}

/// Choices under the headings under which they stand.
fn grouped(choices: &[Choice]) -> Vec<(&str, Vec<&Choice>)> {
    let mut groups: Vec<(&str, Vec<&Choice>)> = Vec::new();
    for choice in choices {
        match groups.last_mut().filter(|(name, _)| *name == choice.group) {
            Some((_, members)) => members.push(choice),
            None => groups.push((&choice.group, vec![choice])),
        }
    }
    groups
}

/// The entries of a code list: current ones only.
pub fn choices(list: &CodeList) -> Vec<Choice> {
    list.items()
        .iter()
        .map(|item| Choice::new(&item.id, &item.label))
        .collect()
}

impl Field {
    fn of(name: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            help: String::new(),
            value: String::new(),
            errors: Vec::new(),
            required: false,
            control,
            span: 2,
            note: String::new(),
            focus: false,
            autocomplete: "off",
            data: Vec::new(),
            blank: "",
        }
    }

    /// A line of text.
    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::of(name, label, Control::Text(None))
    }

    /// A line of text with proposals: the id of the page's `datalist`.
    pub fn proposed(name: impl Into<String>, label: impl Into<String>, list: &str) -> Self {
        Self::of(name, label, Control::Text(Some(list.to_owned())))
    }

    /// Several lines of text.
    pub fn area(name: impl Into<String>, label: impl Into<String>, rows: u8) -> Self {
        Self::of(name, label, Control::Area(rows)).span(4)
    }

    /// A password.
    pub fn password(name: impl Into<String>, label: impl Into<String>, autocomplete: &'static str) -> Self {
        Self {
            autocomplete,
            ..Self::of(name, label, Control::Password)
        }
    }

    /// A date.
    pub fn date(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::of(name, label, Control::Date).span(1)
    }

    /// An amount in 元.
    pub fn yuan(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::of(name, label, Control::Yuan).span(1)
    }

    /// A whole number.
    pub fn integer(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::of(name, label, Control::Integer).span(1)
    }

    /// One of a list.
    pub fn select(name: impl Into<String>, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::of(name, label, Control::Select(choices))
    }

    /// One of a few.
    pub fn radios(name: impl Into<String>, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::of(name, label, Control::Radios(choices))
    }

    /// Several of a list.
    pub fn several(name: impl Into<String>, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::of(name, label, Control::Choices(choices)).span(4)
    }

    /// A file.
    pub fn file(name: impl Into<String>, label: impl Into<String>, accept: &'static str) -> Self {
        Self::of(name, label, Control::File(accept))
    }

    /// A tick.
    pub fn tick(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::of(name, label, Control::Tick)
    }

    /// Something that is sent along.
    pub fn hidden(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::of(name, "", Control::Hidden).value(value)
    }

    /// The same with a line of help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same, marked as needed.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same, so many quarters wide.
    #[must_use]
    pub fn span(mut self, quarters: u8) -> Self {
        self.span = quarters;
        self
    }

    /// The same with the cursor in it.
    #[must_use]
    pub fn focus(mut self) -> Self {
        self.focus = true;
        self
    }

    /// The same with a `data-…` attribute.
    #[must_use]
    pub fn data(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.data.push((name, value.into()));
        self
    }

    /// The same with something in it.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.set(&[value.into()]);
        self
    }

    /// The same with a value that may be missing.
    #[must_use]
    pub fn maybe(self, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.value(value),
            None => self,
        }
    }

    /// The same with an amount.
    #[must_use]
    pub fn fen(self, fen: Option<Fen>) -> Self {
        self.maybe(fen.map(format_yuan))
    }

    /// The same with a day.
    #[must_use]
    pub fn day(self, day: Option<Date>) -> Self {
        self.maybe(day.map(|d| d.to_string()))
    }

    fn set(&mut self, values: &[String]) {
        let first = values.first().cloned().unwrap_or_default();
        match &mut self.control {
            Control::Select(choices) | Control::Radios(choices) => {
                for choice in choices.iter_mut() {
                    choice.chosen = choice.value == first;
                }
            }
            Control::Choices(choices) => {
                for choice in choices.iter_mut() {
                    choice.chosen = values.contains(&choice.value);
                }
            }
            // A password is typed anew.
            Control::Password => return,
            _ => {}
        }
        self.value = first;
    }

    /// What was typed comes back.
    pub fn refill(&mut self, typed: &Typed) {
        if self.control == Control::Hidden {
            return;
        }
        match self.control {
            Control::Choices(_) => self.set(&typed.all(&self.name)),
            _ => self.set(&[typed.raw(&self.name).to_owned()]),
        }
    }

    /// Marks it with the errors that are about it; answers whether there are any.
    pub fn mark(&mut self, errors: &[FieldError]) {
        let below = format!("{}/", self.name);
        let own = errors
            .iter()
            .filter(|e| e.pointer == self.name || e.pointer.starts_with(&below));
        self.errors = own.map(|e| e.detail.clone()).collect();
    }

    /// Its id in the page.
    pub fn id(&self) -> String {
        field_id(&self.name)
    }

    /// Ids of what describes it.
    fn described_by(&self) -> String {
        let id = self.id();
        let mut ids = Vec::new();
        if !self.help.is_empty() {
            ids.push(format!("{id}-help"));
        }
        if !self.errors.is_empty() {
            ids.push(format!("{id}-error"));
        }
        ids.join(" ")
    }
}

/// What is proposed for lines of text ([`Field::proposed`]) of a page.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/proposals.html")]
pub struct Proposals {
    /// Its id in the page.
    pub id: &'static str,
    /// Values, and what is said of each.
    pub entries: Vec<(String, String)>,
    /// Whether there are more than these.
    pub more: bool,
}

/// The id in the page of the field that a pointer names.
pub fn field_id(pointer: &str) -> String {
    let plain: String = pointer
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("f{plain}")
}

/// Fields that belong together.
#[derive(Clone, Default)]
pub struct Fieldset {
    /// What they are about; empty where nothing need be said.
    pub title: String,
    /// A line about them.
    pub lead: String,
    /// The fields.
    pub fields: Vec<Field>,
}

impl Fieldset {
    /// Fields under a title.
    pub fn new(title: impl Into<String>, fields: Vec<Field>) -> Self {
        Self {
            title: title.into(),
            lead: String::new(),
            fields,
        }
    }

    /// Its id in the page, for a side index.
    pub fn id(&self, index: &usize) -> String {
        format!("section-{}", index + 1)
    }
}

/// What was typed comes back, with what is wrong marked.
pub fn refill(sets: &mut [Fieldset], typed: &Typed, errors: &[FieldError]) {
    for field in sets.iter_mut().flat_map(|set| &mut set.fields) {
        field.refill(typed);
        field.mark(errors);
    }
}
