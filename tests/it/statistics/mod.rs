//! The annual statistics against figures computed a second time.

mod awkward;
pub mod model;
pub mod sample;
