//! The figures of a year as things of their own: value and definition, and whether contracts are behind them.

use crate::{
    statistics::{AnnualFigures, Coder, Question, behind::behind, definition},
    usecases::{Context, Error},
};

pub use crate::statistics::{Definition, FigureValue, UnitKind};

use super::Asked;

/// A figure.
#[derive(Debug, Clone)]
pub struct FigureView {
    /// `units.div_08.amount`.
    pub name: String,
    /// Its exact value.
    pub value: FigureValue,
    /// What it means.
    pub definition: Definition,
    /// Whether contracts are behind it.
    pub has_contracts: bool,
}

/// What a figure of that name is called; none where there is no such figure.
pub fn name_of(ctx: &Context, figure: &str) -> Option<String> {
    definition(&ctx.catalogue, figure).map(|definition| definition.name)
}

/// Every figure of what is asked for, and the whole that they are of.
///
/// # Errors
/// A year or a day out of range; no such edition.
pub async fn list(ctx: &Context, asked: &Asked) -> Result<(AnnualFigures, Vec<FigureView>), Error> {
    let annual = super::read(ctx, asked).await?;
    let question = Question::within(annual.year, annual.as_of, annual.span)?;
    let coder = Coder::new(&ctx.catalogue);
    let view = |(name, value): (&str, &FigureValue)| {
        let definition = definition(&ctx.catalogue, name)
            .ok_or_else(|| Error::internal(format!("the figure {name} has no definition")))?;
        Ok(FigureView {
            has_contracts: behind(&coder, &question, name).is_some(),
            name: name.to_owned(),
            value: *value,
            definition,
        })
    };
    let views = annual.figures().map(view).collect::<Result<_, Error>>()?;
    Ok((annual, views))
}

/// One figure.
///
/// # Errors
/// A year or a day out of range; no such edition; [`Error::NotFound`] where no figure has that name.
pub async fn read(ctx: &Context, asked: &Asked, figure: String) -> Result<(AnnualFigures, FigureView), Error> {
    let (annual, views) = list(ctx, asked).await?;
    let view = views
        .into_iter()
        .find(|view| view.name == figure)
        .ok_or(Error::NotFound)?;
    Ok((annual, view))
}
