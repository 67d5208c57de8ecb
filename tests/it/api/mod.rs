//! What clients see of the API beside the workflow.

mod agencies;
mod auth;
mod contracts;
mod idempotency;
mod lists;
mod openapi;
mod passwords;
mod registration_certificates;
mod users;
