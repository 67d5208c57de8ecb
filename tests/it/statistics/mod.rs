//! The annual statistics against figures computed a second time.

pub mod awkward;
mod cases;
pub mod editions;
pub mod figures;
mod memory;
pub mod model;
pub mod published;
mod reports;
pub mod sample;
