//! Reports (统计年报、月报、季报) and the documents made of them.

use super::{
    Context, Error, documents, report_paragraphs,
    statistics::{self, Asked, Span},
};
use crate::{
    documents::report_document::{DocumentError, ReportFormat, report_document},
    report::{self, Office, Report, Setting},
};

/// The report: of a whole year with what staff added, of a part of it the short bulletin.
///
/// # Errors
/// A year or a part of it that there is not; no such edition.
pub async fn report(ctx: &Context, asked: Asked) -> Result<Report, Error> {
    let figures = statistics::read(ctx, &asked).await?;
    let year = asked.year;
    let paragraphs = ctx.store.read(move |db| report_paragraphs::all(db, year)).await?;
    // An edition's documents carry the hash that its closing entered in the ledger.
    let edition_hash = figures
        .edition
        .map(|_| figures.hash())
        .transpose()
        .map_err(Error::internal)?;
    let setting = Setting {
        office: Office::embedded().map_err(Error::internal)?,
        catalogue: &ctx.catalogue,
        demo: ctx.settings.documents.made_up_records,
        figures_hash: edition_hash.as_deref(),
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
