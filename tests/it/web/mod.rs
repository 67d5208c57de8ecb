//! The pages: as a browser without scripts uses them (both databases), and in a real Chromium (`browser`).

mod browser;
mod browser_statistics;
mod records;
mod statistics;
mod ways_in;
