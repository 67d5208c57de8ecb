//! The pages: as a browser without scripts uses them (both databases), and in a real Chromium (`browser`).

mod browser;
mod browser_entry;
mod browser_imports;
mod entry;
mod every_page;
mod imports;
mod ways_in;
