//! Reports (统计年报、月报、季报) and the documents made of them.

use super::{
    Context, Error, documents, report_paragraphs,
    statistics::{self, Asked, Span, editions},
};
use crate::{
    documents::report_document::{DocumentError, ReportFormat, report_document, report_in_page},
    report::{self, FreeParagraph, Setting},
    statistics::AnnualFigures,
};

pub use crate::report::Report;

/// The report: of a whole year with what staff added, of a part of it the short bulletin. An edition's is the one that was frozen
/// when the year was closed, whatever labels, paragraphs and sentences have become since.
///
/// # Errors
/// A year or a part of it that there is not; no such edition.
pub async fn report(ctx: &Context, asked: Asked) -> Result<Report, Error> {
    let year = asked.year;
    if let Some(edition) = asked.edition {
        return ctx.store.read(move |db| editions::report(db, year, edition)).await;
    }
    let figures = statistics::read(ctx, &asked).await?;
    let paragraphs = ctx.store.read(move |db| report_paragraphs::all(db, year)).await?;
    written(ctx, &figures, &paragraphs)
}

/// The report that these figures and paragraphs make.
///
/// # Errors
/// The program's own settings of reports are broken; a test holds that they are not.
pub(super) fn written(ctx: &Context, figures: &AnnualFigures, paragraphs: &[FreeParagraph]) -> Result<Report, Error> {
    let hash = figures.hash().map_err(Error::internal)?;
    let setting = Setting {
        office: &ctx.office,
        catalogue: &ctx.catalogue,
        demo: ctx.settings.documents.made_up_records,
        figures_hash: &hash,
        paragraphs,
    };
    Ok(match figures.span {
        Span::Year => report::annual(figures, setting),
        _ => report::bulletin(figures, setting),
    })
}

/// A report as a document.
///
/// # Errors
/// [`Error::Unavailable`] where the machine has no Chinese font.
pub async fn document(ctx: &Context, report: Report, format: ReportFormat) -> Result<Vec<u8>, Error> {
    documents::make(ctx, move |pdf| report_document(pdf, &report, format)).await
}

/// What a file of a report is called: `2025年技术市场统计年报.pdf`.
pub fn file_name(year: i32, span: Span, extension: &str) -> String {
    let part = match span {
        Span::Year => "年报".to_owned(),
        Span::Month(month) => format!("{month}月月报"),
        Span::Quarter(quarter) => format!("第{quarter}季度季报"),
        Span::Until(day) => format!("（截至{day}）"),
    };
    format!("{year}年技术市场统计{part}.{extension}")
}

/// A report to be read within a page, see [`report_in_page`].
///
/// # Errors
/// [`Error::Unavailable`] where the machine has no Chinese font.
pub async fn in_page(
    ctx: &Context,
    report: Report,
    link: impl Fn(&str) -> String + Send + Sync + 'static,
) -> Result<String, Error> {
    documents::make(ctx, move |pdf| report_in_page(pdf, &report, &link)).await
}

impl From<DocumentError> for Error {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Pdf(error) => error.into(),
            other => Self::internal(other),
        }
    }
}
