//! The bulletin (月报、季报) of a part of a year, each figure against the same part of the year before.

use super::{
    annual::{Setting, bound},
    chapters::{self, Chapter},
    model::Report,
    view::View,
};
use crate::statistics::AnnualFigures;

/// The bulletin of the span that these figures are of.
pub fn bulletin(figures: &AnnualFigures, setting: Setting<'_>) -> Report {
    let view = View::new(figures, setting.catalogue, setting.office);
    let title = format!(
        "{}{}技术市场统计{}",
        view.names.span, setting.office.region, view.names.kind
    );
    let chapters: Vec<Chapter> = chapters::brief(&view);
    let setting = Setting {
        paragraphs: &[],
        ..setting
    };
    bound(&view, setting, title, chapters)
}
