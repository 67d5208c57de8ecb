//! One file per noun. `*In` is what callers send, `*Out` what they get.

pub mod acts;
pub mod attachments;
pub mod auth;
pub mod change_requests;
pub mod checks;
pub mod code_lists;
pub mod contract_in;
pub mod contract_list;
pub mod contract_out;
pub mod contracts;
pub mod documentation;
pub mod expert_review_in;
pub mod expert_review_out;
pub mod expert_reviews;
pub mod health;
pub mod ledger;
pub mod messages;
pub mod outbox;
pub mod registrars;
pub mod registration_certificates;
pub mod statistics;
pub mod trainings;
pub mod work_queues;
