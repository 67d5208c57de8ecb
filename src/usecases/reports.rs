//! Reports (统计年报、月报、季报) and the documents made of them.

use super::{Context, Error, documents, report_paragraphs, statistics, statistics::Span};
use crate::{
    documents::report_document::{DocumentError, ReportFormat, report_document},
    domain::time::Moment,
    report::{self, Office, Report, Setting},
};

/// Which report is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The year.
    pub year: i32,
    /// The moment whose state of things is counted; `None`: now.
    pub as_of: Option<Moment>,
    /// The part of the year: the annual report is of the whole, a bulletin of a part.
    pub span: Span,
}

/// The report: of a whole year with what staff added, of a part of it the short bulletin.
///
/// # Errors
/// A year or a part of it that there is not.
pub async fn report(ctx: &Context, asked: Asked) -> Result<Report, Error> {
    let figures = statistics::within(ctx, asked.year, asked.as_of, asked.span).await?;
    let year = asked.year;
    let paragraphs = ctx.store.read(move |db| report_paragraphs::all(db, year)).await?;
    let setting = Setting {
        office: Office::embedded().map_err(Error::internal)?,
        catalogue: &ctx.catalogue,
        demo: ctx.settings.documents.made_up_records,
        figures_hash: None,
        paragraphs: &paragraphs,
    };
    Ok(match asked.span {
        Span::Year => report::annual(&figures, setting),
        _ => report::bulletin(&figures, setting),
    })
}

/// A report as a document.
///
/// # Errors
/// [`Error::Unavailable`] where the machine has no Chinese font.
pub async fn document(ctx: &Context, report: Report, format: ReportFormat) -> Result<Vec<u8>, Error> {
    documents::make(ctx, move |pdf| report_document(pdf, &report, format)).await
}

impl From<DocumentError> for Error {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Pdf(error) => error.into(),
            other => Self::internal(other),
        }
    }
}
