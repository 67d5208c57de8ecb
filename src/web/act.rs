//! A page on which something is done: what it is about, what will follow from it, the fields to fill in, one button. What is refused is
//! told on the same page, with what was typed.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{
    field::{Fieldset, Proposals, field_id, refill},
    posted::Typed,
    refusal::{Refusal, errors_of, status_of},
    sheet::Section,
    shell::{Shell, page},
};
use crate::usecases::Error;

/// What is said where someone else was quicker.
pub const OVERTAKEN: &str = "您打开以后，他人已修改或重新登记了这条记录，您的内容还没有保存。下面并列现在的内容和您填写的内容，请核对；再次提交以您填写的为准。";

/// What went wrong, above a form.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/problem.html")]
pub struct Problem {
    /// In a sentence.
    pub detail: String,
    /// What is wrong, each with the address of its field on the page where it has one.
    pub errors: Vec<(String, Option<String>)>,
}

impl Problem {
    /// Of an error, for a form of these fields.
    pub fn of(error: &Error, sets: &[Fieldset]) -> Self {
        let known = |pointer: &str| {
            let fields = sets.iter().flat_map(|set| &set.fields);
            let field = fields
                .filter(|f| pointer == f.name || pointer.starts_with(&format!("{}/", f.name)))
                .max_by_key(|f| f.name.len())?;
            Some((field.label.clone(), format!("#{}", field_id(&field.name))))
        };
        let errors = errors_of(error).into_iter().map(|e| match known(&e.pointer) {
            Some((label, href)) => (format!("{}：{}", label.trim_end_matches('。'), e.detail), Some(href)),
            None => (e.detail, None),
        });
        Self {
            detail: error.to_string(),
            errors: errors.collect(),
        }
    }
}

/// A page on which something is done.
#[derive(Clone, Template)]
#[template(path = "act.html")]
pub struct ActPage {
    /// What surrounds it.
    pub shell: Shell,
    /// What it is about: labels and values.
    pub subject: Vec<(&'static str, String)>,
    /// Where the form goes.
    pub action: String,
    /// Where one goes who thinks better of it.
    pub back: String,
    /// Another page of use here: its address and words.
    pub elsewhere: Option<(&'static str, &'static str)>,
    /// Version of what is changed.
    pub version: Option<i64>,
    /// What it is about at more length, beside the form where there is room.
    pub beside: Vec<Section>,
    /// What will follow.
    pub consequences: Vec<String>,
    /// The fields.
    pub sets: Vec<Fieldset>,
    /// What is proposed for some of them.
    pub proposals: Option<Proposals>,
    /// Words on the button.
    pub button: String,
    /// Whether it cannot be undone by the same person: the button says so by its look.
    pub grave: bool,
    /// Whether a file goes with it.
    pub with_file: bool,
    /// What went wrong.
    pub problem: Option<Problem>,
}

impl ActPage {
    /// A page of this title, about this, whose form goes to `action`.
    pub fn new(shell: Shell, action: impl Into<String>, back: impl Into<String>) -> Self {
        Self {
            button: shell.title.clone(),
            shell,
            subject: Vec::new(),
            beside: Vec::new(),
            action: action.into(),
            back: back.into(),
            elsewhere: None,
            version: None,
            consequences: Vec::new(),
            sets: Vec::new(),
            proposals: None,
            grave: false,
            with_file: false,
            problem: None,
        }
    }

    /// The page again where someone else was quicker: what stands there now beside what was typed. What is sent from here is sent on the
    /// basis of what is shown.
    pub fn overtaken(mut self, now: Section, typed: &Typed) -> HttpResponse {
        refill(&mut self.sets, typed, &[]);
        self.beside = vec![now];
        self.problem = Some(Problem {
            detail: OVERTAKEN.to_owned(),
            errors: Vec::new(),
        });
        page(StatusCode::PRECONDITION_FAILED, &self)
    }

    /// The page.
    pub fn show(&self) -> HttpResponse {
        page(StatusCode::OK, self)
    }

    /// The page again with what was refused, and what was typed.
    ///
    /// # Errors
    /// Where the page itself is not open to the visitor any more.
    pub fn refused(mut self, error: Error, typed: &Typed) -> Result<HttpResponse, Refusal> {
        if matches!(error, Error::Unauthenticated | Error::NotFound) {
            return Err(error.into());
        }
        error.log();
        refill(&mut self.sets, typed, &errors_of(&error));
        self.problem = Some(Problem::of(&error, &self.sets));
        Ok(page(status_of(&error).0, &self))
    }
}
