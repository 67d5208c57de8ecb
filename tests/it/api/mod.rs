//! What clients see of the API beside the workflow.

mod attachments;
mod auth;
mod checks;
mod contracts;
mod idempotency;
mod lists;
mod messages;
mod openapi;
mod registrars;
mod registration_certificates;
