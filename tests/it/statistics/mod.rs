//! The annual statistics against figures computed a second time.

pub mod awkward;
mod memory;
pub mod model;
pub mod published;
pub mod sample;
