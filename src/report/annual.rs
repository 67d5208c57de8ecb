//! The annual report: the chapters in order, free paragraphs at the places that staff gave them.

use chrono::Datelike;

use super::{
    chapters::{self, Chapter},
    free::{self, FreeParagraph},
    model::{Block, Report},
    office::Office,
    view::View,
};
use crate::{domain::catalogue::Catalogue, statistics::AnnualFigures};

/// What a report takes beside its figures.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Names of things.
    pub office: &'a Office,
    /// Labels of codes.
    pub catalogue: &'a Catalogue,
    /// Whether the register holds made-up records.
    pub demo: bool,
    /// SHA-256 of the frozen figures, lower-case hex.
    pub figures_hash: &'a str,
    /// What staff added, in any order.
    pub paragraphs: &'a [FreeParagraph],
}

/// The annual report of these figures.
pub fn annual(figures: &AnnualFigures, setting: Setting<'_>) -> Report {
    let view = View::new(figures, setting.catalogue, setting.office);
    let chapters = [
        chapters::summary(&view),
        chapters::overall(&view),
        chapters::units(&view),
        chapters::types(&view),
        chapters::plan(&view),
        chapters::flows(&view),
        chapters::sellers(&view),
        chapters::fields(&view),
        chapters::sizes(&view),
        chapters::records(&view),
    ];
    let title = format!("{} 年{}技术市场统计年报", figures.year, setting.office.region);
    bound(&view, setting, title, chapters.into())
}

/// A report of these chapters.
pub(super) fn bound(view: &View<'_>, setting: Setting<'_>, title: String, chapters: Vec<Chapter>) -> Report {
    let figures = view.figures;
    let mut notices = Vec::new();
    if setting.demo {
        notices.push(setting.office.demo_notice.clone());
    }
    if figures.edition.is_none() {
        notices.push(setting.office.open_notice.clone());
    }
    let today = figures.as_of.date();
    if figures.span.is_whole_year(figures.year, figures.as_of) && today.year() <= figures.year {
        notices.push(format!(
            "{} 年尚未结束，本报告统计至 {}，与上年比较的是上年全年。",
            figures.year, today
        ));
    }
    let mut blocks = Vec::new();
    // Of a year that has not begun there is nothing to say but that.
    let is_said = |chapter: &Chapter, block: &Block| {
        view.has_begun() || matches!(chapter.id, "summary" | "overall") || !matches!(block, Block::Paragraph(_))
    };
    for mut chapter in chapters {
        let said = std::mem::take(&mut chapter.blocks);
        blocks.extend(said.into_iter().filter(|block| is_said(&chapter, block)));
        let mut added: Vec<_> = setting.paragraphs.iter().filter(|p| p.chapter == chapter.id).collect();
        added.sort_by_key(|paragraph| paragraph.position);
        for paragraph in added {
            let said = free::said(view, &paragraph.text);
            notices.extend(free::notices(chapter.id, &paragraph.text, view));
            blocks.push(Block::Paragraph(said));
        }
    }
    Report {
        title,
        office: setting.office.office.clone(),
        dated: format!("{} 年 {} 月", today.year(), today.month()),
        year: figures.year,
        as_of: figures.as_of,
        span: view.names.span.clone(),
        edition: figures.edition,
        ledger: figures.ledger.clone(),
        figures_hash: setting.figures_hash.to_owned(),
        notices,
        blocks,
    }
}
