//! Imports 导入: files handed in, how far they are, what was wrong with them; what of them waits for a reviewer.

mod decide;
mod differences;
mod files;
mod list;
mod show;

pub use decide::{decide_import, show_import_decision};
pub use files::{download_import_template, download_marked_file};
pub use list::{list_imports, start_import};
pub use show::{import_again, show_import};
