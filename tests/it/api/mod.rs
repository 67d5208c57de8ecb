//! What clients see of the API beside the workflow.

mod attachments;
mod auth;
mod contracts;
mod idempotency;
mod lists;
mod openapi;
mod registration_certificates;
