//! The annual statistics against figures computed a second time.

pub mod awkward;
pub mod model;
pub mod published;
pub mod sample;
