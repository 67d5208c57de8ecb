//! The pages: as a browser without scripts uses them (both databases), and in a real Chromium (`browser`).

mod accounts;
mod browser;
mod browser_entry;
mod browser_imports;
mod browser_office;
mod browser_review;
mod browser_statistics;
mod drafts;
mod entry;
mod every_page;
mod expert_reviews;
mod files;
mod imports;
mod office_rights;
mod people;
mod records;
mod review;
mod self_audits;
mod statistics;
mod ways_in;
