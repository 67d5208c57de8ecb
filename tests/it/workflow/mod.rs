//! The workflow over REST.

mod changes;
mod life;
mod product;
mod races;
mod random;
mod refusals;
mod restored;
