//! The board of a year or a part of it, of one reading of the figures, with its charts drawn.

use chrono::Datelike as _;

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

use super::{Asked, Span};

/// The board, the figures that it shows, and its charts as SVG in the order of its panels; none on a machine without a Chinese font.
#[derive(Debug)]
pub struct BoardView {
    /// What of the year they are of: of the running year the year so far.
    pub asked: Asked,
    /// The figures.
    pub figures: AnnualFigures,
    /// What is shown of them.
    pub board: Board,
    /// The charts.
    pub drawings: Vec<String>,
}

/// What is asked for; of the running year the year up to the day asked for, so that it is compared with the same part of the year before.
fn so_far(ctx: &Context, asked: &Asked) -> Asked {
    let as_of = asked.as_of.unwrap_or_else(|| ctx.clock.now());
    let today = as_of.date();
    let runs = asked.edition.is_none() && asked.span == Span::Year && today.year() == asked.year;
    Asked {
        span: if runs { Span::Until(today) } else { asked.span },
        ..*asked
    }
}

/// The board of what is asked for.
///
/// # Errors
/// Rights; a year or a part of it that there is not; no such edition.
pub async fn read(ctx: &Context, actor: &Actor, asked: &Asked) -> Result<BoardView, Error> {
    super::may_read(actor)?;
    let asked = so_far(ctx, asked);
    let figures = super::read(ctx, &asked).await?;
    let board = board(&figures, &ctx.catalogue, Office::embedded().map_err(Error::internal)?);
    let charts: Vec<_> = board.panels.iter().map(|panel| panel.chart.clone()).collect();
    let drawn = documents::make(ctx, move |pdf| match chart_drawings(pdf, &charts) {
        // The tables say everything that the charts do.
        Err(DocumentError::Pdf(PdfError::NoFont)) => Ok(Vec::new()),
        drawn => drawn,
    });
    let drawings = drawn.await?;
    Ok(BoardView {
        asked,
        figures,
        board,
        drawings,
    })
}
