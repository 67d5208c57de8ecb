//! Imports 导入: files handed in, how far they are, what was wrong with them.

mod files;
mod list;
mod show;

pub use files::{download_import_template, download_marked_file};
pub use list::{list_imports, start_import};
pub use show::{import_again, show_import};
