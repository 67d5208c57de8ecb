//! The pages: as a browser without scripts uses them (both databases), and in a real Chromium (`browser`).

mod browser;
mod browser_entry;
mod browser_imports;
mod browser_statistics;
mod entry;
mod every_page;
mod imports;
mod records;
mod statistics;
mod ways_in;
