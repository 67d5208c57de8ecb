//! What is handed in, what is shown, and the checks of the words.

use crate::{
    domain::{catalogue::Catalogue, error::FieldError},
    report::{CHAPTERS, Typed, read_names, typed_numbers},
    storage::report_paragraphs::ReportParagraph,
    usecases::values::required_text,
};

/// A paragraph to be written; what is absent stays, or has to be there for a new one.
#[derive(Clone, Default)]
pub struct NewParagraph {
    /// Id of the chapter.
    pub chapter: Option<String>,
    /// Its place, 0–100000; after the last one, where absent.
    pub position: Option<i64>,
    /// Its words, 1–2000 characters.
    pub text: Option<String>,
}

/// A paragraph with the numbers in it that are bound to no figure.
#[derive(Debug, Clone)]
pub struct ParagraphView {
    /// The paragraph.
    pub paragraph: ReportParagraph,
    /// Numbers typed into it.
    pub unbound: Vec<Typed>,
}

impl From<ReportParagraph> for ParagraphView {
    fn from(paragraph: ReportParagraph) -> Self {
        Self {
            unbound: typed_numbers(&paragraph.text),
            paragraph,
        }
    }
}

/// Highest place.
const LAST: i64 = 100_000;

pub(super) fn chapter(errors: &mut Vec<FieldError>, id: Option<&str>) -> String {
    match id {
        None => errors.push(FieldError::new("/chapter", "required", "此项必填。")),
        Some(id) if CHAPTERS.iter().any(|(known, _)| *known == id) => return id.to_owned(),
        Some(_) => {
            let known: Vec<&str> = CHAPTERS.iter().map(|(id, _)| *id).collect();
            let detail = format!("应为 {} 之一。", known.join("、"));
            errors.push(FieldError::new("/chapter", "unknown_code", detail));
        }
    }
    String::new()
}

pub(super) fn position(errors: &mut Vec<FieldError>, position: i64) -> i64 {
    if !(0..=LAST).contains(&position) {
        let detail = format!("应为 0 至 {LAST} 的整数。");
        errors.push(FieldError::new("/position", "out_of_range", detail));
    }
    position
}

/// The words, every name in double braces being a figure in a form of its own.
pub(super) fn words(errors: &mut Vec<FieldError>, catalogue: &Catalogue, text: Option<&str>) -> String {
    let text = required_text(errors, "/text", text);
    for wrong in read_names(catalogue, &text).err().unwrap_or_default() {
        let detail = format!(
            "第 {} 个字符处的“{}”：{}。",
            wrong.offset + 1,
            wrong.name,
            wrong.problem
        );
        errors.push(FieldError::new("/text", "unknown_figure", detail));
    }
    text
}
