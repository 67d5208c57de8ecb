//! PDF from a layout (typst) and data: tagged, fonts embedded as subsets, the same input giving the same bytes.
//!
//! Data reach a layout as `/data.json` and are never pasted into its text, so nothing that someone typed can be markup. Fonts are the
//! machine's: a Chinese one must be installed (Debian: `fonts-noto-cjk`), or lie in the folder that the settings name.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use serde_json::Value;
use typst::{
    Library, LibraryExt as _, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_kit::fonts::FontStore;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

use super::fonts::{ChartFonts, Fonts};
use crate::domain::time::Moment;

/// Results of earlier compilations that are kept, in compilations.
const KEPT: usize = 2;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// No font with Chinese characters.
    #[error("no font with Chinese characters: install one (Debian: fonts-noto-cjk) or set documents.fonts_folder")]
    NoFont,
    /// Characters that no font of the machine has.
    #[error("no font has {}", named(.0))]
    NoGlyph(Vec<char>),
    /// A defect of a layout.
    #[error("layout: {0}")]
    Layout(String),
}

/// Characters with their code points, for people.
pub fn named(characters: &[char]) -> String {
    let each = characters
        .iter()
        .take(20)
        .map(|c| format!("“{c}”（U+{:04X}）", u32::from(*c)));
    each.collect::<Vec<_>>().join("、")
}

/// Makes PDFs; one at a time, since each takes tens of megabytes while it is made.
#[derive(Clone)]
pub struct Pdf {
    fonts: Arc<OnceLock<Fonts>>,
    folder: Option<PathBuf>,
    turn: Arc<Mutex<()>>,
    drawings: Drawings,
}

/// Charts drawn lately, by what they show.
type Drawings = Arc<Mutex<HashMap<String, String>>>;

/// Drawings kept at most; each is some 10 KB.
const MOST_DRAWINGS: usize = 256;

impl Pdf {
    /// Fonts are looked for when the first PDF is made; `folder` holds some beside those of the system.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self {
            fonts: Arc::new(OnceLock::new()),
            folder,
            turn: Arc::new(Mutex::new(())),
            drawings: Arc::default(),
        }
    }

    fn fonts(&self) -> Result<&Fonts, PdfError> {
        let fonts = self.fonts.get_or_init(|| Fonts::find(self.folder.as_deref()));
        if fonts.families.is_empty() {
            Err(PdfError::NoFont)
        } else {
            Ok(fonts)
        }
    }

    /// The fonts of charts.
    ///
    /// # Errors
    /// No Chinese font.
    pub(super) fn chart_fonts(&self) -> Result<&ChartFonts, PdfError> {
        self.fonts()?.charts().ok_or(PdfError::NoFont)
    }

    /// Characters of `text` that no font of this machine has: they would be printed as empty boxes.
    ///
    /// # Errors
    /// No Chinese font.
    pub fn lacking(&self, text: &str) -> Result<Vec<char>, PdfError> {
        Ok(self.fonts()?.lacking(text))
    }

    /// The drawing of what `key` tells, as it was made before or by `draw`: the same board is looked at again and again.
    pub(super) fn drawn<E>(&self, key: String, draw: impl FnOnce() -> Result<String, E>) -> Result<String, E> {
        let known = || self.drawings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(drawing) = known().get(&key) {
            return Ok(drawing.clone());
        }
        let drawing = draw()?;
        let mut known = known();
        if known.len() >= MOST_DRAWINGS {
            known.clear();
        }
        known.insert(key, drawing.clone());
        Ok(drawing)
    }

    /// Compiles `layout` with `data` as `/data.json` and `files` beside it. In a layout, `fonts` names the families to use in
    /// general, `biaosong`, `fang`, `kai` and `hei` those for these four (GB/T 9704).
    ///
    /// # Errors
    /// No Chinese font; characters that none has; a layout that does not compile.
    pub fn make(
        &self,
        layout: &str,
        data: &Value,
        files: &[(&str, Vec<u8>)],
        title: &str,
        made_at: Moment,
    ) -> Result<Vec<u8>, PdfError> {
        let fonts = self.fonts()?;
        let lacking = fonts.lacking(&data.to_string());
        if !lacking.is_empty() {
            return Err(PdfError::NoGlyph(lacking));
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut head = format!("#let fonts = {}\n", typst_array(&fonts.families)?);
        for (role, families) in &fonts.roles {
            head.push_str(&format!("#let {role} = {}\n", typst_array(families)?));
        }
        head.push_str("#set document(title: json(\"/title.json\"))\n");
        let mut all = vec![
            (file_id("data.json")?, Bytes::new(data.to_string().into_bytes())),
            (
                file_id("title.json")?,
                Bytes::new(Value::from(title).to_string().into_bytes()),
            ),
        ];
        for (name, bytes) in files {
            all.push((file_id(name)?, Bytes::new(bytes.clone())));
        }
        let desk = Desk {
            library: LazyHash::new(Library::default()),
            fonts: &fonts.store,
            main: Source::new(file_id("main.typ")?, head + layout),
            files: all,
        };
        let document = typst::compile::<PagedDocument>(&desk)
            .output
            .map_err(|errors| PdfError::Layout(format!("{errors:?}")))?;
        let options = PdfOptions {
            ident: Smart::Custom(format!("dengji {title} {}", made_at.micros())),
            creator: Smart::Custom(Some("dengji".to_owned())),
            timestamp: timestamp(made_at),
            ..PdfOptions::default()
        };
        let bytes = typst_pdf::pdf(&document, &options).map_err(|errors| PdfError::Layout(format!("{errors:?}")));
        comemo::evict(KEPT);
        bytes
    }
}

impl std::fmt::Debug for Pdf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pdf")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// Time in UTC+8, as people read a document's properties.
fn timestamp(at: Moment) -> Option<Timestamp> {
    use chrono::{Datelike as _, Timelike as _};
    let at = at.beijing_time();
    let part = |n: u32| u8::try_from(n).unwrap_or_default();
    let time = Datetime::from_ymd_hms(
        at.year(),
        part(at.month()),
        part(at.day()),
        part(at.hour()),
        part(at.minute()),
        part(at.second()),
    )?;
    Timestamp::new_local(time, 8 * 60)
}

/// A JSON array of strings is a typst array but for its brackets.
fn typst_array(names: &[String]) -> Result<String, PdfError> {
    let names = serde_json::to_string(names).map_err(|e| PdfError::Layout(e.to_string()))?;
    Ok(names.replace('[', "(").replace(']', ",)"))
}

fn file_id(name: &str) -> Result<FileId, PdfError> {
    let path = VirtualPath::new(name).map_err(|e| PdfError::Layout(format!("{name}: {e:?}")))?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

/// What typst sees of the world: one layout, its files, the fonts. No clock, no disk, no network.
struct Desk<'a> {
    library: LazyHash<Library>,
    fonts: &'a FontStore,
    main: Source,
    files: Vec<(FileId, Bytes)>,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, bytes)| bytes.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
