//! What clients see of the API beside the workflow.

mod agencies;
mod attachments;
mod auth;
mod checks;
mod contracts;
mod idempotency;
mod imports;
mod isolation;
mod lists;
mod messages;
pub mod openapi;
mod passwords;
mod registrars;
mod registration_certificates;
mod report_paragraphs;
mod reports;
pub mod strangers;
mod surveys;
mod users;
