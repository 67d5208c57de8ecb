//! The pages: as a browser without scripts uses them (both databases), and in a real Chromium (`browser`).

mod browser;
mod browser_entry;
mod browser_review;
mod entry;
mod review;
mod ways_in;
