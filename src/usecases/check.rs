//! Published figures held against the ones that the register gives.

use std::path::Path;

use crate::{
    domain::time::Moment,
    intake::{CellError, published::read_published},
    statistics::{PrintedUnit, check::compare},
    usecases::{Context, Error, statistics},
};

pub use crate::statistics::Verdict;

/// One figure, as printed and as derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Name of the figure.
    pub figure: String,
    /// Where it stands in the report.
    pub place: String,
    /// The number as printed.
    pub published: String,
    /// The derived value in the printed unit and decimals; none where there is no such figure or value.
    pub derived: Option<String>,
    /// What the comparison found.
    pub verdict: Verdict,
    /// What else there is to say, in Chinese.
    pub note: Option<String>,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file.
    #[error("第 {} 行：{}", .0.row, .0.detail)]
    File(CellError),
    /// The register.
    #[error(transparent)]
    Other(#[from] Error),
}

/// Compares the figures of a file with those of a year as of a moment.
///
/// # Errors
/// A file that does not read; where the store does not answer.
pub async fn check(ctx: &Context, year: i32, as_of: Option<Moment>, file: &Path) -> Result<Vec<Compared>, Failure> {
    let published = read_published(file).map_err(Failure::File)?;
    let figures = statistics::annual(ctx, year, as_of, None).await?;
    let compared = published.into_iter().map(|p| {
        let (verdict, derived, note) = match PrintedUnit::from_id(&p.unit) {
            None => (Verdict::Unknown, None, Some(format!("不认识的单位“{}”", p.unit))),
            Some(unit) => match compare(&figures, &p.figure, &p.published, unit) {
                (Verdict::Unknown, derived) => (
                    Verdict::Unknown,
                    derived,
                    Some("没有这个指标，或不以此单位表示".to_owned()),
                ),
                (verdict, derived) => (verdict, derived, None),
            },
        };
        Compared {
            figure: p.figure,
            place: p.place,
            published: p.published,
            derived,
            verdict,
            note,
        }
    });
    Ok(compared.collect())
}
