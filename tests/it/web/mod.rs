//! The pages: as a browser without scripts uses them (both databases), and in a real Chromium (`browser`).

mod accounts;
mod browser;
mod browser_entry;
mod browser_imports;
mod browser_jobs;
mod browser_looks;
mod browser_manual;
mod browser_office;
mod browser_review;
mod browser_statistics;
mod drafts;
mod entry;
pub mod every_page;
mod expert_reviews;
mod files;
mod forged;
mod imports;
mod log;
mod manual;
mod office_rights;
mod people;
mod records;
mod review;
mod self_audits;
mod sessions;
mod statistics;
mod ways_in;
