//! The pages: as a browser without scripts uses them (both databases), and in a real Chromium (`browser`).

mod browser;
mod browser_entry;
mod entry;
mod every_page;
mod ways_in;
