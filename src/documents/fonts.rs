//! The fonts of this machine, looked for once: layouts (typst), charts (measured by charts-rs) and pictures of charts (resvg) use
//! the same files.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, OnceLock},
};

use resvg::usvg::fontdb;
use typst::text::{FontBook, FontVariant};
use typst_kit::fonts::{self, FontStore};
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::text;

/// Families that documents prefer, the best first; where none is there, any that has Chinese characters serves.
const FAMILIES: [&str; 6] = [
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "SimSun",
    "Noto Sans CJK SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
];

/// 小标宋, of titles (GB/T 9704—2012); like the following before the general families.
const TITLE: [&str; 3] = ["FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体"];
/// 仿宋, of the text.
const FANG: [&str; 4] = ["FangSong", "FangSong_GB2312", "STFangsong", "仿宋"];
/// 楷体, of headings of the second level.
const KAI: [&str; 4] = ["KaiTi", "KaiTi_GB2312", "STKaiti", "LXGW WenKai"];
/// 黑体, of headings of the first level, heads of tables and charts.
const HEI: [&str; 6] = [
    "SimHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
];

/// The fonts of this machine.
pub(super) struct Fonts {
    /// All of them, for layouts.
    pub store: FontStore,
    /// Families with Chinese characters, the best first; empty where there is none.
    pub families: Vec<String>,
    /// Families by role in a layout, each the best first and never empty where `families` is not.
    pub roles: [(&'static str, Vec<String>); 4],
    charts: OnceLock<Option<ChartFonts>>,
}

/// What draws the words of charts.
pub(super) struct ChartFonts {
    /// The family's name, known to charts-rs and to `database`.
    pub family: String,
    /// That family's file, for pictures.
    pub database: Arc<fontdb::Database>,
}

impl Fonts {
    /// Looks in `folder`, then among those of the system.
    pub fn find(folder: Option<&Path>) -> Self {
        let mut store = FontStore::new();
        if let Some(folder) = folder {
            store.extend(fonts::scan(folder));
        }
        store.extend(fonts::system());
        let book: &FontBook = store.book();
        let chinese = |family: &str| {
            book.families()
                .filter(|(name, _)| name.eq_ignore_ascii_case(family))
                .flat_map(|(_, indices)| indices)
                .filter_map(|index| book.info(index))
                .any(|info| "登记证".chars().all(|c| info.coverage.contains(u32::from(c))))
        };
        let known =
            |list: &[&str]| -> Vec<String> { list.iter().filter(|f| chinese(f)).map(|f| (*f).to_owned()).collect() };
        let mut families = known(&FAMILIES);
        if families.is_empty() {
            families.extend(
                book.families()
                    .map(|(name, _)| name.to_owned())
                    .find(|name| chinese(name)),
            );
        }
        let role = |list: &[&str]| {
            let mut role = known(list);
            let more: Vec<String> = families.iter().filter(|f| !role.contains(f)).cloned().collect();
            role.extend(more);
            role
        };
        let roles = [
            ("biaosong", role(&TITLE)),
            ("fang", role(&FANG)),
            ("kai", role(&KAI)),
            ("hei", role(&HEI)),
        ];
        Self {
            store,
            families,
            roles,
            charts: OnceLock::new(),
        }
    }

    /// Characters of `text` that no font has, each once. Layouts take what one font lacks from another, but a letter and the marks on it
    /// from one: where none has them all, all are lacking.
    pub fn lacking(&self, text: &str) -> Vec<char> {
        let seen =
            |c: &char| !c.is_whitespace() && !c.is_control() && !text::is_hidden(*c) && !text::selects_variant(*c);
        let is_plain = |cluster: &str| cluster.len() == 1;
        let clusters: BTreeSet<String> = text
            .graphemes(true)
            .filter(|cluster| !is_plain(cluster))
            .map(|cluster| cluster.nfc().filter(seen).collect())
            .collect();
        let book: &FontBook = self.store.book();
        let infos: Vec<_> = book
            .families()
            .flat_map(|(_, indices)| indices)
            .filter_map(|index| book.info(index))
            .collect();
        let has = |cluster: &String| {
            let covers = |info: &&typst::text::FontInfo| cluster.chars().all(|c| info.coverage.contains(u32::from(c)));
            infos.iter().any(covers)
        };
        let lacking = clusters.iter().filter(|cluster| !has(cluster));
        let characters: BTreeSet<char> = lacking.flat_map(|cluster| cluster.chars()).collect();
        characters.into_iter().collect()
    }

    /// The fonts of charts: 黑体. `None` where there is no Chinese font or its file cannot be read.
    pub fn charts(&self) -> Option<&ChartFonts> {
        self.charts.get_or_init(|| self.load_charts()).as_ref()
    }

    fn load_charts(&self) -> Option<ChartFonts> {
        let (_, hei) = self.roles.last()?;
        let family = hei.first()?.clone();
        let index = self
            .store
            .book()
            .select(&family.to_lowercase(), FontVariant::default())?;
        let data = self.store.font(index)?.data().clone();
        charts_rs::add_fonts(&[data.as_slice()]).ok()?;
        let mut database = fontdb::Database::new();
        database.load_font_source(fontdb::Source::Binary(Arc::new(data)));
        database.set_sans_serif_family(&family);
        Some(ChartFonts {
            family,
            database: Arc::new(database),
        })
    }
}
