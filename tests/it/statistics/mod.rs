//! The annual statistics against figures computed a second time.

pub mod awkward;
pub mod editions;
pub mod figures;
mod memory;
pub mod model;
pub mod published;
pub mod sample;
