//! The pages: as a browser without scripts uses them (both databases), and in a real Chromium (`browser`).

mod accounts;
mod browser;
mod browser_entry;
mod browser_office;
mod entry;
mod expert_reviews;
mod office_rights;
mod self_audits;
mod ways_in;
