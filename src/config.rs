//! Settings and data files: what `config/` holds is embedded in the binary; an office's own files come on top.

use crate::domain::catalogue::{Catalogue, CatalogueError};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The catalogue as it comes with the program.
///
/// # Errors
/// Where a file under `config/` is not of its form; a test holds that none is.
pub fn embedded_catalogue() -> Result<Catalogue, CatalogueError> {
    Catalogue::parse(EMBEDDED.iter().copied())
}
