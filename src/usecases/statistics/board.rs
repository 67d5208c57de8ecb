//! The board of a year or a part of it, of one reading of the figures, with its charts drawn.

use crate::{
    documents::{
        pdf::PdfError,
        report_document::{DocumentError, chart_drawings},
    },
    domain::account::Actor,
    report::{Office, board},
    statistics::AnnualFigures,
    usecases::{Context, Error, documents},
};

pub use crate::report::{Board, Cell, Column, Panel, Row, RowKind, Table, Total};

use super::Asked;

/// The board, the figures that it shows, and its charts as SVG in the order of its panels; none on a machine without a Chinese font.
#[derive(Debug)]
pub struct BoardView {
    /// The figures.
    pub figures: AnnualFigures,
    /// What is shown of them.
    pub board: Board,
    /// The charts.
    pub drawings: Vec<String>,
}

/// The board of what is asked for.
///
/// # Errors
/// Rights; a year or a part of it that there is not; no such edition.
pub async fn read(ctx: &Context, actor: &Actor, asked: &Asked) -> Result<BoardView, Error> {
    super::may_read(actor)?;
    let figures = super::read(ctx, asked).await?;
    let board = board(&figures, &ctx.catalogue, Office::embedded().map_err(Error::internal)?);
    let charts: Vec<_> = board.panels.iter().map(|panel| panel.chart.clone()).collect();
    let drawn = documents::make(ctx, move |pdf| match chart_drawings(pdf, &charts) {
        // The tables say everything that the charts do.
        Err(DocumentError::Pdf(PdfError::NoFont)) => Ok(Vec::new()),
        drawn => drawn,
    });
    let drawings = drawn.await?;
    Ok(BoardView {
        figures,
        board,
        drawings,
    })
}
