//! A column of the tabular form.

use crate::domain::{catalogue::Catalogue, code_list::ListName, workflow::State};

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Free text.
    Text,
    /// A number or code of letters and digits, kept as text: registration numbers, region codes, certificate numbers.
    Identifier,
    /// A unified social credit code (GB 32100-2015).
    CreditCode,
    /// A label (or id) of a code list.
    Code(ListName),
    /// A ground of revocation or of cancellation, as the row's state says.
    EndGround,
    /// Labels (or ids) of a code list, joined by `、` or `;`.
    Codes(ListName),
    /// The label (or id) of a state of the workflow.
    State,
    /// The label (or id) of a kind of reference figure.
    ReferenceKind,
    /// 是 or 否.
    YesNo,
    /// A calendar date.
    Date,
    /// A date and time.
    Moment,
    /// Yuan with at most two decimals, not negative.
    Amount,
    /// A whole number, not negative.
    Count,
    /// A calendar year.
    Year,
}

/// One column: its header and what stands below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The header, in Chinese, as in the office's files.
    pub header: &'static str,
    /// Other headers that mean the same.
    pub aliases: &'static [&'static str],
    /// Whether a file without this header is refused; the others were added to the form later.
    pub base: bool,
    /// Whether an empty cell is refused in every row.
    pub required: bool,
    /// What its cells hold.
    pub form: Form,
    /// What a person who fills it in should know.
    pub note: &'static str,
    /// A made-up value, for the template's example.
    pub sample: &'static str,
}

impl Column {
    /// A column of the base form whose cells may be empty.
    pub(super) const fn base(header: &'static str, form: Form, sample: &'static str, note: &'static str) -> Self {
        Self {
            header,
            aliases: &[],
            base: true,
            required: false,
            form,
            note,
            sample,
        }
    }

    /// A column of the base form whose cells must be filled in.
    pub(super) const fn required(header: &'static str, form: Form, sample: &'static str, note: &'static str) -> Self {
        let mut column = Self::base(header, form, sample, note);
        column.required = true;
        column
    }

    /// A column that a file need not have.
    pub(super) const fn optional(header: &'static str, form: Form, sample: &'static str, note: &'static str) -> Self {
        let mut column = Self::base(header, form, sample, note);
        column.base = false;
        column
    }

    /// The same column, known by further headers.
    pub(super) const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// What may be chosen in the column, for a drop-down; empty where anything may be written.
    pub fn choices(&self, catalogue: &Catalogue) -> Vec<String> {
        let labels = |name| catalogue.list(name).items().iter().map(|i| i.label.clone());
        match self.form {
            Form::Code(ListName::Country) => Vec::new(),
            Form::Code(name) => labels(name).collect(),
            Form::EndGround => {
                let mut grounds: Vec<String> = labels(ListName::RevocationGround).collect();
                for ground in labels(ListName::CancellationGround) {
                    if !grounds.contains(&ground) {
                        grounds.push(ground);
                    }
                }
                grounds
            }
            Form::State => State::ALL.iter().map(|s| s.label().to_owned()).collect(),
            Form::ReferenceKind => super::REFERENCE_KINDS
                .iter()
                .map(|(_, label)| (*label).to_owned())
                .collect(),
            Form::YesNo => vec!["是".into(), "否".into()],
            _ => Vec::new(),
        }
    }
}

/// Declares an enum of columns and the table that it indexes (`table[Variant as usize]`), so that the two cannot part.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident, $table:ident { $($variant:ident: $column:expr,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the table beside it names each column in Chinese")]
        pub enum $name { $($variant),* }

        impl $name {
            /// Every column, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
        }

        #[doc = concat!("The columns that [`", stringify!($name), "`] indexes, in the order of the form.")]
        pub static $table: &[Column] = &[$($column),*];
    };
}
pub(super) use columns;
