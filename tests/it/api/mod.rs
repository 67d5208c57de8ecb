//! What clients see of the API beside the workflow.

mod agencies;
mod attachments;
mod auth;
mod checks;
mod contracts;
mod idempotency;
mod import_approval;
pub mod imports;
mod isolation;
mod lists;
mod messages;
pub mod openapi;
mod passwords;
mod readiness;
mod registrars;
pub mod registration_certificates;
mod report_paragraphs;
mod reports;
pub mod strangers;
mod surveys;
mod texts;
mod users;
