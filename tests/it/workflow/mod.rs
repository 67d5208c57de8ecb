//! The workflow over REST.

mod life;
mod messages;
mod product;
mod races;
mod random;
mod refusals;
