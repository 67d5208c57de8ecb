//! What clients see of the API beside the workflow.

mod auth;
mod contracts;
mod idempotency;
mod lists;
mod openapi;
mod registration_certificates;
